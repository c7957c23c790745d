"""What the machine knows: clocks that agree, room on the disk, a backup that is not old."""

import os
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from health.report import Found, degraded, down, for_how_long, ok
from store.watched import backlog
from temporal import watching

_AGREE = timedelta(seconds=2)
_APART = timedelta(minutes=1)
_LITTLE_SHARE = 0.1
_LITTLE_BYTES = 2 * 1024**3
_NONE_BYTES = 200 * 1024**2
_BACKUP_IS_OLD = timedelta(hours=26)
# A folder of single files of a base backup can be large; the newest is among those looked at or above it.
_LOOKED_AT = 20_000


async def clocks(client: Client, engine: AsyncEngine) -> Found:
    """How far database and Temporal are from this process; which of them is wrong nobody here can tell."""
    apart: dict[str, timedelta] = {}
    clocks_to_ask: dict[str, Callable[[], Awaitable[datetime]]] = {
        "数据库": lambda: backlog.clock(engine),
        "Temporal": lambda: watching.clock(client),
    }
    for name, ask in clocks_to_ask.items():
        before = datetime.now(UTC)
        theirs = await ask()
        now = datetime.now(UTC)
        # What lies within the time the answer took is no difference.
        apart[name] = max(theirs - now, before - theirs, timedelta(0)) * (1 if theirs > now else -1)
    told = "，".join(f"{name}{_ahead(by)}" for name, by in apart.items())
    widest = max(*(abs(by) for by in apart.values()), abs(apart["数据库"] - apart["Temporal"]))
    if widest <= _AGREE:
        return ok("数据库、Temporal 和本机一致")
    do = "请在每台机器上启用时间同步（chrony 或 systemd-timesyncd）。期限以数据库的时钟为准。"
    return (down if widest > _APART else degraded)(f"与本机相比：{told}", do)


def _ahead(by: timedelta) -> str:
    if abs(by) < timedelta(seconds=1):
        return "一致"
    return f"快{for_how_long(by)}" if by > timedelta(0) else f"慢{for_how_long(-by)}"


def disk(folder: Path) -> Found:
    """Blocks where the folder does not answer."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(there)
    told = f"{there} 还有 {usage.free / 1024**3:.1f} GB（{usage.free / usage.total:.0%}）"
    do = "请清理或扩大磁盘：写满后数据库停止受理。"
    if usage.free < _NONE_BYTES:
        return down(told, do)
    little = usage.free < _LITTLE_BYTES or usage.free < usage.total * _LITTLE_SHARE
    return degraded(told, do) if little else ok(told)


def backup(place: Path | None) -> Found:
    """Blocks where the place does not answer."""
    if place is None:
        return degraded(
            "不知道有没有备份：没有设置 CHOUJIAN_BACKUP",
            "请每天备份数据库（docs/health.md），并以 CHOUJIAN_BACKUP 写明备份文件或文件夹。",
        )
    do = "请检查备份任务，并试着恢复一次（docs/health.md）。"
    newest = max(_changes(place), default=None)
    if newest is None:
        return down(f"{place} 中没有备份", do)
    age = timedelta(seconds=time.time() - newest)
    told = f"最近一次在{for_how_long(age)}前"
    return degraded(told, do) if age > _BACKUP_IS_OLD else ok(told)


def _changes(place: Path) -> Iterator[float]:
    """When the files here were changed last. What cannot be read is not there; nor is what is empty, as of a
    dump that failed."""
    if place.is_file() and place.stat().st_size:
        yield place.stat().st_mtime
    left = _LOOKED_AT
    for folder, _, files in os.walk(place):
        for name in files:
            try:
                found = os.stat(os.path.join(folder, name))
            except OSError:
                continue
            if found.st_size:
                yield found.st_mtime
            left -= 1
            if left == 0:
                return
