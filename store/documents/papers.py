"""Documents: made out once, with the record they follow from, and never altered."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from law.calendar import day_in_shanghai
from messages.names import document_issued_line, document_sent_line
from messages.records import Failure, Paper, TimelineEntry, TimelineKind
from messages.snapshot import DocumentState
from messages.steps.service import is_served
from store.canonical import as_stored, canonical, sha256
from store.direct import Connection
from store.ledger.lock import LockedBatch

# The series is locked from here until the transaction ends, so that a number given is a number used; kinds in
# a fixed order, so that two batches never wait for each other.
_MAKE_OUT = text("""
    with given as materialized (
        select d.*, row_number() over (partition by d.kind order by d.place) as nth
        from json_to_recordset(cast(:letters as json)) as d(
            place int, document_id text, kind text, recipient text, recipient_name text, address text,
            email text, title text, number_form text, fields json, field_titles json, facts json,
            rests_on text, sha256 text, corrects text, duty text, secret text, leaves boolean, served boolean,
            channel text, detail text)
        where not exists (select from documents known where known.document_id = d.document_id)
    ), series as (
        insert into document_series (kind, year, last)
        select kind, :year, count(*) from given group by kind order by kind
        on conflict (kind, year) do update set last = document_series.last + excluded.last
        returning kind, last
    ), numbered as (
        select g.*, s.last - count(*) over (partition by g.kind) + g.nth as series_no
        from given g join series s using (kind)
    ), made as (
        insert into documents (document_id, batch_no, kind, recipient, recipient_name, address, email, title,
            fields, field_titles, facts, rests_on, sha256, created_at, sent_at,
            corrects, duty, number, series_year, series_no, secret)
        select document_id, :batch_no, kind, recipient, recipient_name, address, email, title,
            fields, field_titles, facts, rests_on, sha256, :clock,
            case when leaves then cast(:clock as timestamptz) end,
            corrects, duty,
            replace(replace(number_form, '{year}', cast(:year as text)), '{number}', cast(series_no as text)),
            :year, series_no, secret
        from numbered
        returning document_id, number, sent_at, sha256
    ), put_out as (
        insert into outbox (document_id, state, status, channel, detail, served, handed_over_at)
        select document_id, case when leaves then 'sent' else 'waiting' end,
            case when leaves then 'sent' else 'to_send' end, channel, detail, served,
            case when leaves then cast(:clock as timestamptz) end
        from numbered order by place
    )
    select * from made union all
    select document_id, number, sent_at, sha256 from documents where document_id = any(:document_ids)
""")
# A letter's place in the post queue, as the batch's own snapshot has it.
_SERVED = text("""
    with s as (
        select * from json_to_recordset(cast(:served as json)) as one(document_id text, status text,
            sent_on date, posted_on date, carrier text, tracking_no text, settled_on date, failure text,
            came_back_on date, proof text)
    ), by_hand as (
        update documents d set sent_at = :clock from s
        where d.document_id = s.document_id and s.sent_on is not null and d.sent_at is null
        returning d.document_id
    )
    update outbox o set status = s.status, posted_on = s.posted_on, carrier = s.carrier,
        tracking_no = s.tracking_no, settled_on = s.settled_on, failure = s.failure,
        came_back_on = s.came_back_on, proof = s.proof,
        state = case when by_hand.document_id is null then o.state else 'sent' end,
        channel = case when by_hand.document_id is null then o.channel else 'outbox' end,
        handed_over_at = case when by_hand.document_id is null then o.handed_over_at else :clock end
    from s left join by_hand using (document_id)
    where o.document_id = s.document_id
