"""When two entries of a register are one legal person, and by what an entry is found."""

from law.names import folded, is_unknown, without_notes


def name_key(name: str) -> str | None:
    """A name as it is compared: in any width, case and spelling, without the notes behind it."""
    return folded(without_notes(name))


def registration_key(registration: str | None) -> str | None:
    """A registration as it is compared; None where it says nothing."""
    return None if registration is None or is_unknown(registration) else folded(registration)
