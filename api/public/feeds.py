"""The same for machines: Atom (RFC 4287) for feed readers, CSV for spreadsheets."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from api.public.documents import SERVED, goods, served, told
from api.public.frame import TITLES
from api.views import address_of
from law.calendar import SHANGHAI, day_in_shanghai
from law.regulation import in_force_on
from law.vocabulary import DocumentKind
from lists.writing import BOM, csv_line
from store.documents.published import Published
from store.reads.pages import Page

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def atom(site: str, place: str, documents: Sequence[Published]) -> bytes:
    """The newest documents as a feed; an entry's address is its id, and a correction makes it new."""
    moments = [one.sent_at for one in documents]
    feed = ElementTree.Element(f"{{{_ATOM}}}feed", {"xml:lang": "zh-CN"})
    bureau = in_force_on(day_in_shanghai(datetime.now(UTC))).bureaus.municipal_bureau
    _add(feed, "id", f"{site}/{place}.atom")
    _add(feed, "title", f"{bureau} {TITLES[place]}")
    _add(feed, "updated", max(moments, default=_BEFORE_ALL).isoformat())
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{site}/{place}.atom")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{site}/{place}")
    _add(_add(feed, "author"), "name", bureau)
    for one in documents:
        entry = _add(feed, "entry")
        address = f"{site}{address_of(one.kind, one.document_id)}"
        _add(entry, "id", address)
        _add(entry, "title", " ".join(filter(None, [one.title, one.addressee, goods(one)])))
        _add(entry, "updated", one.sent_at.isoformat())
        _add(entry, "published", one.sent_at.isoformat())
        _add(entry, "link", rel="alternate", type="text/html", href=address)
        lines = [f"{title}：{value}" for title, value in served(one).items()]
        lines += [f"{title}：{told(one.fields.get(name))}" for name, title in one.field_titles.items()]
        _add(entry, "summary", "\n".join([one.number, *lines]))
    ElementTree.register_namespace("", _ATOM)
    whole: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return whole


async def table(
    site: str,
    kinds: Sequence[DocumentKind],
    page_after: Callable[[str | None], Awaitable[Page[Published]]],
) -> AsyncIterator[bytes]:
    """Every document, a line each, under the titles that today's regulation gives the fields."""
    rules = in_force_on(day_in_shanghai(datetime.now(UTC))).recipients
    columns = {field.name: field.title for kind in kinds for field in rules[kind].must_carry}
    fixed = ("名称", "文号", "发布时间", "抽检批次", "更正", "固定地址")
    serving = SERVED if DocumentKind.ANNOUNCEMENT in kinds else ()
    yield (BOM + csv_line([*fixed, *serving, *columns.values()])).encode()
    cursor = None
    while True:
        page = await page_after(cursor)
        for one in page.items:
            address = f"{site}{address_of(one.kind, one.document_id)}"
            when = one.sent_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
            standing = "已更正" if one.corrected_by else "更正在先的公示" if one.corrects else ""
            said = [served(one).get(title, "") for title in serving]
            said += [told(one.fields[name]) if name in one.fields else "" for name in columns]
            yield csv_line([one.title, one.number, when, one.batch_no, standing, address, *said]).encode()
        if (cursor := page.next_cursor) is None:
            return


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    child.text = _NOT_IN_XML.sub("\ufffd", text) or None
    return child
