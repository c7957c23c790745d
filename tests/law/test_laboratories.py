import pytest

from law.laboratories import LabDefect, LabGrade, Registered, remaining_defects, retest_laboratory_defects
from law.regulation import Regulation

ITEMS = ("耐热冲击", "标志")


def _defects(
    reg: Regulation,
    *,
    laboratory: str = "LAB-02",
    grade: LabGrade = LabGrade.NATIONAL,
    qualified_for: tuple[str, ...] = ITEMS,
) -> tuple[LabDefect, ...]:
    return retest_laboratory_defects(
        reg,
        laboratory=Registered(code=laboratory, name=f"示例检验院{laboratory}"),
        original_laboratory=Registered(code="LAB-01", name="示例检验院LAB-01"),
        grade=grade,
        original_grade=LabGrade.PROVINCIAL,
        items=ITEMS,
        qualified_for=qualified_for,
    )


@pytest.mark.parametrize("grade", [LabGrade.NATIONAL, LabGrade.PROVINCIAL])
def test_another_laboratory_of_no_lower_grade_may_test_again(reg: Regulation, grade: LabGrade) -> None:
    """Qualified, another one, of a higher or the same grade (§6)."""
    assert _defects(reg, grade=grade) == ()


def test_the_original_laboratory_needs_a_reason(reg: Regulation) -> None:
    """In principle not the original laboratory: a supervisor's reason overcomes it (§6)."""
    defects = _defects(reg, laboratory="LAB-01", grade=LabGrade.PROVINCIAL)
    assert [(defect.code, defect.cured_by_reason) for defect in defects] == [("same_laboratory", True)]
    assert remaining_defects(defects, "本省仅此一家具备资质") == ()
    assert remaining_defects(defects, "  ") == defects
    assert remaining_defects(defects, None) == defects


def test_a_lower_grade_needs_a_reason(reg: Regulation) -> None:
    """A higher grade is preferred, so a lower one than the original's is explained (§6)."""
    defects = _defects(reg, grade=LabGrade.MUNICIPAL)
    assert [(defect.code, defect.cured_by_reason) for defect in defects] == [("lower_grade", True)]
    assert "（市级）低于原承检机构（省级）" in defects[0].sentence


def test_no_reason_replaces_a_qualification(reg: Regulation) -> None:
    """A laboratory without qualification for an item is out, whatever the reason (§6)."""
    defects = _defects(reg, qualified_for=("标志",))
    assert [(defect.code, defect.cured_by_reason) for defect in defects] == [("not_qualified", False)]
    assert "耐热冲击" in defects[0].sentence
    assert remaining_defects(defects, "情况紧急") == defects


def test_both_preferences_are_switches(reg: Regulation) -> None:
    """A bureau that drops the two preferences needs no reasons."""
    switches = {"retest_laboratory_must_differ": False, "higher_grade_laboratory_preferred": False}
    other = reg.model_copy(update={"readings": reg.readings.model_copy(update=switches)})
    assert _defects(other, laboratory="LAB-01") == ()
    assert _defects(other, grade=LabGrade.OTHER) == ()


def test_grades_are_ordered() -> None:
    """National above provincial above municipal above other."""
    national, provincial, municipal, other = LabGrade
    assert provincial.is_below(national)
    assert municipal.is_below(provincial)
    assert other.is_below(municipal)
    assert not national.is_below(national)
    assert not national.is_below(other)


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ({"code": "lab-01", "name": "浙江省示例检验院二部"}, True),
        ({"code": "LAB-09", "name": "浙江省示例检验院 （实验室）"}, False),
        ({"code": "LAB-09", "name": "浙江省 示例检验院（标称）"}, True),
        ({"code": "LAB-09", "name": "示例检测中心", "registration": "12330000470000001a"}, True),
        ({"code": "LAB-01", "name": "浙江省示例检验院", "registration": "12330000470000002B"}, False),
        ({"code": "LAB-09", "name": "浙江省示例检验院", "registration": "不详"}, True),
    ],
)
def test_one_legal_person_is_one_laboratory(other: dict[str, str], is_same: bool) -> None:
    """Under whatever code: by its unified social credit code, else by its name or code in any spelling."""
    ours = Registered(code="LAB-01", name="浙江省示例检验院", registration="12330000470000001A")
    theirs = Registered.model_validate(other)
    assert ours.is_same_as(theirs) is theirs.is_same_as(ours) is is_same
