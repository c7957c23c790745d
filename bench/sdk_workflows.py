"""Workflows as they are usually written with the SDK, the least one, and a timer."""

from collections import deque
from datetime import timedelta
from typing import Any

from temporalio import workflow

_AT_MOST = timedelta(seconds=15)


@workflow.defn(name="PlainBatch")
class PlainBatch:
    """The usual way: one update and one activity a step. Ends after so many steps."""

    def __init__(self) -> None:
        self._done = 0

    @workflow.run
    async def run(self, steps: int) -> int:
        await workflow.wait_condition(lambda: self._done >= steps and workflow.all_handlers_finished())
        return self._done

    @workflow.update
    async def step(self, step: dict[str, Any]) -> bool:
        kept: bool = await workflow.execute_activity("keep", step, start_to_close_timeout=_AT_MOST)
        self._done += 1
        return kept


# Not in the SDK's sandbox: the floor is what no way of signals goes below.
@workflow.defn(name="FloorBatch", sandboxed=False)
class FloorBatch:
    """A signal and a local activity a step, and nothing else. Ends after so many steps."""

    def __init__(self) -> None:
        self._inbox: deque[dict[str, Any]] = deque()

    @workflow.run
    async def run(self, steps: int) -> int:
        for _ in range(steps):
            await workflow.wait_condition(lambda: bool(self._inbox))
            await workflow.execute_local_activity(
                "keep_and_tell", self._inbox.popleft(), start_to_close_timeout=_AT_MOST
            )
        return steps

    @workflow.signal
    def step(self, step: dict[str, Any]) -> None:
        self._inbox.append(step)


@workflow.defn(name="BareTimer")
class BareTimer:
    """As long as an objection window, and nothing in it."""

    @workflow.run
    async def run(self, seconds: float) -> None:
        await workflow.sleep(seconds)
