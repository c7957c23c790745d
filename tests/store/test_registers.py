"""Registers: every version kept with its day; one legal person is one entry; found as a clerk types it."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from messages.registers import (
    BusinessChange,
    LaboratoryChange,
    PlatformChange,
    Register,
)
from store.errors import EntryElsewhere, EntryNotHeld, EntryUnknown
from store.registers import entries, reading
from store.registers.entries import PutOutcome
from tests.store.builders import OFFICER, PROPOSER

BUSINESSES, LABORATORIES = Register.BUSINESSES, Register.LABORATORIES
NEW_YEAR, SUMMER = date(2026, 1, 1), date(2026, 7, 1)


def business(name: str, registration: str | None = None, **changes: Any) -> BusinessChange:
    entry = {"name": name, "registration": registration} | changes.pop("entry", {})
    given = {"holds_from": NEW_YEAR, "reason": "登记", "entry": entry} | changes
    return BusinessChange.model_validate(given)


async def put(engine: AsyncEngine, code: str, change: Any, register: Register = BUSINESSES) -> PutOutcome:
    return await entries.put(engine, register, code, change, OFFICER)


async def names(engine: AsyncEngine, q: str, on: date = SUMMER) -> list[str]:
    page = await reading.listed(engine, BUSINESSES, on=on, q=q, limit=50, cursor=None)
    return [one.name for one in page.items]


async def test_what_is_said_again_is_not_put_in_again(engine: AsyncEngine) -> None:
    """Twice is the same as once; another content from a later day leaves the earlier day as it was."""
    assert await put(engine, "J1", business("甲公司")) is PutOutcome.CREATED
    assert await put(engine, "J1", business("甲公司")) is PutOutcome.UNCHANGED
    later = business("甲（集团）公司", holds_from=SUMMER, reason="更名")
    assert await put(engine, "J1", later) is PutOutcome.CHANGED
    assert await put(engine, "J1", business("甲公司")) is PutOutcome.UNCHANGED
    before = await reading.one(engine, BUSINESSES, "J1", on=date(2026, 6, 30))
    after = await reading.one(engine, BUSINESSES, "J1", on=SUMMER)
    assert (before.entry.name, after.entry.name) == ("甲公司", "甲（集团）公司")
    first, second = reversed(await reading.versions(engine, BUSINESSES, "J1"))
    assert (first.version, second.version, second.reason) == (1, 2, "更名")
    assert (second.recorded_by, second.holds_from) == (OFFICER, SUMMER)


async def test_what_is_put_right_counts_from_its_day(engine: AsyncEngine) -> None:
    """Of two versions from one day the one recorded last holds; the other stays readable by its number."""
    await put(engine, "J1", business("甲公可"))
    await put(engine, "J1", business("甲公司", reason="更正错字"))
    assert (await reading.one(engine, BUSINESSES, "J1", on=SUMMER)).entry.name == "甲公司"
    first = await reading.one(engine, BUSINESSES, "J1", on=SUMMER, version=1)
    assert first.entry.name == "甲公可"


async def test_what_is_used_ends_and_stays(engine: AsyncEngine) -> None:
    """From its day on it is in no list, before it is; nobody deletes it."""
    await put(engine, "J1", business("甲公司"))
    await put(engine, "J1", business("甲公司", holds_from=SUMMER, ended=True, reason="注销"))
    assert (await names(engine, "甲"), await names(engine, "甲", date(2026, 6, 30))) == ([], ["甲公司"])
    assert (await reading.one(engine, BUSINESSES, "J1", on=SUMMER)).ended
    async with engine.connect() as connection:
        assert await entries.holding(connection, BUSINESSES, ["J1"], SUMMER) == {}
    for statement in ("delete from register_versions", "update register_versions set reason = 'x'"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))


@pytest.mark.parametrize(
    ("known", "again"),
    [
        (business("甲公司", "91330106MA2AAAAA02"), business("别名公司", "91330106ma2aaaaa02")),
        (business("甲公司", "91330106MA2AAAAA02"), business("甲公司（标称）")),
        (business("ＡＢＣ公司"), business("abc 公司")),
    ],
    ids=["by code", "by name", "in another width"],
)
async def test_one_legal_person_is_one_entry(
    engine: AsyncEngine, known: BusinessChange, again: BusinessChange
) -> None:
    """By the credit code, else by the name in any spelling; the refusal says where it stands."""
    await put(engine, "J1", known)
    with pytest.raises(EntryElsewhere, match="J1") as refused:
        await put(engine, "J2", again)
    assert refused.value.code == "J1"


async def test_two_of_one_name_are_two_where_something_tells(engine: AsyncEngine) -> None:
    """Two credit codes are two companies; two natural persons may share a name."""
    await put(engine, "J1", business("甲公司", "91330106MA2AAAAA02"))
    await put(engine, "J2", business("甲公司", "91330100000000003J"))
    person = {"natural_person": True}
    await put(engine, "R1", business("张伟", "证件甲", entry=person))
    assert await put(engine, "R2", business("张伟", "证件乙", entry=person)) is PutOutcome.CREATED


async def test_a_code_in_another_spelling_is_that_code(engine: AsyncEngine) -> None:
    """LAB-01 is not entered a second time as lab01."""
    await put(engine, "LAB-01", business("甲公司"))
    with pytest.raises(EntryElsewhere, match="LAB-01"):
        await put(engine, "lab01", business("乙公司"))


async def test_of_two_at_once_one_becomes_the_entry(engine: AsyncEngine) -> None:
    """Two clerks enter one company under two codes in the same moment."""
    both = await asyncio.gather(
        *(put(engine, code, business("甲公司")) for code in ("J1", "J2")), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["EntryElsewhere", "PutOutcome"]


async def test_a_clerk_finds_what_is_typed(engine: AsyncEngine) -> None:
    """In any width and case, by name, registration, address or shop; page after page by code."""
    shop = {"shops": [{"url": "https://Shop.example.com/s/77"}]}
    await put(engine, "J1", business("杭州ABC贸易公司", "91330106MA2AAAAA02", entry=shop))
    await put(engine, "J2", business("宁波乙公司"))
    for q in ("abc贸易", "ＡＢＣ", "ma2aaaaa02", "shop.example.com/S/77", "杭"):
        assert await names(engine, q) == ["杭州ABC贸易公司"], q
    assert await names(engine, "不存在") == []
    first = await reading.listed(engine, BUSINESSES, on=SUMMER, q=None, limit=1, cursor=None)
    second = await reading.listed(engine, BUSINESSES, on=SUMMER, q=None, limit=1, cursor=first.next_cursor)
    assert [*first.items, *second.items][1].name == "宁波乙公司"
    assert second.next_cursor is None


@pytest.mark.parametrize("said", ["J1", "j1", "91330106ma2aaaaa02", "ABC 公司"])
async def test_an_entry_is_found_by_code_registration_or_name(engine: AsyncEngine, said: str) -> None:
    """Whatever a sheet gives."""
    await put(engine, "J1", business("ａｂｃ公司", "91330106MA2AAAAA02"))
    assert await reading.found(engine, BUSINESSES, [said, "别人"]) == {said: "J1"}


async def test_what_is_not_there_is_told_apart(engine: AsyncEngine) -> None:
    """An entry that begins later is not one that nobody knows; registers do not mix."""
    await put(engine, "J1", business("甲公司", holds_from=SUMMER))
    with pytest.raises(EntryNotHeld, match="尚未生效"):
        await reading.one(engine, BUSINESSES, "J1", on=NEW_YEAR)
    for register, code in ((BUSINESSES, "J2"), (Register.PLATFORMS, "J1")):
        with pytest.raises(EntryUnknown):
            await reading.one(engine, register, code, on=SUMMER)


async def test_many_are_put_in_together_and_none_spoils_another(engine: AsyncEngine) -> None:
    """A sheet in which somebody stands twice, and somebody who is there already."""
    await put(engine, "J1", business("甲公司"))
    sheet = [
        ("J1", business("甲公司")),
        ("J2", business("甲公司（标称）")),
        ("J3", business("丙公司")),
        ("J4", business("丙公司")),
        ("j-3", business("丁公司")),
        ("J5", business("戊公司")),
    ]
    done = await entries.put_all(engine, BUSINESSES, sheet, OFFICER)
    told = [str(one) if isinstance(one, PutOutcome) else type(one).__name__ for one in done]
    elsewhere = "EntryElsewhere"
    assert told == ["unchanged", elsewhere, "created", elsewhere, elsewhere, "created"]
    renamed = [("J1", business("己公司")), ("J6", business("己公司"))]
    first, second = await entries.put_all(engine, BUSINESSES, renamed, OFFICER)
    assert (first, type(second)) == (PutOutcome.CHANGED, EntryElsewhere)
    again = await entries.put_all(engine, BUSINESSES, [sheet[2], sheet[5]], OFFICER)
    assert again == [PutOutcome.UNCHANGED] * 2


async def test_a_dry_run_writes_nothing(engine: AsyncEngine) -> None:
    """It answers as the run would."""
    change = business("甲公司")
    tried = await entries.put_all(engine, BUSINESSES, [("J1", change)], PROPOSER, dry_run=True)
    assert tried == [PutOutcome.CREATED]
    assert await names(engine, "甲") == []


async def test_every_example_is_an_entry(engine: AsyncEngine) -> None:
    """The examples of the interface can be put in as they stand."""
    for register, model in ((LABORATORIES, LaboratoryChange), (Register.PLATFORMS, PlatformChange)):
        example = model.model_validate(model.model_json_schema()["example"])
        await put(engine, "X1", example, register)
        assert (await reading.one(engine, register, "X1", on=SUMMER)).entry == example.entry
