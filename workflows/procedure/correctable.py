"""What can be put right (procedure section 10): which step, how, and with what content."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from law.ordering import OrderRefused
from messages.envelope import RefusalCode
from messages.order import BatchOrder
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
        StepName.REFERRAL_PASSED_ON,
        StepName.RECORD_CORRECTED,
        StepName.CORRECTION_CONFIRMED,
    }
)
_WHO_AND_WHERE = (
    "seller.name",
    "seller.place",
    "seller.email",
    "platform.name",
    "platform.place",
    "platform.seller_address",
    "platform.email",
    "producer.name",
    "producer.address",
    "producer.email",
    "laboratory.name",
    "laboratory.email",
    "scheme.contact",
)
# Each doubles the work of judging anew (decision 40).
MOST = 6


def title_of(step: StepName | None) -> str:
    """What was entered wrongly, in words."""
    return "下达抽检批次" if step is None else STEPS[step].TITLE


def to_be_corrected(case: Case, corrects: UUID, *, is_undone: bool) -> Accepted:
    """The step that is on record. Refuses what this batch has not, or what is not put right like this."""
    wrong = case.accepted.get(str(corrects))
    if wrong is None:
        raise Refused(RefusalCode.NO_SUCH_STEP, f"本批次没有编号为{corrects}的已受理步骤")
    title = title_of(wrong.step)
    if wrong.step in _NOT_CORRECTED:
        raise Refused(RefusalCode.NOT_CORRECTABLE, f"“{title}”不能更正，应当另行登记相应步骤")
    if is_undone and (wrong.step is None or wrong.step in _NEVER_UNDONE):
        words = f"后续事项以“{title}”为前提，只能更正内容，不能更正为未发生"
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)
    proposals = case.corrections.proposals.values()
    if case.corrections.made + len(proposals) >= MOST:
        words = f"一个批次最多更正{MOST}次；确需再更正的，应当撤销批次，重新下达"
        raise Refused(RefusalCode.NOT_CORRECTABLE, words)
    if any(one.corrects == str(corrects) for one in proposals):
        raise Refused(RefusalCode.ALREADY_DONE, f"“{title}”已有更正等待确认")
    return wrong


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
        if _at(before, path) != _at(order, path) and not path.startswith(_WHO_AND_WHERE)
    ]
    if wrong:
        words = (
            f"下达的内容只能更正当事人、平台、生产者和承检机构的名称、地址和联系方式，不能更正{min(wrong)}"
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
