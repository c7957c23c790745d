"""The sweep: kept evidence is read again, so that what is missing or altered is found in time."""

from datetime import timedelta

from temporalio import workflow

from workflows.relay import kept_at


@workflow.defn(name="EvidenceSweep")
class EvidenceSweepWorkflow:
    """Reads for most of an hour; a schedule starts it each hour, and never two at once."""

    @workflow.run
    async def run(self) -> int:
        return await kept_at("sweep_evidence", heartbeat=timedelta(minutes=2), summary="重读证据，核对摘要")
