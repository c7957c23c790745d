"""All that one run measures, and how much of it."""

from dataclasses import dataclass

from bench.desk import DeskPage
from bench.evidence import Evidence
from bench.herd import Herd
from bench.history import Length
from bench.letters import Pressed
from bench.replays import Replayed
from bench.rest import AtRest
from bench.speed import Speeds


@dataclass(frozen=True)
class Size:
    """How much is measured; 0 leaves out what has None below."""

    in_flight: int
    batches: int
    rounds: int
    lone: int
    replays: int
    open_batches: int
    letters: int
    windows: int
    evidence_mib: int
    desk_batches: int


@dataclass(frozen=True)
class Skipped:
    """Measured on a stack whose batches may be fast-forwarded."""

    silent: Length
    announced: Length
    replay: Replayed
    plain_replay: Replayed
    herd: Herd | None


@dataclass(frozen=True)
class Numbers:
    speeds: Speeds
    skipped: Skipped
    at_rest: AtRest | None
    letters: Pressed | None
    evidence: Evidence | None
    desk: tuple[DeskPage, ...]
    seconds: float
