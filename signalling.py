"""A step reaches its batch's workflow: it runs, has ended, was lost, or is yet to be started."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from law.vocabulary import OVER, DocumentKind, Phase
from messages.envelope import Decision, StepEnvelope
from messages.standing import StandingInput
from messages.steps import EVEN_WHEN_CLOSED
from store.ledger import batches, filings
from store.ledger.batches import OnRecord
from temporal import running

LOST = "流程已不存在（被终止、出错结束或者丢失）"
STUCK = "流程反复出错、不能继续"


class NotStarted(Exception):
    """The batch's workflow is yet to be started; the step stays on the ledger and is signalled after that."""


async def signal_step(
    engine: AsyncEngine, client: Client, envelope: StepEnvelope, *, task_queue: str
) -> Decision | None:
    """Signal a step of the ledger; None once it has reached its batch.

    A batch that has closed is taken up again from its record for a step that may have been filed in time
    (§6); any other step is then refused for good, and the decision that stands is given back. A batch that
    is open and has no workflow is taken up from its record. Raises ``NotStarted``, ``running.NotTaken``, and
    ``RPCError`` where Temporal does not answer.
    """
    try:
        await running.send_step(client, envelope)
    except running.NoSuchWorkflow:
        async with batches.taking_up(engine, envelope.batch_no) as kept:
            if kept is None:
                raise NotStarted(envelope.batch_no) from None
            if kept.phase is not Phase.CLOSED or _may_go_on(kept, envelope):
                await _take_up(client, kept, task_queue)
                return None
        return await filings.refuse_closed(engine, envelope)
    return None


async def visit(engine: AsyncEngine, client: Client, batch_no: str, *, task_queue: str) -> None:
    """Have a batch go on that should have done something: it compares itself with its record.

    Without a workflow, or with one whose tasks fail again and again, it is taken up from its record, exactly
    where that stands. Raises ``running.NotTaken``, and ``RPCError`` where Temporal does not answer.
    """
    because = STUCK if await running.end_if_stuck(client, batch_no) else LOST
    try:
        await running.compare_with_record(client, batch_no)
    except running.NoSuchWorkflow:
        async with batches.taking_up(engine, batch_no) as kept:
            if kept is not None and kept.phase is not Phase.CLOSED:
                return await _take_up(client, kept, task_queue, because)
        if kept is None:
            opening = await batches.opening_of(engine, batch_no)
            return await running.start_batch(client, opening, task_queue=task_queue, is_lost=True)
        for step in (await filings.standing(engine, StandingInput(batch_no=batch_no, taken=()))).steps:
            await signal_step(engine, client, step, task_queue=task_queue)


def _may_go_on(kept: OnRecord, envelope: StepEnvelope) -> bool:
    of_the_end = envelope.body.get("notice") == DocumentKind.VOIDANCE_NOTICE
    return envelope.step in EVEN_WHEN_CLOSED and (kept.outcome not in OVER or of_the_end)


async def _take_up(client: Client, kept: OnRecord, task_queue: str, because: str = LOST) -> None:
    carried = kept.carried.model_copy(update={"because": None if kept.phase is Phase.CLOSED else because})
    await running.take_up(client, kept.opening, carried, kept.phase, kept.ahead, task_queue=task_queue)
