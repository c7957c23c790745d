"""The public site, to somebody without a token."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from settings import Settings
from tests.api.builders import client_of, running


@pytest.fixture(scope="session")
async def site_app(
    clean_database: AsyncEngine,  # noqa: ARG001 (tables first)
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[FastAPI]:
    """Temporal is away and is not missed."""
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        database_url=database_url,
        temporal_address="127.0.0.1:9",
        public_url="https://jianguan.example.cn",
    )
    async with running(settings) as application:
        yield application


@pytest.fixture
async def site(site_app: FastAPI, engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001 (emptied)
    """The site to somebody without a token."""
    async with client_of(site_app, {}) as client:
        yield client
