"""A filed step is signalled to its batch's workflow, whether that runs, has ended or is yet to be started."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from law.vocabulary import Phase
from messages.envelope import Decision, StepEnvelope
from messages.steps import EVEN_WHEN_CLOSED
from store.ledger import batches, filings
from store.reads import read_model
from temporal import running


class NotStarted(Exception):
    """The batch's workflow is yet to be started; the step stays on the ledger and is signalled after that."""


async def signal_step(
    engine: AsyncEngine, client: Client, envelope: StepEnvelope, *, task_queue: str
) -> Decision | None:
    """Signal a step of the ledger; None once the signal has gone out.

    A batch that has ended is taken up again from its kept case for a step that may have been filed in time
    (§6). Any other step is refused for good, and the decision that stands is given back. Raises
    ``NotStarted``, and ``RPCError`` where Temporal does not answer.
    """
    try:
        await running.send_step(client, envelope)
    except running.NoSuchWorkflow:
        if await _taken_up_again(engine, client, envelope, task_queue):
            return None
        if not await _has_ended(engine, client, envelope.batch_no):
            raise NotStarted(envelope.batch_no) from None
        return await filings.refuse_closed(engine, envelope)
    return None


async def _taken_up_again(
    engine: AsyncEngine, client: Client, envelope: StepEnvelope, task_queue: str
) -> bool:
    if envelope.step not in EVEN_WHEN_CLOSED:
        return False
    async with batches.taking_up(engine, envelope.batch_no) as kept:
        if kept is None:
            return False
        await running.take_up_again(client, *kept, envelope, task_queue=task_queue)
        return True


async def _has_ended(engine: AsyncEngine, client: Client, batch_no: str) -> bool:
    """Temporal forgets an ended workflow after its retention; the read model does not."""
    if await running.has_ended(client, batch_no):
        return True
    return (await read_model.batch(engine, batch_no)).snapshot.phase is Phase.CLOSED
