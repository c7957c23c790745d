"""A batch's clock that is moved on: in tests and demonstrations only (CHOUJIAN_TIME_SKIPPING)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.testing._timeskipping import FastForwardConfig

from messages.names import workflow_id


def fast_forwarding(client: Client, ahead: timedelta) -> Client:
    """A client whose workflows start with their clock moved on by ``ahead``."""
    if not ahead:
        return client
    by = FastForwardConfig(id=str(uuid4()), duration=ahead)
    return TimeSkipper(client, config=TimeSkippingConfig(fast_forward_config=by)).client


async def fast_forwarded_to(client: Client, batch_no: str) -> datetime | None:
    """The clock of a batch that was fast-forwarded (tests, demonstration); None for any other."""
    try:
        description = await client.get_workflow_handle(workflow_id(batch_no)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    extended = description.raw_description.workflow_extended_info
    if not extended.HasField("time_skipping_info"):
        return None
    return extended.time_skipping_info.current_time.ToDatetime(UTC)
