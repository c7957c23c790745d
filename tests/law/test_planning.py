"""What a plan or a scheme lacks to be approved, and who approves it."""

from datetime import date
from decimal import Decimal

import pytest

from law.planning import (
    PlannedItem,
    budget_lacking,
    elements_lacking,
    items_lacking,
    quantities_lacking,
)
from law.promises import COMMISSION_ELEMENTS, PLAN_ELEMENTS, SCHEME_ELEMENTS
from law.regulation import in_force_on
from law.rules import Planning
from law.vocabulary import Role
from messages.planning import CommissionContent, PlanContent, SchemeContent

PLANNING = in_force_on(date(2026, 9, 1)).planning
assert isinstance(PLANNING, Planning)
OF_SECTION_3 = {
    *("product_kinds", "sample_quantity", "buyer", "username", "laboratories", "delivery_address"),
    *("procedure", "items", "judgement_principle", "result_notification", "retest_arrangement", "budget"),
    *("contact", "platforms"),
}


def test_a_scheme_must_have_every_element_of_section_3() -> None:
    """The rule cites §3; what it adds is the purchase's cost, without which no budget can be counted."""
    assert PLANNING is not None
    named = {element.name for element in PLANNING.scheme.must_have}
    assert named == OF_SECTION_3 | {"purchase_cost"}
    assert (PLANNING.scheme.rests_on, PLANNING.plan.rests_on) == ("§3", "§4")


def test_what_is_demanded_can_be_said() -> None:
    """The law names it; the drafts have it."""
    assert set(PlanContent.model_fields) >= PLAN_ELEMENTS
    assert set(SchemeContent.model_fields) >= SCHEME_ELEMENTS
    assert set(CommissionContent.model_fields) >= COMMISSION_ELEMENTS


def test_what_is_missing_is_named_by_its_title() -> None:
    assert PLANNING is not None
    lacking = elements_lacking(PLANNING.scheme, OF_SECTION_3 - {"budget", "contact"})
    assert lacking == ("费用预算", "每批次购样费", "联系方式")
    assert elements_lacking(PLANNING.scheme, SCHEME_ELEMENTS) == ()


def test_each_item_has_its_standard_and_requirement() -> None:
    items = [
        PlannedItem(name="标志", standard=None, requirement="应有名称"),
        PlannedItem(name="跌落", standard="GB 1", requirement=None),
        PlannedItem(name="耐热", standard="GB 1", requirement="无裂纹"),
    ]
    assert items_lacking(items) == ("检验项目“标志”的检验标准", "检验项目“跌落”的标准要求")


@pytest.mark.parametrize(
    ("plan", "others", "own", "over"),
    [("100", "60", "40", None), ("100", "60", "40.01", "超出0.01元"), (None, "60", "1", None)],
)
def test_the_plans_budget_bears_its_schemes(
    plan: str | None, others: str, own: str, over: str | None
) -> None:
    """To the cent; where the plan says none, that is lacking and nothing is counted."""
    found = budget_lacking(None if plan is None else Decimal(plan), Decimal(others), Decimal(own))
    assert (over is None and not found) or (over is not None and over in found[0])


def test_what_is_ordered_is_not_adjusted_away() -> None:
    """A kind that was left out, or fewer than were ordered; in any spelling."""
    used = {"儿童保温杯": 3, "玩具": 1}
    assert quantities_lacking({"儿童 保温杯": 3, "玩具": 1}, used) == ()
    lacking = quantities_lacking({"儿童保温杯": 2}, used)
    assert [one.split("：")[0] for one in lacking] == [
        "商品品种“儿童保温杯”的批次数量",
        "商品品种“玩具”的批次数量",
    ]


def test_the_approver_decides() -> None:
    """Nobody else; that he did not draft it is judged with the drafters at hand."""
    assert PLANNING is not None
    assert PLANNING.plan.approved_by == PLANNING.scheme.approved_by == (Role.APPROVER,)
