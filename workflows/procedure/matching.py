"""What was bought and sealed against what was ordered (procedure section 3): the same, or with a reason."""

from law.goods import (
    Difference,
    Goods,
    Marks,
    in_words,
    marks_differences,
    platform_differences,
    seller_differences,
)
from law.names import is_other_platform, is_other_seller, is_unknown
from law.ordering import OrderRefused, RepeatGround, category_of, repeat_judgement
from law.vocabulary import Category, Role
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.order import Platform
from messages.records import GoodsClaim
from messages.steps.sampling import PlatformFacts, Purchased, Sealed
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused

_ONLY_SUPERVISOR = "只有处室负责人可以同意：请由处室负责人登记本步骤并填写理由，或者去掉该项"


def wanted(case: Case) -> Marks:
    """What the goods are to say of themselves: as the page had it where they were bought, else as ordered."""
    goods, producer = case.opening.order.goods, case.opening.order.producer
    page = case.purchased.goods if case.purchased else None
    shown = page and {
        name: None if is_unknown(text) else text
        for name, text in (
            ("trademark", page.trademark),
            ("spec_model", page.spec_model),
            ("producer", page.producer),
        )
    }
    known = shown or {}
    return Marks(
        trademark=known.get("trademark") or goods.trademark,
        spec_model=known.get("spec_model") or goods.spec_model,
        producer=known.get("producer") or (producer.name if producer else None),
    )


def compare_purchase(change: Change, step: Purchased, actor: Actor) -> None:
    """Refuses a purchase from another seller or platform, or of other goods, unless a supervisor says why.

    Jurisdiction and repeat limit are judged anew on what was bought. The case takes the purchase over.
    """
    case, order = change.case, change.case.opening.order
    seen = (step.seller.registration, step.seller.url)
    seller = seller_differences((order.seller.registration, order.seller.url), seen)
    platform = platform_differences(_named(order.platform), _named(step.platform))
    _check_who_it_really_was(step, other_seller=bool(seller), other_platform=bool(platform))
    before = wanted(case)
    case.purchased = step
    page = Marks(
        trademark=step.goods.trademark, spec_model=step.goods.spec_model, producer=step.goods.producer
    )
    missing = []
    if seller and step.other_seller is None:
        missing.append("实际经营者的登记信息")
    if platform and step.platform is not None and step.other_platform is None:
        missing.append("实际平台的登记信息")
    differences = (*seller, *platform, *marks_differences(before, page))
    if (seller or platform) and not missing:
        case.rejudged = _category(case)
    _require_reason("购样", differences, step.mismatch_reason, missing, actor)
    _judge_goods(change, before, wanted(case), step.repeat_reason, actor)


def compare_sealing(change: Change, step: Sealed, actor: Actor) -> None:
    """Refuses the sealing of other goods than were ordered or bought, unless a supervisor says why.

    The repeat limit is judged anew on what is sealed.
    """
    before, found = wanted(change.case), _marks(step)
    _require_reason("封样", marks_differences(before, found), step.mismatch_reason, [], actor)
    _judge_goods(change, before, found, step.repeat_reason, actor)


def _named(platform: Platform | PlatformFacts | None) -> tuple[str, str] | None:
    return (platform.name, platform.url) if platform else None


def _check_who_it_really_was(step: Purchased, *, other_seller: bool, other_platform: bool) -> None:
    """Whoever is told to be the real one is the one that was seen, and another than was ordered."""
    seller, platform, seen = step.other_seller, step.other_platform, step.platform
    if seller is not None:
        if not other_seller:
            raise Refused(RefusalCode.MISMATCH, "购样的经营者与下达的相同，不填写实际经营者")
        if is_other_seller(
            (seller.registration, seller.url), (step.seller.registration, step.seller.url)
        ) and not is_unknown(step.seller.registration):
            raise Refused(
                RefusalCode.MISMATCH,
                f"实际经营者（{seller.registration}）与购样时页面公示的（{step.seller.registration}）不一致",
            )
    if platform is not None:
        if not other_platform or seen is None:
            raise Refused(RefusalCode.MISMATCH, "购样的平台与下达的相同，不填写实际平台")
        if is_other_platform((platform.name, platform.url), (seen.name, seen.url)):
            raise Refused(
                RefusalCode.MISMATCH, f"实际平台（{platform.name}）与购样的平台（{seen.name}）不一致"
            )


