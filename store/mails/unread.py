"""Mails that no rule reads: kept until a person has dealt with them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.base import Actor
from store.engine import autocommit
from store.errors import MailUnknown
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

# Anybody can mail us: what waits for people has an end. What is beyond it is only flagged in the mailbox.
MOST_OPEN = 5_000
_KEEP = text("""
    insert into unread_mails (sha256, sender, subject, mailed_at, excerpt, reason)
    select :sha256, :sender, :subject, :mailed_at, :excerpt, :reason
    where (select count(*) from unread_mails where dealt_with_at is null) < :most
    on conflict (sha256) do nothing
""")
_SHOWN = "no, found_at, sender, subject, mailed_at, excerpt, reason, dealt_with_at, dealt_with_by, note"
_ONE = text(f"select {_SHOWN} from unread_mails where no = :no")
_DEAL_WITH = text("""
    update unread_mails set dealt_with_at = clock_timestamp(), dealt_with_by = :by, note = :note
    where no = :no and dealt_with_at is null
""")
_OPEN = text("select count(*) from unread_mails where dealt_with_at is null")


class WhyUnread(StrEnum):
    """Why no rule reads a mail."""

    NO_REPORT = "no_report"
    NO_LETTER = "no_letter"
    DEFECT = "defect"


@dataclass(frozen=True)
class MailHead:
    """What is kept of a mail: never more than a person needs to see what it is about."""

    sha256: str
    sender: str
    subject: str
    mailed_at: str
    excerpt: str


@dataclass(frozen=True)
class UnreadMail:
    """A mail that waits for a person, or has been dealt with; ``mailed_at`` as the mail itself says."""

    no: int
    found_at: datetime
    sender: str
    subject: str
    mailed_at: str
    excerpt: str
    reason: WhyUnread
    dealt_with_at: datetime | None
    dealt_with_by: str | None
    note: str | None


async def keep(engine: AsyncEngine, head: MailHead, reason: WhyUnread) -> None:
    """Show a mail to people, once, as long as not too many wait."""
    row = {
        "sha256": head.sha256,
        "sender": head.sender,
        "subject": head.subject,
        "mailed_at": head.mailed_at,
        "excerpt": head.excerpt,
    }
    async with autocommit(engine) as connection:
        await connection.execute(_KEEP, row | {"reason": reason, "most": MOST_OPEN})


async def mails(
    engine: AsyncEngine, *, dealt_with: bool | None = False, limit: int = 50, cursor: str | None = None
) -> Page[UnreadMail]:
    """The newest first; None: also those that have been dealt with. Raises ``CursorInvalid``."""
    conditions = {
        "(dealt_with_at is not null) = :dealt_with": dealt_with is not None,
        "no < cast(cast(:no as text) as bigint)": cursor is not None,
    }
    parameters = {"dealt_with": dealt_with, **after(cursor, "no")}
    rows = await rows_of(
        engine, select(f"{_SHOWN} from unread_mails", conditions, "no desc"), parameters, limit
    )
    return page_of(rows, limit, _mail, lambda row: [str(row.no)])


async def deal_with(engine: AsyncEngine, no: int, by: Actor, note: str) -> UnreadMail:
    """Note what was done; where somebody was there before, his word stands. Raises ``MailUnknown``."""
    async with autocommit(engine) as connection:
        who = f"{by.name}（{by.sub}）"
        await connection.execute(_DEAL_WITH, {"no": no, "by": who, "note": note})
        row = (await connection.execute(_ONE, {"no": no})).one_or_none()
    if row is None:
        raise MailUnknown(no)
    return _mail(row)


async def waiting(engine: AsyncEngine) -> int:
    """How many wait for a person."""
    async with autocommit(engine) as connection:
        return int((await connection.execute(_OPEN)).scalar_one())


def _mail(row: Row[Any]) -> UnreadMail:
    return UnreadMail(**row._asdict() | {"reason": WhyUnread(row.reason)})
