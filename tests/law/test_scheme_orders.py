"""Whether scheme, laboratory and platform bear an order, and what it takes of quantity and budget."""

from datetime import date
from decimal import Decimal

import pytest

from law.ordering import OrderRefused
from law.scheme_orders import (
    Contracted,
    ItemByStandard,
    Priced,
    Qualified,
    check_among_laboratories,
    check_budget,
    check_platform,
    check_qualified,
    check_room,
    contract_on,
    cost_of,
    kind_in_scheme,
)

DAY = date(2026, 9, 17)
MARKS = ItemByStandard(item="标志", standard="GB 1-2020")
HEAT = ItemByStandard(item="耐热冲击", standard="GB 1-2020")


def qualified(of: ItemByStandard, until: date = date(2030, 1, 1)) -> Qualified:
    return Qualified(item=of.item, standard=of.standard, valid_until=until)


def contract(number: str, start: date, end: date, *prices: Priced) -> Contracted:
    return Contracted(contract_no=number, holds_from=start, holds_to=end, testing_days=20, prices=prices)


def refusal(code: str) -> "pytest.RaisesExc[OrderRefused]":
    return pytest.raises(OrderRefused, check=lambda error: error.code == code)


def test_a_laboratory_is_qualified_by_item_and_standard_in_any_spelling() -> None:
    """GB1-2020 in full width is GB 1-2020; to its last day a qualification holds."""
    spelled = Qualified(item="标志", standard="ＧＢ1-2020", valid_until=DAY)
    check_qualified([MARKS], [spelled], DAY)
    check_qualified([MARKS], [qualified(MARKS, date(2020, 1, 1)), qualified(MARKS)], DAY)


def test_an_item_without_its_standard_is_not_qualified_for() -> None:
    """Each that is missing is named."""
    other = ItemByStandard(item="标志", standard="GB 2-2020")
    with refusal("laboratory_not_qualified") as refused:
        check_qualified([MARKS, HEAT], [qualified(other), qualified(HEAT)], DAY)
    assert "标志（GB 1-2020）" in refused.value.detail
    assert "耐热" not in refused.value.detail


def test_a_qualification_that_has_run_out_is_told_with_its_day() -> None:
    with refusal("qualification_expired") as refused:
        check_qualified([MARKS], [qualified(MARKS, date(2026, 9, 16))], DAY)
    assert "至2026年9月16日" in refused.value.detail


def test_the_contract_covers_its_days_and_no_other() -> None:
    """Both ends are within; of two the one that began last counts."""
    old = contract("甲", date(2026, 1, 1), DAY)
    new = contract("乙", DAY, date(2027, 1, 1))
    assert contract_on([old, new], DAY).contract_no == "乙"
    assert contract_on([old], DAY).contract_no == "甲"
    for contracts, day, said in (([old], date(2026, 9, 18), "甲自2026年1月1日"), ([], DAY, "没有登记合同")):
        with refusal("laboratory_out_of_contract") as refused:
            contract_on(contracts, day)
        assert said in refused.value.detail


def test_a_batch_costs_its_purchase_and_each_test() -> None:
    """A test that nobody agreed a price for cannot be counted."""
    prices = [Priced(item=one.item, standard=one.standard, price=Decimal("300.50")) for one in (MARKS, HEAT)]
    whole = contract("甲", DAY, DAY, *prices)
    assert cost_of([MARKS, HEAT], whole, Decimal("600.00")) == Decimal("1201.00")
    with refusal("price_missing") as refused:
        cost_of([MARKS, HEAT], contract("甲", DAY, DAY, prices[0]), Decimal(0))
    assert "耐热冲击" in refused.value.detail


def test_quantity_and_budget_go_to_the_last() -> None:
    """The last batch and the last cent are within; one more is not."""
    check_room("保温杯", {"保温杯": 3}, 2)
    check_budget(Decimal("100.00"), Decimal("60.00"), Decimal("40.00"))
    with refusal("quantity_used_up"):
        check_room("保温杯", {"保温杯": 3}, 3)
    with refusal("budget_used_up") as refused:
        check_budget(Decimal("100.00"), Decimal("60.00"), Decimal("40.01"))
    assert "剩余40.00元" in refused.value.detail


def test_a_kind_is_the_schemes_in_any_spelling() -> None:
    """Its only one where none is named; where it has several, one must be."""
    assert kind_in_scheme("儿童 保温杯", ["儿童保温杯", "玩具"]) == "儿童保温杯"
    assert kind_in_scheme(None, ["玩具"]) == "玩具"
    with refusal("product_kind_missing"):
        kind_in_scheme(None, ["儿童保温杯", "玩具"])
    with refusal("product_kind_not_in_scheme"):
        kind_in_scheme("家具", ["儿童保温杯", "玩具"])


def test_laboratory_and_platform_are_the_schemes() -> None:
    check_among_laboratories("LAB-01", ["LAB-01"])
    check_platform("示例平台", "PT-01", ["PT-01"])
    with refusal("laboratory_not_in_scheme"):
        check_among_laboratories("LAB-02", ["LAB-01"])
    with refusal("platform_not_in_scheme"):
        check_platform("示例平台", "PT-02", ["PT-01"])
