"""The usual way: one update and one activity per step, and nothing more."""

from datetime import timedelta
from typing import Any

from temporalio import workflow


@workflow.defn(name="PlainBatch")
class PlainBatch:
    """Ends after so many steps."""

    def __init__(self) -> None:
        self._done = 0

    @workflow.run
    async def run(self, steps: int) -> int:
        await workflow.wait_condition(lambda: self._done >= steps and workflow.all_handlers_finished())
        return self._done

    @workflow.update
    async def step(self, step: dict[str, Any]) -> bool:
        kept: bool = await workflow.execute_activity(
            "keep", step, start_to_close_timeout=timedelta(seconds=15)
        )
        self._done += 1
        return kept


@workflow.defn(name="BareTimer")
class BareTimer:
    """As long as an objection window, and nothing in it."""

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(days=15))
