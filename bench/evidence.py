"""Files coming in: how fast beside ``cp`` and ``openssl enc``, at what cost in memory, and to whom.

Alone, on a stack of its own: ``python -m bench.evidence 1024``.
"""

import asyncio
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from bench.http import Http
from bench.load import Round, percentile, play_many, timed
from bench.product import Product, course, steps_of
from bench.stack import Running, resident_bytes, running_stack
from law.vocabulary import Role
from local.commands import transfers
from local.commands.tokens import issue
from local.commands.transfers import ApiLine
from local.settle import run

_MIB = 1024 * 1024
_PICTURE = b"\x89PNG\r\n\x1a\n"
_ROUNDS = 3
_AT_ONCE = 10
_UPLOADED_MIB = 256
_COURSE = "accepted_expressly"
_WARM_UP_BATCHES = 3
_SETTLE_SECONDS = 2.0
_LOOK_SECONDS = 0.02
_LAST = 19
_NO_KEY = ("-K", "00" * 32, "-iv", "00" * 16)
# openssl's command has no GCM; CTR is what GCM costs without its tag.
_COMMANDS: dict[str, tuple[str, ...]] = {
    "cp": ("cp", "{source}", "{target}"),
    "openssl": ("openssl", "enc", "-aes-256-ctr", *_NO_KEY, "-in", "{source}", "-out", "{target}"),
}


@dataclass(frozen=True)
class Evidence:
    """``mb_per_second`` by way; a step's ``p50_ms`` alone and beside so many uploads ``at_once``.

    ``to_openssl`` and ``slower`` are medians of the rounds' ratios, ``memory_mib`` is above the API's rest.
    """

    mib: int
    mb_per_second: dict[str, float]
    to_openssl: float
    memory_mib: float
    at_once: int
    alone_p50_ms: float
    beside_p50_ms: float
    slower: float
    uploaded_mb_per_second: float


async def measured(running: Running, mib: int, batches: int, say: Callable[[str], None]) -> Evidence:
    """One file of so many MiB each way, in turn; then steps of so many lone batches."""
    with tempfile.TemporaryDirectory(prefix="choujian-bench-") as name:
        folder = Path(name)
        file = _written(folder / "recording.png", mib)
        async with Http(running.settings.api_port) as http:
            product = Product(http, running.settings)
            batch_no = await product.open()
            line = _line(running, "uploader")
            small = _written(folder / "small.png", 1)
            await asyncio.to_thread(_upload, line, batch_no, small)
            say(f"{_ROUNDS} uploads of {mib} MiB, beside cp and openssl")
            rates, memory = await asyncio.to_thread(_rates, running, line, file, batch_no)
            say(f"steps alone, and beside {_AT_ONCE} uploads")
            await _played(product, _WARM_UP_BATCHES)
            beside_file = _written(folder / "beside.png", _UPLOADED_MIB)
            # Each time other people: what those before had begun is not whole, and so many are allowed.
            lines = [_line(running, f"uploader-{turn}") for turn in range(_ROUNDS)]
            steps = [await _turn(product, line, batch_no, beside_file, batches) for line in lines]
    ratios = (ours / theirs for ours, theirs in zip(rates["upload"], rates["openssl"], strict=True))
    return Evidence(
        mib=mib,
        mb_per_second={way: statistics.median(of) for way, of in rates.items()},
        to_openssl=statistics.median(ratios),
        memory_mib=memory / _MIB,
        at_once=_AT_ONCE,
        alone_p50_ms=percentile([taken for turn in steps for taken in turn.alone], 50) * 1000,
        beside_p50_ms=percentile([taken for turn in steps for taken in turn.beside], 50) * 1000,
        slower=statistics.median(turn.slower for turn in steps),
        uploaded_mb_per_second=statistics.median(turn.uploaded for turn in steps),
    )


@dataclass(frozen=True)
class _Turn:
    """The seconds of each step, and MB/s of the uploads beside them."""

    alone: tuple[float, ...]
    beside: tuple[float, ...]
    uploaded: float

    @property
    def slower(self) -> float:
        return percentile(self.beside, 50) / percentile(self.alone, 50)


