"""What the public may read: results (§7) and announcements (§6), masked, and withdrawn in time."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import SHANGHAI, day_in_shanghai, end_of_day
from law.privacy import without_name
from law.vocabulary import DocumentKind, Outcome
from messages.words import OUTCOMES
from store.engine import autocommit
from store.errors import DocumentUnknown, DocumentWithdrawn
from store.reads import search
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select

RESULTS = (DocumentKind.PUBLICATION, DocumentKind.PUBLICATION_CORRECTION)
ANNOUNCEMENTS = (DocumentKind.ANNOUNCEMENT,)

# Who really sold: the party that is written to, which is the ordered one unless it was bought elsewhere.
_REALLY = """jsonb_path_query_first(b.snapshot, '$.parties[*] ? (@.party == "seller")')"""
_SELLER = f"coalesce({_REALLY} ->> 'name', b.opening #>> '{{order,seller,name}}')"
_NATURAL = f"""coalesce(cast({_REALLY} ->> 'natural_person' as boolean),
    cast(b.opening #>> '{{order,seller,natural_person}}' as boolean), false)"""
# The names of natural persons that may stand in a document, the longest first, since one may be the beginning
# of another: the seller's, as ordered and as it was really bought from, the producer's as it stood on the
# goods; and whoever was so when it was made out, or what it corrects, for a correction may know better since.
PERSONS = f"""array(
    select name from (
        select {_SELLER} as name where {_NATURAL}
        union
        select b.opening #>> '{{order,seller,name}}'
        where cast(b.opening #>> '{{order,seller,natural_person}}' as boolean)
        union
        select p ->> 'name' from jsonb_array_elements(b.snapshot -> 'parties') p
        where p ->> 'party' = 'producer' and cast(p ->> 'natural_person' as boolean)
        union
        select json_array_elements_text(x.facts -> 'persons') from documents x
        where x.document_id in (d.document_id, d.corrects) and x.facts -> 'persons' is not null
    ) as person order by length(name) desc)"""
# Whom an announcement serves, by the name the notice had; documents made out before facts were kept lack it.
_ADDRESSEE = "d.facts ->> 'about_party'"
_CLOCK = "clock_timestamp() + b.clock_ahead"
# For as long as the batch's regulation says, without the value for ever; and not what was withdrawn.
_SHOWN = f"""not exists (
    select from outbox o where o.document_id = d.document_id and o.status = 'withdrawn'
) and coalesce(
    cast(d.sent_at at time zone 'Asia/Shanghai' as date)
        + cast(b.opening #>> '{{regulation,readings,published_for_days}}' as integer)
    >= cast(({_CLOCK}) at time zone 'Asia/Shanghai' as date), true)"""
_FROM = "from documents d join batches b using (batch_no)"
_PUBLISHED = f"""
    d.document_id, d.batch_no, d.kind, d.title, d.number, d.fields, d.field_titles, d.rests_on, d.sha256,
    d.secret, d.sent_at, d.corrects, d.facts ->> 'about' as about, {_ADDRESSEE} as addressee,
    {PERSONS} as persons, {_CLOCK} as clock,
    b.opening #>> '{{regulation,title}}' as regulation, {_SHOWN} as shown,
    array(select c.document_id from documents c where c.corrects = d.document_id and c.sent_at is not null
        order by c.sent_at, c.document_id) as corrected_by,
    (select c.document_id from documents c where c.batch_no = d.batch_no and c.kind = any(:corrections)
        and d.kind = any(:corrections) and c.corrects is not null
        and (c.sent_at, c.document_id) > (d.sent_at, d.document_id)
        order by c.sent_at desc, c.document_id desc limit 1) as standing,
    (select w.last_day from timeline t join waits w
        on w.batch_no = t.batch_no and w.wait_id = t.data ->> 'deadline_of'
        where t.batch_no = d.batch_no and t.key = 'document-issued:' || d.document_id) as last_day
    {_FROM}
"""
_ONE = text(f"""
    select {_PUBLISHED} where d.document_id = :document_id and d.kind = any(:kinds) and d.sent_at is not null
""")
_BESIDE = text(f"""
    select {_PUBLISHED} where d.batch_no = :batch_no and d.document_id <> :document_id
        and d.kind = any(:kinds) and d.sent_at is not null and {_SHOWN}
    order by d.sent_at, d.document_id
""")
# Why it is not shown: taken back, and of an announcement the notice that is served in another way since.
_GONE = text("""
    select o.status = 'withdrawn' as withdrawn, d.kind = 'announcement' as announced, (
        select later.kind from jsonb_path_query(b.snapshot, '$.documents[*]') as one
            join documents later on later.batch_no = d.batch_no and later.kind = one ->> 'about'
                and later.recipient = one ->> 'party' and later.created_at > d.sent_at
        where one ->> 'document_id' = d.document_id limit 1
    ) as served_anew
    from documents d join batches b using (batch_no) left join outbox o using (document_id)
    where d.document_id = :document_id
""")
_BEGIN_A_PERIOD = (DocumentKind.RESULT_NOTICE, DocumentKind.RETEST_LAB_NOTICE)


@dataclass(frozen=True)
class Published:
    """A document as the public reads it; the names of natural persons are masked already.

    ``standing`` is the batch's result that holds now, where that is a later one; ``last_day`` the last day of
    the deadline that an announcement states, as it stands now; ``addressee`` and ``about`` whom an
    announcement serves with which paper, and ``title`` says the latter as the letter's does.
    """

    document_id: str
    batch_no: str
    kind: DocumentKind
    title: str
    number: str
    addressee: str | None
    about: str | None
    fields: dict[str, Any]
    field_titles: dict[str, str]
    rests_on: str
    regulation: str
    sha256: str
    secret: str
    sent_at: datetime
    corrects: str | None
    corrected_by: tuple[str, ...]
    standing: str | None
    names_a_person: bool
    last_day: date | None
    clock: datetime

    @property
    def days_left(self) -> int | None:
        """Calendar days, Asia/Shanghai, to the last day: 0 on that day until 24:00, negative afterwards."""
        return (self.last_day - day_in_shanghai(self.clock)).days if self.last_day else None


@dataclass(frozen=True)
class Search:
    """Pieces of what is published; days are Asia/Shanghai's, both included.

    A natural person is found by neither name nor piece of name: that would undo the mask.
    """

    addressee: str | None = None
    seller: str | None = None
    product: str | None = None
    trademark: str | None = None
    platform: str | None = None
    outcome: Outcome | None = None
    published_from: date | None = None
    published_to: date | None = None


EVERYTHING = Search()


async def results(
    engine: AsyncEngine, wanted: Search = EVERYTHING, *, limit: int = 50, cursor: str | None = None
) -> Page[Published]:
    """What has been published (§7), the newest first, corrections too. Raises ``CursorInvalid``."""
    return await _published(engine, RESULTS, wanted, limit, cursor)


async def announcements(
    engine: AsyncEngine, wanted: Search = EVERYTHING, *, limit: int = 50, cursor: str | None = None
) -> Page[Published]:
    """Announcements of notices that could not be delivered (§6), the newest first.

    Raises ``CursorInvalid``.
    """
    return await _published(engine, ANNOUNCEMENTS, wanted, limit, cursor)


async def one(
    engine: AsyncEngine, kinds: tuple[DocumentKind, ...], document_id: str
) -> tuple[Published, tuple[Published, ...]]:
    """A document of these kinds, and those of its batch that stand beside it, the oldest first.

    Raises ``DocumentUnknown``, also for what has not been published, and ``DocumentWithdrawn``.
    """
    parameters = {"document_id": document_id, "kinds": list(kinds), "corrections": list(RESULTS)}
    async with autocommit(engine) as connection:
        row = (await connection.execute(_ONE, parameters)).one_or_none()
        if row is None:
            raise DocumentUnknown(document_id)
        if not row.shown:
            gone = (await connection.execute(_GONE, {"document_id": document_id})).one()
            raise DocumentWithdrawn(document_id, _why_gone(gone))
        beside = (await connection.execute(_BESIDE, parameters | {"batch_no": row.batch_no})).all()
    return _row(row), tuple(map(_row, beside))


def _why_gone(row: Row[Any]) -> str:
    if not row.withdrawn:
        return "展示期满"
    if not row.announced:
        return "已被撤回"
    words = "本公告已经撤回，不作为送达"
    if row.served_anew is None:
        return words
    words += "；所公告的文书由本局另行送达当事人"
    begins = row.served_anew in _BEGIN_A_PERIOD
    return f"{words}，期限自其收到之日起算，且不早于本公告告知的最后一日" if begins else words


async def count(engine: AsyncEngine, kinds: tuple[DocumentKind, ...], wanted: Search) -> int:
    """How many documents of these kinds are found, on however many pages."""
    conditions, parameters = _meaning(kinds, wanted)
    statement = select(f"count(*) {_FROM}", conditions, "1")
    (row,) = await rows_of(engine, statement, parameters, 1)
    return int(row[0])


async def _published(
    engine: AsyncEngine, kinds: tuple[DocumentKind, ...], wanted: Search, limit: int, cursor: str | None
) -> Page[Published]:
    position = after(cursor, "sent_at", "document_id")
    conditions, parameters = _meaning(kinds, wanted)
    conditions["(d.sent_at, d.document_id) < (cast(cast(:sent_at as text) as timestamptz), :document_id)"] = (
        cursor is not None
    )
    statement = select(_PUBLISHED, conditions, "d.sent_at desc, d.document_id desc")
    parameters |= position | {"corrections": list(RESULTS)}
    found = await rows_of(engine, statement, parameters, limit)
    return page_of(found, limit, _row, lambda row: [row.sent_at.isoformat(), row.document_id])


def _meaning(kinds: tuple[DocumentKind, ...], wanted: Search) -> tuple[dict[str, bool], dict[str, Any]]:
    """What a search asks of a document, each condition with whether it is asked, and their parameters."""
    pieces = {
        "addressee": wanted.addressee,
        "seller": wanted.seller,
        "product": wanted.product,
        "trademark": wanted.trademark,
        "platform": wanted.platform,
    }
    searchable = {name: search.searchable(piece or "") for name, piece in pieces.items()}
    folded = {name: piece for name, piece in searchable.items() if piece}
    conditions = {
        "d.kind = any(:kinds)": True,
        "d.sent_at is not null": True,
        _SHOWN: True,
        # Where none is stated, the letter speaks to the seller.
        _holds("addressee", _ADDRESSEE, _said("seller")): "addressee" in folded,
        f"not {_NATURAL} and {_holds('seller', _said('seller'))}": "seller" in folded,
        _holds("product", _said("sample_name"), _said("goods_name")): "product" in folded,
        _holds("trademark", _said("nominal_trademark")): "trademark" in folded,
        _holds("platform", _said("platform")): "platform" in folded,
        # As the document itself says it: a later result does not change what an earlier one was.
        "right(d.fields ->> 'conclusion', length(cast(:outcome as text))) = :outcome": (
            wanted.outcome is not None
        ),
        "d.sent_at >= :published_from": wanted.published_from is not None,
        "d.sent_at < :published_to": wanted.published_to is not None,
    }
    parameters: dict[str, Any] = {
        **folded,
        "kinds": list(kinds),
        "outcome": f"（{OUTCOMES[wanted.outcome]}）" if wanted.outcome else None,
        "published_from": (
            datetime.combine(wanted.published_from, time(0), SHANGHAI) if wanted.published_from else None
        ),
        "published_to": end_of_day(wanted.published_to) if wanted.published_to else None,
    }
    return conditions, parameters


def _said(name: str) -> str:
    return f"d.fields ->> '{name}'"


def _holds(parameter: str, *places: str) -> str:
    """Whether the first of these that is there holds the piece looked for, masked names left out."""
    said = f"coalesce({', '.join(places)}, '')"
    return f"""exists (
        with recursive told(text, nth, persons) as (
            select {said}, 1, {PERSONS}
            union all
            select replace(text, persons[nth], ''), nth + 1, persons from told
            where nth <= cardinality(persons)
        )
        select from told where nth > cardinality(persons)
            and position(:{parameter} in lower(normalize(text, nfkc))) > 0
    )"""


def _row(row: Row[Any]) -> Published:
    fields, addressee = row.fields, row.addressee
    for person in row.persons:
        fields, addressee = without_name((fields, addressee), person)
    return Published(
        document_id=row.document_id,
        batch_no=row.batch_no,
        kind=DocumentKind(row.kind),
        title=f"{row.about}送达公告" if row.about else row.title,
        number=row.number,
        addressee=addressee,
        about=row.about,
        fields=fields,
        field_titles=row.field_titles,
        rests_on=row.rests_on,
        regulation=row.regulation,
        sha256=row.sha256,
        secret=row.secret,
        sent_at=row.sent_at,
        corrects=row.corrects,
        corrected_by=tuple(row.corrected_by),
        standing=row.standing,
        names_a_person=bool(row.persons),
        last_day=row.last_day,
        clock=row.clock,
    )
