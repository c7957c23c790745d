"""Commissions: within their scheme, for one bureau and one matter, until their day, as many as said (§3)."""

from datetime import date

import pytest

from law.commissions import (
    Commissioned,
    check_commission_left,
    check_commission_stands,
    check_commissioned,
    kind_commissioned,
    scope_lacking,
    term_lacking,
)
from law.ordering import OrderRefused

DAY = date(2026, 9, 1)
GIVEN = Commissioned(
    id="WT2026-0001", scheme_id="FA2026-0001", to_bureau=True, until=DAY, kinds={"儿童保温杯": 2}
)


def test_a_commission_is_within_its_scheme() -> None:
    """By kinds as they are compared, and by how many; what it lacks is said in words."""
    assert scope_lacking({"儿童 保温杯": 20}, {"儿童保温杯": 20}, {}) == ()
    (more,) = scope_lacking({"儿童保温杯": 21}, {"儿童保温杯": 20}, {})
    assert more == "商品品种“儿童保温杯”委托21批次，抽检实施方案只有20批次"
    taken = {"儿童保温杯": 9, "儿童 保温杯": 10}
    assert scope_lacking({"儿童保温杯": 1}, {"儿童保温杯": 20}, taken) == ()
    (rest,) = scope_lacking({"儿童保温杯": 2}, {"儿童保温杯": 20}, taken)
    assert "只余1批次" in rest
    (other,) = scope_lacking({"电热毯": 1}, {"儿童保温杯": 20}, {})
    assert "不在抽检实施方案之中" in other


def test_the_last_day_of_a_commission_is_within_it() -> None:
    """On it is ordered, the day after not."""
    assert term_lacking(DAY, DAY) == ()
    assert term_lacking(None, DAY) == ()
    assert term_lacking(DAY, date(2026, 9, 2)) != ()
    check_commissioned(GIVEN, "FA2026-0001", DAY)
    with pytest.raises(OrderRefused) as refusal:
        check_commissioned(GIVEN, "FA2026-0001", date(2026, 9, 2))
    assert (refusal.value.code, "2026年9月1日" in refusal.value.detail) == ("commission_expired", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to_bureau": False}, "commission_not_to_bureau"),
        ({"scheme_id": "FA2026-0002"}, "commission_of_other_scheme"),
    ],
)
def test_one_commission_is_for_one_matter(changes: dict[str, object], code: str) -> None:
    with pytest.raises(OrderRefused) as refusal:
        check_commissioned(GIVEN.model_copy(update=changes), "FA2026-0001", DAY)
    assert refusal.value.code == code


def test_no_more_is_ordered_than_is_commissioned() -> None:
    """Of each kind, as goods are compared."""
    assert kind_commissioned(GIVEN, "儿童-保温杯") == 2
    check_commission_left(GIVEN, "儿童保温杯", 1)
    with pytest.raises(OrderRefused) as refusal:
        check_commission_left(GIVEN, "儿童保温杯", 2)
    assert (refusal.value.code, "共2批次" in refusal.value.detail) == ("commission_used_up", True)
    with pytest.raises(OrderRefused) as refusal:
        kind_commissioned(GIVEN, "电热毯")
    assert refusal.value.code == "product_kind_not_commissioned"


def test_nothing_is_ordered_under_one_that_has_ended() -> None:
    check_commission_stands("WT2026-0001", None)
    with pytest.raises(OrderRefused) as refusal:
        check_commission_stands("WT2026-0001", DAY)
    assert (refusal.value.code, "2026年9月1日终止" in refusal.value.detail) == ("commission_ended", True)
