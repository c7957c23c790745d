"""The sweep: what is missing, altered or unreadable is told once, and repaired from another copy."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from evidence import objects
from evidence.checking import CheckStopped, Pace
from evidence.keyring import NoRootKey
from evidence.objects import FolderFiles, PlaceAway, SealedFiles
from evidence.room import EvidenceRoom
from evidence.sweeping import Swept, sweep
from messages.evidence import EvidenceCondition
from store.engine import autocommit
from store.evidence import checks
from store.evidence.checks import Places
from store.evidence.kept import KeptEvidence
from store.ledger import alerts
from tests.databases import tamper
from tests.evidence.uploads import begun, gone_on_with, require_whole


@dataclass(frozen=True)
class Two:
    """A room with a second store, and the file as it lies in each of the two."""

    room: EvidenceRoom
    one: KeptEvidence
    first: Path
    second: Path


def lies(files: SealedFiles, one: KeptEvidence) -> Path:
    return Path(files.name) / one.evidence_id.hex[-2:] / f"{one.evidence_id}.sealed"


async def swept(room: EvidenceRoom, *, at_once: bool = True) -> Swept:
    """Damaged files are read again at once; of others only what is due."""
    after = timedelta(0) if at_once else timedelta(days=1)
    return await sweep(room, Pace(), goes_on=lambda _: True, damaged_after=after)


@pytest.fixture
async def two(room: EvidenceRoom, tmp_path: Path) -> Two:
    (tmp_path / "second").mkdir()
    room = replace(room, second=FolderFiles(tmp_path / "second"))
    assert room.second is not None
    one = await gone_on_with(room, await begun(room))
    return Two(room, one, lies(room.files, one), lies(room.second, one))


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


async def lines(engine: AsyncEngine) -> list[str]:
    """What the sweep has put on the timeline, without the file's name."""
    asked = (
        "select text from timeline where kind in ('evidence_damaged', 'evidence_whole_again') order by seq"
    )
    async with autocommit(engine) as connection:
        return [line.partition("”")[2] for line in (await connection.execute(text(asked))).scalars()]


async def told(engine: AsyncEngine) -> list[str]:
    return [alert.title for alert in await alerts.due(engine, 10)]


async def a_month_later(superuser: AsyncEngine) -> None:
    await tamper(superuser, "update evidence_checks set looked_at = looked_at - interval '31 days'")


async def test_a_whole_file_is_read_once_in_its_cycle(
    room: EvidenceRoom, engine: AsyncEngine, superuser: AsyncEngine
) -> None:
    """Nobody hears of it."""
    one = await gone_on_with(room, await begun(room))
    assert (await checks.standing(engine, Places(room.files.name, None))).unread == 1
    assert await swept(room) == Swept(looked=1)
    assert await swept(room) == Swept()
    await a_month_later(superuser)
    standing = await checks.standing(engine, Places(room.files.name, None))
    assert (standing.files, standing.overdue) == (1, 1)
    assert await swept(room) == Swept(looked=1)
    assert (await checks.standing(engine, Places(room.files.name, None))).overdue == 0
    assert await lines(engine) == await told(engine) == []
    await require_whole(room, one)


@pytest.mark.parametrize("harm", ["missing", "altered", "cut off", "another head", "unreadable"])
async def test_a_damaged_file_is_told_once(room: EvidenceRoom, engine: AsyncEngine, harm: str) -> None:
    """On the timeline and to the custodian; when somebody has brought it back that is told too."""
    one = await gone_on_with(room, await begun(room))
    path = lies(room.files, one)
    content, words = path.read_bytes(), "与登记的摘要不符"
    match harm:
        case "missing":
            path.unlink()
            words = "缺失"
        case "altered":
            alter(path)
        case "cut off":
            path.write_bytes(content[:-1])
        case "another head":
            path.write_bytes(b"?" + content[1:])
        case "unreadable":
            path.unlink()
            path.symlink_to(path)
            words = "读不出来"
    for _ in range(2):
        assert await swept(room) == Swept(looked=1, damaged=1)
    said = f"在主存储中{words}：没有完整的副本，请从备份中找回"
    assert await lines(engine) == [said]
    assert await told(engine) == [f"{one.batch_no} 的证据受损"]
    assert (await checks.standing(engine, Places(room.files.name, None))).lost == 1
    assert await swept(room, at_once=False) == Swept()
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    assert await swept(room) == Swept(looked=1)
    assert await lines(engine) == [said, "在主存储中再次读取时完整"]


async def test_each_file_gets_a_copy_in_the_second_store(two: Two, engine: AsyncEngine) -> None:
    """Of its own accord, and it is no damage that none was there."""
    assert await swept(two.room) == Swept(looked=1, mended=1)
    assert two.second.read_bytes() == two.first.read_bytes()
    assert await swept(two.room) == Swept()
    assert await lines(engine) == await told(engine) == []


