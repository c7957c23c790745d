"""The repeat limit on what is really sealed, on the real servers: two batches at once (§3)."""

import asyncio
from uuid import uuid4

from law.vocabulary import Role
from local.scenarios.courses import BOUGHT, Do
from messages.envelope import RefusalCode
from messages.steps import StepName
from tests.procedure.conftest import Table

READY = (*BOUGHT, Do(Role.OFFICER, StepName.SEALING_SCHEDULED))


async def test_of_two_batches_that_turn_out_to_be_of_one_model_one_is_sealed(table: Table) -> None:
    """Neither order knew the model. The other is refused, and goes on with a supervisor's reason."""
    model = {"spec_model": f"同-{uuid4().hex[:8]}"}
    unknown = {"goods": {"spec_model": None}, "supervisor_reason": "型号须到货后才能确认"}
    numbers = [await table.opened(READY, **unknown) for _ in range(2)]
    decisions = await asyncio.gather(
        *(table.example(number, Role.OFFICER, StepName.SEALED, **model) for number in numbers)
    )
    assert sorted(decision.accepted for decision in decisions) == [False, True]
    (refused,) = [decision for decision in decisions if not decision.accepted]
    assert refused.code is RefusalCode.REPEAT_LIMIT
    second = numbers[0] if not decisions[0].accepted else numbers[1]
    reason = {**model, "repeat_reason": "两家店铺销售同一型号，确需分别检验"}
    assert (await table.example(second, Role.SUPERVISOR, StepName.SEALED, **reason)).accepted
