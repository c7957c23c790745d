"""``choujian order``, ``step`` and ``show``: a batch from the command line, over the API like everybody."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from law.calendar import SHANGHAI
from law.vocabulary import DocumentKind, Outcome, Phase, Role, WaitKind
from local.commands.calling import Caller
from local.errors import CommandError
from local.scenarios.courses import example_body, example_order, merged
from local.scenarios.player import as_it_stands
from messages.evidence import EvidenceFinding
from messages.snapshot import DocumentStatus
from messages.steps import STEPS, StepName
from messages.words import DOCUMENT_STATUSES, DOCUMENTS, OUTCOMES, PHASES

_KINDS = {WaitKind.DUTY: "义务", WaitKind.RIGHT: "权利"}
_FINDINGS = {
    EvidenceFinding.MISSING: "未入库",
    EvidenceFinding.ANOTHER_BATCH: "属于其他批次",
    EvidenceFinding.NOT_WHOLE: "尚未传完",
}
_REFUSED = 409
_LINES_AT_ONCE = 500


def order(caller: Caller, file: Path | None) -> None:
    """Order a batch: the body in ``file``, else the documented example under today's regulation.

    The number alone goes to stdout, words to stderr. Raises ``CommandError``: refused, or a faulty body.
    """
    body = _read(file) if file else _example_of_its_own()
    opened = caller.ask(Role.OFFICER, "POST", "/batches", as_json(body))
    number = opened["batch_no"]
    goods = " ".join(filter(None, (body["goods"]["name"], body["goods"].get("spec_model"))))
    print(f"已下达抽检批次 {number}（{goods}）；查看：choujian show {number}", file=sys.stderr)
    print(number)


def step(
    caller: Caller, batch_no: str, name: str, *, role: str | None, file: Path | None, settings: Iterable[str]
) -> bool:
    """File a step and say how it was answered; False when it was refused.

    Its body is ``file``'s, else the step's example dated today; ``settings`` (key=value) are laid over it.
    Raises ``CommandError`` for an unknown step or batch, a role that may not do it, or a faulty body.
    """
    model = STEPS[_step_name(name)]
    actor = role or next(role for role in Role if role in model.ROLES)
    batch = caller.ask(Role.AUDITOR, "GET", path_of(batch_no))
    body = _read(file) if file else _example_for(caller, batch, model.NAME)
    answer = caller.call(
        actor,
        "POST",
        f"{path_of(batch_no)}/steps/{model.NAME}",
        as_json(merged(body, laid_over(settings))),
        # Once a retest laboratory is appointed, it is the one that acts.
        laboratory=(batch["retest_laboratory"] or batch["laboratory"]) if actor == Role.LAB else None,
    )
    console = new_console()
    problem = answer.problem
    if answer.status == _REFUSED and "step_id" in problem:
        console.print(f"[red]不予受理[/] {model.TITLE}：{escape(problem['detail'])}（{problem['rests_on']}）")
        return False
    for one in answer.content["evidence_not_kept"]:
        finding = _FINDINGS[EvidenceFinding(one["finding"])]
        print(f"证据 {one['reference']} {finding}（choujian evidence add）。", file=sys.stderr)
    decision = answer.content["decision"]
    if decision is None:
        console.print(f"[yellow]已登记[/] {model.TITLE}：尚未决定，不会丢失；worker 运行时即作出决定。")
    else:
        console.print(f"[green]已受理[/] {model.TITLE}（{decision['rests_on']}）")
    return True


def show(caller: Caller, batch_no: str, *, timeline: bool) -> None:
    """The batch in words: phase, outcome, what it waits for, its documents; or its whole record."""
    console = new_console()
    batch = caller.ask(Role.AUDITOR, "GET", path_of(batch_no))
    console.print(f"[bold]{batch_no}[/] {escape(batch['title'].removeprefix(batch_no).strip())}")
    stayed = "  [yellow]中止中[/]" if batch["suspended"] else ""
    outcome = OUTCOMES[Outcome(batch["outcome"])] if batch["outcome"] else "尚未确定"
    console.print(f"阶段：{PHASES[Phase(batch['phase'])]}{stayed}  结果：{outcome}")
    if timeline:
        console.print(_record(_timeline(caller, batch_no)))
        return
    if batch["waiting_for"]:
        console.print(_waits(batch["waiting_for"]))
    if batch["documents"]:
        console.print(_documents(batch["documents"]))


def _example_of_its_own() -> dict[str, Any]:
    """The example with a model number nobody has sampled: the same goods twice a year are refused (§3)."""
    return example_order(datetime.now(UTC), goods={"spec_model": f"SL-{uuid4().hex[:8].upper()}"})


def _example_for(caller: Caller, batch: dict[str, Any], step: StepName) -> dict[str, Any]:
    """The step's example as of the batch's now, and as it stands; what is sealed is what was ordered."""
    body = example_body(step, _moment_of(caller, batch["batch_no"]))
    if step is StepName.SEALED and batch["goods"]["spec_model"]:
        body["spec_model"] = batch["goods"]["spec_model"]
    submission, authority = batch["report_submitted"], batch["referral_authority"]
    return as_it_stands(step, body, {}, submission=submission, authority=authority)


def _moment_of(caller: Caller, batch_no: str) -> datetime:
    """The batch's now: its record may be ahead of our clock where the demonstration skipped time."""
    recorded = (datetime.fromisoformat(line["recorded_at"]) for line in _timeline(caller, batch_no))
    return max((datetime.now(UTC), *recorded))


