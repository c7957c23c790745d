"""What the public sees: published results (§7) and announcements (§6). Open to all."""

from fastapi import APIRouter

from api.batches import Cursor, Limit
from api.problems import documented
from api.runtime import Deps
from api.views import Listing, PublishedDocument
from store import reads
from store.pages import Page

router = APIRouter(prefix="/public", tags=["公开信息"])


@router.get("/results", summary="抽检结果公示", responses=documented(422, 503))
async def results(deps: Deps, limit: Limit = 50, cursor: Cursor = None) -> Listing[PublishedDocument]:
    """新公示的在前；更正与原公示并列（§7）。无需令牌。"""
    return _shown(await reads.public_results(deps.engine, limit=limit, cursor=cursor))


@router.get("/announcements", summary="公告", responses=documented(422, 503))
async def announcements(deps: Deps, limit: Limit = 50, cursor: Cursor = None) -> Listing[PublishedDocument]:
    """无法送达的文书的公告，新发布的在前（§6）。无需令牌。"""
    return _shown(await reads.public_announcements(deps.engine, limit=limit, cursor=cursor))


def _shown(page: Page[reads.DocumentRow]) -> Listing[PublishedDocument]:
    return Listing(
        items=tuple(map(PublishedDocument.model_validate, page.items)), next_cursor=page.next_cursor
    )
