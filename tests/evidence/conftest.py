"""A room for evidence on real PostgreSQL and a folder."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys
from evidence.objects import FolderFiles
from evidence.profiles import Profile
from evidence.room import EvidenceRoom
from tests.evidence import effects


@pytest.fixture
def room(engine: AsyncEngine, tmp_path: Path) -> EvidenceRoom:
    keys = RootKeys(tmp_path / "keys")
    keys.ensure()
    return EvidenceRoom(engine, keys, FolderFiles(tmp_path / "kept"), tmp_path / "incoming", Profile.STANDARD)


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Whoever is watched is counted."""
    effects.install(monkeypatch)
    yield monkeypatch
    effects.uninstall()


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    usual = {
        "AWS_ACCESS_KEY_ID": "one",
        "AWS_SECRET_ACCESS_KEY": "two",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in usual.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="evidence")
        yield "s3://evidence/of-the-bureau"
    server.stop()
