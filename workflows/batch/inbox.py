"""The steps of a batch that wait for their decision, in the order of the ledger."""

from collections import deque
from collections.abc import Iterable
from uuid import UUID

from messages.envelope import StepEnvelope
from messages.records import NotTheLedgers
from messages.standing import StandingResult


class Inbox:
    """Takes a step once, whichever signal was lost, overtaken or sent again; gives them back in order.

    A signal proves nothing: what the ledger says of a step replaces what a signal said.
    """

    def __init__(self) -> None:
        self._waiting: deque[StepEnvelope] = deque()
        self._held: list[StepEnvelope] = []
        self._known_to = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def is_holding(self) -> bool:
        return bool(self._held)

    @property
    def here(self) -> tuple[UUID, ...]:
        """The steps that have come and are not decided."""
        return tuple(sorted(envelope.step_id for envelope in (*self._waiting, *self._held)))

    @property
    def first(self) -> StepEnvelope:
        return self._waiting[0]

    def take(self, envelope: StepEnvelope) -> None:
        """Put a step before those filed after it; an operator's signal, which has no place, comes last."""
        if envelope.step_id in self.here:
            return
        mine = envelope.position
        later = (i for i, other in enumerate(self._waiting) if mine and (other.position or mine + 1) > mine)
        self._waiting.insert(next(later, len(self._waiting)), envelope)

    def take_filed(self, envelopes: Iterable[StepEnvelope]) -> None:
        """Steps as the ledger holds them, which a signal may have shown otherwise."""
        for envelope in envelopes:
            self._drop(envelope.step_id)
            self.take(envelope)

    def corrected(self, said: NotTheLedgers) -> None:
        """The ledger holds another step under this id, or none: that one counts, or nothing does."""
        self._drop(said.step_id)
        if said.filed is not None:
            self.take(said.filed)

    def settled(self, envelope: StepEnvelope) -> None:
        """The step has its decision on record, or needs none."""
        self._drop(envelope.step_id)

    def hold(self, envelope: StepEnvelope) -> None:
        """Set a step aside until the letter it follows from has left."""
        self._waiting.remove(envelope)
        self._held.append(envelope)

    def release(self) -> None:
        """What was set aside is decided next."""
        self._waiting.extendleft(reversed(self._held))
        self._held.clear()

    def is_gap_before_first(self, position: int) -> bool:
        """Whether steps may lie between ``position`` and the first here that have not come.

        Asked once: what the ledger has then is all there is, for it gives out each place once.
        """
        mine, known = self.first.position, max(position, self._known_to)
        return mine is not None and mine > known + 1

    def looked_up(self, standing: StandingResult) -> None:
        """All steps that were filed so far are here."""
        self._known_to = standing.position
        self.take_filed(standing.steps)

    def _drop(self, step_id: UUID) -> None:
        self._waiting = deque(one for one in self._waiting if one.step_id != step_id)
        self._held = [one for one in self._held if one.step_id != step_id]