async def _turn(product: Product, line: ApiLine, batch_no: str, file: Path, batches: int) -> _Turn:
    """Steps of lone batches, with nothing beside them, and then beside the uploads."""
    alone = await _played(product, batches)
    with _uploading(line, batch_no, file) as uploaded:
        await asyncio.sleep(_SETTLE_SECONDS)
        began, before = time.perf_counter(), uploaded()
        beside = await _played(product, batches)
        rate = (uploaded() - before) / (time.perf_counter() - began) / 1e6
    await asyncio.sleep(_SETTLE_SECONDS)
    return _Turn(alone.steps, beside.steps, rate)


def _line(running: Running, subject: str) -> ApiLine:
    return ApiLine(running.settings.api_url, issue(running.settings, Role.OFFICER.value, subject=subject))


def _rates(running: Running, line: ApiLine, file: Path, batch_no: str) -> tuple[dict[str, list[float]], int]:
    """MB/s of each way in each round, and what the API needed above its rest, at most.

    What an upload leaves is kept, so each of the others leaves its file as well: written over memory that
    a file just deleted has freed, the same copy takes a third of the time.
    """
    rates: dict[str, list[float]] = {"upload": [], **{name: [] for name in _COMMANDS}}
    targets: list[Path] = []
    most = 0
    for turn in range(_ROUNDS):
        with _watched(running.process("API")) as needed:
            rates["upload"].append(_rate(file, partial(_upload, line, batch_no, file)))
        most = max(most, needed())
        for name, command in _COMMANDS.items():
            targets.append(file.with_suffix(f".{name}-{turn}"))
            argv = [word.format(source=file, target=targets[-1]) for word in command]
            rates[name].append(_rate(file, partial(subprocess.run, argv, check=True)))
        # The digest was not on record before: each round's file is another.
        _changed(file)
    for target in targets:
        target.unlink()
    return rates, most


async def _played(product: Product, batches: int) -> Round:
    acts = steps_of(course(_COURSE))

    async def one() -> list[float]:
        return await timed(product, await product.open(), acts)

    return await play_many(one, batches, 1)


@contextmanager
def _uploading(line: ApiLine, batch_no: str, file: Path) -> Iterator[Callable[[], int]]:
    """Files come in from another process without a pause; gives how many bytes have been sent by now.

    In life those who send are other machines: here they take what processor nobody else wants.
    """
    context = multiprocessing.get_context("spawn")
    sent = context.Array("q", _AT_ONCE)
    process = context.Process(target=_upload_on, args=(line, batch_no, file, sent), daemon=True)
    process.start()
    try:
        yield lambda: sum(sent[:])
    finally:
        process.kill()
        process.join()


def _upload_on(line: ApiLine, batch_no: str, file: Path, sent: Any) -> None:
    os.nice(_LAST)
    threads = [
        threading.Thread(target=_upload_again_and_again, args=(line, batch_no, file, sent, number))
        for number in range(_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _upload_again_and_again(line: ApiLine, batch_no: str, file: Path, sent: Any, number: int) -> None:
    """The batch has it already after the first time: nothing piles up on the disk."""
    whole = 0
    while True:

        def progress(done: int, whole: int = whole) -> None:
            sent[number] = whole + done

        _upload(line, batch_no, file, progress)
        whole += file.stat().st_size


def _upload(line: ApiLine, batch_no: str, file: Path, progress: transfers.Progress = lambda _: None) -> None:
    metadata = {"filename": file.name, "batch_no": batch_no}
    transfers.send(line, transfers.begin(line, file.stat().st_size, metadata), file, progress)


@contextmanager
def _watched(process: psutil.Process) -> Iterator[Callable[[], int]]:
    """The most memory that a process has needed above what it had, once the block has ended."""
    before, most, stopped = resident_bytes(process), 0, threading.Event()

    def look() -> None:
        nonlocal most
        while not stopped.wait(_LOOK_SECONDS):
            most = max(most, resident_bytes(process) - before)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield lambda: most
    finally:
        stopped.set()
        looking.join()


def _rate(file: Path, do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return file.stat().st_size / (time.perf_counter() - began) / 1e6


def _written(path: Path, mib: int) -> Path:
    with path.open("wb") as file:
        file.write(_PICTURE)
        file.write(os.urandom(_MIB - len(_PICTURE)))
        for _ in range(mib - 1):
            file.write(os.urandom(_MIB))
    return path


def _changed(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(len(_PICTURE))
        file.write(os.urandom(8))


if __name__ == "__main__":
    with running_stack(time_skipping=False) as _running:
        _mib = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
        print(asdict(run(lambda: measured(_running, _mib, 4, print))))
