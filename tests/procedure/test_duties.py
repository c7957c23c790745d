"""What is told of a duty is kept and shown: on the timeline, among the alerts, in the Temporal UI."""

from sqlalchemy import text

from law.vocabulary import Role
from local.scenarios.courses import BOTH_SERVED, BOUGHT, SEALED, Lapse, Pass
from messages.steps import StepName
from store.reads import read_model
from tests.procedure.conftest import Table

SELLER_WINDOW = "objection_filed:seller"


async def told(table, batch_no: str) -> list[tuple[str, int]]:
    lines = await read_model.timeline(table.engine, batch_no)
    return [(line.kind, line.data["level"]) for line in lines if line.kind in ("reminded", "escalated")]


async def test_a_late_report_reminds_then_climbs_to_the_top_and_the_batch_goes_on_waiting(table) -> None:
    """One reminder a working day before, the supervisor at the deadline, then a level each working day."""
    batch_no = await table.opened(SEALED)
    await table.at(batch_no, [Lapse("report_submitted"), Pass(14)])
    assert await told(table, batch_no) == [
        ("reminded", 0),
        ("escalated", 1),
        ("escalated", 2),
        ("escalated", 3),
    ]
    snapshot = await table.snapshot(batch_no)
    assert snapshot.outcome is None
    assert "report_submitted" in {wait.id for wait in snapshot.waits}
    assert (await table.example(batch_no, Role.OFFICER, StepName.REPORT_RECEIVED)).accepted


async def alerts(table: Table, batch_no: str, what: str) -> list[tuple[int, str]]:
    """Who has been told of a duty, at which level."""
    await table.snapshot(batch_no)
    async with table.engine.connect() as connection:
        question = text(
            "select level, to_title from alerts where batch_no = :no and title like :what order by level"
        )
        rows = await connection.execute(question, {"no": batch_no, "what": f"%：{what}"})
        return [tuple(row) for row in rows]


LEADERS = [(1, "处室负责人"), (2, "分管负责人"), (3, "主要负责人")]


async def test_an_alert_is_kept_for_every_level_told(table: Table) -> None:
    """In the transaction that records it; the relay sends it."""
    batch_no = await table.opened(SEALED)
    await table.at(batch_no, [Lapse("report_submitted"), Pass(14)])
    assert await alerts(table, batch_no, "出具检验报告") == [(0, "承检机构"), *LEADERS]


async def test_those_called_to_a_sealing_are_told_and_told_anew(table: Table) -> None:
    """Who, when and where (§5); set again, they hear that it is another time."""
    batch_no = await table.opened(BOUGHT)
    await table.example(batch_no, Role.OFFICER, StepName.SEALING_SCHEDULED)
    await table.example(batch_no, Role.OFFICER, StepName.SEALING_SCHEDULED, place="市局二楼样品室")
    await table.snapshot(batch_no)
    async with table.engine.connect() as connection:
        question = text("select to_title, title, text from alerts where batch_no = :no order by created_at")
        first, again = await connection.execute(question, {"no": batch_no})
    assert first.to_title == again.to_title == "王买样、李执法、张执法、赵检验、钱检验"
    assert (first.title, again.title) == ("拆包封样到场", "拆包封样改期")
    assert "（北京时间），市局样品室，" in first.text
    assert "（北京时间），市局二楼样品室，" in again.text
    lines = [line.text for line in await read_model.timeline(table.engine, batch_no) if line.kind == "called"]
    assert lines == [f"{alert.title}，通知{alert.to_title}：{alert.text}" for alert in (first, again)]


async def test_the_temporal_ui_says_what_is_awaited_from_whom_until_when_on_what_rule(table) -> None:
    """Whoever looks at 3 a.m. reads it in words, and finds the batch by its attributes."""
    batch_no = await table.opened(BOTH_SERVED)
    window = await table.wait(batch_no, SELLER_WINDOW)
    metadata = await table.handle(batch_no).query("__temporal_workflow_metadata")
    words = metadata.current_details
    assert all(
        part in words
        for part in ("网络商品经营者", f"至{window.last_day} 24:00", "§6", "视为对检验结果无异议")
    )
    description = await table.handle(batch_no).describe()
    attributes = {pair.key.name: pair.value for pair in description.typed_search_attributes}
    assert attributes["ChoujianPhase"] == "异议期"
    assert attributes["ChoujianOverdue"] is False
