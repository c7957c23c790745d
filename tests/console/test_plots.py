"""The plots of progress and statistics: bars and intervals to scale, and the same in words."""

from lxml import etree

from api.console.plots import RateBar, StageBar, rate_plot, stage_plot
from law.figures import share


def _all(svg: etree._Element, tag: str, mark: str) -> list[etree._Element]:
    return [one for one in svg.iter() if str(one.tag).endswith(tag) and one.get("class") == mark]


def test_a_bar_is_as_long_as_its_share_of_the_longest() -> None:
    """What has been reached is the darker part of it; words stand behind it and for who does not see."""
    svg = etree.fromstring(
        stage_plot(
            "按方案", [StageBar("甲<方案>", 40, 10, "确定10，下达40"), StageBar("乙", 20, 0, "确定0，下达20")]
        )
    )
    whole = [int(one.get("width", "")) for one in _all(svg, "rect", "of")]
    reached = [int(one.get("width", "")) for one in _all(svg, "rect", "reached")]
    assert whole[0] == 2 * whole[1] == 4 * reached[0]
    assert reached[1] == 0
    assert svg.get("aria-label") == "按方案。甲<方案>：确定10，下达40；乙：确定0，下达20"


def test_a_rate_lies_on_its_interval_between_0_and_100() -> None:
    svg = etree.fromstring(
        rate_plot("不合格率", [RateBar("甲", share(1, 4), "1/4"), RateBar("乙", share(0, 0), "没有")])
    )
    (interval,), (rate,) = _all(svg, "line", "interval"), _all(svg, "circle", "rate")
    zero, *_, hundred = (int(one.get("x1", "")) for one in _all(svg, "line", "grid"))
    low, high = int(interval.get("x1", "")), int(interval.get("x2", ""))
    assert zero < low < int(rate.get("cx", "")) < high < hundred
    assert int(rate.get("cx", "")) - zero == (hundred - zero) // 4
    assert "乙" not in (svg.get("aria-label") or ""), "of nothing there is no rate"


def test_of_nothing_there_is_no_plot() -> None:
    assert stage_plot("按方案", []) == stage_plot("按方案", [StageBar("甲", 0, 0, "")]) == ""
    assert rate_plot("不合格率", [RateBar("甲", share(0, 0), "")]) == ""
