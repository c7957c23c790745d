"""Duties remind and climb and go on waiting; leaders' acts move deadlines, never to a party's loss."""

from datetime import timedelta

from sqlalchemy import text

from law.calendar import day_in_shanghai
from law.vocabulary import Outcome, Role
from local.scenarios.courses import (
    BOTH_SERVED,
    BOUGHT,
    COURSES,
    OBJECTED,
    PRODUCER_ACCEPTS,
    REFERRED,
    SEALED,
    Do,
    Lapse,
    Pass,
)
from messages.envelope import RefusalCode
from messages.steps import StepName
from store.reads import read_model
from tests.procedure.conftest import Table

OFFICER, APPROVER, SUPERVISOR = Role.OFFICER, Role.APPROVER, Role.SUPERVISOR
SELLER_WINDOW = "objection_filed:seller"


async def told(table, batch_no: str) -> list[tuple[str, int]]:
    lines = await read_model.timeline(table.engine, batch_no)
    return [(line.kind, line.data["level"]) for line in lines if line.kind in ("reminded", "escalated")]


async def test_a_late_report_reminds_then_climbs_to_the_top_and_the_batch_goes_on_waiting(table) -> None:
    """One reminder a working day before, the supervisor at the deadline, then a level each working day."""
    batch_no = await table.opened(SEALED)
    await table.at(batch_no, [Lapse("report_received"), Pass(14)])
    assert await told(table, batch_no) == [
        ("reminded", 0),
        ("escalated", 1),
        ("escalated", 2),
        ("escalated", 3),
    ]
    snapshot = await table.snapshot(batch_no)
    assert snapshot.outcome is None
    assert "report_received" in {wait.id for wait in snapshot.waits}
    assert (await table.example(batch_no, Role.LAB, StepName.REPORT_RECEIVED)).accepted


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
    await table.at(batch_no, [Lapse("report_received"), Pass(14)])
    assert await alerts(table, batch_no, "出具检验报告") == [(0, "承检机构"), *LEADERS]


async def test_every_level_is_told_though_all_are_due_at_once(table: Table) -> None:
    """Decided weeks ago and recorded today, the duty is late already: nobody is left out for those above."""
    batch_no = await table.opened(OBJECTED)
    decided_on = day_in_shanghai(await table.clock(batch_no))
    await table.fast_forward(batch_no, timedelta(days=30))
    await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED, decided_on=str(decided_on))
    assert await alerts(table, batch_no, "确定复检机构") == [(0, "执法人员"), *LEADERS]


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


async def test_every_deadline_carries_its_trace(table) -> None:
    """A wait that is counted tells day by day how (law 3)."""
    batch_no = await table.opened(SEALED)
    lines = await read_model.timeline(table.engine, batch_no)
    opened = [
        line for line in lines if line.kind == "wait_opened" and line.data["wait_id"] == "report_received"
    ]
    deadline = opened[0].data["deadline"]
    assert deadline["trace"][0]["day"] == deadline["start"]
    assert deadline["trace"][-1]["day"] == deadline["last_day"]


async def test_a_stay_extends_running_windows_by_the_suspended_days(table) -> None:
    """While a stay lasts no window runs out; then it is longer by the suspended days."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    before = await table.wait(batch_no, SELLER_WINDOW)
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=40))
    assert (await table.snapshot(batch_no)).outcome is None
    await table.example(batch_no, SUPERVISOR, StepName.RESUMED)
    after = await table.wait(batch_no, SELLER_WINDOW)
    assert after.last_day >= before.last_day + timedelta(days=40)
    await table.at(batch_no, [Lapse(SELLER_WINDOW)])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ACCEPTED_BY_SILENCE


async def test_an_objection_during_a_stay_is_in_time(table) -> None:
    """A stay stops the window, so a party that files while it lasts has not lost its right."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    await table.example(batch_no, SUPERVISOR, StepName.SUSPENDED)
    await table.fast_forward(batch_no, timedelta(days=40))
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)).accepted


async def test_an_extended_window_lapses_only_at_its_new_end(table) -> None:
    """The approver may give a party more time, and the timer follows."""
    batch_no = await table.opened((*BOTH_SERVED, PRODUCER_ACCEPTS))
    before = await table.wait(batch_no, SELLER_WINDOW)
    later = before.last_day + timedelta(days=10)
    await table.example(batch_no, APPROVER, StepName.DEADLINE_EXTENDED, to=str(later))
    assert (await table.wait(batch_no, SELLER_WINDOW)).last_day == later
    await table.fast_forward(batch_no, before.deadline - await table.clock(batch_no) + timedelta(hours=1))
    assert (await table.snapshot(batch_no)).outcome is None
    assert (await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED)).accepted


