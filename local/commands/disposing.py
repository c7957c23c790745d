"""``choujian evidence``: what is held, what falls due, and its disposal by two people."""

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from law.calendar import SHANGHAI
from law.vocabulary import Role
from local.commands.batches import as_json, new_console, path_of
from local.commands.calling import Caller
from local.errors import CommandError
from messages.words import ROLES


def hold(caller: Caller, role: str, batch_no: str, reason: str) -> None:
    """Everything of a batch is kept whatever its term. Raises ``CommandError``."""
    caller.ask(role, "POST", f"{_of(batch_no)}/hold", as_json({"reason": reason}))
    _say(f"{batch_no} 的证据已暂缓处置，解除之前一律保留。")


def release(caller: Caller, role: str, batch_no: str, reason: str) -> None:
    """The hold is lifted. Raises ``CommandError``."""
    caller.ask(role, "POST", f"{_of(batch_no)}/hold/lifted", as_json({"reason": reason}))
    _say(f"{batch_no} 的证据已解除暂缓处置。")


def due(caller: Caller, role: str, before: str | None) -> None:
    """Batches by the day until which their evidence is kept. Raises ``CommandError``."""
    query = urlencode({"limit": 200, **({"before": before} if before else {})})
    found = caller.ask(role, "GET", f"/evidence/due?{query}")["items"]
    for one in found:
        standing = "已届满" if one["is_due"] else "未届满"
        if one["held"]:
            standing += f"，暂缓处置：{one['held']}"
        elif one["proposed_by"]:
            standing += f"，{one['proposed_by']['name']}已提出处置"
        _say(f"{one['keep_until']}  {one['batch_no']}  {one['files']}件，{one['size']:,} 字节（{standing}）")
    if not found:
        _say("没有保存期届满的证据。")


def propose(caller: Caller, role: str, batch_no: str, reason: str) -> None:
    """Another person approves. Raises ``CommandError``."""
    found = caller.ask(role, "POST", f"{_of(batch_no)}/disposal", as_json({"reason": reason}))
    _say(told(found["items"][-1]))


def approve(caller: Caller, role: str, batch_no: str) -> None:
    """The keys are gone with it. Raises ``CommandError``."""
    found = caller.ask(role, "POST", f"{_of(batch_no)}/disposal/approved")
    _say(told(found["items"][-1]))


def certificate(caller: Caller, role: str, batch_no: str, nth: int, out: Path) -> None:
    """The certificate of a batch's nth disposal, into a file. Raises ``CommandError``."""
    answer = caller.call(role, "GET", f"{_of(batch_no)}/disposal/{nth}.pdf")
    answer.require()
    try:
        out.write_bytes(answer.body)
    except OSError as error:
        raise CommandError(f"写不了文件 {out}：{error.strerror}。", exit_code=2) from None
    _say(f"已取出证据销毁证明：{out}")


def told(disposal: dict[str, Any]) -> str:
    """A disposal in a sentence, with the number of its certificate once it is approved."""
    proposed = (
        f"{_who(disposal['proposed_by'])}于{_at(disposal['proposed_at'])}提出处置：{disposal['reason']}"
    )
    if disposal["approved_at"] is None:
        return f"{proposed}；等另一人批准。"
    approved = f"{_who(disposal['approved_by'])}于{_at(disposal['approved_at'])}批准，密钥已销毁"
    return f"{proposed}；{approved}。证据销毁证明：{disposal['number']}，{disposal['certificate']}"


def _of(batch_no: str) -> str:
    return f"{path_of(batch_no)}/evidence"


def _who(actor: dict[str, str]) -> str:
    return f"{actor['name']}（{ROLES[Role(actor['role'])]}）"


def _at(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _say(words: str) -> None:
    new_console().print(words, markup=False)
