"""Composition root of the worker: builds the activities with what they need, registers them, runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.alerts import Alerting
from activities.bounces import Bounces
from activities.channels import port_for
from activities.checkpoints import Checkpointing, mail_for
from activities.dispatch import Dispatching
from activities.enclosures import Enclosures
from activities.judging import Judging
from activities.mailbox import mailbox_at
from activities.record import Recording
from activities.relay import Relaying
from activities.retention import Retaining
from activities.stamping import stamping_for
from activities.sweeping import Sweeping
from activities.telling import Telling, receivers_of
from activities.watching import keep_watching
from evidence.opening import evidence_room
from letters.typesetting import Typesetter
from settings import Settings
from signing.keys import Keyring
from store.calendars.in_force import AnnouncedCalendar
from store.engine import DATABASE_AWAY, make_engine
from store.migrate import is_current
from temporal import connecting, schedules
from workflows.batch.workflow import BatchWorkflow
from workflows.bounces import BouncesWorkflow
from workflows.checkpoint import CheckpointWorkflow
from workflows.relay import RelayWorkflow
from workflows.retention import RetentionWorkflow
from workflows.sweep import EvidenceSweepWorkflow

T = TypeVar("T")
_log = logging.getLogger(__name__)
_TRY_AGAIN_SECONDS = 0.5
_PREPARE_AGAIN_SECONDS = 20.0
# A batch in memory takes about 0.65 MB, the worker without any 140. One that has left it is replayed when
# something happens to it, which costs some 40 ms of processor time. bench/README.md
CACHED_BATCHES = 120
AT_ONCE = 100
# How long a batch waits for the worker that has it in memory before any other takes it over. Shorter than the
# API waits for a decision, so that one killed worker of several is not noticed by staff.
TAKEN_OVER_AFTER = timedelta(seconds=3)


def build_activities(
    engine: AsyncEngine, client: Client, settings: Settings, *, task_queue: str
) -> list[Callable[..., Any]]:
    """Every activity, given what it works with."""
    port = port_for(settings)
    beside = (
        Alerting(engine, settings.alert_urls).keep_alerting,
        Telling(engine, settings).keep_telling,
    )
    typesetter = Typesetter(settings.public_address, settings.more_fonts)
    recording = Recording(
        engine,
        AnnouncedCalendar(engine),
        port,
        typesetter,
        time_skipping=settings.time_skipping,
        operator_signals=settings.operator_signals,
    )
    room = evidence_room(settings, engine)
    activities: list[Callable[..., Any]] = [
        recording.record,
        recording.ask_ledger,
        recording.standing,
        recording.keep_displaced,
        recording.case_on_record,
        recording.file_unfiled,
        recording.calendar_in_force,
        Judging(engine).judge_anew,
        Dispatching(engine, port, typesetter, Enclosures(room)).dispatch,
        Relaying(engine, client, task_queue, beside).keep_relaying,
        Retaining(engine, client, task_queue).look,
        Sweeping(room).sweep,
    ]
    keyring = Keyring(settings.signing_folder)
    checkpointing = Checkpointing(engine, keyring, stamping_for(settings), mail_for(settings))
    activities += [checkpointing.make, checkpointing.stamp, checkpointing.mail]
    if settings.bounces_url:
        activities.append(Bounces(engine, mailbox_at(settings.bounces_url)).keep_reading)
    return activities


def build_worker(
    client: Client, engine: AsyncEngine, settings: Settings, *, task_queue: str | None = None
) -> Worker:
    """A worker, not started; ``task_queue`` where it is not the settings' own."""
    queue = task_queue or settings.task_queue
    return Worker(
        client,
        task_queue=queue,
        workflows=[
            BatchWorkflow,
            RelayWorkflow,
            BouncesWorkflow,
            CheckpointWorkflow,
            RetentionWorkflow,
            EvidenceSweepWorkflow,
        ],
        activities=build_activities(engine, client, settings, task_queue=queue),
        # What the sandbox would catch is checked before it runs: tests/test_architecture.py, tests/replay.
        workflow_runner=UnsandboxedWorkflowRunner(),
        sticky_queue_schedule_to_start_timeout=TAKEN_OVER_AFTER,
        max_cached_workflows=CACHED_BATCHES,
        max_concurrent_workflow_tasks=AT_ONCE,
        max_concurrent_local_activities=AT_ONCE,
        max_concurrent_activities=AT_ONCE,
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Work until ``stop``; waits for the database's migrations and for Temporal to be there first.

    Raises ``SettingFaulty``, before anything is waited for.
    """
    if settings.database_url is None:
        raise ValueError("DATABASE_URL is not set")
    _check(settings)
    engine = make_engine(settings.database_url)
    try:
        await _when_ready("the database and its migrations", stop, lambda: _migrated(engine))
        client = await _when_ready("Temporal", stop, lambda: _prepared(settings))
        if client is not None:
            async with build_worker(client, engine, settings):
                _log.info("working on task queue %s", settings.task_queue)
                watching = asyncio.create_task(keep_watching(engine, settings))
                await _keep_prepared(client, settings, stop)
                watching.cancel()
    finally:
        await engine.dispose()


def _check(settings: Settings) -> None:
    """Raises ``SettingFaulty`` for what would keep the worker from being built in the end."""
    port_for(settings)
    stamping_for(settings)
    mail_for(settings)
    receivers_of(settings)
    _ = settings.evidence_second_place
    if settings.bounces_url:
        mailbox_at(settings.bounces_url)


async def _migrated(engine: AsyncEngine) -> bool | None:
    return await is_current(engine) or None


async def _prepared(settings: Settings) -> Client:
    """A client of a namespace that has what our workflows need."""
    client = await connecting.connect(settings)
    await _prepare(client, settings)
    return client


async def _prepare(client: Client, settings: Settings) -> None:
    await connecting.ensure_search_attributes(client)
    await schedules.ensure_relay_schedule(client, task_queue=settings.task_queue)
    await schedules.ensure_checkpoint_schedule(client, task_queue=settings.task_queue)
    await schedules.ensure_sweep_schedule(client, task_queue=settings.task_queue)
    await schedules.keep_bounces_schedule(
        client, task_queue=settings.task_queue, wanted=bool(settings.bounces_url)
    )


async def _keep_prepared(client: Client, settings: Settings, stop: asyncio.Event) -> None:
    """Until ``stop``: a Temporal whose database was lost or restored gets again what the relay needs."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _PREPARE_AGAIN_SECONDS)
            return
        try:
            await _prepare(client, settings)
        except (OSError, RuntimeError, RPCError) as error:
            _log.warning("Temporal is away: %s", error)


async def _when_ready(what: str, stop: asyncio.Event, attempt: Callable[[], Awaitable[T | None]]) -> T | None:
    """What ``attempt`` gives, trying until it does; None when ``stop`` comes first."""
    said = False
    while not stop.is_set():
        reason: object = "not ready"
        try:
            if (result := await attempt()) is not None:
                return result
        except (*DATABASE_AWAY, RuntimeError, RPCError) as error:
            reason = error
        if not said:
            _log.warning("waiting for %s: %s", what, reason)
            said = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _TRY_AGAIN_SECONDS)
    return None
