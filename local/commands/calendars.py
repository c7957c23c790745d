"""``choujian calendar``: showing, proposing and approving a year's arrangement on the running system."""

import codecs
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from law.calendar import CalendarYear, day_in_shanghai
from law.notices import NoticeNotUnderstood, read
from law.vocabulary import Role
from local.commands.calling import Caller
from local.errors import CommandError

_HARMLESS = "calendar_already_in_force"


def arrangement(caller: Caller, file: Path) -> bytes:
    """The request's body: a JSON file as it is, or a notice in the State Council's words (``.txt``)."""
    try:
        raw = file.read_bytes()
        if file.suffix.lower() != ".txt":
            return raw
        year = read(_text(raw), lambda year: _in_force(caller, year))
    except NoticeNotUnderstood as error:
        raise CommandError(f"{file}：{error}。", exit_code=2) from None
    except UnicodeError:
        raise CommandError(
            f"{file} 不是 UTF-8、GBK 或 UTF-16 编码的文字：请另存为纯文本（.txt）后再试。", exit_code=2
        ) from None
    except OSError as error:
        raise CommandError(f"读不到 {file}：{error.strerror}。", exit_code=2) from None
    return json.dumps(year.model_dump(mode="json", exclude={"announced"}), ensure_ascii=False).encode()


def _text(raw: bytes) -> str:
    """As editors save it: UTF-8, UTF-16 where it begins so, else GBK. Raises ``UnicodeError``."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _in_force(caller: Caller, year: int) -> CalendarYear | None:
    """What a year is counted on now; None where it has not been announced."""
    held = caller.ask(Role.SUPERVISOR, "GET", f"/calendars/years/{year}")
    return CalendarYear.model_validate(held) if held["announced"] else None


def what_if(caller: Caller, file: Path) -> None:
    """Show what importing ``file`` would change; changes nothing."""
    effect = caller.ask(Role.SUPERVISOR, "POST", "/calendars/what-if", arrangement(caller, file))
    console = _console()
    if not effect["changes"]:
        console.print(f"{effect['year']}年现行的安排与此相同。")
    for doubt in effect["warnings"]:
        console.print(f"[yellow]请核对：[/]{doubt}。")
    console.print(f"{effect['version']}：将重新计算 {effect['recounted']} 个未结期限。")
    _show_moved(console, effect["moved"], "届满日变动的期限（试算，尚未改变任何期限）")


def propose(caller: Caller, file: Path) -> None:
    """Show the effect, then put the arrangement forward for somebody else to approve."""
    body = arrangement(caller, file)
    what_if(caller, file)
    proposal = _proposed(caller, body)
    console = _console()
    if proposal is None:
        return
    console.print(
        f"已由{proposal['proposed_by']['name']}提出，导入编号 [bold]{proposal['no']}[/]。"
        f"另一人批准后生效：choujian calendar approve {proposal['no']}"
    )


def approve(caller: Caller, no: int) -> None:
    """Put a proposal in force, after showing what it will change."""
    console = _console()
    proposal = caller.ask(Role.APPROVER, "GET", f"/calendars/{no}")
    _show_moved(console, proposal["accounts"], f"{proposal['version']}：届满日变动的期限")
    done = caller.ask(Role.APPROVER, "POST", f"/calendars/{no}/approval")
    console.print(
        f"{done['year']}年放假安排（{done['version']}）已由{done['approved_by']['name']}批准，即时生效；"
        "未结的期限随即重新计算，可用 choujian calendar list 查看。"
    )


def show_all(caller: Caller) -> None:
    """The years' arrangements and every import, with what it has moved."""
    held = caller.ask(Role.AUDITOR, "GET", "/calendars")
    console = _console()
    years = Table(title="各年份现行的放假安排", title_justify="left")
    for heading in ("年份", "安排", "摘要"):
        years.add_column(heading)
    for year in held["years"]:
        mark = "" if year["announced"] else "dim"
        years.add_row(str(year["year"]), year["version"], year["digest"][:12], style=mark)
    console.print(years)
    if held["imports"]:
        console.print(_imports(held["imports"]))
    if held["to_be_recounted"]:
        console.print(f"[yellow]尚有 {held['to_be_recounted']} 个期限正在重新计算。[/]")


def show(caller: Caller, no: int) -> None:
    """One import with the account of what it has moved, or would move."""
    one = caller.ask(Role.AUDITOR, "GET", f"/calendars/{no}")
    console = _console()
    console.print(_imports([one]))
    _show_moved(console, one["accounts"], "届满日变动的期限")


def _day(moment: str) -> date:
    return day_in_shanghai(datetime.fromisoformat(moment))


def _imports(imports: list[dict[str, Any]]) -> Table:
    table = Table(title="历次导入", title_justify="left")
    for heading in ("编号", "年份", "文号", "提出", "批准", "现行", "重新计算", "届满日变动"):
        table.add_column(heading)
    for one in imports:
        table.add_row(
            str(one["no"]),
            str(one["year"]),
            one["version"],
            f"{one['proposed_by']['name']} {_day(one['proposed_at'])}",
            f"{one['approved_by']['name']} {_day(one['approved_at'])}" if one["approved_by"] else "待批准",
            "是" if one["in_force"] else "",
            str(one["recounted"]),
            str(one["moved"]),
        )
    return table


def _show_moved(console: Console, moved: list[dict[str, Any]], title: str) -> None:
    if not moved:
        console.print("没有期限的届满日变动。")
        return
    table = Table(title=title, title_justify="left")
    for heading in ("批次", "事项", "责任方或权利人", "原届满日", "新届满日", "备注"):
        table.add_column(heading)
    for one in moved:
        table.add_row(
            one["batch_no"],
            one["title"],
            one["owed_by_title"],
            one["old_last_day"],
            one["new_last_day"],
            "；".join(_notes(one)),
        )
    console.print(table)
    if told := sum(one["told"] for one in moved):
        console.print(f"[yellow]其中 {told} 个期限的原届满日已写入发出的文书，请告知当事人新的届满日。[/]")


def _notes(one: Mapping[str, Any]) -> list[str]:
    notes = [
        ("载明原届满日的文书已发出", one["told"]),
        ("仍为暂定", one["provisional"]),
        (
            f"按安排应至{one['counted_last_day']}，已告知的不提前",
            one["counted_last_day"] < one["new_last_day"],
        ),
    ]
    return [words for words, holds in notes if holds]


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)


def _proposed(caller: Caller, arrangement: bytes) -> Any:
    """The proposal; None where the arrangement is in force already, which is said and harms nothing."""
    answer = caller.call(Role.SUPERVISOR, "POST", "/calendars", arrangement)
    if answer.problem.get("code") == _HARMLESS:
        _console().print(answer.problem["detail"])
        return None
    return answer.content
