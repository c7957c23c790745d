"""The public site's lists as tables: a row a document, its cells by themselves on a telephone."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from api.public.documents import goods, headline, holds, note, of_day, served, standing_notes, told, verdict
from api.public.rows import row_table
from api.views import address_of
from api.web.html import Html, html
from letters.words import plain
from store.documents.published import Published

_FIRST = '<a href="{address}">{heading}</a>{notes}'
_SAID = '<span class="{verdict}">{said}</span>{failed}'
_FAILED = '<span class="failed">不合格项目：{items}</span>'
_NUMBER = '{number}<span class="day">{day}发布</span>'


class PublicField(NamedTuple):
    """What stands over a column, and the field that stands in it."""

    title: str
    field: str


_OF_RESULTS = (
    PublicField("商标", "nominal_trademark"),
    PublicField("规格型号", "spec_model"),
    PublicField("标称生产者", "nominal_producer"),
    PublicField("网络商品经营者", "seller"),
    PublicField("第三方交易平台", "platform"),
)
_OF_ANNOUNCEMENTS = (PublicField("网络商品经营者", "seller"),)


def table(place: str, title: str, documents: Iterable[Published]) -> Html:
    """The documents of a part of the site, in their order."""
    announced = place == "gonggao"
    rows = (_row(one, announced=announced) for one in documents)
    return row_table(title, _heads(announced=announced), rows)


def _heads(*, announced: bool) -> Sequence[str]:
    columns = _OF_ANNOUNCEMENTS if announced else _OF_RESULTS
    first = ("公告", "商品名称") if announced else ("商品名称",)
    return (*first, *(one.title for one in columns), "期限" if announced else "结果", "文号")


def _row(document: Published, *, announced: bool) -> Iterator[str]:
    serves = served(document) if announced else {}
    yield html(
        _FIRST,
        address=address_of(document.kind, document.document_id),
        # An announcement is known by whom it serves with what: others of its batch have the same goods.
        heading="，".join(f"{title}：{value}" for title, value in serves.items()) or goods(document),
        notes=map(note, standing_notes(document, {})),
    )
    yield from _said(document, announced=announced)


def _said(document: Published, *, announced: bool) -> Iterator[str]:
    """What stands in each cell; of a field that a document does not have it is silent."""
    if announced:
        yield goods(document)
    for one in _OF_ANNOUNCEMENTS if announced else _OF_RESULTS:
        known = one.field in document.fields
        yield told(plain(document.fields[one.field], one.field)) if known else ""
    failed = document.fields.get("nonconforming_items") if holds(document) and not announced else None
    yield html(
        _SAID,
        verdict=verdict(document),
        said=headline(document),
        failed=html(_FAILED, items=told(failed)) if failed else "",
    )
    yield html(_NUMBER, number=document.number, day=of_day(document))
