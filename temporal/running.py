"""The workflow of a batch as clients reach it: started, signalled, taken up again once it has closed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from law.vocabulary import Phase
from messages.envelope import StepEnvelope
from messages.names import batch_no_of, workflow_id
from messages.opening import CALENDAR_ANNOUNCED, COMPARE_WITH_RECORD, WORKFLOW_TYPE, Carried, Opening
from messages.order import Producer, Seller
from messages.words import CATEGORIES, PHASES
from temporal.attributes import OVERDUE, PHASE
from temporal.skipping import fast_forwarding

_SUMMARY_LIMIT_BYTES = 400  # the server refuses more
_RUNNING = f"WorkflowType = '{WORKFLOW_TYPE}' and ExecutionStatus = 'Running'"
# What Temporal answers to a request that it will not take however often it comes: too large, malformed.
_ABOUT_THE_CONTENT = frozenset(
    {RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.OUT_OF_RANGE}
)
_STUCK_FROM_ATTEMPT = 4
_TOO_LARGE = "larger than max"
# The namespace lacks what the worker prepares it with, and will again: no batch's fault.
_NOT_PREPARED = "search attribute"


class NoSuchWorkflow(Exception):
    """Temporal has no running workflow for the batch: it has ended, or it was never started."""


class NotTaken(Exception):
    """Temporal works, and does not take what it was sent for this batch; other batches are not concerned."""

    def __init__(self, batch_no: str, reason: str) -> None:
        super().__init__(reason)
        self.batch_no = batch_no


@contextmanager
def telling_content_from_transport(batch_no: str) -> Iterator[None]:
    """Raises ``NotTaken`` for what Temporal refuses for its content, and lets every other error through."""
    try:
        yield
    except RPCError as error:
        too_large = error.status is RPCStatusCode.RESOURCE_EXHAUSTED and _TOO_LARGE in error.message
        if (error.status in _ABOUT_THE_CONTENT or too_large) and _NOT_PREPARED not in error.message:
            raise NotTaken(batch_no, error.message[:500]) from error
        raise


async def start_batch(client: Client, opening: Opening, *, task_queue: str, is_lost: bool = False) -> None:
    """Start the batch's workflow; harmless when it runs already or has run.

    ``is_lost``: it ran, and was ended before anything was recorded. Raises ``NotTaken``.
    """
    reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE if is_lost else WorkflowIDReusePolicy.REJECT_DUPLICATE
    shown = _as_shown(opening, task_queue, Phase.SAMPLING)
    try:
        with telling_content_from_transport(opening.batch_no):
            await client.start_workflow(
                WORKFLOW_TYPE,
                # Both, for the SDK reads arguments as what they are only where all of them are there.
                args=[opening, None],
                id_reuse_policy=reuse,
                **shown | {"id_conflict_policy": WorkflowIDConflictPolicy.FAIL},
            )
    except WorkflowAlreadyStartedError:
        # It may be another's, ordered under this number before the database was restored: it finds out.
        with suppress(NoSuchWorkflow):
            await compare_with_record(client, opening.batch_no)


async def take_up(
    client: Client, opening: Opening, carried: Carried, phase: Phase, ahead: timedelta, *, task_queue: str
) -> None:
    """Start a batch's workflow from its record; every step that is not decided it finds in the ledger.

    Under the same workflow id, never beside one that runs: that one is told to compare itself with the
    record. ``ahead``: how far the batch had been fast-forwarded (tests, demonstration); its workflow is so
    again. Raises ``NotTaken``.
    """
    with telling_content_from_transport(opening.batch_no):
        await fast_forwarding(client, ahead).start_workflow(
            WORKFLOW_TYPE,
            args=[opening, carried],
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=COMPARE_WITH_RECORD,
            start_signal_args=[],
            **_as_shown(opening, task_queue, phase),
        )


def _as_shown(opening: Opening, task_queue: str, phase: Phase) -> dict[str, Any]:
    """How a batch's workflow is started and found: id, queue, what the Temporal pages show."""
    return {
        "id": workflow_id(opening.batch_no),
        "task_queue": task_queue,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "search_attributes": TypedSearchAttributes(
            [SearchAttributePair(PHASE, PHASES[phase]), SearchAttributePair(OVERDUE, False)]
        ),
        "static_summary": _clamped(opening.title),
        "static_details": _details(opening),
    }


