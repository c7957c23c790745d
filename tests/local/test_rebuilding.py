"""``choujian records rebuild``: says what it found; what is as it should be is left alone."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from local.commands.rebuilding import rebuild_records
from settings import Settings
from tests.store.builders import open_one


async def test_figures_that_are_not_the_batches_are_put_right(
    engine: AsyncEngine, superuser: AsyncEngine, database_url: str
) -> None:
    """Of a batch that has only been ordered, too."""
    opening = await open_one(engine)
    settings = Settings(database_url=database_url)
    assert await rebuild_records(settings) == "核对1个批次：档案和统计数字都一致。"
    async with superuser.begin() as connection:
        wrong = text("update tallies set bought = true where batch_no = :batch_no")
        await connection.execute(wrong, {"batch_no": opening.batch_no})
    assert await rebuild_records(settings) == "核对1个批次：改正统计数字1项、档案0项。"
    assert await rebuild_records(settings) == "核对1个批次：档案和统计数字都一致。"
