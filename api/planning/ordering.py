"""A list of orders taken in: each row is judged as an order of its own, and answered."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from pydantic import ValidationError

from api.opening import Rehearsal, opened_by, start
from api.planning.views import OrderRowAnswer, OrderRowStatus, OrdersAnswer
from api.web.days import today
from api.web.problems import Problem, of_store
from api.web.runtime import Runtime
from api.web.wording import field_message
from law.regulation import in_force_on
from lists.columns import Column
from lists.faults import CellFault
from lists.orders import order_of
from lists.reading import Sheet
from lists.rows import Row
from messages.base import Actor
from messages.named_order import NamedOrder
from messages.opening import Opening
from store.canonical import canonical
from store.errors import KeyReused, StoreError
from store.ledger import batches
from store.plans import runs
from store.plans.runs import RowAnswered

# Of all keys that are made of rows; keys that callers choose are made by chance and never one of these.
_ROWS = UUID("6f0c7a52-6c0e-4a77-9c1c-2b7f3f8d1e94")
# Workflows are started while further rows are taken in.
_STARTED_TOGETHER = 25


@dataclass(frozen=True)
class ListOfOrders:
    """Under which scheme, and by whom."""

    scheme_id: str
    actor: Actor
    dry_run: bool


@dataclass(frozen=True)
class _Order:
    """What a row asks for, and the key by which it is known when it comes again."""

    asked: NamedOrder
    key: UUID
    own_no: str | None


async def take_in(deps: Runtime, sheet: Sheet, wanted: ListOfOrders, run: int | None = None) -> OrdersAnswer:
    """Order what the list says, or (``dry_run``) say what would be. One bad row spoils no other.

    ``run``: under which number each answer is kept as soon as it is known.
    """
    answers = []
    async for answer in _answers(deps, sheet, wanted):
        answers.append(answer)
        if run is not None:
            await runs.keep(deps.engine, run, RowAnswered(**dict(answer)))
    return OrdersAnswer(
        dry_run=wanted.dry_run,
        run=run,
        counts=dict(Counter(answer.status for answer in answers)),
        unused_columns=sheet.unused,
        rows=tuple(answers),
    )


async def _answers(deps: Runtime, sheet: Sheet, wanted: ListOfOrders) -> AsyncIterator[OrderRowAnswer]:
    """Row by row, in the list's order."""
    grounds = {one.code: one.title for one in in_force_on(today()).emergency_grounds}
    rehearsal, fresh = Rehearsal(), list[Opening]()
    seen: dict[UUID, int] = {}
    for number, row in sheet.rows:
        try:
            order = _read(row, wanted.scheme_id, grounds)
            if (before := seen.setdefault(order.key, number)) != number:
                raise CellFault(f"与第{before}行相同；确是另一个批次的，请在“自编号”一列写明不同的编号")
        except CellFault as fault:
            yield OrderRowAnswer(row=number, status=OrderRowStatus.INVALID, reason=f"{fault}。")
            continue
        yield await _answered(deps, wanted, number, order, rehearsal, fresh)
        if len(fresh) >= _STARTED_TOGETHER:
            deps.later(_start(deps, tuple(fresh)))
            fresh.clear()
    deps.later(_start(deps, tuple(fresh)))


async def _answered(
    deps: Runtime,
    wanted: ListOfOrders,
    number: int,
    order: _Order,
    rehearsal: Rehearsal,
    fresh: list[Opening],
) -> OrderRowAnswer:
    """What became of a row; what it opened is added to ``fresh``, to be started."""
    try:
        if wanted.dry_run:
            opened = await batches.opened_before(deps.engine, order.key, order.asked, wanted.actor)
            if opened is None:
                await rehearsal.try_out(deps, wanted.actor, order.asked)
        else:
            opened = await opened_by(deps, wanted.actor, order.asked, order.key)
    except KeyReused:
        what = f"自编号“{order.own_no[:50]}”" if order.own_no else "同样的一行"
        reason = f"{what}已由他人下达，或者已用于内容不同的另一个批次。"
        return OrderRowAnswer(row=number, status=OrderRowStatus.REFUSED, code="key_reused", reason=reason)
    except StoreError as error:
        return _refused(number, of_store(error))
    except Problem as problem:
        return _refused(number, problem)
    if opened is None:
        return OrderRowAnswer(row=number, status=OrderRowStatus.ORDERED)
    status = OrderRowStatus.ORDERED if opened.fresh else OrderRowStatus.ORDERED_BEFORE
    if opened.fresh:
        fresh.append(opened.opening)
    return OrderRowAnswer(row=number, status=status, batch_no=opened.opening.batch_no)


def _refused(number: int, problem: Problem) -> OrderRowAnswer:
    return OrderRowAnswer(row=number, status=OrderRowStatus.REFUSED, code=problem.code, reason=problem.detail)


def _read(row: Row, scheme_id: str, grounds: dict[str, str]) -> _Order:
    """Raises ``CellFault``."""
    said = order_of(row, grounds) | {"scheme_id": scheme_id}
    own_no = row.text(Column.OWN_NO)
    try:
        asked = NamedOrder.model_validate(said)
    except ValidationError as error:
        raise CellFault(field_message(NamedOrder, error)) from None
    told = {"own_no": own_no} if own_no else {"row": asked.model_dump(mode="json")}
    key = uuid5(_ROWS, canonical({"scheme": scheme_id, **told}))
    return _Order(asked, key, own_no)


async def _start(deps: Runtime, openings: Sequence[Opening]) -> None:
    for opening in openings:
        await start(deps, opening)
