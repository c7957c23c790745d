"""The relay: what did not reach Temporal the first time is sent again (DESIGN, "Ledger first")."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy


async def kept_at(activity: str, *, heartbeat: timedelta, summary: str) -> int:
    """An activity that goes on for an hour; how much it did. A schedule starts it again.

    No retries: the schedule's next run is the retry. A worker that dies misses its heartbeat.
    """
    done: int = await workflow.execute_activity(
        activity,
        start_to_close_timeout=timedelta(hours=2),
        heartbeat_timeout=heartbeat,
        retry_policy=RetryPolicy(maximum_attempts=1),
        summary=summary,
    )
    return done


@workflow.defn(name="Relay")
class RelayWorkflow:
    """Relays for an hour at a time; a schedule starts it again, and never two at once.

    An hour, so that the list of workflows in the Temporal UI is a list of batches.
    """

    @workflow.run
    async def run(self) -> int:
        return await kept_at(
            "keep_relaying",
            heartbeat=timedelta(seconds=12),
            summary="每隔几秒补发未送达流程的批次和步骤",
        )
