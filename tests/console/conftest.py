"""The desk on real PostgreSQL and Temporal: people signed in, and an installation on an empty database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from settings import Settings
from tests.api.builders import running
from tests.console.visitors import Visitor, at_the_desk


@pytest.fixture
def alone(database_url: str, tmp_path: Path) -> Settings:
    """Of an installation on an empty database; Temporal is away and is not missed."""
    return Settings(home=tmp_path, database_url=database_url, temporal_address="127.0.0.1:9")


@pytest.fixture
async def house(engine: AsyncEngine, alone: Settings) -> AsyncIterator[FastAPI]:  # noqa: ARG001 (empty)
    """Its application."""
    async with running(alone) as application:
        yield application


@pytest.fixture
async def clerk(app: FastAPI) -> AsyncIterator[Visitor]:
    """An officer at the desk."""
    async with at_the_desk(app, Role.OFFICER) as visitor:
        yield visitor


@pytest.fixture
async def head(app: FastAPI) -> AsyncIterator[Visitor]:
    """A supervisor at the desk."""
    async with at_the_desk(app, Role.SUPERVISOR) as visitor:
        yield visitor


@pytest.fixture
async def leader(app: FastAPI) -> AsyncIterator[Visitor]:
    """An approver at the desk."""
    async with at_the_desk(app, Role.APPROVER) as visitor:
        yield visitor
