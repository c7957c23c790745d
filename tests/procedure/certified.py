"""Batches played to where a deadline of every kind can be certified."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from law.calendar import day_in_shanghai
from law.vocabulary import Role
from local.scenarios.courses import (
    BOTH_SERVED,
    NONCONFORMING,
    PRODUCER_ACCEPTS,
    REFERRED,
    RETEST_NOTIFIED,
    RETESTED,
    SEALED,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.steps import StepName
from tests.procedure import test_calendars as year

OFFICER, LAB, APPROVER, SUPERVISOR = Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR
SELLER, PRODUCER = "objection_filed:seller", "objection_filed:producer"
FORMALITIES = "retest_formalities_completed:seller"

Play = Callable[[Any], Awaitable[tuple[str, str]]]


async def lapsed(table: Any) -> tuple[str, str]:
    """Nobody said anything."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS, Lapse(SELLER)))
    return batch_no, SELLER


async def met(table: Any) -> tuple[str, str]:
    """An application by post, in time by its postmark and its stamp."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.fast_forward(batch_no, timedelta(days=4))
    postmark = str(day_in_shanghai(await table.clock(batch_no)) - timedelta(days=2))
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, how="post", postmark=postmark)
    return batch_no, SELLER


async def late(table: Any) -> tuple[str, str]:
    """An application after the close, recorded and not accepted."""
    batch_no, wait_id = await lapsed(table)
    decision = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    assert not decision.accepted
    await table.at(batch_no, posted("late_filing_notice", "seller"))
    return batch_no, wait_id


async def withdrawn(table: Any) -> tuple[str, str]:
    """An application in time that was withdrawn: looked at before silence was declared, and not counted."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_WITHDRAWN)
    await table.at(batch_no, [Lapse(SELLER)])
    return batch_no, SELLER


async def nonsense(table: Any) -> tuple[str, str]:
    """An operator's signal past the API that nobody can read, before the silence."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    await table.handle(batch_no).signal(StepName.OBJECTION_FILED, {"body": {"party": "seller"}})
    await table.at(batch_no, [Lapse(SELLER)])
    return batch_no, SELLER


async def waived(table: Any) -> tuple[str, str]:
    """The producer accepted the result in writing."""
    return await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS)), PRODUCER


async def missed_duty(table: Any) -> tuple[str, str]:
    """The report is late, reminded and reported, and still owed."""
    return await table.opened((*SEALED, Lapse("report_received"), Pass(5))), "report_received"


async def met_late(table: Any) -> tuple[str, str]:
    """The report came after its time."""
    batch_no, wait_id = await missed_duty(table)
    await table.example(batch_no, LAB, StepName.REPORT_RECEIVED)
    return batch_no, wait_id


async def stayed(table: Any) -> tuple[str, str]:
    """Forty days of a stay, and silence after the longer period."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=40))
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED)
    await table.at(batch_no, [Lapse(SELLER)])
    return batch_no, SELLER


async def filed_in_a_stay(table: Any) -> tuple[str, str]:
    """An application while the period stands still, after the day it would have ended."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=40))
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)
    return batch_no, SELLER


async def standing_still(table: Any) -> tuple[str, str]:
    """A stay that lasts, past the day on which the period would have ended."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=40))
    return batch_no, SELLER


async def extended(table: Any) -> tuple[str, str]:
    """The approver gave ten more days, and they passed too."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    later = (await table.wait(batch_no, SELLER)).last_day + timedelta(days=10)
    await table.example(batch_no, APPROVER, StepName.DEADLINE_EXTENDED, to=str(later))
    await table.at(batch_no, [Lapse(SELLER)])
    return batch_no, SELLER


async def running(table: Any) -> tuple[str, str]:
    """Still open."""
    return await table.opened(BOTH_SERVED), SELLER


async def working_days(table: Any) -> tuple[str, str]:
    """Five working days for the result notices: one was posted, the others were given in person."""
    return await table.opened(BOTH_SERVED), "result_notice_sent"


async def lying(table: Any) -> tuple[str, str]:
    """Two of three result notices were handed over; the third lies in the post queue, and is late."""
    acts = (*NONCONFORMING[:-3], *posted("result_notice", "seller"), Pass(30))
    return await table.opened(acts), "result_notice_sent"


async def handed_over_late(table: Any) -> tuple[str, str]:
    """The letter that was late is entered first, one that was in time last."""
    batch_no = await table.opened((*SEALED, Do(LAB, StepName.REPORT_RECEIVED), Pass(1)))
    in_time = {"recipient": "producer", "posted_on": str(day_in_shanghai(await table.clock(batch_no)))}
    late = (*posted("result_notice", "seller"), *posted("result_notice", "platform"))
    entered = Do(OFFICER, StepName.NOTICE_POSTED, in_time)
    await table.at(batch_no, [Pass(30), *late, entered])
    return batch_no, "result_notice_sent"


async def announced(table: Any) -> tuple[str, str]:
    """The producer's notice came back and was announced; it kept silent."""
    batch_no = await table.opened(NONCONFORMING)
    await table.fast_forward(batch_no, timedelta(days=3))
    await table.example(batch_no, OFFICER, StepName.NOTICE_RETURNED, recipient="producer")
    await table.at(batch_no, [Lapse(PRODUCER)])
    return batch_no, PRODUCER


