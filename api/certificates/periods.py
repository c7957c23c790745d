"""One period of a wait as the timeline tells it, from the line that opened it to the line that ended it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from law.counting import Deadline
from law.judgements import recordable_hours
from law.regulation import Regulation
from law.rules import TermRule
from law.vocabulary import DocumentKind, WaitKind
from messages.records import CountRequest, TimelineKind
from messages.snapshot import Wait
from messages.steps import StepName
from store.certificates import Record

Line = dict[str, Any]
_MOVES = (TimelineKind.DEADLINE_MOVED, TimelineKind.DEADLINE_CONFIRMED)


class WaitUnknown(Exception):
    """The batch never waited for this."""


class NoDeadline(Exception):
    """The procedure sets no period for this; ``str()`` is what it is called."""


class RecordedTooEarly(Exception):
    """Opened before the timeline said by what regulation and rule it counted."""


@dataclass(frozen=True)
class Stay:
    """A suspension of the batch; ``ended`` None while it lasts."""

    began: datetime
    ended: datetime | None


@dataclass(frozen=True)
class Period:
    """The latest time a wait was opened: its lines on the timeline, in order.

    ``letters`` are the documents that state its last day: the announcement it runs from, and what its party
    was told of an application that came late.
    """

    opened: Line
    lines: tuple[Line, ...]
    earlier: tuple[int, ...]
    stays: tuple[Stay, ...]
    regulation: Regulation
    announcements: tuple[str, ...]
    letters: tuple[str, ...]

    @cached_property
    def wait(self) -> Wait:
        return Wait.model_validate(self.opened["data"]["wait"])

    @cached_property
    def count(self) -> CountRequest:
        return CountRequest.model_validate(self.opened["data"]["count"])

    @property
    def rule(self) -> TermRule:
        return self.count.rule

    @property
    def moved(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line["kind"] in _MOVES)

    @cached_property
    def deadline(self) -> Deadline:
        """As last counted."""
        return Deadline.model_validate((self.opened, *self.moved)[-1]["data"]["deadline"])

    @property
    def ended(self) -> Line | None:
        """The line that ended it, unless it was opened again after that (a withdrawn application)."""
        last = [line for line in self.lines if line["kind"] in (TimelineKind.WAIT_ENDED, *_MOVES)][-1:]
        return last[0] if last and last[0]["kind"] == TimelineKind.WAIT_ENDED else None

    @cached_property
    def latest(self) -> tuple[Line, ...]:
        """Its lines since it ran for the last time: a withdrawn application lets an ended window run on."""
        begins, ended = 0, False
        for number, line in enumerate(self.lines):
            if line["kind"] == TimelineKind.WAIT_ENDED:
                ended = True
            elif line["kind"] == TimelineKind.DEADLINE_MOVED and ended:
                begins, ended = number, False
        return self.lines[begins:]

    @property
    def silence(self) -> Line | None:
        return self._last(TimelineKind.SILENCE)

    @property
    def set_aside(self) -> Line | None:
        """Says that the silence does not apply any more: an application proved to be timely (§6)."""
        return self._last(TimelineKind.SET_ASIDE)

    def _last(self, kind: TimelineKind) -> Line | None:
        return next((line for line in reversed(self.latest) if line["kind"] == kind), None)

    @property
    def arrangements(self) -> dict[str, str]:
        """Digest → version, of the arrangements that its days were ever judged by."""
        deadlines = (line["data"].get("deadline", {}) for line in self.lines)
        return {
            used["digest"]: used["version"]
            for deadline in deadlines
            for used in deadline.get("arrangements", ())
        }

    @cached_property
    def allowance_hours(self) -> int:
        """How long after the close a filing could still be stamped, counted from when it was last opened."""
        opened_at = datetime.fromisoformat(self.latest[0]["at"])
        return recordable_hours(self.regulation.readings, opened_at, self.deadline.closes_at)

    @property
    def ends_at(self) -> datetime:
        return self.deadline.closes_at + timedelta(hours=self.allowance_hours)

    def is_stayed_at(self, moment: datetime) -> bool:
        """Whether a stay held this period then; a right that had closed before it began had closed."""
        right = self.wait.kind is WaitKind.RIGHT
        return any(
            stay.began <= moment
            and (stay.ended is None or moment < stay.ended)
            and not (right and self.deadline.closes_at <= stay.began)
            for stay in self.stays
        )


def period_of(record: Record, wait_id: str) -> Period:
    """The latest period of a wait. Raises ``WaitUnknown``, ``NoDeadline``, ``RecordedTooEarly``."""
    lines = [line for line in record.lines if line["data"].get("wait_id") == wait_id]
    opened = [line for line in lines if line["kind"] == TimelineKind.WAIT_OPENED]
    if not opened:
        raise WaitUnknown(wait_id)
    latest = opened[-1]
    pinned = record.lines[0]["data"].get("regulation", {}).get("sha256")
    if "wait" not in latest["data"] or pinned is None:
        raise RecordedTooEarly(wait_id)
    if "count" not in latest["data"]:
        raise NoDeadline(latest["data"]["wait"]["title"])
    stating = [
        line["data"]
        for line in record.lines
        if line["kind"] == TimelineKind.DOCUMENT_ISSUED and line["data"].get("deadline_of") == wait_id
        if line["seq"] > latest["seq"]
    ]
    return Period(
        opened=latest,
        lines=tuple(line for line in lines if line["seq"] >= latest["seq"]),
        earlier=tuple(line["seq"] for line in opened[:-1]),
        stays=tuple(_stays(record.lines)),
        regulation=Regulation.model_validate(record.regulation),
        announcements=tuple(d["document_id"] for d in stating if d["kind"] == DocumentKind.ANNOUNCEMENT),
        letters=tuple(d["document_id"] for d in stating),
    )


def _stays(lines: Iterable[Line]) -> Iterable[Stay]:
    began: datetime | None = None
    for line in lines:
        if line["kind"] != TimelineKind.STEP_ACCEPTED:
            continue
        if line["data"]["step"] == StepName.SUSPENDED:
            began = datetime.fromisoformat(line["at"])
        elif line["data"]["step"] == StepName.RESUMED and began is not None:
            yield Stay(began, datetime.fromisoformat(line["at"]))
            began = None
    if began is not None:
        yield Stay(began, None)
