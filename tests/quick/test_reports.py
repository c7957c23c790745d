"""What reports say is entered as they say it: every item of the scheme, with its verdict or why none."""

from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import to_json

from law.vocabulary import Outcome, Role, Verdict
from local.scenarios.courses import BOTH_SERVED, OBJECTED, RETESTED, SEALED, Act, Do, Lapse, Pass, delivered
from messages.envelope import RefusalCode
from messages.order import MOST_ITEMS
from messages.steps import StepName
from messages.steps.report import ReportReceived
from tests.quick.table import Table

OFFICER, LAB, APPROVER = Role.OFFICER, Role.LAB, Role.APPROVER
SUBMISSION = StepName.REPORT_SUBMITTED
REPORT, RETEST_REPORT = StepName.REPORT_RECEIVED, StepName.RETEST_REPORT_RECEIVED


def item(name: str, verdict: str = "conforming", **changes: Any) -> dict[str, Any]:
    said = {"name": name, "standard": "GB/T 29606-2013", "requirement": "清晰", "measured": "清晰"}
    return {**said, "verdict": verdict, **changes}


BROKEN, LABEL = item("耐热冲击", "nonconforming"), item("标志")
TWO_FAILED = {"items": [BROKEN, item("标志", "nonconforming")]}


def failed(table: Table, batch_no: str) -> list[str]:
    (published,) = [paper for paper in table.papers(batch_no) if paper.kind == "publication"]
    found: list[str] = published.fields["nonconforming_items"]
    return found


async def test_a_report_covers_every_item_of_the_scheme_or_says_why_not(table: Table) -> None:
    """In any spelling; an item that was not tested is in it with the reason."""
    batch_no = await table.opened(SEALED)
    refused = await table.example(batch_no, OFFICER, REPORT, items=[BROKEN])
    assert refused.code is RefusalCode.ITEMS_MISSING
    assert refused.reason is not None
    assert "标志" in refused.reason
    untested = {**item("标 志", "not_tested"), "measured": None}
    unread = await table.example(batch_no, OFFICER, REPORT, items=[BROKEN, untested])
    assert unread.code is RefusalCode.UNREADABLE
    untested["why"] = "样品数量不足"
    assert (await table.example(batch_no, OFFICER, REPORT, items=[BROKEN, untested])).accepted
    letter = next(paper for paper in table.papers(batch_no) if paper.kind == "result_notice")
    assert letter.fields["items"][1]["measured"] == "样品数量不足"


async def test_items_without_a_verdict_are_entered_as_such(table: Table) -> None:
    """Not judged, with what was measured; not applicable, without."""
    items = [BROKEN, LABEL, item("附着力", "not_judged", measured="1级"), item("跌落", "not_applicable")]
    items[-1]["measured"] = None
    batch_no = await table.opened((*SEALED, Do(OFFICER, REPORT, {"items": items})))
    letter = next(paper for paper in table.papers(batch_no) if paper.kind == "result_notice")
    assert [(row["verdict"], row["measured"]) for row in letter.fields["items"][2:]] == [
        ("not_judged", "1级"),
        ("not_applicable", "—"),
    ]


async def test_a_bad_marking_beside_good_goods_is_told_and_published(table: Table) -> None:
    """标识不合格 beside 实物合格: nonconforming, because of the marking alone."""
    marking = {"items": [item("耐热冲击"), LABEL], "marking": "nonconforming"}
    batch_no = await table.opened(SEALED)
    refused = await table.example(batch_no, OFFICER, REPORT, **marking, verdict="conforming")
    assert refused.code is RefusalCode.VERDICT_CONTRADICTED
    assert (await table.example(batch_no, OFFICER, REPORT, **marking)).accepted
    letter = next(paper for paper in table.papers(batch_no) if paper.kind == "result_notice")
    assert letter.facts["marking"] == "不合格"
    await table.at(batch_no, BOTH_SERVED[len(SEALED) + 2 :])
    await table.at(batch_no, [Lapse("objection_filed:seller")])
    assert failed(table, batch_no) == ["标识"]


