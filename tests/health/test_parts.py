"""Each part, as it is when something stands still: said with how much, since when, and what to do."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from health import flows
from law.calendar import CalendarYear
from law.vocabulary import Role
from messages.base import Actor
from messages.names import workflow_id
from messages.standing import Displaced
from settings import Settings
from store.documents.papers import HandedOver, Letter
from store.engine import make_engine
from store.ledger import batches, filings, record
from store.mails import unread
from store.mails.unread import MailHead, WhyUnread
from store.told import handing
from store.watched import backlog, displaced, heartbeats, set_aside
from temporal import running
from temporal.connecting import ensure_search_attributes
from tests.health.conftest import Looking
from tests.store.builders import Kept, change, open_one, paper, put_in_force, snapshot, step, until
from tests.store.telling import refused
from worker import build_worker


async def later(engine: AsyncEngine, by: timedelta) -> None:
    """Time passes for every batch; a batch's clock is what its stamps are compared with."""
    async with engine.begin() as connection:
        await connection.execute(text("update batches set clock_ahead = :by"), {"by": by})


async def begun(engine: AsyncEngine) -> str:
    """A batch whose workflow is known to have been started an hour ago."""
    batch_no = (await open_one(engine)).batch_no
    await batches.mark_started(engine, batch_no)
    async with engine.begin() as connection:
        await connection.execute(text("update batches set started_at = started_at - interval '1 hour'"))
    return batch_no


async def test_no_worker_is_seen(
    look: Looking, settings: Settings, engine: AsyncEngine, temporal_client: Client
) -> None:
    """Nobody asks for work: down. A worker does: fine, and so is the relay that it keeps at work."""
    for name in ("workers", "relay"):
        part = await look.at(name)
        assert part.status == "down"
        assert "worker" in part.what_to_do
    await ensure_search_attributes(temporal_client)
    async with build_worker(temporal_client, engine, settings):
        await until(lambda: _is_ok(look, "workers"))
    await heartbeats.beat(engine, heartbeats.RELAY)
    assert await look.status("relay") == "ok"


async def _is_ok(look: Looking, name: str) -> bool:
    return await look.status(name) == "ok"


@pytest.mark.parametrize(("ago", "status"), [(10, "ok"), (45, "degraded"), (180, "down")])
async def test_a_dead_relay_is_seen(look: Looking, engine: AsyncEngine, ago: int, status: str) -> None:
    await heartbeats.beat(engine, heartbeats.RELAY)
    async with engine.begin() as connection:
        await connection.execute(text(f"update heartbeats set at = at - interval '{ago} seconds'"))
    assert await look.status("relay") == status


async def test_a_database_that_takes_nothing_in_is_seen(settings: Settings, database_url: str) -> None:
    """A replica, or one that was switched to reading: every step would be refused, so it is down."""
    reading = make_engine(f"{database_url}&default_transaction_read_only=on", pool_size=2)
    part = await Looking(settings, reading).at("database")
    await reading.dispose()
    assert part.status == "down"
    assert "只读" in part.detail


async def test_steps_that_lie_about_are_counted(look: Looking, engine: AsyncEngine) -> None:
    """Unsignalled and undecided ones, the oldest first; quietly while they are young."""
    batch_no = (await open_one(engine)).batch_no
    sent, waiting = step(batch_no), step(batch_no)
    for envelope in (sent, waiting):
        await filings.file_step(engine, envelope)
    await filings.mark_signalled(engine, [sent.step_id])
    assert await look.status("steps") == "ok"
    await later(engine, timedelta(minutes=3))
    part = await look.at("steps")
    assert part.status == "degraded"
    assert "1个步骤没有送达流程，最早的已3分钟" in part.detail
    assert "1个步骤已送达、尚未决定" in part.detail
    await later(engine, timedelta(hours=3))
    assert await look.status("steps") == "down"


