"""The post queue as it is read: what is due first, by whose clock, and where each letter goes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind, Outcome, Recipient
from messages.names import sending
from messages.order import notice_address, notice_addresses
from messages.snapshot import DocumentState, DocumentStatus
from store.documents import dispatches as of_letters
from store.documents import outbox
from store.documents.dispatches import DispatchSearch, DispatchState, chosen, dispatches
from store.documents.named import named
from store.documents.papers import HandedOver, Letter
from store.errors import CursorInvalid, DocumentUnknown
from store.ledger import record
from store.reads import read_model
from store.reads.part import EVERYTHING, SeenPart
from tests.databases import tamper
from tests.store.builders import change, duty, open_one, order, paper, snapshot

NOW = datetime.now(UTC)
BY_HAND = HandedOver("outbox", "待人工递送")
MAIL = HandedOver("email", "seller@example.com")
WEBSITE = HandedOver("website", "已发布")
TO_POST = DispatchSearch(DispatchState.TO_POST)
DUTY = sending(DocumentKind.RESULT_NOTICE)


async def with_letters(engine: AsyncEngine, *letters: Letter, days: int | None = None, **fields: Any) -> str:
    """A batch with these letters; ``days``: until the end of the duty that they serve."""
    batch_no = (await open_one(engine)).batch_no
    due = NOW + timedelta(days=days or 0)
    waits = [] if days is None else [duty(DUTY, deadline=due, last_day=due.date())]
    what = change(snapshot(batch_no, 1, *waits, **fields))
    await record.write(engine, what, letters, time_skipping=False)
    return batch_no


def by_hand(document_id: str, **fields: Any) -> Letter:
    """A letter that is to be served: in the queue until it was handed over."""
    return Letter(paper(document_id, **{"duty": DUTY, "by_hand": True, **fields}), BY_HAND)


async def note(engine: AsyncEngine, batch_no: str, document_id: str, version: int = 2, **known: Any) -> None:
    """What has become of a letter; the batch stays LAB-07's."""
    of = (await chosen(engine, [document_id], EVERYTHING))[0]
    state = DocumentState(
        document_id=document_id,
        kind=of.kind,
        recipient=of.recipient,
        recipient_name=of.recipient_name,
        **{"status": DocumentStatus.SENT, "sent_on": NOW.date(), **known},
    )
    what = change(snapshot(batch_no, version, laboratory="LAB-07"), served=(state,))
    await record.write(engine, what, [], time_skipping=False)


async def ids(engine: AsyncEngine, wanted: DispatchSearch) -> list[str]:
    return [one.document_id for one in (await dispatches(engine, wanted)).items]


