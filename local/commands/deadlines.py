"""``choujian deadline``: a period counted with the built-in calendar, needing no running system.

Years imported into a running system's table are not known here; a year without announced arrangement is
provisional, and the output says so.
"""

from contextlib import suppress
from datetime import date

from law.calendar import SHANGHAI, CalendarUnknown
from law.calendar_sources import builtin_calendar
from law.counting import Deadline, count
from law.regulation import Regulation, in_force_on
from law.rules import TermRule
from law.vocabulary import Term
from local.errors import CommandError

_KINDS = {"duty": "职责期限：逾期催办、上报，不因逾期而结束", "right": "当事人权利期限：届满发生法律后果"}


def count_from(term_name: str, day: str, amount: int | None) -> Deadline:
    """The deadline, or one sentence that says what is wrong with what was asked."""
    start = _day(day)
    try:
        regulation = in_force_on(start)
    except ValueError as error:
        raise CommandError(f"{error}。", exit_code=2) from None
    rule = _rule(regulation, term_name)
    if rule.amount is None and amount is None:
        raise CommandError(
            f"“{rule.title}”（{rule.term.value}）由合同约定，请用 --days 写明天数。", exit_code=2
        )
    if rule.amount is not None and amount is not None:
        raise CommandError(
            f"“{rule.title}”（{rule.term.value}）由规程规定，不能用 --days 另定天数。", exit_code=2
        )
    try:
        with suppress(CalendarUnknown):  # most need no guess at coming years, which takes time to make
            return count(rule, start, builtin_calendar(years_ahead=0), amount=amount)
        return count(rule, start, builtin_calendar(), amount=amount)
    except ValueError as error:
        raise CommandError(f"{error}。", exit_code=2) from None


def show(deadline: Deadline) -> None:
    """The account of every day, for people."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    regulation = in_force_on(deadline.start)
    rule = regulation.terms[deadline.term]
    table = Table(title=f"{rule.title}（{deadline.rests_on}{'，内部时限' if deadline.internal else ''}）")
    table.add_column("日期")
    table.add_column("计数", justify="right")
    table.add_column("说明")
    for entry in deadline.trace:
        counted = "" if entry.number is None else str(entry.number)
        style = None if entry.nature.is_working else "dim"
        table.add_row(
            f"{entry.day} 周{'一二三四五六日'[entry.day.weekday()]}", counted, entry.note, style=style
        )
    console.print(table)
    console.print(deadline.explanation)
    console.print(f"最后一日：[bold]{deadline.last_day}[/]，当日 24:00 届满。{_KINDS[deadline.kind.value]}。")
    if deadline.heard_until is not None:
        until = deadline.heard_until.astimezone(SHANGHAI)
        console.print(f"期限内交寄或递交的，至{until:%Y-%m-%d %H:%M}前到达并登记的，仍予计入。")
    if deadline.provisional:
        console.print("[yellow]暂定：[/]涉及尚未公布放假安排的年份，公布后会重新计算。")
    reading = "；原文未写明，为本局的读法，可在规程文件中调整" if rule.reading else ""
    console.print(f"依据：{regulation.title}{deadline.rests_on}{reading}。")
    console.print(f"工作日历：{deadline.calendar_version}", style="dim")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}”不是日期：请写成 2026-09-18 这样。", exit_code=2) from None


def _rule(regulation: Regulation, term_name: str) -> TermRule:
    try:
        return regulation.terms[Term(term_name)]
    except ValueError:
        known = "\n".join(f"  {term.value:<24}{rule.title}" for term, rule in regulation.terms.items())
        raise CommandError(f"没有“{term_name}”这个期限。可用的期限：", detail=known, exit_code=2) from None
