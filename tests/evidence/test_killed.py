"""A real API, killed again and again while it takes files in; and what it costs in memory and in time."""

import asyncio
import hashlib
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys
from local.commands import transfers
from local.commands.tokens import ensure_keys
from local.embedded.ports import free_port
from settings import Settings
from store.evidence import kept
from tests.evidence.builders import PNG
from tests.evidence.serving import Served
from tests.store.builders import open_one

pytestmark = pytest.mark.faults
MIB = 1024 * 1024
SEED = int(os.environ.get("CHOUJIAN_SEED", "14"))


@pytest.fixture
def served(tmp_path: Path, engine: AsyncEngine, database_url: str) -> Iterator[Served]:  # noqa: ARG001 (tables)
    settings = Settings(home=tmp_path, api_port=free_port(), database_url=database_url)
    ensure_keys(settings.home_dir)
    RootKeys(settings.evidence_keys_folder).ensure()
    api = Served(settings)
    api.start()
    yield api
    api.kill()


def written(path: Path, size: int) -> str:
    """A file of nobody's picture; its digest."""
    digest, left = hashlib.sha256(PNG), size - len(PNG)
    with path.open("wb") as file:
        file.write(PNG)
        while left:
            piece = os.urandom(min(MIB, left))
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
    return digest.hexdigest()


def upload(served: Served, batch_no: str, path: Path, digest: str) -> str:
    metadata = {"filename": path.name, "batch_no": batch_no, "sha256": digest}
    address = transfers.begin(served.line, path.stat().st_size, metadata)
    return transfers.send(served.line, address, path, lambda _: None)


def digest_of(served: Served, one: kept.KeptEvidence) -> str:
    taken = hashlib.sha256()
    path = f"/evidence/{one.sha256}/content"
    transfers.fetch(served.line, path, one.size, taken.update, lambda _: None)
    return taken.hexdigest()


async def test_a_file_comes_whole_however_often_the_api_is_killed(
    served: Served, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any moment of the upload: in the middle of a chunk, between the disk and the record, at the end."""
    monkeypatch.setattr(transfers, "_TRIES", 1000)
    monkeypatch.setattr(transfers, "_PAUSE_SECONDS", 0.1)
    chance = random.Random(SEED)
    batch_no = (await open_one(engine)).batch_no
    done, kills = threading.Event(), 0
    files = {}
    for number in range(4):
        path = tmp_path / f"{number}.png"
        files[path] = written(path, chance.randrange(60, 250) * MIB + chance.randrange(100_000))

    def upload_all() -> None:
        for path, digest in files.items():
            assert upload(served, batch_no, path, digest) == digest
        done.set()

    uploading = threading.Thread(target=upload_all)
    uploading.start()
    while uploading.is_alive():
        await asyncio.sleep(chance.random() * 1.2)
        if kills < 10 and not done.is_set():
            served.kill()
            kills += 1
            served.start()
    assert done.is_set(), f"seed {SEED}"
    assert kills, "it was never killed: larger files"
    found = await kept.of_batch(engine, batch_no)
    assert sorted(one.sha256 for one in found) == sorted(files.values()), f"seed {SEED}"
    for one in found:
        assert digest_of(served, one) == one.sha256, f"seed {SEED}"
    async with engine.connect() as connection:
        assert (await connection.execute(text("select count(*) from uploads"))).scalar_one() == 0
    assert list((served.settings.evidence_folder / "incoming").iterdir()) == []


async def test_a_file_of_any_size_costs_little_memory(
    served: Served, engine: AsyncEngine, tmp_path: Path
) -> None:
    """Under 64 MiB beside what the API takes anyway, in both directions; and what it costs in time."""
    batch_no = (await open_one(engine)).batch_no
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    upload(served, batch_no, small, written(small, MIB))
    size, digest, before, most = 1536 * MIB, written(large, 1536 * MIB), served.memory, 0
    stopped = threading.Event()

    def look() -> None:
        nonlocal most
        while not stopped.wait(0.02):
            most = max(most, served.memory)

    looking = threading.Thread(target=look)
    looking.start()
    began = time.monotonic()
    upload(served, batch_no, large, digest)
    inwards, began = time.monotonic() - began, time.monotonic()
    (one,) = [one for one in await kept.of_batch(engine, batch_no) if one.sha256 == digest]
    assert digest_of(served, one) == digest
    outwards = time.monotonic() - began
    stopped.set()
    looking.join()
    openssl = _openssl(large)
    for what, seconds in (("upload", inwards), ("reading", outwards), ("openssl aes-256-ctr", openssl)):
        print(f"{what}: {size / seconds / 1e6:.0f} MB/s")
    print(f"memory: {(most - before) / MIB:.0f} MiB")
    assert most - before < 64 * MIB


def _openssl(path: Path) -> float:
    """``openssl enc`` of the same file to the disk; it has no GCM, CTR is what GCM costs without its tag."""
    argv = ["openssl", "enc", "-aes-256-ctr", "-K", "00" * 32, "-iv", "00" * 16]
    began = time.monotonic()
    subprocess.run([*argv, "-in", str(path), "-out", str(path.with_suffix(".enc"))], check=True)
    return time.monotonic() - began
