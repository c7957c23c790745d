"""Who may put what right, and that no correction, however wrong, holds up a batch (procedure section 10)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from judging import play
from judging.apart import Apart, Busy
from law.calendar import day_in_shanghai
from law.vocabulary import Party, Phase, Role
from local.scenarios.courses import (
    APPROVER,
    NONCONFORMING,
    OFFICER,
    SUPERVISOR,
    Do,
    Lapse,
    Pass,
    delivered,
)
from messages.base import Actor
from messages.envelope import Decision, RefusalCode
from messages.names import order_id
from messages.steps import StepName
from tests.quick import memory
from tests.quick.on_record import certificates
from tests.quick.played import InMemory, begun
from tests.quick.test_put_right import (
    PROOF,
    SELLER_WINDOW,
    closed,
    confirm,
    correct_order,
    filed,
    propose,
    put_right,
    served_too_early,
    undone,
)
from verify.certificate import verify
from workflows.procedure.correctable import MOST


def alike(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Callable[[InMemory], dict[str, Any]]:
    """A proposal about the seller's delivery."""

    def said(batch: InMemory) -> dict[str, Any]:
        wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
        return {"corrects": str(wrong.step_id), "body": change(wrong.body), "reason": "与回执不符"}

    return said


WRONG = {
    "of no step": lambda _: {"corrects": str(uuid4()), "body": None, "reason": "误登"},
    "of no batch's order": lambda _: {"corrects": str(order_id("CJ2026-000009")), "body": {}, "reason": "误"},
    "an empty order": lambda b: {"corrects": str(order_id(b.case.batch_no)), "body": {}, "reason": "误登"},
    "empty": alike(lambda _: {}),
    "another letter's name": alike(lambda body: body | {"notice": "no_such_notice"}),
    "a name that is a list": alike(lambda body: body | {"notice": ["result_notice"]}),
    "a letter that is a number": alike(lambda body: body | {"document_id": 7}),
    "no recipient": alike(lambda body: body | {"recipient": {}}),
    "no day": alike(lambda body: body | {"delivered_on": "0000-00-00"}),
    "the last of all days": alike(lambda body: body | {"delivered_on": "9999-12-31"}),
    "the first of all days": alike(lambda body: body | {"delivered_on": "0001-01-01"}),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_whatever_is_proposed_is_answered(wrong: Callable[[InMemory], dict[str, Any]]) -> None:
    """And the batch takes the next step."""
    batch, _ = await served_too_early()
    assert not (await batch.do(OFFICER, StepName.RECORD_CORRECTED, wrong(batch))).accepted
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED)).accepted
    batch.end()


@pytest.mark.parametrize(
    "body", [{}, {"correction": 7}, {"correction": str(uuid4()), "confirmed": True, "reason": "属实"}]
)
async def test_whatever_is_confirmed_is_answered(body: dict[str, Any]) -> None:
    batch, _ = await served_too_early()
    assert not (await batch.do(APPROVER, StepName.CORRECTION_CONFIRMED, body)).accepted
    batch.end()


async def turned_down(batch: InMemory, proposed: Decision) -> None:
    step = {"correction": str(proposed.step_id), "confirmed": False, "reason": "与原件相符"}
    assert (await batch.do(APPROVER, StepName.CORRECTION_CONFIRMED, step)).accepted


async def test_what_was_turned_down_or_refused_makes_the_next_no_dearer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only corrections that hold are judged within another; at most six of them."""
    batch, day = await served_too_early()
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    for number in range(2 * MOST):
        proposed = await propose(batch, wrong, wrong.body | {"receipt": f"回执{number}"})
        assert proposed.accepted, proposed.reason
        assert (await confirm(batch, proposed, Role.OFFICER)).code is RefusalCode.ROLE_NOT_ALLOWED
        await turned_down(batch, proposed)
        assert (await propose(batch, wrong, wrong.body)).code is RefusalCode.NOTHING_CHANGED
    plays = 0
    played = play.played

    async def counted(*args: Any) -> Any:
        nonlocal plays
        plays += 1
        return await played(*args)

    monkeypatch.setattr(play, "played", counted)
    await put_right(batch, wrong, delivered_on=str(day))
    assert plays == 4  # proposed and confirmed, each as it was and as it should be
    batch.end()


async def test_a_defect_in_a_play_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch goes on, and so does the one who proposed."""
    batch, day = await served_too_early()
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")

    async def broken(*_: Any) -> Any:
        raise AssertionError("never comes to rest")

    with monkeypatch.context() as patched:
        patched.setattr(play, "played", broken)
        refused = await propose(batch, wrong, wrong.body | {"delivered_on": str(day)})
    assert refused.code is RefusalCode.DEFECT
    assert "未作任何改变" in (refused.reason or "")
    await put_right(batch, wrong, delivered_on=str(day))
    batch.end()


