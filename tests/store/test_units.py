"""Where staff belong: each unit from a day on, the bureau's and subordinate ones', with what held before."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai
from law.vocabulary import Role
from messages.base import Actor
from store.access.revocations import revoked
from store.accounts import people, sessions, units
from store.desk import holding
from store.ledger import record
from store.reads import months, tasks
from store.reads.tasks import Whose
from tests.store.builders import change, duty, open_one, snapshot

ADMIN = Actor(sub="admin", name="管理员", role=Role.ADMIN)


def wang(bureau: str | None = None) -> Actor:
    return Actor(sub="wang", name="王某", role=Role.OFFICER, bureau=bureau)


async def test_a_unit_holds_from_its_day_on(engine: AsyncEngine) -> None:
    """One for next month is on record and not yet theirs; what is said again is not kept again."""
    today = day_in_shanghai(datetime.now(UTC))
    later = today + timedelta(days=30)
    await people.add(engine, wang(), unit="网监处", by=ADMIN)
    for _ in range(2):
        await people.change(engine, wang("QX-03"), unit="网监科", unit_from=later, by=ADMIN)
    known = await people.account(engine, "wang")
    assert known is not None
    assert (known.unit, known.bureau, known.actor.bureau) == ("网监处", None, None)
    assert [(one.holds_from, one.unit, one.bureau) for one in await units.of(engine, "wang")] == [
        (later, "网监科", "QX-03"),
        (today, "网监处", None),
    ]
    for day, bureau, unit in ((today, None, "网监处"), (later, "QX-03", "网监科")):
        assert [(one.bureau, one.unit, one.staff) for one in await units.staffed(engine, day)] == [
            (bureau, unit, 1)
        ]


async def test_whoever_is_signed_in_is_of_the_unit_that_holds_today(engine: AsyncEngine) -> None:
    """A move that holds already signs out; one that is still to come leaves tokens good until its day."""
    today = day_in_shanghai(datetime.now(UTC))
    await people.add(engine, wang(), unit="网监处", by=ADMIN)
    token = await sessions.begin(engine, "wang", how="link", agent="", client="")
    await people.change(engine, wang("QX-03"), unit="", unit_from=today + timedelta(days=9), by=ADMIN)
    found = await sessions.session(engine, token)
    assert found is not None
    assert found.bureau is None
    now = datetime.now(UTC).timestamp()
    assert not (await revoked(engine)).has(None, "wang", now - 60)
    await people.change(engine, wang("QX-03"), unit="", by=ADMIN)
    assert await sessions.session(engine, token) is None
    assert (await revoked(engine)).has(None, "wang", now - 60)
    anew = await sessions.session(engine, await sessions.begin(engine, "wang", how="x", agent="", client=""))
    assert anew is not None
    assert anew.actor == wang("QX-03")


async def test_a_deputy_reaches_no_further_than_either_of_the_two(engine: AsyncEngine) -> None:
    """Whoever moved to a subordinate bureau since acts for nobody beyond it."""
    today = day_in_shanghai(datetime.now(UTC))
    await people.add(engine, wang(), unit="", by=ADMIN)
    leader = Actor(sub="li", name="李某", role=Role.APPROVER)
    await people.add(engine, leader, unit="", by=ADMIN)
    await people.deputise(engine, deputy="wang", stands_in_for="li", from_day=today, to_day=today, by=ADMIN)
    await people.change(engine, wang("QX-03"), unit="", by=ADMIN)
    token = await sessions.begin(engine, "wang", how="link", agent="", client="")
    (deputy,) = await people.deputies_of(engine, "wang")
    opened = await sessions.session(engine, token)
    assert opened is not None
    await sessions.act(engine, opened.no, deputy.no)
    acting = await sessions.session(engine, token)
    assert acting is not None
    assert (acting.role, acting.bureau) == (Role.APPROVER, "QX-03")


@pytest.mark.parametrize(("bureau", "found"), [(None, ["zhang"]), ("QX-03", ["wang"]), ("QX-04", [])])
async def test_batches_are_handed_to_colleagues_of_one_bureau(
    engine: AsyncEngine, bureau: str | None, found: list[str]
) -> None:
    await people.add(engine, wang("QX-03"), unit="", by=ADMIN)
    await people.add(engine, Actor(sub="zhang", name="张某", role=Role.OFFICER), unit="", by=ADMIN)
    assert [one.sub for one in await holding.colleagues(engine, bureau)] == found


async def test_two_bureaus_may_have_an_office_of_one_name(engine: AsyncEngine) -> None:
    """Each is told of the batches of its own."""
    held = {}
    for sub, bureau in (("wang", "QX-03"), ("zhang", None)):
        actor = Actor(sub=sub, name="某", role=Role.OFFICER, bureau=bureau)
        await people.add(engine, actor, unit="网监科", by=ADMIN)
        held[bureau] = (await open_one(engine)).batch_no
        what = change(snapshot(held[bureau], 1, duty("w", last_day=day_in_shanghai(datetime.now(UTC)))))
        await record.write(engine, what, [], time_skipping=False)
        await holding.pass_on(engine, held[bureau], to=(sub, "某"), instead_of=None, by=actor, note="")
    for bureau, batch_no in held.items():
        page = await tasks.tasks(engine, Whose(unit="网监科", of_bureau=bureau))
        assert {one.batch_no for one in page.items} == {batch_no}
        whose = Whose(unit="网监科", of_bureau=bureau)
        assert (await tasks.counts(engine, whose)).open == 1
        await months.due_within(engine, date(2026, 12, 1), date(2027, 1, 1), whose)
