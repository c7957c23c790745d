"""A record is put right on the real servers (procedure section 10): from the ledger, by two people."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from law.vocabulary import Outcome, Phase, Role
from local.scenarios.courses import (
    BOTH_SERVED,
    NONCONFORMING,
    PRODUCER_ACCEPTS,
    REFERRED,
    Act,
    DaysAgo,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.envelope import Decision, StepEnvelope
from messages.names import order_id
from messages.steps import StepName
from proof.certificates.composing import certificate_of
from store.documents import letters, published
from store.errors import DocumentWithdrawn
from store.ledger.journal import journal
from store.reads import read_model
from store.reads.on_record import record_of
from tests.procedure.conftest import Table
from verify.certificate import verify

OFFICER, APPROVER, SUPERVISOR = Role.OFFICER, Role.APPROVER, Role.SUPERVISOR
SELLER_WINDOW = "objection_filed:seller"
PUBLISHED: tuple[Act, ...] = (
    *BOTH_SERVED,
    Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}),
    PRODUCER_ACCEPTS,
)
# Served when 26 days had gone by, and typed as if it had been two days after the posting.
TYPED_WRONGLY: tuple[Act, ...] = (
    *NONCONFORMING[:-2],
    *posted("result_notice", "seller"),
    Pass(26),
    delivered("result_notice", "producer"),
    PRODUCER_ACCEPTS,
    delivered("result_notice", "platform"),
    Do(OFFICER, StepName.NOTICE_DELIVERED, {"delivered_on": DaysAgo(24)}),
)


async def documents(table: Table, batch_no: str, kind: str) -> list[Any]:
    statement = text(
        "select * from documents where batch_no = :b and kind = :k order by created_at, document_id"
    )
    async with table.engine.connect() as connection:
        return list((await connection.execute(statement, {"b": batch_no, "k": kind})).all())


async def filed(table: Table, batch_no: str, step: StepName, **said: str) -> StepEnvelope:
    """The last step of this name that says so."""
    steps = (await journal(table.engine, batch_no)).steps
    return next(
        one
        for one in reversed(steps)
        if one.step is step and all(one.body.get(name) == value for name, value in said.items())
    )


async def propose(table: Table, batch_no: str, wrong: StepEnvelope, body: dict[str, Any] | None) -> Decision:
    step = {"corrects": str(wrong.step_id), "body": body, "reason": "与回执原件不符"}
    return await sent(table, batch_no, OFFICER, StepName.RECORD_CORRECTED, step)


async def confirm(table: Table, batch_no: str, correction: UUID, role: Role = APPROVER) -> Decision:
    step = {"correction": str(correction), "confirmed": True, "reason": "经核对，更正属实"}
    return await sent(table, batch_no, role, StepName.CORRECTION_CONFIRMED, step)


async def sent(table: Table, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Decision:
    """As the relay does, also where the batch has closed."""
    envelope = await table.file(batch_no, role, step, body)
    assert await table.relaying()._send(envelope)
    return await table.decision(envelope.step_id)


async def put_right(table: Table, batch_no: str, wrong: StepEnvelope, role: Role, **changes: Any) -> None:
    proposed = await propose(table, batch_no, wrong, wrong.body | changes)
    assert proposed.accepted, proposed.reason
    confirmed = await confirm(table, batch_no, proposed.step_id, role)
    assert confirmed.accepted, confirmed.reason


async def test_a_silence_on_a_wrong_day_is_set_aside_and_its_certificate_says_so(table: Table) -> None:
    """Published and referred; put right, the seller has its window, and the record can be recounted."""
    batch_no = await table.opened((*TYPED_WRONGLY, Lapse(SELLER_WINDOW)))
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE
    wrong = await filed(
        table, batch_no, StepName.NOTICE_DELIVERED, recipient="seller", notice="result_notice"
    )
    true_day = date.fromisoformat(wrong.body["delivered_on"]) + timedelta(days=24)
    await put_right(table, batch_no, wrong, APPROVER, delivered_on=str(true_day))
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.outcome, snapshot.phase) == (None, Phase.OBJECTION)
    window = next(wait for wait in snapshot.waits if wait.id == SELLER_WINDOW)
    assert window.starts_on == true_day
    assert len(await documents(table, batch_no, "publication_correction")) == 1
    assert len(await documents(table, batch_no, "referral_correction")) == 2
    certificate = await certified(table, batch_no)
    assert any(str(true_day) in line for line in verify(certificate))
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)).accepted
    assert verify(await certified(table, batch_no))[-1].startswith("结论：期限内完成")


async def test_a_published_mistake_is_put_right_beside_it(table: Table) -> None:
    """The first publication stays and names the one that holds; letters that carried it are replaced."""
    batch_no = await table.opened(PUBLISHED)
    wrong = await filed(table, batch_no, StepName.SEALED)
    await put_right(table, batch_no, wrong, SUPERVISOR, spec_model="SL-500A", mismatch_reason="以铭牌为准")
    first, again = await documents(table, batch_no, "publication")
    assert (again.corrects, again.fields["spec_model"]) == (first.document_id, "SL-500A")
    was = wrong.body["spec_model"]
    assert again.fields["correction"].startswith(f"原公示的规格型号“{was}”有误，应为“SL-500A”")
    assert again.fields["conclusion"] == first.fields["conclusion"]
    standing = {d.document_id: d.standing for d in (await published.results(table.engine)).items}
    assert standing == {first.document_id: again.document_id, again.document_id: None}
    notices = [one for one in await documents(table, batch_no, "result_notice") if one.corrects]
    assert {one.recipient for one in notices} == {"seller", "producer", "platform"}
    assert (await table.snapshot(batch_no)).phase is Phase.REFERRAL


async def test_a_closed_batch_is_taken_up_for_a_correction(table: Table) -> None:
    """A conclusion that was another batch's; two people say so, and the batch waits for its own."""
    batch_no = await table.opened((*PUBLISHED, *REFERRED))
    await table.closed(batch_no)
    wrong = await filed(table, batch_no, StepName.REFERRAL_CONCLUDED)
    proposed = await propose(table, batch_no, wrong, None)
    assert proposed.accepted, proposed.reason
    assert (await confirm(table, batch_no, proposed.step_id)).accepted
    assert (await table.snapshot(batch_no)).phase is Phase.REFERRAL
    assert (await table.example(batch_no, OFFICER, StepName.REFERRAL_CONCLUDED)).accepted
    await table.closed(batch_no)
    assert (await read_model.batch(table.engine, batch_no)).snapshot.phase is Phase.CLOSED


