"""The one place that runs an event loop to its end in processes that may have used ``temporalio``.

On Python 3.11 such a process aborts or segfaults at interpreter exit in about one run of four, after its
work is done; half a second of settling after the loop has closed prevents it (DESIGN, "A trap").
"""

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")
_SETTLE_SECONDS = 0.5
# Objects made and not yet freed, then rounds of the younger. Batches that have left the worker's memory wait
# for the last, which comes every 600 steps or so.
_COLLECT_AFTER = (5_000, 10, 3)


def settle() -> None:
    """Let the SDK's own threads finish; does nothing in a process that never loaded the SDK."""
    if "temporalio.bridge.temporal_sdk_bridge" in sys.modules:
        time.sleep(_SETTLE_SECONDS)


def keep_what_is_loaded() -> None:
    """Collect garbage seldom, and never look at what is loaded by now: for processes that run for long.

    By default all there is, modules and the batches in memory with it, is looked at again and again: a
    twentieth of the worker's time, a third of a second at once.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def run(main: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run ``main()`` on a fresh loop (uvloop where there is one), close the loop, settle, give the result."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(main())
    finally:
        settle()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
