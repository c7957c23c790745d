"""Nobody decides on what he filed, in whatever role he calls."""

import pytest

from law.vocabulary import Role
from local.scenarios.beside import REOPENED
from local.scenarios.courses import BOTH_SERVED
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.steps import StepName
from tests.quick import memory
from tests.quick.table import Table


async def test_who_filed_an_application_does_not_decide_on_it(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """His other role's token does not help; another approver decides."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.example(batch_no, Role.OFFICER, StepName.OBJECTION_FILED)
    approver = memory.PEOPLE[Role.APPROVER]
    officer = memory.PEOPLE[Role.OFFICER]
    same = Actor(sub=officer.sub, name=officer.name, role=Role.APPROVER)
    for step in (StepName.OBJECTION_DECIDED, StepName.VOIDED):
        monkeypatch.setitem(memory.PEOPLE, Role.APPROVER, same)
        refused = await table.example(batch_no, Role.APPROVER, step)
        assert (refused.accepted, refused.code) == (False, RefusalCode.OWN_FILING)
    monkeypatch.setitem(memory.PEOPLE, Role.APPROVER, approver)
    assert (await table.example(batch_no, Role.APPROVER, StepName.OBJECTION_DECIDED)).accepted


async def test_who_recorded_an_application_late_does_not_examine_it(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filed in time and recorded after silence: examined by another than who recorded it."""
    steps = [getattr(act, "step", None) for act in REOPENED.acts]
    batch_no = await table.opened(REOPENED.acts[: steps.index(StepName.REOPENING_DECIDED)])
    officer = memory.PEOPLE[Role.OFFICER]
    same = Actor(sub=officer.sub, name=officer.name, role=Role.APPROVER)
    monkeypatch.setitem(memory.PEOPLE, Role.APPROVER, same)
    refused = await table.example(batch_no, Role.APPROVER, StepName.REOPENING_DECIDED)
    assert (refused.accepted, refused.code) == (False, RefusalCode.OWN_FILING)
