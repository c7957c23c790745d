"""The steps of a batch that wait for their decision, in the order of the ledger."""

from collections import deque
from collections.abc import Iterable
from uuid import UUID

from messages.envelope import StepEnvelope
from messages.records import EarlierInput


class Inbox:
    """Takes a step once, whichever signal was lost, overtaken or sent again; gives them back in order."""

    def __init__(self, decided: Iterable[UUID]) -> None:
        self._seen = set(decided)
        self._waiting: deque[StepEnvelope] = deque()
        self._held: list[StepEnvelope] = []
        self._looked_up_to = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def is_holding(self) -> bool:
        return bool(self._held)

    @property
    def seen(self) -> tuple[UUID, ...]:
        """Every step that came, decided or not."""
        return tuple(sorted(self._seen))

    @property
    def first(self) -> StepEnvelope:
        return self._waiting[0]

    def take(self, envelope: StepEnvelope) -> None:
        """Put a step before those filed after it; an operator's signal, which has no place, comes last."""
        if envelope.step_id in self._seen:
            return
        self._seen.add(envelope.step_id)
        mine = envelope.position
        later = (i for i, other in enumerate(self._waiting) if mine and (other.position or 0) > mine)
        self._waiting.insert(next(later, len(self._waiting)), envelope)

    def settled(self, envelope: StepEnvelope) -> None:
        """The step has its decision on record."""
        self._waiting.remove(envelope)

    def hold(self, envelope: StepEnvelope) -> None:
        """Set a step aside until the letter it follows from has left."""
        self._waiting.remove(envelope)
        self._held.append(envelope)

    def release(self) -> None:
        """What was set aside is decided next."""
        self._waiting.extendleft(reversed(self._held))
        self._held.clear()

    def missing_before_first(self, batch_no: str, position: int) -> EarlierInput | None:
        """What to ask the ledger for: the steps between ``position`` and the first here, if any can be.

        Asked once: what the ledger has then is all there is, for it gives out each place once.
        """
        mine, known = self.first.position, max(position, self._looked_up_to)
        if mine is None or mine <= known + 1:
            return None
        self._looked_up_to = mine - 1
        return EarlierInput(batch_no=batch_no, after=known, before=mine, taken=self.seen)
