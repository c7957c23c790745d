"""The application on real PostgreSQL and real Temporal, with a worker, and callers in several roles.

Fixtures for API and console alike: one application and one worker, however many folders ask.
"""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from evidence.keyring import RootKeys
from law.vocabulary import Role
from local.embedded.parts import EmbeddedTemporal
from settings import Settings
from signing.keys import Keyring
from store.engine import make_engine
from store.migrate import upgrade
from temporal.connecting import ensure_search_attributes
from tests.api.builders import Tokens, client_of, running
from tests.databases import NUMBERS, Addresses
from worker import build_worker


@pytest.fixture(scope="session")
def settings(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, temporal_env: EmbeddedTemporal
) -> Settings:
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url=postgres_url,
        temporal_address=temporal_env.address,
        task_queue="api-tests",
        decision_timeout_seconds=10,
    )
    Keyring(settings.signing_folder).ensure("某市局")
    RootKeys(settings.evidence_keys_folder).ensure()
    return settings


def elsewhere(settings: Settings, database_url: str) -> Settings:
    """For an application on another database: its batches are nothing for the worker of the first one."""
    queue = f"of-{make_url(database_url).database}"
    return settings.model_copy(update={"database_url": database_url, "task_queue": queue})


@pytest.fixture(scope="session")
def tokens(settings: Settings) -> Tokens:
    return Tokens(settings)


@pytest.fixture(scope="session")
async def migrated(addresses: Addresses) -> AsyncIterator[AsyncEngine]:
    await upgrade(addresses.owner)
    engine = make_engine(addresses.service)
    yield engine
    async with engine.connect() as connection:
        last = await connection.execute(text("select coalesce(max(last), 0) from counters"))
        assert last.scalar_one() < NUMBERS, "a batch of the other database was put on record in this one"
    await engine.dispose()


@pytest.fixture(scope="session")
async def app(settings: Settings, migrated: AsyncEngine) -> AsyncIterator[FastAPI]:  # noqa: ARG001 (tables first)
    async with running(settings) as application:
        yield application


@pytest.fixture(scope="session")
async def elsewhere_app(
    settings: Settings,
    clean_database: AsyncEngine,  # noqa: ARG001 (tables first)
    database_url: str,
    temporal_client: Client,
) -> AsyncIterator[FastAPI]:
    await ensure_search_attributes(temporal_client)
    async with running(elsewhere(settings, database_url)) as application:
        yield application


@pytest.fixture
def empty_app(elsewhere_app: FastAPI, engine: AsyncEngine) -> FastAPI:  # noqa: ARG001 (emptied)
    """On a database of its own, empty before each test; batches are opened there, and nobody carries them."""
    return elsewhere_app


@pytest.fixture(scope="session")
async def officer(app: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, tokens.header(Role.OFFICER)) as client:
        yield client


@pytest.fixture(scope="session")
async def supervisor(app: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, tokens.header(Role.SUPERVISOR)) as client:
        yield client


@pytest.fixture(scope="session")
async def lab(app: FastAPI, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    """Staff of LAB-01."""
    async with client_of(app, tokens.header(Role.LAB)) as client:
        yield client


@pytest.fixture(scope="session")
async def anybody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Without a token."""
    async with client_of(app, {}) as client:
        yield client


@pytest.fixture(scope="session")
async def working(temporal_client: Client, migrated: AsyncEngine, settings: Settings) -> AsyncIterator[None]:
    """A worker is up."""
    await ensure_search_attributes(temporal_client)
    async with build_worker(temporal_client, migrated, settings):
        yield
