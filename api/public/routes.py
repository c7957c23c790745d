"""What the public sees: published results (§7) and announcements (§6). Open to all.

Programs ask ``/public/…``; people have pages with lasting addresses of their own (decision 25).
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BeforeValidator

from api.batches import Cursor, Limit
from api.documents import DocumentId
from api.public import feeds
from api.public.documents import one
from api.public.frame import frame
from api.public.lists import listing
from api.views import Listing, PublishedDocument
from api.web.html import cached, html
from api.web.problems import documented
from api.web.runtime import Deps, Runtime
from law.vocabulary import DocumentKind, Outcome
from messages.base import Day
from store.documents import published
from store.documents.published import Published, Search
from store.errors import CursorInvalid, DocumentUnknown, DocumentWithdrawn
from store.reads.pages import Page

_FAULT = '<div class="card"><p>{said}</p>\n<p><a href="/gongshi">查询抽检结果公示</a></p></div>'
_ON_A_PAGE = 20
_IN_A_FEED = 50
_AT_ONCE = 200


class PageRoute(APIRoute):
    """A page for people: what is wrong is said on a page too."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                made: Response = await answer(request)
                return made if isinstance(made, StreamingResponse) else cached(request, made)
            except (RequestValidationError, CursorInvalid):
                return _fault(422, "查询条件无法读取", "请检查查询条件，例如日期应当写作 2026-01-31。")
            except DocumentWithdrawn as gone:
                return _fault(410, "已经撤下", f"本公示信息不再展示：{gone.why}。")
            except DocumentUnknown:
                return _fault(404, "没有这项公示信息", "请核对地址，或者从上方栏目查询。")

        return handler


router = APIRouter(prefix="/public", tags=["公开信息"])
# Pages are no calls: like /docs they are not in the OpenAPI document.
pages_router = APIRouter(route_class=PageRoute, include_in_schema=False)

# A form sends what was left empty as empty text.
_Piece = str | None
_Empty = BeforeValidator(lambda value: value or None)
PublishedDay = Annotated[Day | None, _Empty]


async def _goods(
    seller: Annotated[
        _Piece, Query(title="网络商品经营者名称（的一部分）；自然人不能按姓名查询", max_length=100)
    ] = None,
    product: Annotated[_Piece, Query(title="商品名称（的一部分）", max_length=100)] = None,
    platform: Annotated[_Piece, Query(title="第三方交易平台经营者名称（的一部分）", max_length=100)] = None,
    published_from: Annotated[PublishedDay, Query(title="发布日期自（含当日，北京时间）")] = None,
    published_to: Annotated[PublishedDay, Query(title="发布日期至（含当日，北京时间）")] = None,
) -> Search:
    return Search(
        seller=seller,
        product=product,
        platform=platform,
        published_from=published_from,
        published_to=published_to,
    )


async def _results(
    goods: Annotated[Search, Depends(_goods)],
    trademark: Annotated[_Piece, Query(title="商标（的一部分）", max_length=100)] = None,
    outcome: Annotated[Outcome | None, _Empty, Query(title="结果")] = None,
) -> Search:
    return replace(goods, trademark=trademark, outcome=outcome)


async def _announcements(
    goods: Annotated[Search, Depends(_goods)],
    addressee: Annotated[
        _Piece, Query(title="受送达人名称（的一部分）；自然人不能按姓名查询", max_length=100)
    ] = None,
) -> Search:
    return replace(goods, addressee=addressee)


ResultSearch = Annotated[Search, Depends(_results)]
Place = Literal["gongshi", "gonggao"]
AnnouncementSearch = Annotated[Search, Depends(_announcements)]


@router.get("/results", summary="抽检结果公示", responses=documented(422, 503))
async def results(
    deps: Deps, wanted: ResultSearch, limit: Limit = 50, cursor: Cursor = None
) -> Listing[PublishedDocument]:
    """新公示的在前；更正与原公示并列（§7）。无需令牌。"""
    return _shown(await published.results(deps.engine, wanted, limit=limit, cursor=cursor))


