"""A letter promises no period that a party does not have (§6, procedure section 10)."""

from law.calendar import chinese_day
from law.vocabulary import DocumentKind, Party, Recipient
from local.scenarios.courses import (
    APPROVER,
    CONFORMING,
    LAB,
    NONCONFORMING,
    OFFICER,
    RETEST_NOTIFIED,
    SEALED,
    SUPERVISOR,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.records import Paper
from messages.steps import StepName
from tests.quick.played import InMemory, begun
from tests.quick.test_put_right import SELLER_WINDOW, filed, put_right, served_too_early, undone

RETURNED = Do(OFFICER, StepName.NOTICE_RETURNED, {"recipient": "seller"})


def last(batch: InMemory, kind: DocumentKind, recipient: Recipient) -> Paper:
    papers = [paper for change in batch.world.changes for paper in change.papers]
    return [paper for paper in papers if (paper.kind, paper.recipient) == (kind, recipient)][-1]


def to_seller(batch: InMemory) -> Paper:
    return last(batch, DocumentKind.RESULT_NOTICE, Recipient.SELLER)


async def with_another_model(batch: InMemory, model: str = "SL-500A", **also: str) -> None:
    """The model was mistyped at the sealing; letters that carried it are replaced."""
    said = {"spec_model": model, "mismatch_reason": "以铭牌照片为准", **also}
    await put_right(batch, filed(batch, StepName.SEALED), SUPERVISOR, **said)


async def test_a_notice_that_replaces_another_states_the_last_day_that_there_is() -> None:
    """The window runs from the first receipt; the new letter moves nothing, and says so."""
    batch, _ = await served_too_early()
    await batch.play([Pass(10)])
    await with_another_model(batch)
    ends = batch.case.waits[SELLER_WINDOW].wait.last_day
    assert ends is not None
    told = to_seller(batch).fields
    assert told["last_day"].endswith(f"最后一日仍为{chinese_day(ends)}24时")
    assert "本文书不使期限重新计算" in told["how_counted"]
    await batch.play([*posted("result_notice", "seller"), Pass(2), delivered("result_notice", "seller")])
    assert batch.case.waits[SELLER_WINDOW].wait.last_day == ends
    batch.end()


async def test_one_that_is_made_anew_in_the_queue_still_names_the_letter_it_replaces() -> None:
    """The seller never saw the second; the third takes its place, and the first is what it has."""
    batch, _ = await served_too_early()
    await with_another_model(batch)
    await with_another_model(batch, model="SL-500B")
    third = to_seller(batch)
    assert third.document_id.endswith("-3")
    assert third.corrects is not None
    assert third.corrects.endswith("-1")
    assert "仍为" in third.fields["last_day"]
    batch.end()


async def test_a_correction_elsewhere_does_not_replace_a_letter_for_its_period_alone() -> None:
    """What a letter says of a period is not what it is compared by."""
    batch, _ = await served_too_early()
    await with_another_model(batch)
    number = to_seller(batch).document_id
    await with_another_model(batch, courier_label="顺丰 SF1000000001 杭州")
    assert to_seller(batch).document_id == number
    batch.end()


async def test_after_silence_a_notice_that_replaces_another_offers_no_right() -> None:
    batch, _ = await served_too_early()
    await batch.play([Lapse(SELLER_WINDOW)])
    await with_another_model(batch)
    paper = to_seller(batch)
    assert "期限已经届满" in paper.fields["right_to_retest"]
    assert "不使期限重新计算" in paper.fields["how_counted"]
    assert paper.facts["right_ended"]
    batch.end()


async def test_who_has_spoken_before_it_had_its_letter_is_promised_no_period() -> None:
    """It heard of the result and accepted it, or applied; the letter still on its way is replaced."""
    accepts = Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})
    applies = Do(OFFICER, StepName.OBJECTION_FILED)
    for act, told in ((accepts, "已经书面认可检验结果"), (applies, "正在审查，无须重新提出")):
        batch = begun()
        await batch.play((*NONCONFORMING[:-2], *posted("result_notice", "seller"), act))
        await with_another_model(batch)
        paper = to_seller(batch)
        assert told in paper.fields["right_to_retest"]
        assert paper.fields["last_day"] == "不再计算"
        await batch.play([*posted("result_notice", "seller"), Pass(1), delivered("result_notice", "seller")])
        assert SELLER_WINDOW not in batch.case.waits
        batch.end()


