"""What a batch's workflow is started with: the order, and the law and the calendar it was opened under."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import to_json

from law.calendar import FIRST_YEAR, WorkCalendar
from law.ordering import category_of
from law.regulation import Regulation
from law.vocabulary import Category
from messages.base import Actor, Instant, Message
from messages.order import BatchOrder, Seller
from messages.registers import Money

WORKFLOW_TYPE = "Batch"
# Signals that are no steps. The argument of the first is the revision of the calendar to count on; the second
# has none: look whether the record knows more than the batch does.
CALENDAR_ANNOUNCED = "calendar_announced"
COMPARE_WITH_RECORD = "compare_with_record"

# The procedure's program that new batches run. Raised by a change that would come to other commands; a batch
# keeps the one it was opened under, and where the two differ the code asks `case.opening.program`.
PROGRAM = 1

_MOST_HELD = 64
_held: dict[bytes, Any] = {}


def _held_once(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """The same content as before is the same object: batches share it, and it is read only once.

    Known by the whole of its content, so that nothing that is sent can stand for something else.
    """
    if not isinstance(value, dict):
        return handler(value)
    content = to_json(value)
    known = _held.get(content)
    if known is None:
        known = handler(value)
        if len(_held) >= _MOST_HELD:
            _held.pop(next(iter(_held)), None)
        _held[content] = known
    return known


class CalendarInForce(Message):
    """The arrangements of the years that matter to a batch; ``revision`` counts the approved imports."""

    revision: int = 0
    calendar: Annotated[WorkCalendar, WrapValidator(_held_once)]

    def for_batch_of(self, regulation_date: date) -> "CalendarInForce":
        """The years that matter to a batch: nothing is bought before the day of its regulation.

        One year earlier, for a reminder is due the working day before a last day in January.
        """
        first = max(regulation_date.year - 1, FIRST_YEAR)
        years = tuple(year for year in self.calendar.years if year.year >= first)
        return CalendarInForce(revision=self.revision, calendar=WorkCalendar(years=years))


class UnderScheme(Message):
    """What a batch was ordered under, where the order named it: what it takes, and who has which code.

    The order beside it says all of it in full; this is for counting, and for finding the entries again.
    ``commission``: the id of the one under which the subordinate ``bureau`` carries it out.
    """

    scheme_id: str
    scheme_version: int
    kind: str
    cost: Money
    laboratory: str
    seller: str | None = None
    platform: str | None = None
    producer: str | None = None
    commission: str | None = None
    bureau: str | None = None
    draw_id: str | None = None
    candidate: str | None = None


class Opening(Message):
    """The law is resolved once, here; history carries it as applied (procedure section 9)."""

    batch_no: str
    order: BatchOrder
    category: Category
    regulation: Annotated[Regulation, WrapValidator(_held_once)]
    calendar: CalendarInForce
    opened_at: Instant
    opened_by: Actor
    regulation_sha256: str | None = Field(
        default=None, description="of the regulation's canonical JSON; goes into the timeline's first line"
    )
    program: int = Field(default=PROGRAM, description="see PROGRAM")
    under: UnderScheme | None = None

    @property
    def title(self) -> str:
        """The batch as ordered in a few words: number, goods, seller; no natural person's name."""
        return self.titled(self.order.seller)

    def ordered(self, order: BatchOrder) -> "Opening":
        """The same, had this been ordered. Raises ``OrderRefused`` where it would be out of jurisdiction."""
        platform = order.platform.place if order.platform else None
        category = category_of(self.regulation, order.seller.place, platform, order.authorization)
        return self.model_copy(update={"order": order, "category": category})

    def titled(self, seller: Seller) -> str:
        """The same of whoever really sold the goods."""
        name = "自然人" if seller.natural_person else seller.name
        return f"{self.batch_no} {self.order.goods.name} · {name}"


class Carried(Message):
    """What a batch goes on from: in a new history, from its record, or taken up again after it has closed.

    ``case`` is the case as JSON, without the opening. ``because`` says why it goes on from the record, where
    the one before did not end by itself; it goes on the timeline.
    """

    case: dict[str, Any]
    calendar: CalendarInForce
    because: str | None = None
