"""``choujian outage``: asked of the database itself, so that it answers with everything else still down."""

from collections import Counter
from datetime import datetime, timedelta

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from law.calendar import SHANGHAI
from law.judgements import FilingMeans
from local.errors import CommandError
from proof.outages.models import Became, OutageReport, PassedDeadline
from proof.outages.report import report_of
from settings import Settings
from store.engine import make_engine
from store.errors import PeriodInvalid
from store.reads import on_record

# In the order of the printed table: what needs somebody comes first.
_BECAME = {
    Became.UNDECIDED: "[bold red]已届满，尚未决定[/]",
    Became.LAPSED: "逾期未行使",
    Became.SET_ASIDE: "届满时未行使，后经审查恢复",
    Became.EXERCISED: "按期行使",
    Became.WAIVED: "书面放弃",
    Became.STAYED: "中止，期限停止计算",
    Became.OWED: "[bold red]逾期，仍未办理[/]",
    Became.DONE_LATE: "[yellow]逾期登记[/]",
    Became.DONE_IN_TIME: "按期登记",
    Became.MOVED: "届满日已改",
    Became.ENDED: "已终结",
    Became.RUNNING: "尚未届满",
}
_MEANS = {
    FilingMeans.COUNTER: "窗口提交",
    FilingMeans.POST: "邮寄，邮戳",
    FilingMeans.ONLINE: "网上提交",
    FilingMeans.ORAL: "口头提出，笔录",
    FilingMeans.SUPERIOR_AUTHORITY: "向上级机关提出",
}


async def report(settings: Settings, begin: str, end: str) -> OutageReport:
    """The same as ``GET /outages``; what cannot be read or asked is said in one sentence."""
    assert settings.database_url is not None, "resolve() gives a database or raises"
    first, last = _instant(begin), _instant(end)
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        found = await on_record.passage(engine, first, last)
    except PeriodInvalid as error:
        raise CommandError(f"{error}。", exit_code=2) from None
    finally:
        await engine.dispose()
    return report_of(found, answered_within=timedelta(seconds=settings.decision_timeout_seconds))


def _instant(text: str) -> datetime:
    """RFC 3339; without an offset it is Shanghai's time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"“{text}”不是时刻：请写成“2026-11-20 18:00”或 2026-11-20T18:00:00+08:00 这样。", exit_code=2
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def show(report: OutageReport) -> None:
    """For people: first what does not hold, then what is undecided, then every deadline and held step."""
    console = Console(highlight=False, soft_wrap=True)
    for fault in report.faults:
        console.print(f"[bold red]核对不符：[/]{escape(fault)}")
    touched = [passed for passed in report.deadlines if not passed.settled_before]
    undecided = sum(passed.became is Became.UNDECIDED for passed in touched)
    if undecided:
        console.print(
            f"[bold red]注意：有 {undecided} 项权利的期限已经届满，尚未决定。[/]"
            "worker 可能仍未恢复；恢复后按登记簿决定。"
        )
    console.print(f"{_at(report.begin)} 至 {_at(report.end)}（北京时间）")
    if touched:
        console.print(_deadlines(touched))
    if earlier := len(report.deadlines) - len(touched):
        console.print(f"另有 {earlier} 项期限也在此期间届满，但在中断开始之前已经了结。", style="dim")
    console.print(_in_short(touched))
    if report.held:
        console.print(_held(report))
    console.print(f"此期间登记步骤 {report.steps_received} 件，其中 {len(report.held)} 件没有立即决定。")


def _in_short(touched: list[PassedDeadline]) -> str:
    if not touched:
        return "此期间没有期限届满。"
    numbers = Counter(passed.became for passed in touched)
    counted = "，".join(f"{words} {numbers[became]}" for became, words in _BECAME.items() if numbers[became])
    lapsed = [passed for passed in touched if passed.became in (Became.LAPSED, Became.SET_ASIDE)]
    sound = sum(not passed.faults for passed in lapsed)
    checked = f"视为放弃的 {len(lapsed)} 项逐项对照登记簿：{sound} 项按事实决定。" if lapsed else ""
    return f"届满 {len(touched)} 项：{counted}。{checked}"


def _deadlines(touched: list[PassedDeadline]) -> Table:
    table = Table(title="中断期间届满的期限", show_lines=True)
    for heading in ("批次", "事项", "责任方或权利人", "届满", "结果", "依据的事实"):
        table.add_column(heading, overflow="fold")
    order = list(_BECAME)
    for passed in sorted(touched, key=lambda one: (not one.faults, order.index(one.became), one.batch_no)):
        internal = "（内部时限）" if passed.wait.internal else ""
        result = "[bold red]核对不符[/] " if passed.faults else ""
        table.add_row(
            passed.batch_no,
            f"{escape(passed.wait.title)}{internal}（{passed.wait.rests_on}）",
            escape(passed.whose),
            f"{passed.last_day} 24:00",
            result + _BECAME[passed.became],
            "\n".join(_facts(passed)),
        )
    return table


def _facts(passed: PassedDeadline) -> list[str]:
    """What the result rests on, and what the outage did to it."""
    facts = [f"[red]{escape(fault)}[/]" for fault in passed.faults]
    if passed.ledger_asked_at is not None:
        asked = f"登记簿 {_at(passed.ledger_asked_at)} 查询"
        looked_at = f"查看 {len(passed.filings)} 件" if passed.filings else "没有该当事人的申请"
        facts.append(f"{asked}，{looked_at}；{passed.wait.on_silence}")
    facts += [
        f"{_MEANS[filing.means] if filing.means else '办理'} {filing.filing_day or '日期不明'}，"
        f"{_at(filing.received_at)} 登记{'' if filing.counts else '（不计）'}"
        for filing in passed.filings
    ]
    told_already = passed.became is Became.LAPSED or (passed.became is Became.EXERCISED and passed.filings)
    if passed.set_aside_at is not None:
        facts.append(f"{escape(passed.words)}（{_at(passed.set_aside_at)}）")
    elif passed.settled_at is not None and not told_already:
        late = (
            f"，{_at(passed.recorded_at)} 决定"
            if passed.recorded_at and passed.recorded_at - passed.settled_at > timedelta(minutes=1)
            else ""
        )
        facts.append(f"{escape(passed.words)}（{_at(passed.settled_at)}{late}）")
    facts += [
        f"{'报告' if alarm.level else '提醒'}{alarm.to}：应于 {_at(alarm.due)}，迟至 {_at(alarm.at)}"
        for alarm in passed.late_alarms
    ]
    return facts


def _held(report: OutageReport) -> Table:
    table = Table(title="登记后没有立即决定的步骤（答复 202）")
    for heading in ("批次", "步骤", "登记人", "登记时刻", "等待", "决定"):
        table.add_column(heading, overflow="fold")
    for held in sorted(report.held, key=lambda one: one.waited, reverse=True):
        decision = held.decision
        answer = (
            "受理" if decision and decision.accepted else f"不予受理：{decision.reason}" if decision else ""
        )
        table.add_row(
            held.batch_no,
            held.step_title,
            escape(held.actor.name),
            _at(held.received_at),
            _long(held.waited),
            escape(answer) or "[bold red]尚未决定[/]",
        )
    return table


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _long(time: timedelta) -> str:
    hours, rest = divmod(int(time.total_seconds()), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}小时{minutes}分" if hours else f"{minutes}分{seconds}秒" if minutes else f"{seconds}秒"
