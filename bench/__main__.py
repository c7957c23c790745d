"""``make bench``: one run, side by side, on stacks of its own."""

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from temporalio.client import Client

from bench import desk, evidence, herd, history, letters, report, rest
from bench.http import Http
from bench.numbers import Numbers, Size, Skipped
from bench.product import FastForwarded, Product
from bench.replays import replayed
from bench.speed import Bench, Speeds
from bench.stack import Running, child, running_stack
from local.settle import run
from temporal import connecting

_SDK, _DBOS = "bench.sdk_worker", "bench.dbos_worker"

_say: Callable[[str], None] = Console(stderr=True, style="dim", highlight=False).print


async def _with_time_skipped(running: Running, size: Size) -> Skipped:
    """What takes weeks in life: a history from order to closing, and windows that close."""
    settings = running.settings
    client = await connecting.connect(settings)
    plain_client = await Client.connect(settings.temporal_target, namespace=settings.temporal_namespace)
    async with Http(settings.api_port) as http:
        product = Product(http, settings)
        _say("history of a batch that ends in silence, and of a plain one")
        table = FastForwarded(product, settings, client)
        silent = await history.history_of(table, product, history.SILENT)
        announced = await history.history_of(table, product, history.SILENT_BY_ANNOUNCEMENT)
        await table.dispose()
        plain = await history.plain_history_of(plain_client, history.SILENT)
        _say("replaying them")
        replay, plain_replay = await replayed(silent, plain, size.replays)
        ended = None
        if size.windows:
            _say(f"{size.windows} windows that close at once, and as many timers")
            ended = await herd.drained(product, settings, client, size.windows)
    return Skipped(history.length(silent), history.length(announced), replay, plain_replay, ended)


def _skipped(size: Size) -> Skipped:
    with running_stack(time_skipping=True) as running, child(_SDK, running):
        return run(lambda: _with_time_skipped(running, size))


def _at_rest(size: Size) -> rest.AtRest:
    with running_stack(time_skipping=False) as running, child(_SDK, running) as sdk:
        return run(lambda: rest.measured(running, sdk, size.open_batches, _say))


def _evidence(size: Size) -> evidence.Evidence:
    with running_stack(time_skipping=False) as running:
        return run(lambda: evidence.measured(running, size.evidence_mib, size.lone, _say))


def _desk(size: Size) -> tuple[desk.DeskPage, ...]:
    with running_stack(time_skipping=True) as running:
        return tuple(run(lambda: desk.measured(running, size.desk_batches, _say)))


def _speeds(size: Size) -> Speeds:
    with (
        running_stack(time_skipping=False) as running,
        child(_SDK, running) as sdk,
        child(_DBOS, running) as dbos,
    ):
        bench = Bench(running, {"plain": sdk, "floor": sdk, "DBOS": dbos}, _say)
        return run(
            lambda: bench.measured(
                in_flight=size.in_flight, batches=size.batches, rounds=size.rounds, lone=size.lone
            )
        )


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    in_flight: Annotated[int, typer.Option(help="batches in flight")] = 50,
    batches: Annotated[int, typer.Option(help="batches a round, each way")] = 150,
    rounds: Annotated[int, typer.Option(help="rounds, each way", min=1)] = 5,
    lone: Annotated[int, typer.Option(help="batches for the lone step, each way", min=1)] = 10,
    replays: Annotated[int, typer.Option(help="replays of each history", min=10)] = 100,
    open_batches: Annotated[
        int, typer.Option("--open", help="open batches for the memory, at least 150; 0: none at rest")
    ] = 2000,
    letters_made: Annotated[int, typer.Option("--letters", help="letters to make; 0: none")] = 1000,
    windows: Annotated[int, typer.Option(help="windows that close at once; 0: none")] = 300,
    evidence_mib: Annotated[
        int, typer.Option("--evidence", help="MiB of the file that is uploaded; 0: none")
    ] = 1024,
    desk_batches: Annotated[
        int, typer.Option("--desk", help="batches in the store of the desk's pages; 0: none")
    ] = 100_000,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the numbers there too")] = None,
    write: Annotated[bool, typer.Option("--write", help="bring bench/README.md up to date")] = False,
) -> None:
    """Measure the product beside other ways to do the same (bench/README.md)."""
    # Whoever ends the bench ends its stack with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    size = Size(
        in_flight,
        batches,
        rounds,
        lone,
        replays,
        open_batches,
        letters_made,
        windows,
        evidence_mib,
        desk_batches,
    )
    began = time.perf_counter()
    skipped = _skipped(size)
    at_rest = _at_rest(size) if open_batches else None
    speeds = _speeds(size)
    files = _evidence(size) if evidence_mib else None
    pages = _desk(size) if desk_batches else ()
    made = None
    if letters_made:
        _say(f"making {letters_made} letters")
        made = letters.pressed(letters_made)
    numbers = Numbers(speeds, skipped, at_rest, made, files, pages, time.perf_counter() - began)
    report.show(numbers)
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_json(numbers), ensure_ascii=False, indent=2), "utf-8")
    if write:
        report.write(numbers)


if __name__ == "__main__":
    app()