async def test_what_must_be_posted_first_comes_first(engine: AsyncEngine) -> None:
    """By the last day of the duty, then as made out; what serves no duty comes last; page by page."""
    await with_letters(engine, by_hand("whenever", kind=DocumentKind.COMMISSION_LETTER))
    await with_letters(engine, by_hand("later"), days=5)
    await with_letters(engine, by_hand("sooner-1"), by_hand("sooner-2"), days=2)
    seen, cursor = [], None
    while True:
        page = await dispatches(engine, TO_POST, limit=1, cursor=cursor)
        seen += [(one.document_id, one.post_by and (one.post_by - NOW.date()).days) for one in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [("sooner-1", 2), ("sooner-2", 2), ("later", 5), ("whenever", None)]


async def test_an_unposted_letter_is_late_by_its_batchs_clock(engine: AsyncEngine) -> None:
    """Past the last day, fast-forwarded or not; not during a stay, and not once it is in the post."""
    late = await with_letters(engine, by_hand("late"), days=-1)
    ahead = await with_letters(engine, by_hand("ahead"), days=3)
    await with_letters(engine, by_hand("in-time"), days=3)
    await with_letters(engine, by_hand("stayed"), days=-1, suspended=True)
    async with engine.begin() as connection:
        forward = text("update batches set clock_ahead = interval '4 days' where batch_no = :no")
        await connection.execute(forward, {"no": ahead})
    by_mail = Letter(paper("mailed", duty=DUTY), MAIL), Letter(paper("unmailed", duty=DUTY), None)
    await with_letters(engine, *by_mail, days=-1)
    assert {one.document_id: one.overdue for one in (await dispatches(engine)).items} == {
        "mailed": False,
        "unmailed": False,
        "late": True,
        "ahead": True,
        "in-time": False,
        "stayed": False,
    }
    await note(engine, late, "late", posted_on=NOW.date(), tracking_no="1234567890123")
    (posted,) = (await dispatches(engine, DispatchSearch(DispatchState.POSTED))).items
    assert (posted.document_id, posted.overdue) == ("late", False)


async def test_each_state_has_its_letters(engine: AsyncEngine) -> None:
    """To send, to post, posted, failing, delivered, returned, announced, given up; the public has a site.

    What is to be served is sent once it was handed over; what is not, once it was made out.
    """
    public = {"kind": DocumentKind.PUBLICATION, "recipient": Recipient.PUBLIC}
    states = {
        "posted": {"posted_on": NOW.date()},
        "failing": {"posted_on": NOW.date(), "failure": "邮件被退回：查无此人"},
        "another": {"posted_on": NOW.date(), "status": DocumentStatus.RECEIVED_BY_ANOTHER, "proof": "丰巢"},
        "delivered": {"status": DocumentStatus.DELIVERED, "settled_on": NOW.date(), "proof": "邮寄送达"},
        "returned": {"status": DocumentStatus.RETURNED, "settled_on": NOW.date()},
        "announced": {"status": DocumentStatus.ANNOUNCED, "settled_on": NOW.date()},
        "given_up": {"status": DocumentStatus.GIVEN_UP, "settled_on": NOW.date()},
        "withdrawn": {"status": DocumentStatus.WITHDRAWN},
    }
    await with_letters(
        engine,
        Letter(paper("waiting"), None),
        Letter(paper("mailed"), MAIL),
        Letter(paper("public", **public), WEBSITE),
        by_hand("to-post"),
        by_hand("not-served", kind=DocumentKind.REFERRAL_LETTER, by_hand=False),
    )
    for document_id, known in states.items():
        batch_no = await with_letters(engine, by_hand(document_id))
        await note(engine, batch_no, document_id, **known)
    shown = {state: set(await ids(engine, DispatchSearch(state))) for state in DispatchState}
    assert shown == {
        DispatchState.TO_SEND: {"waiting"},
        DispatchState.TO_POST: {"to-post", "not-served"},
        DispatchState.POSTED: {"posted", "failing"},
        DispatchState.SENT: {"mailed", "posted", "failing"},
        DispatchState.FAILING: {"failing"},
        DispatchState.RECEIVED_BY_ANOTHER: {"another"},
        DispatchState.TO_DECIDE: {"failing", "another"},
        DispatchState.DELIVERED: {"delivered"},
        DispatchState.RETURNED: {"returned"},
        DispatchState.ANNOUNCED: {"announced"},
        DispatchState.GIVEN_UP: {"given_up"},
        DispatchState.WITHDRAWN: {"withdrawn"},
        DispatchState.ALL: {"waiting", "mailed", "public", "to-post", "not-served", *states},
    }
    assert await ids(engine, DispatchSearch(channel="website")) == ["public"]


async def test_what_was_withdrawn_from_the_queue_has_not_been_sent(engine: AsyncEngine) -> None:
    """Nor is it mailed: its record says that it never left."""
    batch_no = await with_letters(engine, by_hand("queued"), Letter(paper("unmailed"), None))
    for version, document_id in enumerate(("queued", "unmailed"), 2):
        await note(engine, batch_no, document_id, version, status=DocumentStatus.WITHDRAWN, sent_on=None)
    withdrawn = (await dispatches(engine, DispatchSearch(DispatchState.WITHDRAWN))).items
    assert {one.document_id: one.sent_at for one in withdrawn} == {"queued": None, "unmailed": None}
    assert await outbox.to_send(engine, ["queued", "unmailed"]) == []


@pytest.mark.parametrize("outcome", [Outcome.ABANDONED, Outcome.VOIDED])
async def test_nothing_more_is_posted_of_a_batch_that_was_left(engine: AsyncEngine, outcome: Outcome) -> None:
    """Its letters stand in the list of all, but nobody has to do anything with them."""
    await with_letters(engine, by_hand("d-1"), days=-1, outcome=outcome)
    assert await ids(engine, TO_POST) == []
    (shown,) = (await dispatches(engine)).items
    assert (shown.document_id, shown.overdue) == ("d-1", False)


async def test_letters_are_found_by_batch_and_a_piece_of_text(engine: AsyncEngine) -> None:
    """Document number, id, recipient and number of the parcel, whatever the width and case."""
    first = await with_letters(engine, by_hand("d-1", recipient_name="ＡＢＣ旗舰店"))
    await with_letters(engine, by_hand("d-2", recipient_name="别家店"))
    await note(engine, first, "d-1", posted_on=NOW.date(), tracking_no="EZ123456789CN")
    number = (await chosen(engine, ["d-1"], EVERYTHING))[0].number
    for q in ("abc旗", "ez1234", number, "D-1"):
        assert await ids(engine, DispatchSearch(q=q)) == ["d-1"], q
    assert await ids(engine, DispatchSearch(q="店")) == ["d-2", "d-1"]
    assert await ids(engine, DispatchSearch(q="100%")) == []
    assert await ids(engine, DispatchSearch(batch_no=first)) == ["d-1"]
    assert await ids(engine, DispatchSearch(part=SeenPart(laboratory="LAB-07"))) == ["d-1"]
    with pytest.raises(DocumentUnknown):
        await chosen(engine, ["d-1", "d-2"], SeenPart(laboratory="LAB-07"))
    with pytest.raises(DocumentUnknown):
        await chosen(engine, ["d-1", "d-9"], EVERYTHING)
    for cursor in ("x", "WyJ4IiwgInkiXQ=="):
        with pytest.raises(CursorInvalid):
            await dispatches(engine, TO_POST, cursor=cursor)


async def test_a_seller_has_two_addresses(engine: AsyncEngine) -> None:
    """That on its licence and that which the platform supplied (§5); the same twice is one."""
    place, supplied = order().seller.place, "浙江省杭州市余杭区示例仓库3号"
    both = notice_address(notice_addresses(place, supplied))
    assert both == f"{place.in_full}；平台提供的地址：{supplied}"
    await with_letters(
        engine,
        by_hand("two", address=both),
        by_hand("same", address=notice_address(notice_addresses(place, place.in_full))),
        by_hand("producer", recipient=Recipient.PRODUCER, address=both),
        by_hand("none", address=None),
    )
    shown = {one.document_id: one.addresses for one in (await dispatches(engine)).items}
    assert shown == {
        "two": (place.in_full, supplied),
        "same": (place.in_full,),
        "producer": (both,),
        "none": (),
    }


async def test_a_letter_is_known_by_its_names_and_by_what_came_after(engine: AsyncEngine) -> None:
    """By id, document number and parcel; a parcel may hold several letters; a newer one supersedes."""
    batch_no = await with_letters(engine, by_hand("old"), by_hand("other", recipient=Recipient.PLATFORM))
    for version, document_id in ((2, "old"), (3, "other")):
        await note(engine, batch_no, document_id, version, posted_on=NOW.date(), tracking_no="1234567890123")
    letters = [by_hand("new")]
    await record.write(engine, change(snapshot(batch_no, 4)), letters, time_skipping=False)
    number = (await chosen(engine, ["new"], EVERYTHING))[0].number
    found = await named(engine, document_ids=["new"], numbers=[number], tracking_nos=["1234567890123", "X"])
    assert {one.document_id: one.superseded for one in found.by_id.values()} == {
        "old": True,
        "other": False,
        "new": False,
    }
    assert [one.document_id for one in found.by_number[number]] == ["new"]
    assert {no: [one.document_id for one in ones] for no, ones in found.by_parcel.items()} == {
        "1234567890123": ["old", "other"]
    }


# Of every batch: one that arrived, one that needs no answer; of one in two hundred: what there is to do.
_MANY = """
    with numbers as (
        select n, 'CJ1990-' || lpad(n::text, 6, '0') as batch_no from generate_series(1, 10000) n
    ), batch as (
        insert into batches (batch_no, year, number, order_sha256, opening, opened_at, version, snapshot,
            phase, outcome, laboratory)
        select numbers.batch_no, 1990, n, '', '{}', opened_at, 1, snapshot, 'closed', 'conforming', ''
        from batches b, numbers where b.batch_no = :pattern
    ), letters as (
        select *, batch_no || '-' || kind as id from numbers, (values
            ('arrived', 'delivered', true, true), ('done', 'sent', false, true),
            ('under-way', 'sent', true, true), ('queued', 'to_send', true, false),
            ('back', 'returned', true, true)) as k (kind, status, served, posted)
        where kind in ('arrived', 'done') or n % 200 = 0
    ), made as (
        insert into documents (document_id, batch_no, kind, recipient, recipient_name, title, fields,
            field_titles, facts, rests_on, sha256, created_at, number, series_year, series_no, secret)
        select l.id, l.batch_no, d.kind, d.recipient, d.recipient_name, d.title, d.fields, d.field_titles,
            d.facts, d.rests_on, d.sha256, d.created_at, l.id, 1990, row_number() over (), l.id
        from documents d, letters l where d.batch_no = :pattern
    )
    insert into outbox (document_id, state, channel, status, served, posted_on)
    select id, 'sent', 'outbox', status, served, case when posted then date '1990-01-01' + n % 300 end
    from letters
"""


async def test_no_list_of_letters_needs_a_sequential_scan(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the letters of 10,000 batches that are over, what is to be done is found by an index."""
    pattern = await with_letters(engine, by_hand("pattern"))
    await tamper(engine, _MANY, pattern=pattern)
    await tamper(engine, "analyze batches, documents, outbox")
    plans: dict[DispatchState, str] = {}

    async def explain(of: AsyncEngine, statement: Any, parameters: Any, limit: int) -> Any:
        plan = await read_model.rows_of(of, text(f"explain {statement.text}"), parameters, limit)
        plans[state] = "\n".join(row[0] for row in plan)
        return await read_model.rows_of(of, statement, parameters, limit)

    monkeypatch.setattr(of_letters, "rows_of", explain)
    for state in DispatchState:
        await dispatches(engine, DispatchSearch(state))
    for state, plan in plans.items():
        assert not any(f"Seq Scan on {table}" in plan for table in ("outbox", "documents", "batches")), (
            f"{state}\n{plan}"
        )
    assert set(plans) == set(DispatchState)
