"""The relay: what did not reach Temporal the first time is sent again (DESIGN, "Ledger first")."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy


@workflow.defn(name="Relay")
class RelayWorkflow:
    """Runs once; a schedule starts it every few seconds, and never two at a time."""

    @workflow.run
    async def run(self) -> int:
        # No retries: the next run of the schedule is the retry.
        relayed: int = await workflow.execute_activity(
            "relay",
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=RetryPolicy(maximum_attempts=1),
            summary="补发未送达流程的批次和步骤",
        )
        return relayed
