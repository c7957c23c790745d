"""The table of papers says of every kind what the rest of the product says of it."""

from law.vocabulary import DocumentKind
from messages.steps.service import SERVED_NOTICES
from workflows.procedure.papers import PAPERS


def test_every_kind_of_document_is_in_the_table() -> None:
    """A new kind is one row."""
    assert set(PAPERS) == set(DocumentKind)


def test_what_must_be_served_can_be_recorded_as_delivered_or_returned() -> None:
    """The steps of service take exactly the kinds that the table has served."""
    assert {kind for kind, paper in PAPERS.items() if paper.is_served} == SERVED_NOTICES
