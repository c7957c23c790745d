from typing import Literal

import pytest

from law.referral import ReferralTarget, refer_to
from law.regulation import Regulation
from law.vocabulary import Category
from tests.law.places import BEIJING, NINGBO, XIACHENG, XIHU, YUHANG, Domicile


@pytest.mark.parametrize(
    ("category", "seller"), [(Category.SELLER_IN_CITY, XIHU), (Category.PLATFORM_IN_CITY, BEIJING)]
)
def test_goods_from_a_platform_of_the_city_go_to_the_platforms_district(
    reg: Regulation, category: Category, seller: Domicile
) -> None:
    """To the district of the platform's domicile, wherever the seller is, copied to 网监办 (§7)."""
    target = refer_to(reg, category, seller, YUHANG, None)
    assert target.authority == "杭州市余杭区市场监督管理局"
    assert target.copies == ("杭州市市场监督管理局网监办",)
    assert (target.rests_on, target.needs_instruction) == ("§7", False)


@pytest.mark.parametrize("platform", [None, BEIJING])
def test_otherwise_a_seller_of_the_city_goes_to_its_own_district(
    reg: Regulation, platform: Domicile | None
) -> None:
    """Without a platform, or on one from elsewhere, the seller's own district acts, without copies (§7)."""
    target = refer_to(reg, Category.SELLER_IN_CITY, XIHU, platform, None)
    assert (target.authority, target.copies) == ("杭州市西湖区市场监督管理局", ())


def test_a_seller_of_the_province_is_referred_as_the_province_instructs(reg: Regulation) -> None:
    """Category (3): a person records the province's instruction (§7)."""
    target = refer_to(reg, Category.SELLER_IN_PROVINCE, NINGBO, BEIJING, None)
    assert target.needs_instruction
    assert "浙江省市场监督管理局" in target.authority
    assert target.rests_on == "§7"


def test_an_authorized_batch_is_referred_as_the_authorizing_body_instructs(reg: Regulation) -> None:
    """Category (4) elsewhere: a person records the instruction of whoever gave the authorization."""
    target = refer_to(reg, Category.AUTHORIZED, BEIJING, BEIJING, None)
    assert target.needs_instruction
    assert (target.authority, target.rests_on) == ("授权或委托机关指定的机关", "§2")


@pytest.mark.parametrize(
    ("urgent_to", "authority"),
    [("enforcement", "杭州市市场监督管理局稽查支队"), ("online_office", "杭州市市场监督管理局网监办")],
)
def test_urgent_matters_go_where_the_approver_sends_them(
    reg: Regulation, urgent_to: Literal["enforcement", "online_office"], authority: str
) -> None:
    """Grave and urgent, or assigned by a leader: enforcement detachment or 网监办, with a reason (§7)."""
    target = refer_to(reg, Category.SELLER_IN_CITY, XIHU, YUHANG, urgent_to)
    assert (target.authority, target.copies) == (authority, ())
    assert "分管负责人的理由" in target.note


def test_a_district_that_is_no_more_goes_to_a_person(reg: Regulation) -> None:
    """下城区 was merged away in 2021: an old licence leads to a person, not to an error."""
    target = refer_to(reg, Category.SELLER_IN_CITY, XIACHENG, None, None)
    assert target.needs_instruction
    assert "下城区" in target.note


def test_a_referral_survives_its_journey(reg: Regulation) -> None:
    """A target written down as JSON and read again is the same target."""
    target = refer_to(reg, Category.SELLER_IN_CITY, XIHU, YUHANG, None)
    assert ReferralTarget.model_validate_json(target.model_dump_json()) == target
