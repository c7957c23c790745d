"""Results on record for the store's tests: a batch with an entry, in whosever records."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from law.quality import RecordState, SubjectKind
from law.vocabulary import Outcome, Verdict
from messages.opening import Opening
from messages.quality import QualityEntry, RecordSubject, tally_of_order
from messages.snapshot import NamedGoods
from store.ledger import record
from tests.store.builders import change, open_one, order, snapshot

SELLER = RecordSubject(kind=SubjectKind.SELLER, key="91330106ma2aaaaa0x", name="示例旗舰店")


def entry(
    *subjects: RecordSubject, verdict: Verdict | None = Verdict.NONCONFORMING, **said: Any
) -> QualityEntry:
    values: dict[str, Any] = {
        "state": RecordState.FINAL if verdict else RecordState.OPEN_AGAIN,
        "final_on": date(2026, 11, 1) if verdict else None,
        "outcome": Outcome.ACCEPTED_BY_SILENCE if verdict else None,
        "verdict": verdict,
        "first_verdict": Verdict.NONCONFORMING,
        "goods": NamedGoods(name="儿童保温杯", trademark="示例牌", spec_model="SL-500"),
        "laboratory": "浙江省示例检验院",
        "report_no": "JY-1",
        "failed": (),
        "retest": None,
        "referral": None,
        "corrections": 0,
        "corrected": None,
        "subjects": subjects or (SELLER,),
    }
    return QualityEntry(**values | said)


async def say(
    engine: AsyncEngine, opening: Opening, version: int, said: QualityEntry | None, **counts: Any
) -> None:
    """Record a change of a batch that says this, and counts for this from now on."""
    tally = tally_of_order(opening).model_copy(update=counts) if counts else None
    told = replace(change(snapshot(opening.batch_no, version)), quality=said, tally=tally)
    await record.write(engine, told, time_skipping=False)


async def result(engine: AsyncEngine, said: QualityEntry, **goods: Any) -> str:
    """A batch of its own with this result."""
    opening = await open_one(engine, order(**goods))
    await say(engine, opening, 1, said)
    return opening.batch_no
