"""The State Council's own words are read as people copy them, and no day off or worked is guessed."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from law.calendar import CalendarYear, WorkCalendar
from law.notices import NoticeNotUnderstood, read

FILES = Path(__file__).parents[1] / "files"
MADE_UP = FILES / "2027-made-up.txt"
NUMBERS = {
    2019: "国办发明电〔2018〕15号",
    2020: "国办发明电〔2019〕16号",
    2021: "国办发明电〔2020〕27号",
    2022: "国办发明电〔2021〕11号",
    2023: "国办发明电〔2022〕16号",
    2024: "国办发明电〔2023〕7号",
    2025: "国办发明电〔2024〕12号",
    2026: "国办发明电〔2025〕7号",
}
CHANGES = {2019: "2019-labour-day", 2020: "2020-spring-festival"}


def page(name: object) -> str:
    return (FILES / "notices" / f"{name}.txt").read_text("utf-8")


def nothing(_year: int) -> CalendarYear | None:
    return None


def announced(text: str) -> CalendarYear:
    return read(text, nothing)


def as_changed(year: int) -> CalendarYear:
    """The year as it came to be, with the notice that changed it where there was one."""
    first = announced(page(year))
    return read(page(CHANGES[year]), {year: first}.get) if year in CHANGES else first


NOTICE_2026 = page(2026)


@pytest.mark.parametrize("year", NUMBERS)
def test_the_whole_page_of_each_year_says_what_the_library_knows(year: int, calendar: WorkCalendar) -> None:
    """Every day of the year, worked or not, to the day; header, address and closing sentences are in it."""
    found = as_changed(year)
    assert (found.year, found.announced) == (year, True)
    assert found.version.startswith(NUMBERS[year])
    ours = WorkCalendar(years=(*(one for one in calendar.years if one.year not in (year, year + 1)), found))
    day = date(year, 1, 1)
    while day.year == year and (day.month, day.day) < (12, 25):
        assert ours.is_working_day(day) is calendar.is_working_day(day), day
        day += timedelta(1)


def test_a_holiday_with_the_weekend_is_off_on_the_weekend_too() -> None:
    """与周末连休, as in 2019 and 2024."""
    first = announced(page(2024))
    assert [day.day for day, name in first.holidays.items() if name == "端午节"] == [8, 9, 10]
    assert min(first.holidays) == date(2023, 12, 30)


def test_what_is_said_beside_days_off_and_worked_is_passed_over() -> None:
    """鼓励……安排职工在除夕（2月9日）休息 makes no holiday of it."""
    assert date(2024, 2, 9) not in announced(page(2024)).holidays


@pytest.mark.parametrize(
    "copied",
    [
        NOTICE_2026.replace("（", "(").replace("）", ")").replace("：", ":").replace("，", ","),
        NOTICE_2026.replace("〔", "[").replace("〕", "]"),
        NOTICE_2026.replace("月", "月 ").replace("日", " 日"),
        NOTICE_2026.replace("1月4日（周日）上班。", "\n1月4日\n（周日）上班。"),
        NOTICE_2026.replace("一、元旦：", "一、元旦：\n"),
        NOTICE_2026.replace("2026年\n部分", "2026年部分"),
        NOTICE_2026.replace("部分节假日安排的通知", "部分节假日\n安排的通知"),
        NOTICE_2026.replace("周", "星期").replace("星期日", "星期天"),
        NOTICE_2026.replace("1月1日（周四）", "１月１日（周四）").replace("\n", "\r\n"),
        NOTICE_2026.replace("一、", "1、").replace("二、", "2. ").replace("三、", "（三）"),
        NOTICE_2026[NOTICE_2026.index("国务院办公厅关于2026年\n") :],
        "# 抄自政府网站\n" + NOTICE_2026,
    ],
)
def test_however_it_was_copied_it_says_the_same(copied: str) -> None:
    """Brackets of either width, blanks, broken lines, numbers of another kind, with the header or without."""
    assert copied != NOTICE_2026
    assert announced(copied) == announced(NOTICE_2026)


def test_a_change_is_laid_over_the_year_in_force() -> None:
    """Labour Day of 2019 had one day and got four; the rest of the year stays as it was."""
    before, after = announced(page(2019)), as_changed(2019)
    assert [day for day in after.holidays if day not in before.holidays] == [
        date(2019, 5, 2),
        date(2019, 5, 3),
        date(2019, 5, 4),
    ]
    assert set(after.makeup_days) - set(before.makeup_days) == {date(2019, 4, 28), date(2019, 5, 5)}
    assert after.version == "国办发明电〔2018〕15号；国办发明电〔2019〕3号"


def test_an_extension_takes_the_days_worked_with_it() -> None:
    """The Spring Festival of 2020 went on to 2 February; 1 February was to have been worked."""
    before, after = announced(page(2020)), as_changed(2020)
    assert date(2020, 2, 1) in before.makeup_days
    assert date(2020, 2, 1) not in after.makeup_days
    assert {after.holidays[date(2020, 2, day)] for day in (1, 2)} == {"春节"}
    assert date(2020, 2, 3) not in after.holidays


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("至2月2日（农历正月初九，星期日）", "至2月2日（星期六）", "2020-02-02是周日"),
        ("至2月2日（农历正月初九，星期日）", "至1月29日", "不晚于原来的最后一日2020-01-30"),
        ("2月3日（星期一）起", "2月4日（星期二）起", "不是2020-02-02的次日"),
        ("假期至2月2日（农历正月初九，星期日）", "假期若干日", "没有找到春节延长到哪一日；应形如"),
    ],
)
def test_a_change_that_is_not_understood_is_refused(old: str, new: str, said: str) -> None:
    text = page("2020-spring-festival")
    assert old in text
    with pytest.raises(NoticeNotUnderstood, match=said):
        read(text.replace(old, new), {2020: announced(page(2020))}.get)


def test_a_change_wants_its_year_first() -> None:
    """And a holiday that the year has; days that may have been worked for it are not guessed at."""
    with pytest.raises(NoticeNotUnderstood, match="2020年的放假安排尚未导入"):
        announced(page("2020-spring-festival"))
    changed = page("2020-spring-festival").replace("春节", "中秋节")
    known = announced(page(2020).replace("国庆节、中秋节", "国庆节"))
    with pytest.raises(NoticeNotUnderstood, match="没有中秋"):
        read(changed, {2020: known}.get)
    moved = page("2019-labour-day").replace("劳动节", "国庆节").replace("5月1日至4日", "10月1日至4日")
    with pytest.raises(NoticeNotUnderstood, match="原安排2019-09-29上班，通知没有写明"):
        read(moved, {2019: announced(page(2019))}.get)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1月1日（周四）", "1月1日（周五）", "第13行的2026-01-01是周四"),
        ("共3天。1月4日", "共4天。1月4日", "起止日期共3天，与所写的4天不符"),
        ("1月4日（周日）上班", "1月4日（周日）左右上班", "第13行读不懂“1月4日\\(周日\\)左右上班”，应形如"),
        ("4月4日（周六）至6日（周一）放假", "4月4日（周六）起放假", "第15行读不懂.*应形如.*三、清明节"),
        ("6月19日（周五）至", "6月31日（周五）至", "没有6月31日这一天"),
        ("一、元旦：", "一、", "没有写明是哪个节日"),
        ("1月4日（周日）上班", "另有一日上班", "第13行读不懂“另有一日上班”"),
        ("10月10日（周六）上班", "10月9日（周五）上班", "不是周六、周日"),
        ("10月10日（周六）上班", "9月27日（周日）上班", "既是放假日又是调休上班日"),
        ("9月25日（周五）至27日（周日）", "6月19日（周五）至21日（周日）", "两个节日"),
        ("国办发明电〔2025〕7号\t", "国办发明电〔2025〕8号\t", "应有一个文号，形如.*现有"),
        ("部分节假日安排", "部分节日安排", "没有找到标题"),
        ("放假", "休息", "没有找到放假日期；每个节日应有一行"),
    ],
)
def test_what_is_not_understood_is_refused(old: str, new: str, said: str) -> None:
    """A slip of the pen does not become a calendar; the line is named, and what was expected."""
    assert old in NOTICE_2026
    with pytest.raises(NoticeNotUnderstood, match=said):
        announced(NOTICE_2026.replace(old, new))


def test_without_its_number_it_is_refused() -> None:
    with pytest.raises(NoticeNotUnderstood, match="应有一个文号"):
        announced(NOTICE_2026.replace("国办发明电", "国办"))


def test_the_example_file_is_read() -> None:
    """The made-up year that other tests import."""
    assert announced(MADE_UP.read_text("utf-8")).year == 2027
