"""What the law refuses of draws, as the API tells it."""

from collections.abc import Iterator
from contextlib import contextmanager

from api.web.problems import Problem
from law.draw import DrawRefused


@contextmanager
def refused_with(status: int) -> Iterator[None]:
    """Raises :class:`Problem` with this status for what the law refuses."""
    try:
        yield
    except DrawRefused as refusal:
        raise Problem(status, refusal.code, f"{refusal.detail}。") from None
