import pytest

from law.goods import Goods
from law.ordering import (
    OrderRefused,
    RepeatGround,
    category_of,
    check_form,
    check_laboratory,
    check_occasion,
    check_scope,
    counts_as_sampling,
    repeat_judgement,
)
from law.regulation import Regulation
from law.vocabulary import Category, Outcome
from tests.law.places import BEIJING, NINGBO, XIHU, Domicile


@pytest.mark.parametrize(
    ("seller", "platform", "authorization", "category"),
    [
        (XIHU, None, None, Category.SELLER_IN_CITY),
        (XIHU, BEIJING, None, Category.SELLER_IN_CITY),
        (XIHU, XIHU, "授权〔2026〕1号", Category.SELLER_IN_CITY),
        (BEIJING, XIHU, None, Category.PLATFORM_IN_CITY),
        (NINGBO, XIHU, "授权〔2026〕1号", Category.PLATFORM_IN_CITY),
        (NINGBO, BEIJING, None, Category.SELLER_IN_PROVINCE),
        (NINGBO, NINGBO, None, Category.SELLER_IN_PROVINCE),
        (NINGBO, None, "授权〔2026〕1号", Category.AUTHORIZED),
        (BEIJING, BEIJING, "授权〔2026〕1号", Category.AUTHORIZED),
        (Domicile("浙江", "杭州", "西湖"), None, None, Category.SELLER_IN_CITY),
    ],
)
def test_the_first_category_that_fits_is_the_batchs(
    reg: Regulation,
    seller: Domicile,
    platform: Domicile | None,
    authorization: str | None,
    category: Category,
) -> None:
    """Seller in the city, platform in the city, seller in the province, authorized: in this order (§2)."""
    assert category_of(reg, seller, platform, authorization) is category


@pytest.mark.parametrize(
    ("seller", "platform", "authorization"),
    [(BEIJING, BEIJING, None), (BEIJING, None, " "), (NINGBO, None, None)],
)
def test_anything_else_is_refused(
    reg: Regulation, seller: Domicile, platform: Domicile | None, authorization: str | None
) -> None:
    """Outside the four kinds there is no jurisdiction; a seller's own site elsewhere is outside (§2)."""
    with pytest.raises(OrderRefused, match="没有其他授权或委托文书") as refused:
        category_of(reg, seller, platform, authorization)
    assert refused.value.code == "out_of_jurisdiction"


def test_a_complaint_case_is_not_under_this_procedure() -> None:
    """Tests for a consumer-complaint case are refused (§10)."""
    check_scope(for_complaint_case=False)
    with pytest.raises(OrderRefused, match="不适用本规程") as refused:
        check_scope(for_complaint_case=True)
    assert refused.value.code == "complaint_case"


def test_an_emergency_has_one_of_the_four_grounds(reg: Regulation) -> None:
    """Each of the four grounds carries an emergency inspection; a routine one needs none (§3)."""
    check_occasion(reg, emergency=False, ground=None)
    for ground in reg.emergency_grounds:
        said = "专项整治" if ground.code == "other" else None
        check_occasion(reg, emergency=True, ground=ground.code, other=said)


@pytest.mark.parametrize(
    ("emergency", "ground", "other", "code"),
    [
        (True, None, None, "emergency_ground_missing"),
        (True, None, "专项整治", "emergency_ground_missing"),
        (True, "curiosity", None, "emergency_ground_unknown"),
        (True, "other", None, "emergency_ground_unsaid"),
        (True, "other", "  ", "emergency_ground_unsaid"),
        (True, "safety_incident", "专项整治", "emergency_ground_unexpected"),
        (False, "other", None, "emergency_ground_unexpected"),
        (False, None, "专项整治", "emergency_ground_unexpected"),
    ],
)
def test_an_occasion_that_does_not_fit_is_refused(
    reg: Regulation, emergency: bool, ground: str | None, other: str | None, code: str
) -> None:
    """No ground, an unknown one, another that is not said, or a ground for a routine inspection (§3)."""
    with pytest.raises(OrderRefused) as refused:
        check_occasion(reg, emergency=emergency, ground=ground, other=other)
    assert refused.value.code == code


