"""The workflow of a batch as clients reach it: started, signalled, taken up again once it has closed."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus
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
from messages.opening import CALENDAR_ANNOUNCED, WORKFLOW_TYPE, Carried, Opening
from messages.order import Producer, Seller
from messages.words import CATEGORIES, PHASES
from temporal.attributes import OVERDUE, PHASE
from temporal.skipping import fast_forwarding

_SUMMARY_LIMIT_BYTES = 400  # the server refuses more


class NoSuchWorkflow(Exception):
    """Temporal has no running workflow for the batch: it has ended, or it was never started."""


async def start_batch(client: Client, opening: Opening, *, task_queue: str) -> None:
    """Start the batch's workflow; harmless when it runs already or has run."""
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            WORKFLOW_TYPE,
            # Both, for the SDK reads arguments as what they are only where all of them are there.
            args=[opening, None],
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            **_as_shown(opening, task_queue, Phase.SAMPLING),
        )


async def take_up_again(
    client: Client,
    opening: Opening,
    carried: Carried,
    ahead: timedelta,
    envelope: StepEnvelope,
    *,
    task_queue: str,
) -> None:
    """Signal a step to a closed batch's workflow, started again from its kept case in the same breath.

    Under the same workflow id, never beside one that runs: that one gets the signal. Needs no history.
    ``ahead``: how far the batch had been fast-forwarded (tests, demonstration); its workflow is so again.
    """
    await fast_forwarding(client, ahead).start_workflow(
        WORKFLOW_TYPE,
        args=[opening, carried],
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        start_signal=envelope.step,
        start_signal_args=[envelope],
        **_as_shown(opening, task_queue, Phase.CLOSED),
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
    """Signal a filed step. Raises ``NoSuchWorkflow`` when there is none to signal."""
    await _signal(client, envelope.batch_no, envelope.step, envelope)


async def announce_calendar(client: Client, batch_no: str, revision: int) -> None:
    """Have a batch count its deadlines again. Raises ``NoSuchWorkflow`` when there is none to signal."""
    await _signal(client, batch_no, CALENDAR_ANNOUNCED, revision)


async def _signal(client: Client, batch_no: str, name: str, argument: object) -> None:
    try:
        await client.get_workflow_handle(workflow_id(batch_no)).signal(name, argument)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NoSuchWorkflow(batch_no) from error
        raise


async def has_ended(client: Client, batch_no: str) -> bool:
    """Whether the batch's workflow is known to have ended; False also where Temporal knows nothing of it."""
    try:
        description = await client.get_workflow_handle(workflow_id(batch_no)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return description.status is not WorkflowExecutionStatus.RUNNING


async def running_batches(client: Client) -> set[str]:
    """The numbers of all batches that have a running workflow, as Temporal's list has them: seconds old."""
    running = client.list_workflows(
        f"WorkflowType = '{WORKFLOW_TYPE}' and ExecutionStatus = 'Running'", page_size=1000
    )
    return {batch_no_of(execution.id) async for execution in running}


async def running_count(client: Client) -> int:
    """How many there are."""
    query = f"WorkflowType = '{WORKFLOW_TYPE}' and ExecutionStatus = 'Running'"
    return (await client.count_workflows(query)).count


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
