"""One published document as a page, with what corrects it or is corrected by it beside it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fastapi.responses import HTMLResponse

from api.public.frame import frame
from api.views import address_of
from api.web.html import Html, html
from law.calendar import chinese_day, day_in_shanghai
from law.vocabulary import DocumentKind, Verdict
from letters.words import NOTHING, once, plain
from messages.words import VERDICTS
from store.documents.published import Published

SERVED = ("受送达人", "送达文书")

_ARTICLE = """<article aria-label="{number}">
<h2>{title}</h2>
<p class="small about"><span>{number}</span> <span>{day}发布</span> <span>抽检批次 {batch_no}</span></p>
{notes}<p class="{verdict}">{said}</p>
{serving}<dl>{rows}
<div><dt>依据</dt><dd>《{regulation}》{rests_on}</dd></div>
<div><dt>固定地址</dt><dd><a href="{address}">{site}{address}</a></dd></div>
{verify}</dl></article>
"""
# As the letter says it.
_SERVING = """<p>因以其他方式无法向{addressee}送达{about}，现予公告，自本公告发布之日起视为送达。</p>
"""
_ROW = "<div><dt>{title}</dt><dd>{value}</dd></div>"
_CHANGED = """<div><dt>{title}</dt><dd>{value}<br>
<span class="small">原公示为：<del>{before}</del></span></dd></div>
"""
_VERIFY = '<div class="verify"><dt>真伪</dt><dd><a href="{verify}">核验本文书</a></dd></div>'
_LINK = '<a href="{address}">{text}</a>'


class Note(NamedTuple):
    """A sentence on what a publication is to another; ``past`` where it no longer holds itself."""

    text: Html
    past: bool


def one(
    site: str, place: str, document: Published, beside: Sequence[Published], verify: Mapping[str, str]
) -> HTMLResponse:
    """A document, and what it corrects or is corrected by beside it; ``verify``: where each is verified."""
    known = {each.document_id: each for each in (document, *beside)}
    articles = [_article(site, each, known, verify.get(each.document_id)) for each in known.values()]
    body = html('<div class="beside">{articles}</div>', articles=articles) if beside else articles[0]
    if served(document):
        name = f"{document.title}：{document.addressee}，{goods(document)}"
        return frame(place, document.title, body, name=name)
    name = f"{goods(document)}：{headline(document)}"
    return frame(place, goods(document), body, name=name)


def told(value: Any) -> str:
    """A field's value in words."""
    if isinstance(value, list | tuple):
        return "；".join(map(told, value)) or "无"
    return NOTHING if value is None or value == "" else str(value)


def goods(document: Published) -> str:
    return told(document.fields.get("sample_name") or document.fields.get("goods_name"))


def served(document: Published) -> dict[str, str]:
    """Whom an announcement serves, and with which paper; nothing of documents that do not know."""
    if document.addressee is None or document.about is None:
        return {}
    return dict(zip(SERVED, (document.addressee, document.about), strict=True))


def of_day(document: Published) -> str:
    return chinese_day(day_in_shanghai(document.sent_at))


def headline(document: Published) -> str:
    """What it comes to, and whether that still holds; its own full words stand among its fields."""
    if document.kind is DocumentKind.ANNOUNCEMENT:
        return f"公告送达，{_left(document)}"
    past = "［已更正］" if document.corrected_by else "［已有新的公示］" if document.standing else ""
    return f"{_conclusion(document)}{past}"


def holds(document: Published) -> bool:
    """Whether it still says how things are: the batch's last word, days that still run."""
    over = document.days_left is not None and document.days_left < 0
    return not (document.standing or document.corrected_by or over)


def verdict(document: Published) -> str:
    """How the headline looks; never the only sign of what it says."""
    if not holds(document):
        return "verdict past"
    if document.kind is DocumentKind.ANNOUNCEMENT:
        return "verdict"
    conclusion = _conclusion(document)
    looks = {Verdict.CONFORMING: "good", Verdict.NONCONFORMING: "bad"}
    return " ".join(
        ["verdict", *(look for found, look in looks.items() if conclusion.startswith(VERDICTS[found]))]
    )


def standing_notes(document: Published, known: Mapping[str, Published]) -> Iterator[Note]:
    """That a publication has been corrected, or corrects another: said first, wherever it is shown.

    ``known``: what stands on the same page, and can be told of in full.
    """
    if document.corrected_by:
        later = [known[one].number for one in document.corrected_by if one in known]
        see = f"，见{'、'.join(later)}" if later else ""
        yield Note(
            html("本公示已经更正{see}；原公示保留备查。{now}", see=see, now=_now(document, known)), True
        )
    elif document.standing:
        yield Note(html("同一批次其后另有公示。{now}", now=_now(document, known)), True)
    if document.corrects:
        earlier = known.get(document.corrects)
        corrected = earlier.number if earlier else "同一批次在先的公示"
        yield Note(html("本公示更正{corrected}。", corrected=corrected), False)


def note(said: Note) -> Html:
    return html('<p class="note{past}">{text}</p>\n', past=" past" if said.past else "", text=said.text)


def _now(document: Published, known: Mapping[str, Published]) -> Html:
    """Where the batch's standing result is, and what it says where that is known."""
    if document.standing is None:
        return Html("")
    now = known.get(document.standing)
    link = html(
        _LINK,
        # Whatever stands in a publication's place is published where publications are.
        address=address_of(DocumentKind.PUBLICATION, document.standing),
        text=f"{now.number}（{of_day(now)}发布）" if now else "最后一次公示",
    )
    says = f"：{_conclusion(now)}" if now else ""
    return html("现以{link}为准{says}。", link=link, says=says)


def _article(site: str, document: Published, known: Mapping[str, Published], verify: str | None) -> Html:
    return html(
        _ARTICLE,
        title=f"受送达人：{document.addressee}" if served(document) else document.title,
        number=document.number,
        day=of_day(document),
        batch_no=document.batch_no,
        notes=map(note, standing_notes(document, known)),
        verdict=verdict(document),
        said=headline(document),
        serving=html(_SERVING, addressee=document.addressee, about=document.about)
        if served(document)
        else "",
        rows=_rows(document, known.get(document.corrects or "")),
        regulation=document.regulation,
        rests_on=document.rests_on,
        site=site,
        address=address_of(document.kind, document.document_id),
        verify=html(_VERIFY, verify=verify) if verify else "",
    )


def _rows(document: Published, corrected: Published | None) -> Iterator[Html]:
    """Its fields; what another publication said otherwise that it corrects stands below."""
    for title, value in served(document).items():
        yield html(_ROW, title=title, value=value)
    for name, title in document.field_titles.items():
        value = told(plain(document.fields.get(name), name))
        before = told(plain(corrected.fields.get(name) if corrected else None, name))
        is_changed = corrected is not None and name in corrected.fields and before != value
        row = _CHANGED if is_changed else _ROW
        yield html(row, title=title, value=value, before=before)
    if document.kind is DocumentKind.ANNOUNCEMENT:
        yield html(_ROW, title="剩余时间", value=_left(document))


def _conclusion(document: Published) -> str:
    return once(told(document.fields.get("conclusion")))


def _left(document: Published) -> str:
    last, left = document.last_day, document.days_left
    if last is None or left is None:
        return "不涉及期限"
    if left < 0:
        return f"期限已于{chinese_day(last)}24时届满"
    return f"至{chinese_day(last)}24时止，" + (f"还有{left}日" if left else "今日届满")
