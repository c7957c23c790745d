"""The public site's lists: what can be asked, how much was found, and each document in a row."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from api.public.frame import TITLES, frame
from api.public.tables import table
from api.web.html import Html, html
from law.calendar import chinese_day
from law.vocabulary import OVER, Outcome
from messages.words import OUTCOMES
from store.documents.published import Published, Search
from store.reads.pages import Page

_DATA = {"gongshi": "/public/results", "gonggao": "/public/announcements"}
_ASKED = {
    "addressee": "受送达人",
    "seller": "网络商品经营者",
    "product": "商品名称",
    "trademark": "商标",
    "platform": "第三方交易平台",
    "outcome": "结果",
    "published_from": "发布日期自",
    "published_to": "发布日期至",
}
_ONLY_OF = {"addressee": "gonggao", "trademark": "gongshi", "outcome": "gongshi"}

# Whoever has asked is led to what was found, past the form that fills a telephone.
_FORM = """<form method="get" action="/{place}#found" role="search" aria-label="查询{title}">
{fields}
<button type="submit">查询</button>
<p class="small hint">名称可以只写一部分。</p>
</form>
"""
_INPUT = """<p class="field"><label for="{name}">{title}</label>
<input id="{name}" name="{name}" type="{kind}" value="{value}"{more}></p>
"""
_SELECT = """<p class="field"><label for="{name}">{title}</label>
<select id="{name}" name="{name}"><option value="">全部</option>{options}</select></p>
"""
_OPTION = '<option value="{value}"{chosen}>{title}</option>'
_LIST = """{form}<p id="found" role="status">{said}</p>
{items}{pages}<p class="downloads">取得数据：<a href="/{place}.csv{asked}">表格（CSV）</a> ·
<a href="{data}{asked}">JSON</a> · <a href="/{place}.atom">订阅（Atom）</a></p>
"""


def listing(
    site: str, place: str, wanted: Search, found: Page[Published], total: int, *, further: bool
) -> HTMLResponse:
    """A part's list with its search; ``further`` where this is not the first page."""
    query = query_of(wanted)
    asked = f"?{urlencode(query)}" if query else ""
    following = urlencode([*query, ("cursor", found.next_cursor or "")])
    links = [
        html('<a rel="next" href="/{place}?{query}">下一页</a> ', place=place, query=following)
        if found.next_cursor
        else "",
        html('<a href="/{place}{asked}">回到第一页</a>', place=place, asked=asked) if further else "",
    ]
    body = html(
        _LIST,
        form=_form(place, wanted),
        said=_found(place, wanted, total, further=further),
        items=table(place, TITLES[place], found.items) if found.items else "",
        pages=html('<nav aria-label="分页">{links}</nav>\n', links=links) if any(links) else "",
        place=place,
        asked=asked,
        data=_DATA[place],
    )
    name = "，".join([TITLES[place], *_conditions(wanted), *(["续页"] if further else [])])
    return frame(place, TITLES[place], body, name=name, address=f"{site}/{place}{asked}")


def query_of(wanted: Search) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in asdict(wanted).items() if value]


def _found(place: str, wanted: Search, total: int, *, further: bool) -> Html:
    """How many, or none, and of what: whoever cannot see the form is told too."""
    asked = "，".join(_conditions(wanted))
    if not asked:
        return html(
            "{said}{more}", said=f"共{total}项，新发布的在前。" if total else f"还没有{TITLES[place]}。",
            more="这是续页。" if further else "",
        )  # fmt: skip
    return html(
        '{said}（{asked}）。{more}<a href="/{place}">查看全部</a>',
        said=f"查到{total}项" if total else f"没有符合条件的{TITLES[place]}",
        asked=asked,
        more="这是续页。" if further else "" if total else "可以少写几个字，或者减少条件再查。",
        place=place,
    )


def _conditions(wanted: Search) -> Iterator[str]:
    for name, value in asdict(wanted).items():
        if value:
            yield _condition(name, value)


def _condition(name: str, value: Any) -> str:
    if isinstance(value, Outcome):
        return f"{_ASKED[name]}为“{OUTCOMES[value]}”"
    return f"{_ASKED[name]}{chinese_day(value)}" if isinstance(value, date) else f"{_ASKED[name]}含“{value}”"


def _form(place: str, wanted: Search) -> Html:
    asked = {name: value for name, value in asdict(wanted).items() if value}
    options = [
        html(_OPTION, value=one.value, title=OUTCOMES[one],
             chosen=Html(" selected") if one == wanted.outcome else "")
        for one in Outcome
        if one not in OVER
    ]  # fmt: skip

    def field(name: str, title: str) -> Html:
        if name == "outcome":
            return html(_SELECT, name=name, title=title, options=options)
        day = name.startswith("published_")
        more = Html("") if day else Html(' maxlength="100"')
        kind = "date" if day else "search"
        return html(_INPUT, name=name, title=title, kind=kind, value=asked.get(name, ""), more=more)

    fields = [field(name, title) for name, title in _ASKED.items() if _ONLY_OF.get(name, place) == place]
    return html(_FORM, place=place, title=TITLES[place], fields=fields)
