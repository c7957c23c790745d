"""A draw without the names of natural persons among its candidates, wherever they stand in it."""

from api.draws.views import DrawView
from law.privacy import without_name
from messages.draws import NamedCandidate
from messages.text import texts_in
from store.draws.standing import DrawOnRecord


def masked(draw: DrawOnRecord, view: DrawView) -> DrawView:
    """As everybody may read it: names, reasons, where a seed was read; ids and seeds are none."""
    known: tuple[NamedCandidate, ...] = (*draw.content.candidates, *draw.content.excluded)
    names = {one.name for one in known if one.natural_person and one.name}
    said = view.model_dump(mode="json")
    # The longest first, since one may be the beginning of another.
    for name in sorted(_named(names, "\n".join(texts_in(said))), key=len, reverse=True):
        said = without_name(said, name)
    return DrawView.model_validate(said)


def _named(names: set[str], text: str) -> set[str]:
    """Those of the names that stand in the text: a list has a hundred thousand, of which a page shows few."""
    lengths = {len(name) for name in names}
    pieces = (text[at : at + length] for length in lengths for at in range(len(text) - length + 1))
    return {piece for piece in pieces if piece in names}
