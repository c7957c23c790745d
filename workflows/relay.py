"""The relay: what did not reach Temporal the first time is sent again (DESIGN, "Ledger first")."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy


@workflow.defn(name="Relay")
class RelayWorkflow:
    """Relays for an hour at a time; a schedule starts it again, and never two at once.

    An hour, so that the list of workflows in the Temporal UI is a list of batches.
    """

    @workflow.run
    async def run(self) -> int:
        # No retries: the schedule's next run is the retry. A worker that dies misses its heartbeat.
        relayed: int = await workflow.execute_activity(
            "keep_relaying",
            start_to_close_timeout=timedelta(hours=2),
            heartbeat_timeout=timedelta(seconds=12),
            retry_policy=RetryPolicy(maximum_attempts=1),
            summary="每隔几秒补发未送达流程的批次和步骤",
        )
        return relayed
