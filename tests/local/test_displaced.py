"""``choujian displaced`` and ``choujian timeline verify``: what operators read of a record that was lost."""

import json

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from local.commands import checking, displacing
from local.errors import CommandError
from messages.records import TimelineKind
from messages.standing import Displaced
from settings import Settings
from store.ledger import record
from store.watched import displaced
from tests.store.builders import Kept, change, entry, open_one, snapshot


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url)


async def test_a_batch_whose_number_is_anothers_is_listed_and_read(
    engine: AsyncEngine, settings: Settings
) -> None:
    """In one line, then whole; once somebody has dealt with it, it is listed no more and still read."""
    assert await displacing.waiting(settings) == ["没有待处理的批次。"]
    opening = await open_one(engine)
    await displaced.keep(engine, Displaced(opening, 31, Kept({"phase": "objection"})))
    (line,) = await displacing.waiting(settings)
    assert opening.batch_no in line
    assert "流程已到第31次变更" in line
    (whole,) = json.loads(json.dumps(await displacing.whole(settings, opening.batch_no)))
    assert whole["opening"] == opening.model_dump(mode="json")
    assert await displacing.deal_with(settings, opening.batch_no, "张三：已重新下达")
    assert await displacing.waiting(settings) == ["没有待处理的批次。"]
    (whole,) = await displacing.whole(settings, opening.batch_no)
    assert (whole["kept"], whole["note"]) == ({"phase": "objection"}, "张三：已重新下达")
    with pytest.raises(CommandError, match="CJ1999-000001"):
        await displacing.whole(settings, "CJ1999-000001")


async def test_a_record_that_was_put_back_is_told_when_it_is_verified(
    engine: AsyncEngine, settings: Settings
) -> None:
    """Its chain is whole, and that is not all there is to say."""
    ordinary, lost = await open_one(engine), await open_one(engine)
    told = entry("restored:31", TimelineKind.RESTORED, lost_steps={})
    for opening, line in ((ordinary, entry("a", TimelineKind.RESTORED)), (lost, told)):
        written = change(snapshot(opening.batch_no, 1), line)
        await record.write(engine, written, time_skipping=False)
    assert await checking.lost_and_put_back(settings, ordinary.batch_no) == []
    expected = [f"批次 {lost.batch_no} 的时间线第 1 条：{told.text}"]
    assert await checking.lost_and_put_back(settings, lost.batch_no) == expected
    assert await checking.lost_and_put_back(settings, None) == expected
    assert await checking.verify_timeline(settings, lost.batch_no) == []
