"""The other ways, each asked as its users would ask it: the plain way, the floor, DBOS."""

import json
from typing import Any
from uuid import uuid4

from sqlalchemy.engine import make_url
from temporalio.client import Client

from bench.rows import Answers, step_of
from bench.sdk_workflows import FloorBatch, PlainBatch
from local.embedded.postgres import SUPERUSER
from local.scenarios.courses import Do
from store.engine import driver_url

READY = "working"
SDK_QUEUE = "bench-sdk"
DBOS_QUEUE = "bench-dbos"
DBOS_WORKFLOW = "batch"
_DBOS_DATABASE = "bench_dbos"
# What DBOS offers to those who are not Python: functions in its database.
_DBOS_OPEN = """
    select dbos.enqueue_workflow(
        workflow_name => $1, queue_name => $2, workflow_id => $3, positional_args => array[$4]::json[]
    )
"""
_DBOS_SEND = "select dbos.send_message($1, $2::json)"


def as_superuser(database_url: str) -> str:
    """The embedded server to somebody who may make tables and databases there."""
    return make_url(database_url).set(username=SUPERUSER).render_as_string(hide_password=False)


def dbos_url(database_url: str) -> str:
    """The same server, another database."""
    url = make_url(driver_url(as_superuser(database_url))).set(database=_DBOS_DATABASE)
    return url.render_as_string(hide_password=False)


class Plain:
    """A step is an update, which is answered once its activity has written the row."""

    def __init__(self, client: Client, steps: int) -> None:
        self._client = client
        self._steps = steps

    async def open(self) -> str:
        batch_no = f"PLAIN-{uuid4().hex}"
        await self._client.start_workflow(
            PlainBatch.run, self._steps, id=batch_no, task_queue=SDK_QUEUE, static_summary=batch_no
        )
        return batch_no

    async def step(self, batch_no: str, act: Do, body: dict[str, Any]) -> None:
        handle = self._client.get_workflow_handle_for(PlainBatch.run, batch_no)
        await handle.execute_update(PlainBatch.step, step_of(batch_no, act, body))


class Floor:
    """A step is a signal, and its answer the notification of the row."""

    def __init__(self, client: Client, answers: Answers, steps: int) -> None:
        self._client = client
        self._answers = answers
        self._steps = steps

    async def open(self) -> str:
        batch_no = f"FLOOR-{uuid4().hex}"
        await self._client.start_workflow(
            FloorBatch.run, self._steps, id=batch_no, task_queue=SDK_QUEUE, static_summary=batch_no
        )
        return batch_no

    async def step(self, batch_no: str, act: Do, body: dict[str, Any]) -> None:
        step = step_of(batch_no, act, body)
        handle = self._client.get_workflow_handle_for(FloorBatch.run, batch_no)
        await self._answers.after(handle.signal(FloorBatch.step, step), step)


class Dbos:
    """A step is a message, and its answer the notification of the row."""

    def __init__(self, pool: Any, answers: Answers, steps: int) -> None:
        self._pool = pool
        self._answers = answers
        self._steps = steps

    async def open(self) -> str:
        batch_no = f"DBOS-{uuid4().hex}"
        steps = json.dumps(self._steps)
        await self._pool.execute(_DBOS_OPEN, DBOS_WORKFLOW, DBOS_QUEUE, batch_no, steps)
        return batch_no

    async def step(self, batch_no: str, act: Do, body: dict[str, Any]) -> None:
        step = step_of(batch_no, act, body)
        sending = self._pool.execute(_DBOS_SEND, batch_no, json.dumps(step, ensure_ascii=False))
        await self._answers.after(sending, step)
