"""What a batch played in memory has written for records and figures, and what is rebuilt from its record."""

from judging.quality import judged
from messages.quality import QualityEntry, Tally, tally_of_order
from tests.quick.played import InMemory


def written(batch: InMemory) -> tuple[Tally, QualityEntry | None]:
    """What its records have written last, as it lies in the store."""
    tally, entry = tally_of_order(batch.world.opening), None
    for change in batch.world.changes:
        tally, entry = change.tally or tally, change.quality or entry
    return tally, entry


def entries(batch: InMemory) -> list[QualityEntry]:
    """All that was said of its result, one after the other."""
    return [change.quality for change in batch.world.changes if change.quality is not None]


def assert_as_rebuilt(batch: InMemory) -> None:
    assert written(batch) == judged(batch.world.opening, batch.world.kept)
