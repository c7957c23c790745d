"""``choujian evidence`` at the end of a file's time: held, due, proposed, approved, certified."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from local.commands import batches, disposing, evidence
from local.commands.calling import Caller
from local.errors import CommandError
from settings import Settings
from tests.databases import tamper
from tests.evidence.builders import picture
from tests.letters.builders import printed

Said = pytest.CaptureFixture[str]


@pytest.fixture
def caller(stack: None, settings: Settings) -> Caller:  # noqa: ARG001 (running)
    return Caller(settings)


@pytest.fixture
async def batch(caller: Caller, capsys: Said, tmp_path: Path) -> str:
    """One file is kept of it."""
    await asyncio.to_thread(batches.order, caller, None)
    batch_no = capsys.readouterr().out.strip()
    file = tmp_path / "样品照片.png"
    file.write_bytes(picture(100_000))
    await asyncio.to_thread(evidence.add, caller, Role.OFFICER, batch_no, file, keeper="周保管")
    capsys.readouterr()
    return batch_no


async def closed(engine: AsyncEngine, batch_no: str, keep_until: date) -> None:
    """As the workflow's record would have it."""
    statement = """
        update batches set phase = 'closed', snapshot = snapshot
            || jsonb_build_object('phase', 'closed', 'keep_evidence_until', cast(:day as text))
        where batch_no = :batch_no
    """
    await tamper(engine, statement, day=str(keep_until), batch_no=batch_no)


async def test_evidence_comes_to_its_end_by_two_people(
    caller: Caller, batch: str, engine: AsyncEngine, tmp_path: Path, capsys: Said
) -> None:
    """Told in a line each; the list has it, and the certificate is a file."""

    async def said(command: Callable[..., None], *arguments: Any) -> str:
        await asyncio.to_thread(command, caller, *arguments)
        return capsys.readouterr().out

    await closed(engine, batch, date(2999, 1, 2))
    assert await said(disposing.due, Role.OFFICER, None) == "没有保存期届满的证据。\n"
    coming = await said(disposing.due, Role.OFFICER, "2999-12-31")
    assert coming == f"2999-01-02  {batch}  1件，100,000 字节（未届满）\n"
    await closed(engine, batch, date(2020, 1, 2))
    assert "已届满）" in await said(disposing.due, Role.OFFICER, None)
    assert "已暂缓处置" in await said(disposing.hold, Role.OFFICER, batch, "行政诉讼")
    assert "已届满，暂缓处置：行政诉讼）" in await said(disposing.due, Role.OFFICER, None)
    assert "已解除暂缓处置" in await said(disposing.release, Role.SUPERVISOR, batch, "已结案")
    assert "提出处置：届满；等另一人批准。" in await said(disposing.propose, Role.OFFICER, batch, "届满")
    assert "已提出处置）" in await said(disposing.due, Role.OFFICER, None)
    approved = await said(disposing.approve, Role.APPROVER, batch)
    assert f"密钥已销毁。证据销毁证明：证据销毁〔{batch}〕1号，/batches/{batch}/evidence/" in approved
    shown = await said(evidence.show, Role.OFFICER, batch)
    assert "周保管保管，已处置）" in shown
    assert approved in shown
    out = tmp_path / "证明.pdf"
    assert str(out) in await said(disposing.certificate, Role.OFFICER, batch, 1, out)
    assert "样品照片.png" in printed(out.read_bytes())


async def test_a_refusal_is_in_the_fields_own_words(
    caller: Caller, batch: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    """Too early, held, not a leader, nobody proposed, the same person, no certificate."""

    async def refused(words: str, command: Callable[..., None], *arguments: Any) -> None:
        with pytest.raises(CommandError, match=words):
            await asyncio.to_thread(command, caller, *arguments)

    await refused("批次办结、保存期届满之后方可处置", disposing.propose, Role.OFFICER, batch, "届满")
    await closed(engine, batch, date(2020, 1, 2))
    await refused("没有待批准的证据处置", disposing.approve, Role.APPROVER, batch)
    await refused("没有暂缓处置", disposing.release, Role.SUPERVISOR, batch, "已结案")
    await refused("解除暂缓处置", disposing.release, Role.OFFICER, batch, "已结案")
    await asyncio.to_thread(disposing.hold, caller, Role.OFFICER, batch, "行政诉讼")
    await refused("已暂缓处置，解除之前一律保留", disposing.propose, Role.OFFICER, batch, "届满")
    await asyncio.to_thread(disposing.release, caller, Role.SUPERVISOR, batch, "已结案")
    await asyncio.to_thread(disposing.propose, caller, Role.APPROVER, batch, "届满")
    await refused("须由提出人以外的人批准", disposing.approve, Role.APPROVER, batch)
    await refused("没有文号为", disposing.certificate, Role.OFFICER, batch, 1, tmp_path / "none.pdf")
    assert not (tmp_path / "none.pdf").exists()
    await refused("日期|请求内容有误", disposing.due, Role.OFFICER, "明年")
