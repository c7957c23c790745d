"""The courses a batch can take, one for each outcome, as lists of acts.

The demonstration plays them over HTTP, the tests against the ledger and Temporal, the bench many at once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel

from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Outcome, Recipient, Role
from messages.order import BatchOrder
from messages.steps import STEPS, StepName
from messages.words import DOCUMENTS, RECIPIENTS

_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT")
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")


@cache
def _example_of(model: type[BaseModel]) -> dict[str, Any]:
    example: dict[str, Any] = model.model_json_schema()["example"]
    return example


def example_order(now: datetime, **changes: Any) -> dict[str, Any]:
    """The order's example, under the regulation in force today."""
    example = _example_of(BatchOrder)
    return merged({**example, "regulation_date": str(day_in_shanghai(now))}, changes)


def example_body(step: StepName, now: datetime, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A step's example with every date moved to ``now``, and ``changes`` laid over it."""
    dated: dict[str, Any] = _dated(_example_of(STEPS[step]), now)
    return merged(dated, _counted_back(dict(changes or {}), day_in_shanghai(now)))


def _counted_back(value: Any, today: date) -> Any:
    """With each day that is told as so many days ago."""
    if isinstance(value, dict):
        return {name: _counted_back(part, today) for name, part in value.items()}
    if isinstance(value, list):
        return [_counted_back(part, today) for part in value]
    return str(today - timedelta(days=value.days)) if isinstance(value, DaysAgo) else value


def _dated(value: Any, now: datetime) -> Any:
    if isinstance(value, dict):
        return {k: v if k == "production_date" else _dated(v, now) for k, v in value.items()}
    if isinstance(value, list):
        return [_dated(item, now) for item in value]
    if isinstance(value, str) and _INSTANT.match(value):
        return now.isoformat()
    if isinstance(value, str) and _DAY.match(value):
        return str(day_in_shanghai(now))
    return value


def merged(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes`` laid over it, object by object; lists are replaced whole."""
    whole = dict(base)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(whole.get(key), dict)
        whole[key] = merged(whole[key], value) if both else value
    return whole


@dataclass(frozen=True)
class DaysAgo:
    """A day before the batch's own today (Asia/Shanghai), in the changes of an act."""

    days: int


@dataclass(frozen=True)
class Do:
    """Somebody does a step."""

    role: Role
    step: StepName
    changes: dict[str, Any] = field(default_factory=dict)
    say: str = ""


@dataclass(frozen=True)
class Pass:
    """Days go by."""

    days: int
    say: str = ""


@dataclass(frozen=True)
class Lapse:
    """Time goes by until a wait's deadline has passed."""

    wait_id: str
    say: str = ""


Act = Do | Pass | Lapse


@dataclass(frozen=True)
class Course:
    """A batch's course and the outcome it must end in; ``None`` for one that is left running."""

    name: str
    title: str
    outcome: Outcome | None
    acts: tuple[Act, ...]


OFFICER, LAB, APPROVER, SUPERVISOR = Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR

_CONFORMING_ITEM = {
    "name": "耐热冲击",
    "standard": "GB/T 29606-2013",
    "requirement": "无裂纹",
    "measured": "无裂纹",
    "verdict": "conforming",
}
CONFORMING = {
    "verdict": "conforming",
    "items": [
        _CONFORMING_ITEM,
        {**_CONFORMING_ITEM, "name": "标志", "requirement": "清晰", "measured": "清晰"},
    ],
}


def delivered(notice: str, recipient: str, say: str = "") -> Do:
    words = say or f"{DOCUMENTS[DocumentKind(notice)]}送达{RECIPIENTS[Recipient(recipient)]}"
    return Do(OFFICER, StepName.NOTICE_DELIVERED, {"notice": notice, "recipient": recipient}, words)


def posted(notice: str, *recipients: str, say: str = "") -> tuple[Do, ...]:
    """Each recipient's letter is posted, with a number of its own."""
    return tuple(
        Do(
            OFFICER,
            StepName.NOTICE_POSTED,
            {"notice": notice, "recipient": to, "tracking_no": f"EM{place:09}CN"},
            say or f"{DOCUMENTS[DocumentKind(notice)]}交寄{RECIPIENTS[Recipient(to)]}",
        )
        for place, to in enumerate(recipients, 1)
    )


BOUGHT: tuple[Act, ...] = (
    Do(OFFICER, StepName.PURCHASED, say="买样人下单，全程录屏"),
    Pass(2, "等待发货"),
    Do(LAB, StepName.RECEIVED, say="承检机构收齐包裹"),
)
SEALED: tuple[Act, ...] = (
    *BOUGHT,
    Do(OFFICER, StepName.SEALING_SCHEDULED, say="市局确定拆包封样的时间和场所"),
    Pass(1),
    Do(OFFICER, StepName.SEALED, say="两名执法人员、两名承检机构人员和买样人共同封样，抽检通知书随即发出"),
    delivered("inspection_notice", "seller"),
    delivered("inspection_notice", "platform"),
    Pass(8, "承检机构检验"),
)
NONCONFORMING: tuple[Act, ...] = (
    *SEALED,
    Do(LAB, StepName.REPORT_SUBMITTED, say="承检机构提交检验报告"),
    Do(
        OFFICER,
        StepName.REPORT_RECEIVED,
        say="收取报告，检验不合格，制发经营者、标称生产者和平台的结果通知书",
    ),
    *posted("result_notice", "producer"),
    Pass(2, "送达途中"),
    delivered("result_notice", "seller", "经营者签收，十五日异议期起算"),
    delivered("result_notice", "platform"),
)
BOTH_SERVED: tuple[Act, ...] = (
    *NONCONFORMING,
    delivered("result_notice", "producer", "标称生产者签收，另行起算"),
)
PRODUCER_ACCEPTS = Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "producer"}, "标称生产者书面认可结果")
OBJECTED: tuple[Act, ...] = (
    *BOTH_SERVED,
    Pass(5),
    Do(OFFICER, StepName.OBJECTION_FILED, say="经营者在窗口提交书面复检申请"),
    PRODUCER_ACCEPTS,
    Pass(1),
)
REFERRED: tuple[Act, ...] = (
    Pass(1),
    Do(OFFICER, StepName.REFERRAL_ACKNOWLEDGED, say="属地区局签收交办函"),
    Pass(20),
    Do(OFFICER, StepName.REFERRAL_CONCLUDED, say="属地区局办结，批次关闭"),
)
RETEST_NOTIFIED: tuple[Act, ...] = (
    *OBJECTED,
    Do(APPROVER, StepName.OBJECTION_DECIDED, say="分管负责人批准复检"),
    Do(OFFICER, StepName.RETEST_LAB_APPOINTED, say="确定复检机构，发出复检机构确定通知书"),
    Pass(1),
    delivered("retest_lab_notice", "seller", "申请人签收，七日内办理手续"),
    delivered("retest_lab_notice", "retest_laboratory"),
)
RETESTED: tuple[Act, ...] = (
    *RETEST_NOTIFIED,
    Pass(2),
    Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED, say="申请人办理复检手续"),
    Do(OFFICER, StepName.RETEST_SEALED, say="四方重新签封备份样品"),
    Pass(10, "复检机构检验"),
)