""")


# Without what is taken for something else when it is typed from paper; 26 of 31 characters are 128 bits.
_SECRETS_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_SECRETS_LENGTH = 26


# The channel of what people hand over.
BY_HAND = "outbox"


@dataclass(frozen=True)
class HandedOver:
    """By which way a document leaves: ``email``, ``platform``, ``website``, or ``outbox``, by people's hands.

    ``refusal``: why it is left to people although it was to go electronically. ``receipt``: the number that
    the platform's system answered with.
    """

    channel: str
    detail: str
    refusal: Failure | None = None
    receipt: str | None = None


@dataclass(frozen=True)
class Letter:
    """A paper to be made out; ``handed_over`` where it does not go electronically."""

    paper: Paper
    handed_over: HandedOver | None

    @property
    def is_queued(self) -> bool:
        """Whether it lies in the post queue until people say that they have handed it over."""
        return self.handed_over is not None and self.handed_over.channel == BY_HAND and self.paper.by_hand

    @property
    def leaves(self) -> bool:
        """Whether it leaves with the record."""
        return self.handed_over is not None and not self.is_queued


@dataclass(frozen=True)
class Issued:
    """A letter that has been made out: its number, the digest of what it says, when it left if it has."""

    number: str
    sha256: str
    sent_at: datetime | None


async def make_out(
    connection: Connection, batch: LockedBatch, letters: Sequence[Letter]
) -> dict[str, Issued]:
    """Put letters into the documents and the outbox, each once by its ``document_id``, each with its number.

    Part of the transaction that holds the batch's lock: a letter exists if and only if what it follows from
    is on record, and so its number is used if and only if it was given. The year is Asia/Shanghai's. A letter
    that goes by mail has not left yet, unless it was made out and mailed before.
    """
    once = {letter.paper.document_id: letter for letter in reversed(letters)}
    rows = [{"place": place, **_row(letter)} for place, letter in enumerate(reversed(once.values()))]
    parameters = {
        "batch_no": batch.batch_no,
        "clock": batch.clock,
        "year": day_in_shanghai(batch.clock).year,
        "letters": json.dumps(rows, ensure_ascii=False),
        "document_ids": list(once),
    }
    made = await connection.execute(_MAKE_OUT, parameters)
    return {row.document_id: Issued(row.number, row.sha256, row.sent_at) for row in made}


def among_lines(
    entries: Sequence[TimelineEntry], letters: Iterable[Letter], issued: Mapping[str, Issued], now: datetime
) -> list[TimelineEntry]:
    """The entries, and among them what is said of letters made out and of those that leave at once.

    A letter's lines follow the entry it follows from, or come last.
    """
    told: dict[str | None, list[TimelineEntry]] = {}
    for letter in letters:
        lines = told.setdefault(letter.paper.after, [])
        lines.append(_issued(letter.paper, issued[letter.paper.document_id], now))
        if letter.handed_over and letter.leaves:
            lines.append(_sent(letter.paper, letter.handed_over, now))
    in_order = [line for entry in entries for line in (entry, *told.pop(entry.key, ()))]
    return in_order + [line for lines in told.values() for line in lines]


async def note_service(connection: Connection, served: Sequence[DocumentState], clock: datetime) -> None:
    """Say in the outbox what has become of letters; part of the transaction that records it.

    One that had not left has been made and handed over by people, as of ``clock``.
    """
    rows = [document.model_dump(mode="json") for document in served]
    await connection.execute(_SERVED, {"served": json.dumps(rows, ensure_ascii=False), "clock": clock})


def _issued(paper: Paper, issued: Issued, now: datetime) -> TimelineEntry:
    return TimelineEntry(
        key=document_issued_line(paper.document_id),
        at=now,
        kind=TimelineKind.DOCUMENT_ISSUED,
        text=f"制作{paper.title}（{issued.number}），受送达人：{paper.recipient_name}",
        rests_on=paper.rests_on,
        data={
            "document_id": paper.document_id,
            "kind": paper.kind,
            "recipient": paper.recipient,
            "number": issued.number,
            "sha256": issued.sha256,
            "deadline_of": paper.deadline_of,
        },
    )


def _sent(paper: Paper, by: HandedOver, at: datetime) -> TimelineEntry:
    entry = sent_entry(paper.document_id, paper.title, paper.recipient_name, paper.rests_on, by, at)
    if by.channel != BY_HAND or paper.recipient.party is None or paper.address:
        return entry
    # Known to the regulation (§6 地址不详): it is announced, and its duty is done; but nothing went anywhere.
    words = f"{paper.title}没有可以寄往的地址，未能寄出，受送达人：{paper.recipient_name}"
    return entry.model_copy(update={"text": words})


def sent_entry(
    document_id: str, title: str, recipient_name: str, rests_on: str, by: HandedOver, at: datetime
) -> TimelineEntry:
    """The line that says that a document has left."""
    return TimelineEntry(
        key=document_sent_line(document_id),
        at=at,
        kind=TimelineKind.DOCUMENT_SENT,
        text=f"{title}已发出，受送达人：{recipient_name}",
        rests_on=rests_on,
        data={"document_id": document_id, "channel": by.channel, "detail": by.detail},
    )


def _row(letter: Letter) -> dict[str, Any]:
    row: dict[str, Any] = as_stored(letter.paper)
    by = letter.handed_over
    return row | {
        "number_form": letter.paper.number_form or f"{letter.paper.title}〔{{year}}〕{{number}}号",
        "sha256": digest(row["fields"], row["facts"]),
        "secret": "".join(secrets.choice(_SECRETS_LETTERS) for _ in range(_SECRETS_LENGTH)),
        "leaves": letter.leaves,
        "served": is_served(letter.paper.kind, letter.paper.recipient),
        "channel": by.channel if by else None,
        "detail": by.detail if by else None,
    }


def digest(fields: dict[str, Any], facts: dict[str, Any]) -> str:
    """SHA-256 of what a document says, as stored: its fields, and the facts where there are any."""
    return sha256(canonical({"fields": fields, "facts": facts} if facts else fields))
