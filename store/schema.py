"""All tables together, for whoever makes, compares or empties them."""

from store.access import tables as _access
from store.calendars import tables as _calendars
from store.checkpoints import tables as _checkpoints
from store.evidence import tables as _evidence
from store.mails import tables as _mails
from store.tables import metadata
from store.watched import tables as _watched

__all__ = ["metadata"]
_ROOMS = (_access, _calendars, _checkpoints, _evidence, _mails, _watched)
