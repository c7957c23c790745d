"""The schedules: relay, reading of bounces, the sweep of the evidence, and each day's checkpoint."""

from contextlib import suppress
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.service import RPCError, RPCStatusCode

RELAY_ID = "choujian-relay"
BOUNCES_ID = "choujian-bounces"
CHECKPOINT_ID = "choujian-checkpoint"
SWEEP_ID = "choujian-evidence-sweep"
_RELAY_EVERY = timedelta(seconds=5)
_BOUNCES_EVERY = timedelta(minutes=1)
_SWEEP_EVERY = timedelta(hours=1)
# 00:10 in Asia/Shanghai, which has no summer time: the server need not know any time zone.
_DAILY = ScheduleCalendarSpec(hour=(ScheduleRange(16),), minute=(ScheduleRange(10),))
# What was missed is made up for as soon as Temporal is there again; of several days it is one checkpoint.
_CAUGHT_UP = timedelta(days=7)


async def ensure_relay_schedule(client: Client, *, task_queue: str) -> None:
    """Have one relay at work at all times, started again within seconds; leaves an existing one alone."""
    await _ensure_schedule(
        client, RELAY_ID, "Relay", _RELAY_EVERY, "补发未送达流程的批次和步骤", task_queue=task_queue
    )


async def ensure_sweep_schedule(client: Client, *, task_queue: str) -> None:
    """Have evidence read again each hour, first at once; leaves an existing schedule alone."""
    await _ensure_schedule(
        client,
        SWEEP_ID,
        "EvidenceSweep",
        _SWEEP_EVERY,
        "重读证据，核对摘要",
        task_queue=task_queue,
        at_once=True,
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
    client: Client,
    name: str,
    workflow: str,
    every: timedelta,
    summary: str,
    *,
    task_queue: str,
    at_once: bool = False,
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
        await client.create_schedule(name, schedule, trigger_immediately=at_once)


async def ensure_checkpoint_schedule(client: Client, *, task_queue: str) -> None:
    """Have a checkpoint made each day, the first at once; leaves an existing schedule alone."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            "Checkpoint",
            id=CHECKPOINT_ID,
            task_queue=task_queue,
            # Over before the next day's, which sees to whatever this one could not.
            execution_timeout=timedelta(hours=23),
            static_summary="全部批次记录的每日检查点",
        ),
        spec=ScheduleSpec(calendars=[_DAILY]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CAUGHT_UP),
    )
    with suppress(ScheduleAlreadyRunningError):
        await client.create_schedule(CHECKPOINT_ID, schedule, trigger_immediately=True)