async def abandoned(table: Any) -> tuple[str, str]:
    """The formalities of a retest were not done in seven days."""
    return await table.opened((*RETEST_NOTIFIED, Lapse(FORMALITIES))), FORMALITIES


async def stayed_before(table: Any) -> tuple[str, str]:
    """A receipt recorded after a stay: the stayed days since it are added when the window is opened."""
    batch_no = await table.opened(NONCONFORMING)
    received = str(day_in_shanghai(await table.clock(batch_no)))
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=5))
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED)
    await table.example(
        batch_no, OFFICER, StepName.NOTICE_DELIVERED, recipient="producer", delivered_on=received
    )
    return batch_no, PRODUCER


async def voided(table: Any) -> tuple[str, str]:
    """The batch was voided while the report was awaited."""
    batch_no = await table.opened(SEALED)
    await table.example(batch_no, APPROVER, StepName.VOIDED)
    await table.closed(batch_no)
    return batch_no, "report_received"


async def delivery(table: Any) -> tuple[str, str]:
    """The delivery of a notice was recorded within the internal term."""
    return await table.opened(BOTH_SERVED), "notice_delivered:result_notice:seller"


async def guessed(table: Any) -> tuple[str, str]:
    """A window into a year that nobody has announced."""
    return await year.served(table), SELLER


async def recounted(table: Any) -> tuple[str, str]:
    """The year was announced and ends the window later; nobody filed by then either."""
    batch_no = await year.served(table, PRODUCER_ACCEPTS)
    await year.recounted(table, batch_no, year.LONGER)
    await table.at(batch_no, [Lapse(SELLER)])
    return batch_no, SELLER


async def told_day_kept(table: Any) -> tuple[str, str]:
    """Announced, then corrected: the party keeps the latest day that it was told."""
    batch_no = await year.served(table)
    await year.recounted(table, batch_no, year.LONGER)
    await year.recounted(table, batch_no, year.SHORTER.model_copy(update={"version": "虚构一号更正"}))
    return batch_no, SELLER


async def recounted_after_moves(table: Any) -> tuple[str, str]:
    """A stay, an extension, and then the year announced: counted afresh, and moved again by both."""
    batch_no = await year.served(table)
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=5))
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED)
    later = (await table.wait(batch_no, SELLER)).last_day + timedelta(days=1)
    await table.example(batch_no, APPROVER, StepName.DEADLINE_EXTENDED, to=str(later))
    await year.recounted(table, batch_no, year.LONGER)
    return batch_no, SELLER


async def recounted_duty(table: Any) -> tuple[str, str]:
    """A duty is counted plainly on the announced year, also to an earlier day."""
    batch_no = await table.opened(SEALED)
    await year.to_noon_of(table, batch_no, year.RECEIPT)
    acts = [Do(LAB, StepName.REPORT_RECEIVED), *posted("result_notice", "producer")]
    await table.at(batch_no, acts)
    await year.recounted(table, batch_no, year.SHORTER)
    return batch_no, year.PRODUCER_DELIVERY


async def bounced(table: Any, *steps: StepName) -> tuple[str, str]:
    """A notice did not arrive; the officer answers by the given steps, or not at all."""
    batch_no = await table.opened((*NONCONFORMING[:-3], *posted("result_notice", "seller")))
    await table.example(batch_no, Role.SYSTEM, StepName.DELIVERY_FAILED)
    for step in steps:
        await table.example(batch_no, OFFICER, step)
    return batch_no, f"delivery_failed:{batch_no}-result_notice-seller-1"


async def returned(table: Any) -> tuple[str, str]:
    """The officer confirmed that it came back."""
    return await bounced(table, StepName.NOTICE_RETURNED)


