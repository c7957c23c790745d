"""``choujian archive`` on a running stack: whole or not at all, whatever is in the case."""

import asyncio
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from law.vocabulary import Role
from local.commands import archiving, batches, evidence
from local.commands.calling import Caller
from local.errors import CommandError
from settings import Settings
from signing.keys import Keyring
from tests.evidence.builders import picture

Said = pytest.CaptureFixture[str]


@pytest.fixture
def caller(stack: None, settings: Settings) -> Caller:  # noqa: ARG001 (running)
    Keyring(settings.signing_folder).ensure("某市局")
    return Caller(settings)


@pytest.fixture
async def batch(caller: Caller, capsys: Said, tmp_path: Path) -> str:
    await asyncio.to_thread(batches.order, caller, None)
    number = capsys.readouterr().out.strip()
    photo = tmp_path / "样品照片.png"
    photo.write_bytes(picture(3 * 1024 * 1024))
    await asyncio.to_thread(evidence.add, caller, Role.OFFICER, number, photo, keeper=None)
    return number


async def save(caller: Caller, batch: str, out: Path) -> None:
    await asyncio.to_thread(archiving.archive, caller, Role.OFFICER, batch, out, reason="移交案卷")


async def test_the_archive_is_saved_and_holds(
    caller: Caller, batch: str, tmp_path: Path, settings: Settings, capsys: Said
) -> None:
    out = tmp_path / "案卷.zip"
    await save(caller, batch, out)
    assert "先看其中的 说明.html" in capsys.readouterr().out
    with zipfile.ZipFile(out) as archive:
        archive.extractall(tmp_path / "案卷")
    key = settings.signing_folder / "public.txt"
    command = [sys.executable, "-I", "核验/archive.py", "--key", str(key)]
    answer = await asyncio.to_thread(
        subprocess.run, command, cwd=tmp_path / "案卷", capture_output=True, check=False
    )
    assert answer.returncode == 0, answer.stdout.decode()


async def test_one_that_is_refused_leaves_nothing(caller: Caller, tmp_path: Path) -> None:
    """An unknown batch; a folder that is not there."""
    with pytest.raises(CommandError, match="CJ1999-000001"):
        await save(caller, "CJ1999-000001", tmp_path / "案卷.zip")
    with pytest.raises(CommandError, match="写不了文件"):
        await save(caller, "CJ1999-000001", tmp_path / "none" / "案卷.zip")
    assert not [name for name in os.listdir(tmp_path) if "案卷" in name]
