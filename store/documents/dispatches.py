"""Letters on their way, each recipient with its own state."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind, Recipient
from messages.order import addresses_apart
from messages.snapshot import DocumentStatus
from store.documents.queued import FOLLOWED, TO_POST
from store.errors import DocumentUnknown
from store.reads import search
from store.reads.pages import Page, after, page_of
from store.reads.part import EVERYTHING, SeenPart
from store.reads.read_model import rows_of, select


class DispatchState(StrEnum):
    """What is asked for of the letters on their way."""

    TO_SEND = "to_send"
    TO_POST = "to_post"
    POSTED = "posted"
    SENT = "sent"
    FAILING = "failing"
    RECEIVED_BY_ANOTHER = "received_by_another"
    TO_DECIDE = "to_decide"
    DELIVERED = "delivered"
    RETURNED = "returned"
    ANNOUNCED = "announced"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"
    ALL = "all"


# Of a letter to a laboratory or an authority nobody records whether it arrived: once it has left, it is done.
_NO_ANSWER_YET = f"o.queue = 'no_answer_yet' and {FOLLOWED}"
_CONDITIONS = {
    DispatchState.TO_SEND: f"o.status = 'to_send' and o.channel is distinct from 'outbox' and {FOLLOWED}",
    DispatchState.TO_POST: TO_POST,
    DispatchState.POSTED: f"{_NO_ANSWER_YET} and o.posted_on is not null",
    DispatchState.SENT: _NO_ANSWER_YET,
    DispatchState.FAILING: f"o.failure is not null and {FOLLOWED}",
    DispatchState.RECEIVED_BY_ANOTHER: f"o.status = 'received_by_another' and {FOLLOWED}",
    DispatchState.TO_DECIDE: f"(o.failure is not null or o.status = 'received_by_another') and {FOLLOWED}",
    DispatchState.ALL: "true",
}
_CONDITIONS |= {state: f"o.status = '{state}'" for state in DispatchState if state not in _CONDITIONS}
# Where somebody has work to do, what is due first comes first; elsewhere the newest.
_WORK = {
    DispatchState.TO_SEND,
    DispatchState.TO_POST,
    DispatchState.POSTED,
    DispatchState.SENT,
    DispatchState.FAILING,
    DispatchState.RECEIVED_BY_ANOTHER,
    DispatchState.TO_DECIDE,
}
_DUE = "coalesce(w.due, 'infinity')"
# The last day of the duty that a letter serves is the day by which each is to be in the post.
_FROM = """
    outbox o join documents d using (document_id) join batches b on b.batch_no = d.batch_no
    left join waits w on w.batch_no = d.batch_no and w.wait_id = d.duty
"""
_DISPATCHES = f"""
    o.no, d.document_id, d.batch_no, d.number, d.title, d.kind, d.recipient, d.recipient_name, d.address,
    o.channel, o.detail, o.status, d.created_at, d.sent_at, o.posted_on, o.carrier, o.tracking_no,
    jsonb_path_query_first(b.snapshot, '$.documents[*] ? (@.document_id == $of)',
        jsonb_build_object('of', d.document_id)) ->> 'posted_to' as posted_to,
    o.settled_on, o.failure, o.came_back_on, o.proof, w.last_day as post_by, cast({_DUE} as text) as due,
    ({TO_POST}) is true as to_post,
    ({TO_POST} and not coalesce(cast(b.snapshot ->> 'suspended' as boolean), false)
        and {_DUE} <= clock_timestamp() + b.clock_ahead) is true as overdue,
    b.opening #>> '{{regulation,bureaus,municipal_bureau}}' as bureau,
    b.opening #>> '{{order,scheme,contact}}' as contact, (
        select e.filename || '（SHA-256 ' || e.sha256 || '）' from evidence e
        where e.batch_no = d.batch_no and e.sha256 = d.fields #>> '{{report,file,sha256}}'
            and e.disposal_no is null
    ) as encloses
