"""The public site's pages: lists with their search, and one page for each document."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from api.html import Html, html, style_header
from api.views import address_of
from law.calendar import day_in_shanghai
from law.regulation import in_force_on
from law.vocabulary import DocumentKind, Outcome
from letters.words import NOTHING, chinese_day
from messages.words import OUTCOMES
from store.pages import Page
from store.published import Published, Search

CSS = (files("api.public") / "page.css").read_text("utf-8")
HEADERS = style_header(CSS)
TITLES = {"gongshi": "抽检结果公示", "gonggao": "公告"}
NEVER_PUBLISHED = (Outcome.ABANDONED, Outcome.VOIDED)

_FRAME = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {bureau}</title>
{alternates}
<style>{css}</style>
</head>
<body>
<a class="skip" href="#content">跳到正文</a>
<header>
<p class="bureau">{bureau}</p>
<nav aria-label="栏目">{places}</nav>
</header>
<main id="content">
<h1>{title}</h1>
{body}
</main>
<footer class="small">
<p>经营者为自然人的，姓名依照《中华人民共和国个人信息保护法》隐去，也不能按姓名查询。
各公示、公告的地址固定不变。纸质或者电子文书的真伪，可以扫描文书上的二维码核验。</p>
</footer>
</body>
</html>
"""
_FORM = """<form method="get" action="/{place}" role="search" aria-label="查询{title}">
{fields}
<button type="submit">查询</button>
</form>
"""
_INPUT = """<p class="field"><label for="{name}">{title}</label>
<input id="{name}" name="{name}" type="{kind}" value="{value}"{more}></p>
"""
_SELECT = """<p class="field"><label for="{name}">{title}</label>
<select id="{name}" name="{name}"><option value="">全部</option>{options}</select></p>
"""
_ITEM = """<li><h2><a href="{address}">{goods}</a></h2>
<p>{said}</p>
<p class="small">{seller} · {number} · {day}发布</p>{standing}</li>
"""
_ARTICLE = """<article aria-label="{number}">
{standing}<p class="small">{title} · {number} · {day}发布 · 抽检批次 {batch_no}{link}</p>
<dl>{rows}</dl>
<p class="small">依据：《{regulation}》{rests_on}{verify}</p>
</article>
"""


def frame(place: str | None, title: str, body: Html, status: int = 200) -> HTMLResponse:
    """A whole page; ``place`` is the part of the site it belongs to, or none."""
    return HTMLResponse(
        html(
            _FRAME,
            title=title,
            bureau=in_force_on(day_in_shanghai(datetime.now(UTC))).bureaus.municipal_bureau,
            alternates=[
                html(
                    '<link rel="alternate" type="application/atom+xml" title="{title}" href="/{place}.atom">',
                    title=TITLES[place],
                    place=place,
                )
            ]
            if place
            else [],
            css=Html(CSS),
            places=[
                html(
                    '<a href="/{name}"{current}>{title}</a>',
                    name=name,
                    title=told,
                    current=Html(' aria-current="true"') if name == place else "",
                )
                for name, told in TITLES.items()
            ],
            body=body,
        ),
        status,
        HEADERS,
    )


def listing(place: str, wanted: Search, found: Page[Published], *, further: bool) -> HTMLResponse:
    """A part's list with its search; ``further`` where this is not the first page."""
    query = query_of(wanted)
    data = {"gongshi": "/public/results", "gonggao": "/public/announcements"}[place]
    following = urlencode([*query, ("cursor", found.next_cursor or "")])
    links = [
        html('<a rel="next" href="/{place}?{query}">下一页</a>', place=place, query=following)
        if found.next_cursor
        else "",
        html(' <a href="/{place}?{query}">回到第一页</a>', place=place, query=urlencode(query))
        if further
        else "",
    ]
    asked = f"?{urlencode(query)}" if query else ""
    body = html(
        '{form}{items}<nav aria-label="分页">{links}</nav><p class="downloads">取得数据：'
        '<a href="/{place}.csv{asked}">表格（CSV）</a> · <a href="{data}{asked}">JSON</a> · '
        '<a href="/{place}.atom">订阅（Atom）</a></p>',
        form=_form(place, wanted),
        items=html('<ol class="list">{items}</ol>', items=map(_item, found.items))
        if found.items
        else html('<p role="status">没有符合条件的{title}。</p>', title=TITLES[place]),
        links=links,
        place=place,
        asked=asked,
        data=data,
    )
    return frame(place, TITLES[place], body)


