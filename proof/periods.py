"""The one reader of periods: when each was opened, moved and stayed, how it ended, and what is overdue.

A wait may be opened more than once; each time is a *period*. In the course of a period one last day is in
force after the other: another is set by a move, and the same one anew where an ended period runs on, as after
an application that its party withdrew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import zip_longest

from law.counting import Deadline
from law.judgements import heard_until
from law.regulation import Readings
from law.rules import TermRule
from law.stays import is_overdue, stay_holds
from messages.records import TimelineKind
from messages.snapshot import Wait
from messages.steps import StepName
from store.reads.on_record import RecordedLine

_SETTING = (TimelineKind.WAIT_OPENED, TimelineKind.DEADLINE_MOVED)
_MOVES = (TimelineKind.DEADLINE_MOVED, TimelineKind.DEADLINE_CONFIRMED)


@dataclass(frozen=True)
class Suspension:
    """A stay of the whole batch; ``ended`` is None while it lasts."""

    began: datetime
    ended: datetime | None


@dataclass(frozen=True)
class InForce:
    """A last day while it was in force.

    ``lines`` begin with the line that set it and come before ``replaced_by``, the line that set another.
    ``ran_from`` is the line since which the wait has run without a break. Instants are UTC.
    """

    lines: tuple[RecordedLine, ...]
    ran_from: RecordedLine
    replaced_by: RecordedLine | None
    suspensions: tuple[Suspension, ...]
    readings: Readings

    @property
    def set_by(self) -> RecordedLine:
        return self.lines[0]

    @cached_property
    def wait(self) -> Wait:
        return Wait.model_validate(self.set_by.data["wait"])

    @cached_property
    def last_day(self) -> date:
        return date.fromisoformat(self.set_by.data["deadline"]["last_day"])

    @cached_property
    def closes_at(self) -> datetime:
        return datetime.fromisoformat(self.set_by.data["deadline"]["closes_at"]).astimezone(UTC)

    @property
    def ended(self) -> RecordedLine | None:
        """The line that ended the wait on this last day."""
        return self._first(TimelineKind.WAIT_ENDED)

    @property
    def over(self) -> RecordedLine | None:
        """The line since which this last day is not awaited any more; None while it is."""
        return self.ended or self.replaced_by

    @property
    def silence(self) -> RecordedLine | None:
        return self._first(TimelineKind.SILENCE)

    @property
    def set_aside(self) -> RecordedLine | None:
        """Says that its silence does not apply any more: an application proved to be timely (§6)."""
        silence = self.silence
        return silence and self._first(TimelineKind.SET_ASIDE, after=silence.seq)

    def _first(self, kind: TimelineKind, after: int = 0) -> RecordedLine | None:
        return next((line for line in self.lines if line.kind is kind and line.seq > after), None)

    @cached_property
    def heard_until(self) -> datetime:
        """The last moment at which a filing could be stamped; of a duty, its close."""
        counted = self.set_by.data["deadline"]["heard_until"]
        if counted is None:
            return self.closes_at
        until = heard_until(self.readings, self.ran_from.at, datetime.fromisoformat(counted))
        return until.astimezone(UTC)

    def is_stayed_at(self, moment: datetime) -> bool:
        """Whether a stay held it then."""
        return any(
            stay.began <= moment
            and (stay.ended is None or moment < stay.ended)
            and stay_holds(self.wait.kind, self.closes_at, stay.began)
            for stay in self.suspensions
        )

    def is_overdue_at(self, moment: datetime) -> bool:
        """Whether it is late at that moment, if it is awaited still."""
        return is_overdue(self.wait.kind, self.closes_at, moment, stayed=self.is_stayed_at(moment))


@dataclass(frozen=True)
class Period:
    """One time a wait was opened: its lines on the timeline, from the opening on, in order.

    ``in_force`` are its last days, one after the other; none where the procedure sets no period. The rule and
    the account day by day are told only by the lines of a whole record.
    """

    lines: tuple[RecordedLine, ...]
    in_force: tuple[InForce, ...]

    @property
    def opened(self) -> RecordedLine:
        return self.lines[0]

    @cached_property
    def wait(self) -> Wait:
        """As it was opened."""
        return Wait.model_validate(self.opened.data["wait"])

    @property
    def moved(self) -> tuple[RecordedLine, ...]:
        """The lines that counted it again after its opening, whether the last day became another or not."""
        return tuple(line for line in self.lines if line.kind in _MOVES)

    @property
    def latest(self) -> InForce:
        return self.in_force[-1]

    @property
    def ended(self) -> RecordedLine | None:
        """The line that ended it; None while it runs, or runs on."""
        return self.latest.ended

    @cached_property
    def rule(self) -> TermRule:
        return TermRule.model_validate(self.opened.data["count"]["rule"])

    @property
    def contract_days(self) -> int | None:
        amount: int | None = self.opened.data["count"]["amount"]
        return amount

    @cached_property
    def deadline(self) -> Deadline:
        """As last counted, day by day."""
        return Deadline.model_validate((self.opened, *self.moved)[-1].data["deadline"])

    @property
    def arrangements(self) -> dict[str, str]:
        """Digest → version, of the arrangements that its days were ever judged by."""
        deadlines = (line.data.get("deadline", {}) for line in self.lines)
        return {
            used["digest"]: used["version"]
            for deadline in deadlines
            for used in deadline.get("arrangements", ())
        }


def periods_of(lines: Sequence[RecordedLine], readings: Readings) -> dict[str, list[Period]]:
    """By wait, in the order of opening. ``lines`` are one batch's, in order."""
    accepted = [(line.data["step"], line.at) for line in lines if line.kind is TimelineKind.STEP_ACCEPTED]
    suspensions = tuple(suspensions_of(accepted))
    opened: dict[str, list[list[RecordedLine]]] = {}
    for line in lines:
        if line.kind is TimelineKind.WAIT_OPENED:
            opened.setdefault(line.data["wait_id"], []).append([line])
        elif line.data.get("wait_id") in opened:
            opened[line.data["wait_id"]][-1].append(line)
    return {
        wait_id: [Period(tuple(own), tuple(_in_force(own, suspensions, readings))) for own in times]
        for wait_id, times in opened.items()
    }


def suspensions_of(accepted: Iterable[tuple[str, datetime]]) -> Iterable[Suspension]:
    """The stays of a batch, in order. ``accepted`` are its steps, each with its time."""
    began: datetime | None = None
    for step, at in accepted:
        if step == StepName.SUSPENDED:
            began = at
        elif step == StepName.RESUMED and began is not None:
            yield Suspension(began, at)
            began = None
    if began is not None:
        yield Suspension(began, None)


def _in_force(
    lines: Sequence[RecordedLine], suspensions: tuple[Suspension, ...], readings: Readings
) -> Iterable[InForce]:
    """The last days of one period: a line sets one if it is another day, or if the period had ended."""
    starts: list[tuple[int, RecordedLine]] = []
    day, runs = None, False
    for place, line in enumerate(lines):
        if line.kind is TimelineKind.WAIT_ENDED:
            runs = False
        elif line.kind in _SETTING and line.data.get("deadline"):
            if not runs:
                starts.append((place, line))
            elif line.data["deadline"]["last_day"] != day:
                _, ran_from = starts[-1]
                starts.append((place, ran_from))
            day, runs = line.data["deadline"]["last_day"], True
    for (start, ran_from), following in zip_longest(starts, starts[1:]):
        until = following[0] if following else len(lines)
        replaced_by = lines[until] if following else None
        yield InForce(tuple(lines[start:until]), ran_from, replaced_by, suspensions, readings)
