"""What tells one letter from another is what its words speak of."""

import re
from importlib.resources import files

import pytest

from law.vocabulary import DocumentKind
from workflows.procedure.papers import PRINTED

# In every letter, and the same for the whole batch; told of one that replaces another; or of a period,
# which may be counted again or have ended.
_EVERYWHERE = {"bureau", "regulation", "ask", "replaces", "until", "counted", "right_ended", "remedy"}


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_letters_digest_is_of_all_that_it_prints(kind: DocumentKind) -> None:
    """So that a record put right replaces each letter that carried the mistake, and no other."""
    template = (files("letters") / "templates" / "kinds" / f"{kind}.typ").read_text("utf-8")
    spoken_of = set(re.findall(r'(?:told|has)\("(\w+)"', template)) - _EVERYWHERE
    assert set(PRINTED[kind].split()) == spoken_of
