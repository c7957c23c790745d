"""``choujian evidence``: a file into the store, what is there, and a file out of it."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from law.calendar import SHANGHAI
from law.vocabulary import EvidenceKind, Role
from local.commands import disposing, transfers
from local.commands.batches import new_console, path_of
from local.commands.calling import Caller
from local.commands.transfers import ApiLine
from local.errors import CommandError
from messages.words import EVIDENCE

_AT_ONCE = 1024 * 1024


def add(caller: Caller, role: str, batch_no: str, file: Path, *, keeper: str | None) -> None:
    """Upload a file, from where an earlier upload of it stopped; the digest alone goes to stdout.

    Raises ``CommandError``: no such file, a refusal in the API's own words, or digests that differ.
    """
    try:
        size = file.stat().st_size
        with shown("计算摘要", size) as progress:
            digest = _digest(file, progress)
    except OSError as error:
        raise CommandError(f"读不了文件 {file}：{error.strerror}。", exit_code=2) from None
    ask, line = _as(caller, role, batch_no)
    words = Console(stderr=True, highlight=False, soft_wrap=True)
    if any(one["sha256"] == digest for one in ask(f"{path_of(batch_no)}/evidence")):
        words.print("这个文件已经入库。")
        print(digest)
        return
    earlier = [
        one for one in ask(f"{path_of(batch_no)}/evidence/uploads") if one["declared_sha256"] == digest
    ]
    if earlier:
        address = f"/evidence/uploads/{earlier[0]['upload_id']}"
        words.print(f"从断处续传：已收到 {earlier[0]['received']} 字节。")
    else:
        metadata = {"filename": file.name, "batch_no": batch_no, "sha256": digest}
        address = transfers.begin(line, size, metadata | ({"keeper": keeper} if keeper else {}))
    with shown("上传", size) as progress:
        theirs = transfers.send(line, address, file, progress)
    if theirs != digest:
        raise CommandError(f"入库的摘要 {theirs} 与本机计算的 {digest} 不符：上传期间文件是否有改动？")
    words.print("[green]已入库[/]，两边计算的摘要一致。")
    print(digest)


def show(caller: Caller, role: str, batch_no: str) -> None:
    """What is kept of a batch, its disposals, and what one has begun oneself. Raises ``CommandError``."""
    ask, _ = _as(caller, role, batch_no)
    console = new_console()
    for one in ask(f"{path_of(batch_no)}/evidence"):
        at = datetime.fromisoformat(one["received_at"]).astimezone(SHANGHAI)
        kind = EVIDENCE[EvidenceKind(one["kind"])]
        told = f"{kind} {one['size']:,} 字节，{at:%Y-%m-%d %H:%M} 入库，{one['keeper']}保管"
        told += "" if one["content"] else "，已处置"
        # The digest whole on one line, as sha256sum has it: it is what the other commands want.
        console.print(f"{one['sha256']}  {one['filename']}（{told}）", markup=False)
    for one in ask(f"{path_of(batch_no)}/evidence/disposal"):
        console.print(disposing.told(one), markup=False)
    for one in ask(f"{path_of(batch_no)}/evidence/uploads"):
        console.print(f"尚未传完：{one['filename']}，{one['received']:,}/{one['size']:,} 字节", markup=False)


def get(caller: Caller, role: str, digest: str, out: Path, *, reason: str | None) -> None:
    """A file out of the store, its digest taken again on the way. Raises ``CommandError``."""
    one = caller.ask(role, "GET", f"/evidence/{digest}")
    query = urlencode({"batch_no": one["batch_no"], **({"reason": reason} if reason else {})})
    line = ApiLine(caller.settings.api_url, caller.bearer(role))
    unfinished = out.with_name(f".{out.name}.part")
    taken = hashlib.sha256()
    try:
        with unfinished.open("wb") as file, shown("取出", one["size"]) as progress:

            def into(piece: bytes) -> None:
                taken.update(piece)
                file.write(piece)

            transfers.fetch(line, f"/evidence/{one['sha256']}/content?{query}", one["size"], into, progress)
        if taken.hexdigest() != one["sha256"]:
            raise CommandError("取出的内容与登记的摘要不符，没有保存。")
        os.replace(unfinished, out)
    except OSError as error:
        raise CommandError(f"写不了文件 {out}：{error.strerror}。", exit_code=2) from None
    finally:
        unfinished.unlink(missing_ok=True)
    new_console().print(f"已取出 {out}，摘要相符。", markup=False)


def _as(caller: Caller, role: str, batch_no: str) -> tuple[Callable[[str], list[Any]], ApiLine]:
    """Lists in that role, and the line for files; a laboratory is the batch's own."""
    laboratory = None
    if role == Role.LAB and caller.token is None:
        batch = caller.ask(Role.AUDITOR, "GET", path_of(batch_no))
        laboratory = batch["retest_laboratory"] or batch["laboratory"]

    def ask(path: str) -> list[Any]:
        items: list[Any] = caller.call(role, "GET", path, laboratory=laboratory).content["items"]
        return items

    return ask, ApiLine(caller.settings.api_url, caller.bearer(role, laboratory=laboratory))


@contextmanager
def shown(what: str, size: int | None) -> Iterator[Callable[[int], None]]:
    """Progress on stderr, where somebody watches; None: nobody knows how much it will be."""
    columns = (TextColumn(what), BarColumn(), DownloadColumn(binary_units=True), TransferSpeedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=size)
        yield lambda done: bar.update(task, completed=done)


def _digest(file: Path, progress: Callable[[int], None]) -> str:
    taken, done = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while piece := opened.read(_AT_ONCE):
            taken.update(piece)
            done += len(piece)
            progress(done)
    return taken.hexdigest()
