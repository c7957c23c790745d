"""Random draws, open to all: what was frozen before the seed was known, what was drawn, how to repeat it."""

import asyncio
import shlex
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import PlainTextResponse

from api.batches import Cursor
from api.draws.showing import DrawId, faults_in, list_file
from api.draws.views import MOST_SHOWN, DrawEventView, DrawnPlace, DrawView, draw_view
from api.public.frame import frame
from api.public.masking import masked
from api.public.routes import PageRoute
from api.public.rows import row_table
from api.signed import KEYS_PATH, TEXT
from api.web.html import Html, html
from api.web.problems import Problem, documented
from api.web.receiving import CSV
from api.web.runtime import Deps, Runtime
from law.calendar import SHANGHAI, chinese_day
from law.draw_course import DrawState
from messages.draws import DRAW_EVENTS, DRAW_STATES, DrawCandidate, DrawEventKind, ExcludedCandidate
from store.draws import reading
from store.draws.reading import DrawSummary
from store.draws.standing import DrawOnRecord
from store.errors import DrawUnknown

router = APIRouter(prefix="/public/draws", tags=["公开信息"])
page_router = APIRouter(route_class=PageRoute, include_in_schema=False)

STATES = DRAW_STATES | {DrawState.FROZEN: "已公布名单，待种子公布"}
_EVENTS = DRAW_EVENTS | {DrawEventKind.FROZEN: "名单冻结、公布"}
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
_ON_A_PAGE = 20
_LIST = """<p id="found" role="status">{said}</p>
{items}{more}"""
_MORE = '<nav aria-label="翻页"><a rel="next" href="/chouqu?cursor={cursor}">更早的</a></nav>'
_PAGE = """<article aria-label="{id}">
<h2>{id}</h2>
<p class="verdict">{state}</p>
{notes}<dl>{facts}</dl></article>
{parts}{repeat}"""
_FACT = "<div><dt>{title}</dt><dd{digest}>{said}</dd></div>\n"
_ALTERED = '<p class="past note">本次抽取的记录与签名不符：{said}。</p>\n'
_NOTE = '<a href="/public/draws/{id}/record/{no}.txt">第{no}号</a>'
_PART = '<h2 class="next">{title}</h2>\n{body}'
_SAID = '<p class="small">{said}</p>\n'
_REPEAT = """<h2 class="next">怎样核验</h2>
<div class="card"><p>名单在种子公布之前已经冻结。用同一份名单、同一个种子，谁抽结果都相同。</p>
<ol><li>下载<a href="/public/draws/{id}/candidates.csv">候选名单</a>，核对它的 SHA-256 就是上面所列的；</li>
<li>下载核验程序<a href="/public/draws/draw.py">draw.py</a>（抽取方法 {method}），它只需要 Python 3，不联网；
SHA-256：<span class="digest">{verifier}</span></li>
<li>从种子的来源自行取得种子，然后运行：<br><code class="digest">{command}</code></li></ol>
<p>逐行显示的就是抽中的编号，依次；把最后的数量改大，就看到依次由谁递补。</p>
<p>每条记录都有签名的文本，载明前一条的摘要，请自行保存；公钥：<a href="{keys}">{keys}</a>，核验程序
<code>verify/certificate.py</code>。</p></div>
"""


@cache
def _verifier() -> bytes:
    return (files("verify") / "draw.py").read_bytes()


@router.get(
    "/draw.py",
    summary="随机抽查的核验程序",
    description="只需要 Python 3 的标准库：`python3 draw.py 候选名单.csv 种子 数量`。",
    response_class=Response,
    responses={200: {"content": {"text/x-python": {}}, "description": "程序"}},
)
async def verifier() -> Response:
    headers = {"Content-Disposition": 'attachment; filename="draw.py"'}
    return Response(_verifier(), media_type="text/x-python; charset=utf-8", headers=headers)


@router.get(
    "/{draw_id}/candidates.csv",
    summary="随机抽查的候选名单",
    description="已经冻结、公布的；逐字节就是签名的摘要所指的文件。",
    response_class=Response,
    responses={200: {"content": {CSV: {}}, "description": "名单"}, **documented(404, 422, 503)},
)
async def published_list(deps: Deps, draw_id: DrawId) -> Response:
    return await list_file(await _published(deps, draw_id))


@router.get(
    "/{draw_id}/record/{no}.txt",
    summary="随机抽查的一条记录，有签名",
    description="冻结、抽取、跳过、更正，一条一份有签名的文本（C2SP signed-note），永不改变，无需令牌。",
    response_class=Response,
    responses={**TEXT, **documented(404, 422, 503)},
)
async def published_line(
    deps: Deps, draw_id: DrawId, no: Annotated[int, Path(title="序号", ge=1, le=2**31 - 1)]
) -> PlainTextResponse:
    draw = await _published(deps, draw_id)
    note = next((one.note for one in draw.events if one.no == no), None)
    if note is None:
        raise Problem(404, "draw_line_unknown", f"{draw_id} 没有第{no}条记录。")
    return PlainTextResponse(note, headers=_FOR_GOOD)


@page_router.get("/chouqu")
async def draws_page(deps: Deps, cursor: Cursor = None) -> Response:
    page = await reading.listed(deps.engine, limit=_ON_A_PAGE, cursor=cursor, published=True)
    said = "新公布的在前。" if page.items else "还没有随机抽查。"
    titles = ("名称", "编号", "状态", "候选", "抽取", "种子公布")
    items = row_table("随机抽查", titles, map(_summary, page.items)) if page.items else ""
    more = html(_MORE, cursor=page.next_cursor) if page.next_cursor else ""
    return frame("chouqu", "随机抽查", html(_LIST, said=said, items=items, more=more))


