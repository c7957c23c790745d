"""Putting entries into the registers: a new version from a day on; one legal person is one entry."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from law.laboratories import Registered
from law.names import folded
from law.registers import name_key, registration_key
from messages.base import Actor
from messages.registers import ENTRIES, EntryChange, Register, RegisterEntry
from store.canonical import as_stored, canonical, model_json, sha256
from store.errors import EntryChanged, EntryElsewhere
from store.reads import search

# One register at a time: two who put the same legal person in under two codes cannot both pass.
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('register ' || :register, 0))")
_SAME_CODES = text("""
    select code, code_key from register_entries where register = :register and code_key = any(:code_keys)
""")
_PERHAPS_THE_SAME = text("""
    select code, name, registration, name_key, registration_key from register_versions
    where register = :register and (registration_key = any(:registration_keys) or name_key = any(:name_keys))
""")
SHOWN = """
    v.register, v.code, v.version, v.holds_from, v.ended, v.name, v.registration, v.entry, v.entry_sha256,
    v.reason, v.recorded_by, v.recorded_at, e.sample
    from register_versions v join register_entries e using (register, code)
"""
# The version of an entry that holds on a day.
HOLDS = """
    v.holds_from <= :on and not exists (
        select from register_versions w where w.register = v.register and w.code = v.code
            and w.holds_from <= :on and (w.holds_from, w.version) > (v.holds_from, v.version))
"""
_HOLDING = text(f"""
    select v.code, v.entry_sha256, v.ended from register_versions v
    where v.register = :register and v.code = any(:codes) and {HOLDS}
""")
_HOLDING_SEVERAL = text(
    f"select {SHOWN} where v.register = :register and v.code = any(:codes) and not v.ended and {HOLDS}"
)
_LAST = text("""
    select code, max(version) as version from register_versions
    where register = :register and code = any(:codes) group by code
""")
_ADD_ENTRIES = text("""
    insert into register_entries (register, code, code_key, sample)
    select :register, code, code_key, :sample
    from json_to_recordset(cast(:rows as json)) as one(code text, code_key text, is_new boolean) where is_new
""")
_ADD_VERSIONS = text("""
    insert into register_versions (register, code, version, holds_from, ended, name, name_key, registration,
        registration_key, entry, entry_sha256, reason, recorded_by, content, terms)
    select :register, code, version, holds_from, ended, name, name_key, registration, registration_key, entry,
        entry_sha256, reason, cast(:by as jsonb), content, choujian_terms(content)
    from json_to_recordset(cast(:rows as json)) as one(code text, version int, holds_from date, ended boolean,
        name text, name_key text, registration text, registration_key text, entry jsonb, entry_sha256 text,
        reason text, content text)
