"""What an order would come to, without opening a batch (``dry_run=true``)."""

from collections.abc import Iterator

from pydantic import Field

from api.opening import JudgedOrder, Rehearsal
from api.views import View
from api.web.problems import FieldProblem, Problem
from api.web.runtime import Runtime
from api.web.wording import field_problem
from law.goods import Goods
from law.vocabulary import Category
from messages.base import Actor
from messages.named_order import NamedOrder
from messages.order import BatchOrder
from messages.planning import money
from messages.words import word

# At which answer a refusal is put right; a field that this form of an order has not is left out.
_AT = {
    "complaint_case": ("consumer_complaint_case",),
    "emergency_ground_missing": ("emergency_ground",),
    "emergency_ground_unknown": ("emergency_ground",),
    "emergency_ground_unsaid": ("other_ground",),
    "emergency_ground_unexpected": ("kind",),
    "not_subordinate": ("commission",),
    "commission_missing": ("commission",),
    "laboratory_not_qualified": ("laboratory",),
    "testing_period_missing": ("laboratory",),
    "out_of_jurisdiction": ("authorization",),
    "follow_up_other_goods": ("follows_up",),
    "follow_up_unknown": ("follows_up",),
    "repeat_limit": ("goods",),
    "supervisor_needed": ("supervisor_reason",),
    "regulation_date_in_future": ("regulation_date",),
    "no_regulation_in_force": ("regulation_date",),
    "shop_missing": ("shop",),
    "draw_of_another_seller": ("seller_code",),
}


class OrderTrial(View):
    """What would be ordered; nothing has been."""

    accepted: bool = Field(title="是否会下达")
    code: str | None = Field(default=None, title="拒绝代码")
    reason: str | None = Field(default=None, title="理由")
    rests_on: str | None = Field(default=None, title="依据")
    errors: tuple[FieldProblem, ...] = Field(default=(), title="所涉的项目")
    follows: tuple[str, ...] = Field(default=(), title="会随之发生的事项，依次")
    category: Category | None = Field(default=None, title="属于哪一类商品")
    order: BatchOrder | None = Field(default=None, title="会下达的内容，所引的方案和登记已写全")


async def tried_order(deps: Runtime, actor: Actor, asked: BatchOrder | NamedOrder) -> OrderTrial:
    """Raises what is no judgement of the order: ``PlannedUnknown``, ``TooManyOfOne``."""
    try:
        whole = await Rehearsal().try_out(deps, actor, asked)
    except Problem as refused:
        if refused.status != 409:
            raise
        return OrderTrial(
            accepted=False,
            code=refused.code,
            reason=refused.detail,
            rests_on=refused.extra.get("rests_on"),
            errors=tuple(_errors(asked, refused)),
        )
    return OrderTrial(
        accepted=True, follows=tuple(_follows(whole)), category=whole.category, order=whole.order
    )


def _errors(asked: BatchOrder | NamedOrder, refused: Problem) -> Iterator[FieldProblem]:
    model = type(asked)
    places: list[tuple[str, ...]] = [(one,) for one in _AT.get(refused.code, ()) if one in model.model_fields]
    if refused.code == "identity_unknown":
        goods = Goods.named(asked.goods.trademark, asked.goods.spec_model)
        unknown = {"trademark": not goods.trademarks, "spec_model": goods.spec_model is None}
        places = [("goods", name) for name, is_unknown in unknown.items() if is_unknown]
    for place in places:
        yield FieldProblem(**field_problem(model, place, refused.detail))


def _follows(whole: JudgedOrder) -> Iterator[str]:
    order = whole.order
    yield f"下达一个抽检批次：{order.goods.name}，{word(order.kind)}，{word(whole.category)}"
    yield f"向“{order.seller.name}”购样，店铺网址 {order.seller.url}"
    laboratory = order.laboratory
    yield f"由“{laboratory.name}”检验，合同约定检验周期{laboratory.contract_days}日"
    if order.commission is not None:
        yield f"委托“{order.commission.bureau}”执行"
    if whole.claim is not None:
        under = whole.claim.under
        yield f"占用方案 {under.scheme_id} 中“{under.kind}”1个批次，费用{money(under.cost)}"
    yield "其后等待执法人员网络购样"
