"""Mails that no rule reads wait for a person, once each, and not more than people can look at."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from store.errors import MailUnknown
from store.mails import unread
from store.mails.unread import MailHead, WhyUnread

OFFICER = Actor(sub="u-1", name="张三", role=Role.OFFICER)
OTHER = Actor(sub="u-2", name="李四", role=Role.OFFICER)


def head(digest: str) -> MailHead:
    return MailHead(digest, "postmaster@example.cn", "退信", "29 Nov 2026 10:00:00 +0800", "邮箱已满")


async def test_a_mail_waits_until_somebody_has_dealt_with_it(engine: AsyncEngine) -> None:
    """The same again is the same; what was done, by whom and when stands beside it; the first word stands."""
    for digest in ("a", "b", "a"):
        await unread.keep(engine, head(digest), WhyUnread.NO_REPORT)
    page = await unread.mails(engine, limit=1)
    assert page.next_cursor is not None
    rest = await unread.mails(engine, limit=1, cursor=page.next_cursor)
    first, second = *page.items, *rest.items
    assert (second.subject, second.reason, second.dealt_with_at) == ("退信", WhyUnread.NO_REPORT, None)
    done = await unread.deal_with(engine, first.no, OFFICER, "已登记线索")
    assert (done.dealt_with_by, done.note) == ("张三（u-1）", "已登记线索")
    assert await unread.deal_with(engine, first.no, OTHER, "又一次") == done
    assert await unread.waiting(engine) == 1
    assert (await unread.mails(engine)).items == (second,)
    assert (await unread.mails(engine, dealt_with=True)).items == (done,)
    assert len((await unread.mails(engine, dealt_with=None)).items) == 2
    with pytest.raises(MailUnknown):
        await unread.deal_with(engine, 2**40, OFFICER, "没有")


async def test_anybody_can_mail_us_and_what_waits_has_an_end(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is beyond it is flagged in the mailbox only, until people have dealt with some."""
    monkeypatch.setattr(unread, "MOST_OPEN", 2)
    for digest in "abc":
        await unread.keep(engine, head(digest), WhyUnread.NO_LETTER)
    assert await unread.waiting(engine) == 2
    await unread.deal_with(engine, (await unread.mails(engine)).items[0].no, OFFICER, "广告")
    await unread.keep(engine, head("c"), WhyUnread.NO_LETTER)
    assert await unread.waiting(engine) == 2
