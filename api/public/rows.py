"""A table of the public site, its cells by themselves on a telephone."""

from collections.abc import Iterable, Sequence

from api.web.html import Html, html

_TABLE = """<table class="list">
<caption class="hidden">{caption}</caption>
<thead><tr>{heads}</tr></thead>
<tbody>{rows}</tbody>
</table>
"""
_HEAD = '<th scope="col">{title}</th>'
_ROW = '<tr><th scope="row">{first}</th>\n{cells}</tr>\n'
_CELL = '<td data-label="{title}">{said}</td>\n'


def row_table(caption: str, titles: Sequence[str], rows: Iterable[Iterable[str | Html]]) -> Html:
    """The first cell of a row is what it is about."""
    return html(
        _TABLE,
        caption=caption,
        heads=[html(_HEAD, title=one) for one in titles],
        rows=[_row(titles[1:], *cells) for cells in rows],
    )


def _row(titles: Sequence[str], first: str | Html, *rest: str | Html) -> Html:
    told = zip(titles, rest, strict=True)
    return html(_ROW, first=first, cells=[html(_CELL, title=title, said=said) for title, said in told])
