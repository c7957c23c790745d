"""An error of the database is logged without what people wrote."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine


async def test_an_error_does_not_say_its_parameters(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as failed:
            await connection.execute(
                text("select 1 / :none where :name <> ''"), {"none": 0, "name": "张三丰"}
            )
    assert "张三丰" not in str(failed.value)
