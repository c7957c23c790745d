"""The table in memory that the procedure is played on."""

from collections.abc import AsyncIterator

import pytest

from tests.quick.table import Table


@pytest.fixture
async def table() -> AsyncIterator[Table]:
    table = Table()
    yield table
    table.clear()
