"""A draw without the names of natural persons among its candidates, wherever they stand in it."""

from collections.abc import Iterator
from typing import Any

from api.draws.views import DrawView
from law.privacy import without_name
from messages.draws import NamedCandidate
from store.draws.standing import DrawOnRecord


def masked(draw: DrawOnRecord, view: DrawView) -> DrawView:
    """As everybody may read it: names, reasons, where a seed was read; ids and seeds are none."""
    known: tuple[NamedCandidate, ...] = (*draw.content.candidates, *draw.content.excluded)
    names = {one.name for one in known if one.natural_person and one.name}
    said = view.model_dump(mode="json")
    for name in sorted(_named(names, "\n".join(_texts(said)))):
        said = without_name(said, name)
    return DrawView.model_validate(said)


def _named(names: set[str], text: str) -> set[str]:
    """Those of the names that stand in the text: a list has a hundred thousand, of which a page shows few."""
    lengths = {len(name) for name in names}
    pieces = (text[at : at + length] for length in lengths for at in range(len(text) - length + 1))
    return {piece for piece in pieces if piece in names}


def _texts(said: Any) -> Iterator[str]:
    """All texts in a JSON value."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict | list):
        for one in said.values() if isinstance(said, dict) else said:
            yield from _texts(one)
