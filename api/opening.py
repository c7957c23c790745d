"""Opening a batch: the order made whole and judged, kept with its number, and its workflow started."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from api.named_orders import made_whole
from api.ordering import judged, order_problem, regulation_for, repeat_judge
from api.web.problems import Problem
from api.web.runtime import Runtime, TemporalDown
from law.goods import Goods
from law.names import folded
from law.ordering import OrderRefused, check_follow_up
from law.regulation import Regulation
from law.vocabulary import Category
from messages.base import Actor
from messages.named_order import NamedOrder
from messages.opening import Opening
from messages.order import BatchOrder
from store.errors import BatchUnknown
from store.ledger import batches
from store.plans.uses import Claim, Taken
from temporal import running

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JudgedOrder:
    """An order that may be opened, but for what is judged under the store's locks."""

    order: BatchOrder
    claim: Claim | None
    regulation: Regulation
    category: Category

    @property
    def goods(self) -> Goods:
        return Goods.named(self.order.goods.trademark, self.order.goods.spec_model)

    @property
    def judge_repeat(self) -> Callable[[int], None]:
        return repeat_judge(self.order, self.regulation)


async def opened_by(
    deps: Runtime, actor: Actor, asked: BatchOrder | NamedOrder, key: UUID | None
) -> batches.Opened:
    """The batch that is ordered, or was by the same order before. Refuses with 409."""
    # Registers go on: what was ordered is not looked up in them a second time.
    named = isinstance(asked, NamedOrder)
    if key and named and (before := await batches.opened_before(deps.engine, key, asked, actor)):
        return before
    try:
        whole = await _judged(deps, actor, asked)
        return await batches.open_batch(
            deps.engine,
            order=whole.order,
            category=whole.category,
            regulation=whole.regulation.for_a_batch,
            calendar=await deps.calendar.for_batch(whole.order.regulation_date),
            actor=actor,
            key=key,
            judge_repeat=whole.judge_repeat,
            asked=asked,
            claim=whole.claim,
        )
    except OrderRefused as refusal:
        raise order_problem(refusal) from None


class Rehearsal:
    """Orders that are only tried, each as if those before it had been given."""

    def __init__(self) -> None:
        self._goods: list[Goods] = []
        self._taken: dict[str | None, int] = {}
        self._commissioned: dict[tuple[str | None, str | None], int] = {}
        self._spent = Decimal(0)

    async def try_out(self, deps: Runtime, actor: Actor, asked: BatchOrder | NamedOrder) -> JudgedOrder:
        """What would be opened. Refuses with 409 what would be refused, and keeps nothing in the store."""
        try:
            whole = await _judged(deps, actor, asked)
            claim, goods = whole.claim, whole.goods
            await batches.rehearse(
                deps.engine,
                order=whole.order,
                regulation=whole.regulation,
                actor=actor,
                judge_repeat=lambda earlier: whole.judge_repeat(earlier + self._times(goods)),
                claim=claim and Claim(claim.under, lambda left: claim.judge(self._further(left, claim))),
            )
        except OrderRefused as refusal:
            raise order_problem(refusal) from None
        self._goods.append(goods)
        if claim is not None:
            self._take(claim)
        return whole

    def _take(self, claim: Claim) -> None:
        kind = folded(claim.under.kind)
        self._taken[kind] = self._taken.get(kind, 0) + 1
        under = claim.under.commission, kind
        self._commissioned[under] = self._commissioned.get(under, 0) + 1
        self._spent += claim.under.cost

    def _further(self, left: Taken, claim: Claim) -> Taken:
        kind = folded(claim.under.kind)
        under = claim.under.commission, kind
        return replace(
            left,
            used=left.used + self._taken.get(kind, 0),
            spent=left.spent + self._spent,
            commission_used=left.commission_used + self._commissioned.get(under, 0),
        )

    def _times(self, goods: Goods) -> int:
        """How many of the orders before were of these goods."""
        known = [one for one in self._goods if one.are_known and goods.are_known]
        return sum(not one.are_other_than(goods) for one in known)


async def start(deps: Runtime, opening: Opening) -> None:
    """Start the workflow; where that fails, the relay starts it later."""
    try:
        async with deps.temporal.reached() as client:
            await running.start_batch(client, opening, task_queue=deps.settings.task_queue)
    except (TemporalDown, running.NotTaken) as error:
        _log.warning("workflow of %s not started yet: %s", opening.batch_no, error)
        return
    deps.later(batches.mark_started(deps.engine, opening.batch_no))


async def _judged(deps: Runtime, actor: Actor, asked: BatchOrder | NamedOrder) -> JudgedOrder:
    """Raises :class:`Problem` and ``OrderRefused``."""
    if isinstance(asked, BatchOrder):
        order, claim = asked, None
    else:
        whole = await made_whole(deps, asked)
        order, claim = whole.order, whole.claim
    regulation = regulation_for(order)
    category = judged(order, regulation, actor)
    if order.follows_up is not None:
        await _check_follow_up(deps, order.follows_up, order)
    return JudgedOrder(order, claim, regulation, category)


async def _check_follow_up(deps: Runtime, batch_no: str, order: BatchOrder) -> None:
    try:
        earlier = await batches.goods_of(deps.engine, batch_no)
    except BatchUnknown:
        detail = f"跟踪抽检所针对的前一批次 {batch_no} 不存在。"
        raise Problem(409, "follow_up_unknown", detail) from None
    check_follow_up(batch_no, earlier, Goods.named(order.goods.trademark, order.goods.spec_model))
