"""Watch over one closed batch's evidence: for years, until its term is over and the custodian is told."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from messages.retention import RETENTION, RetentionStanding

_UNTIL_IT_WORKS = RetryPolicy(
    initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=10), maximum_attempts=0
)


@workflow.defn(name=RETENTION)
class RetentionWorkflow:
    """The record says what is to be kept how long; this one looks, again and again, and decides nothing.

    It ends with the disposal, and where the batch was taken up again; the relay starts another in its time.
    """

    @workflow.run
    async def run(self, batch_no: str) -> None:
        while True:
            standing: RetentionStanding = await workflow.execute_activity(
                "look_after_evidence",
                batch_no,
                result_type=RetentionStanding,
                start_to_close_timeout=timedelta(minutes=1),
                retry_policy=_UNTIL_IT_WORKS,
                summary="查看证据的保存期，届满的告知保管人",
            )
            if standing.ended:
                return
            await workflow.sleep(
                timedelta(seconds=standing.look_again_seconds), summary="等待证据的保存期届满"
            )
