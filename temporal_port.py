"""Speaking to Temporal: connecting, starting batches, sending steps, and what a namespace needs."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    WorkflowExecutionStatus,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.testing._timeskipping import FastForwardConfig

from law.vocabulary import Phase
from messages.envelope import StepEnvelope
from messages.opening import CALENDAR_ANNOUNCED, WORKFLOW_TYPE, Opening, workflow_id
from messages.order import Producer, Seller
from messages.words import CATEGORIES, PHASES
from settings import Settings
from workflows.attributes import NEXT_DEADLINE, OUTCOME, OVERDUE, PHASE, WAITING_FOR

RELAY_ID = "choujian-relay"
BOUNCES_ID = "choujian-bounces"
_RELAY_EVERY = timedelta(seconds=5)
_BOUNCES_EVERY = timedelta(minutes=1)
_SUMMARY_LIMIT_BYTES = 400  # the server refuses more
_KEYS: tuple[SearchAttributeKey[Any], ...] = (PHASE, WAITING_FOR, NEXT_DEADLINE, OVERDUE, OUTCOME)


_CONVERTERS = tuple(PydanticPayloadConverter().converters.values())


class _MessageConverter(CompositePayloadConverter):
    """The SDK makes a payload converter for every workflow, and one more for every task that goes in or out.

    All of ours share what is dear to make: the pydantic converter with the types it has learnt to read.
    """

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


DATA_CONVERTER = DataConverter(payload_converter_class=_MessageConverter)


class NoSuchWorkflow(Exception):
    """Temporal has no running workflow for the batch: it has ended, or it was never started."""


async def connect(settings: Settings) -> Client:
    """A client that speaks in our messages. Raises ``RuntimeError`` where Temporal cannot be reached."""
    return await Client.connect(
        settings.temporal_target,
        namespace=settings.temporal_namespace,
        data_converter=DATA_CONVERTER,
    )


async def start_batch(client: Client, opening: Opening, *, task_queue: str) -> None:
    """Start the batch's workflow; harmless when it runs already or has run."""
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            WORKFLOW_TYPE,
            opening,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            **_as_shown(opening, task_queue, Phase.SAMPLING),
        )


async def take_up_again(
    client: Client,
    opening: Opening,
    kept: dict[str, Any],
    ahead: timedelta,
    envelope: StepEnvelope,
    *,
    task_queue: str,
) -> None:
    """Signal a step to a closed batch's workflow, started again from its kept case in the same breath.

    Under the same workflow id, never beside one that runs: that one gets the signal. Needs no history.
    ``ahead``: how far the batch had been fast-forwarded (tests, demonstration); its workflow is so again.
    """
    await _fast_forwarding(client, ahead).start_workflow(
        WORKFLOW_TYPE,
        args=[opening, kept | {"opening": opening}],
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        start_signal=envelope.step,
        start_signal_args=[envelope],
        **_as_shown(opening, task_queue, Phase.CLOSED),
    )


def _fast_forwarding(client: Client, ahead: timedelta) -> Client:
    """A client whose workflows start with their clock moved on by ``ahead``."""
    if not ahead:
        return client
    by = FastForwardConfig(id=str(uuid4()), duration=ahead)
    return TimeSkipper(client, config=TimeSkippingConfig(fast_forward_config=by)).client


def _as_shown(opening: Opening, task_queue: str, phase: Phase) -> dict[str, Any]:
    """How a batch's workflow is started and found: id, queue, what the Temporal pages show."""
    order = opening.order
    seller = "" if order.seller.natural_person else f" · {order.seller.name}"
    return {
        "id": workflow_id(opening.batch_no),
        "task_queue": task_queue,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "search_attributes": TypedSearchAttributes(
            [SearchAttributePair(PHASE, PHASES[phase]), SearchAttributePair(OVERDUE, False)]
        ),
        "static_summary": _clamped(f"{opening.batch_no} {order.goods.name}{seller}"),
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


async def fast_forwarded_to(client: Client, batch_no: str) -> datetime | None:
    """The clock of a batch that was fast-forwarded (tests, demonstration); None for any other."""
    try:
        description = await client.get_workflow_handle(workflow_id(batch_no)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    extended = description.raw_description.workflow_extended_info
    if not extended.HasField("time_skipping_info"):
        return None
    return extended.time_skipping_info.current_time.ToDatetime(UTC)


async def has_ended(client: Client, batch_no: str) -> bool:
    """Whether the batch's workflow is known to have ended; False also where Temporal knows nothing of it."""
    try:
        description = await client.get_workflow_handle(workflow_id(batch_no)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return description.status is not WorkflowExecutionStatus.RUNNING


async def ensure_search_attributes(client: Client) -> None:
    """Register what is missing; an unregistered attribute would wedge a batch's workflow."""
    operator = client.operator_service
    listed = await operator.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    missing = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type)
        for key in _KEYS
        if key.name not in listed.custom_attributes
    }
    if not missing:
        return
    try:
        await operator.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:  # another process was quicker
            raise


async def ensure_relay_schedule(client: Client, *, task_queue: str) -> None:
    """Have one relay at work at all times, started again within seconds; leaves an existing one alone."""
    await _ensure_schedule(
        client, RELAY_ID, "Relay", _RELAY_EVERY, "补发未送达流程的批次和步骤", task_queue=task_queue
    )


async def keep_bounces_schedule(client: Client, *, task_queue: str, wanted: bool) -> None:
    """Have the bounces read at all times where there is a mailbox for them, and not where there is none."""
    if wanted:
        await _ensure_schedule(
            client, BOUNCES_ID, "Bounces", _BOUNCES_EVERY, "查看退信邮箱", task_queue=task_queue
        )
        return
    try:
        await client.get_schedule_handle(BOUNCES_ID).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def _ensure_schedule(
    client: Client, name: str, workflow: str, every: timedelta, summary: str, *, task_queue: str
) -> None:
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            workflow,
            id=name,
            task_queue=task_queue,
            execution_timeout=timedelta(hours=3),
            static_summary=summary,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
    with suppress(ScheduleAlreadyRunningError):
        await client.create_schedule(name, schedule)


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
