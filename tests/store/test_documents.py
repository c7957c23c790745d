"""Documents are made out once, sent once, and never altered."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind, Recipient
from messages.records import DispatchInput, Paper, TimelineKind
from messages.snapshot import DocumentState, DocumentStatus
from store import documents, reads, record, timeline
from store.errors import BatchUnknown, DocumentUnknown
from tests.store.builders import change, open_one, snapshot


def paper(document_id: str, **fields: Any) -> Paper:
    values: dict[str, Any] = {
        "document_id": document_id,
        "kind": DocumentKind.RESULT_NOTICE,
        "recipient": Recipient.SELLER,
        "recipient_name": "示例旗舰店",
        "address": "浙江省杭州市西湖区示例路1号",
        "email": "seller@example.com",
        "title": "抽检结果通知书",
        "fields": {"verdict": "不合格", "items": [{"name": "耐热冲击", "measured": "出现裂纹"}]},
        "field_titles": {"verdict": "综合判定结论", "items": "检验项目及结果"},
        "rests_on": "§6",
    }
    return Paper.model_validate(values | fields)


def dispatch(batch_no: str, *papers: Paper) -> DispatchInput:
    return DispatchInput(batch_no=batch_no, papers=papers, now=datetime.now(UTC))


async def kinds(engine: AsyncEngine, batch_no: str) -> list[TimelineKind]:
    return [line.kind for line in await reads.timeline(engine, batch_no)]


async def test_a_paper_is_made_out_once(engine: AsyncEngine) -> None:
    """Issuing again, also together and with another one, adds only what is new."""
    opening = await open_one(engine)
    one, two = paper("d-1"), paper("d-2")
    await asyncio.gather(*(documents.issue(engine, dispatch(opening.batch_no, one)) for _ in range(5)))
    to_send = await documents.issue(engine, dispatch(opening.batch_no, one, two))
    assert [document.document_id for document in to_send] == ["d-1", "d-2"]
    assert to_send[0].fields == one.fields
    assert await kinds(engine, opening.batch_no) == [TimelineKind.DOCUMENT_ISSUED] * 2
    assert await timeline.verify(engine) == []


async def test_a_paper_is_sent_once(engine: AsyncEngine) -> None:
    """The first moment of sending stands, and it is no longer to be sent."""
    opening = await open_one(engine)
    what = dispatch(opening.batch_no, paper("d-1"), paper("d-2"))
    await documents.issue(engine, what)
    sent_at = await documents.mark_sent(engine, "d-1", "email", "x")
    assert await documents.mark_sent(engine, "d-1", "outbox", "y") == sent_at
    assert [document.document_id for document in await documents.issue(engine, what)] == ["d-2"]
    assert await documents.sent_at(engine, ["d-1", "d-2"]) == {"d-1": sent_at}
    assert (await kinds(engine, opening.batch_no)).count(TimelineKind.DOCUMENT_SENT) == 1
    assert await timeline.verify(engine) == []


async def test_what_is_unknown_is_refused(engine: AsyncEngine) -> None:
    """No document and no batch, no sending."""
    with pytest.raises(DocumentUnknown):
        await documents.mark_sent(engine, "d-0", "email", "")
    with pytest.raises(BatchUnknown):
        await documents.issue(engine, dispatch("CJ1999-000001", paper("d-1")))


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
async def test_a_document_cannot_be_altered(engine: AsyncEngine, statement: str) -> None:
    """Only the moment of sending is set, and only once."""
    opening = await open_one(engine)
    await documents.issue(engine, dispatch(opening.batch_no, paper("d-1")))
    await documents.mark_sent(engine, "d-1", "email", "x")
    with pytest.raises(DBAPIError, match="append-only"):
        async with engine.begin() as connection:
            await connection.execute(text(statement))


async def test_a_batch_shows_its_documents(engine: AsyncEngine) -> None:
    """Each with what became of it: by the snapshot where it knows more, otherwise sent or not."""
    opening = await open_one(engine)
    await documents.issue(engine, dispatch(opening.batch_no, *(paper(f"d-{n}") for n in range(3))))
    await documents.mark_sent(engine, "d-0", "email", "x")
    await documents.mark_sent(engine, "d-1", "email", "x")
    delivered = DocumentState(
        document_id="d-0",
        kind=DocumentKind.RESULT_NOTICE,
        recipient=Recipient.SELLER,
        recipient_name="示例旗舰店",
        status=DocumentStatus.DELIVERED,
    )
    to = snapshot(opening.batch_no, 1, documents=(delivered,))
    await record.write(engine, change(to), {}, time_skipping=False)
    shown = {d.document_id: d.status for d in (await reads.batch(engine, opening.batch_no)).documents}
    assert shown == {"d-0": "delivered", "d-1": "sent", "d-2": "to_send"}


async def test_the_public_sees_what_was_published(engine: AsyncEngine) -> None:
    """Results and announcements, once they are out, the newest first."""
    opening = await open_one(engine)
    public: dict[str, Any] = {"recipient": Recipient.PUBLIC, "recipient_name": "社会公众", "email": None}
    papers = [paper(f"p-{n}", kind=DocumentKind.PUBLICATION, **public) for n in range(5)]
    notice = paper("a-1", kind=DocumentKind.ANNOUNCEMENT, **public)
    await documents.issue(engine, dispatch(opening.batch_no, *papers, notice, paper("n-1")))
    for document_id in ("p-0", "p-1", "p-2", "p-3", "a-1"):
        await documents.mark_sent(engine, document_id, "website", "")
    seen, cursor = [], None
    while True:
        page = await reads.public_results(engine, limit=2, cursor=cursor)
        seen += [document.document_id for document in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == ["p-3", "p-2", "p-1", "p-0"]
    assert [d.document_id for d in (await reads.public_announcements(engine)).items] == ["a-1"]
    outbox = await reads.outbox(engine, limit=3)
    assert [d.document_id for d in outbox.items] == ["n-1", "a-1", "p-4"]
    rest = await reads.outbox(engine, limit=10, cursor=outbox.next_cursor)
    assert [d.document_id for d in rest.items] == ["p-3", "p-2", "p-1", "p-0"]
    assert len((await reads.outbox(engine, channel="website")).items) == 5
