"""``choujian steps`` and ``correct``: what was filed in a batch, and how a wrong record is put right."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from rich.markup import escape

from law.calendar import SHANGHAI
from law.vocabulary import DocumentKind, Party, Recipient, Role
from local.commands.batches import as_json, laid_over, new_console, path_of
from local.commands.calling import Caller
from local.errors import CommandError
from local.scenarios.courses import merged
from messages.names import order_id
from messages.words import DOCUMENTS, PARTIES, RECIPIENTS, ROLES

# Stands for the id of what was ordered.
ORDER = "order"
_EVIDENCE = ("reference", "sha256", "keeper")
_ANSWERS = {"accepted": "已受理", "refused": "[red]不予受理[/]", "recorded": "[yellow]待决定[/]"}


def steps(caller: Caller, batch_no: str) -> None:
    """Every step of a batch with its id, by whom, how it was answered, and whether it was put right."""
    console = new_console()
    for one in _steps(caller, batch_no):
        at = datetime.fromisoformat(one["received_at"]).astimezone(SHANGHAI)
        answer = _ANSWERS[one["status"]]
        if one["corrected_by"]:
            never = one["corrected_by"][-1]["body"] is None
            answer += "，已更正为未发生" if never else "，已更正"
        who = ROLES[Role(one["actor"]["role"])]
        console.print(
            f"{one['step_id']}  {at:%Y-%m-%d %H:%M}  {one['title']}{_about(one['body'])}  {who}  {answer}"
        )


def _about(body: dict[str, Any]) -> str:
    """Which letter or party a step is about, where it is about one."""
    words = []
    if body.get("notice"):
        words.append(DOCUMENTS[DocumentKind(body["notice"])])
    if body.get("recipient"):
        words.append(RECIPIENTS[Recipient(body["recipient"])])
    if body.get("party"):
        words.append(PARTIES[Party(body["party"])])
    return f"（{'，'.join(words)}）" if words else ""


def correct(
    caller: Caller,
    batch_no: str,
    step_id: str,
    *,
    settings: Iterable[str],
    never: bool,
    reason: str,
    evidence: Iterable[str],
    is_trial: bool,
) -> None:
    """Propose what a step should have said, or that it never happened, and say what follows once confirmed.

    ``step_id`` may be ``order``: what was ordered. ``is_trial``: only say it. Raises ``CommandError``: an
    unknown step, or a refusal in the API's words.
    """
    wrong = _order(caller, batch_no) if step_id == ORDER else _step(caller, batch_no, step_id)
    over = laid_over(settings)
    if never == bool(over):
        raise CommandError("请用 --set 写明应有的内容，或者用 --never 写明从未发生，二者取一。", exit_code=2)
    said = (wrong["corrected_by"] or [wrong])[-1]["body"] or wrong["body"]
    body = as_json(
        {
            "corrects": wrong["step_id"],
            "body": None if never else merged(said, over),
            "reason": reason,
            "evidence": [_evidence(one) for one in evidence],
        }
    )
    path = f"{path_of(batch_no)}/steps/record_corrected"
    trial = caller.ask(Role.OFFICER, "POST", f"{path}?dry_run=true", body)
    if not trial["accepted"]:
        raise CommandError(f"不能这样更正：{trial['reason']}")
    _print_what_follows(wrong["title"], trial)
    if is_trial:
        return
    proposed = caller.ask(Role.OFFICER, "POST", path, body)
    confirming = f"choujian step {batch_no} correction_confirmed --set correction={proposed['step_id']}"
    new_console().print(f"[green]已提出[/]，等待另一人确认：{confirming}")


def _step(caller: Caller, batch_no: str, step_id: str) -> dict[str, Any]:
    found = next((one for one in _steps(caller, batch_no) if one["step_id"] == step_id), None)
    if found is None:
        raise CommandError(f"批次 {batch_no} 没有编号为 {step_id} 的步骤；编号见 choujian steps {batch_no}。")
    return found


def _order(caller: Caller, batch_no: str) -> dict[str, Any]:
    """What was ordered, as it holds, in the form of a step."""
    said = caller.ask(Role.AUDITOR, "GET", f"{path_of(batch_no)}/order")
    return {
        "step_id": str(order_id(batch_no)),
        "title": "下达抽检批次",
        "body": said,
        "corrected_by": [],
    }


def _evidence(said: str) -> dict[str, str]:
    """``编号,SHA-256,保管人`` as a step names evidence."""
    parts = said.split(",")
    if len(parts) != len(_EVIDENCE):
        raise CommandError(f"证据应当写作 编号,SHA-256,保管人，不是 {said}。", exit_code=2)
    return dict(zip(_EVIDENCE, parts, strict=True))


def _print_what_follows(title: str, trial: dict[str, Any]) -> None:
    console = new_console()
    console.print(f"更正“{title}”，确认之后：")
    if not trial["follows"] and not trial["letters"]:
        console.print("  · 记录照更正后的内容，此外没有影响")
    for words in trial["follows"]:
        console.print(f"  · {escape(words)}")
    for letter in trial["letters"]:
        instead = "（取代或者撤回已发出的文书）" if letter["replaces"] else ""
        console.print(f"  · 制发{letter['title']}：{escape(letter['recipient_name'])}{instead}")


def _steps(caller: Caller, batch_no: str) -> list[dict[str, Any]]:
    """All pages of them."""
    found: list[dict[str, Any]] = []
    further = ""
    while True:
        page = caller.ask(Role.AUDITOR, "GET", f"{path_of(batch_no)}/steps?limit=500{further}")
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        further = f"&cursor={quote(page['next_cursor'])}"
