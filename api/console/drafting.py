"""Drafting a plan, a scheme or a commission at the desk; what is not known yet is left open."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from api.console.desk import Desk, Form, only_for
from api.console.fields import Field, Kind, fields_of
from api.console.pages import today
from api.console.planning import MATTERS, Place, address, to_choose
from api.console.registered import choices
from api.console.route import ConsoleRoute
from api.console.sheets import Base, EntrySheet, begin, begun_at, go_on
from api.planning.deciding import DRAFTERS
from api.planning.showing import TITLES, PlannedId
from messages.planning import CommissionDraft, NewCommission, NewScheme, PlanDraft, SchemeDraft
from messages.registers import Register

router = APIRouter(prefix="/console/plans", include_in_schema=False, route_class=ConsoleRoute)

_Drafter = Annotated[Desk, only_for(*DRAFTERS)]
_NEW: dict[str, type[BaseModel]] = {
    "plans": PlanDraft,
    "schemes": NewScheme,
    "commissions": NewCommission,
}
_CHANGED: dict[str, type[BaseModel]] = {
    "plans": PlanDraft,
    "schemes": SchemeDraft,
    "commissions": CommissionDraft,
}
_CODES = {
    "laboratories": Register.LABORATORIES,
    "platforms": Register.PLATFORMS,
}
# What a new one stands under, with what there is to choose from, and how it is asked.
_ABOVE = {
    "plan_id": ("plans", "所属抽检计划", {}),
    "scheme_id": ("schemes", "所依据的抽检实施方案", {"in_force": "true"}),
}
_REPLACED = "/console/plans/commissions/{id_}/replacing"


@router.get("/{place}/new")
async def ask_new(
    desk: _Drafter,
    place: Place,
    plan_id: Annotated[str, Query(max_length=40)] = "",
    scheme_id: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    body: dict[str, Any] = {"plan_id": plan_id}
    if place == "plans":
        body = {"content": {"year": today()[:4]}}
    if place == "commissions":
        body = {"scheme_id": scheme_id, "content": {"to": "bureau", **await _of_scheme(desk, scheme_id)}}
    return await begin(desk, await _sheet(desk, place, None), body)


async def _of_scheme(desk: Desk, scheme_id: str) -> dict[str, Any]:
    """What a commission mostly takes over: kinds of product, to be made fewer, and whom to ask."""
    if not scheme_id:
        return {}
    content = (await desk.door.get(f"/schemes/{scheme_id}"))["content"]
    return {"product_kinds": content["product_kinds"], "contact": content["contact"]}


@router.post("/{place}/new")
async def take_new(desk: _Drafter, place: Place, sent: Form) -> Response:
    return await go_on(desk, await _sheet(desk, place, None), sent)


@router.get("/{place}/{id_}/change")
async def ask(desk: _Drafter, place: Place, id_: PlannedId, base: Base = None) -> HTMLResponse:
    """From the last draft; ``base``: what was kept for later of a form that began at that one."""
    one = await desk.door.get(f"/{place}/{id_}")
    sheet = begun_at(await _sheet(desk, place, one["id"]), one["version"] if base is None else base)
    return await begin(desk, sheet, {"content": one["content"]})


@router.post("/{place}/{id_}/change")
async def take(desk: _Drafter, place: Place, id_: PlannedId, sent: Form, base: Base = None) -> Response:
    one = await desk.door.get(f"/{place}/{id_}")
    return await go_on(desk, begun_at(await _sheet(desk, place, one["id"]), base), sent)


@router.get("/commissions/{id_}/replacing")
async def ask_replacing(desk: _Drafter, id_: PlannedId) -> HTMLResponse:
    """A new commission like it, in its place from the approval on."""
    one = await desk.door.get(f"/commissions/{id_}")
    body = {"scheme_id": one["scheme_id"], "replaces": one["id"], "content": one["content"]}
    return await begin(desk, await _replacing(desk, one), body)


@router.post("/commissions/{id_}/replacing")
async def take_replacing(desk: _Drafter, id_: PlannedId, sent: Form) -> Response:
    one = await desk.door.get(f"/commissions/{id_}")
    return await go_on(desk, await _replacing(desk, one), sent)


async def _replacing(desk: Desk, one: dict[str, Any]) -> EntrySheet:
    sheet = await _sheet(desk, "commissions", None)
    reason = next(one for one in fields_of(NewCommission) if one.name == "reason")
    hidden = [
        replace(one, kind=Kind.HIDDEN)
        for one in fields_of(NewCommission)
        if one.name in ("scheme_id", "replaces")
    ]
    content = [one for one in sheet.fields if one.name == "content"]
    return replace(
        sheet,
        title=f"另立一件委托，替换 {one['id']}",
        path=_REPLACED.format(id_=one["id"]),
        back=(address("commissions", one["id"]), one["id"]),
        asked=(*hidden, replace(reason, label="替换的理由"), *content),
    )


async def _sheet(desk: Desk, place: str, id_: str | None) -> EntrySheet:
    title = TITLES[MATTERS[place]]
    model = _CHANGED[place] if id_ else _NEW[place]
    return EntrySheet(
        title=f"修改{title} {id_}" if id_ else f"起草{title}",
        model=model,
        path=address(place, id_, "change") if id_ else f"/console/plans/{place}/new",
        door=f"/{place}/{id_}" if id_ else f"/{place}",
        method="PUT" if id_ else "POST",
        back=(address(place, id_), id_) if id_ else ("/console/plans", "计划和方案"),
        done=lambda answer: address(place, answer["id"]),
        tried=False,
        asked=tuple(await _asked(desk, fields_of(model), reasoned=bool(id_) and place != "commissions")),
    )


async def _asked(desk: Desk, fields: Sequence[Field], *, reasoned: bool) -> list[Field]:
    """What it stands under first, chosen among what there is; with the codes that the registers have."""
    asked: list[Field] = []
    for one in fields:
        if one.name in _ABOVE:
            place, label, wanted = _ABOVE[one.name]
            offered = await to_choose(desk, place, **wanted)
            asked.insert(0, replace(one, label=label, kind=Kind.MANY, choices=offered))
        elif one.name == "content":
            inner = [await _with_codes(desk, each) for each in one.inner]
            asked.append(replace(one, inner=tuple(inner)))
        elif reasoned and one.name == "reason":
            asked.append(one)
    return asked


async def _with_codes(desk: Desk, one: Field) -> Field:
    if one.name == "code":
        held = [*await choices(desk, Register.BUREAUS), *await choices(desk, Register.LABORATORIES)]
        return replace(one, label="受委托的下级局或者检验机构", kind=Kind.MANY, choices=tuple(held))
    if one.name not in _CODES:
        return one
    told = "；".join(
        f"{code} {title.rpartition('（')[0]}" for code, title in await choices(desk, _CODES[one.name])
    )
    return replace(one, hint=f"登记簿中的：{told or '还没有'}")
