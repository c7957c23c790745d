"""What is judged before a plan, scheme or commission is submitted and approved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.web.days import today
from api.web.problems import Problem
from law.commissions import scope_lacking, term_lacking
from law.planning import (
    PlannedItem,
    budget_lacking,
    elements_lacking,
    items_lacking,
    quantities_lacking,
)
from law.regulation import Regulation, in_force_on
from law.rules import PlanningPaper
from messages.approvals import Matter
from messages.base import Actor
from messages.planning import (
    CommissionContent,
    CommissionedTo,
    PlanContent,
    PlannedContent,
    PlanningFacts,
    SchemeContent,
)
from store.plans.standing import PlannedStanding
from store.plans.uses import Around


def regulation_today() -> Regulation:
    """The bureau's own in force; plans are drawn up under the rules of their day."""
    return in_force_on(today())


def rules_of(regulation: Regulation, matter: Matter) -> PlanningPaper:
    assert regulation.planning is not None, "a regulation that is loaded has rules for planning"
    rules = {
        Matter.PLAN: regulation.planning.plan,
        Matter.SCHEME: regulation.planning.scheme,
        Matter.COMMISSION: regulation.planning.commission,
    }
    return rules[matter]


def lacks(matter: Matter, content: PlannedContent, around: Around) -> tuple[str, ...]:
    """All that a draft lacks to be approved, in words."""
    settled = {name for name, value in content.model_dump().items() if value not in (None, (), [])}
    found = elements_lacking(rules_of(regulation_today(), matter), settled)
    if isinstance(content, CommissionContent):
        found += term_lacking(content.until, today()) + _of_scheme(content, around)
    if isinstance(content, SchemeContent):
        items = (PlannedItem.model_validate(one.model_dump()) for one in content.items)
        found += items_lacking(items)
        quantities = {one.kind: one.batches for one in content.product_kinds}
        found += quantities_lacking(quantities, around.used)
        plan = around.above.content_in_force if around.above else None
        if not isinstance(plan, PlanContent):
            return (*found, "所属抽检计划的批准")
        found += budget_lacking(plan.budget, around.others, content.budget)
    return found


def _of_scheme(content: CommissionContent, around: Around) -> tuple[str, ...]:
    """What keeps a commission from standing under its scheme; one to a laboratory takes nobody's share."""
    standing = around.above
    scheme = standing.content_in_force if standing else None
    if standing is None or not isinstance(scheme, SchemeContent):
        return ("所依据的抽检实施方案的批准",)
    if standing.ended_on is not None:
        return ("现行的抽检实施方案（所依据的已经终止）",)
    commissioned = {one.kind: one.batches for one in content.product_kinds}
    taken = around.taken if content.to is CommissionedTo.BUREAU else {}
    return scope_lacking(commissioned, {one.kind: one.batches for one in scheme.product_kinds}, taken)


def scheme_in_force(standing: PlannedStanding) -> SchemeContent:
    """What is ordered by. Raises :class:`Problem` where none was approved yet."""
    content = standing.content_in_force
    if not isinstance(content, SchemeContent):
        raise Problem(409, "scheme_not_approved", f"抽检实施方案 {standing.id} 尚未批准。")
    return content


class Incomplete(Problem):
    """What lacks something is neither submitted nor approved."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(409, "planning_incomplete", f"尚缺：{'；'.join(missing)}。", missing=list(missing))


def require_whole(standing: PlannedStanding, around: Around) -> None:
    """Raises :class:`Incomplete`."""
    if missing := lacks(standing.matter, standing.content, around):
        raise Incomplete(missing)


@dataclass(frozen=True)
class FromRegisters:
    """What a paper takes of the registers: names by their codes, and the laboratory's contract."""

    names: Mapping[str, str]
    contract: str | None = None


def facts_of(
    held: FromRegisters, by: Actor, standing: PlannedStanding, above: PlannedStanding | None
) -> PlanningFacts:
    """What the paper says that is made out with the approval; ``above``: what it stands under."""
    regulation = regulation_today()
    rules = rules_of(regulation, standing.matter)
    return PlanningFacts(
        matter=standing.matter,
        id=standing.id,
        version=standing.version,
        content=standing.content.model_dump(mode="json"),
        content_sha256=standing.content_sha256,
        above_title=above and (above.content_in_force or above.content).title,
        above_number=above and above.number,
        reason=standing.reason,
        names=dict(held.names),
        under=_scheme_said(above),
        contract=held.contract,
        drafted_by=standing.drafted_by,
        approved_by=by,
        bureau=regulation.bureaus.municipal_bureau,
        regulation=regulation.title,
        rests_on=rules.rests_on,
        title=rules.title,
    )


def _scheme_said(above: PlannedStanding | None) -> dict[str, Any] | None:
    """A commission says what is tested, and so what its scheme says."""
    said = above.content_in_force if above else None
    return said.model_dump(mode="json") if isinstance(said, SchemeContent) else None
