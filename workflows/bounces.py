"""The reading of bounces: beside the relay and apart from it, so that neither waits for the other."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy


@workflow.defn(name="Bounces")
class BouncesWorkflow:
    """Reads for an hour at a time; a schedule starts it again, and never two at once."""

    @workflow.run
    async def run(self) -> int:
        # No retries: the schedule's next run is the retry. A worker that dies misses its heartbeat.
        settled: int = await workflow.execute_activity(
            "keep_reading_bounces",
            start_to_close_timeout=timedelta(hours=2),
            heartbeat_timeout=timedelta(minutes=3),
            retry_policy=RetryPolicy(maximum_attempts=1),
            summary="每分钟查看退信邮箱",
        )
        return settled
