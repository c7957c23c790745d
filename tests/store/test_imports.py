"""A year is brought in by two people, never overwritten, and the last one approved is in force."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import CalendarYear
from messages.base import Actor
from store.calendars import arrangements, imports
from store.errors import (
    ImportApprovedByProposer,
    ImportSuperseded,
    ImportUnknown,
    NothingToImport,
    VersionReused,
)
from tests.store.builders import APPROVER, OFFICER, PROPOSER, put_in_force

YEAR = CalendarYear(year=2029, version="虚构甲", announced=True, holidays={date(2029, 1, 1): "元旦"})
OTHER = YEAR.model_copy(update={"version": "虚构乙", "holidays": {date(2029, 1, 2): "元旦"}})


async def in_force(engine: AsyncEngine) -> str | None:
    """The version that 2029 is counted on, None while it is a guess."""
    calendar = (await arrangements.in_force(engine)).calendar
    return {year.year: year.version for year in calendar.years if year.announced}.get(2029)


async def test_a_proposal_counts_for_nothing_until_another_has_approved_it(engine: AsyncEngine) -> None:
    """Who proposed and who approved, and when, stay on record."""
    proposal, fresh = await imports.propose(engine, YEAR, PROPOSER)
    assert (fresh, proposal.in_force, await in_force(engine)) == (True, False, None)
    with pytest.raises(ImportApprovedByProposer):
        await imports.approve(engine, proposal.no, PROPOSER)
    approved = await imports.approve(engine, proposal.no, APPROVER)
    assert (approved.proposed_by, approved.approved_by, approved.in_force) == (PROPOSER, APPROVER, True)
    assert (await in_force(engine), await arrangements.revision(engine)) == ("虚构甲", approved.revision)
    assert await imports.one(engine, proposal.no) == approved


async def test_the_same_person_in_another_role_is_the_same_person(engine: AsyncEngine) -> None:
    """Neither here nor past the program: the database holds it too."""
    proposal, _ = await imports.propose(engine, YEAR, PROPOSER)
    with pytest.raises(ImportApprovedByProposer):
        await imports.approve(engine, proposal.no, PROPOSER.model_copy(update={"role": APPROVER.role}))
    with pytest.raises(DBAPIError, match="two_people"):
        async with engine.begin() as connection:
            await connection.execute(
                text(
                    "update approvals set decided_by = proposed_by, decided_at = now(), verdict = 'approved'"
                )
            )


async def test_the_same_content_again_is_harmless(engine: AsyncEngine) -> None:
    """An open proposal is that proposal; what is in force is not proposed again, under whatever name."""
    first, _ = await imports.propose(engine, YEAR, PROPOSER)
    again, fresh = await imports.propose(engine, YEAR, OFFICER)
    assert (again, fresh) == (first, False)
    await imports.approve(engine, first.no, APPROVER)
    for same in (YEAR, YEAR.model_copy(update={"version": "虚构甲（重发）"})):
        with pytest.raises(NothingToImport, match="虚构甲"):
            await imports.propose(engine, same, PROPOSER)
    (library,) = [year for year in (await arrangements.in_force(engine)).calendar.years if year.year == 2026]
    with pytest.raises(NothingToImport, match="chinesecalendar"):
        await imports.propose(
            engine, library.model_copy(update={"version": "国办发明电〔2025〕7号"}), PROPOSER
        )


async def test_a_version_stands_for_one_content(engine: AsyncEngine) -> None:
    """Proposed or approved, the name is taken."""
    await imports.propose(engine, YEAR, PROPOSER)
    with pytest.raises(VersionReused):
        await imports.propose(engine, OTHER.model_copy(update={"version": "虚构甲"}), PROPOSER)


async def test_a_correction_is_another_import_and_the_last_approved_is_in_force(engine: AsyncEngine) -> None:
    """Nothing is overwritten; an older proposal cannot come back over a newer one."""
    left_lying, _ = await imports.propose(engine, OTHER.model_copy(update={"version": "旧"}), PROPOSER)
    first = await put_in_force(engine, YEAR)
    second = await put_in_force(engine, OTHER)
    assert await in_force(engine) == "虚构乙"
    states = [(one.no, one.in_force) for one in await imports.imports(engine)]
    assert states == [(left_lying.no, False), (first.no, False), (second.no, True)]
    with pytest.raises(ImportSuperseded):
        await imports.approve(engine, left_lying.no, APPROVER)
    assert (await arrangements.kept(engine, [YEAR.digest]))[0].holidays == YEAR.holidays


async def test_a_year_approved_later_than_a_later_proposal_is_noticed(engine: AsyncEngine) -> None:
    """The revision counts approvals, not proposals: no process takes its calendar for the newest."""
    first, _ = await imports.propose(engine, YEAR, PROPOSER)
    await put_in_force(
        engine, OTHER.model_copy(update={"year": 2028, "holidays": {date(2028, 1, 1): "元旦"}})
    )
    before = await arrangements.revision(engine)
    assert (await imports.approve(engine, first.no, APPROVER)).revision == before + 1


async def test_two_at_once_cannot_both_win(engine: AsyncEngine) -> None:
    """The same proposed ten times is one; ten approvals are one; of two contents one has the name."""
    proposals = await asyncio.gather(*(imports.propose(engine, YEAR, PROPOSER) for _ in range(10)))
    assert sum(fresh for _, fresh in proposals) == 1
    people = [Actor(sub=f"a-{n}", name="甲", role=APPROVER.role) for n in range(10)]
    no = proposals[0][0].no
    approved = await asyncio.gather(*(imports.approve(engine, no, person) for person in people))
    assert len({one.approved_by.sub for one in approved if one.approved_by}) == 1
    assert await arrangements.revision(engine) == 1
    clashing = [OTHER, OTHER.model_copy(update={"holidays": {date(2029, 1, 3): "元旦"}})]
    results = await asyncio.gather(
        *(imports.propose(engine, year, PROPOSER) for year in clashing), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["VersionReused", "tuple"]


async def test_what_was_decided_is_not_undone(engine: AsyncEngine, superuser: AsyncEngine) -> None:
    """No import is changed or removed, and no guess is imported."""
    await put_in_force(engine, YEAR)
    for statement in (
        "update calendar_imports set version = 'x'",
        "update calendar_imports set revision = null",
        "update approvals set decided_by = null, decided_at = null, verdict = null",
        "delete from calendar_imports",
        "truncate calendar_recounts",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            async with superuser.begin() as connection:
                await connection.execute(text(statement))
    with pytest.raises(ImportUnknown):
        await imports.approve(engine, 10**6, APPROVER)
    with pytest.raises(ValueError, match="已公布"):
        await imports.propose(engine, OTHER.model_copy(update={"announced": False}), PROPOSER)