""")


@dataclass(frozen=True)
class EntryVersion:
    """An entry as it holds from a day on; ``ended``: from then on there is none."""

    register: Register
    code: str
    version: int
    holds_from: date
    ended: bool
    entry: RegisterEntry
    reason: str
    recorded_by: Actor
    recorded_at: datetime
    sample: bool


class PutOutcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


async def put(
    engine: AsyncEngine,
    register: Register,
    code: str,
    change: EntryChange[Any],
    by: Actor,
    *,
    seen: int | None = None,
    sample: bool = False,
) -> PutOutcome:
    """Let an entry say this from a day on; what it says already on that day is not put in again.

    ``seen``: the last version that whoever changes it had before him, 0 for none. Raises ``EntryElsewhere``
    where the legal person, or the code in another spelling, is an entry already, and ``EntryChanged``.
    """
    (done,) = await put_all(engine, register, [(code, change)], by, seen=seen, sample=sample)
    if isinstance(done, EntryElsewhere):
        raise done
    return done


async def put_all(
    engine: AsyncEngine,
    register: Register,
    changes: Sequence[tuple[str, EntryChange[Any]]],
    by: Actor,
    *,
    seen: int | None = None,
    sample: bool = False,
    dry_run: bool = False,
) -> list[PutOutcome | EntryElsewhere]:
    """As :func:`put`, for several of one day, each code once; one that is refused keeps no other away."""
    said = [_columns(code, change) for code, change in changes]
    async with engine.begin() as connection:
        await connection.execute(_LOCK, {"register": register})
        known = await _known(connection, register, said)
        done = [known.outcome(one) for one in said]
        rows = [
            one | known.place(one, outcome)
            for one, outcome in zip(said, done, strict=True)
            if outcome in (PutOutcome.CREATED, PutOutcome.CHANGED)
        ]
        for row in rows:
            if seen not in (None, row["version"] - 1):
                raise EntryChanged(row["code"], seen or 0, row["version"] - 1)
        if rows and not dry_run:
            told = {"register": register, "rows": json.dumps(rows, ensure_ascii=False)}
            await connection.execute(_ADD_ENTRIES, told | {"sample": sample})
            await connection.execute(_ADD_VERSIONS, told | {"by": model_json(by)})
    return done


@dataclass
class _Known:
    """What a register has of those whose entries are put in: by code, and by whatever tells who is who."""

    codes: dict[str, str]
    persons: dict[str, list[Registered]]
    holding: dict[str, tuple[str, bool]]
    last: dict[str, int]

    def outcome(self, said: dict[str, Any]) -> PutOutcome | EntryElsewhere:
        code = self.codes.get(said["code_key"])
        elsewhere = self._elsewhere(said) if code in (None, said["code"]) else code
        if elsewhere is not None:
            return EntryElsewhere(said["name"], elsewhere)
        if code is not None and self.holding.get(code) == (said["entry_sha256"], said["ended"]):
            return PutOutcome.UNCHANGED
        # Whoever comes after it in the same sheet is not put in a second time.
        self.codes[said["code_key"]] = said["code"]
        for key in _person_keys(said):
            self.persons.setdefault(key, []).append(_registered(said))
        return PutOutcome.CREATED if code is None else PutOutcome.CHANGED

    def place(self, said: dict[str, Any], outcome: PutOutcome | EntryElsewhere) -> dict[str, Any]:
        """Which version this becomes."""
        return {
            "is_new": outcome is PutOutcome.CREATED,
            "version": self.last.get(said["code"], 0) + 1,
        }

    def _elsewhere(self, said: dict[str, Any]) -> str | None:
        ours = _registered(said)
        for key in _person_keys(said):
            for other in self.persons.get(key, ()):
                if other.code != ours.code and ours.is_same_as(other):
                    return other.code
        return None


async def _known(connection: AsyncConnection, register: Register, said: Sequence[dict[str, Any]]) -> _Known:
    asked: dict[str, Any] = {
        "register": register,
        "codes": [one["code"] for one in said],
        "code_keys": [one["code_key"] for one in said],
        "name_keys": [one["name_key"] for one in said if one["name_key"]],
        "registration_keys": [one["registration_key"] for one in said if one["registration_key"]],
        "on": date.fromisoformat(said[0]["holds_from"]) if said else date.min,
    }
    codes = await connection.execute(_SAME_CODES, asked)
    persons: dict[str, list[Registered]] = {}
    for row in (await connection.execute(_PERHAPS_THE_SAME, asked)).mappings():
        for key in _person_keys(row):
            persons.setdefault(key, []).append(_registered(row))
    holding = await connection.execute(_HOLDING, asked)
    last = await connection.execute(_LAST, asked)
    return _Known(
        codes={row.code_key: row.code for row in codes},
        persons=persons,
        holding={row.code: (row.entry_sha256, row.ended) for row in holding},
        last={row.code: row.version for row in last},
    )


def _registered(row: Mapping[Any, Any]) -> Registered:
    return Registered(code=row["code"], name=row["name"], registration=row["registration"])


def _person_keys(row: Mapping[Any, Any]) -> list[str]:
    """By what somebody may be another entry: his registration, and a name that is not a natural person's."""
    return [f"{of}:{row[of]}" for of in ("registration_key", "name_key") if row[of] is not None]


def _columns(code: str, change: EntryChange[Any]) -> dict[str, Any]:
    entry: RegisterEntry = change.entry
    stored = as_stored(entry)
    return {
        "code": code,
        "code_key": folded(code),
        "holds_from": change.holds_from.isoformat(),
        "ended": change.ended,
        "name": entry.name,
        "name_key": None if entry.is_person else name_key(entry.name),
        "registration": entry.registration,
        "registration_key": registration_key(entry.registration),
        "entry": stored,
        "entry_sha256": sha256(canonical(stored)),
        "reason": change.reason,
        "content": search.searchable(" ".join((code, entry.name, entry.registration or "", *entry.searched))),
    }


def version_of(row: Row[Any]) -> EntryVersion:
    """The version of a row that was selected as ``SHOWN``."""
    register = Register(row.register)
    return EntryVersion(
        register=register,
        code=row.code,
        version=row.version,
        holds_from=row.holds_from,
        ended=row.ended,
        entry=ENTRIES[register].model_validate(row.entry),
        reason=row.reason,
        recorded_by=Actor.model_validate(row.recorded_by),
        recorded_at=row.recorded_at,
        sample=row.sample,
    )


async def holding(
    connection: AsyncConnection, register: Register, codes: Sequence[str], on: date
) -> dict[str, EntryVersion]:
    """Of these entries what holds on a day, by their codes; what has ended, or not begun, is not there."""
    found = await connection.execute(_HOLDING_SEVERAL, {"register": register, "codes": list(codes), "on": on})
    return {row.code: version_of(row) for row in found}


async def names(engine: AsyncEngine, register: Register, codes: Sequence[str], on: date) -> dict[str, str]:
    """What these entries are called on a day, as :func:`holding` has them."""
    if not codes:
        return {}
    async with engine.connect() as connection:
        held = await holding(connection, register, codes, on)
    return {code: version.entry.name for code, version in held.items()}
