"""Somebody else took the letter: no delivery by itself, an officer decides, the delivery is awaited (§6)."""

from datetime import timedelta
from typing import Any

import pytest

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Recipient, Role, WaitKind
from local.scenarios.courses import NONCONFORMING, delivered, posted
from messages.envelope import RefusalCode
from messages.snapshot import DocumentState, DocumentStatus, Snapshot
from messages.steps import StepName
from tests.quick.table import Table

OFFICER = Role.OFFICER
TOLD = (*NONCONFORMING[:-3], *posted("result_notice", "seller"))
TAKEN = StepName.NOTICE_RECEIVED_BY_ANOTHER
AWAITED = "notice_delivered:result_notice:seller"


def notice(snapshot: Snapshot) -> DocumentState:
    about = (DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    return [d for d in snapshot.documents if (d.kind, d.recipient) == about][-1]


async def asked(table: Table, batch_no: str) -> list[str]:
    """The waits for an officer's word and for the delivery of the seller's result notice."""
    snapshot = await table.snapshot(batch_no)
    confirmation = f"delivery_failed:{notice(snapshot).document_id}"
    return [wait.id for wait in snapshot.waits if wait.id in (confirmation, AWAITED)]


@pytest.fixture
async def batch_no(table: Table) -> str:
    """Its seller's result notice lies in a locker."""
    batch_no = await table.opened(TOLD)
    assert (await table.example(batch_no, OFFICER, TAKEN)).accepted
    return batch_no


async def test_no_window_opens_and_the_delivery_goes_on_being_awaited(table: Table, batch_no: str) -> None:
    """The letter has a state of its own with what the carrier said; an officer is asked for a word."""
    snapshot = await table.snapshot(batch_no)
    letter = notice(snapshot)
    today = day_in_shanghai(await table.clock(batch_no))
    assert (letter.status, letter.settled_on) == (DocumentStatus.RECEIVED_BY_ANOTHER, today)
    assert letter.proof == "丰巢快递柜，邮件号码1234567890123，妥投"
    assert len(await asked(table, batch_no)) == 2
    assert not [wait for wait in snapshot.waits if wait.kind is WaitKind.RIGHT]


async def test_an_officer_finds_that_it_was_delivered(table: Table, batch_no: str) -> None:
    """With the receipt: the window opens, and nothing is asked any more."""
    await table.at(batch_no, [delivered("result_notice", "seller")])
    assert notice(await table.snapshot(batch_no)).status is DocumentStatus.DELIVERED
    assert (await table.wait(batch_no, "objection_filed:seller")).kind is WaitKind.RIGHT
    assert await asked(table, batch_no) == []


async def test_an_officer_finds_that_it_did_not_arrive(table: Table, batch_no: str) -> None:
    """It is announced, as any letter that came back."""
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED)).accepted
    assert notice(await table.snapshot(batch_no)).status is DocumentStatus.ANNOUNCED
    assert await asked(table, batch_no) == []


async def test_nobody_fetched_it_and_it_came_back(table: Table, batch_no: str) -> None:
    """A sign of return takes the place of the locker."""
    sign = {"cause": "post_returned", "reason": "逾期未领，退回"}
    assert (await table.example(batch_no, OFFICER, StepName.DELIVERY_FAILED, **sign)).accepted
    letter = notice(await table.snapshot(batch_no))
    assert (letter.status, letter.settled_on, letter.proof) == (DocumentStatus.SENT, None, None)
    assert letter.failure == "邮件被退回：逾期未领，退回"
    again = await table.example(batch_no, OFFICER, TAKEN)
    assert (again.accepted, again.code) == (False, RefusalCode.OUT_OF_ORDER)


async def test_posted_anew_it_is_under_way_again(table: Table, batch_no: str) -> None:
    """But a posting recorded late, from before the day of the locker, was of that very parcel."""
    first = day_in_shanghai(await table.clock(batch_no))
    await table.fast_forward(batch_no, timedelta(days=1))
    assert (await table.example(batch_no, OFFICER, TAKEN)).accepted
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED, posted_on=str(first))).accepted
    assert notice(await table.snapshot(batch_no)).status is DocumentStatus.RECEIVED_BY_ANOTHER
    assert (await table.example(batch_no, OFFICER, StepName.NOTICE_POSTED)).accepted
    letter = notice(await table.snapshot(batch_no))
    assert (letter.status, letter.settled_on, letter.proof) == (DocumentStatus.SENT, None, None)
    assert await asked(table, batch_no) == [AWAITED]


@pytest.mark.parametrize(
    ("role", "changes", "code"),
    [
        (Role.SYSTEM, {}, RefusalCode.ROLE_NOT_ALLOWED),
        (OFFICER, {"received_on": "2999-01-01"}, RefusalCode.DATE_IN_FUTURE),
        (OFFICER, {"received_on": "2020-01-01"}, RefusalCode.DATE_BEFORE_EVENT),
        (OFFICER, {"notice": "retest_refusal"}, RefusalCode.NO_SUCH_NOTICE),
        (OFFICER, {"document_id": "CJ-other"}, RefusalCode.NO_SUCH_NOTICE),
        (OFFICER, {"notice": "commission_letter"}, RefusalCode.UNREADABLE),
    ],
)
async def test_what_cannot_be_is_refused(
    table: Table, role: Role, changes: dict[str, Any], code: RefusalCode
) -> None:
    """Nor is a letter that was delivered taken by another afterwards."""
    batch_no = await table.opened(TOLD)
    refused = await table.example(batch_no, role, TAKEN, **changes)
    assert (refused.accepted, refused.code) == (False, code)
    await table.at(batch_no, [delivered("result_notice", "seller")])
    refused = await table.example(batch_no, OFFICER, TAKEN)
    assert (refused.accepted, refused.code) == (False, RefusalCode.ALREADY_DONE)
