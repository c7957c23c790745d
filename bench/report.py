"""The numbers as tables for people, as JSON, and as the section of README.md that the bench writes."""

import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.aims import aims
from bench.numbers import Numbers
from bench.speed import SIDES, Speeds

_README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- numbers: written by python -m bench --write -->", "<!-- end of numbers -->"
_LEAST_WIDTH = 120
_PARTS = ("API", "worker", "PostgreSQL", "Temporal", "asker")
_NOT_THERE = "–"


@dataclass(frozen=True)
class _Sheet:
    """A table, for the terminal and for the README."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def rich(self) -> Table:
        table = Table()
        table.add_column(self.head[0], no_wrap=True)
        for column in self.head[1:]:
            table.add_column(column, justify="right", no_wrap=True)
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> list[str]:
        lines = [self.head, ("---", *("---:" for _ in self.head[1:])), *self.rows]
        return [f"| {' | '.join(line)} |" for line in lines]


def _sheets(numbers: Numbers) -> tuple[_Sheet, ...]:
    judged = tuple(
        (aim.what, aim.product, aim.beside, aim.aim, f"{aim.reached} {'✓' if aim.met else '✗'}")
        for aim in aims(numbers)
    )
    return (
        _Sheet(("", "product", "beside it", "aim", "reached"), judged),
        _Sheet(("", *SIDES), tuple(_by_side(numbers.speeds))),
        _Sheet(("the product alone", ""), tuple(_alone(numbers))),
        _Sheet(("page of the desk", "p50", "p95", "size"), tuple(_pages(numbers))),
    )


def _by_side(speeds: Speeds) -> Iterable[tuple[str, ...]]:
    """What was measured of every side."""
    many = [speeds.many[side] for side in SIDES]
    lone = [speeds.lone[side] for side in SIDES]
    yield (
        f"batches/s, {speeds.in_flight} in flight, median",
        *(f"{of.batches_per_second:.2f}" for of in many),
    )
    ratios = (f"{speeds.ratio(side):.2f} ×" for side in SIDES[1:])
    yield "the product to it, median of the rounds", _NOT_THERE, *ratios
    yield "steps/s, median", *(f"{of.steps_per_second:.0f}" for of in many)
    yield "decided step, p50", *(f"{of.p50_ms:.0f} ms" for of in many)
    yield "decided step, p99", *(f"{of.p99_ms:.0f} ms" for of in many)
    yield "lone step, p50", *(f"{of.p50_ms:.1f} ms" for of in lone)
    yield "lone step, p99", *(f"{of.p99_ms:.1f} ms" for of in lone)
    for part in _PARTS:
        used = (speeds.cpu_ms_per_step[side].get(part) for side in SIDES)
        yield (
            f"processor per step, {part}",
            *(_NOT_THERE if ms is None else f"{ms:.1f} ms" for ms in used),
        )


def _alone(numbers: Numbers) -> Iterable[tuple[str, ...]]:
    """What has nothing beside it."""
    yield "history events, one notice returned and announced", str(numbers.skipped.announced.events)
    if (rest := numbers.at_rest) is not None:
        yield (
            f"worker and API, {rest.open_batches} open batches",
            f"{rest.worker_mib:.0f} + {rest.api_mib:.0f} MiB",
        )
    if (letters := numbers.letters) is not None:
        yield f"letters/s, {letters.letters} letters", f"{letters.letters_per_second:.0f}"
        yield "a letter, p50", f"{letters.p50_ms:.0f} ms, {letters.bytes_each / 1024:.0f} KiB"
        memory = f"{letters.rss_before_mib:.0f} → {letters.rss_mib:.0f} MiB"
        yield "memory of making them, before and after", memory


def _pages(numbers: Numbers) -> Iterable[tuple[str, ...]]:
    for page in numbers.desk:
        yield page.address, f"{page.p50_ms:.0f} ms", f"{page.p95_ms:.0f} ms", f"{page.size / 1024:.0f} KB"


def show(numbers: Numbers) -> None:
    console = Console(width=max(Console().width, _LEAST_WIDTH))
    console.print(machine(), *(sheet.rich() for sheet in _sheets(numbers)), *_remarks(numbers), sep="\n")


def as_json(numbers: Numbers) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(),
        "machine": machine(),
        "aims": [asdict(aim) for aim in aims(numbers)],
    } | asdict(numbers)


def write(numbers: Numbers) -> None:
    """Replace the section of README.md between its two marks."""
    lines = [f"Measured {datetime.now(UTC).date()} on {machine()}."]
    for sheet in _sheets(numbers):
        lines += ["", *sheet.markdown()]
    lines += ["", *(f"* {remark}" for remark in _remarks(numbers))]
    before, _, rest = _README.read_text("utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    _README.write_text("\n".join((before + _BEGIN, "", *lines, "", _END)) + after, "utf-8")


def machine() -> str:
    """Processor, cores, memory, system, Python: in one line."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{os.cpu_count()} × {cpu}, {memory:.0f} GiB, {system}, Python {platform.python_version()}"


def _remarks(numbers: Numbers) -> Iterable[str]:
    speeds, skipped = numbers.speeds, numbers.skipped
    rounds = "; ".join(f"{side} {', '.join(f'{rate:.2f}' for rate in speeds.rounds[side])}" for side in SIDES)
    yield f"Rounds, batches/s: {rounds}. {speeds.steps_per_batch} steps a batch."
    load = os.getloadavg()
    yield (
        f"{speeds.many['product'].steps} steps each way; {speeds.decided_later} of the product's were "
        f"answered 202 first. Load average at the end {load[0]:.1f}; the run took {numbers.seconds:.0f} s."
    )
    yield (
        f"Replayed were {skipped.replay.events} events, {skipped.silent.of_skipping} of them of skipping "
        f"time, beside {skipped.plain_replay.events}."
    )
    if (files := numbers.evidence) is not None:
        yield f"All uploads beside the lone steps took in {files.uploaded_mb_per_second:.0f} MB/s together."
    if (herd := skipped.herd) is not None:
        minutes = 10_000 / herd.windows_per_second / 60
        yield f"At that rate 10,000 windows of one midnight are decided in {minutes:.0f} minutes."


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return []
