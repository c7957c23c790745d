"""The picture of a batch's course: phases, periods with their last days, and today's line."""

from datetime import date
from typing import Any

from lxml import etree

from api.console.picture import Bar, PhaseMark, Reached, picture

_PHASES = [
    PhaseMark("抽样", Reached.DONE, date(2026, 9, 1)),
    PhaseMark("复检", Reached.PASSED_OVER),
    PhaseMark("异议期", Reached.NOW, date(2026, 9, 18)),
    PhaseMark("公示", Reached.TO_COME),
]
_SELLER = Bar("网络商品经营者：提出异议", date(2026, 9, 18), date(2026, 10, 8), right=True)
_LATE = Bar("出具检验报告", date(2026, 9, 1), date(2026, 9, 21), late=True)


def drawn(*args: Any) -> Any:
    return etree.fromstring(picture(*args))


def marked(svg: Any, mark: str) -> list[Any]:
    return [one for one in svg.iter() if mark in (one.get("class") or "").split()]


def texts(element: Any) -> list[str]:
    return [one.text for one in element.iter() if one.tag.endswith("text")]


def test_each_phase_says_in_words_where_it_stands() -> None:
    """Nothing is said by colour alone: what was passed over is not what is still to come."""
    svg = drawn(_PHASES, [], date(2026, 9, 20))
    assert [texts(one) for one in marked(svg, "stage")] == [
        ["抽样", "9月1日"],
        ["复检", "未经过"],
        ["异议期", "现在，自9月18日"],
        ["公示", "未到"],
    ]
    assert len(marked(svg, "tick")) == 1


def test_a_period_ends_with_the_night_of_its_last_day() -> None:
    """Longer periods are longer bars on one scale; today stands where it is on it."""
    svg = drawn(_PHASES, [_SELLER, _LATE], date(2026, 9, 22))
    seller, late = marked(svg, "period")
    places = [(int(rect.get("x")), int(rect.get("width"))) for rect in svg.iter("{*}rect")]
    (begins, wide), (earlier, _) = places
    assert earlier < begins
    days = (date(2026, 10, 9) - date(2026, 9, 1)).days
    assert begins + wide == 770
    assert earlier == 250
    (today,) = marked(svg, "today")
    assert int(today[0].get("x1")) == round(250 + 520 * 21 / days)
    assert texts(seller) == ["网络商品经营者：提出异议", "10月8日届满"]
    assert texts(late) == ["出具检验报告", "9月21日届满，逾期"]
    assert "late" in late.get("class")


def test_what_may_still_move_and_what_is_over_is_marked() -> None:
    """A provisional last day is dashed and said to be; one that has ended is neither late nor provisional."""
    provisional = Bar("提出异议", date(2026, 12, 20), date(2027, 1, 4), right=True, provisional=True)
    over = Bar("提出异议", date(2026, 12, 20), date(2027, 1, 4), open=False, late=True, provisional=True)
    svg = drawn(_PHASES, [provisional, over], None)
    first, second = marked(svg, "period")
    assert texts(first)[1] == "1月4日届满，暂定"
    assert texts(second)[1] == "1月4日届满，已结束"
    assert not marked(svg, "today")
    assert not {"late", "provisional"} & set(second.get("class").split())


def test_what_is_drawn_is_said_to_whoever_hears_it() -> None:
    """The label names the phase that it is in and every last day; what a title says is only ever text."""
    svg = drawn(_PHASES, [Bar("<b>&", date(2026, 9, 1), date(2026, 9, 2))], date(2026, 9, 1))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == "现在：异议期；<b>&，9月2日届满"
    assert not [one for one in svg.iter() if one.tag.endswith("}b")]


def test_no_date_is_crossed_by_the_line_of_today() -> None:
    """The date of a tick beside it is left out; today's own stands above the line."""
    svg = drawn(_PHASES, [_SELLER], date(2026, 9, 18))
    (today,) = marked(svg, "today")
    line = int(today[0].get("x1"))
    dates = [one for one in marked(svg, "day") if one.get("y") == "114"]
    assert dates
    assert all(abs(int(one.get("x")) - line) >= 32 for one in dates)
