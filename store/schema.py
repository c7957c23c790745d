"""All tables together, for whoever makes, compares or empties them."""

from store.tables import metadata
from store.watched import tables as _watched

__all__ = ["metadata"]
_ROOMS = (_watched,)