async def posted_anew(table: Any) -> tuple[str, str]:
    """It was posted once more."""
    return await bounced(table, StepName.NOTICE_POSTED)


async def arrived(table: Any) -> tuple[str, str]:
    """It had arrived after all."""
    return await bounced(table, StepName.NOTICE_DELIVERED)


async def unconfirmed(table: Any) -> tuple[str, str]:
    """Nobody looked at it for ten days."""
    batch_no, wait_id = await bounced(table)
    await table.fast_forward(batch_no, timedelta(days=10))
    return batch_no, wait_id


async def without_address(table: Any) -> tuple[str, str]:
    """There is nowhere to write to; known with the notice itself."""
    producer = {"producer": {"name": "不详制造厂", "address": None}}
    batch_no = await table.opened((*SEALED, Do(LAB, StepName.REPORT_RECEIVED)), **producer)
    return batch_no, f"delivery_failed:{batch_no}-result_notice-producer-1"


async def concluded(table: Any) -> tuple[str, str]:
    """The authority concluded a referral in time."""
    acts = (*BOTH_SERVED, Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}), PRODUCER_ACCEPTS)
    batch_no = await table.opened((*acts, *REFERRED))
    await table.closed(batch_no)
    return batch_no, "referral_concluded"


async def resealed(table: Any) -> tuple[str, str]:
    """The sample was sealed for the retest within the bureau's own term."""
    return await table.opened(RETESTED), "retest_sealed"


async def given_up(table: Any) -> tuple[str, str]:
    """The applicant withdrew its approved application: its days for the formalities are without object."""
    batch_no = await table.opened((*RETEST_NOTIFIED, Do(OFFICER, StepName.OBJECTION_WITHDRAWN)))
    return batch_no, "retest_formalities_completed:seller"


async def objected_before_the_receipt(table: Any) -> tuple[str, str]:
    """The receipt was recorded after the objection: the window is counted, for the approver."""
    told = (*SEALED, Do(LAB, StepName.REPORT_RECEIVED), *posted("result_notice", "seller"))
    acts = (*told, Do(OFFICER, StepName.OBJECTION_FILED), delivered("result_notice", "seller"))
    return await table.opened(acts), SELLER


async def papers_missing(table: Any) -> tuple[str, str]:
    """The application has no papers: the approver is reminded of it."""
    acts = (*BOTH_SERVED, Do(OFFICER, StepName.OBJECTION_FILED, {"documents": []}))
    return await table.opened(acts), "application_completed:seller"


async def papers_complete(table: Any) -> tuple[str, str]:
    """Complete with the receipt, which the bureau itself holds: the approver's term runs from then."""
    batch_no, _ = await objected_before_the_receipt(table)
    return batch_no, "objection_decided:seller"


PLAYS: dict[str, tuple[Play, str]] = {
    "lapsed": (lapsed, "lapsed"),
    "met": (met, "met"),
    "late": (late, "lapsed"),
    "withdrawn": (withdrawn, "lapsed"),
    "nonsense": (nonsense, "lapsed"),
    "waived": (waived, "waived"),
    "missed_duty": (missed_duty, "overdue"),
    "met_late": (met_late, "met_late"),
    "stayed": (stayed, "lapsed"),
    "filed_in_a_stay": (filed_in_a_stay, "met"),
    "standing_still": (standing_still, "running"),
    "extended": (extended, "lapsed"),
    "running": (running, "running"),
    "working_days": (working_days, "met"),
    "lying": (lying, "overdue"),
    "handed_over_late": (handed_over_late, "met_late"),
    "announced": (announced, "lapsed"),
    "abandoned": (abandoned, "lapsed"),
    "stayed_before": (stayed_before, "running"),
    "voided": (voided, "dropped"),
    "delivery": (delivery, "met"),
    "guessed": (guessed, "running"),
    "recounted": (recounted, "lapsed"),
    "told_day_kept": (told_day_kept, "running"),
    "recounted_after_moves": (recounted_after_moves, "running"),
    "recounted_duty": (recounted_duty, "running"),
    "returned": (returned, "met"),
    "posted": (posted_anew, "met"),
    "arrived": (arrived, "met"),
    "unconfirmed": (unconfirmed, "overdue"),
    "without_address": (without_address, "running"),
    "concluded": (concluded, "met"),
    "resealed": (resealed, "met"),
    "given_up": (given_up, "dropped"),
    "objected_before_the_receipt": (objected_before_the_receipt, "dropped"),
    "papers_missing": (papers_missing, "running"),
    "papers_complete": (papers_complete, "running"),
}