@router.get("/announcements", summary="公告", responses=documented(422, 503))
async def announcements(
    deps: Deps, wanted: AnnouncementSearch, limit: Limit = 50, cursor: Cursor = None
) -> Listing[PublishedDocument]:
    """无法送达的文书的公告，新发布的在前（§6）。无需令牌。"""
    return _shown(await published.announcements(deps.engine, wanted, limit=limit, cursor=cursor))


@pages_router.get("/")
async def home() -> Response:
    """Whoever knows only whose site it is."""
    return RedirectResponse("/gongshi")


@pages_router.get("/gongshi")
async def results_page(deps: Deps, wanted: ResultSearch, cursor: Cursor = None) -> Response:
    found = await published.results(deps.engine, wanted, limit=_ON_A_PAGE, cursor=cursor)
    return await _list(deps, "gongshi", published.RESULTS, wanted, found, further=cursor is not None)


@pages_router.get("/gonggao")
async def announcements_page(deps: Deps, wanted: AnnouncementSearch, cursor: Cursor = None) -> Response:
    found = await published.announcements(deps.engine, wanted, limit=_ON_A_PAGE, cursor=cursor)
    return await _list(deps, "gonggao", published.ANNOUNCEMENTS, wanted, found, further=cursor is not None)


@pages_router.get("/gongshi.atom")
async def results_feed(deps: Deps) -> Response:
    return _feed(deps, "gongshi", await published.results(deps.engine, limit=_IN_A_FEED))


@pages_router.get("/gonggao.atom")
async def announcements_feed(deps: Deps) -> Response:
    return _feed(deps, "gonggao", await published.announcements(deps.engine, limit=_IN_A_FEED))


@pages_router.get("/gongshi.csv")
async def results_table(deps: Deps, wanted: ResultSearch) -> Response:
    async def page_after(cursor: str | None) -> Page[Published]:
        return await published.results(deps.engine, wanted, limit=_AT_ONCE, cursor=cursor)

    return _table("gongshi", feeds.table(deps.settings.public_address, published.RESULTS, page_after))


@pages_router.get("/gonggao.csv")
async def announcements_table(deps: Deps, wanted: AnnouncementSearch) -> Response:
    async def page_after(cursor: str | None) -> Page[Published]:
        return await published.announcements(deps.engine, wanted, limit=_AT_ONCE, cursor=cursor)

    lines = feeds.table(deps.settings.public_address, published.ANNOUNCEMENTS, page_after)
    return _table("gonggao", lines)


@pages_router.get("/gongshi/{document_id}")
async def result_page(deps: Deps, document_id: DocumentId) -> Response:
    return _page_of(deps, "gongshi", *await published.one(deps.engine, published.RESULTS, document_id))


@pages_router.get("/gonggao/{document_id}")
async def announcement_page(deps: Deps, document_id: DocumentId) -> Response:
    document, _others = await published.one(deps.engine, published.ANNOUNCEMENTS, document_id)
    return _page_of(deps, "gonggao", document, ())


async def _list(
    deps: Runtime,
    place: Place,
    kinds: tuple[DocumentKind, ...],
    wanted: Search,
    found: Page[Published],
    *,
    further: bool,
) -> Response:
    # A first page that is the last one has been counted already.
    counted = further or found.next_cursor
    total = await published.count(deps.engine, kinds, wanted) if counted else len(found.items)
    return listing(deps.settings.public_address, place, wanted, found, total, further=further)


def _page_of(deps: Runtime, place: Place, document: Published, beside: Sequence[Published]) -> Response:
    # The digest on that page would let anybody try out which name of a natural person it fits.
    verify = {
        each.document_id: f"/verify/{each.secret}" for each in (document, *beside) if not each.names_a_person
    }
    return one(deps.settings.public_address, place, document, beside, verify)


def _feed(deps: Runtime, place: Place, found: Page[Published]) -> Response:
    body = feeds.atom(deps.settings.public_address, place, found.items)
    return Response(body, media_type="application/atom+xml")


def _table(place: Place, lines: AsyncIterator[bytes]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{place}.csv"'}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


def _fault(status: int, title: str, said: str) -> Response:
    return frame(None, title, html(_FAULT, said=said), status)


def _shown(page: Page[Published]) -> Listing[PublishedDocument]:
    return Listing(
        items=tuple(map(PublishedDocument.model_validate, page.items)), next_cursor=page.next_cursor
    )
