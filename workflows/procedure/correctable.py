"""What can be put right (procedure section 10): which step, how, and with what content."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from law.ordering import OrderRefused
from messages.envelope import RefusalCode
from messages.order import WHO_AND_WHERE, BatchOrder
from messages.steps import STEPS, StepName
from workflows.procedure.case import Case
from workflows.procedure.change import Refused
from workflows.procedure.checks import first_faults
from workflows.procedure.parts import Accepted

# Those by which the first report may have come.
REPORTS = (StepName.REPORT_SUBMITTED, StepName.REPORT_RECEIVED)
# What follows builds on these: they can have been entered wrongly, and not have never happened.
_NEVER_UNDONE = frozenset(
    {
        StepName.PURCHASED,
        StepName.RECEIVED,
        StepName.SEALING_SCHEDULED,
        StepName.SEALED,
        StepName.RETEST_REPORT_RECEIVED,
        *REPORTS,
    }
)
# Taken back, or done anew, by steps of their own; or the batch has ended with them.
_NOT_CORRECTED = frozenset(
    {
        StepName.SUSPENDED,
        StepName.RESUMED,
        StepName.DEADLINE_EXTENDED,
        StepName.VOIDED,
        StepName.SAMPLING_ABANDONED,
        StepName.RECORD_CORRECTED,
        StepName.CORRECTION_CONFIRMED,
    }
)
# Each doubles the work of judging anew (decision 40). Where a right moves there is a way back for longer.
MOST = 6
MOST_FOR_RIGHTS = 10


def title_of(step: StepName | None) -> str:
    """What was entered wrongly, in words."""
    return "下达抽检批次" if step is None else STEPS[step].TITLE


def to_be_corrected(case: Case, corrects: UUID, *, is_undone: bool) -> Accepted:
    """The step that is on record. Refuses what this batch has not, or what is not put right like this."""
    wrong = on_record(case, str(corrects))
    if wrong is None:
        raise Refused(RefusalCode.NO_SUCH_STEP, f"本批次没有编号为{corrects}的已受理步骤")
    title = title_of(wrong.step)
    if wrong.step in _NOT_CORRECTED:
        raise Refused(RefusalCode.NOT_CORRECTABLE, f"“{title}”不能更正，应当另行登记相应步骤")
    if is_undone and (wrong.step is None or wrong.step in _NEVER_UNDONE):
        words = f"后续事项以“{title}”为前提，只能更正内容，不能更正为未发生"
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)
    if any(one.corrects == str(corrects) for one in case.corrections.proposals.values()):
        raise Refused(RefusalCode.ALREADY_DONE, f"“{title}”已有更正等待确认")
    return wrong


def on_record(case: Case, step_id: str) -> Accepted | None:
    """A step that can be put right: one that was accepted, or an application that was refused for its day
    alone, which may have been misread."""
    if step_id in case.accepted:
        return case.accepted[step_id]
    refused = [late for file in case.parties.values() for late in file.too_late.values()]
    found = next((late for late in refused if late.step_id == step_id), None)
    return None if found is None else Accepted(step=found.step, by=found.by)


def refuse_too_many(case: Case, *, moves: bool) -> None:
    """``moves``: whether a right moves with this one."""
    most = MOST_FOR_RIGHTS if moves else MOST
    if case.corrections.made + len(case.corrections.proposals) >= most:
        words = (
            f"一个批次最多更正{MOST}次，涉及当事人权利的最多{MOST_FOR_RIGHTS}次；确需再更正的，另行书面处理"
        )
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)


def refuse_what_cannot_be(case: Case, name: StepName | None, body: dict[str, Any] | None) -> None:
    """Refuses a content that the step, or the order, cannot have had."""
    if body is None:
        return
    model: type[BaseModel] = BatchOrder if name is None else STEPS[name]
    try:
        read = model.model_validate(body)
    except ValidationError as error:
        words = f"“{title_of(name)}”的内容不完整或有误：{first_faults(error)}"
        raise Refused(RefusalCode.UNREADABLE, words) from None
    if isinstance(read, BatchOrder):
        _refuse_another_order(case, read.model_dump(mode="json"))
        try:
            case.opening.ordered(read)
        except OrderRefused as refused:
            raise Refused(RefusalCode(refused.code), refused.detail, "§2") from None


def _refuse_another_order(case: Case, order: dict[str, Any]) -> None:
    """Names, addresses and contacts of an order can be put right (procedure section 10), and nothing else."""
    before = case.opening.order.model_dump(mode="json")
    wrong = [
        path
        for path in _paths(before) | _paths(order)
        if _at(before, path) != _at(order, path) and not path.startswith(WHO_AND_WHERE)
    ]
    if wrong:
        words = (
            "下达的内容只能更正商品名称，以及当事人、平台、生产者和承检机构的名称、地址和联系方式，"
            f"不能更正{min(wrong)}"
        )
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)


def _paths(value: object, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {path}
    return {found for name, part in value.items() for found in _paths(part, f"{path}.{name}".strip("."))}


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
