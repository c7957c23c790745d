"""Duties remind and climb and go on waiting; leaders' acts move deadlines, never to a party's loss."""

from datetime import timedelta

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
)
from messages.envelope import RefusalCode
from messages.steps import StepName
from tests.quick.table import Table

OFFICER, APPROVER, SUPERVISOR = Role.OFFICER, Role.APPROVER, Role.SUPERVISOR
SELLER_WINDOW = "objection_filed:seller"


def alerts(table: Table, batch_no: str, what: str) -> list[tuple[int, str]]:
    """Who has been told of a duty, at which level."""
    of_it = (alert for alert in table.alerts(batch_no) if alert.title.endswith(f"：{what}"))
    return sorted((alert.level, alert.to_title) for alert in of_it)


LEADERS = [(1, "处室负责人"), (2, "分管负责人"), (3, "主要负责人")]


async def test_every_level_is_told_though_all_are_due_at_once(table: Table) -> None:
    """Decided weeks ago and recorded today, the duty is late already: nobody is left out for those above."""
    batch_no = await table.opened(OBJECTED)
    decided_on = day_in_shanghai(await table.clock(batch_no))
    await table.fast_forward(batch_no, timedelta(days=30))
    await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED, decided_on=str(decided_on))
    assert alerts(table, batch_no, "确定复检机构") == [(0, "执法人员"), *LEADERS]


async def test_every_deadline_carries_its_trace(table) -> None:
    """A wait that is counted tells day by day how (law 3)."""
    batch_no = await table.opened(SEALED)
    lines = table.timeline(batch_no)
    opened = [
        line for line in lines if line.kind == "wait_opened" and line.data["wait_id"] == "report_submitted"
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


async def test_every_kind_of_document_carries_what_it_must(table) -> None:
    """No field that the regulation asks of a document is left out (procedure section 6)."""
    for name in ("accepted_by_silence", "objection_refused", "retest_upheld"):
        course = next(course for course in COURSES if course.name == name)
        batch_no = await table.opened(course.acts)
        for document in table.papers(batch_no):
            rule = table.regulation.recipients[document.kind]
            met = {"correcting"} if document.corrects else set()
            carried = [
                f.name for f in rule.must_carry if f.when not in {"correcting", "producer_disowned"} - met
            ]
            missing = [name for name in carried if document.fields.get(name) in (None, "（缺）")]
            assert not missing, (document.kind, missing)
