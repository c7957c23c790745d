"""The driver's own connection: what SQLAlchemy would do is done all the same."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from store.direct import Connection, direct
from store.engine import make_engine

_COUNT = text("select count(*) as there from counters where year = :year")
_BACKEND = text("select pg_backend_pid() as pid")
# Counters stay from test to test.
_years = itertools.count(100_000)
_PUT = text("insert into counters (year, last) values (:year, :last)")


class _Stop(Exception):
    pass


async def count(engine: AsyncEngine, year: int) -> int:
    async with direct(engine) as connection:
        there: int = (await connection.execute(_COUNT, {"year": year})).one().there
    return there


async def put_and_stop(engine: AsyncEngine, year: int, *, transaction: bool) -> None:
    async with direct(engine, transaction=transaction) as connection:
        await connection.execute(_PUT, {"year": year, "last": 1})
        raise _Stop


async def test_a_parameter_named_twice_is_given_once(engine: AsyncEngine) -> None:
    """Names become the driver's numbers; what a statement does not name is not sent."""
    statement = text("select :b as b, :a as a, cast(:b as text) || :a as both")
    async with direct(engine) as connection:
        row = (await connection.execute(statement, {"a": "1", "b": "2", "c": "3"})).one()
    assert (row.a, row.b, row.both) == ("1", "2", "21")


async def test_a_transaction_is_undone_as_one(engine: AsyncEngine) -> None:
    with pytest.raises(_Stop):
        await put_and_stop(engine, 1901, transaction=True)
    assert await count(engine, 1901) == 0


async def test_without_a_transaction_each_statement_stands(engine: AsyncEngine) -> None:
    with pytest.raises(_Stop):
        await put_and_stop(engine, 1902, transaction=False)
    assert await count(engine, 1902) == 1


async def test_what_fails_is_raised_as_sqlalchemy_raises_it(engine: AsyncEngine) -> None:
    """So that the API tells a database that is away from a defect of ours, and the relay goes on."""
    with pytest.raises(DBAPIError) as failed:
        async with direct(engine, transaction=True) as connection:
            await connection.execute(text("select 1 / :zero"), {"zero": 0})
    assert failed.value.orig is not None
    assert getattr(failed.value.orig, "sqlstate", None) == "22012"
    assert not failed.value.connection_invalidated


async def test_a_lost_connection_is_known_and_replaced(engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with direct(engine, transaction=True) as connection:
            await connection.execute(text("select pg_terminate_backend(pg_backend_pid())"), {})
    assert failed.value.connection_invalidated
    assert await count(engine, 1903) == 0


async def test_a_connection_that_the_driver_has_lost_count_of_is_not_used_again(database_url: str) -> None:
    """The server dies over a question: the driver takes it for still being asked, and refuses the next."""
    engine = make_engine(database_url, pool_size=1)
    backends: list[int] = []

    async def ask(then: Exception | None = None) -> None:
        async with direct(engine) as connection:
            backends.append((await connection.execute(_BACKEND, {})).one().pid)
            if then is not None:
                raise then

    await ask()
    with pytest.raises(DBAPIError) as failed:
        await ask(then=asyncpg.InternalClientError("cannot switch to state 12"))
    assert failed.value.connection_invalidated
    await ask()
    await engine.dispose()
    first, lost, new = backends
    assert first == lost != new


@asynccontextmanager
async def by_sqlalchemy(engine: AsyncEngine) -> AsyncIterator[Connection]:
    async with engine.begin() as connection:
        yield connection


@asynccontextmanager
async def by_the_driver(engine: AsyncEngine) -> AsyncIterator[Connection]:
    async with direct(engine, transaction=True) as connection:
        yield connection


@pytest.mark.parametrize("begin", [by_sqlalchemy, by_the_driver])
async def test_whoever_is_cancelled_takes_nothing_of_others_with_him(
    engine: AsyncEngine, database_url: str, begin: Callable[[AsyncEngine], Any]
) -> None:
    """At whatever point: what is written afterwards over the same pool is committed, and nothing is held."""
    one = make_engine(database_url, pool_size=1)

    async def put(year: int) -> None:
        async with begin(one) as connection:
            await connection.execute(_PUT, {"year": year, "last": 1})

    try:
        await put(next(_years))
        for turns in range(60):
            task = asyncio.create_task(put(next(_years)))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await put(year := next(_years))
            assert await count(engine, year) == 1, f"cancelled after {turns} turns"
    finally:
        await one.dispose()
