"""What people read in the Temporal pages: the summaries of a batch's history and its current details."""

from temporalio.api.enums.v1 import EventType

from law.calendar import SHANGHAI
from law.vocabulary import Role
from local.scenarios.courses import BOTH_SERVED, NONCONFORMING, PRODUCER_ACCEPTS, Do, delivered
from messages.steps import StepName


async def summaries(table, batch_no: str, *kinds: EventType.ValueType) -> list[str]:
    """Of the events of these kinds, in their order."""
    return [
        table.skipper.client.data_converter.payload_converter.from_payload(event.user_metadata.summary)
        async for event in table.handle(batch_no).fetch_history_events()
        if event.event_type in kinds and event.user_metadata.HasField("summary")
    ]


async def test_each_record_says_what_was_done_and_then_what_is_awaited(table) -> None:
    """The step is not told twice, nobody is named twice, and what had to be cut off is marked."""
    batch_no = await table.opened(BOTH_SERVED)
    said = await summaries(table, batch_no, EventType.EVENT_TYPE_MARKER_RECORDED)
    assert "网络购样：受理；等待：样品收货，检验机构人员" in said
    (served,) = [one for one in said if "经营者）：" in one and "送达；" in one]
    assert served.endswith("；等待：提出异议（书面复检申请）（网络商品经营者）")
    (reported,) = [one for one in said if one.startswith("收到检验报告：受理；")]
    assert reported.index("综合判定") < reported.index("制发抽检结果通知书→") < reported.index("等待：")
    assert reported.endswith("等待：发出抽检结果通知书，执法人员"), "it lies in the post queue"
    assert reported.count("抽检结果通知书→") == 1
    await table.at(
        batch_no, [PRODUCER_ACCEPTS, Do(Role.OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})]
    )
    await table.snapshot(batch_no)  # the record's marker is in the history once its task has ended
    said = await summaries(table, batch_no, EventType.EVENT_TYPE_MARKER_RECORDED)
    assert all(len(one) <= 130 and (one[-1] == "…" or len(one) < 130) for one in said)


async def test_the_page_says_which_letters_people_have_to_hand_over(table) -> None:
    """And until when a right is heard after its last day."""
    batch_no = await table.opened((*NONCONFORMING[:-3], delivered("result_notice", "seller")))
    page = (await table.handle(batch_no).query("__temporal_workflow_metadata")).current_details
    queued = "待人工交付的文书（交寄`notice_posted`，当面交付`notice_delivered`）：抽检结果通知书→"
    assert page.endswith(f"{queued}第三方交易平台经营者")
    until = (await table.wait(batch_no, "objection_filed:seller")).heard_until.astimezone(SHANGHAI)
    assert f"；届满视为对检验结果无异议，在途申请候至{until:%Y-%m-%d %H:%M}" in page


async def test_a_timer_and_the_page_name_who_is_reminded_of_what_until_when_by_which_rule(table) -> None:
    """Once each, with one pair of brackets behind the day."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.example(batch_no, Role.OFFICER, StepName.OBJECTION_FILED)
    wait = await table.wait(batch_no, "objection_decided:seller")
    until = f"至{wait.last_day} 24:00（内部时限，§6"
    *_, timer = await summaries(table, batch_no, EventType.EVENT_TYPE_TIMER_STARTED)
    assert timer == f"提醒分管负责人：审批是否复检（网络商品经营者），{until}）"
    page = (await table.handle(batch_no).query("__temporal_workflow_metadata")).current_details
    assert f"- **审批是否复检（网络商品经营者）**，分管负责人，{until}，步骤`objection_decided`）；" in page
