"""The application on real PostgreSQL and real Temporal, with a worker, and callers in several roles."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
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
from tests.databases import Addresses
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


@pytest.fixture(scope="session")
def tokens(settings: Settings) -> Tokens:
    return Tokens(settings)


@pytest.fixture(scope="session")
async def migrated(addresses: Addresses) -> AsyncIterator[AsyncEngine]:
    await upgrade(addresses.owner)
    engine = make_engine(addresses.service)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def app(settings: Settings, migrated: AsyncEngine) -> AsyncIterator[FastAPI]:  # noqa: ARG001 (tables first)
    async with running(settings) as application:
        yield application


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


@pytest.fixture
async def site(
    engine: AsyncEngine,  # noqa: ARG001 (tables first, and empty)
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[httpx.AsyncClient]:
    """The site to somebody without a token; Temporal is away and is not missed."""
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url=database_url,
        temporal_address="127.0.0.1:9",
        public_url="https://jianguan.example.cn",
    )
    async with running(settings) as application, client_of(application, {}) as client:
        yield client
