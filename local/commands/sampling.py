"""``choujian sample``: loading and removing the sample bureau."""

from api.web.days import today
from local.scenarios import sample
from settings import Settings
from store.engine import make_engine
from store.samples import is_fresh


async def load(settings: Settings, *, only_fresh: bool) -> str:
    """What there is to say of it. Needs the database alone."""
    engine = make_engine(settings.database_url or "", pool_size=2)
    try:
        if only_fresh and not await is_fresh(engine):
            return "系统中已有数据，没有装入示例数据。"
        scheme_id = await sample.load(engine, today())
    finally:
        await engine.dispose()
    return f"示例数据已装入：可以按抽检实施方案 {scheme_id} 下单。移除：choujian sample remove"


async def remove(settings: Settings) -> str:
    engine = make_engine(settings.database_url or "", pool_size=2)
    try:
        removed = await sample.remove(engine, today())
    finally:
        await engine.dispose()
    return f"示例数据已移除：停用{removed}项。" if removed else "没有示例数据。"
