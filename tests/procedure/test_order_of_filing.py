"""Steps are decided in the order of the ledger, whichever signal is lost, overtaken or sent again."""

from itertools import permutations

import pytest

from law.vocabulary import Role
from local.scenarios.courses import BOTH_SERVED, example_body
from messages.envelope import RefusalCode, StepEnvelope
from messages.steps import StepName
from store.reads import read_model

OFFICER = Role.OFFICER
ACCEPTED, OBJECTED = StepName.RESULT_ACCEPTED, StepName.OBJECTION_FILED


async def file(table, batch_no: str, step: StepName) -> StepEnvelope:
    body = example_body(step, await table.clock(batch_no), {"party": "seller"})
    return await table.file(batch_no, OFFICER, step, body)


@pytest.mark.parametrize("first", [OBJECTED, ACCEPTED])
async def test_what_was_filed_first_is_decided_first_though_its_signal_was_lost(table, first) -> None:
    """An objection and an acceptance of one party: the ledger says which came first, not the signals."""
    batch_no = await table.opened(BOTH_SERVED)
    second = ACCEPTED if first is OBJECTED else OBJECTED
    unheard, heard = await file(table, batch_no, first), await file(table, batch_no, second)
    await table.signal(heard)
    assert (await table.decision(unheard.step_id)).accepted
    expected = RefusalCode.ALREADY_DONE if first is OBJECTED else RefusalCode.WAIVED
    assert (await table.decision(heard.step_id)).code is expected
    # The relay comes late, and twice; nothing is decided again.
    for envelope in (unheard, unheard, heard):
        await table.signal(envelope)
    assert (await table.example(batch_no, OFFICER, ACCEPTED, party="producer")).accepted
    lines = [line.key for line in await read_model.timeline(table.engine, batch_no)]
    assert lines.index(f"step:{unheard.step_id}") < lines.index(f"step:{heard.step_id}")
    assert [lines.count(f"step:{step.step_id}") for step in (unheard, heard)] == [1, 1]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=lambda order: "".join(map(str, order)))
async def test_signals_in_any_order(table, crew, order) -> None:
    """Objected, withdrawn, accepted: as filed every step is right; as signalled, only one order would be."""
    batch_no = await table.opened(BOTH_SERVED)
    await crew.leave()
    steps = [await file(table, batch_no, step) for step in (OBJECTED, StepName.OBJECTION_WITHDRAWN, ACCEPTED)]
    for number in order:
        await table.signal(steps[number])
    await crew.come()
    assert [(await table.decision(step.step_id)).accepted for step in steps] == [True, True, True]