async def test_a_partys_right_is_never_shortened(table) -> None:
    """An earlier last day for a right is refused."""
    batch_no = await table.opened(BOTH_SERVED)
    earlier = str((await table.wait(batch_no, SELLER_WINDOW)).last_day - timedelta(days=1))
    decision = await table.example(batch_no, APPROVER, StepName.DEADLINE_EXTENDED, to=earlier)
    assert decision.code is RefusalCode.WOULD_SHORTEN


async def test_an_urgent_case_goes_to_the_enforcement_detachment(table) -> None:
    """The approver's reason sends the case past the district bureau (§7)."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.example(batch_no, APPROVER, StepName.REFERRAL_DIRECTED)
    for party in ("seller", "producer"):
        await table.example(batch_no, OFFICER, StepName.RESULT_ACCEPTED, party=party)
    assert (await table.snapshot(batch_no)).referral_authority == "杭州市市场监督管理局稽查支队"


async def test_goods_of_the_province_on_an_outside_platform_wait_for_the_instruction(table) -> None:
    """Category (3) is referred as the province instructs: a person records the instruction (§7)."""
    ningbo = {"province": "浙江省", "city": "宁波市", "district": "海曙区", "detail": "某路1号"}
    beijing = {"province": "北京市", "city": "北京市", "district": "大兴区", "detail": "某街2号"}
    batch_no = await table.opened(BOTH_SERVED, seller={"place": ningbo}, platform={"place": beijing})
    for party in ("seller", "producer"):
        await table.example(batch_no, OFFICER, StepName.RESULT_ACCEPTED, party=party)
    assert [wait.id for wait in (await table.snapshot(batch_no)).waits] == ["referral_directed"]
    await table.example(
        batch_no, OFFICER, StepName.REFERRAL_DIRECTED, route="instruction", authority="宁波市市场监督管理局"
    )
    await table.at(batch_no, REFERRED)
    await table.closed(batch_no)
    assert (await table.snapshot(batch_no)).referral_authority == "宁波市市场监督管理局"


async def test_a_batch_may_be_voided_until_it_is_published(table) -> None:
    """Before publication the approver may end it; after it the result stands."""
    batch_no = await table.opened(BOTH_SERVED)
    for party in ("seller", "producer"):
        await table.example(batch_no, OFFICER, StepName.RESULT_ACCEPTED, party=party)
    assert (await table.example(batch_no, APPROVER, StepName.VOIDED)).code is RefusalCode.OUT_OF_ORDER


async def test_nobody_is_notified_when_sampling_is_abandoned(table) -> None:
    """The batch closes as abandoned; only the laboratory had its commission letter."""
    batch_no = await table.opened((*BOUGHT, Do(OFFICER, StepName.SAMPLING_ABANDONED)))
    await table.closed(batch_no)
    documents = (await table.snapshot(batch_no)).documents
    assert [document.kind for document in documents] == ["commission_letter"]


async def test_the_evidence_is_kept_for_two_years_from_the_close(table) -> None:
    """At least two years (§5), counted from the close by the reading."""
    batch_no = await table.opened((*BOUGHT, Do(OFFICER, StepName.SAMPLING_ABANDONED)))
    await table.closed(batch_no)
    kept = (await table.snapshot(batch_no)).keep_evidence_until
    closed = day_in_shanghai(await table.clock(batch_no))
    assert (kept.year, kept.month) == (closed.year + 2, closed.month)


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


async def test_every_kind_of_document_carries_what_it_must(table) -> None:
    """No field that the regulation asks of a document is left out (procedure section 6)."""
    for name in ("accepted_by_silence", "objection_refused", "retest_upheld"):
        course = next(course for course in COURSES if course.name == name)
        batch_no = await table.opened(course.acts)
        documents = (await read_model.batch(table.engine, batch_no)).documents
        for document in documents:
            rule = table.regulation.recipients[document.kind]
            carried = [f.name for f in rule.must_carry if f.when != "correcting" or document.corrects]
            missing = [name for name in carried if document.fields.get(name) in (None, "（缺）")]
            assert not missing, (document.kind, missing)
