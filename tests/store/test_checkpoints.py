"""Checkpoints: one a day, each following on the one before, and a rewritten timeline found out by them."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.checkpoints import Checkpointing
from api.web.trees import Trees
from proof import checkpoints
from signing.keys import Keyring
from store.checkpoints import keeping
from store.errors import CheckpointUnknown
from store.ledger import record, timeline
from tests.databases import tamper
from tests.store.builders import change, entry, open_one, snapshot


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    ring = Keyring(tmp_path / "signing")
    ring.ensure("某市局")
    return ring


@pytest.fixture
def daily(engine: AsyncEngine, keyring: Keyring) -> Checkpointing:
    return Checkpointing(engine, keyring, None, None)


async def faults(engine: AsyncEngine, keyring: Keyring) -> list[str]:
    made, changed = await keeping.every(engine), await keeping.changes(engine)
    return checkpoints.faults_of(made, changed, keyring.known())


async def recorded(engine: AsyncEngine, version: int = 1, batch_no: str | None = None) -> str:
    """A batch with a line, or one line more of a batch."""
    batch_no = batch_no or (await open_one(engine)).batch_no
    what = change(snapshot(batch_no, version), entry(f"k{version}"))
    await record.write(engine, what, time_skipping=False)
    return batch_no


async def days_pass(engine: AsyncEngine, days: int = 1) -> None:
    """What was made today was made so many days ago."""
    # From the oldest on, or two would have the same day for a moment.
    for one in await keeping.every(engine):
        await tamper(
            engine,
            "update checkpoints set day = day - cast(:days as int) where no = :no",
            days=days,
            no=one.no,
        )


async def test_a_day_has_one_checkpoint_however_often_it_is_asked_for(
    engine: AsyncEngine, daily: Checkpointing
) -> None:
    """By several at once, and again afterwards."""
    await recorded(engine)
    made = await asyncio.gather(*(daily.make() for _ in range(5)))
    assert sorted(made, key=str) == [1, None, None, None, None]
    assert await daily.make() is None
    assert len(await keeping.every(engine)) == 1


async def test_missed_days_are_caught_up_by_one(engine: AsyncEngine, daily: Checkpointing) -> None:
    """Whatever happened meanwhile is in it, and it names the one before."""
    first = await recorded(engine)
    await daily.make()
    await days_pass(engine, 4)
    await recorded(engine, 2, first)
    second = await recorded(engine)
    assert await daily.make() == 2
    assert await daily.make() is None
    before, after = await keeping.every(engine)
    assert after.day - before.day == timedelta(days=4)
    assert after.note.splitlines()[5] == f"before {hashlib.sha256(before.note.encode()).hexdigest()}"
    assert [(head.batch_no, head.seq) for head in await keeping.heads_at(engine, 2)] == [
        (first, 2),
        (second, 1),
    ]
    assert [(head.batch_no, head.seq) for head in await keeping.heads_at(engine, 1)] == [(first, 1)]


async def test_of_a_quiet_batch_nothing_is_kept_again(engine: AsyncEngine, daily: Checkpointing) -> None:
    await recorded(engine)
    for _ in range(3):
        await daily.make()
        await days_pass(engine)
    assert {no: len(heads) for no, heads in (await keeping.changes(engine)).items()} == {1: 1}
    assert [one.size for one in await keeping.every(engine)] == [1, 1, 1]


async def test_without_a_batch_there_is_a_checkpoint_of_nothing(
    engine: AsyncEngine, daily: Checkpointing, keyring: Keyring
) -> None:
    assert await Trees(engine).inclusion("CJ2026-000001") is None
    with pytest.raises(CheckpointUnknown):
        await keeping.one(engine)
    assert await daily.make() == 1
    (one,) = await keeping.every(engine)
    assert (one.size, one.root) == (0, hashlib.sha256().hexdigest())
    assert await faults(engine, keyring) == []
    with pytest.raises(CheckpointUnknown):
        await Trees(engine).inclusion("CJ2026-000001", 2)


async def test_what_is_in_order_is_found_in_order_after_a_rotation_too(
    engine: AsyncEngine, daily: Checkpointing, keyring: Keyring
) -> None:
    batch_no = await recorded(engine)
    await daily.make()
    await days_pass(engine)
    keyring.rotate("某市局新")
    await recorded(engine, 2, batch_no)
    await daily.make()
    # The day was changed by hand, which is found; nothing else is.
    (fault,) = await faults(engine, keyring)
    assert fault == "第1号检查点的内容与其签名的文本不符"
    assert checkpoints.rewritten(await keeping.gone(engine)) == []
    origins = {one.note.splitlines()[0] for one in await keeping.every(engine)}
    assert origins == {"某市局"}, "the origin stays what it was"


async def test_a_timeline_rewritten_whole_is_found_by_the_checkpoint(
    engine: AsyncEngine, daily: Checkpointing, keyring: Keyring
) -> None:
    """Every hash is made anew, so that the chain itself has nothing to say."""
    batch_no = await recorded(engine)
    await daily.make()
    await tamper(engine, "update timeline set text = '另一回事' where batch_no = :no", no=batch_no)
    async with engine.connect() as connection:
        (row,) = (await connection.execute(timeline._VERIFY_ONE, {"batch_no": batch_no})).all()
    anew = timeline._hash(timeline.as_hashed(batch_no, row))
    await tamper(engine, "update timeline set hash = :hash where batch_no = :no", hash=anew, no=batch_no)
    await tamper(engine, "update batches set last_hash = :hash where batch_no = :no", hash=anew, no=batch_no)
    assert await timeline.verify(engine) == []
    assert checkpoints.rewritten(await keeping.gone(engine, batch_no)) == [
        f"批次 {batch_no} 的时间线第 1 条与第1号检查点（已签名）所固定的不符"
    ]
    # The heads changed with it: then they do not come to the signed root any more.
    await tamper(engine, "update checkpoint_heads set hash = :hash", hash=anew)
    assert checkpoints.rewritten(await keeping.gone(engine)) == []
    assert await faults(engine, keyring) == ["第1号检查点所固定的末条与其根摘要不符"]
    assert checkpoints.faults_of(await keeping.every(engine), {}, []) == ["第1号检查点没有公钥可以核对签名"]