"""


@dataclass(frozen=True)
class Dispatch:
    """A letter on its way to one recipient.

    ``to_post``: it lies in the post queue. ``post_by``: the last day of the duty that it serves.
    ``addresses``: it goes to each of them (§5). ``posted_to``: where it last went, if that was said.
    ``encloses``: the kept file that goes along with it, by its name and its digest.
    """

    document_id: str
    batch_no: str
    number: str
    title: str
    kind: DocumentKind
    recipient: Recipient
    recipient_name: str
    addresses: tuple[str, ...]
    channel: str | None
    detail: str | None
    status: DocumentStatus
    to_post: bool
    created_at: datetime
    sent_at: datetime | None
    posted_on: date | None
    carrier: str | None
    tracking_no: str | None
    posted_to: str | None
    settled_on: date | None
    failure: str | None
    came_back_on: date | None
    proof: str | None
    post_by: date | None
    overdue: bool
    bureau: str
    contact: str
    encloses: str | None


@dataclass(frozen=True)
class DispatchSearch:
    """Which letters; ``part``: of which batches."""

    state: DispatchState = DispatchState.ALL
    channel: str | None = None
    batch_no: str | None = None
    q: str | None = None
    part: SeenPart = EVERYTHING


async def dispatches(
    engine: AsyncEngine,
    wanted: DispatchSearch = DispatchSearch(),
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Dispatch]:
    """What there is to do with the most urgent first, else the newest first. Raises ``CursorInvalid``.

    ``q``: a piece of document number, id, recipient or tracking number.
    """
    folded = search.searchable(wanted.q) if wanted.q is not None else ""
    position = after(cursor, "due", "no")
    by_due = wanted.state in _WORK
    conditions = {
        _CONDITIONS[wanted.state]: True,
        f"({_DUE}, o.no) > (cast(cast(:due as text) as timestamptz), cast(cast(:no as text) as bigint))": (
            cursor is not None and by_due
        ),
        "o.no < cast(cast(:no as text) as bigint)": cursor is not None and not by_due,
        "o.channel = :channel": wanted.channel is not None,
        "d.batch_no = :batch_no": wanted.batch_no is not None,
        **wanted.part.conditions,
        "position(:folded in lower(normalize(concat_ws(' ', d.number, d.document_id, d.recipient_name,"
        " o.tracking_no), NFKC))) > 0": bool(folded),
    }
    statement = _page(conditions, f"{_DUE}, o.no" if by_due else "o.no desc")
    parameters = position | {
        "channel": wanted.channel,
        "batch_no": wanted.batch_no,
        **wanted.part.parameters,
        "folded": folded,
    }
    rows = await rows_of(engine, statement, parameters, limit)
    return page_of(rows, limit, _dispatch, lambda row: [row.due, str(row.no)])


async def chosen(engine: AsyncEngine, document_ids: Collection[str], part: SeenPart) -> tuple[Dispatch, ...]:
    """These letters, the most urgent first. Raises ``DocumentUnknown`` for the first that there is not."""
    conditions = {
        "d.document_id = any(:document_ids)": True,
        **part.conditions,
    }
    statement = _page(conditions, f"{_DUE}, o.no")
    parameters = {"document_ids": list(document_ids), **part.parameters}
    rows = await rows_of(engine, statement, parameters, len(document_ids))
    known = {row.document_id for row in rows}
    for document_id in document_ids:
        if document_id not in known:
            raise DocumentUnknown(document_id)
    return tuple(map(_dispatch, rows))


def _page(conditions: dict[str, bool], order: str) -> TextClause:
    """Openings are large: they are only looked into for what is on the page."""
    on_it = select(f"o.document_id from {_FROM}", conditions, order).text
    return text(f"""
        with page as materialized ({on_it})
        select {_DISPATCHES} from {_FROM} where o.document_id in (select document_id from page)
        order by {order}
    """)


def _dispatch(row: Row[Any]) -> Dispatch:
    fields = row._asdict()
    del fields["no"], fields["due"]
    addresses = _addresses(Recipient(row.recipient), fields.pop("address"))
    return Dispatch(
        **fields
        | {
            "kind": DocumentKind(row.kind),
            "recipient": Recipient(row.recipient),
            "status": DocumentStatus(row.status),
            "addresses": addresses,
        }
    )


def _addresses(recipient: Recipient, address: str | None) -> tuple[str, ...]:
    """A seller's two addresses stand as one text on its documents; others' are one."""
    if address is None:
        return ()
    return addresses_apart(address) if recipient is Recipient.SELLER else (address,)