async def test_an_open_batch_without_a_workflow_is_named(
    look: Looking, engine: AsyncEngine, temporal_client: Client, settings: Settings
) -> None:
    """Terminated by somebody who reached Temporal: the record says open, nobody carries it."""
    batch_no = await begun(engine)
    queue = settings.task_queue
    handle = await temporal_client.start_workflow("Batch", id=workflow_id(batch_no), task_queue=queue)
    await until(lambda: _is_ok(look, "batches"), 20)
    await handle.terminate()
    await until(lambda: _is_down(look), 20)
    assert batch_no in (await look.at("batches")).detail


async def _is_down(look: Looking) -> bool:
    return await look.status("batches") == "down"


async def test_of_very_many_batches_the_number_is_told(
    look: Looking, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporal's list of thousands takes longer than anybody waits; counting takes none."""
    monkeypatch.setattr(flows, "_LISTED_AT_MOST", 0)
    assert await look.status("batches") == "ok"
    await begun(engine)
    monkeypatch.setattr(running, "running_count", _none_runs)
    assert "没有在运行的流程：1个" in (await look.at("batches")).detail


async def _none_runs(_client: Client, _task_queue: str) -> int:
    return 0


async def test_a_batch_that_temporal_refuses_is_named(look: Looking, engine: AsyncEngine) -> None:
    """With what Temporal said."""
    batch_no = (await open_one(engine)).batch_no
    await set_aside.note(engine, batch_no, "blob size exceeds limit")
    part = await look.at("batches")
    assert part.status == "degraded"
    assert f"{batch_no}（blob size exceeds limit）" in part.detail


async def test_a_workflow_that_the_record_does_not_know_is_named(
    look: Looking, temporal_client: Client, settings: Settings
) -> None:
    """A database older than its order was restored; nobody has put it back yet."""
    lost = "CJ2026-900002"
    queue = settings.task_queue
    handle = await temporal_client.start_workflow("Batch", id=workflow_id(lost), task_queue=queue)

    async def seen() -> bool:
        part = await look.at("lost_records")
        return part.status == "down" and "没有记录" in part.detail

    await until(seen, 20)
    await handle.terminate()


async def test_a_batch_whose_number_is_anothers_is_named(look: Looking, engine: AsyncEngine) -> None:
    """Until somebody has dealt with it."""
    opening = await open_one(engine)
    await displaced.keep(engine, Displaced(opening, 31, Kept({})))
    part = await look.at("lost_records")
    assert part.status != "ok"
    assert f"编号已另行使用、流程已终止的批次：{opening.batch_no}" in part.detail
    assert "choujian displaced" in part.what_to_do
    await displaced.deal_with(engine, opening.batch_no, "已重新下达")
    assert "编号已另行使用" not in (await look.at("lost_records")).detail


@workflow.defn(name="Broken", sandboxed=False)
class Broken:
    @workflow.run
    async def run(self) -> None:
        raise ValueError("a defect")


async def test_a_workflow_whose_tasks_fail_is_named(look: Looking, temporal_client: Client) -> None:
    """A defect makes no workflow fail, it makes it stand still; the real server marks it after a while."""
    assert await look.status("workflow_tasks") == "ok"
    handle = await temporal_client.start_workflow("Broken", id="broken", task_queue="broken")
    async with Worker(
        temporal_client,
        task_queue="broken",
        workflows=[Broken],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):

        async def seen() -> bool:
            await asyncio.sleep(0.5)
            return await look.status("workflow_tasks") == "down"

        await until(seen, 60)
        assert "broken" in (await look.at("workflow_tasks")).detail
    await handle.terminate()


async def test_a_letter_that_does_not_arrive_is_counted(look: Looking, engine: AsyncEngine) -> None:
    """One with a sign of it, and one that should have left ten minutes ago."""
    opening = await open_one(engine)
    by_hand = HandedOver("outbox", "待人工递送")
    letters = [Letter(paper("d-1"), by_hand), Letter(paper("d-2"), None)]
    await record.write(engine, change(snapshot(opening.batch_no, 1)), letters, time_skipping=False)
    assert await look.status("letters") == "ok"
    await later(engine, timedelta(minutes=11))
    async with engine.begin() as connection:
        await connection.execute(text("update outbox set failure = '退信' where document_id = 'd-1'"))
    part = await look.at("letters")
    assert part.status == "degraded"
    assert "1封信送不到或制作不了；1封信迟迟没有发出，最早的已11分钟" in part.detail


async def test_an_alert_that_staff_did_not_get_is_counted(look: Looking, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for state in ("failed", "waiting", "sent", "not_configured"):
            await connection.execute(
                text("""insert into alerts (key, batch_no, to_title, level, title, text, state, created_at)
                    values (:state, 'b', '执法人员', 1, 't', 't', :state, now() - interval '5 minutes')"""),
                {"state": state},
            )
    part = await look.at("alerts")
    assert part.status == "degraded"
    assert "1条提醒发送失败；1条提醒迟迟没有发出" in part.detail


async def test_a_platform_that_does_not_take_in_what_it_is_told_is_named(
    look: Looking, engine: AsyncEngine
) -> None:
    """What it refused, and what waits for longer than an hour; with nobody to tell, nothing is wrong."""
    assert await look.status("told") == "ok"
    await refused(engine, "信用平台")
    part = await look.at("told")
    assert (part.status, "信用平台拒收1件" in part.detail) == ("degraded", True)
    await handing.again(engine, "信用平台")
    assert await look.status("told") == "ok"
    async with engine.begin() as connection:
        await connection.execute(text("update told_to set since = now() - interval '2 hours'"))
    part = await look.at("told")
    assert (part.status, "信用平台有1件待报送，已2小时" in part.detail) == ("degraded", True)


@pytest.mark.parametrize(
    ("apart", "status"), [(timedelta(seconds=-5), "degraded"), (timedelta(minutes=5, seconds=30), "down")]
)
async def test_a_clock_that_differs_is_told(
    look: Looking, monkeypatch: pytest.MonkeyPatch, apart: timedelta, status: str
) -> None:
    """The database's by name, and by how much; Temporal's own clock is asked as well, and agrees."""
    assert await look.status("clocks") == "ok"
    asked = backlog.clock

    async def wrong(engine: AsyncEngine) -> datetime:
        return await asked(engine) + apart

    monkeypatch.setattr(backlog, "clock", wrong)
    part = await look.at("clocks")
    assert part.status == status
    assert ("数据库快5分钟" if apart > timedelta(0) else "数据库慢") in part.detail
    assert "Temporal一致" in part.detail


@pytest.mark.parametrize(("month", "status"), [(10, "ok"), (11, "degraded"), (12, "degraded")])
async def test_a_year_that_is_missing_is_told_from_november_on(
    look: Looking, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, month: int, status: str
) -> None:
    async def day(_engine: AsyncEngine) -> datetime:
        return datetime(2026, month, 15, tzinfo=UTC)

    monkeypatch.setattr(backlog, "clock", day)
    assert await look.status("calendar") == status
    year = CalendarYear(
        year=2027, version="国办发明电〔2026〕1号", announced=True, holidays={}, makeup_days=()
    )
    await put_in_force(engine, year)
    assert await look.status("calendar") == "ok"


async def test_a_mail_that_no_rule_reads_is_told(look: Looking, engine: AsyncEngine) -> None:
    """How many wait, and where they are shown; with all dealt with the mailbox is fine."""
    await heartbeats.beat(engine, heartbeats.MAILBOX)
    assert await look.status("mailbox") == "ok"
    head = MailHead("a", "postmaster@example.cn", "退信", "", "邮箱不存在")
    await unread.keep(engine, head, WhyUnread.NO_REPORT)
    part = await look.at("mailbox")
    assert (part.status, part.detail) == ("degraded", "可以连接；1封来信规则读不懂")
    assert "GET /mailbox" in part.what_to_do
    (mail,) = (await unread.mails(engine)).items
    await unread.deal_with(engine, mail.no, Actor(sub="u-1", name="张三", role=Role.OFFICER), "已登记")
    assert await look.status("mailbox") == "ok"
