"""Which letter a line of somebody's list is about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind, Recipient
from messages.snapshot import DocumentStatus
from store.engine import autocommit

# The number of each parcel: a letter to two addresses has two, and the outbox knows the last one only.
_PARCELS = text("""
    select tracking_no, document_id, null as address from outbox where tracking_no = any(:tracking_nos)
    union
    select l.body ->> 'tracking_no', coalesce(l.body ->> 'document_id', (
        select d.document_id from documents d join outbox o using (document_id)
        where d.batch_no = l.batch_no and d.kind = l.body ->> 'notice'
            and d.recipient = l.body ->> 'recipient'
        order by o.no desc limit 1)), l.body ->> 'address'
    from ledger l join decisions using (step_id)
    where l.step = 'notice_posted' and accepted and l.body ->> 'tracking_no' = any(:tracking_nos)
""")
_LETTERS = text("""
    select d.document_id, d.batch_no, d.number, d.title, d.kind, d.recipient, d.recipient_name, d.address,
        o.tracking_no, o.posted_on, o.status, o.settled_on, o.failure, o.came_back_on, o.proof,
        b.opening #>> '{regulation,bureaus,municipal_bureau}' as bureau, coalesce(cast(jsonb_path_query_first(
            b.snapshot, '$.parties[*] ? (@.party == $to)', jsonb_build_object('to', d.recipient)
        ) ->> 'natural_person' as boolean), false) as natural_person, exists (
            select from documents later join outbox after using (document_id)
            where later.batch_no = d.batch_no and later.kind = d.kind and later.recipient = d.recipient
                and after.no > o.no
        ) as superseded
    from documents d join outbox o using (document_id) join batches b on b.batch_no = d.batch_no
    where d.document_id = any(:document_ids) or d.number = any(:numbers)
    order by o.no
""")

# Parcels that were reported as come back or lost, also before the letter was posted anew in another.
_CAME_BACK = text("""
    select l.body ->> 'document_id' as document_id, l.body ->> 'tracking_no' as tracking_no
    from ledger l join decisions using (step_id)
    where l.step = 'delivery_failed' and accepted and l.body ->> 'cause' in ('post_returned', 'post_lost')
        and l.body ->> 'tracking_no' = any(:tracking_nos)
""")


@dataclass(frozen=True)
class NamedLetter:
    """A letter that a line of somebody's list is about. ``superseded``: there is a newer one of its kind.

    ``bureau``: whose letter it is. ``natural_person``: its addressee is one.
    """

    document_id: str
    batch_no: str
    number: str
    title: str
    kind: DocumentKind
    recipient: Recipient
    recipient_name: str
    address: str | None
    tracking_no: str | None
    posted_on: date | None
    status: DocumentStatus
    settled_on: date | None
    failure: str | None
    came_back_on: date | None
    proof: str | None
    bureau: str
    natural_person: bool
    superseded: bool

    @property
    def addressee(self) -> tuple[str, str | None]:
        """Whom an envelope with this letter goes to."""
        return self.recipient_name, self.address


@dataclass(frozen=True)
class Named:
    """Letters by id, document number, number of a parcel; ``came_back``: ids with parcels said to be back.

    ``sent_to``: where a parcel went with a letter of several addresses, or to another than the letter's.
    """

    by_id: dict[str, NamedLetter]
    by_number: dict[str, list[NamedLetter]]
    by_parcel: dict[str, list[NamedLetter]]
    came_back: frozenset[tuple[str, str]] = frozenset()
    sent_to: dict[tuple[str, str], str] = field(default_factory=dict)


async def named(
    engine: AsyncEngine,
    *,
    document_ids: Collection[str] = (),
    numbers: Collection[str] = (),
    tracking_nos: Collection[str] = (),
) -> Named:
    """The letters that are called so, by each of their names."""
    async with autocommit(engine) as connection:
        parcels: Sequence[Row[Any]] = ()
        came_back: Sequence[Row[Any]] = ()
        if tracking_nos:
            asked = {"tracking_nos": list(tracking_nos)}
            parcels = (await connection.execute(_PARCELS, asked)).all()
            came_back = (await connection.execute(_CAME_BACK, asked)).all()
        ids = {*document_ids, *(parcel.document_id for parcel in parcels)}
        rows = await connection.execute(_LETTERS, {"document_ids": list(ids), "numbers": list(numbers)})
        letters = [_named(row) for row in rows]
    by_id = {letter.document_id: letter for letter in letters}
    by_number: dict[str, list[NamedLetter]] = {}
    for letter in letters:
        by_number.setdefault(letter.number, []).append(letter)
    by_parcel: dict[str, list[NamedLetter]] = {}
    for parcel in sorted(parcels, key=lambda parcel: str(parcel.document_id)):
        inside = by_parcel.setdefault(parcel.tracking_no, [])
        if by_id[parcel.document_id] not in inside:
            inside.append(by_id[parcel.document_id])
    sent_to = {(one.tracking_no, one.document_id): one.address for one in parcels if one.address}
    back = frozenset((row.document_id, row.tracking_no) for row in came_back)
    return Named(by_id, by_number, by_parcel, back, sent_to)


def _named(row: Row[Any]) -> NamedLetter:
    return NamedLetter(
        **row._asdict()
        | {
            "kind": DocumentKind(row.kind),
            "recipient": Recipient(row.recipient),
            "status": DocumentStatus(row.status),
        }
    )
