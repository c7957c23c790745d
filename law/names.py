"""When two names are one: of a trademark, a model, a producer, a person."""

from unicodedata import normalize


def folded(name: str | None) -> str | None:
    """A name with width, case and spacing made equal: another spelling is no other trademark or person.

    None for a name that says nothing.
    """
    if name is None:
        return None
    return "".join(normalize("NFKC", name).casefold().split()) or None