async def test_the_approver_confirms_whatever_moves_a_right() -> None:
    """Not by which step was wrong: another producer at the sealing is another party."""
    batch, _ = await served_too_early()
    wrong = filed(batch, StepName.SEALED)
    said = {"producer": "义乌市另一制造有限公司", "mismatch_reason": "以铭牌照片为准"}
    proposed = await propose(batch, wrong, wrong.body | said)
    assert proposed.accepted, proposed.reason
    (wait,) = [one.wait for one in batch.case.waits.values() if one.wait.id.startswith("correction")]
    assert wait.role is Role.APPROVER
    assert (await confirm(batch, proposed, SUPERVISOR)).code is RefusalCode.ROLE_NOT_ALLOWED
    assert (await confirm(batch, proposed)).accepted
    batch.end()


async def test_another_name_in_the_order_is_confirmed_by_the_approver() -> None:
    """Before anybody is a party of the case as well."""
    batch = begun()
    await batch.play([])
    order = batch.case.opening.order.model_dump(mode="json")
    order["seller"]["name"] = "另一家商行"
    step = {"corrects": str(order_id(batch.case.batch_no)), "body": order, "reason": "抄错"}
    proposed = await batch.do(OFFICER, StepName.RECORD_CORRECTED, step)
    assert (await confirm(batch, proposed, SUPERVISOR)).code is RefusalCode.ROLE_NOT_ALLOWED
    assert (await confirm(batch, proposed)).accepted
    batch.end()


async def test_an_order_is_not_put_right_into_what_the_bureau_may_not_sample() -> None:
    """Its jurisdiction is judged anew, as it was when it was ordered (§2)."""
    batch = begun()
    await batch.play(NONCONFORMING)
    order = batch.case.opening.order.model_dump(mode="json")
    for who in ("seller", "platform"):
        order[who]["place"] |= {"province": "广东省", "city": "广州市", "district": "天河区"}
    refused = await correct_order(batch, order)
    assert refused.code is RefusalCode.OUT_OF_JURISDICTION
    batch.end()


def under_the_account_of(one: Role, other: Role) -> Actor:
    """One person holds two roles."""
    return memory.PEOPLE[one].model_copy(update={"sub": memory.PEOPLE[other].sub})


async def test_who_filed_an_application_lets_no_corrected_decision_on_it_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does who proposed what it should have said decide on it."""
    batch, _ = await served_too_early(2, Pass(0))
    await batch.play([Do(OFFICER, StepName.OBJECTION_FILED)])
    await batch.play([Do(APPROVER, StepName.OBJECTION_DECIDED, {"approved": False, "reasons": "逾期"})])
    await batch.play([delivered("retest_refusal", "seller")])
    wrong = filed(batch, StepName.OBJECTION_DECIDED)
    step = {"corrects": str(wrong.step_id), "body": wrong.body | {"approved": True}, "reason": "误点"}
    proposed = await batch.do(SUPERVISOR, StepName.RECORD_CORRECTED, step)
    assert proposed.accepted, proposed.reason
    with monkeypatch.context() as patched:
        officer = under_the_account_of(APPROVER, OFFICER)
        patched.setitem(memory.PEOPLE, APPROVER, officer)
        assert (await confirm(batch, proposed)).code is RefusalCode.OWN_FILING
    assert (await confirm(batch, proposed)).accepted
    batch.end()


async def test_who_proposed_a_filing_anew_does_not_decide_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    batch, _ = await served_too_early(2, Pass(0))
    await batch.play([Do(OFFICER, StepName.OBJECTION_FILED)])
    wrong = filed(batch, StepName.OBJECTION_FILED)
    step = {"corrects": str(wrong.step_id), "body": wrong.body | {"grounds": "样品受损"}, "reason": "抄漏"}
    proposed = await batch.do(SUPERVISOR, StepName.RECORD_CORRECTED, step)
    assert (await confirm(batch, proposed)).accepted
    supervisor = under_the_account_of(APPROVER, SUPERVISOR)
    monkeypatch.setitem(memory.PEOPLE, APPROVER, supervisor)
    assert (await batch.example(APPROVER, StepName.OBJECTION_DECIDED)).code is RefusalCode.OWN_FILING
    batch.end()


async def test_a_decision_whose_letter_has_left_is_taken_back_by_two_people() -> None:
    """Approved or refused: what the letter says has been read."""
    batch, _ = await served_too_early(2, Pass(0))
    await batch.play([Do(OFFICER, StepName.OBJECTION_FILED)])
    await batch.play([Do(APPROVER, StepName.OBJECTION_DECIDED, {"approved": False, "reasons": "逾期"})])
    await batch.play([delivered("retest_refusal", "seller")])
    wrong = filed(batch, StepName.OBJECTION_DECIDED)
    step = {"corrects": str(wrong.step_id), "body": wrong.body | {"reasons": "材料不全"}, "reason": "误点"}
    proposed = await batch.do(APPROVER, StepName.RECORD_CORRECTED, step)
    assert proposed.accepted
    assert str(proposed.step_id) in batch.case.corrections.proposals
    batch.end()


async def test_a_correction_that_was_wrong_itself_is_undone_by_another() -> None:
    """The step says again what it said first; the same once more is no correction."""
    batch, day = await served_too_early()
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    await put_right(batch, wrong, delivered_on=str(day))
    again = await propose(batch, wrong, wrong.body | {"delivered_on": str(day)})
    assert again.code is RefusalCode.NOTHING_CHANGED
    back = await propose(batch, wrong, wrong.body)
    assert back.accepted, back.reason
    assert (await confirm(batch, back)).accepted
    assert str(batch.case.waits[SELLER_WINDOW].wait.starts_on) == wrong.body["delivered_on"]
    batch.end()


async def reopened() -> InMemory:
    """The seller's application came to light after the referral, and was found timely."""
    batch, _ = await served_too_early()
    day = str(day_in_shanghai(batch.world.clock))
    await batch.play([Lapse(SELLER_WINDOW)])
    said = {"how": "post", "filed_on": day, "postmark": day}
    assert (await batch.example(OFFICER, StepName.OBJECTION_FILED, **said)).accepted
    assert (await batch.example(APPROVER, StepName.REOPENING_DECIDED)).accepted
    return batch


