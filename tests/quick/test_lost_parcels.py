"""A parcel is lost: the others suffice, or sampling is given up, and nothing waits for ever (§5)."""

from typing import Any

import pytest
from pydantic import ValidationError

from law.vocabulary import Outcome, Role, Term
from local.scenarios.beside import LOST
from local.scenarios.courses import BOUGHT, DaysAgo, Do, Lapse, example_body
from messages.envelope import RefusalCode
from messages.steps import StepName
from messages.steps.sampling import Received
from tests.quick.memory import BEGAN
from tests.quick.table import Table

OFFICER, LAB = Role.OFFICER, Role.LAB
RECEIVED = StepName.RECEIVED
NOT_ALL: dict[str, Any] = {"lost": [LOST], "all_in": False}


async def waits(table: Table, batch_no: str) -> set[str]:
    return {wait.id for wait in (await table.snapshot(batch_no)).waits}


async def test_an_officer_sees_to_a_lost_parcel_within_a_term(table: Table) -> None:
    """He is reminded, and it climbs, until the others suffice or sampling is given up."""
    batch_no = await table.opened((BOUGHT[0], Do(LAB, RECEIVED, NOT_ALL)))
    wait = await table.wait(batch_no, Term.PARCEL_LOST)
    assert (wait.role, wait.internal, wait.step) == (OFFICER, True, StepName.SAMPLING_ABANDONED)
    await table.at(batch_no, [Lapse(Term.PARCEL_LOST)])
    assert table.alerts(batch_no)
    await table.at(batch_no, [Do(LAB, RECEIVED, {"parcels": [], "all_in": True})])
    assert await waits(table, batch_no) == {StepName.SEALING_SCHEDULED}


async def test_the_others_suffice_at_once(table: Table) -> None:
    """Nothing is asked of anybody then."""
    batch_no = await table.opened((BOUGHT[0], Do(LAB, RECEIVED, {"lost": [LOST]})))
    assert await waits(table, batch_no) == {StepName.SEALING_SCHEDULED}


async def test_where_all_are_lost_sampling_is_given_up(table: Table) -> None:
    """No sample can be sealed of what never came."""
    batch_no = await table.opened((BOUGHT[0],))
    nothing = await table.example(batch_no, LAB, RECEIVED, parcels=[], lost=[LOST])
    assert nothing.code is RefusalCode.OUT_OF_ORDER
    await table.at(batch_no, [Do(LAB, RECEIVED, {**NOT_ALL, "parcels": []})])
    await table.at(batch_no, [Do(OFFICER, StepName.SAMPLING_ABANDONED, {"ground": "parcel_lost"})])
    assert (await table.snapshot(batch_no)).outcome is Outcome.ABANDONED


async def test_a_parcel_is_not_lost_before_it_was_ordered(table: Table) -> None:
    batch_no = await table.opened((BOUGHT[0],))
    before = await table.example(batch_no, LAB, RECEIVED, lost=[{**LOST, "known_on": DaysAgo(1)}])
    assert before.code is RefusalCode.DATE_BEFORE_EVENT


def test_a_receipt_says_something() -> None:
    """Of what came, of what was lost, or that all is in."""
    with pytest.raises(ValidationError, match="收到或者丢失的包裹"):
        Received.model_validate(example_body(RECEIVED, BEGAN, {"parcels": [], "all_in": False}))