async def test_who_has_never_had_a_letter_has_its_days_from_this_one() -> None:
    """Not to an earlier day than it was told: the delivery of the first was another batch's."""
    batch, _ = await served_too_early()
    told = batch.case.waits[SELLER_WINDOW].wait.last_day
    assert told is not None
    await undone(batch, filed(batch, StepName.NOTICE_DELIVERED, recipient="seller"))
    await with_another_model(batch)
    fields = to_seller(batch).fields
    assert "的次日起15日内" in fields["last_day"]
    assert fields["how_counted"].endswith(f"最后一日不早于此前告知的{chinese_day(told)}。")
    await batch.play([*posted("result_notice", "seller"), delivered("result_notice", "seller")])
    window = batch.case.waits[SELLER_WINDOW].wait
    assert window.starts_on == batch.case.parties[Party.SELLER].received_on
    assert window.last_day is not None
    assert window.last_day >= told
    batch.end()


async def test_after_a_corrected_report_the_period_runs_from_the_new_notice() -> None:
    """Verdict or items are others: everybody is heard anew."""
    batch, _ = await served_too_early()
    wrong = filed(batch, StepName.REPORT_SUBMITTED)
    items = [dict(item) for item in wrong.body["items"]]
    items[1] |= {"verdict": "nonconforming"}
    await put_right(batch, wrong, items=items, report_no="JY-2026-0001-G1")
    told = to_seller(batch).fields
    assert "的次日起15日内" in told["last_day"]
    assert "不使期限重新计算" not in told["how_counted"]
    batch.end()


async def test_a_notice_that_comes_back_after_the_right_has_ended_promises_no_last_day() -> None:
    """The last day was weeks ago: the announcement does not ask anybody to apply by then."""
    batch, _ = await served_too_early()
    await batch.play([Lapse(SELLER_WINDOW), Pass(10)])
    await with_another_model(batch)
    await batch.play([*posted("result_notice", "seller"), Pass(2), RETURNED])
    told = last(batch, DocumentKind.ANNOUNCEMENT, Recipient.PUBLIC)
    assert "until" not in told.facts
    assert told.deadline_of is None
    assert told.fields["last_day"] == "此前已经告知检验结果，本公告不使申请复检的期限重新计算"
    batch.end()


async def test_one_that_comes_back_while_the_window_runs_does_not_move_it() -> None:
    """It runs from the receipt of the letter that was replaced."""
    batch, _ = await served_too_early()
    before = batch.case.waits[SELLER_WINDOW].wait
    await with_another_model(batch)
    await batch.play([*posted("result_notice", "seller"), Pass(2), RETURNED])
    wait = batch.case.waits[SELLER_WINDOW].wait
    assert (wait.starts_on, wait.last_day) == (before.starts_on, before.last_day)
    assert "until" not in last(batch, DocumentKind.ANNOUNCEMENT, Recipient.PUBLIC).facts
    batch.end()


async def test_the_retest_laboratory_is_told_its_own_seven_days() -> None:
    """They run from its own receipt; the applicant's run from the applicant's (§6)."""
    batch = begun()
    await batch.play(RETEST_NOTIFIED)
    kind = DocumentKind.RETEST_LAB_NOTICE
    assert "自复检机构收到" in last(batch, kind, Recipient.RETEST_LABORATORY).fields["last_day"]
    assert "自复检申请人收到" in last(batch, kind, Recipient.SELLER).fields["last_day"]
    batch.end()


async def test_the_retest_laboratory_is_told_all_applicants_and_all_that_is_disputed() -> None:
    """One retest serves both (procedure section 3); it covers what either disputes."""
    first = [item | {"verdict": "nonconforming"} for item in CONFORMING["items"]]
    other = first[0] | {"name": "标志"}
    batch = begun()
    await batch.play(
        (
            *SEALED,
            Do(LAB, StepName.REPORT_SUBMITTED, {"verdict": "nonconforming", "items": [first[0], other]}),
            Do(OFFICER, StepName.REPORT_RECEIVED),
            *posted("result_notice", "producer"),
            Pass(1),
            *(delivered("result_notice", party) for party in ("seller", "platform", "producer")),
            Do(OFFICER, StepName.OBJECTION_FILED, {"items": [first[0]["name"]]}),
            Do(OFFICER, StepName.OBJECTION_FILED, {"party": "producer", "items": ["标志"]}),
            Do(APPROVER, StepName.OBJECTION_DECIDED),
            Do(APPROVER, StepName.OBJECTION_DECIDED, {"party": "producer"}),
            Do(OFFICER, StepName.RETEST_LAB_APPOINTED),
        )
    )
    told = last(batch, DocumentKind.RETEST_LAB_NOTICE, Recipient.RETEST_LABORATORY)
    assert told.facts["applicant"] == "示例旗舰店、浙江示例制造有限公司"
    assert told.fields["items"] == [first[0]["name"], "标志"]
    batch.end()