async def test_an_announcement_from_a_wrong_address_is_followed_by_new_service(table: Table) -> None:
    """Its page says so, and so does whoever verifies it; the window runs from the new receipt."""
    batch_no = await table.opened(
        (
            *NONCONFORMING[:-2],
            *posted("result_notice", "seller"),
            Pass(2),
            Do(OFFICER, StepName.NOTICE_RETURNED),
        )
    )
    (announcement,) = await documents(table, batch_no, "announcement")
    order = (await journal(table.engine, batch_no)).opening.order.model_dump(mode="json")
    order["seller"]["place"]["detail"] = "示例路11号"
    step = {"corrects": str(order_id(batch_no)), "body": order, "reason": "地址抄错"}
    proposed = await sent(table, batch_no, OFFICER, StepName.RECORD_CORRECTED, step)
    assert proposed.accepted, proposed.reason
    assert (await confirm(table, batch_no, proposed.step_id)).accepted
    with pytest.raises(DocumentWithdrawn, match="由本局另行送达当事人，期限自其收到之日起算"):
        await published.one(table.engine, published.ANNOUNCEMENTS, announcement.document_id)
    proof = await letters.proof(table.engine, announcement.secret)
    assert proof is not None
    assert proof.withdrawn
    await table.at(
        batch_no, (*posted("result_notice", "seller"), Pass(2), delivered("result_notice", "seller"))
    )
    (first, second) = [
        d for d in await documents(table, batch_no, "result_notice") if d.recipient == "seller"
    ]
    assert second.corrects == first.document_id
    assert "示例路11号" in second.address
    window = await table.wait(batch_no, SELLER_WINDOW)
    assert window.starts_on == (await table.snapshot(batch_no)).parties[0].received_on
    verify(await certified(table, batch_no))


async def certified(table: Table, batch_no: str) -> Any:
    """The certificate of the seller's window, as whoever has it reads it."""
    return certificate_of(await record_of(table.engine, batch_no), SELLER_WINDOW).model_dump(mode="json")
