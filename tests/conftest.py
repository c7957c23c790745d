"""The real parts the tests run on: one PostgreSQL and one Temporal server with time skipping per session."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from local.embedded.parts import EmbeddedPostgres, EmbeddedTemporal, start_postgres, start_temporal
from local.embedded.ports import free_port
from local.settle import settle
from store.engine import make_engine
from store.schema import metadata
from temporal.payloads import DATA_CONVERTER
from tests.application import (  # noqa: F401 (fixtures)
    anybody,
    app,
    elsewhere_app,
    empty_app,
    lab,
    migrated,
    officer,
    settings,
    supervisor,
    tokens,
    working,
)
from tests.databases import Addresses, create

# A busy machine fails no example for the time it took.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_STAY = {"counters", "calendar_arrangements"}


@pytest.fixture(scope="session", autouse=True)
def evidence_keys() -> Iterator[Path]:
    """The root keys of evidence, of stacks that tests start as well: never the tester's own."""
    with (
        tempfile.TemporaryDirectory(prefix="choujian-keys-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("CHOUJIAN_EVIDENCE_KEYS", folder)
        yield Path(folder)


@pytest.fixture(scope="session")
def stack_folder() -> Iterator[Path]:
    """Not pytest's own temporary folder: its path is too long for a Unix socket, and closed to others."""
    with tempfile.TemporaryDirectory(prefix="choujian-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(stack_folder: Path) -> Iterator[EmbeddedPostgres]:
    postgres = start_postgres(stack_folder)
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
def addresses(postgres: EmbeddedPostgres) -> Addresses:
    """Of the empty database ``choujian``, as each of its roles; whoever needs tables migrates it."""
    return Addresses(postgres.url)


@pytest.fixture(scope="session")
def postgres_url(addresses: Addresses) -> str:
    """As the services connect to it; all but the making of databases is tested with their rights."""
    return addresses.service


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
    return await Client.connect(temporal_env.address, data_converter=DATA_CONVERTER)


@pytest.fixture(scope="session")
async def skipper(temporal_client: Client) -> TimeSkipper:
    """Start workflows with ``skipper.client``, then ``await skipper.fast_forward(handle, timedelta(…))``.

    Until then time passes as it does outside: nothing is skipped behind a test's back.
    """
    return TimeSkipper(temporal_client, config=TimeSkippingConfig(enabled=False))


@pytest.fixture(scope="session")
async def clean(addresses: Addresses) -> Addresses:
    """Of a migrated database of its own, for tests that want their tables empty."""
    return await create(addresses)


@pytest.fixture(scope="session")
async def clean_database(clean: Addresses) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(clean.service)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def superuser(clean: Addresses) -> AsyncIterator[AsyncEngine]:
    """The same database to somebody who may do anything in it."""
    engine = make_engine(clean.superuser, pool_size=2)
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(clean_database: AsyncEngine, superuser: AsyncEngine) -> AsyncEngine:
    """Migrated once, emptied before each test; has a service's rights.

    Batch numbers go on, and arrangements stay: a worker keeps each only once.
    """
    tables = [table.name for table in reversed(metadata.sorted_tables) if table.name not in _STAY]
    async with superuser.begin() as connection:
        # Triggers keep the record append-only; a superuser's replica session is the way past them.
        await connection.execute(text("set local session_replication_role = replica"))
        for table in tables:
            await connection.execute(text(f"delete from {table}"))
    return clean_database


@pytest.fixture(scope="session")
def database_url(clean: Addresses) -> str:
    """The address of the database that ``engine`` speaks to."""
    return clean.service


def pytest_unconfigure() -> None:
    """The last hook: the event loop is closed, the interpreter is about to end."""
    settle()
