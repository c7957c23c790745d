"""Judging an order before a batch is opened (procedure section 7): the law's questions, in its order."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from api.web.problems import Problem
from law import ordering
from law.calendar import day_in_shanghai
from law.goods import Goods
from law.ordering import OrderRefused
from law.regulation import NoRegulationInForce, Regulation, in_force_on, named
from law.vocabulary import Category, Role
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.order import BatchOrder, OrderKind


def regulation_for(order: BatchOrder) -> Regulation:
    """The regulation the batch will keep for its whole life; 409 for a day with none, or still to come."""
    if order.regulation_date > day_in_shanghai(datetime.now(UTC)):
        raise Problem(409, "regulation_date_in_future", "规程适用日期不能晚于今日。")
    try:
        if order.regulation is not None:
            return named(order.regulation, order.regulation_date)
        return in_force_on(order.regulation_date)
    except NoRegulationInForce as error:
        raise Problem(409, "no_regulation_in_force", f"{error}。") from None


def judged(order: BatchOrder, regulation: Regulation, actor: Actor) -> Category:
    """Everything but the repeat limit, which is judged under the store's lock. Refuses with 409."""
    if order.supervisor_reason is not None and actor.role is not Role.SUPERVISOR:
        raise Problem(
            409,
            RefusalCode.SUPERVISOR_NEEDED,
            "同意重复抽检的理由只能由处室负责人本人填写：请由处室负责人下达该批次，或去掉该项。",
        )
    try:
        ordering.check_scope(order.consumer_complaint_case)
        ordering.check_occasion(
            regulation,
            emergency=order.kind is OrderKind.EMERGENCY,
            ground=order.emergency_ground,
            other=order.other_ground,
        )
        ordering.check_form(
            regulation,
            subordinate_bureau=order.commission.bureau if order.commission else None,
            commission=order.commission.commission_no if order.commission else None,
        )
        ordering.check_laboratory(
            order.scheme.items, order.laboratory.qualified_items, order.laboratory.contract_days
        )
        return ordering.category_of(
            regulation,
            order.seller.place,
            order.platform.place if order.platform else None,
            order.authorization,
        )
    except OrderRefused as refusal:
        raise order_problem(refusal) from None


def repeat_judge(order: BatchOrder, regulation: Regulation) -> Callable[[int], None]:
    """The repeat limit (§3), given how often this trademark and model was sampled this year."""
    goods = Goods.named(order.goods.trademark, order.goods.spec_model)

    def judge(earlier: int) -> None:
        ordering.repeat_judgement(
            regulation,
            earlier,
            follows_up=order.follows_up,
            supervisor_reason=order.supervisor_reason,
            goods=goods,
        )

    return judge


def order_problem(refusal: OrderRefused) -> Problem:
    said: dict[str, Any] = {"rests_on": refusal.rests_on} if refusal.rests_on else {}
    return Problem(409, refusal.code, f"{refusal.detail}。", **said)
