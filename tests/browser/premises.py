"""The whole installation as staff reach it in their browsers, and everybody at their desks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from playwright.async_api import Browser, ViewportSize
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from evidence.keyring import RootKeys
from law.vocabulary import Role
from local.commands.tokens import issue
from local.embedded.parts import EmbeddedTemporal
from local.embedded.ports import free_port
from settings import Settings
from signing.keys import Keyring
from store.engine import make_engine
from temporal.connecting import ensure_search_attributes
from tests.api.builders import PEOPLE, Tokens
from tests.browser.clerk import Office, signed_in
from tests.browser.serving import DESKTOP, served
from tests.databases import Addresses, create
from worker import build_worker


@pytest.fixture(scope="session")
async def desk_settings(
    addresses: Addresses, temporal_env: EmbeddedTemporal, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    made = await create(addresses)
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        api_port=free_port(),
        database_url=made.service,
        temporal_address=temporal_env.address,
        task_queue="desk-tests",
        time_skipping=True,
    )
    Keyring(settings.signing_folder).ensure("某市局")
    RootKeys(settings.evidence_keys_folder).ensure()
    Tokens(settings)
    return settings


@pytest.fixture(scope="session")
async def desk_engine(desk_settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(desk_settings.database_url or "")
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def desk(
    desk_settings: Settings, desk_engine: AsyncEngine, temporal_client: Client
) -> AsyncIterator[str]:
    """Worker and API are up; gives the address."""
    await ensure_search_attributes(temporal_client)
    async with build_worker(temporal_client, desk_engine, desk_settings), served(desk_settings):
        yield f"http://127.0.0.1:{desk_settings.api_port}"


@pytest.fixture(scope="session")
async def everybody(
    desk: str,  # noqa: ARG001 (it is up)
    desk_settings: Settings,
    desk_engine: AsyncEngine,
    chromium: Browser,
    skipper: TimeSkipper,
) -> AsyncIterator[Office]:
    """Of each role somebody at a desktop."""
    async with office(desk_settings, desk_engine, chromium, skipper, DESKTOP, scripts=True) as people:
        yield people


@asynccontextmanager
async def office(
    settings: Settings,
    engine: AsyncEngine,
    chromium: Browser,
    skipper: TimeSkipper,
    size: ViewportSize,
    *,
    scripts: bool,
) -> AsyncIterator[Office]:
    """Everybody at their desks."""
    address = f"http://127.0.0.1:{settings.api_port}"
    tokens = {role: issue(settings, role, subject=f"{role}-desk") for role in PEOPLE}
    contexts = {
        role: await chromium.new_context(java_script_enabled=scripts, viewport=size) for role in PEOPLE
    }
    pages = {
        role: await signed_in(context, engine, address, role, "LAB-01" if role is Role.LAB else None)
        for role, context in contexts.items()
    }
    async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as api:
        yield Office(api, tokens, skipper, engine, address, pages)
    for context in contexts.values():
        await context.close()
