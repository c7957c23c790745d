"""How long a batch's history is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from bench.load import timed
from bench.product import FastForwarded, Product, course, steps_of
from bench.sides import Plain
from local.scenarios.courses import BOTH_SERVED, REFERRED, Course, Lapse
from local.scenarios.player import play

# Seller, producer and platform are served on one day, nobody objects; then referred and concluded.
SILENT = replace(
    course("accepted_by_silence"),
    acts=(*BOTH_SERVED, Lapse("objection_filed:producer"), *REFERRED),
)
SILENT_BY_ANNOUNCEMENT = course("accepted_by_silence")
_SKIPPING = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
    }
)
_TASK = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
)


@dataclass(frozen=True)
class Length:
    """``events`` as the batch would have them had its days gone by by themselves."""

    events: int
    of_skipping: int
    kinds: dict[str, int]


async def history_of(table: FastForwarded, product: Product, course: Course) -> WorkflowHistory:
    """The history of a batch that has been played to its end."""
    batch_no = await product.open()
    await table.begun(batch_no)  # the first step would else sometimes share the opening's workflow task
    await play(table, batch_no, course, lambda _: None)
    return await table.handle(batch_no).fetch_history()


async def plain_history_of(client: Client, course: Course) -> WorkflowHistory:
    """The history of a plain batch with the steps of a course, one after the other."""
    acts = steps_of(course)
    plain = Plain(client, len(acts))
    batch_no = await plain.open()
    await timed(plain, batch_no, acts)
    handle = client.get_workflow_handle(batch_no)
    await handle.result()
    return await handle.fetch_history()


def length(history: WorkflowHistory) -> Length:
    """Events without those of skipping time itself, and without workflow tasks that nothing else caused."""
    real = [event for event in history.events if event.event_type not in _SKIPPING]
    counted = list(_without_empty_tasks(real))
    kinds = Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in counted)
    return Length(len(counted), len(history.events) - len(counted), dict(kinds.most_common()))


def _without_empty_tasks(events: list[HistoryEvent]) -> Iterable[HistoryEvent]:
    """A task that follows right on another one, and after which nothing was commanded, was skipping's."""
    position = 0
    while position < len(events):
        kinds = tuple(event.event_type for event in events[position : position + 3])
        before = events[position - 1].event_type if position else None
        after = events[position + 3].event_type if position + 3 < len(events) else None
        if kinds == _TASK and before == _TASK[2] and after in (None, _TASK[0]):
            position += 3
            continue
        yield events[position]
        position += 1
