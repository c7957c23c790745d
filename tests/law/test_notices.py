"""The State Council's own words are read, and nothing is guessed where they are not understood."""

from datetime import date
from pathlib import Path

import pytest

from law.calendar import WorkCalendar
from law.notices import NoticeNotUnderstood, read

MADE_UP = Path(__file__).parents[1] / "files" / "2027-made-up.txt"
# As announced for 2026.
NOTICE_2026 = """
国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号

一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


def test_the_notice_of_2026_says_what_the_library_knows(calendar: WorkCalendar) -> None:
    """Every day off and every day worked, to the day."""
    found = read(NOTICE_2026)
    (known,) = [year for year in calendar.years if year.year == 2026]
    assert (found.year, found.version, found.announced) == (2026, "国办发明电〔2025〕7号", True)
    assert set(found.holidays) == set(known.holidays)
    assert set(found.makeup_days) == set(known.makeup_days)
    assert found.holidays[date(2026, 9, 25)] == "中秋节"


def test_a_single_day_and_days_of_the_year_before() -> None:
    """As the notices of 2025 and 2019 put it."""
    found = read(
        "关于2019年部分节假日安排的通知\n国办发明电〔2018〕15号\n# 抄录\n"
        "一、元旦：2018年12月30日（星期日）至2019年1月1日（星期二）放假调休，共3天。2018年12月29日（星期六）上班。\n"
        "三、清明节：4月5日（周五）放假1天，不调休。"
    )
    assert sorted(found.holidays) == [
        date(2018, 12, 30),
        date(2018, 12, 31),
        date(2019, 1, 1),
        date(2019, 4, 5),
    ]
    assert found.makeup_days == (date(2018, 12, 29),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1月1日（周四）", "1月1日（周五）", "2026-01-01是周四"),
        ("共3天。1月4日", "共4天。1月4日", "天数不符"),
        ("1月4日（周日）上班", "1月4日（周日）左右上班", "读不懂"),
        ("4月4日（周六）至6日（周一）放假", "4月4日（周六）起放假", "读不懂这一行：三、清明节"),
        ("6月19日（周五）至", "6月31日（周五）至", "没有这一天"),
        ("二、春节", "节假日期间请做好值班。\n二、春节", "读不懂这一行：节假日期间"),
        ("国办发明电〔2025〕7号", "", "文号"),
        ("10月10日（周六）上班", "10月9日（周五）上班", "不是周六、周日"),
        ("10月10日（周六）上班", "9月27日（周日）上班", "既是放假日又是调休上班日"),
        (
            "六、中秋节：9月25日（周五）至27日（周日）",
            "六、中秋节：6月19日（周五）至21日（周日）",
            "两个节日",
        ),
    ],
)
def test_what_is_not_understood_is_refused(old: str, new: str, said: str) -> None:
    """A slip of the pen does not become a calendar."""
    assert old in NOTICE_2026
    with pytest.raises(NoticeNotUnderstood, match=said):
        read(NOTICE_2026.replace(old, new))


def test_the_example_file_is_read() -> None:
    """The made-up year that other tests import."""
    assert read(MADE_UP.read_text("utf-8")).year == 2027