def _timeline(caller: Caller, batch_no: str) -> list[dict[str, Any]]:
    """All pages of it."""
    lines: list[dict[str, Any]] = []
    further = ""
    while True:
        page_path = f"{path_of(batch_no)}/timeline?limit={_LINES_AT_ONCE}{further}"
        page = caller.ask(Role.AUDITOR, "GET", page_path)
        lines += page["entries"]
        if page["next_cursor"] is None:
            return lines
        further = f"&cursor={quote(page['next_cursor'])}"


def path_of(batch_no: str) -> str:
    return f"/batches/{quote(batch_no, safe='')}"


def _step_name(name: str) -> StepName:
    try:
        return StepName(name)
    except ValueError:
        known = "\n".join(f"  {step}  {model.TITLE}" for step, model in STEPS.items())
        raise CommandError(f"没有“{name}”这个步骤。可用的步骤：", detail=known, exit_code=2) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        body = json.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise CommandError(f"读不到 {file}：{error.strerror}。", exit_code=2) from None
    except ValueError:
        raise CommandError(f"{file} 不是有效的 JSON。", exit_code=2) from None
    if not isinstance(body, dict):
        raise CommandError(f"{file} 应为一个 JSON 对象。", exit_code=2)
    return body


def laid_over(settings: Iterable[str]) -> dict[str, Any]:
    """``party=producer``, ``seller.url=…``: text, but for JSON's null, lists and objects."""
    over: dict[str, Any] = {}
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not path or not equals:
            raise CommandError(f"“{setting}”应写成 项目=内容，例如 party=producer。", exit_code=2)
        try:
            value: Any = json.loads(text) if text == "null" or text.startswith(("[", "{")) else text
        except ValueError:
            raise CommandError(f"“{setting}”的内容不是有效的 JSON。", exit_code=2) from None
        for key in reversed(path.split(".")):
            value = {key: value}
        over = merged(over, value)
    return over


def as_json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _waits(waits: list[dict[str, Any]]) -> Table:
    table = titled_table("正在等待", "事项", "步骤", "由谁", "至", "依据")
    for wait in waits:
        until = wait["last_day"] or "无期限"
        until += "（暂定）" if wait["provisional"] else ""
        until += " [red]逾期[/]" if wait.get("overdue") else ""
        whose = f"{escape(wait['owed_by_title'])}（{_KINDS[WaitKind(wait['kind'])]}）"
        table.add_row(escape(wait["title"]), wait["step"], whose, until, wait["rests_on"])
    return table


def _documents(documents: list[dict[str, Any]]) -> Table:
    table = titled_table("文书", "名称", "文号", "致", "状态")
    for document in documents:
        status = DOCUMENT_STATUSES[DocumentStatus(document["status"])]
        day = document["settled_on"] or document["sent_on"]
        table.add_row(
            DOCUMENTS[DocumentKind(document["kind"])],
            document["number"] or "制作中",
            escape(document["recipient_name"]),
            f"{status} {day}" if day else status,
        )
    return table


def _record(lines: list[dict[str, Any]]) -> Table:
    table = titled_table("办理记录", "时间", "内容", "经办", "依据")
    for line in lines:
        at = datetime.fromisoformat(line["at"]).astimezone(SHANGHAI)
        table.add_row(
            f"{at:%Y-%m-%d %H:%M}", escape(line["text"]), escape(line["actor"]["name"]), line["rests_on"]
        )
    return table


def titled_table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def new_console() -> Console:
    return Console(highlight=False, soft_wrap=True)