@page_router.get("/chouqu/{draw_id}")
async def draw_page(deps: Deps, draw_id: DrawId) -> Response:
    draw = await _published(deps, draw_id)
    faults = await faults_in(deps, draw)
    one = await asyncio.to_thread(lambda: masked(draw, draw_view(draw, (), faults)))
    body = html(
        _PAGE,
        id=one.id,
        state=STATES[one.state],
        notes=html(_ALTERED, said="；".join(one.faults)) if one.faults else "",
        facts=_facts(one),
        parts=[
            _drawn(one),
            _part("排除的", ("编号", "名称", "理由"), map(_excluded, one.excluded)),
            _part("权重不是1的", ("编号", "名称", "权重", "理由"), map(_weighted, one.weighted)),
            _candidates(one),
            _part(
                "记录",
                ("时间", "事项", "说明", "有签名的文本"),
                (_event(one.id, each) for each in one.events),
            ),
        ],
        repeat=_repeat(one),
    )
    address = f"{deps.settings.public_address}/chouqu/{one.id}"
    return frame("chouqu", one.title, body, name=f"{one.title}：{STATES[one.state]}", address=address)


async def _published(deps: Runtime, draw_id: str) -> DrawOnRecord:
    """Raises ``DrawUnknown``, for a draft as well."""
    draw = await reading.one(deps.engine, draw_id)
    if draw.event(DrawEventKind.FROZEN) is None:
        raise DrawUnknown(draw_id)
    return draw


def _facts(one: DrawView) -> list[Html]:
    source = one.frozen.seed_source
    facts = [
        ("抽检实施方案", one.scheme_id),
        ("名单冻结、公布", _moment(one.frozen_at)),
        ("候选", f"{one.candidates}个，权重合计{one.frozen.weight}"),
        ("抽取数量", one.wanted),
        ("抽取方法", one.frozen.method),
        ("种子取自", source.what),
        ("种子公布", f"{source.where}，{_moment(source.announced_at)}"),
        *((("种子", one.seed), ("种子读自", one.read_from)) if one.seed else ()),
    ]
    digest = html(_FACT, title="名单的 SHA-256", digest=Html(' class="digest"'), said=one.frozen.list_sha256)
    return [*(html(_FACT, title=title, digest="", said=said) for title, said in facts), digest]


def _drawn(one: DrawView) -> Html | str:
    places = (
        (
            html('<span class="{of}">{id}</span>', of="past" if each.reason else "verdict", id=each.id),
            each.name or "",
            f"不能购样：{each.reason}" if each.state is DrawnPlace.SKIPPED else "抽中",
            (each.next or "没有可以递补的") if each.state is DrawnPlace.SKIPPED else "",
        )
        for each in one.drawn
    )
    return _part("抽中的，依次（递补的在后）", ("编号", "名称", "情况", "由谁递补"), places)


def _candidates(one: DrawView) -> Html:
    more = html(_SAID, said=f"共{one.candidates}个，此处列出前{MOST_SHOWN}个；全部见候选名单文件。")
    rows = ((each.id, each.name or "", str(each.weight)) for each in one.shown)
    table = row_table("候选名单", ("编号", "名称", "权重"), rows)
    body = [more if one.candidates > len(one.shown) else "", table]
    return html(_PART, title="候选名单", body=body)


def _repeat(one: DrawView) -> Html:
    seed = shlex.quote(one.seed) if one.seed else "种子"
    return html(
        _REPEAT,
        id=one.id,
        method=one.frozen.method,
        verifier=sha256(_verifier()).hexdigest(),
        command=f"python3 draw.py {one.id}.csv {seed} {one.wanted}",
        keys=KEYS_PATH,
    )


def _part(title: str, titles: tuple[str, ...], rows: Iterable[tuple[str | Html, ...]]) -> Html | str:
    """A part of the page; nothing where it has no rows."""
    known = list(rows)
    return html(_PART, title=title, body=row_table(title, titles, known)) if known else ""


def _summary(one: DrawSummary) -> tuple[str | Html, ...]:
    link = html('<a href="/chouqu/{id}">{title}</a>', id=one.id, title=one.title)
    told = (STATES[one.state], f"{one.candidates}个", f"{one.wanted}个", _moment(one.announced_at))
    return (link, one.id, *told)


def _excluded(one: ExcludedCandidate) -> tuple[str, ...]:
    return one.id, one.name or "", one.reason


def _weighted(one: DrawCandidate) -> tuple[str, ...]:
    return one.id, one.name or "", str(one.weight), one.weight_reason or ""


def _event(draw_id: str, one: DrawEventView) -> tuple[str | Html, ...]:
    told = {
        "种子": one.seed,
        "读自": one.read_from,
        "抽中": "、".join(one.drawn),
        "编号": one.candidate,
        "理由": one.reason,
    }
    return (
        _moment(one.at),
        _EVENTS[one.kind],
        "；".join(f"{title}：{said}" for title, said in told.items() if said),
        html(_NOTE, id=draw_id, no=one.no),
    )


def _moment(at: datetime | None) -> str:
    if at is None:
        return ""
    here = at.astimezone(SHANGHAI)
    return f"{chinese_day(here.date())}{here:%H:%M:%S}"
