"""A running stack for commands: a worker and a listening API on the tests' PostgreSQL and Temporal."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from evidence.keyring import RootKeys
from local.commands.serving import serve_api
from local.commands.tokens import ensure_keys
from local.embedded.parts import EmbeddedTemporal
from local.embedded.ports import free_port
from settings import Settings
from temporal.connecting import ensure_search_attributes
from worker import build_worker


@pytest.fixture
def settings(tmp_path: Path, database_url: str, temporal_env: EmbeddedTemporal) -> Settings:
    ensure_keys(tmp_path)
    made = Settings(
        home=tmp_path,
        api_port=free_port(),
        database_url=database_url,
        temporal_address=temporal_env.address,
        task_queue=f"local-{tmp_path.name}",
        time_skipping=True,
    )
    RootKeys(made.evidence_keys_folder).ensure()
    return made


@pytest.fixture
async def stack(settings: Settings, engine: AsyncEngine, temporal_client: Client) -> AsyncIterator[None]:
    await ensure_search_attributes(temporal_client)
    stop = asyncio.Event()
    async with build_worker(temporal_client, engine, settings):
        serving = asyncio.create_task(serve_api(settings, stop))
        async with httpx.AsyncClient(trust_env=False) as anybody:
            async with asyncio.timeout(60):
                while not await _answers(anybody, settings):
                    assert not serving.done(), "the API has ended: is its port taken?"
                    await asyncio.sleep(0.1)
        yield
        stop.set()
        assert await serving


async def _answers(anybody: httpx.AsyncClient, settings: Settings) -> bool:
    try:
        url = f"http://127.0.0.1:{settings.api_port}/health/ready"
        return (await anybody.get(url)).status_code == 200
    except httpx.TransportError:
        return False
