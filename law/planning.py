"""When a plan or a scheme may be approved, and by whom (§3, §4): what it lacks, in words."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from law.names import folded
from law.rules import LawValue, PlanningPaper


class PlannedItem(LawValue):
    """An item of a scheme as far as it is settled."""

    name: str
    standard: str | None
    requirement: str | None


def elements_lacking(paper: PlanningPaper, settled: Collection[str]) -> tuple[str, ...]:
    """The elements that the paper must have and that are not settled, by their titles."""
    return tuple(element.title for element in paper.must_have if element.name not in settled)


def items_lacking(items: Iterable[PlannedItem]) -> tuple[str, ...]:
    """What is not settled of single items: by which standard, and what it requires."""
    return tuple(
        f"检验项目“{item.name}”的{title}"
        for item in items
        for title, told in (("检验标准", item.standard), ("标准要求", item.requirement))
        if told is None
    )


def budget_lacking(plan: Decimal | None, others: Decimal, own: Decimal | None) -> tuple[str, ...]:
    """Whether the plan's budget bears a scheme beside its other schemes."""
    if plan is None or own is None or others + own <= plan:
        return ()
    return (
        f"抽检计划的预算：计划{plan}元，其他方案已占{others}元，本方案{own}元，超出{others + own - plan}元",
    )


def quantities_lacking(planned: Mapping[str, int], used: Mapping[str, int]) -> tuple[str, ...]:
    """What was ordered already is not adjusted away."""
    by_name = {folded(kind): batches for kind, batches in planned.items()}
    return tuple(
        f"商品品种“{kind}”的批次数量：已下达{times}批次，不能少于此数"
        for kind, times in used.items()
        if by_name.get(folded(kind), 0) < times
    )
