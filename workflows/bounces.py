"""The reading of bounces: beside the relay and apart from it, so that neither waits for the other."""

from datetime import timedelta

from temporalio import workflow

from workflows.relay import kept_at


@workflow.defn(name="Bounces")
class BouncesWorkflow:
    """Reads for an hour at a time; a schedule starts it again, and never two at once."""

    @workflow.run
    async def run(self) -> int:
        return await kept_at(
            "keep_reading_bounces", heartbeat=timedelta(minutes=3), summary="每分钟查看退信邮箱"
        )
