"""How progress and statistics are shown."""

from collections.abc import Iterable
from decimal import Decimal

from pydantic import Field

from api.views import View
from law.figures import Share, share
from law.regulation import Regulation
from law.vocabulary import Term
from store.quality.figures import (
    Counted,
    CountedFigures,
    CountedLine,
    CountedScheme,
    Dimension,
    DutyCounted,
)

_RATE = "数目、比率及其95%置信区间（Wilson）"
DIMENSIONS: dict[Dimension, str] = {
    Dimension.SCHEME: "抽检实施方案",
    Dimension.LABORATORY: "承检机构",
    Dimension.BUREAU: "承办局",
    Dimension.PLATFORM: "第三方交易平台",
    Dimension.PRODUCT: "商品",
    Dimension.DISTRICT: "经营者所在地",
}
# What batches are called that have none.
_NONE = {
    Dimension.SCHEME: "未按方案下达",
    Dimension.BUREAU: "本局",
    Dimension.PLATFORM: "未使用平台",
}


class CountedView(View):
    """So many batches have come so far, and this is what came of them."""

    ordered: int = Field(title="已下达")
    bought: int = Field(title="已购样")
    sealed: int = Field(title="已封样")
    tested: int = Field(title="已检验：市局收到检验报告的")
    final: int = Field(title="结果已确定")
    ended: int = Field(title="终止抽样或者撤销的")
    nonconforming: Share = Field(title=f"已确定的结果中不合格的：{_RATE}")
    first_nonconforming: Share = Field(title=f"已检验的批次中初次检验不合格的：{_RATE}")
    overturned: Share = Field(title=f"复检中改变原结果的：{_RATE}")
    spent: Decimal = Field(title="已下达的费用（元）：购样费和检验费；未按方案下达的不计")


class LineView(CountedView):
    """The batches of one laboratory, platform and so on."""

    key: str | None = Field(title="代码或者名称；没有的为空")
    name: str = Field(title="名称")
    planned: int | None = Field(default=None, title="方案中的批次数量")
    budget: Decimal | None = Field(default=None, title="方案的费用预算（元）")


class DimensionView(View):
    """The batches told apart by one of their qualities; of each at most two hundred lines."""

    dimension: Dimension = Field(title="区分的依据")
    title: str = Field(title="名称")
    lines: tuple[LineView, ...] = Field(title="批次多的在前")


class DutyView(View):
    """How punctually a duty is done."""

    term: Term = Field(title="期限种类")
    title: str = Field(title="事项")
    owed_by: str = Field(title="责任方")
    internal: bool = Field(title="是否内部时限")
    on_time: Share = Field(title=f"已办的之中按期的：{_RATE}")
    late: int = Field(title="逾期办理的次数")
    late_now: int = Field(title="现在已经逾期、尚未办理的次数")


class FiguresView(View):
    """Everything that is counted of the batches asked for."""

    total: CountedView = Field(title="合计")
    dimensions: tuple[DimensionView, ...] = Field(title="按方案、承检机构、承办局、平台、商品、所在地")
    duties: tuple[DutyView, ...] = Field(title="各项义务的按期情况")


class ProgressView(FiguresView):
    """How far a plan has come."""

    plan_id: str = Field(title="抽检计划的编号")
    plan_title: str = Field(title="名称")
    planned: int = Field(title="各现行方案的批次数量合计")
    budget: Decimal | None = Field(title="计划的费用预算（元）；没有批准的为空")


def figures_view(
    found: CountedFigures, regulation: Regulation, *, all_schemes_but: str | None = None
) -> dict[str, object]:
    """The parts of :class:`FiguresView`; ``all_schemes_but`` a plan: those without a batch as well."""
    return {
        "total": _counted(found.total),
        "dimensions": tuple(
            DimensionView(
                dimension=one,
                title=title,
                lines=tuple(_lines(one, found.lines[one], found, all_schemes_but)),
            )
            for one, title in DIMENSIONS.items()
        ),
        "duties": tuple(_duty(one, regulation) for one in found.duties),
    }


def _counted(of: Counted) -> CountedView:
    return CountedView(
        **{name: getattr(of, name) for name in ("ordered", "bought", "sealed", "tested", "final", "ended")},
        nonconforming=share(of.nonconforming, of.final),
        first_nonconforming=share(of.first_nonconforming, of.tested),
        overturned=share(of.overturned, of.retested),
        spent=of.spent.quantize(Decimal("0.01")),
    )


def _lines(
    dimension: Dimension, lines: Iterable[CountedLine], found: CountedFigures, plan_id: str | None
) -> Iterable[LineView]:
    seen = set()
    for line in lines:
        seen.add(line.key)
        scheme = found.schemes.get(line.key or "") if dimension is Dimension.SCHEME else None
        yield _line(line, _name(dimension, line, scheme), scheme)
    if dimension is Dimension.SCHEME and plan_id is not None:
        for scheme in found.schemes.values():
            if scheme.id not in seen | {plan_id}:
                yield _line(CountedLine(scheme.id, None, Counted()), scheme.title, scheme)


def _name(dimension: Dimension, line: CountedLine, scheme: CountedScheme | None) -> str:
    return (scheme.title if scheme else line.name) or _NONE.get(dimension, "未登记")


def _line(line: CountedLine, name: str, scheme: CountedScheme | None) -> LineView:
    return LineView(
        **dict(_counted(line.counted)),
        key=line.key,
        name=name,
        planned=scheme.planned if scheme else None,
        budget=scheme.budget if scheme else None,
    )


def _duty(one: DutyCounted, regulation: Regulation) -> DutyView:
    rule = regulation.terms[one.term]
    return DutyView(
        term=one.term,
        title=rule.title,
        owed_by=rule.owed_by,
        internal=rule.internal,
        on_time=share(one.done.on_time, one.done.on_time + one.done.late),
        late=one.done.late,
        late_now=one.late_now,
    )
