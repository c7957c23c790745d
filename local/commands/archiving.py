"""``choujian archive``: a case as one file, to be handed over."""

import hashlib
import os
from pathlib import Path
from urllib.parse import urlencode

from local.commands import transfers
from local.commands.batches import new_console, path_of
from local.commands.calling import Caller
from local.commands.evidence import shown
from local.commands.transfers import ApiLine
from local.errors import CommandError


def archive(caller: Caller, role: str, batch_no: str, out: Path, *, reason: str) -> None:
    """Save it whole or not at all. Raises ``CommandError``."""
    line = ApiLine(caller.settings.api_url, caller.bearer(role))
    path = f"{path_of(batch_no)}/archive.zip?{urlencode({'reason': reason})}"
    unfinished = out.with_name(f".{out.name}.part")
    taken, size = hashlib.sha256(), 0
    try:
        with unfinished.open("wb") as file, shown("取得案卷", None) as progress:

            def into(piece: bytes) -> None:
                nonlocal size
                taken.update(piece)
                size += len(piece)
                file.write(piece)

            transfers.fetch_made(line, path, into, progress)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, out)
    except OSError as error:
        raise CommandError(f"写不了文件 {out}：{error.strerror}。", exit_code=2) from None
    finally:
        unfinished.unlink(missing_ok=True)
    said = f"已取得案卷 {out}，{size:,} 字节，SHA-256 {taken.hexdigest()}；解开之后先看其中的 说明.html。"
    new_console().print(said, markup=False, soft_wrap=True)
