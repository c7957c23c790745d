"""Any step that never happened, taken back at any later moment: the batch goes on as its ledger tells.

And every certificate that can be made out of its record can be verified.
"""

import asyncio
from datetime import timedelta

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from local.scenarios.beside import BESIDE
from local.scenarios.courses import COURSES, Course, Do
from messages.envelope import StepEnvelope
from messages.names import confirming
from tests.quick.on_record import certificates
from tests.quick.played import InMemory, begun
from tests.quick.test_any_wrong_day import again
from tests.quick.test_judging import stands_as_played
from tests.quick.test_put_right import PROOF, confirm, propose
from verify.certificate import verify
from workflows.procedure.change import Refused
from workflows.procedure.correctable import to_be_corrected


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(course=st.sampled_from([*COURSES, *BESIDE]), data=st.data())
def test_a_batch_goes_on_whatever_is_taken_back(course: Course, data: st.DataObject) -> None:
    asyncio.run(_one_taken_back(course, data))


async def _one_taken_back(course: Course, data: st.DataObject) -> None:
    done = [place for place, act in enumerate(course.acts) if isinstance(act, Do)]
    last = data.draw(st.sampled_from(done))
    batch = begun()
    await batch.play(course.acts[: last + 1])
    filed = [one for one in batch.world.ledger if can_be_taken_back(batch, one)]
    if not filed:
        return
    wrong = data.draw(st.sampled_from(filed))
    note(f"{course.name} to {last}: {wrong.step} {wrong.body} never happened")
    batch = again(batch)
    proposed = await propose(batch, wrong, None, PROOF)
    if proposed.accepted and confirming(str(proposed.step_id)) in batch.case.waits:
        confirmed = await confirm(batch, proposed)
        assert confirmed.accepted, confirmed.reason
    assert goes_on(batch)
    await stands_as_played(batch)
    await batch.go_to(batch.world.clock + timedelta(days=40))
    batch.end()
    for wait_id, certificate in certificates(batch.world).items():
        note(wait_id)
        verify(certificate)


def can_be_taken_back(batch: InMemory, step: StepEnvelope) -> bool:
    try:
        to_be_corrected(batch.case, step.step_id, is_undone=True)
    except Refused:
        return False
    return True


def goes_on(batch: InMemory) -> bool:
    """Whether the batch is closed, or waits for somebody."""
    return batch.is_closed or bool(batch.case.waits)
