"""The five things a batch asks of the world, each with its patience and its words for the Temporal UI."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from messages.records import (
    DispatchInput,
    DispatchResult,
    EarlierInput,
    EarlierResult,
    Paper,
    RecordInput,
    RecordResult,
    SilenceInput,
    SilenceResult,
)
from messages.steps import STEPS

# The database or the mail may be away for days; the batch then waits, it does not fail.
_UNTIL_IT_WORKS = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=5), maximum_attempts=0
)
# Above this a local activity waits for its next attempt on a timer, not within the workflow task: a task kept
# open adds some twenty events a minute to the history.
_WITHIN_THE_TASK = timedelta(seconds=10)
_QUICK = timedelta(seconds=15)
_OUTSIDE = timedelta(minutes=5)
# The server takes 400 bytes; a Chinese character is three.
_SUMMARY_CHARACTERS = 130


async def record(change: RecordInput) -> RecordResult:
    """Write a change of the batch, in one transaction."""
    try:
        recorded: RecordResult = await workflow.execute_local_activity(
            "record",
            change,
            result_type=RecordResult,
            start_to_close_timeout=_QUICK,
            retry_policy=_UNTIL_IT_WORKS,
            local_retry_threshold=_WITHIN_THE_TASK,
            summary=clamped(_about(change)),
        )
    except ActivityError as error:
        # A failure would end the batch for good; like this it stands still until the defect is mended.
        raise RuntimeError("the change could not be recorded") from error
    return recorded


async def ask_ledger(question: SilenceInput, title: str) -> SilenceResult:
    """Ask for what was filed in time, under the lock that filing takes (procedure section 5)."""
    answer: SilenceResult = await workflow.execute_local_activity(
        "ask_ledger",
        question,
        result_type=SilenceResult,
        start_to_close_timeout=_QUICK,
        retry_policy=_UNTIL_IT_WORKS,
        local_retry_threshold=_WITHIN_THE_TASK,
        summary=clamped(f"期限届满，查询登记簿：{title}"),
    )
    return answer


async def filed_earlier(question: EarlierInput) -> EarlierResult:
    """Ask for steps that were filed and have not been signalled."""
    answer: EarlierResult = await workflow.execute_local_activity(
        "filed_earlier",
        question,
        result_type=EarlierResult,
        start_to_close_timeout=_QUICK,
        retry_policy=_UNTIL_IT_WORKS,
        local_retry_threshold=_WITHIN_THE_TASK,
        summary=clamped("先行登记的步骤尚未送达流程，查询登记簿"),
    )
    return answer


async def mail(batch_no: str, papers: Sequence[Paper]) -> DispatchResult:
    """Have letters sent electronically, however long it takes."""
    sent: DispatchResult = await workflow.execute_activity(
        "dispatch",
        DispatchInput(batch_no=batch_no, document_ids=tuple(paper.document_id for paper in papers)),
        result_type=DispatchResult,
        start_to_close_timeout=_OUTSIDE,
        retry_policy=_UNTIL_IT_WORKS,
        summary=clamped(f"电子发送：{_letters(papers)}"),
    )
    return sent


def clamped(summary: str) -> str:
    return summary[:_SUMMARY_CHARACTERS]


def _about(change: RecordInput) -> str:
    """What a record is about: the step and its answer, what followed, what was made out."""
    words = []
    its_own = None
    if change.envelope is not None and change.decision is not None:
        its_own = f"step:{change.envelope.step_id}"
        answer = "受理" if change.decision.accepted else f"不予受理，{change.decision.reason}"
        words.append(f"{STEPS[change.envelope.step].TITLE}：{answer}")
    words += [entry.text for entry in change.entries if entry.key != its_own]
    if change.papers:
        words.append(f"制发{_letters(change.papers)}")
    return "；".join(words)


def _letters(papers: Sequence[Paper]) -> str:
    return "、".join(f"{paper.title}→{paper.recipient_name}" for paper in papers)
