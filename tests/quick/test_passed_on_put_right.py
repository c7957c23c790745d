"""A case not passed on, or not to this authority: the letter goes to whom it should have gone (§7)."""

from typing import Any

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Phase, Recipient
from local.scenarios.courses import OFFICER, SUPERVISOR, Act, Do, Pass
from messages.envelope import RefusalCode
from messages.records import Paper
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.played import InMemory, begun
from tests.quick.test_judging import stands_as_played
from tests.quick.test_passed_on import (
    ACKNOWLEDGED,
    BINJIANG,
    CONCLUDED,
    LETTERED,
    PASSED_ON,
    TAKEN,
    YUHANG,
)
from tests.quick.test_put_right import confirm, filed, propose, put_right, undone

LINPING = "杭州市临平区市场监督管理局"


async def passed_on(*then: Act, before: tuple[Act, ...] = TAKEN) -> InMemory:
    batch = begun()
    await batch.play((*before, Do(OFFICER, PASSED_ON), Pass(1), *then))
    return batch


def letters(batch: InMemory, kind: DocumentKind = DocumentKind.REFERRAL_LETTER) -> list[tuple[str, str]]:
    """To authorities: whose, and what has become of each."""
    found = [one for one in batch.case.documents.values() if one.kind is kind]
    return [(one.recipient_name, one.status) for one in found if one.recipient is Recipient.AUTHORITY]


def told(batch: InMemory) -> list[Paper]:
    papers = [paper for change in batch.world.changes for paper in change.papers]
    return [paper for paper in papers if paper.kind is DocumentKind.REFERRAL_CORRECTION]


async def test_a_case_that_was_never_passed_on_stays_where_it_was() -> None:
    """The other hears that its letter is withdrawn; the one that has the case hears nothing, and goes on."""
    batch = await passed_on()
    await undone(batch, filed(batch, PASSED_ON))
    assert batch.case.referral.authority == BINJIANG
    assert batch.case.referral.is_acknowledged
    assert letters(batch) == [(BINJIANG, DocumentStatus.SENT), (YUHANG, DocumentStatus.WITHDRAWN)]
    (one,) = told(batch)
    assert (one.recipient_name, one.corrects) == (
        YUHANG,
        f"{batch.case.batch_no}-referral_letter-authority-2",
    )
    assert f"本案由{BINJIANG}承办" in one.fields["situation"]
    assert CONCLUDED in batch.case.waits
    assert ACKNOWLEDGED not in batch.case.waits
    await stands_as_played(batch)
    await batch.play([Do(OFFICER, CONCLUDED)])
    batch.end()


async def test_the_authority_that_really_has_it_gets_the_letter() -> None:
    """Before the first had acknowledged, too; its term runs from its own letter."""
    for before in (LETTERED, TAKEN):
        batch = await passed_on(Pass(2), before=before)
        await put_right(batch, filed(batch, PASSED_ON), passed_to=LINPING)
        assert letters(batch) == [
            (BINJIANG, DocumentStatus.SENT),
            (YUHANG, DocumentStatus.WITHDRAWN),
            (LINPING, DocumentStatus.SENT),
        ]
        assert [one.recipient_name for one in told(batch)] == [YUHANG]
        waits = batch.case.waits
        assert CONCLUDED not in waits
        assert waits[ACKNOWLEDGED].wait.starts_on == day_in_shanghai(batch.world.clock)
        await stands_as_played(batch)
        await batch.play([Do(OFFICER, ACKNOWLEDGED, {"by": LINPING})])
        batch.end()


async def test_the_day_alone_moves_no_letter() -> None:
    """A supervisor may confirm it."""
    batch = await passed_on(Pass(2))
    wrong = filed(batch, PASSED_ON)
    day = str(day_in_shanghai(batch.world.clock))
    await put_right(batch, wrong, SUPERVISOR, reason="属地变更")
    assert (await propose(batch, wrong, wrong.body | {"passed_on": day})).code is RefusalCode.DATE_IN_FUTURE
    assert len(letters(batch)) == 2
    assert told(batch) == []
    batch.end()


async def test_what_the_wrong_authority_did_falls_and_a_closed_batch_is_taken_up() -> None:
    """It acknowledged and concluded another batch's case."""
    done = Do(OFFICER, ACKNOWLEDGED, {"by": YUHANG}), Pass(5), Do(OFFICER, CONCLUDED, {"by": YUHANG})
    batch = await passed_on(*done)
    for one in [one.wait for one in batch.case.waits.values() if one.wait.step is StepName.NOTICE_DELIVERED]:
        _, notice, recipient = one.id.split(":")
        await batch.example(OFFICER, StepName.NOTICE_DELIVERED, notice=notice, recipient=recipient)
    assert batch.is_closed
    batch = InMemory(batch.world, batch.world.on_record)
    await undone(batch, filed(batch, PASSED_ON))
    assert batch.case.phase is Phase.REFERRAL
    assert CONCLUDED in batch.case.waits
    (fell,) = [line.text for line in batch.world.lines if "不再成立" in line.text]
    assert fell == "更正后不再成立：交办签收（2026-09-20登记）、交办办结（2026-09-25登记）"
    await stands_as_played(batch)
    batch.end()


async def test_what_was_passed_on_further_is_put_right_first() -> None:
    """Who had it from the wrong one is named."""
    third: dict[str, Any] = {"passed_by": YUHANG, "passed_to": LINPING}
    batch = await passed_on(Do(OFFICER, PASSED_ON, third), Pass(1))
    first, second = [one for one in batch.world.ledger if one.step is PASSED_ON]
    refused = await propose(batch, first, None)
    assert refused.code is RefusalCode.NOT_CORRECTABLE
    assert str(second.step_id) in (refused.reason or "")
    await undone(batch, second)
    assert batch.case.referral.authority == YUHANG
    await undone(batch, first)
    assert batch.case.referral.authority == BINJIANG
    assert [status for _, status in letters(batch)] == ["sent", "withdrawn", "withdrawn"]
    await stands_as_played(batch)
    batch.end()


async def test_a_correction_that_was_wrong_itself_gives_the_letter_once_more() -> None:
    """It had been passed on after all: who was told to leave the case gets a new letter."""
    batch = await passed_on()
    wrong = filed(batch, PASSED_ON)
    await undone(batch, wrong)
    proposed = await propose(batch, wrong, wrong.body)
    assert (await confirm(batch, proposed)).accepted
    assert letters(batch) == [
        (BINJIANG, DocumentStatus.SENT),
        (YUHANG, DocumentStatus.WITHDRAWN),
        (YUHANG, DocumentStatus.SENT),
    ]
    assert ACKNOWLEDGED in batch.case.waits
    await stands_as_played(batch)
    batch.end()


async def test_a_delivery_put_right_after_it_was_passed_on_does_not_undo_that() -> None:
    """The result is examined once more; who has the case keeps it."""
    batch = await passed_on()
    wrong = filed(batch, StepName.RESULT_ACCEPTED, party="seller")
    await undone(batch, wrong)
    assert batch.case.outcome is None
    assert batch.case.referral.authority == YUHANG
    batch.end()
