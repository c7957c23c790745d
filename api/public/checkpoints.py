"""Each day's checkpoint, open to all: as JSON, as its signed text, with its time stamp, and as a page."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import PlainTextResponse
from pydantic import Field

from api.batches import Cursor, Limit
from api.public.frame import frame
from api.public.routes import PageRoute
from api.signed import TEXT
from api.views import Listing, View
from api.web.html import Html, html
from api.web.problems import Problem, documented
from api.web.runtime import Deps
from law.calendar import chinese_day
from store.checkpoints import keeping
from store.checkpoints.keeping import Checkpoint

router = APIRouter(prefix="/public/checkpoints", tags=["公开信息"])
page_router = APIRouter(route_class=PageRoute, include_in_schema=False)

_STAMP = "application/timestamp-reply"
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
_ON_A_PAGE = 30
_PAGE = """<div class="card"><p>每日零时过后，全部批次办理记录的末条固定为检查点，由本局签名{stamped}。</p>
<p>检查点一经公布，此前的记录如被改动，即与检查点不符。请自行保存。</p>
<p>签名所用的公钥：<a href="/.well-known/choujian-keys.txt">/.well-known/choujian-keys.txt</a>；核验程序
<code>verify/certificate.py</code> 只需要 Python。</p></div>
<ol class="list" id="found" reversed>{items}</ol>
{more}"""
_ITEM = """<li><h2>第{no}号</h2>
<p class="small about"><span>{day}</span> <span>{size}个批次</span> <span>{stamp}</span></p>
<p class="digest">{root}</p>
<p><a href="/public/checkpoints/{no}.txt">有签名的文本</a>{token}</p></li>
"""
_TOKEN = '，<a href="/public/checkpoints/{no}.tsr">时间戳（RFC 3161）</a>'
_NOTHING = '<div class="card"><p>还没有检查点。</p></div>'
_MORE = '<nav aria-label="翻页"><a href="/cunzheng?cursor={cursor}">更早的检查点</a></nav>'

No = Annotated[int, Path(title="检查点编号", ge=1, le=2**31 - 1)]


class CheckpointView(View):
    """One day's checkpoint; ``note`` is all of it, the rest is read from there or follows."""

    no: int = Field(title="编号，从 1 起连续")
    day: date = Field(title="日期（北京时间）")
    made_at: datetime = Field(title="制作时间")
    size: int = Field(title="批次数")
    root: str = Field(title="各批次末条的 Merkle 根（RFC 6962），十六进制")
    note: str = Field(title="有签名的文本（C2SP tlog-checkpoint），载明前一个检查点的摘要")
    authority: str | None = Field(title="加盖时间戳的机构；没有时间戳的为空")
    stamped_at: datetime | None = Field(title="时间戳所载的时间；没有时间戳的为空")


@router.get("", summary="检查点", responses=documented(422, 503))
async def list_checkpoints(deps: Deps, limit: Limit = 50, cursor: Cursor = None) -> Listing[CheckpointView]:
    """每日一个，新的在前：全部批次全程记录的末条，固定为一个摘要并签名。无需令牌。

    某批次确在其中，由期限证明所附的路径证明（`?checkpoint=编号` 可以指定检查点）。
    """
    page = await keeping.listing(deps.engine, limit=limit, cursor=cursor)
    return Listing(items=tuple(map(CheckpointView.model_validate, page.items)), next_cursor=page.next_cursor)


@router.get(
    "/{no}.txt",
    summary="检查点，有签名的文本",
    response_class=Response,
    responses={**TEXT, **documented(404, 422, 503)},
)
async def show_checkpoint(deps: Deps, no: No) -> PlainTextResponse:
    """C2SP signed-note、tlog-checkpoint 的格式；永不改变。"""
    return PlainTextResponse((await keeping.one(deps.engine, no)).note, headers=_FOR_GOOD)


_STAMPED: dict[int | str, dict[str, Any]] = {200: {"content": {_STAMP: {}}, "description": "DER"}}


@router.get(
    "/{no}.tsr",
    summary="检查点的时间戳",
    response_class=Response,
    responses={**_STAMPED, **documented(404, 422, 503)},
)
async def show_stamp(deps: Deps, no: No) -> Response:
    """时间戳服务机构的答复（RFC 3161），所盖为检查点的文本；用 `openssl ts -verify` 核验。"""
    checkpoint = await keeping.one(deps.engine, no)
    if checkpoint.token is None:
        raise Problem(404, "checkpoint_not_stamped", f"第{no}号检查点没有时间戳。")
    return Response(checkpoint.token, media_type=_STAMP, headers=_FOR_GOOD)


@page_router.get("/cunzheng")
async def checkpoints_page(deps: Deps, cursor: Cursor = None) -> Response:
    page = await keeping.listing(deps.engine, limit=_ON_A_PAGE, cursor=cursor)
    stamped = "，并由时间戳服务机构加盖时间戳" if any(one.token for one in page.items) else ""
    if not page.items:
        return frame(None, "记录存证", Html(_NOTHING))
    more = html(_MORE, cursor=page.next_cursor) if page.next_cursor else ""
    body = html(_PAGE, stamped=stamped, items=[_item(one) for one in page.items], more=more)
    return frame(None, "记录存证", body)


def _item(one: Checkpoint) -> Html:
    stamp = "没有时间戳"
    if one.stamped_at is not None:
        stamp = f"时间戳 {one.stamped_at.isoformat(timespec='seconds')}"
    return html(
        _ITEM,
        no=one.no,
        day=chinese_day(one.day),
        size=one.size,
        root=one.root,
        stamp=stamp,
        token=html(_TOKEN, no=one.no) if one.token is not None else "",
    )
