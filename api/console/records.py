"""Quality records at the desk: whose record, what it comes to, every result with all that was said of it."""

from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from api.batches import Cursor
from api.console.desk import Desk, only_for
from api.console.route import ConsoleRoute
from api.console.through import Through
from api.figures.sheets import percent
from api.records.routes import RecordKey
from api.web.auth import BUREAU
from law.quality import SubjectKind, key_in_full
from law.vocabulary import Verdict
from messages.words import RECORD_STATES, SUBJECTS

router = APIRouter(prefix="/console/records", include_in_schema=False, route_class=ConsoleRoute)

Reader = Annotated[Desk, only_for(*BUREAU)]
_PAGE = 50
_ASKED = ("kind", "key", "verdict", "from", "to")


def record_page(kind: str, key: str) -> str:
    return f"/console/records/{kind}/{quote(key, safe='')}"


@router.get("")
async def show_all(
    desk: Reader,
    kind: SubjectKind = SubjectKind.SELLER,
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    page = await desk.door.get("/records", kind=kind, q=q.strip(), limit=_PAGE, cursor=cursor)
    following = page["next_cursor"]
    asked = {"kind": kind.value, "q": q.strip()}
    return desk.page(
        "records.html",
        kind=kind,
        kinds=SUBJECTS,
        sought=q.strip(),
        found=page["items"],
        address=record_page,
        shown=key_in_full,
        following=following and f"/console/records?{urlencode(asked | {'cursor': following})}",
    )


@router.get("/list.{ending}")
async def download(desk: Reader, ending: Literal["xlsx", "csv"]) -> Response:
    """As credit platforms ask for them."""
    asked = desk.request.query_params
    return Through(desk, f"/exports/records.{ending}", {name: asked.get(name) for name in _ASKED})


@router.get("/{subject}/{key:path}")
async def show(
    desk: Reader,
    subject: SubjectKind,
    key: RecordKey,
    verdict: Verdict | None = None,
    cursor: Cursor = None,
) -> HTMLResponse:
    address = f"/records/{subject}/{quote(key, safe='')}"
    found = await desk.door.get(address, verdict=verdict, limit=_PAGE, cursor=cursor)
    following = found["next_cursor"]
    asked = {"verdict": verdict, "cursor": following}
    query = urlencode({name: value for name, value in asked.items() if value})
    return desk.page(
        "record.html",
        kind=subject,
        key=key,
        one=found,
        verdict=verdict,
        kinds=SUBJECTS,
        states=RECORD_STATES,
        shown=key_in_full,
        percent=percent,
        here=record_page(subject, key),
        following=following and f"{record_page(subject, key)}?{query}",
    )
