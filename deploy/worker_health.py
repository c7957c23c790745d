"""Healthy when Temporal has lately heard from the worker in this container; the exit code says so."""

import socket
import sys
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from local.settle import run
from settings import Settings
from temporal import connecting

# A worker asks for work at least once a minute.
_LATELY = timedelta(minutes=3)


async def is_heard_of(settings: Settings) -> bool:
    client = await connecting.connect(settings)
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=settings.temporal_namespace,
            task_queue=TaskQueue(name=settings.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    # The SDK's own name for a worker is "process@host", and a container is a host.
    return any(
        poller.identity.endswith(f"@{socket.gethostname()}")
        and datetime.now(UTC) - poller.last_access_time.ToDatetime(UTC) < _LATELY
        for poller in described.pollers
    )


if __name__ == "__main__":
    sys.exit(0 if run(lambda: is_heard_of(Settings())) else 1)
