"""Healthy when Temporal has lately heard from the worker in this container; the exit code says so."""

import socket
import sys
from datetime import UTC, datetime, timedelta

from local.settle import run
from settings import Settings
from temporal import connecting, watching

# A worker asks for work at least once a minute.
_LATELY = timedelta(minutes=3)


async def is_heard_of(settings: Settings) -> bool:
    client = await connecting.connect(settings)
    # The SDK's own name for a worker is "process@host", and a container is a host.
    return any(
        identity.endswith(f"@{socket.gethostname()}") and datetime.now(UTC) - asked < _LATELY
        for identity, asked in (await watching.pollers(client, settings.task_queue)).items()
    )


if __name__ == "__main__":
    sys.exit(0 if run(lambda: is_heard_of(Settings())) else 1)
