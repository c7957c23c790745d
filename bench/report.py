"""The numbers as a table for people, as JSON, and as the section of README.md that the bench writes."""

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

from bench.herd import Herd
from bench.history import Length
from bench.letters import Pressed
from bench.load import Speed
from bench.memory import Memory

_README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- numbers: written by python -m bench --write -->", "<!-- end of numbers -->"
_LEAST_WIDTH = 120
_LEAST_RATIO, _MOST_LONE_MS, _MOST_EVENTS, _MOST_MIB = 1.0, 50.0, 90, 500.0


@dataclass(frozen=True)
class Speeds:
    """Measured on a stack as it is deployed; None for what was left out."""

    in_flight: int
    steps_per_batch: int
    product: Speed
    plain: Speed
    rounds: tuple[tuple[float, float], ...]
    decided_later: int
    cpu_ms_per_step: dict[str, dict[str, float]]
    lone_product: Speed
    lone_plain: Speed
    memory: Memory | None

    @property
    def ratio(self) -> float:
        return self.product.batches_per_second / self.plain.batches_per_second


@dataclass(frozen=True)
class Skipped:
    """Measured on a stack whose batches may be fast-forwarded."""

    silent: Length
    silent_by_announcement: Length
    replays_per_second: float
    herd: Herd | None


@dataclass(frozen=True)
class Numbers:
    """All that one run measured."""

    speeds: Speeds
    skipped: Skipped
    letters: Pressed | None
    seconds: float


def rows(numbers: Numbers) -> Iterable[tuple[str, str, str, str]]:
    """What, the product's number, the plain way's, and the aim with whether it was met."""
    speeds, skipped = numbers.speeds, numbers.skipped
    product, plain = speeds.product, speeds.plain
    yield (
        f"batches/s, {speeds.in_flight} in flight",
        f"{product.batches_per_second:.2f}",
        f"{plain.batches_per_second:.2f}",
        _judged(f"ratio ≥ {_LEAST_RATIO}: {speeds.ratio:.2f}", speeds.ratio >= _LEAST_RATIO),
    )
    yield "steps/s", f"{product.steps_per_second:.0f}", f"{plain.steps_per_second:.0f}", ""
    yield "decided step, p50", f"{product.p50_ms:.0f} ms", f"{plain.p50_ms:.0f} ms", ""
    yield "decided step, p99", f"{product.p99_ms:.0f} ms", f"{plain.p99_ms:.0f} ms", ""
    lone, lone_plain = speeds.lone_product, speeds.lone_plain
    aim = _judged(f"< {_MOST_LONE_MS:.0f} ms", lone.p50_ms < _MOST_LONE_MS)
    yield "lone step, p50", f"{lone.p50_ms:.1f} ms", f"{lone_plain.p50_ms:.1f} ms", aim
    yield "lone step, p99", f"{lone.p99_ms:.1f} ms", f"{lone_plain.p99_ms:.1f} ms", ""
    for part in ("API", "worker", "PostgreSQL", "Temporal", "asker"):
        used = [speeds.cpu_ms_per_step[side].get(part) for side in ("product", "plain")]
        ours, theirs = ("–" if ms is None else f"{ms:.1f} ms" for ms in used)
        yield f"processor per step, {part}", ours, theirs, ""
    yield (
        "history events, nonconforming, ends in silence",
        str(skipped.silent.events),
        "",
        _judged(f"≤ {_MOST_EVENTS}", skipped.silent.events <= _MOST_EVENTS),
    )
    yield (
        "the same, one notice returned and announced",
        str(skipped.silent_by_announcement.events),
        "",
        "",
    )
    yield "replays/s of that history", f"{skipped.replays_per_second:.0f}", "", ""
    if (memory := speeds.memory) is not None:
        yield (
            f"worker and API, {memory.open_batches} open batches",
            f"{memory.worker_mib:.0f} + {memory.api_mib:.0f} MiB",
            "",
            _judged(f"< {_MOST_MIB:.0f} MiB", memory.together_mib < _MOST_MIB),
        )
        yield "lone step of the batches longest at rest, p50", f"{memory.left_cache_p50_ms:.0f} ms", "", ""
    if (herd := skipped.herd) is not None:
        yield (
            f"{herd.windows} windows that close at once, decided/s",
            f"{herd.windows_per_second:.1f}",
            f"{herd.timers_per_second:.1f} (bare timers)",
            "",
        )
    if (letters := numbers.letters) is not None:
        yield f"letters/s, {letters.letters} letters", f"{letters.letters_per_second:.0f}", "", ""
        yield "a letter, p50", f"{letters.p50_ms:.0f} ms, {letters.bytes_each / 1024:.0f} KiB", "", ""
        yield (
            "memory of making them, before and after",
            f"{letters.rss_before_mib:.0f} → {letters.rss_mib:.0f} MiB",
            "",
            "",
        )


def show(numbers: Numbers) -> None:
    table = Table(title=machine(), title_justify="left")
    table.add_column("", no_wrap=True)
    for column in ("product", "plain SDK workflow"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("aim", no_wrap=True)
    for row in rows(numbers):
        table.add_row(*row)
    Console(width=max(Console().width, _LEAST_WIDTH)).print(table, *_remarks(numbers), sep="\n")


def as_json(numbers: Numbers) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(),
        "machine": machine(),
        "ratio": numbers.speeds.ratio,
    } | asdict(numbers)


def write(numbers: Numbers) -> None:
    """Replace the section of README.md between its two marks."""
    lines = [f"Measured {datetime.now(UTC).date()} on {machine()}.", ""]
    lines += ["| | product | plain SDK workflow | aim |", "|---|---:|---:|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows(numbers)]
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
    speeds = numbers.speeds
    rounds = ", ".join(f"{product:.2f} / {plain:.2f}" for product, plain in speeds.rounds)
    yield f"Rounds, product / plain, batches per second: {rounds}. {speeds.steps_per_batch} steps a batch."
    load = os.getloadavg()
    yield (
        f"{speeds.product.steps} steps each way; {speeds.decided_later} of the product's were answered 202 "
        f"first. Load average at the end {load[0]:.1f}; the run took {numbers.seconds:.0f} s."
    )
    if (herd := numbers.skipped.herd) is not None:
        minutes = 10_000 / herd.windows_per_second / 60
        yield f"At that rate 10,000 windows of one midnight are decided in {minutes:.0f} minutes."


def _judged(aim: str, met: bool) -> str:
    return f"{aim} {'✓' if met else '✗'}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return []
