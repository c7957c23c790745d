"""Batches played to where something recorded after silence bears on a deadline that can be certified."""

from typing import Any

from law.vocabulary import Role
from local.scenarios.courses import REFERRED, RETEST_NOTIFIED, Do, Lapse, Pass
from messages.steps import StepName
from tests.procedure import test_reopening as late
from tests.procedure.certified import FORMALITIES, SELLER, Play

OFFICER, SUPERVISOR = Role.OFFICER, Role.SUPERVISOR
EXAMINED = "reopening_decided:seller"
Awaited = tuple[str, str]


async def examined(table: Any) -> Awaited:
    """Posted in time and recorded after silence; the approver has not decided."""
    batch_no, last_day = await late.silent(table)
    assert (await late.posted(table, batch_no, last_day)).accepted
    return batch_no, SELLER


async def set_aside(table: Any) -> Awaited:
    """The approver found it timely: the silence does not apply any more."""
    batch_no, wait_id = await examined(table)
    await table.at(batch_no, [late.APPROVED])
    return batch_no, wait_id


async def not_reopened(table: Any) -> Awaited:
    """The approver found it was not: the silence stands, and the applicant was told."""
    batch_no, wait_id = await examined(table)
    await table.at(batch_no, [late.REFUSED])
    return batch_no, wait_id


async def examination(table: Any) -> Awaited:
    """The approver's own term, an internal one."""
    batch_no, _wait_id = await set_aside(table)
    return batch_no, EXAMINED


async def examination_owed(table: Any) -> Awaited:
    """The approver is late with it."""
    batch_no, _wait_id = await examined(table)
    await table.at(batch_no, [Pass(30)])
    return batch_no, EXAMINED


async def examined_twice(table: Any) -> Awaited:
    """Not reopened; another envelope turned up, which is examined in its turn."""
    batch_no, last_day = await late.silent(table)
    await late.posted(table, batch_no, last_day)
    await table.at(batch_no, [late.REFUSED])
    await late.posted(table, batch_no, last_day)
    return batch_no, EXAMINED


async def silent_again(table: Any) -> Awaited:
    """Refused without a receipt, reopened with one, withdrawn: the window runs on, to silence again."""
    batch_no, last_day = await late.silent(table)
    filed = {"filed_on": str(last_day)}
    assert not (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, **filed)).accepted
    filed["receipt"] = "SJ-2026-7"
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, **filed)).accepted
    await table.at(batch_no, [late.APPROVED, Do(OFFICER, StepName.OBJECTION_WITHDRAWN), Pass(2)])
    return batch_no, SELLER


async def stayed_after(table: Any) -> Awaited:
    """Reopened, stayed for five days, withdrawn: the window runs on, longer by the stay."""
    batch_no, _wait_id = await set_aside(table)
    stay = [Do(SUPERVISOR, StepName.SUSPENDED), Pass(5), Do(SUPERVISOR, StepName.RESUMED)]
    await table.at(batch_no, [*stay, Do(OFFICER, StepName.OBJECTION_WITHDRAWN), Pass(20)])
    return batch_no, SELLER


async def not_abandoned(table: Any) -> Awaited:
    """The formalities of the retest were done in time after all."""
    batch_no = await table.opened(RETEST_NOTIFIED)
    done = {"completed_on": str((await table.wait(batch_no, FORMALITIES)).last_day), "receipt": "FJ-7"}
    await table.at(batch_no, [Lapse(FORMALITIES)])
    assert (await table.example(batch_no, OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, **done)).accepted
    await table.at(batch_no, [late.APPROVED])
    return batch_no, FORMALITIES


async def published_again(table: Any) -> Awaited:
    """The result of the retest is published beside the first one."""
    batch_no, _wait_id = await set_aside(table)
    await table.at(batch_no, [*late.RETEST, late.UPHELD])
    return batch_no, "publication"


async def acknowledged_again(table: Any) -> Awaited:
    """The referral, put off meanwhile, is acknowledged after the result was found to stand."""
    batch_no, _wait_id = await published_again(table)
    await table.at(batch_no, REFERRED)
    await table.closed(batch_no)
    return batch_no, "referral_acknowledged"


async def taken_up(table: Any) -> Awaited:
    """The batch had closed: taken up again, and the silence set aside."""
    batch_no, last_day = await late.closed(table)
    assert (await late.taken_up(table, batch_no, last_day)).accepted
    await table.snapshot(batch_no)  # at work again, on the clock that it had
    await table.at(batch_no, [late.APPROVED])
    return batch_no, SELLER


async def closed_again(table: Any) -> Awaited:
    """Taken up again after closing; the approver refused, and it closed once more."""
    batch_no, last_day = await late.closed(table)
    assert (await late.taken_up(table, batch_no, last_day)).accepted
    await table.snapshot(batch_no)  # at work again, on the clock that it had
    await table.at(batch_no, [late.REFUSED])
    await table.closed(batch_no)
    return batch_no, SELLER


LATE: dict[str, tuple[Play, str]] = {
    "examined": (examined, "lapsed"),
    "set_aside": (set_aside, "set_aside"),
    "not_reopened": (not_reopened, "lapsed"),
    "examination": (examination, "met"),
    "examination_owed": (examination_owed, "overdue"),
    "examined_twice": (examined_twice, "running"),
    "silent_again": (silent_again, "lapsed"),
    "stayed_after": (stayed_after, "lapsed"),
    "not_abandoned": (not_abandoned, "set_aside"),
    "published_again": (published_again, "met"),
    "acknowledged_again": (acknowledged_again, "met"),
    "taken_up": (taken_up, "set_aside"),
    "closed_again": (closed_again, "lapsed"),
}
