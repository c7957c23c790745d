"""A letter of a long report, of a marking judged apart, and of what a retest left standing."""

from tests.letters.builders import ITEM, TYPESETTER, pages, printed, result_notice


def test_three_hundred_items_are_printed_over_as_many_pages_as_it_takes() -> None:
    """With a requirement of a thousand characters among them, and items without a verdict in words."""
    items = [{**ITEM, "name": f"第{number}号项目", "verdict": "conforming"} for number in range(300)]
    items[3] = {**items[3], "requirement": "应" * 1000}
    items[7] = {**items[7], "verdict": "not_judged"}
    items[8] = {**items[8], "verdict": "not_tested", "measured": "样品数量不足"}
    letter = TYPESETTER.typeset(result_notice(fields={"items": items}, facts={"marking": "不合格"}))
    text = printed(letter)
    assert len(pages(letter)) > 5
    assert "第299号项目" in text
    assert text.count("应") >= 1000
    assert "标识单独判定为：不合格" in text
    assert "不作判定" in text
    assert "未检验" in text
    assert "样品数量不足" in text


def test_a_retest_notice_names_what_stands() -> None:
    """Only one of two failed items was disputed."""
    result = {"report_no": "FJ-1", "verdict": "合格", "items": [{**ITEM, "verdict": "conforming"}]}
    fields = {"first_result": {**result, "verdict": "不合格"}, "retest_result": result}
    letter = result_notice(
        kind="retest_result_notice",
        title="复检结果通知书",
        fields=fields,
        facts={"standing_failures": "标志", "retest_laboratory": "国家示例产品质量检验检测中心"},
    )
    text = printed(TYPESETTER.typeset(letter))
    assert "未申请复检的不合格项目（标志）维持原检验结果" in text
