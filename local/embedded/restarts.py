"""How often a part of the stack that dies is started again, and after what pause: a judgement, no effects."""

from collections import defaultdict

MOST = 3
WITHIN_SECONDS = 600.0
# The first time at once; what dies again at once wants a moment for its cause to go.
_PAUSES_SECONDS = (0.0, 5.0, 30.0)


class Restarts:
    """What was started again lately. Times are seconds of one clock that never goes back."""

    def __init__(self) -> None:
        self._begun: defaultdict[str, list[float]] = defaultdict(list)

    def pause(self, name: str, now: float) -> float | None:
        """Seconds to wait before a part that has just died is started again; None where it is to stay so."""
        lately = self._lately(name, now)
        return None if lately >= MOST else _PAUSES_SECONDS[lately]

    def note(self, name: str, now: float) -> int:
        """That a part is started again now; the how manieth time within the period that is."""
        self._begun[name].append(now)
        return self._lately(name, now)

    def forget(self, name: str) -> None:
        """Somebody has looked after the part: it is counted afresh."""
        self._begun.pop(name, None)

    def _lately(self, name: str, now: float) -> int:
        self._begun[name] = [begun for begun in self._begun[name] if now - begun < WITHIN_SECONDS]
        return len(self._begun[name])
