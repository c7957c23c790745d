"""A room for evidence on real PostgreSQL and a folder."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys
from evidence.objects import FolderFiles
from evidence.profiles import Profile
from evidence.room import EvidenceRoom


@pytest.fixture
def room(engine: AsyncEngine, tmp_path: Path) -> EvidenceRoom:
    keys = RootKeys(tmp_path / "keys")
    keys.ensure()
    return EvidenceRoom(engine, keys, FolderFiles(tmp_path / "kept"), tmp_path / "incoming", Profile.STANDARD)