async def test_a_retest_covers_at_least_the_items_in_dispute(table: Table) -> None:
    """Without saying which, all that failed are in dispute; one that was not tested is not covered."""
    acts = tuple(_with(act, SUBMISSION, TWO_FAILED) for act in RETESTED)
    batch_no = await table.opened(acts)
    for left_out in (LABEL, {**item("耐热冲击", "not_tested"), "why": "样品不足"}):
        again = {"verdict": "conforming", "items": [LABEL, left_out]}
        refused = await table.example(batch_no, OFFICER, RETEST_REPORT, **again)
        assert refused.code is RefusalCode.ITEMS_MISSING
        assert refused.reason is not None
        assert "耐热冲击" in refused.reason
    both = {"verdict": "conforming", "items": [item("耐热冲击"), LABEL]}
    assert (await table.example(batch_no, OFFICER, RETEST_REPORT, **both)).accepted


async def test_a_retest_of_one_item_does_not_lift_the_other(table: Table) -> None:
    """Only the crack was disputed: it is lifted, and the bad label stands."""
    disputed = {"items": ["耐热冲击"]}
    acts = tuple(_with(act, SUBMISSION, TWO_FAILED) for act in RETESTED)
    batch_no = await table.opened(tuple(_with(act, StepName.OBJECTION_FILED, disputed) for act in acts))
    file = {"reference": "复检报告-1", "sha256": "c" * 64, "keeper": "周保管"}
    again = {"verdict": "conforming", "items": [item("耐热冲击")], "file": file}
    assert (await table.example(batch_no, OFFICER, RETEST_REPORT, **again)).accepted
    letter = next(paper for paper in table.papers(batch_no) if paper.kind == "retest_result_notice")
    assert letter.facts["standing_failures"] == "标志"
    assert letter.fields["report"]["file"]["sha256"] == "c" * 64, "the retest's own goes along, not the first"
    for recipient in ("seller", "platform"):
        await table.at(batch_no, [Pass(1), delivered("retest_result_notice", recipient)])
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.outcome, snapshot.final_verdict) == (Outcome.RETEST_UPHELD, Verdict.NONCONFORMING)
    assert failed(table, batch_no) == ["标志"]


async def test_what_is_in_dispute_is_an_item_of_the_report(table: Table) -> None:
    batch_no = await table.opened(BOTH_SERVED)
    refused = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, items=["甲醛"])
    assert refused.code is RefusalCode.ITEMS_MISSING
    assert refused.reason is not None
    assert "甲醛" in refused.reason


def _with(act: Act, step: StepName, changes: dict[str, Any]) -> Act:
    return Do(act.role, step, {**act.changes, **changes}) if isinstance(act, Do) and act.step is step else act


def long_report(number: int, requirement: str) -> dict[str, Any]:
    items = [item(f"检验项目之{n}号", requirement=requirement) for n in range(number - 2)]
    return {"items": [BROKEN, LABEL, *items]}


async def test_three_hundred_items_go_through_to_the_retest(table: Table) -> None:
    """Two such reports are in the case, and the case is far below what Temporal carries."""
    many = long_report(MOST_ITEMS, "应符合附录B中表B.1的规定，" * 15)
    acts = tuple(_with(act, SUBMISSION, many) for act in RETESTED)
    batch_no = await table.opened(acts)
    assert (await table.example(batch_no, OFFICER, RETEST_REPORT, **many)).accepted
    assert len(to_json(table.world(batch_no).kept)) < 2**20


def test_a_requirement_has_a_thousand_characters_and_a_report_its_bound() -> None:
    """One of a thousand is read; three hundred of them are told how many characters they come to."""
    example: dict[str, Any] = ReportReceived.model_json_schema()["example"]
    assert ReportReceived.model_validate({**example, **long_report(60, "应" * 1000)})
    with pytest.raises(ValidationError, match="合计不能超过80000个字，现有30"):
        ReportReceived.model_validate({**example, **long_report(MOST_ITEMS, "应" * 1000)})


async def test_an_objection_without_items_is_about_all_that_failed(table: Table) -> None:
    batch_no = await table.opened(OBJECTED)
    assert (await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED)).accepted
