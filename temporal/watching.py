"""What Temporal tells of the work done on it: who asks for work, what fails, and what time it is there."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, PollWorkflowTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

# Nobody ever puts work here.
_CLOCK_QUEUE = "choujian-clock"
_POLL_FOR = timedelta(seconds=3)
_ASK_EVERY_SECONDS = 0.02


async def pollers(client: Client, task_queue: str) -> dict[str, datetime]:
    """Who asked for workflow tasks of late (minutes), and when last, by the server's clock."""
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        retry=True,
    )
    return {poller.identity: poller.last_access_time.ToDatetime(UTC) for poller in described.pollers}


async def failing_workflows(client: Client, limit: int) -> list[str]:
    """Workflows whose tasks fail again and again: the server marks them, and takes the mark away."""
    marked = client.list_workflows(
        "TemporalReportedProblems is not null and ExecutionStatus = 'Running'", limit=limit
    )
    return [execution.id async for execution in marked]


async def clock(client: Client) -> datetime:
    """The server's own clock.

    No call of Temporal's asks for it; but the server notes when it was last asked for work, and by whom. So
    we ask for work on a queue that has none, look what was noted, and take the question back.
    """
    name = f"clock-{uuid4()}"
    asking = asyncio.create_task(
        client.workflow_service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(
                namespace=client.namespace, task_queue=TaskQueue(name=_CLOCK_QUEUE), identity=name
            ),
            retry=True,
            timeout=_POLL_FOR,
        )
    )
    try:
        while True:
            await asyncio.sleep(_ASK_EVERY_SECONDS)
            if (noted := (await pollers(client, _CLOCK_QUEUE)).get(name)) is not None:
                return noted
            if asking.done():
                await asking
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError, RPCError):
            await asking