async def send_step(client: Client, envelope: StepEnvelope) -> None:
    """Signal a filed step. Raises ``NoSuchWorkflow`` when there is none to signal, and ``NotTaken``."""
    await _signal(client, envelope.batch_no, envelope.step, envelope)


async def announce_calendar(client: Client, batch_no: str, revision: int) -> None:
    """Have a batch count its deadlines again. Raises ``NoSuchWorkflow`` when there is none to signal."""
    await _signal(client, batch_no, CALENDAR_ANNOUNCED, revision)


async def compare_with_record(client: Client, batch_no: str) -> None:
    """Have a batch look what its record knows more. Raises ``NoSuchWorkflow``, as the others do."""
    await _signal(client, batch_no, COMPARE_WITH_RECORD)


async def end_if_stuck(client: Client, batch_no: str) -> bool:
    """End a workflow whose tasks fail again and again, so that its batch can be taken up from its record.

    A history that no worker can replay (a worker's memory newer than a restored database, a defect since
    mended) never gets on by itself. False where the workflow gets on, or there is none.
    """
    handle = client.get_workflow_handle(workflow_id(batch_no))
    try:
        task = (await handle.describe()).raw_description.pending_workflow_task
        if task.attempt < _STUCK_FROM_ATTEMPT:
            return False
        await handle.terminate(f"workflow task failed {task.attempt} times; taken up from the record")
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def _signal(client: Client, batch_no: str, name: str, *arguments: object) -> None:
    try:
        with telling_content_from_transport(batch_no):
            await client.get_workflow_handle(workflow_id(batch_no)).signal(name, args=arguments)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NoSuchWorkflow(batch_no) from error
        raise


async def running_batches(client: Client, task_queue: str) -> set[str]:
    """The numbers of all batches that have a running workflow, as Temporal's list has them: seconds old."""
    running = client.list_workflows(_running_on(task_queue), page_size=1000)
    return {batch_no_of(execution.id) async for execution in running}


async def running_count(client: Client, task_queue: str) -> int:
    """How many there are."""
    return (await client.count_workflows(_running_on(task_queue))).count


def _running_on(task_queue: str) -> str:
    """Of this installation: another one's batches are on another queue, and nobody's here."""
    return f"{_RUNNING} and TaskQueue = '{task_queue}'"


def _details(opening: Opening) -> str:
    """What was ordered, for the Temporal UI; what has become of it are the workflow's current details."""
    order = opening.order
    laboratory = order.laboratory
    lines = [
        ("商品", "，".join(filter(None, (order.goods.name, order.goods.trademark, order.goods.spec_model)))),
        ("网络商品经营者", _named(order.seller)),
        ("第三方交易平台", order.platform.name if order.platform else "未使用"),
        ("标称生产者", _named(order.producer) if order.producer else "不明"),
        ("管辖", CATEGORIES[opening.category]),
        ("抽检实施方案", order.scheme.reference),
        ("承检机构", f"{laboratory.name}（{laboratory.code}），检验周期{laboratory.contract_days}天"),
        ("适用", opening.regulation.title),
        ("全程记录", f"`GET /batches/{opening.batch_no}/timeline`"),
    ]
    return "\n".join(f"- {name}：{text}" for name, text in lines)


def _named(party: Seller | Producer) -> str:
    """Its name, unless that is a person's: Temporal keeps these pages for everybody who may see them."""
    return "自然人" if party.natural_person else party.name


def _clamped(text: str) -> str:
    """At most as many bytes as the server takes, whole characters only."""
    return text.encode()[:_SUMMARY_LIMIT_BYTES].decode(errors="ignore")