def test_a_subordinate_bureau_acts_under_a_commission(reg: Regulation) -> None:
    """The bureau itself needs none; one of its subordinates needs one for this matter (§3)."""
    check_form(reg, subordinate_bureau=None, commission=None)
    check_form(reg, subordinate_bureau=reg.bureaus.districts["余杭区"], commission="杭市监委〔2026〕1号")


@pytest.mark.parametrize(
    ("bureau", "commission", "code"),
    [
        ("杭州市余杭区市场监督管理局", None, "commission_missing"),
        ("杭州市余杭区市场监督管理局", " ", "commission_missing"),
        ("宁波市市场监督管理局", "杭市监委〔2026〕1号", "not_subordinate"),
    ],
)
def test_a_form_that_does_not_fit_is_refused(
    reg: Regulation, bureau: str, commission: str | None, code: str
) -> None:
    """Without its commission, or when it is not a bureau of the city (§3)."""
    with pytest.raises(OrderRefused) as refused:
        check_form(reg, subordinate_bureau=bureau, commission=commission)
    assert refused.value.code == code


def test_the_laboratory_is_qualified_and_bound_by_a_period() -> None:
    """Qualified for every item, under a contract that states its testing period (§3, §6)."""
    check_laboratory(["标志"], ["标志", "耐热冲击"], 20)
    with pytest.raises(OrderRefused, match="耐热冲击") as refused:
        check_laboratory(["标志", "耐热冲击"], ["标志"], 20)
    assert refused.value.code == "laboratory_not_qualified"
    for days in (None, 0):
        with pytest.raises(OrderRefused) as refused:
            check_laboratory(["标志"], ["标志"], days)
        assert refused.value.code == "testing_period_missing"


KNOWN = Goods.named("示例牌", "SL-500")


def _repeat(
    reg: Regulation,
    earlier_count: int,
    *,
    follows_up: str | None = None,
    reason: str | None = None,
    goods: Goods = KNOWN,
) -> RepeatGround:
    return repeat_judgement(reg, earlier_count, goods=goods, follows_up=follows_up, supervisor_reason=reason)


def test_the_same_model_is_not_sampled_twice_in_a_year(reg: Regulation) -> None:
    """The first sampling is free, the second already too many (两次以上 includes two, §3)."""
    assert _repeat(reg, 0) is RepeatGround.WITHIN_LIMIT
    with pytest.raises(OrderRefused, match="商品抽检1次") as refused:
        _repeat(reg, 1)
    assert refused.value.code == "repeat_limit"


def test_a_follow_up_or_a_reason_lifts_the_limit(reg: Regulation) -> None:
    """A follow-up naming the earlier batch is allowed; anything else needs a supervisor's reason (§3)."""
    assert _repeat(reg, 1, follows_up="HZ-2026-0001") is RepeatGround.TARGETED_FOLLOW_UP
    assert _repeat(reg, 3, reason="质量问题集中") is RepeatGround.SUPERVISOR_REASON
    with pytest.raises(OrderRefused):
        _repeat(reg, 1, follows_up=" ", reason=" ")


@pytest.mark.parametrize("named", [(None, "SL-500"), ("示例牌", "/"), ("无", "见包装"), ("—", "不详")])
def test_an_unknown_trademark_or_model_goes_to_a_person(
    reg: Regulation, named: tuple[str | None, str | None]
) -> None:
    """What cannot be compared is judged by a supervisor, who gives the reason (procedure section 7)."""
    with pytest.raises(OrderRefused) as refused:
        _repeat(reg, 0, goods=Goods.named(*named))
    assert refused.value.code == "identity_unknown"
    ground = _repeat(reg, 0, reason="已核查", goods=Goods.named(*named))
    assert ground is RepeatGround.SUPERVISOR_REASON


def test_batches_that_came_to_nothing_are_no_samplings(reg: Regulation) -> None:
    """Abandoned and voided batches do not count for the limit; running and finished ones do."""
    assert [outcome for outcome in Outcome if not counts_as_sampling(reg, outcome)] == [
        Outcome.ABANDONED,
        Outcome.VOIDED,
    ]
    assert counts_as_sampling(reg, None)
