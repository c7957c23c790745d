"""Documents are made out once, in the record's own transaction, sent once, and never altered."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind, Recipient
from messages.records import Failure, Paper, TimelineKind
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps.service import FailureCause
from store.documents import dispatches, outbox, papers, published
from store.documents.dispatches import DispatchSearch
from store.documents.papers import HandedOver, Letter
from store.errors import DocumentUnknown
from store.ledger import record, timeline
from store.ledger.lock import lock_batch
from store.reads import read_model
from tests.store.builders import change, entry, open_one, paper, snapshot

MAIL = HandedOver("email", "seller@example.com <d-1@bureau.example>")
WEBSITE = HandedOver("website", "已发布")
BY_HAND = HandedOver("outbox", "待人工递送")


def mailed(*papers: Paper) -> list[Letter]:
    return [Letter(one, None) for one in papers]


async def write(
    engine: AsyncEngine, batch_no: str, letters: list[Letter], version: int = 1
) -> dict[str, datetime]:
    what = change(snapshot(batch_no, version))
    return await record.write(engine, what, letters, time_skipping=False)


async def lines(engine: AsyncEngine, batch_no: str) -> list[read_model.TimelineRow]:
    return list(await read_model.timeline(engine, batch_no))


async def kinds(engine: AsyncEngine, batch_no: str) -> list[TimelineKind]:
    return [line.kind for line in await lines(engine, batch_no)]


async def test_a_paper_is_made_out_once(engine: AsyncEngine) -> None:
    """Made out again, also together and with another one, only what is new is added."""
    opening = await open_one(engine)
    one, two = paper("d-1"), paper("d-2")
    left = [await write(engine, opening.batch_no, mailed(one), version) for version in range(1, 6)]
    assert left == [{}] * 5
    assert await write(engine, opening.batch_no, mailed(one, two), 6) == {}
    to_send = await outbox.to_send(engine, ["d-2", "d-1"])
    assert [document.document_id for document in to_send] == ["d-1", "d-2"]
    assert to_send[0].fields == one.fields
    assert await kinds(engine, opening.batch_no) == [TimelineKind.DOCUMENT_ISSUED] * 2
    assert len((await dispatches.dispatches(engine)).items) == 2
    assert await timeline.verify(engine) == []


async def test_what_leaves_at_once_leaves_once(engine: AsyncEngine) -> None:
    """On the website, or a letter that is not served: one moment of sending, however often it is written."""
    opening = await open_one(engine)
    letters = [Letter(paper("d-1"), WEBSITE), Letter(paper("d-2"), BY_HAND), *mailed(paper("d-3"))]
    written = [await write(engine, opening.batch_no, letters, version) for version in (1, 2, 3)]
    first = written[0]
    assert set(first) == {"d-1", "d-2"}
    assert all(left == first for left in written)
    assert (await outbox.left(engine, ["d-1", "d-2", "d-3"])).sent_at == first
    assert [document.document_id for document in await outbox.to_send(engine, ["d-1", "d-2", "d-3"])] == [
        "d-3"
    ]
    recorded = await lines(engine, opening.batch_no)
    issued, sent = TimelineKind.DOCUMENT_ISSUED, TimelineKind.DOCUMENT_SENT
    assert [line.kind for line in recorded] == [issued, sent, issued, sent, issued]
    assert recorded[1].data == {"document_id": "d-1", "channel": "website", "detail": "已发布"}
    assert recorded[1].key == "document-sent:d-1"
    shown = {d.document_id: (d.channel, d.sent_at) for d in (await dispatches.dispatches(engine)).items}
    assert shown == {
        "d-1": ("website", first["d-1"]),
        "d-2": ("outbox", first["d-2"]),
        "d-3": (None, None),
    }
    assert await timeline.verify(engine) == []


async def test_what_people_hand_over_lies_in_the_queue_until_they_have(engine: AsyncEngine) -> None:
    """Made out, not sent, and nothing to be mailed; sent with the record of its handing over."""
    opening = await open_one(engine)
    one = paper("d-1", by_hand=True)
    assert await write(engine, opening.batch_no, [Letter(one, BY_HAND)]) == {}
    assert await outbox.to_send(engine, ["d-1"]) == []
    assert (await outbox.left(engine, ["d-1"])).by_hand == ("d-1",)
    queue = DispatchSearch(dispatches.DispatchState.TO_POST)
    (queued,) = (await dispatches.dispatches(engine, queue)).items
    assert (queued.status, queued.channel, queued.sent_at) == (DocumentStatus.TO_SEND, "outbox", None)
    assert await kinds(engine, opening.batch_no) == [TimelineKind.DOCUMENT_ISSUED]
    state = DocumentState(
        document_id="d-1",
        kind=one.kind,
        recipient=one.recipient,
        recipient_name=one.recipient_name,
        status=DocumentStatus.SENT,
        sent_on=date(2026, 9, 14),
        posted_on=date(2026, 9, 14),
        tracking_no="EM123456789CN",
    )
    posted = change(snapshot(opening.batch_no, 2), served=(state,))
    await record.write(engine, posted, time_skipping=False)
    assert (await dispatches.dispatches(engine, queue)).items == ()
    (shown,) = (await dispatches.dispatches(engine)).items
    assert (shown.status, shown.channel) == (DocumentStatus.SENT, "outbox")
    assert (shown.sent_at is not None, shown.posted_on) == (True, date(2026, 9, 14))


async def test_a_letter_refused_when_it_was_mailed_is_not_sent(engine: AsyncEngine) -> None:
    """It lies in the post queue with the reason, and is not tried again; the timeline has no sending."""
    opening = await open_one(engine)
    await write(engine, opening.batch_no, mailed(paper("d-1")))
    refusal = Failure(cause=FailureCause.EMAIL_BOUNCED, reason="550 no such user")
    for _ in range(2):
        await outbox.mark_sent(engine, "d-1", HandedOver("outbox", "邮件被拒收，待人工递送", refusal))
    result = await outbox.left(engine, ["d-1"])
    assert (result.sent_at, result.failed, result.by_hand) == ({}, {"d-1": refusal}, ())
    assert await outbox.to_send(engine, ["d-1"]) == []
    (queued,) = (await dispatches.dispatches(engine, DispatchSearch(dispatches.DispatchState.TO_POST))).items
    assert (queued.document_id, queued.sent_at) == ("d-1", None)
    assert await kinds(engine, opening.batch_no) == [TimelineKind.DOCUMENT_ISSUED]


async def test_a_paper_given_twice_in_one_change_is_made_out_once(engine: AsyncEngine) -> None:
    """The document id is its key within one change too."""
    opening = await open_one(engine)
    twice = [Letter(paper("d-1"), BY_HAND)] * 2
    assert set(await write(engine, opening.batch_no, twice)) == {"d-1"}
    assert len((await dispatches.dispatches(engine)).items) == 1
    assert len(await lines(engine, opening.batch_no)) == 2


async def test_a_paper_exists_only_with_what_it_follows_from(engine: AsyncEngine) -> None:
    """When the change is not written, neither is the paper, nor a line about it."""
    opening = await open_one(engine)
    bad = Letter(paper("d-1", rests_on="§6"), BY_HAND)
    async with engine.begin() as connection:
        # Stands in for a change that fails after its papers: the transaction is the same one.
        batch = await lock_batch(connection, opening.batch_no)
        await papers.make_out(connection, batch, [bad])
        await connection.rollback()
    assert (await dispatches.dispatches(engine)).items == ()
    with pytest.raises(record.Lacking):
        await write(engine, "CJ1999-000001", mailed(paper("d-1")))
    assert await outbox.to_send(engine, ["d-1"]) == []


async def test_a_mailed_paper_is_sent_once(engine: AsyncEngine) -> None:
    """The first moment of sending stands, also when attempts meet, and it is no longer to be sent."""
    opening = await open_one(engine)
    letters = mailed(paper("d-1"), paper("d-2"))
    await write(engine, opening.batch_no, letters)
    await asyncio.gather(*(outbox.mark_sent(engine, "d-1", MAIL) for _ in range(5)))
    first = (await outbox.left(engine, ["d-1", "d-2"])).sent_at
    sent_at = first["d-1"]
    await outbox.mark_sent(engine, "d-1", BY_HAND)
    assert [d.document_id for d in await outbox.to_send(engine, ["d-1", "d-2"])] == ["d-2"]
    assert (await outbox.left(engine, ["d-1", "d-2"])).sent_at == first == {"d-1": sent_at}
    # A later record that names it learns that the letter has left meanwhile.
    assert await write(engine, opening.batch_no, letters, 2) == {"d-1": sent_at}
    (line,) = [
        line for line in await lines(engine, opening.batch_no) if line.kind is TimelineKind.DOCUMENT_SENT
    ]
    assert (line.at, line.data["channel"], line.data["detail"]) == (sent_at, "email", MAIL.detail)
    (shown,) = (await dispatches.dispatches(engine, DispatchSearch(channel="email"))).items
    assert (shown.document_id, shown.sent_at) == ("d-1", sent_at)
    assert await timeline.verify(engine) == []


async def test_a_change_and_a_mailed_paper_meet(engine: AsyncEngine) -> None:
    """A record and a letter's leaving take turns on the batch's lock: the chain stays whole."""
    opening = await open_one(engine)
    await write(engine, opening.batch_no, mailed(*(paper(f"d-{n}") for n in range(4))))

    async def go_on() -> None:
        for version in range(2, 6):
            what = change(snapshot(opening.batch_no, version), entry(f"e-{version}"))
            await record.write(engine, what, time_skipping=False)

    await asyncio.gather(*(outbox.mark_sent(engine, f"d-{n}", MAIL) for n in range(4)), go_on())
    assert len(await lines(engine, opening.batch_no)) == 12
    assert await timeline.verify(engine) == []


async def test_what_is_unknown_is_refused(engine: AsyncEngine) -> None:
    """No document, no sending."""
    with pytest.raises(DocumentUnknown):
        await outbox.mark_sent(engine, "d-0", MAIL)
    assert (await outbox.left(engine, ["d-0"])).sent_at == {}


@pytest.mark.parametrize(
    "statement",
    [
        "update documents set fields = '{}'",
        "update documents set title = 'x'",
        "update documents set sent_at = now() + interval '1 day'",
        "update documents set sent_at = null",
        "delete from documents",
    ],
)
@pytest.mark.parametrize("by", [None, BY_HAND], ids=["mailed", "at-once"])
async def test_a_document_cannot_be_altered(
    engine: AsyncEngine, superuser: AsyncEngine, statement: str, by: HandedOver | None
) -> None:
    """Only the moment of sending is set, and only once."""
    opening = await open_one(engine)
    await write(engine, opening.batch_no, [Letter(paper("d-1"), by)])
    await outbox.mark_sent(engine, "d-1", MAIL)
    with pytest.raises(DBAPIError, match="append-only"):
        async with superuser.begin() as connection:
            await connection.execute(text(statement))


async def test_a_batch_shows_its_documents(engine: AsyncEngine) -> None:
    """Each with what became of it: by the snapshot where it knows more, otherwise sent or not."""
    opening = await open_one(engine)
    by = [MAIL, BY_HAND, None]
    await write(engine, opening.batch_no, [Letter(paper(f"d-{n}"), by[n]) for n in range(3)])
    delivered = DocumentState(
        document_id="d-0",
        kind=DocumentKind.RESULT_NOTICE,
        recipient=Recipient.SELLER,
        recipient_name="示例旗舰店",
        status=DocumentStatus.DELIVERED,
    )
    to = snapshot(opening.batch_no, 2, documents=(delivered,))
    await record.write(engine, change(to), time_skipping=False)
    shown = {d.document_id: d.status for d in (await read_model.batch(engine, opening.batch_no)).documents}
    assert shown == {"d-0": "delivered", "d-1": "sent", "d-2": "to_send"}


async def test_the_public_sees_what_was_published(engine: AsyncEngine) -> None:
    """Results and announcements, once they are out, the newest first."""
    opening = await open_one(engine)
    public: dict[str, Any] = {"recipient": Recipient.PUBLIC, "recipient_name": "社会公众", "email": None}
    papers = [paper(f"p-{n}", kind=DocumentKind.PUBLICATION, **public) for n in range(5)]
    notice = paper("a-1", kind=DocumentKind.ANNOUNCEMENT, **public)
    await write(engine, opening.batch_no, mailed(*papers, notice, paper("n-1")))
    for document_id in ("p-0", "p-1", "p-2", "p-3", "a-1"):
        await outbox.mark_sent(engine, document_id, WEBSITE)
    seen, cursor = [], None
    while True:
        page = await published.results(engine, limit=2, cursor=cursor)
        seen += [document.document_id for document in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == ["p-3", "p-2", "p-1", "p-0"]
    assert [d.document_id for d in (await published.announcements(engine)).items] == ["a-1"]
    first = await dispatches.dispatches(engine, limit=3)
    assert [d.document_id for d in first.items] == ["n-1", "a-1", "p-4"]
    rest = await dispatches.dispatches(engine, limit=10, cursor=first.next_cursor)
    assert [d.document_id for d in rest.items] == ["p-3", "p-2", "p-1", "p-0"]
    assert len((await dispatches.dispatches(engine, DispatchSearch(channel="website"))).items) == 5


async def test_the_public_sees_at_once_what_leaves_at_once(engine: AsyncEngine) -> None:
    """A publication is out with the transaction that makes it out, papers of one moment in a fixed order."""
    opening = await open_one(engine)
    public: dict[str, Any] = {"recipient": Recipient.PUBLIC, "kind": DocumentKind.PUBLICATION}
    letters = [Letter(paper(f"p-{n}", **public), WEBSITE) for n in range(5)]
    left = await write(engine, opening.batch_no, letters)
    assert len(set(left.values())) == 1
    seen, cursor = [], None
    while True:
        page = await published.results(engine, limit=2, cursor=cursor)
        seen += [document.document_id for document in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == ["p-4", "p-3", "p-2", "p-1", "p-0"]
