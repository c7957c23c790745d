"""An installation to look at: the tests' PostgreSQL and Temporal, with nobody at work."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from health.report import HealthPart
from health.watch import Watch
from local.embedded.parts import EmbeddedTemporal
from settings import Settings


@pytest.fixture
def settings(tmp_path: Path, database_url: str, temporal_env: EmbeddedTemporal) -> Settings:
    return Settings(
        home=tmp_path,
        database_url=database_url,
        temporal_address=temporal_env.address,
        task_queue=f"health-{tmp_path.name}",
        backup=None,
    )


class Looking:
    """Looks anew each time, as somebody does who asks after some seconds."""

    def __init__(self, settings: Settings, engine: AsyncEngine) -> None:
        self._settings, self._engine = settings, engine

    async def at(self, name: str) -> HealthPart:
        watch = Watch(self._settings, self._engine)
        try:
            return next(part for part in (await watch.report()).parts if part.name == name)
        finally:
            await watch.close()

    async def status(self, name: str) -> str:
        return (await self.at(name)).status


@pytest.fixture
def look(settings: Settings, engine: AsyncEngine) -> Looking:
    return Looking(settings, engine)
