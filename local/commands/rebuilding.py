"""``choujian records rebuild``: records and figures made anew from what each batch has on record."""

from judging.quality import judged
from settings import Settings
from store.engine import make_engine
from store.quality.rebuilding import rebuild


async def rebuild_records(settings: Settings) -> str:
    """What was found and put right, in a sentence."""
    engine = make_engine(settings.database_url or "", pool_size=2)
    try:
        found = await rebuild(engine, judged)
    finally:
        await engine.dispose()
    if not found.tallies and not found.entries:
        return f"核对{found.batches}个批次：档案和统计数字都一致。"
    return f"核对{found.batches}个批次：改正统计数字{found.tallies}项、档案{found.entries}项。"