def _require_reason(
    what: str, differences: tuple[Difference, ...], reason: str | None, missing: list[str], actor: Actor
) -> None:
    if not differences:
        return
    if reason is None or missing:
        also = "，并填写".join(("登记本步骤、说明理由", *missing))
        raise Refused(
            RefusalCode.MISMATCH,
            f"{what}与下达不一致：{in_words(differences)}。确需继续的，由处室负责人{also}；否则终止抽样",
            "§3",
        )
    if actor.role is not Role.SUPERVISOR:
        raise Refused(
            RefusalCode.SUPERVISOR_NEEDED,
            f"{what}与下达不一致：{in_words(differences)}。{_ONLY_SUPERVISOR}",
            "§3",
        )


def _category(case: Case) -> Category:
    """Jurisdiction, judged on who really sold (§2)."""
    platform = case.platform
    try:
        return category_of(
            case.opening.regulation,
            case.seller.place,
            platform.place if platform else None,
            case.opening.order.authorization,
        )
    except OrderRefused as refused:
        raise Refused(RefusalCode.OUT_OF_JURISDICTION, f"{refused.detail}；应当终止抽样", "§2") from None


def _judge_goods(change: Change, before: Marks, found: Marks, reason: str | None, actor: Actor) -> None:
    """The repeat limit on goods that are not known to be those it was judged on (§3).

    A follow-up or a reason that the order had goes on holding for goods of which no other thing is known.
    """
    goods, judged = _identified(found), _identified(before)
    if goods == judged:
        return
    if reason is not None and actor.role is not Role.SUPERVISOR:
        raise Refused(RefusalCode.SUPERVISOR_NEEDED, _ONLY_SUPERVISOR, "§3")
    _judge(change, found, reason)


def _judge(change: Change, found: Marks, reason: str | None) -> None:
    goods = _identified(found)
    order, sampled = change.case.opening.order, change.moment.sampled
    ordered = Goods.named(order.goods.trademark, order.goods.spec_model)
    times = sampled.times if sampled is not None and sampled.goods == goods else 0
    try:
        ground = repeat_judgement(
            change.case.opening.regulation,
            times,
            goods=goods,
            follows_up=None if goods.are_other_than(ordered) else order.follows_up,
            supervisor_reason=reason or (order.supervisor_reason if goods.tell_as_much_as(ordered) else None),
        )
    except OrderRefused as refused:
        raise Refused(RefusalCode(refused.code), refused.detail, "§3") from None
    _claim(change, goods, times if ground is RepeatGround.WITHIN_LIMIT else None)


def sampled_marks(case: Case) -> Marks:
    """What is sampled, in the words of the sealing, or of whoever bought or ordered it."""
    return _marks(case.sealed) if case.sealed else wanted(case)


def _marks(sealed: Sealed) -> Marks:
    return Marks(trademark=sealed.trademark, spec_model=sealed.spec_model, producer=sealed.producer)


def judge_corrected_goods(change: Change, before: Marks) -> None:
    """The repeat limit on goods that were written down wrongly; the reason is the corrected step's (§3)."""
    case = change.case
    found, step = sampled_marks(case), case.sealed or case.purchased
    if step is not None and _identified(found) != _identified(before):
        _judge(change, found, step.repeat_reason)


def _claim(change: Change, goods: Goods, judged_on: int | None) -> None:
    not_counted = change.case.opening.regulation.readings.outcomes_not_counted_as_sampling
    change.goods = GoodsClaim(goods=goods, judged_on=judged_on, not_counted=not_counted)


def _identified(marks: Marks) -> Goods:
    return Goods.named(marks.trademark, marks.spec_model)
