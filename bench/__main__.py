"""``make bench``: one run, side by side, on a stack of its own."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from temporalio.client import Client

from bench import herd, history, letters, memory, plain, report
from bench.http import Http
from bench.load import PlayBatch, Round, Speed, play_many, together
from bench.product import FastForwarded, Product, course, steps_of
from bench.stack import Running, child, running_stack
from local.settle import run
from temporal import connecting

_COURSE = "accepted_expressly"
_WARM_UP_BATCHES = 20
_SETTLE_SECONDS = 2.0
_SIDES = ("product", "plain")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    in_flight: int
    batches: int
    rounds: int
    lone: int
    replays: int
    open_batches: int
    letters: int
    windows: int


_say: Callable[[str], None] = Console(stderr=True, style="dim", highlight=False).print


async def with_time_skipped(running: Running, size: Size) -> report.Skipped:
    """What takes weeks in life: a history from order to closing, and windows that close."""
    settings = running.settings
    client = await connecting.connect(settings)
    async with Http(settings.api_port) as http:
        product = Product(http, settings)
        _say("history of a batch that ends in silence")
        table = FastForwarded(product, settings, client)
        silent = await history.history_of(table, product, history.SILENT)
        announced = await history.history_of(table, product, history.SILENT_BY_ANNOUNCEMENT)
        await table.dispose()
        _say("replaying it")
        replays = await history.replays_per_second(silent, size.replays)
        ended = None
        if size.windows:
            _say(f"{size.windows} windows that close at once, and as many timers")
            ended = await herd.drained(product, settings, client, size.windows)
    return report.Skipped(history.length(silent), history.length(announced), replays, ended)


class Bench:
    """What is measured as it is deployed, side by side with the plain way."""

    def __init__(self, running: Running, plain_worker: psutil.Process, size: Size) -> None:
        self._running = running
        self._plain_worker = plain_worker
        self._size = size

    async def measure(self) -> report.Speeds:
        settings, size = self._running.settings, self._size
        plain_client = await Client.connect(settings.temporal_target, namespace=settings.temporal_namespace)
        acts = steps_of(course(_COURSE))
        async with Http(settings.api_port) as http:
            product = Product(http, settings)
            plain_side = plain.Plain(plain_client)
            sides: dict[str, PlayBatch] = {
                "product": lambda: product.play(acts),
                "plain": lambda: plain_side.play(acts),
            }
            _say("warming up")
            for play in sides.values():
                await play_many(play, _WARM_UP_BATCHES, 5)
            product.decided_later = 0
            lone = await self._lone(sides)
            speeds, rounds, cpu = await self._in_flight(sides)
            later = product.decided_later
            held = None
            if size.open_batches:
                _say(f"opening {size.open_batches} batches")
                held = await memory.with_open_batches(self._running, product, size.open_batches)
        return report.Speeds(
            in_flight=size.in_flight,
            steps_per_batch=len(acts),
            product=speeds["product"],
            plain=speeds["plain"],
            rounds=rounds,
            decided_later=later,
            cpu_ms_per_step=cpu,
            lone_product=lone["product"],
            lone_plain=lone["plain"],
            memory=held,
        )

    async def _lone(self, sides: dict[str, PlayBatch]) -> dict[str, Speed]:
        """One batch at a time and nothing else going on, turn and turn about."""
        _say("lone steps")
        rounds: dict[str, list[Round]] = {side: [] for side in sides}
        for _ in range(self._size.lone):
            for side, play in sides.items():
                rounds[side].append(await play_many(play, 1, 1))
        return {side: together(played) for side, played in rounds.items()}

    async def _in_flight(
        self, sides: dict[str, PlayBatch]
    ) -> tuple[dict[str, Speed], tuple[tuple[float, float], ...], dict[str, dict[str, float]]]:
        """Rounds of many batches, turn and turn about; and the processor time of each part."""
        rounds: dict[str, list[Round]] = {side: [] for side in sides}
        used: dict[str, dict[str, float]] = {side: {} for side in sides}
        for number in range(self._size.rounds):
            for side, play in sides.items():
                await asyncio.sleep(_SETTLE_SECONDS)
                before = self._cpu_seconds(side)
                played = await play_many(play, self._size.batches, self._size.in_flight)
                for part, seconds in self._cpu_seconds(side).items():
                    used[side][part] = used[side].get(part, 0.0) + seconds - before[part]
                rounds[side].append(played)
                _say(f"round {number + 1}, {side}: {together([played]).batches_per_second:.2f} batches/s")
        speeds = {side: together(played) for side, played in rounds.items()}
        per_step = {
            side: {part: seconds * 1000 / speeds[side].steps for part, seconds in parts.items()}
            for side, parts in used.items()
        }
        pairs = zip(rounds["product"], rounds["plain"], strict=True)
        return speeds, tuple((a.batches / a.seconds, b.batches / b.seconds) for a, b in pairs), per_step

    def _cpu_seconds(self, side: str) -> dict[str, float]:
        parts = self._running.cpu_seconds() | {"asker": time.process_time()}
        if side == "plain":
            times = self._plain_worker.cpu_times()
            parts |= {"worker": times.user + times.system}
            del parts["API"]
        return parts


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    in_flight: Annotated[int, typer.Option(help="batches in flight")] = 50,
    batches: Annotated[int, typer.Option(help="batches a round, each way")] = 150,
    rounds: Annotated[int, typer.Option(help="rounds, each way")] = 3,
    lone: Annotated[int, typer.Option(help="batches for the lone step, each way")] = 10,
    replays: Annotated[int, typer.Option(help="replays of one history")] = 100,
    open_batches: Annotated[int, typer.Option("--open", help="open batches for the memory; 0: none")] = 2000,
    letters_made: Annotated[int, typer.Option("--letters", help="letters to make; 0: none")] = 1000,
    windows: Annotated[int, typer.Option(help="windows that close at once; 0: none")] = 300,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the numbers there too")] = None,
    write: Annotated[bool, typer.Option("--write", help="bring bench/README.md up to date")] = False,
) -> None:
    """Measure the product against a plain SDK workflow (bench/README.md)."""
    # Whoever ends the bench ends its stack with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    size = Size(in_flight, batches, rounds, lone, replays, open_batches, letters_made, windows)
    began = time.perf_counter()
    with running_stack(time_skipping=True) as running, child("bench.plain", running, plain.READY):
        skipped = run(lambda: with_time_skipped(running, size))
    with (
        running_stack(time_skipping=False) as running,
        child("bench.plain", running, plain.READY) as plain_worker,
    ):
        speeds = run(lambda: Bench(running, plain_worker, size).measure())
    made = None
    if size.letters:
        _say(f"making {size.letters} letters")
        made = letters.pressed(size.letters)
    numbers = report.Numbers(speeds, skipped, made, time.perf_counter() - began)
    report.show(numbers)
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_json(numbers), ensure_ascii=False, indent=2), "utf-8")
    if write:
        report.write(numbers)


if __name__ == "__main__":
    app()
