"""Reading the registers: what holds on a day, found by a piece of text; an entry with its versions."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.names import folded
from law.registers import name_key, registration_key
from messages.base import Actor
from messages.registers import Register
from store.engine import autocommit
from store.errors import EntryNotHeld, EntryUnknown
from store.reads import search
from store.reads.pages import Page, after, page_of
from store.reads.read_model import rows_of, select
from store.registers.entries import HOLDS, SHOWN, EntryVersion, version_of

_VERSIONS_AT_MOST = 200
_SUMMARY = """
    v.code, v.name, v.registration, v.version, v.holds_from, e.sample
    from register_versions v join register_entries e using (register, code)
"""
# By its code, else by its registration, else by its name: the first that fits.
_FIND = text("""
    select distinct on (said) said, code from (
        select t.said, e.code, 1 as by, 0 as version
            from json_to_recordset(cast(:sought as json)) as t(said text, code_key text)
            join register_entries e on e.register = :register and e.code_key = t.code_key
        union all
        select t.said, v.code, 2, v.version
            from json_to_recordset(cast(:sought as json)) as t(said text, registration_key text)
            join register_versions v on v.register = :register and v.registration_key = t.registration_key
        union all
        select t.said, v.code, 3, v.version
            from json_to_recordset(cast(:sought as json)) as t(said text, name_key text)
            join register_versions v on v.register = :register and v.name_key = t.name_key
    ) found order by said, by, version desc
""")
_ONE = text(f"select {SHOWN} where v.register = :register and v.code = :code and {HOLDS}")
_NUMBERED = text(f"select {SHOWN} where v.register = :register and v.code = :code and v.version = :version")
_VERSIONS = text("""
    select version, holds_from, ended, reason, recorded_by, recorded_at from register_versions
    where register = :register and code = :code order by version desc limit :limit
""")


@dataclass(frozen=True)
class EntrySummary:
    """An entry of a list, as it holds on the day asked for."""

    code: str
    name: str
    registration: str | None
    version: int
    holds_from: date
    sample: bool


@dataclass(frozen=True)
class VersionSummary:
    """Who put which version down, from which day it holds, and why."""

    version: int
    holds_from: date
    ended: bool
    reason: str
    recorded_by: Actor
    recorded_at: datetime


async def listed(
    engine: AsyncEngine, register: Register, *, on: date, q: str | None, limit: int, cursor: str | None
) -> Page[EntrySummary]:
    """What holds on a day, by code. Raises ``CursorInvalid``."""
    wanted = search.searchable(q) if q is not None else ""
    conditions = {
        "v.register = :register": True,
        "not v.ended": True,
        HOLDS: True,
        "v.code > :code": cursor is not None,
        "v.terms @> :terms and position(:wanted in v.content) > 0": bool(wanted),
    }
    parameters = {
        "register": register,
        "on": on,
        "wanted": wanted,
        "terms": search.query_terms(wanted),
        **after(cursor, "code"),
    }
    rows = await rows_of(engine, select(_SUMMARY, conditions, "v.code"), parameters, limit)
    return page_of(rows, limit, lambda row: EntrySummary(**row._asdict()), lambda row: [row.code])


async def found(engine: AsyncEngine, register: Register, said: Collection[str]) -> dict[str, str]:
    """The code of the entry that is meant by each: by its code, its registration or its name."""
    sought = [
        {
            "said": one,
            "code_key": folded(one),
            "registration_key": registration_key(one),
            "name_key": name_key(one),
        }
        for one in said
    ]
    asked = {"register": register, "sought": json.dumps(sought, ensure_ascii=False)}
    async with autocommit(engine) as connection:
        return {row.said: row.code for row in await connection.execute(_FIND, asked)}


async def one(
    engine: AsyncEngine, register: Register, code: str, *, on: date, version: int | None = None
) -> EntryVersion:
    """An entry as it holds on a day, ended or not, or one version of it.

    Raises ``EntryUnknown``, and ``EntryNotHeld`` for a day before its first.
    """
    named: dict[str, Any] = {"register": register, "code": code}
    async with autocommit(engine) as connection:
        if version is None:
            row = (await connection.execute(_ONE, named | {"on": on})).one_or_none()
        else:
            row = (await connection.execute(_NUMBERED, named | {"version": version})).one_or_none()
        if row is None:
            if version is None and (await connection.execute(_VERSIONS, named | {"limit": 1})).first():
                raise EntryNotHeld(code, on)
            raise EntryUnknown(code)
    return version_of(row)


async def versions(engine: AsyncEngine, register: Register, code: str) -> tuple[VersionSummary, ...]:
    """Those recorded last come first; older ones than two hundred are read by their number."""
    async with autocommit(engine) as connection:
        rows = await connection.execute(
            _VERSIONS, {"register": register, "code": code, "limit": _VERSIONS_AT_MOST}
        )
        return tuple(map(_summary, rows))


async def whole(
    engine: AsyncEngine, register: Register, *, on: date, limit: int, cursor: str | None
) -> Page[EntryVersion]:
    """All that holds on a day with what it says, by code. Raises ``CursorInvalid``."""
    conditions = {
        "v.register = :register": True,
        "not v.ended": True,
        HOLDS: True,
        "v.code > :code": cursor is not None,
    }
    parameters = {"register": register, "on": on, **after(cursor, "code")}
    rows = await rows_of(engine, select(SHOWN, conditions, "v.code"), parameters, limit)
    return page_of(rows, limit, version_of, lambda row: [row.code])


def _summary(row: Row[Any]) -> VersionSummary:
    return VersionSummary(**row._asdict() | {"recorded_by": Actor.model_validate(row.recorded_by)})
