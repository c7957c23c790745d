"""Progress and statistics as a workbook: the figures by each quality, and how punctual the duties are."""

from collections.abc import Sequence

from api.figures.views import CountedView, DutyView, FiguresView, LineView
from law.figures import Share
from lists.writing import WrittenSheet, to_workbook

_FIGURES = (
    *("区分", "名称", "代码", "方案批次", "已下达", "已购样", "已封样", "已检验", "结果已确定", "终止或撤销"),
    *("不合格", "不合格率", "不合格率下限", "不合格率上限", "初检不合格", "复检", "复检改变"),
    *("预算（元）", "已下达费用（元）"),
)
_DUTIES = (
    *("事项", "责任方", "是否内部时限", "按期", "逾期办理", "按期率", "按期率下限", "按期率上限"),
    "现已逾期未办",
)


def workbook(figures: FiguresView) -> bytes:
    """Two sheets; rates with the interval of 95 per cent."""
    rows: list[Sequence[str]] = [
        ("合计", "全部", "", "", *_counted(figures.total), "", f"{figures.total.spent}")
    ]
    rows += [_line(one.title, line) for one in figures.dimensions for line in one.lines]
    return to_workbook(
        [
            WrittenSheet("进度和结果", _FIGURES, rows),
            WrittenSheet("按期情况", _DUTIES, [_duty(one) for one in figures.duties]),
        ]
    )


def percent(rate: float | None) -> str:
    """As people read it; empty where there is none."""
    return "" if rate is None else f"{100 * rate:.1f}%"


def _line(title: str, line: LineView) -> Sequence[str]:
    planned = "" if line.planned is None else str(line.planned)
    budget = "" if line.budget is None else str(line.budget)
    return (title, line.name, line.key or "", planned, *_counted(line), budget, f"{line.spent}")


def _counted(of: CountedView) -> Sequence[str]:
    stages = (of.ordered, of.bought, of.sealed, of.tested, of.final, of.ended)
    return (
        *map(str, stages),
        *_share(of.nonconforming),
        str(of.first_nonconforming.count),
        str(of.overturned.of),
        str(of.overturned.count),
    )


def _duty(one: DutyView) -> Sequence[str]:
    count, *rates = _share(one.on_time)
    internal = "是" if one.internal else ""
    return (one.title, one.owed_by, internal, count, str(one.late), *rates, str(one.late_now))


def _share(of: Share) -> Sequence[str]:
    return (str(of.count), percent(of.rate), percent(of.low), percent(of.high))