async def test_a_reopening_decided_wrongly_is_awaited_again() -> None:
    """The approver has still to examine what was filed."""
    batch = await reopened()
    await undone(batch, filed(batch, StepName.REOPENING_DECIDED))
    assert any(one.wait.step is StepName.REOPENING_DECIDED for one in batch.case.waits.values())
    await batch.go_to(batch.world.clock + timedelta(days=40))
    assert (await batch.example(APPROVER, StepName.REOPENING_DECIDED, approved=False)).accepted
    verify(certificates(batch.world)[SELLER_WINDOW])
    batch.end()


async def test_a_step_that_counts_only_since_a_correction_can_be_put_right_too() -> None:
    """The late application was refused; the delivery's true day lets it count, and it was another batch's."""
    batch, true_day = await served_too_early(24)
    await batch.play([Lapse(SELLER_WINDOW), Pass(1)])
    late = await batch.example(OFFICER, StepName.OBJECTION_FILED)
    assert late.code is RefusalCode.FILED_LATE
    wrong = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    await put_right(batch, wrong, delivered_on=str(true_day))
    await undone(batch, filed(batch, StepName.OBJECTION_FILED))
    assert batch.case.parties[Party.SELLER].objection is None
    batch.end()


async def test_a_closed_batch_keeps_its_evidence_as_long_though_a_correction_is_turned_down() -> None:
    """Who proposes something trifling prolongs nothing."""
    batch = await closed()
    kept = batch.case.keep_evidence_until
    await batch.go_to(batch.world.clock + timedelta(days=40))
    wrong = filed(batch, StepName.REFERRAL_CONCLUDED)
    proposed = await propose(batch, wrong, None)
    assert batch.case.phase is Phase.REFERRAL
    await turned_down(batch, proposed)
    assert batch.is_closed
    assert batch.case.keep_evidence_until == kept
    batch.end()


async def test_a_report_is_put_right_on_its_laboratorys_paper_alone() -> None:
    """What it says is the laboratory's; the day it came is the bureau's."""
    batch, _ = await served_too_early()
    wrong = filed(batch, StepName.REPORT_SUBMITTED)
    items = [item | {"verdict": "conforming"} for item in wrong.body["items"]]
    said = wrong.body | {"verdict": "conforming", "items": items}
    assert (await propose(batch, wrong, said)).code is RefusalCode.DOCUMENTS_MISSING
    assert (await propose(batch, wrong, said, PROOF)).accepted
    batch.end()


async def test_plays_take_their_turns_and_do_not_heap_up() -> None:
    """More than are allowed at once are turned away, and the next is played."""
    apart, running = Apart(most=2), 0

    async def work() -> int:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0.02)
        running -= 1
        return 7

    answers = await asyncio.gather(*(apart.play(work) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in answers] == [int, int, Busy]
    assert await apart.play(work) == 7
