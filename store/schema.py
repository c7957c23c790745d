"""All tables together, for whoever makes, compares or empties them."""

from store.access import tables as _access
from store.accounts import tables as _accounts
from store.approvals import tables as _approvals
from store.calendars import tables as _calendars
from store.checkpoints import tables as _checkpoints
from store.desk import tables as _desk
from store.documents import tables as _documents
from store.draws import tables as _draws
from store.evidence import tables as _evidence
from store.mails import tables as _mails
from store.plans import tables as _plans
from store.quality import tables as _quality
from store.registers import tables as _registers
from store.tables import metadata
from store.told import tables as _told
from store.watched import tables as _watched

__all__ = ["metadata"]
_ROOMS = (
    _access,
    _accounts,
    _approvals,
    _calendars,
    _checkpoints,
    _desk,
    _documents,
    _draws,
    _evidence,
    _mails,
    _plans,
    _quality,
    _registers,
    _told,
    _watched,
)