COURSES: tuple[Course, ...] = (
    Course(
        "conforming",
        "合格",
        Outcome.CONFORMING,
        (
            *SEALED,
            Do(LAB, StepName.REPORT_SUBMITTED, CONFORMING, "承检机构提交检验报告"),
            Do(OFFICER, StepName.REPORT_RECEIVED, CONFORMING, "收取报告，检验合格，通知经营者和平台"),
            Pass(1),
            delivered("result_notice", "seller"),
            delivered("result_notice", "platform"),
            Lapse("objection_filed:seller", "异议期届满，无人提出异议，公示合格结果"),
        ),
    ),
    Course(
        "accepted_by_silence",
        "不合格，逾期未异议；生产者的通知被退回，改为公告",
        Outcome.ACCEPTED_BY_SILENCE,
        (
            *NONCONFORMING,
            Pass(3),
            Do(
                OFFICER,
                StepName.NOTICE_RETURNED,
                {"recipient": "producer"},
                "标称生产者的通知书被退回，在官网公告，异议期自公告之日起算",
            ),
            Lapse("objection_filed:seller", "经营者的异议期届满，视为无异议"),
            Lapse("objection_filed:producer", "标称生产者的异议期届满，结果确定，公示并交办"),
            *REFERRED,
        ),
    ),
    Course(
        "accepted_expressly",
        "不合格，双方书面认可",
        Outcome.ACCEPTED_EXPRESSLY,
        (
            *BOTH_SERVED,
            Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}, "经营者书面认可结果，放弃剩余异议期"),
            PRODUCER_ACCEPTS,
            *REFERRED,
        ),
    ),
    Course(
        "objection_refused",
        "异议未获批准",
        Outcome.OBJECTION_REFUSED,
        (
            *OBJECTED,
            Do(
                APPROVER,
                StepName.OBJECTION_DECIDED,
                {"approved": False, "reasons": "申请理由不涉及检验结果"},
                "分管负责人不批准复检，告知理由",
            ),
            delivered("retest_refusal", "seller"),
            *REFERRED,
        ),
    ),
    Course(
        "retest_abandoned",
        "批准复检，逾期未办手续",
        Outcome.RETEST_ABANDONED,
        (
            *RETEST_NOTIFIED,
            Lapse("retest_formalities_completed:seller", "七日内未办理复检手续，视为放弃复检"),
            *REFERRED,
        ),
    ),
    Course(
        "retest_upheld",
        "复检维持",
        Outcome.RETEST_UPHELD,
        (
            *RETESTED,
            Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, say="复检仍不合格，通知申请人和平台，公示并交办"),
            Pass(1),
            delivered("retest_result_notice", "seller"),
            delivered("retest_result_notice", "platform"),
            *REFERRED,
        ),
    ),
    Course(
        "retest_overturned",
        "复检改变结果",
        Outcome.RETEST_OVERTURNED,
        (
            *RETESTED,
            Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING, "复检合格，公示合格结果"),
            *posted("retest_result_notice", "platform"),
            Pass(1),
            delivered("retest_result_notice", "seller"),
            delivered("retest_result_notice", "producer"),
            Do(
                SUPERVISOR,
                StepName.DELIVERY_GIVEN_UP,
                {"notice": "retest_result_notice"},
                "平台已停止运营，处室负责人说明理由，不再跟踪；送达均已登记，批次办结",
            ),
        ),
    ),
    Course(
        "abandoned",
        "终止抽样",
        Outcome.ABANDONED,
        (BOUGHT[0], Pass(10), Do(OFFICER, StepName.SAMPLING_ABANDONED, say="商家始终未发货，终止抽样")),
    ),
    Course(
        "voided",
        "撤销批次",
        Outcome.VOIDED,
        (*SEALED, Do(APPROVER, StepName.VOIDED, say="抽样程序存在瑕疵，分管负责人撤销批次")),
    ),
)
