"""``choujian evidence`` on a running stack: in, listed, out; after a broken line; refused in words."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from law.vocabulary import Role
from local.commands import batches, evidence, transfers
from local.commands.calling import Caller
from local.errors import CommandError
from settings import Settings
from tests.evidence.builders import picture

Said = pytest.CaptureFixture[str]
SIZE = 5 * 1024 * 1024 + 17


@pytest.fixture
def caller(stack: None, settings: Settings) -> Caller:  # noqa: ARG001 (running)
    return Caller(settings)


@pytest.fixture
async def batch(caller: Caller, capsys: Said) -> str:
    await asyncio.to_thread(batches.order, caller, None)
    return capsys.readouterr().out.strip()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "样品照片.png"
    made.write_bytes(picture(SIZE))
    return made


def digest_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


async def add(caller: Caller, batch: str, file: Path, role: str = Role.OFFICER) -> None:
    await asyncio.to_thread(evidence.add, caller, role, batch, file, keeper=None)


async def test_a_file_goes_in_and_comes_out(
    caller: Caller, batch: str, file: Path, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest alone on stdout; the same file again is in already."""
    monkeypatch.setenv("COLUMNS", "200")
    await add(caller, batch, file)
    digest = digest_of(file)
    said = capsys.readouterr()
    assert said.out == f"{digest}\n"
    assert "已入库，两边计算的摘要一致。" in said.err
    await add(caller, batch, file)
    said = capsys.readouterr()
    assert (said.out, said.err.splitlines()[-1]) == (f"{digest}\n", "这个文件已经入库。")
    await asyncio.to_thread(evidence.show, caller, Role.OFFICER, batch)
    shown = capsys.readouterr().out
    for word in ("样品照片.png", "图片", "5,242,897", digest):
        assert word in shown
    out = tmp_path / "out.png"
    await asyncio.to_thread(evidence.get, caller, Role.OFFICER, digest, out, reason=None)
    assert digest_of(out) == digest
    assert "摘要相符" in capsys.readouterr().out


async def test_a_broken_line_is_gone_on_with(
    caller: Caller, batch: str, file: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and from where the file stands."""
    whole, offsets = transfers._pieces, []

    def breaking(file: Path, offset: int, end: int, progress: transfers.Progress) -> Iterator[bytes]:
        offsets.append(offset)
        for piece in whole(file, offset, end, progress):
            yield piece
            if len(offsets) == 2:
                raise ConnectionResetError("the line broke")

    monkeypatch.setattr(transfers, "_pieces", breaking)
    await add(caller, batch, file)
    assert capsys.readouterr().out == f"{digest_of(file)}\n"
    # Once more where the API had not noticed the break when it was asked how far the file is.
    assert len(offsets) in (3, 4)
    assert offsets == sorted(offsets)
    assert offsets[1] > 0


async def test_a_command_that_was_stopped_is_gone_on_with(
    caller: Caller, batch: str, file: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run again, it finds what has come by the file's digest."""
    with monkeypatch.context() as stopped:
        stopped.setattr(transfers, "_TRIES", 1)
        stopped.setattr(transfers, "_PAUSE_SECONDS", 0.0)
        whole = transfers._pieces

        def first_only(file: Path, offset: int, end: int, progress: transfers.Progress) -> Iterator[bytes]:
            if offset > 0:
                raise ConnectionResetError("the line broke")
            yield from whole(file, offset, end, progress)

        stopped.setattr(transfers, "_pieces", first_only)
        with pytest.raises(CommandError, match="从断处续传"):
            await add(caller, batch, file)
    capsys.readouterr()
    await asyncio.to_thread(evidence.show, caller, Role.OFFICER, batch)
    assert "尚未传完：样品照片.png，1,048,576/5,242,897 字节" in capsys.readouterr().out
    await add(caller, batch, file)
    said = capsys.readouterr()
    assert "从断处续传：已收到 1048576 字节。" in said.err
    assert said.out == f"{digest_of(file)}\n"


async def test_a_refusal_is_in_words(caller: Caller, batch: str, tmp_path: Path) -> None:
    """What is no evidence by its bytes, and what is not there; recordings are taken out with a reason."""
    program, recording, out = tmp_path / "a.mp4", tmp_path / "b.mp4", tmp_path / "out.mp4"
    program.write_bytes(b"MZ" + bytes(100_000))
    recording.write_bytes(b"\x00\x00\x00\x20ftypisom" + bytes(100_000))
    with pytest.raises(CommandError, match="按内容识别，这个文件不是"):
        await add(caller, batch, program)
    with pytest.raises(CommandError, match="读不了文件"):
        await add(caller, batch, tmp_path / "none")
    with pytest.raises(CommandError, match="没有编号为"):
        await add(caller, "CJ2026-999999", recording)
    await add(caller, batch, recording, Role.LAB)
    digest = digest_of(recording)
    with pytest.raises(CommandError, match="须写明理由"):
        await asyncio.to_thread(evidence.get, caller, Role.OFFICER, digest, out, reason=None)
    assert not out.exists()
    await asyncio.to_thread(evidence.get, caller, Role.OFFICER, digest, out, reason="核对")
    assert digest_of(out) == digest
