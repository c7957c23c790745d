"""What is deployed next week still replays every history of today (law 5).

The histories are those of the courses, one for each outcome, and of batches still waiting. From the first
release on they are never edited or removed: a batch lives for months. After a change of the procedure,
guarded as ARCHITECTURE.md says, record new ones beside them: ``CHOUJIAN_RECORD_HISTORIES=2 make test``.
"""

import base64
import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import NondeterminismError

from local.scenarios.beside import BESIDE, UNFINISHED
from local.scenarios.courses import COURSES
from temporal.payloads import DATA_CONVERTER
from workflows.batch.loop import Batch
from workflows.batch.workflow import BatchWorkflow

# The worker runs without the sandbox (decision 24); here every way of every course is run in it. What it need
# not load anew is what holds values only.
SANDBOX = SandboxRestrictions.default.with_passthrough_modules(
    "annotated_types", "email_validator", "law", "messages", "pydantic", "pydantic_core", "temporal"
)
FOLDER = Path(__file__).parent / "histories"
HISTORIES = sorted(FOLDER.glob("*.json.gz"))
SILENT = FOLDER / "accepted_by_silence@1.json.gz"


def history(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"batch-{file.name}", gzip.decompress(file.read_bytes()).decode())


def replayer(runner: WorkflowRunner) -> Replayer:
    # Without the watch for deadlocks: a busy machine that takes two seconds over a task is none.
    return Replayer(
        workflows=[BatchWorkflow], data_converter=DATA_CONVERTER, workflow_runner=runner, debug_mode=True
    )


def test_there_is_a_history_for_every_course() -> None:
    """No outcome is left without a history."""
    recorded = {file.name.split("@")[0] for file in HISTORIES}
    assert recorded >= {course.name for course in (*COURSES, *BESIDE, *UNFINISHED)}


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.name)
async def test_a_history_of_today_replays(file: Path) -> None:
    """A worker with the present code takes up a batch that an earlier worker began.

    If this fails you changed what running batches do: guard the change with ``case.opening.program``.
    """
    await replayer(SandboxedWorkflowRunner(restrictions=SANDBOX)).replay_workflow(history(file))


@pytest.mark.parametrize("change", ["another_timer", "no_attributes", "no_record"])
async def test_an_unversioned_change_of_commands_is_caught(monkeypatch, change: str) -> None:
    """A timer more, an attribute less, a record less: the histories tell before a running batch does."""
    monkeypatch.setattr(Batch, "until", _changed(Batch.until, change, from_program=1))
    with pytest.raises(NondeterminismError):
        await replayer(UnsandboxedWorkflowRunner()).replay_workflow(history(SILENT))


async def test_a_change_guarded_by_the_program_leaves_running_batches_alone(monkeypatch) -> None:
    """A made-up second program: batches opened before go the old way, those opened under it the new one."""
    monkeypatch.setattr(Batch, "until", _changed(Batch.until, "another_timer", from_program=2))
    await replayer(UnsandboxedWorkflowRunner()).replay_workflow(history(SILENT))
    of_program_2 = WorkflowHistory.from_json("batch-2", _opened_under(2, SILENT))
    with pytest.raises(NondeterminismError):
        await replayer(UnsandboxedWorkflowRunner()).replay_workflow(of_program_2)


def _opened_under(program: int, file: Path) -> str:
    events = json.loads(gzip.decompress(file.read_bytes()))
    (given, _) = events["events"][0]["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    opening = json.loads(base64.b64decode(given["data"])) | {"program": program}
    given["data"] = base64.b64encode(json.dumps(opening).encode()).decode()
    return json.dumps(events)


def _changed(until: Callable[..., Any], change: str, *, from_program: int) -> Callable[..., Any]:
    async def changed(self: Batch, done: Callable[[Any], bool]) -> None:
        if self.case.opening.program >= from_program:
            if change == "another_timer":
                await workflow.sleep(timedelta(seconds=1))
            elif change == "no_attributes":
                self._page.show = lambda _case: None
            else:
                self._recorder._change = None
        await until(self, done)

    return changed
