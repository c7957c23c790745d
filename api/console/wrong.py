"""What is put right: a step as it stands on record, or the order, and both sides of a correction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from api.console.desk import Desk
from api.console.fields import Field, Kind, fields_of
from api.console.forms import EntryForm, OfferedEvidence
from api.web.problems import Problem
from api.web.wording import message
from messages.evidence import named_in
from messages.names import order_id
from messages.order import WHO_AND_WHERE, BatchOrder
from messages.steps import STEPS, StepName

_ORDER = "下达抽检批次"


@dataclass(frozen=True)
class Wrong:
    """``body`` is what it says now: as it was filed, or as put right since; None once it never happened.

    Of an order ``fields`` are those that can be put right, ``body`` is all of it.
    """

    step_id: str
    title: str
    model: type[BaseModel]
    fields: tuple[Field, ...]
    body: Mapping[str, Any] | None
    filed: Mapping[str, Any] | None

    @property
    def is_order(self) -> bool:
        return self.filed is None

    @property
    def evidence(self) -> list[OfferedEvidence]:
        """What it names itself, whether the batch has it or not."""
        return [OfferedEvidence(one.sha256, one.reference, one.keeper) for one in named_in(self.body)]

    def with_order(self, entered: Mapping[str, Any]) -> dict[str, Any]:
        """All of the order, with what of it was entered anew."""
        return _laid_over(self.body or {}, entered) if self.is_order else dict(entered)

    def faults(self, body: Mapping[str, Any]) -> list[dict[str, str]]:
        """What of a body the step cannot have said, each with its place."""
        try:
            self.model.model_validate(body)
        except ValidationError as error:
            return [
                {"pointer": "".join(f"/{part}" for part in ("body", *one["loc"])), "message": message(one)}
                for one in error.errors()
            ]
        return []


@dataclass(frozen=True)
class Side:
    """One answer on both sides, before and after."""

    place: str
    field: Field
    label: str
    differs: bool


async def wrong_of(desk: Desk, batch_no: str, step_id: UUID, *, but: UUID | None = None) -> Wrong:
    """Raises :class:`Problem` as the API does. ``but``: without this correction and later ones."""
    if step_id == order_id(batch_no):
        order = await desk.door.get(f"/batches/{batch_no}/order")
        return Wrong(str(step_id), _ORDER, BatchOrder, _who_and_where(), order, None)
    filed = await desk.door.get(f"/batches/{batch_no}/steps/{step_id}")
    model = STEPS[StepName(filed["step"])]
    if model.NAME in (StepName.RECORD_CORRECTED, StepName.CORRECTION_CONFIRMED):
        raise Problem(404, "not_found", "更正本身不能更正：更正有误的，就原来的步骤另行更正。")
    body = filed["body"]
    for one in filed["corrected_by"]:
        if one["correction"] == str(but):
            break
        body = one["body"]
    return Wrong(str(step_id), model.TITLE, model, fields_of(model), body, filed)


def sides(fields: Sequence[Field], before: EntryForm, after: EntryForm) -> list[Side]:
    """Every question that either side answers, in the order of the form."""
    asked = dict(before.places()) | dict(after.places())
    return [
        Side(place, one, before.label(place), before.value(place) != after.value(place))
        for place, one in sorted(asked.items(), key=lambda item: _order_of(fields, item[0]))
        if one.kind is not Kind.HIDDEN and (before.value(place) or after.value(place))
    ]


def _order_of(fields: Sequence[Field], place: str) -> tuple[int, ...]:
    """Where a question stands among the others."""
    order: list[int] = []
    for part in place.split("."):
        if part.isdecimal():
            order.append(int(part))
            continue
        names = [one.name for one in fields]
        order.append(names.index(part))
        fields = fields[order[-1]].inner
    return tuple(order)


def _who_and_where() -> tuple[Field, ...]:
    """Of the order's questions those whose answers can be put right."""
    kept = []
    for one in fields_of(BatchOrder):
        names = {path.partition(".")[2] for path in WHO_AND_WHERE if path.startswith(f"{one.name}.")}
        if inner := tuple(field for field in one.inner if field.name in names):
            kept.append(replace(one, inner=inner))
    return tuple(kept)


def _laid_over(said: Mapping[str, Any], entered: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(said)
    for name, value in entered.items():
        before = said.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            whole[name] = _laid_over(before, value)
        else:
            whole[name] = value
    return whole