@pytest.mark.parametrize("where", ["first", "second"])
@pytest.mark.parametrize("harm", [Path.unlink, alter])
async def test_what_is_damaged_is_repaired_from_the_other(
    two: Two, engine: AsyncEngine, superuser: AsyncEngine, where: str, harm: object
) -> None:
    """One way and the other way round; that it was damaged, and is repaired, is on record."""
    await swept(two.room)
    sealed = two.first.read_bytes()
    path, store = (two.first, "主存储") if where == "first" else (two.second, "第二存储")
    assert callable(harm)
    harm(path)
    await a_month_later(superuser)
    assert await swept(two.room) == Swept(looked=1, mended=1)
    assert two.first.read_bytes() == two.second.read_bytes() == sealed
    damage = "缺失" if harm is Path.unlink else "与登记的摘要不符"
    assert await lines(engine) == [
        f"在{store}中{damage}：以另一份完整的副本修复",
        f"在{store}中已用另一份副本修复，读取完整",
    ]
    assert await told(engine) == [f"{two.one.batch_no} 的证据受损"]


async def test_a_full_disk_takes_no_copies(
    two: Two, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database and the letters need what is left; that there is no second copy is told."""
    with monkeypatch.context() as full:
        full.setattr(objects, "LEAST_BYTES", 2**60)
        assert await swept(two.room) == Swept(looked=1, damaged=1)
    assert not two.second.exists()
    assert await lines(engine) == ["在第二存储中没能写入副本：缺失"]
    assert await swept(two.room) == Swept(looked=1, mended=1)
    assert two.second.read_bytes() == two.first.read_bytes()


async def test_what_is_damaged_twice_is_left_as_it_is(
    two: Two, engine: AsyncEngine, superuser: AsyncEngine
) -> None:
    """Neither is written over the other, and both are told."""
    await swept(two.room)
    alter(two.first)
    two.second.unlink()
    await a_month_later(superuser)
    altered = two.first.read_bytes()
    assert await swept(two.room) == Swept(looked=1, damaged=1)
    assert two.first.read_bytes() == altered
    assert not two.second.exists()
    places = Places(two.room.files.name, str(two.second.parent.parent))
    assert (await checks.standing(engine, places)).lost == 1


async def test_what_is_disposed_of_is_not_missing(room: EvidenceRoom, engine: AsyncEngine) -> None:
    """Not even where that happened while it was read."""
    one = await gone_on_with(room, await begun(room))
    disposal = """
        with approval as (
            insert into approvals (matter, subject, proposed_by, proposed_at)
            values ('disposal', :batch_no, '{}', now()) returning no
        ), disposal as (
            insert into evidence_disposals (batch_no, reason, approval_no)
            select :batch_no, '', no from approval returning no
        )
        update evidence set sealed_key = null, disposal_no = (select no from disposal)
    """
    async with engine.begin() as connection:
        await connection.execute(text(disposal), {"batch_no": one.batch_no})
    await checks.note(engine, one, room.files.name, EvidenceCondition.MISSING, "缺失")
    assert await swept(room) == Swept()
    assert await lines(engine) == await told(engine) == []


async def test_a_digest_that_was_changed_on_record_is_told(
    room: EvidenceRoom, engine: AsyncEngine, superuser: AsyncEngine
) -> None:
    """By whoever may do anything in the database; the file itself is opened as before."""
    await gone_on_with(room, await begun(room))
    await tamper(superuser, "update evidence set sha256 = repeat('0', 64)")
    assert await swept(room) == Swept(looked=1, damaged=1)
    assert "与登记的摘要不符" in (await lines(engine))[0]


async def test_without_its_means_nothing_is_said_of_any_file(
    two: Two, engine: AsyncEngine, tmp_path: Path
) -> None:
    """A folder that is not mounted, or root keys that are not there, are no damage to a file."""
    (tmp_path / "kept").rename(tmp_path / "elsewhere")
    with pytest.raises(PlaceAway, match="kept"):
        await swept(two.room)
    (tmp_path / "elsewhere").rename(tmp_path / "kept")
    (tmp_path / "keys").rename(tmp_path / "lost")
    with pytest.raises(NoRootKey):
        await swept(two.room)
    assert await lines(engine) == await told(engine) == []


async def test_a_key_that_cannot_be_opened_is_told(two: Two, engine: AsyncEngine, tmp_path: Path) -> None:
    """Of the files that need it, once for each place."""
    two.room.keys.rotate()
    (tmp_path / "keys" / f"root-{two.one.root_key}.key").unlink()
    assert await swept(two.room) == Swept(looked=1, damaged=1)
    assert len(await lines(engine)) == 2


async def test_a_sweep_that_is_stopped_goes_on_later(room: EvidenceRoom) -> None:
    """A file that was being read is read from its beginning."""
    one = await gone_on_with(room, await begun(room))
    pace = Pace()
    pace.stop()
    with pytest.raises(CheckStopped):
        await sweep(room, pace, goes_on=lambda _: True, damaged_after=timedelta(0))
    assert await checks.condition(room.engine, one.evidence_id, room.files.name) is None
    assert await sweep(room, Pace(), goes_on=lambda _: False, damaged_after=timedelta(0)) == Swept()
    assert await swept(room) == Swept(looked=1)
