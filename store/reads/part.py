"""What of all batches somebody is told of: all, a laboratory's own, or a subordinate bureau's."""

from dataclasses import dataclass

from messages.own_part import RETESTING_WAITS, TESTING_WAITS

_LABORATORYS = "(b.laboratory = :laboratory or b.retest_laboratory = :laboratory)"
_BUREAUS = "b.batch_no in (select u.batch_no from scheme_uses u where u.bureau = :bureau)"

# What is a laboratory's matter (decision 51), of the batches that it tests and of those that it retests.
_LABORATORYS_WAITS = " or ".join(
    f"(w.batch_no in (select batch_no from batches where {whose} = :laboratory)"
    f" and split_part(w.wait_id, ':', 1) in ({', '.join(map(repr, map(str, waits)))}))"
    for whose, waits in (("laboratory", TESTING_WAITS), ("retest_laboratory", RETESTING_WAITS))
)
_BUREAUS_WAITS = _BUREAUS.replace("b.batch_no", "w.batch_no")


@dataclass(frozen=True)
class SeenPart:
    """``laboratory``: of the batches that it tests; ``bureau``: of those that it carries out."""

    laboratory: str | None = None
    bureau: str | None = None

    @property
    def conditions(self) -> dict[str, bool]:
        """On a batch ``b``, each with whether it is asked."""
        return {_LABORATORYS: self.laboratory is not None, _BUREAUS: self.bureau is not None}

    @property
    def of_waits(self) -> dict[str, bool]:
        """On a wait ``w``, each with whether it is asked."""
        asked = self.laboratory is not None, self.bureau is not None
        return dict(zip((f"({_LABORATORYS_WAITS})", _BUREAUS_WAITS), asked, strict=True))

    @property
    def of_theirs(self) -> str:
        """As :attr:`of_waits`, behind other conditions on ``w``."""
        return "".join(f" and {condition}" for condition, asked in self.of_waits.items() if asked)

    @property
    def parameters(self) -> dict[str, str | None]:
        return {"laboratory": self.laboratory, "bureau": self.bureau}


EVERYTHING = SeenPart()
