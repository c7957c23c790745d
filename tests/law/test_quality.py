"""Whose record a result is in, and how records weigh in a draw."""

from datetime import date

import pytest

from law.quality import (
    SubjectKind,
    keys_sought,
    person_key,
    person_keys,
    product_keys,
    weight_of,
    weight_rule,
)

CODE = "91330106MA2AAAAA0X"


@pytest.mark.parametrize(
    "said", [CODE, CODE.lower(), f"统一社会信用代码：{CODE}", "９１３３０１０６ma2aaaaa0x"]
)
def test_a_legal_person_is_told_by_its_code_however_it_is_written(said: str) -> None:
    """Whatever name stands beside it."""
    assert person_key("示例公司", said) == person_key("另一名称", CODE) == CODE.lower()


@pytest.mark.parametrize("name", ["示例制造有限公司", "示例 制造有限公司（标称）", "示例制造有限公司®"])
def test_without_a_code_a_legal_person_is_told_by_its_name(name: str) -> None:
    assert person_key(name) == person_key("示例制造有限公司", "无")


def test_a_natural_person_is_told_by_the_registration_alone() -> None:
    """Two of one name are two; the number of the papers stands in no key."""
    one = person_key("王某", "330106199001011234", natural=True)
    other = person_key("王某", "330106199001011235", natural=True)
    assert one != other
    assert one is not None
    assert "1990" not in one
    assert person_key("王某", "无", natural=True) is None
    assert person_keys("王某", "无", natural=True) == ()


def test_somebody_unknown_has_no_record() -> None:
    assert person_key("见包装") is None
    assert person_keys("无", None) == ()


def test_a_legal_person_of_the_registers_is_known_by_code_and_by_name() -> None:
    """Goods tell their producer's name and no code."""
    assert person_keys("示例制造有限公司", CODE) == (CODE.lower(), "示例制造有限公司")


def test_a_product_is_trademark_and_model_as_the_repeat_limit_compares_them() -> None:
    assert product_keys("示例牌", "ＳＬ-500") == product_keys("示例", "sl 500") == ("示例·sl500",)
    assert product_keys("甲、乙", "A1") == ("乙·a1", "甲·a1")
    assert product_keys("无", "A1") == product_keys("甲", "见包装") == ()


def test_a_key_leads_to_itself() -> None:
    for kind in (SubjectKind.SELLER, SubjectKind.PRODUCER, SubjectKind.PLATFORM):
        for key in (CODE.lower(), "示例制造有限公司", "np-0123456789abcdef01234567"):
            assert key in keys_sought(key, kind)
    assert keys_sought("示例·sl500", SubjectKind.PRODUCT) == ("示例·sl500",)
    assert keys_sought("示例", SubjectKind.PRODUCT) == ()


@pytest.mark.parametrize(("failed", "weight"), [(0, 1), (1, 2), (3, 4), (4, 5), (5, 5), (40, 5)])
def test_a_weight_grows_with_each_failed_result_up_to_a_limit(failed: int, weight: int) -> None:
    """The bureau's own rule, as the file says."""
    assert weight_of(weight_rule(), failed) == weight
    assert "本局自定" in weight_rule().statement


def test_results_of_two_years_count() -> None:
    assert weight_rule().since(date(2026, 11, 30)) == date(2024, 11, 30)
    assert weight_rule().since(date(2028, 2, 29)) == date(2026, 2, 28)
