"""Which laboratory may test, and which may test again (§3, §6)."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from law.names import folded, is_unknown, not_among, without_notes
from law.regulation import Regulation
from law.rules import LawValue


class LabGrade(StrEnum):
    """Grades of qualification, the highest first."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"
    MUNICIPAL = "municipal"
    OTHER = "other"

    @property
    def chinese(self) -> str:
        return _TITLES[self]

    def is_below(self, other: "LabGrade") -> bool:
        grades = list(LabGrade)
        return grades.index(self) > grades.index(other)


_TITLES = {
    LabGrade.NATIONAL: "国家级",
    LabGrade.PROVINCIAL: "省级",
    LabGrade.MUNICIPAL: "市级",
    LabGrade.OTHER: "其他",
}


class LabDefect(LawValue):
    """What stands against a laboratory; an "in principle" rule (原则上) yields to a supervisor's reason."""

    code: str
    sentence: str
    cured_by_reason: bool


class Registered(LawValue):
    """A laboratory as the register has it; one legal person is one laboratory, whatever its code."""

    code: str
    name: str
    registration: str | None = None

    def is_same_as(self, other: "Registered") -> bool:
        """By the unified social credit code where both have one, else by name or code, in any spelling."""
        if not (is_unknown(self.registration) or is_unknown(other.registration)):
            return folded(self.registration) == folded(other.registration)
        ours, theirs = folded(without_notes(self.name)), folded(without_notes(other.name))
        return ours == theirs or folded(self.code) == folded(other.code)


def unqualified_items(items: Collection[str], qualified_for: Collection[str]) -> tuple[str, ...]:
    """The items of a scheme that a laboratory is not qualified to test (§3)."""
    return not_among(items, qualified_for)


def retest_laboratory_defects(
    reg: Regulation,
    *,
    laboratory: Registered,
    original_laboratory: Registered,
    grade: LabGrade,
    original_grade: LabGrade,
    items: Collection[str],
    qualified_for: Collection[str],
) -> tuple[LabDefect, ...]:
    """Everything that stands against appointing ``laboratory`` for a retest (§6).

    It must be qualified for the items; it is in principle not the original laboratory, and a higher grade is
    preferred, so both of these need a supervisor's reason to depart from.
    """
    defects: list[LabDefect] = []
    if missing := unqualified_items(items, qualified_for):
        sentence = f"复检机构不具备下列项目的资质：{'、'.join(missing)}"
        defects.append(LabDefect(code="not_qualified", sentence=sentence, cured_by_reason=False))
    if laboratory.is_same_as(original_laboratory):
        if reg.readings.retest_laboratory_must_differ:
            sentence = "复检机构原则上不应与原检验机构相同，确需相同的须由处室负责人说明理由"
            defects.append(LabDefect(code="same_laboratory", sentence=sentence, cured_by_reason=True))
    elif reg.readings.higher_grade_laboratory_preferred and grade.is_below(original_grade):
        sentence = (
            f"复检机构资质等级（{grade.chinese}）低于原承检机构（{original_grade.chinese}），"
            "须由处室负责人说明理由"
        )
        defects.append(LabDefect(code="lower_grade", sentence=sentence, cured_by_reason=True))
    return tuple(defects)


def remaining_defects(defects: Iterable[LabDefect], supervisor_reason: str | None) -> tuple[LabDefect, ...]:
    """What still stands against a laboratory once a supervisor's reason, if there is one, is heard (§6)."""
    has_reason = bool(supervisor_reason and supervisor_reason.strip())
    return tuple(defect for defect in defects if not (has_reason and defect.cured_by_reason))
