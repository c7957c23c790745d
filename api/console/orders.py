"""Ordering a batch at the desk: under an approved scheme by names, like an earlier one, or from nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from api.batches import Cursor
from api.console.begun import begun_orders
from api.console.desk import Desk, Form, batch_path, only_for
from api.console.fields import Field, Kind, asked_of, fields_of
from api.console.pages import today
from api.console.registered import choices
from api.console.route import ConsoleRoute
from api.console.sheets import EntrySheet, begin, go_on
from api.planning.showing import PlannedId
from law.vocabulary import Role
from messages.named_order import NamedOrder
from messages.order import BatchOrder
from messages.planning import CommissionedTo
from messages.registers import Register

router = APIRouter(prefix="/console/orders", include_in_schema=False, route_class=ConsoleRoute)

_Orders = Annotated[Desk, only_for(Role.OFFICER, Role.SUPERVISOR)]
_BACK = ("/console/orders/new", "下达抽检批次")
# So that the page of the batch says that it was ordered.
_ORDERED = "?ordered=true"
# What is the matter of one batch alone.
_OF_ONE = (
    *("supervisor_reason", "follows_up", "consumer_complaint_case", "authorization", "commission"),
    *("emergency_ground", "other_ground"),
)
_WHOLE = EntrySheet(
    title="下达抽检批次：自行填写",
    model=BatchOrder,
    path="/console/orders/whole",
    door="/batches",
    back=_BACK,
    done=lambda answer: batch_path(answer["batch_no"]) + _ORDERED,
)
_SCHEMES, _SELLERS = 50, 20
_BUSINESSES = ("seller_code", "producer_code")
# The model's titles speak to programs: what is asked for a person, and what is said beside.
_WORDED = {
    "product_kind": ("商品品种", "方案只有一种的可以不选"),
    "laboratory": ("承检机构", ""),
    "platform": ("第三方交易平台", "不在平台上的不选"),
    "commission_id": ("委托下级局执行", "本局自行执行的不选；只列本方案之下已批准、没有终止的委托"),
    "seller_code": ("登记的经营者的代码", "没有登记的不填，改填下一项"),
    "seller": ("没有登记的经营者", "已经登记的不填"),
    "shop": ("店铺网址", "登记的店铺在该平台只有一个的，可以不填"),
    "producer_code": ("登记的标称生产者的代码", "没有登记的不填，改填下一项"),
    "producer": ("没有登记的标称生产者", "已经登记的不填"),
}


@router.get("/new")
async def choose(
    desk: _Orders,
    scheme: Annotated[str, Query(max_length=40)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    """First the scheme, then the seller; whoever needs neither goes on otherwise."""
    found: dict[str, Any] = {"items": (), "next_cursor": None}
    if scheme and q.strip():
        found = await desk.door.get(f"/{Register.BUSINESSES}", q=q.strip(), limit=_SELLERS)
    if scheme:
        one = await desk.door.get(f"/schemes/{scheme}")
        return desk.page("order_seller.html", scheme=one, sought=q.strip(), found=found)
    page = await desk.door.get("/schemes", in_force="true", limit=_SCHEMES, cursor=cursor)
    return desk.page(
        "order_scheme.html",
        schemes=page["items"],
        following=page["next_cursor"],
        begun=await begun_orders(desk),
    )


@router.get("/under/{id_}")
async def ask_named(
    desk: _Orders,
    id_: PlannedId,
    seller: Annotated[str | None, Query(max_length=64)] = None,
    commission: Annotated[str | None, Query(max_length=40)] = None,
    draw: Annotated[str | None, Query(title="随机抽查的编号", max_length=40)] = None,
    candidate: Annotated[str | None, Query(title="抽中的编号", max_length=500)] = None,
) -> HTMLResponse:
    sheet, body = await _named(desk, id_, {"seller_code": seller})
    drawn = {"draw_id": draw, "candidate": candidate} if draw and candidate else None
    picked = {"seller_code": seller, "commission_id": commission, "drawn_from": drawn}
    return await begin(desk, sheet, body, {name: said for name, said in picked.items() if said})


@router.post("/under/{id_}")
async def take_named(desk: _Orders, id_: PlannedId, sent: Form) -> Response:
    sheet, _ = await _named(desk, id_, {name: sent[name] for name in _BUSINESSES})
    return await go_on(desk, sheet, sent)


@router.get("/whole")
async def ask(
    desk: _Orders, like: Annotated[str | None, Query(title="参照的批次", max_length=100)] = None
) -> HTMLResponse:
    body: dict[str, Any] = {"regulation_date": today(), "kind": "routine"}
    if like:
        earlier = await desk.door.get(f"/batches/{like}/order")
        body = {name: value for name, value in earlier.items() if name not in _OF_ONE} | body
    return await begin(desk, _whole(desk), body)


@router.post("/whole")
async def take(desk: _Orders, sent: Form) -> Response:
    return await go_on(desk, _whole(desk), sent)


def _whole(desk: Desk) -> EntrySheet:
    return replace(_WHOLE, asked=asked_of(desk.session.role, fields_of(BatchOrder)))


async def _named(desk: Desk, id_: str, codes: Mapping[str, str | None]) -> tuple[EntrySheet, dict[str, Any]]:
    """The form of an order under this scheme, and what it begins with: what there is one of, is that one.

    ``codes`` are those of registered businesses, which are shown with their names.
    """
    scheme = await desk.door.get(f"/schemes/{id_}", **await _in_force(desk, id_))
    content = scheme["content"]
    offered = {
        "product_kind": [(one["kind"], one["kind"]) for one in content["product_kinds"]],
        "laboratory": await _of(desk, Register.LABORATORIES, content["laboratories"]),
        "platform": await _of(desk, Register.PLATFORMS, content["platforms"]),
        "commission_id": await _commissions(desk, scheme["id"]),
    }
    sheet = EntrySheet(
        title=f"按方案下达：{content['title']}",
        model=NamedOrder,
        path=f"/console/orders/under/{scheme['id']}",
        door="/batches",
        back=_BACK,
        done=lambda answer: batch_path(answer["batch_no"]) + _ORDERED,
        asked=asked_of(desk.session.role, tuple(_asked(offered, await _called(desk, codes)))),
    )
    # That there is one commission does not mean that this batch is carried out under it.
    single = {name: given for name, given in offered.items() if name != "commission_id"}
    only = {name: given[0][0] for name, given in single.items() if len(given) == 1}
    return sheet, {"scheme_id": scheme["id"], "kind": "routine", **only}


async def _called(desk: Desk, codes: Mapping[str, str | None]) -> dict[str, tuple[str, str]]:
    """Each code with the name that the register has today; one that it has not is told when it is tried."""
    found = {}
    for name, code in codes.items():
        if code:
            answer = await desk.door.ask("GET", f"/{Register.BUSINESSES}/{quote(code, safe='')}")
            if not answer.is_error:
                found[name] = (code, answer.json()["entry"]["name"])
    return found


async def _in_force(desk: Desk, id_: str) -> dict[str, Any]:
    """Which draft is ordered under; a later one may be on its way."""
    version = (await desk.door.get(f"/schemes/{id_}"))["in_force"]
    return {} if version is None else {"version": version}


async def _of(desk: Desk, register: Register, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Those that the scheme names, as they are called today; one that is not listed by its code."""
    called = dict(await choices(desk, register))
    return [(code, called.get(code, code)) for code in codes]


async def _commissions(desk: Desk, scheme_id: str) -> list[tuple[str, str]]:
    """Those to subordinate bureaus that stand under the scheme."""
    page = await desk.door.get("/commissions", scheme_id=scheme_id, in_force="true", limit=200)
    given = [one for one in page["items"] if one["to"] == CommissionedTo.BUREAU]
    return [
        (one["id"], f"{one['commissioned'] or one['code']}：{one['title']}（{one['id']}）") for one in given
    ]


def _asked(
    offered: Mapping[str, Sequence[tuple[str, str]]], called: Mapping[str, tuple[str, str]]
) -> Iterator[Field]:
    for one in fields_of(NamedOrder):
        label, hint = _WORDED.get(one.name, (one.label, one.hint))
        asked = replace(one, label=label, hint=hint)
        if one.name == "scheme_id":
            yield replace(asked, kind=Kind.HIDDEN)
        elif one.name in offered:
            yield replace(asked, kind=Kind.MANY, choices=tuple(offered[one.name]))
        elif one.name in called:
            code, title = called[one.name]
            told = f"{code} 是{title}；{hint}"
            yield replace(asked, hint=told, choices=((code, f"{title}（{code}）"),))
        else:
            yield asked
