"""What is disturbed when: all of it follows from one seed, so that a run can be played again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from local.scenarios.beside import BESIDE
from local.scenarios.courses import COURSES, Act, Course, Lapse, Pass
from tests.faults.stack import Part


class Kind(StrEnum):
    KILL = "kill -9"
    STOP = "stop and continue"
    LOSE = "Temporal's database lost"
    READ_ONLY = "PostgreSQL read-only"
    SLOW = "PostgreSQL slow"
    LOCKED = "a table locked"
    SIGNALS = "signals forged, doubled, out of order"
    RUSH = "a rush of hostile callers"


@dataclass(frozen=True)
class Disturbance:
    """After ``pause`` seconds in which things settle; it ``lasts`` so many.

    Signals are sent to batches whose ``parts`` were killed so long before: steps have come together by then.
    """

    pause: float
    kind: Kind
    parts: tuple[Part, ...]
    lasts: float

    def __str__(self) -> str:
        of = f" of {', '.join(self.parts)}" if self.parts else ""
        return f"{self.kind}{of} for {self.lasts:.1f} s"


_ALL = tuple(Part)
_DECK: tuple[tuple[Kind, tuple[Part, ...]], ...] = (
    *((Kind.KILL, (part,)) for part in Part),
    *((Kind.STOP, (part,)) for part in Part),
    (Kind.KILL, (Part.WORKER, Part.TEMPORAL)),
    (Kind.KILL, (Part.API, Part.POSTGRES)),
    (Kind.KILL, _ALL),
    (Kind.STOP, (Part.WORKER, Part.POSTGRES)),
    (Kind.LOSE, (Part.TEMPORAL,)),
    (Kind.READ_ONLY, ()),
    (Kind.SLOW, ()),
    (Kind.LOCKED, ()),
    (Kind.SIGNALS, ()),
    (Kind.SIGNALS, (Part.WORKER,)),
    (Kind.RUSH, ()),
)


def disturbances(seed: int, seconds: float) -> list[Disturbance]:
    """One after the other until so many seconds have gone by; each kind comes before any comes again."""
    dice = random.Random(seed)
    planned: list[Disturbance] = []
    deck: list[tuple[Kind, tuple[Part, ...]]] = []
    while seconds > 0:
        if not deck:
            deck = list(_DECK)
            dice.shuffle(deck)
        kind, parts = deck.pop()
        planned.append(Disturbance(dice.uniform(0.5, 5.0), kind, parts, dice.uniform(0.2, 6.0)))
        seconds -= planned[-1].pause + planned[-1].lasts
    return planned


@dataclass(frozen=True)
class Task:
    """A batch to be played; ``seed``: of which steps its clerk sends twice."""

    course: Course
    acts: tuple[Act, ...]
    seed: int


def tasks(seed: int) -> Iterator[Task]:
    """Without end; all courses come in turn, each by days, and where nothing has to lapse also on one day."""
    dice = random.Random(seed)
    while True:
        courses = [*COURSES, *BESIDE]
        one_day = [course for course in courses if not any(isinstance(act, Lapse) for act in course.acts)]
        deck = [(course, course.acts) for course in courses]
        deck += [(course, _on_one_day(course)) for course in one_day[:3]]
        dice.shuffle(deck)
        for course, acts in deck:
            yield Task(course, acts, dice.getrandbits(32))


def _on_one_day(course: Course) -> tuple[Act, ...]:
    return tuple(act for act in course.acts if not isinstance(act, Pass))
