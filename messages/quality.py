"""What a batch says to the quality records and to the figures (procedure section 13), as its case stands."""

from pydantic import Field

from law.calendar import day_in_shanghai
from law.figures import Punctuality
from law.places import in_city
from law.quality import RecordState, SubjectKind
from law.rules import Bureaus
from law.vocabulary import Outcome, Term, Verdict
from messages.base import Day, Message, Place
from messages.opening import Opening
from messages.order import OrderKind
from messages.registers import Money
from messages.snapshot import NamedGoods


class FailedItem(Message):
    """An item that failed, as the report that says so has it; a marking has no more than its name."""

    name: str
    standard: str | None = None
    requirement: str | None = None
    measured: str | None = None


class RetestTold(Message):
    """What the retest came to."""

    laboratory: str
    report_no: str
    verdict: Verdict


class ReferralTold(Message):
    """To whom a result was referred and what came of it (§7)."""

    authority: str | None
    acknowledged_on: Day | None
    concluded_on: Day | None
    action: str | None


class RecordSubject(Message):
    """Whose record it is: ``key`` tells, ``name`` is as written."""

    kind: SubjectKind
    key: str
    name: str


class QualityEntry(Message):
    """A final result with all that a record tells of it; of one that is open again, what it was before.

    ``failed``: what is published as failed. ``corrected``: what was published wrongly, and why.
    """

    state: RecordState
    final_on: Day | None
    outcome: Outcome | None
    verdict: Verdict | None
    first_verdict: Verdict | None
    goods: NamedGoods
    laboratory: str
    report_no: str | None
    failed: tuple[FailedItem, ...]
    retest: RetestTold | None
    referral: ReferralTold | None
    corrections: int
    corrected: str | None
    subjects: tuple[RecordSubject, ...]


class CountedBatch(Message):
    """How far a batch has come, and what of it is counted.

    ``cost``: of purchase and test in yuan, where the scheme knows it. ``bureau``: of a subordinate one that
    carries it out; None where the bureau does itself. ``bought`` to ``final``: how far it has come, whatever
    became of it since.
    """

    ordered_on: Day
    scheme_id: str | None
    kind: OrderKind
    product: str
    laboratory: str
    laboratory_name: str
    bureau: str | None
    platform: str | None
    district: str
    cost: Money | None
    bought: bool = False
    sealed: bool = False
    tested: bool = False
    final: bool = False
    outcome: Outcome | None = None
    first_verdict: Verdict | None = None
    verdict: Verdict | None = None
    retested: bool = False


class Tally(CountedBatch):
    """What a batch counts for in progress and statistics, as its case stands.

    ``duties``: how punctually each was done.
    """

    duties: dict[Term, Punctuality] = Field(default={})


def tally_of_order(opening: Opening) -> Tally:
    """What a batch counts for that has only been ordered."""
    order, under = opening.order, opening.under
    return Tally(
        ordered_on=day_in_shanghai(opening.opened_at),
        scheme_id=under and under.scheme_id,
        kind=order.kind,
        product=under.kind if under else order.goods.name,
        laboratory=order.laboratory.code,
        laboratory_name=order.laboratory.name,
        cost=under and under.cost,
        bureau=order.commission and order.commission.bureau,
        platform=order.platform and order.platform.name,
        district=district_of(opening.regulation.bureaus, order.seller.place),
    )


def district_of(bureaus: Bureaus, place: Place) -> str:
    """Where a seller is, as figures tell it: the city's by district, others by province and city."""
    if place.country is not None:
        return place.country
    if in_city(bureaus, place):
        return place.district or ""
    return f"{place.province or ''}{place.city or ''}"
