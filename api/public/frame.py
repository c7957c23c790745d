"""What every page for the public has around it: whose it is, where it leads, its one style, its policy."""

from datetime import UTC, datetime
from importlib.resources import files

from fastapi.responses import HTMLResponse

from api.web.headers import only, page_policy
from api.web.html import Html, html
from law.calendar import day_in_shanghai
from law.regulation import in_force_on
from law.rules import Bureaus

CSS = (files("api.public") / "page.css").read_text("utf-8")
# Nothing is fetched, nothing runs.
POLICY = page_policy(styles=only(CSS))
TITLES = {"gongshi": "抽检结果公示", "gonggao": "公告"}
# Parts of the site that are read as pages alone, without a feed.
_FURTHER = {"chouqu": "随机抽查"}

_FRAME = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name} · {bureau}</title>
{alternates}
<style>{css}</style>
</head>
<body>
<a class="skip" href="#content">跳到正文</a>
<header>
<p class="bureau"><strong>{bureau}</strong> <span>网络交易商品质量抽检</span></p>
<nav aria-label="栏目">{places}</nav>
</header>
<main id="content">
<h1>{title}</h1>
{body}
</main>
<footer class="small">
{contact}<p>投诉举报：<a href="https://www.12315.cn/">全国12315平台</a>
（电话<a href="tel:12315">12315</a>）。</p>
<p>经营者为自然人的，姓名依照《中华人民共和国个人信息保护法》隐去，也不能按姓名查询。</p>
<p>全部批次的办理记录<a href="/cunzheng">每日固定并签名</a>，改动可以查出。</p>
<p>各公示、公告的地址固定不变。纸质或者电子文书的真伪，可以扫描文书上的二维码核验。</p>
{address}</footer>
</body>
</html>
"""
_FEED = '<link rel="alternate" type="application/atom+xml" title="{title}" href="/{place}.atom">'
_PLACE = '<a href="/{name}"{current}>{title}</a>'
_CONTACT = '<p>{bureau}：{name}，电话<a href="tel:{telephone}">{telephone}</a>，地址：{address}</p>\n'
# On paper nobody sees where a page was.
_ADDRESS = '<p class="printed">本页地址：{address}</p>\n'


def frame(
    place: str | None,
    title: str,
    body: Html,
    status: int = 200,
    *,
    name: str | None = None,
    address: str | None = None,
) -> HTMLResponse:
    """A whole page; ``place`` is the part of the site it belongs to, ``name`` what a tab or bookmark says."""
    feed = [html(_FEED, title=TITLES[place], place=place)] if place in TITLES else []
    places = [
        html(_PLACE, name=at, title=told, current=Html(' aria-current="true"') if at == place else "")
        for at, told in {**TITLES, **_FURTHER}.items()
    ]
    bureaus = in_force_on(day_in_shanghai(datetime.now(UTC))).bureaus
    page = html(
        _FRAME,
        name=name or title,
        title=title,
        bureau=bureaus.municipal_bureau,
        contact=whom_to_ask(bureaus),
        alternates=feed,
        css=Html(CSS),
        places=places,
        body=body,
        address=html(_ADDRESS, address=address) if address else "",
    )
    return HTMLResponse(page, status, POLICY)


def whom_to_ask(bureaus: Bureaus) -> Html:
    """Whom to ask; nothing until the bureau has named its office in the regulation's file."""
    of = bureaus.contact
    if of is None:
        return Html("")
    return html(
        _CONTACT, bureau=bureaus.municipal_bureau, name=of.name, telephone=of.telephone, address=of.address
    )
