"""``choujian evidence sweep`` and ``move``: on the files themselves, with the settings of the services."""

from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from evidence.checking import Pace
from evidence.keyring import NoRootKey
from evidence.moving import Moved, move
from evidence.objects import PlaceAway, SealedFiles, sealed_files
from evidence.opening import evidence_room
from evidence.room import EvidenceRoom
from evidence.sweeping import AGAIN_AFTER, PlaceSwept, Swept, sweep
from local.errors import CommandError
from messages.evidence import EvidenceCondition
from messages.words import CONDITIONS
from settings import Settings
from store.engine import make_engine
from store.evidence import kept
from store.evidence.kept import KeptEvidence
from store.evidence.places import AlreadyMoving


async def sweep_now(settings: Settings, *, everything: bool) -> Swept:
    """Read what is due and all that is damaged, or everything, without a break. Raises ``CommandError``."""
    words = Console(highlight=False, soft_wrap=True)

    def told(one: KeptEvidence, place: PlaceSwept) -> None:
        if place.found is not EvidenceCondition.WHOLE:
            so = "，已写入完整的副本" if place.now is EvidenceCondition.WHOLE else ""
            line = f"{one.batch_no} “{one.filename}”：{place.files.name} {CONDITIONS[place.found]}{so}"
            words.print(line, markup=False)

    engine = make_engine(settings.database_url or "", pool_size=4)
    room = evidence_room(settings, engine)
    try:
        return await sweep(
            room,
            Pace(),
            goes_on=lambda _: True,
            damaged_after=timedelta(0),
            again_after=timedelta(0) if everything else AGAIN_AFTER,
            told=told,
        )
    except PlaceAway as error:
        raise CommandError(f"存储 {error} 不在：没有挂载，或者连接不上。") from None
    except NoRootKey as error:
        raise CommandError(f"读不了根密钥 {error}。") from None
    finally:
        room.close()
        await engine.dispose()


async def move_all(settings: Settings, to: str) -> Moved:
    """``to`` as the setting that names the place will be. Raises ``CommandError``."""
    target = _target(to)
    if target.name == settings.evidence_second_place:
        raise CommandError("那里是第二存储：请先改设 CHOUJIAN_EVIDENCE_SECOND。", exit_code=2)
    engine = make_engine(settings.database_url or "", pool_size=4)
    room = evidence_room(settings, engine)
    try:
        return await _watched(room, target)
    except PlaceAway as error:
        raise CommandError(f"存储 {error} 连接不上。") from None
    except AlreadyMoving:
        raise CommandError("正在由另一个命令移存。") from None
    finally:
        room.close()
        await engine.dispose()


async def _watched(room: EvidenceRoom, target: SealedFiles) -> Moved:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("移存", total=await kept.count(room.engine))
        return await move(room, target, lambda: bar.advance(task))


def told_of(moved: Moved, to: str) -> list[str]:
    """What is to be told, and done next."""
    lines = [f"移存了{moved.moved}个文件。", *(f"没有移动：{words}。" for words in moved.left.values())]
    if moved.is_over:
        return [*lines, "原处已空，移存完成。"]
    if to.startswith("s3://"):
        return [*lines, f"请设置 CHOUJIAN_EVIDENCE_BUCKET={to}，重新启动 API 和 worker，再运行一次本命令。"]
    return [
        *lines,
        f"请设置 CHOUJIAN_EVIDENCE={Path(to).expanduser().resolve()}、去掉 CHOUJIAN_EVIDENCE_BUCKET；"
        "停下 API，把原文件夹中的 incoming（尚未传完的）一并移去；启动 API 和 worker，再运行一次本命令。",
    ]


def _target(to: str) -> SealedFiles:
    if to.startswith("s3://"):
        return sealed_files(to)
    folder = Path(to).expanduser().resolve() / "kept"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CommandError(f"建立不了文件夹 {folder}：{error.strerror}。", exit_code=2) from None
    return sealed_files(str(folder))
