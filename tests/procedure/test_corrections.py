"""What has left the house is put right beside it (§7): a published mistake, a case taken elsewhere."""

from typing import Any

from sqlalchemy import text

from law.vocabulary import Phase, Role
from local.scenarios.courses import BOTH_SERVED, PRODUCER_ACCEPTS, REFERRED, Act, Do, Pass, example_body
from messages.envelope import RefusalCode
from messages.steps import StepName
from store.documents import published
from store.reads import read_model
from tests.procedure.conftest import Table

OFFICER, APPROVER = Role.OFFICER, Role.APPROVER
PUBLISHED: tuple[Act, ...] = (
    *BOTH_SERVED,
    Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}),
    PRODUCER_ACCEPTS,
)
CORRECTED = StepName.PUBLICATION_CORRECTED
DETACHMENT = "杭州市市场监督管理局稽查支队"


async def documents(table: Table, batch_no: str, kind: str) -> list[Any]:
    statement = text(
        "select * from documents where batch_no = :b and kind = :k order by created_at, document_id"
    )
    async with table.engine.connect() as connection:
        return list((await connection.execute(statement, {"b": batch_no, "k": kind})).all())


async def test_a_published_mistake_is_put_right_beside_it(table: Table) -> None:
    """The first publication stays and names the one that holds; nothing is referred or told a second time."""
    batch_no = await table.opened(PUBLISHED)
    before = len((await table.snapshot(batch_no)).documents)
    assert (await table.example(batch_no, APPROVER, CORRECTED)).accepted
    first, again = await documents(table, batch_no, "publication")
    assert (again.corrects, again.fields["spec_model"]) == (first.document_id, "SL-500A")
    assert again.fields["correction"].startswith("原公示的规格型号有误，以本公示为准（封样时规格型号登记有误")
    assert again.fields["conclusion"] == first.fields["conclusion"]
    standing = {d.document_id: d.standing for d in (await published.results(table.engine)).items}
    assert standing == {first.document_id: again.document_id, again.document_id: None}
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.phase, len(snapshot.documents)) == (Phase.REFERRAL, before + 1)
    same = await table.example(batch_no, APPROVER, CORRECTED)
    assert same.code is RefusalCode.NOTHING_CHANGED


async def test_nothing_is_put_right_before_it_is_published(table: Table) -> None:
    """And only by the approver."""
    batch_no = await table.opened(BOTH_SERVED)
    assert (await table.example(batch_no, APPROVER, CORRECTED)).code is RefusalCode.OUT_OF_ORDER
    assert (await table.example(batch_no, OFFICER, CORRECTED)).code is RefusalCode.ROLE_NOT_ALLOWED


async def test_a_mistake_found_after_closing_is_put_right_too(table: Table) -> None:
    """The closed batch is taken up for it and closes again at once."""
    batch_no = await table.opened((*PUBLISHED, *REFERRED))
    await table.closed(batch_no)
    filed = await table.file(
        batch_no,
        APPROVER,
        CORRECTED,
        example_body(CORRECTED, await table.clock(batch_no), {"trademark": "无"}),
    )
    assert await table.relaying()._send(filed)
    assert (await table.decision(filed.step_id)).accepted
    await table.closed(batch_no)
    again = (await documents(table, batch_no, "publication"))[-1]
    assert (again.fields["nominal_trademark"], again.fields["spec_model"]) == ("无", "SL-500A")
    assert "标称商标、规格型号有误" in again.fields["correction"]
    assert (await read_model.batch(table.engine, batch_no)).snapshot.phase is Phase.CLOSED


async def test_a_leader_takes_the_case_elsewhere_until_it_is_acknowledged(table: Table) -> None:
    """The first authority is told to stop, the other has a letter and a term of its own; once."""
    batch_no = await table.opened((*PUBLISHED, Pass(1)))
    first = (await table.snapshot(batch_no)).referral_authority
    assert first is not None
    assert first != DETACHMENT
    by_officer = await table.example(batch_no, OFFICER, StepName.REFERRAL_DIRECTED)
    assert by_officer.code is RefusalCode.ROLE_NOT_ALLOWED
    assert (await table.example(batch_no, APPROVER, StepName.REFERRAL_DIRECTED)).accepted
    assert (await table.snapshot(batch_no)).referral_authority == DETACHMENT
    told = await documents(table, batch_no, "referral_correction")
    assert {one.recipient for one in told} == {"authority", "online_supervision_office"}
    assert next(one.recipient_name for one in told if one.recipient == "authority") == first
    assert all(DETACHMENT in one.fields["situation"] for one in told)
    letters = [d for d in await documents(table, batch_no, "referral_letter") if d.recipient == "authority"]
    assert [letter.recipient_name for letter in letters] == [first, DETACHMENT]
    assert DETACHMENT in (await table.wait(batch_no, "referral_acknowledged")).title
    again = await table.example(batch_no, APPROVER, StepName.REFERRAL_DIRECTED)
    assert again.code is RefusalCode.ALREADY_DONE
    await table.at(batch_no, REFERRED)
    await table.closed(batch_no)
