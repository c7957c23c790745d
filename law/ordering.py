"""Whether a batch may be ordered (§2, §3, §10): scope, jurisdiction, occasion, form, laboratory, repeats.

Every judgement here raises :class:`OrderRefused` with a stable code and a Chinese explanation.
"""

from collections.abc import Collection
from enum import StrEnum

from law.goods import Goods
from law.laboratories import unqualified_items
from law.places import Located, in_city, in_province
from law.regulation import Regulation
from law.vocabulary import Category, Outcome

# Of the grounds of an emergency the one that says nothing by itself.
OTHER_GROUND = "other"


class OrderRefused(ValueError):
    """The order is not within the regulation. ``code`` is stable, ``detail`` is for people.

    ``rests_on`` is the paragraph, where one says so.
    """

    def __init__(self, code: str, detail: str, rests_on: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.rests_on = rests_on


def check_scope(for_complaint_case: bool) -> None:
    """Tests for a consumer-complaint case are not under this procedure (§10). Code ``complaint_case``."""
    if for_complaint_case:
        raise OrderRefused(
            "complaint_case",
            "因消费者投诉举报案件处理需要检验或鉴定的，不适用本规程，不能按抽检批次下达",
            "§10",
        )


def category_of(
    reg: Regulation, seller: Located, platform: Located | None, authorization: str | None
) -> Category:
    """Which of the four kinds of goods this is, the first that fits (§2). Code ``out_of_jurisdiction``.

    ``authorization`` is the reference of a written authorization or commission.
    """
    if in_city(reg.bureaus, seller):
        return Category.SELLER_IN_CITY
    if platform is not None and in_city(reg.bureaus, platform):
        return Category.PLATFORM_IN_CITY
    if platform is not None and in_province(reg.bureaus, seller):
        return Category.SELLER_IN_PROVINCE
    if _given(authorization):
        return Category.AUTHORIZED
    city, province = reg.bureaus.city, reg.bureaus.province
    raise OrderRefused(
        "out_of_jurisdiction",
        f"经营者和平台均不在{city}登记，也不是通过外地平台经营的{province}经营者，且没有其他授权或委托文书，"
        f"不属于{reg.bureaus.municipal_bureau}抽检范围",
    )


def check_occasion(reg: Regulation, *, emergency: bool, ground: str | None, other: str | None = None) -> None:
    """An emergency inspection rests on one of the four grounds, a routine one on none (§3).

    ``other`` says which, where it is none of the three that §3 names. Codes ``emergency_ground_missing``,
    ``emergency_ground_unknown``, ``emergency_ground_unsaid``, ``emergency_ground_unexpected``.
    """
    titles = "；".join(entry.title for entry in reg.emergency_grounds)
    if not emergency:
        if ground is not None or _given(other):
            raise OrderRefused("emergency_ground_unexpected", "日常例行抽检不填写应急抽检情形")
        return
    if ground is None:
        raise OrderRefused("emergency_ground_missing", f"应急抽检须说明属于下列何种情形：{titles}")
    if ground not in {entry.code for entry in reg.emergency_grounds}:
        raise OrderRefused("emergency_ground_unknown", f"“{ground}”不是应急抽检情形，应为下列之一：{titles}")
    if ground == OTHER_GROUND and not _given(other):
        raise OrderRefused("emergency_ground_unsaid", "以“其他”情形开展应急抽检的，须写明是何种情形")
    if ground != OTHER_GROUND and _given(other):
        raise OrderRefused(
            "emergency_ground_unexpected", "应急抽检情形不是“其他”的，不填写其他应急情形的说明"
        )


def check_form(reg: Regulation, *, subordinate_bureau: str | None, commission: str | None) -> None:
    """A subordinate bureau acts under a commission for this one matter (§3 一事一委托).

    ``subordinate_bureau`` None: the bureau inspects by itself.
    Codes ``not_subordinate``, ``commission_missing``.
    """
    if subordinate_bureau is None:
        return
    if subordinate_bureau not in reg.bureaus.districts.values():
        raise OrderRefused(
            "not_subordinate", f"{subordinate_bureau}不是{reg.bureaus.municipal_bureau}的下级局"
        )
    if not _given(commission):
        raise OrderRefused(
            "commission_missing", f"委托{subordinate_bureau}实施抽检，须按“一事一委托”出具委托书"
        )


def check_laboratory(
    items: Collection[str], qualified_for: Collection[str], contract_days: int | None
) -> None:
    """The laboratory is qualified for the items, under a contract that states its testing period (§3, §6).

    ``contract_days`` are calendar days. Codes ``laboratory_not_qualified``, ``testing_period_missing``.
    """
    if missing := unqualified_items(items, qualified_for):
        raise OrderRefused("laboratory_not_qualified", f"承检机构不具备下列项目的资质：{'、'.join(missing)}")
    if contract_days is None or contract_days < 1:
        raise OrderRefused("testing_period_missing", "委托检验合同没有约定检验周期")


def check_follow_up(batch_no: str, earlier: Goods, ordered: Goods) -> None:
    """A targeted follow-up is about the goods of the batch that it names (§3).

    What is unknown of either tells nothing. Code ``follow_up_other_goods``.
    """
    if ordered.are_other_than(earlier):
        raise OrderRefused(
            "follow_up_other_goods",
            f"前一批次 {batch_no} 抽检的是另一商标或规格型号的商品，不能作为本批次跟踪抽检的依据",
        )


class RepeatGround(StrEnum):
    """Why the repeat limit does not stand in the way."""

    WITHIN_LIMIT = "within_limit"
    TARGETED_FOLLOW_UP = "targeted_follow_up"
    SUPERVISOR_REASON = "supervisor_reason"


def counts_as_sampling(reg: Regulation, outcome: Outcome | None) -> bool:
    """Whether a batch of this year counts for the repeat limit (§3); None: it is still running."""
    return outcome not in reg.readings.outcomes_not_counted_as_sampling


def repeat_judgement(
    reg: Regulation,
    earlier_count: int,
    *,
    goods: Goods,
    follows_up: str | None,
    supervisor_reason: str | None,
) -> RepeatGround:
    """The same trademark and model is not sampled twice in a calendar year (§3).

    ``earlier_count`` are this year's other counting batches of the same ``goods``, ordered or, where that is
    known, bought or sealed; ``follows_up`` names the batch that a targeted follow-up is about. Codes
    ``repeat_limit``, and ``identity_unknown`` when trademark or model is not known, so that a person judges.
    """
    if _given(follows_up):
        return RepeatGround.TARGETED_FOLLOW_UP
    if _given(supervisor_reason):
        return RepeatGround.SUPERVISOR_REASON
    if not goods.are_known:
        raise OrderRefused(
            "identity_unknown",
            "商标或规格型号不明，是否属于重复抽检须由处室负责人判断并说明理由：请写明商标和规格型号；"
            "确实不明的，由处室负责人本人办理，填写同意重复抽检的理由",
            "§3",
        )
    if earlier_count >= reg.readings.samplings_per_year:
        raise OrderRefused(
            "repeat_limit",
            f"本年度已对同一商标的同一规格型号商品抽检{earlier_count}次，原则上不得再次抽检；"
            "有针对性的跟踪抽检须注明前一批次，其他情形须由处室负责人说明理由",
            "§3",
        )
    return RepeatGround.WITHIN_LIMIT


def _given(text: str | None) -> bool:
    return bool(text and text.strip())
