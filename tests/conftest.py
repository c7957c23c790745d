"""The real parts the tests run on: one PostgreSQL and one Temporal server with time skipping per session."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from local.embedded import EmbeddedTemporal, start_temporal
from local.ports import free_port
from local.postgres import start_postgres
from local.settle import settle


@pytest.fixture(scope="session")
def stack_folder() -> Iterator[Path]:
    """Not pytest's own temporary folder: its path is too long for a Unix socket, and closed to others."""
    with tempfile.TemporaryDirectory(prefix="choujian-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_url(stack_folder: Path) -> Iterator[str]:
    """SQLAlchemy URL (asyncpg) of an empty database ``choujian``; whoever needs tables migrates it."""
    postgres = start_postgres(stack_folder)
    yield postgres.url
    postgres.stop()


@pytest.fixture(scope="session")
def temporal_env(stack_folder: Path) -> Iterator[EmbeddedTemporal]:
    """A dev server with time skipping allowed; its state is in memory."""
    log = stack_folder / "logs" / "temporal.log"
    temporal = start_temporal(None, free_port(), None, time_skipping=True, log=log)
    yield temporal
    temporal.stop()


@pytest.fixture(scope="session")
def temporal_port(temporal_env: EmbeddedTemporal) -> int:
    return int(temporal_env.address.rpartition(":")[2])


@pytest.fixture(scope="session")
async def temporal_client(temporal_env: EmbeddedTemporal) -> Client:
    """Speaks pydantic; workflows started with it keep real time, see ``skipper``."""
    return await Client.connect(temporal_env.address, data_converter=pydantic_data_converter)


@pytest.fixture(scope="session")
async def skipper(temporal_client: Client) -> TimeSkipper:
    """Start workflows with ``skipper.client``, then ``await skipper.fast_forward(handle, timedelta(…))``.

    Until then time passes as it does outside: nothing is skipped behind a test's back.
    """
    return TimeSkipper(temporal_client, config=TimeSkippingConfig(enabled=False))


def pytest_unconfigure() -> None:
    """The last hook: the event loop is closed, the interpreter is about to end."""
    settle()