def one(place: str, document: Published, beside: Sequence[Published], verify: dict[str, str]) -> HTMLResponse:
    """A document, and what it corrects or is corrected by beside it; ``verify``: where each is verified."""
    known = {each.document_id: each for each in (document, *beside)}
    articles = [_article(each, known, verify.get(each.document_id), linked=each is not document)
                for each in known.values()]  # fmt: skip
    kept = Html(f'<div class="beside">{"".join(articles)}</div>') if beside else articles[0]
    return frame(place, f"{_goods(document)}：{_headline(document)}", kept)


def query_of(wanted: Search) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in asdict(wanted).items() if value]


def told(value: Any) -> str:
    """A field's value in words."""
    if isinstance(value, list | tuple):
        return "；".join(map(told, value)) or "无"
    return NOTHING if value is None or value == "" else str(value)


def _form(place: str, wanted: Search) -> Html:
    asked = {name: value for name, value in asdict(wanted).items() if value}

    def field(name: str, title: str, kind: str = "search") -> Html:
        more = Html("") if kind == "date" else Html(' maxlength="100"')
        return html(_INPUT, name=name, title=title, kind=kind, value=asked.get(name, ""), more=more)

    options = (
        html(
            '<option value="{value}"{chosen}>{title}</option>',
            value=outcome.value,
            title=OUTCOMES[outcome],
            chosen=Html(" selected") if outcome == wanted.outcome else "",
        )
        for outcome in Outcome
        if outcome not in NEVER_PUBLISHED
    )
    fields = [field("seller", "网络商品经营者"), field("product", "商品名称")]
    if place == "gongshi":
        fields += [field("trademark", "商标")]
    fields += [field("platform", "第三方交易平台")]
    if place == "gongshi":
        fields += [html(_SELECT, name="outcome", title="结果", options=options)]
    fields += [field("published_from", "发布日期自", "date"), field("published_to", "发布日期至", "date")]
    return html(_FORM, place=place, title=TITLES[place], fields=fields)


def _item(document: Published) -> Html:
    return html(
        _ITEM,
        address=address_of(document.kind, document.document_id),
        goods=_goods(document),
        said=_headline(document),
        seller=told(document.fields.get("seller")),
        number=document.number,
        day=_day(document),
        standing=[html('<p class="note">{text}</p>', text=text) for text in _standing(document, {})],
    )


def _article(document: Published, known: dict[str, Published], verify: str | None, *, linked: bool) -> Html:
    address = address_of(document.kind, document.document_id)
    return html(
        _ARTICLE,
        title=document.title,
        number=document.number,
        day=_day(document),
        batch_no=document.batch_no,
        link=html(' · <a href="{address}">固定地址</a>', address=address) if linked else "",
        standing=[html('<p class="note">{text}</p>', text=text) for text in _standing(document, known)],
        rows=_rows(document),
        regulation=document.regulation,
        rests_on=document.rests_on,
        verify=html(' · <a href="{verify}">核验本文书</a>', verify=verify) if verify else "",
    )


def _rows(document: Published) -> Iterable[Html]:
    for name, title in document.field_titles.items():
        value = told(document.fields.get(name))
        yield html("<div><dt>{title}</dt><dd>{value}</dd></div>", title=title, value=value)
    if document.kind is DocumentKind.ANNOUNCEMENT:
        yield html("<div><dt>剩余时间</dt><dd>{left}</dd></div>", left=_left(document))


def _standing(document: Published, known: dict[str, Published]) -> Iterable[str]:
    """That a publication has been corrected, or corrects another: said first, wherever it is shown."""
    if document.corrected_by:
        later = [known[one].number for one in document.corrected_by if one in known]
        yield f"本公示已经更正{'，见' + '、'.join(later) if later else ''}；原公示保留备查。"
    if document.corrects:
        earlier = known.get(document.corrects)
        yield f"本公示更正{earlier.number if earlier else '同一批次在先的公示'}。"


def _headline(document: Published) -> str:
    if document.kind is DocumentKind.ANNOUNCEMENT:
        return f"公告送达，{_left(document)}"
    return f"{told(document.fields.get('conclusion'))}{'［已更正］' if document.corrected_by else ''}"


def _left(document: Published) -> str:
    last, left = document.last_day, document.days_left
    if last is None or left is None:
        return "不涉及期限"
    if left < 0:
        return f"期限已于{chinese_day(last)}24时届满"
    return f"至{chinese_day(last)}24时止，" + (f"还有{left}日" if left else "今日届满")


def _goods(document: Published) -> str:
    return told(document.fields.get("sample_name") or document.fields.get("goods_name"))


def _day(document: Published) -> str:
    return chinese_day(day_in_shanghai(document.sent_at))
