"""Any address of the order, put right at any moment of any course: the batch goes on, and verifies.

A party whose letter came back from the wrong one has its days once more.
"""

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from law.vocabulary import Role
from local.scenarios.beside import BESIDE
from local.scenarios.courses import COURSES, Course, Do
from messages.names import confirming, order_id
from messages.steps import StepName
from tests.quick.on_record import certificates
from tests.quick.played import InMemory, begun
from tests.quick.test_any_undone import goes_on
from tests.quick.test_any_wrong_day import again
from tests.quick.test_judging import stands_as_played
from tests.quick.test_put_right import confirm
from verify.certificate import verify

ADDRESSES = {
    "seller": ("place", "detail"),
    "platform": ("seller_address",),
    "producer": ("address",),
}
FILES = [course for course in (*COURSES, *BESIDE) if len(course.acts) > 6]
RETURNED = StepName.NOTICE_RETURNED


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(course=st.sampled_from(FILES), data=st.data())
def test_a_batch_goes_on_whichever_address_is_put_right(course: Course, data: st.DataObject) -> None:
    asyncio.run(_one_put_right(course, data))


async def _one_put_right(course: Course, data: st.DataObject) -> None:
    done = [place for place, act in enumerate(course.acts) if isinstance(act, Do)]
    last = data.draw(st.sampled_from(done))
    batch = begun()
    await batch.play(course.acts[: last + 1])
    if batch.case.is_over:
        return
    served = [file.party for file in batch.case.parties.values() if file.entitled and not batch.is_closed]
    if served and data.draw(st.booleans()):
        party = data.draw(st.sampled_from(served))
        returned = await batch.example(Role.OFFICER, RETURNED, notice="result_notice", recipient=party)
        note(f"{party} returned: {returned.accepted}")
        await batch.go_to(batch.world.clock + timedelta(days=data.draw(st.integers(0, 30))))
    for number in range(data.draw(st.integers(1, 2))):
        who = data.draw(st.sampled_from(sorted(ADDRESSES)))
        note(f"{course.name} to {last}: the address of {who} put right")
        batch = again(batch)
        await _with_another_address(batch, who, f"浙江省杭州市西湖区一路{number + 1}号")
    assert goes_on(batch)
    await stands_as_played(batch)
    await batch.go_to(batch.world.clock + timedelta(days=40))
    batch.end()
    for wait_id, certificate in certificates(batch.world).items():
        note(wait_id)
        verify(certificate)


async def _with_another_address(batch: InMemory, who: str, address: str) -> None:
    order: dict[str, Any] = batch.case.opening.order.model_dump(mode="json")
    *parents, name = ADDRESSES[who]
    of = order[who]
    for parent in parents:
        of = of[parent]
    of[name] = address
    step = {"corrects": str(order_id(batch.case.batch_no)), "body": order, "reason": "地址抄错"}
    proposed = await batch.do(Role.OFFICER, StepName.RECORD_CORRECTED, step)
    if proposed.accepted and confirming(str(proposed.step_id)) in batch.case.waits:
        confirmed = await confirm(batch, proposed)
        assert confirmed.accepted, confirmed.reason
