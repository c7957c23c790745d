"""Each day's checkpoint: made, and then stamped and mailed where that is configured."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=10))
_TRIED_FOR = timedelta(hours=22)


@workflow.defn(name="Checkpoint")
class CheckpointWorkflow:
    """A schedule starts it once a day; however often it runs, a day has one checkpoint.

    What could not be stamped or mailed in a day is seen to with the next day's.
    """

    @workflow.run
    async def run(self) -> None:
        await _tried("make_checkpoint", "固定全部批次记录的检查点并签名")
        # Neither waits for the other's server.
        await asyncio.gather(
            _tried("stamp_checkpoints", "请时间戳服务机构为检查点加盖时间戳"),
            _tried("mail_checkpoints", "寄出检查点"),
        )


async def _tried(activity: str, summary: str) -> None:
    await workflow.execute_activity(
        activity,
        start_to_close_timeout=timedelta(minutes=10),
        schedule_to_close_timeout=_TRIED_FOR,
        retry_policy=_RETRY,
        summary=summary,
    )
