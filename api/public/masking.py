"""A draw without the names of natural persons among its candidates, wherever they stand in it."""

from api.draws.views import DrawView
from law.privacy import without_name
from messages.draws import NamedCandidate
from store.draws.standing import DrawOnRecord


def masked(draw: DrawOnRecord, view: DrawView) -> DrawView:
    """As everybody may read it: names, reasons, where a seed was read; ids and seeds are none."""
    known: tuple[NamedCandidate, ...] = (*draw.content.candidates, *draw.content.excluded)
    names = {one.name for one in known if one.natural_person and one.name}
    said = view.model_dump(mode="json")
    everything = view.model_dump_json()
    for name in names:
        if name in everything:
            said = without_name(said, name)
    return DrawView.model_validate(said)
