"""Finding batches by a piece of text, with an index, in Chinese: single characters and pairs of them."""

import unicodedata


def searchable(text: str) -> str:
    """A text as it is looked for: width and case made equal; unlike in a name, blanks part its words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def terms(folded: str) -> list[str]:
    """What a text is indexed under; a query for more than two characters needs all its pairs."""
    pairs = {folded[at : at + 2] for at in range(len(folded) - 1)}
    return sorted({*folded, *pairs})


def query_terms(folded: str) -> list[str]:
    """What a text must be indexed under to contain ``folded``."""
    return [folded] if len(folded) == 1 else sorted({folded[at : at + 2] for at in range(len(folded) - 1)})
