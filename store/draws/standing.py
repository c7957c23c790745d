"""How a draw stands: what was frozen, what was drawn, who was skipped, what is to be confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Row

from law.draw import Candidate
from law.draw_course import DrawState, SkippedFor, chosen
from messages.base import Actor
from messages.draws import (
    MADE,
    CandidatePassed,
    DrawContent,
    DrawEvent,
    DrawEventKind,
    DrawnFromSeed,
    SeedCorrection,
)

EVENTS = """
    v.no, v.draw_id, v.kind, v.at, v.by, v.said, v.approval_no, v.note, b.note as before
    from draw_events v left join draw_events b on b.no = v.no - 1
"""


@dataclass(frozen=True)
class DrawMade:
    """The draw that counts, by its line, and who was skipped since."""

    no: int
    seed: str
    read_from: str
    drawn: tuple[str, ...]
    passed: tuple[CandidatePassed, ...]

    @property
    def skipped(self) -> tuple[SkippedFor, ...]:
        return tuple(SkippedFor(id=one.id, next=one.next) for one in self.passed)

    @property
    def chosen(self) -> tuple[str, ...]:
        return chosen(self.drawn, self.skipped)


@dataclass(frozen=True)
class CorrectionOpen:
    """A seed that is to take the place of the one entered, once another person has confirmed it."""

    approval_no: int
    proposed: SeedCorrection


@dataclass(frozen=True)
class DrawOnRecord:
    """A draw with its list and every line of its record."""

    id: str
    content: DrawContent
    drafted_by: Actor
    drafted_at: datetime
    events: tuple[DrawEvent, ...]

    @property
    def state(self) -> DrawState:
        kinds = {one.kind for one in self.events}
        if DrawEventKind.ENDED in kinds:
            return DrawState.ENDED
        if DrawEventKind.DRAWN in kinds:
            return DrawState.DRAWN
        return DrawState.FROZEN if DrawEventKind.FROZEN in kinds else DrawState.DRAFT

    @cached_property
    def made(self) -> DrawMade | None:
        """The last draw that was made; an earlier one was made by a seed entered wrongly."""
        made = next((one for one in reversed(self.events) if one.kind in MADE), None)
        if made is None:
            return None
        said = DrawnFromSeed.model_validate(made.said)
        passed = tuple(
            CandidatePassed.model_validate(one.said)
            for one in self.events
            if one.kind is DrawEventKind.SKIPPED and one.no > made.no
        )
        return DrawMade(made.no, said.seed, said.read_from, said.drawn, passed)

    @property
    def correction(self) -> CorrectionOpen | None:
        last = next((one for one in reversed(self.events) if one.approval_no is not None), None)
        if last is None or last.kind is not DrawEventKind.CORRECTION_PROPOSED:
            return None
        assert last.approval_no is not None
        return CorrectionOpen(last.approval_no, SeedCorrection.model_validate(last.said))

    def event(self, kind: DrawEventKind) -> DrawEvent | None:
        """The first of this kind."""
        return next((one for one in self.events if one.kind is kind), None)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return candidates_of(self.content)


def candidates_of(content: DrawContent) -> tuple[Candidate, ...]:
    """The list as the law draws from it."""
    return tuple(Candidate(id=one.id, weight=one.weight) for one in content.candidates)


def event_of(row: Row[Any]) -> DrawEvent:
    """A row that was selected as ``EVENTS``."""
    return DrawEvent.model_validate(row._asdict())


def on_record(row: Row[Any], events: Sequence[DrawEvent]) -> DrawOnRecord:
    return DrawOnRecord(
        id=row.id,
        content=DrawContent.model_validate(row.content),
        drafted_by=Actor.model_validate(row.drafted_by),
        drafted_at=row.drafted_at,
        events=tuple(events),
    )
