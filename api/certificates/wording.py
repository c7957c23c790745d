"""What the printed certificate says in words; all of it follows from the certificate itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from law.calendar import SHANGHAI
from law.judgements import FilingMeans
from law.stays import stay_holds
from law.vocabulary import DocumentKind, Unit, WaitKind
from messages.records import TimelineKind
from messages.steps import STEPS, StepName
from messages.words import DELIVERY_MEANS, DOCUMENTS, FILING_MEANS, PARTIES, RECIPIENTS, ROLES, VERDICTS
from proof.certificates.models import Certificate, LookedAt, State
from proof.periods import suspensions_of

_UNITS = {
    Unit.CALENDAR_DAYS: "日（自然日；最后一日为休息日的，顺延至其后第一个工作日）",
    Unit.WORKING_DAYS: "个工作日（休息日不计，调休上班日计入）",
    Unit.YEARS: "年",
}
_VALUES: dict[str, Mapping[Any, str]] = {
    "notice": DOCUMENTS,
    "recipient": RECIPIENTS,
    "party": PARTIES,
    "verdict": VERDICTS,
    "means": DELIVERY_MEANS,
    "how": FILING_MEANS,
    "approved": {True: "是", False: "否"},
}
_EXAMINED = {None: "尚未决定", True: "认定按期提交，程序恢复", False: "未认定按期提交，不予恢复"}
_LETTERS = (DocumentKind.LATE_FILING_NOTICE, DocumentKind.REOPENING_REFUSAL)
_KEPT = {"keeper": "保管人", "sha256": "SHA-256 "}
Told = tuple[str, str]

# What tells when an application was posted.
_POSTED = (("postmark", "邮戳日期"), ("accepted_on", "寄递企业收寄日期"))


def moment(at: datetime | str) -> str:
    """An instant as people in Shanghai read it."""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def person(actor: Mapping[str, Any]) -> str:
    """Who, and in what capacity; the system by its name alone."""
    title = ROLES.get(actor["role"], str(actor["role"]))
    return title if title == actor["name"] else f"{title}{actor['name']}"


def conclusion(certificate: Certificate) -> str:
    """What is certified, in a sentence."""
    wait, last_day, state = certificate.wait, certificate.count.last_day, certificate.decision.state
    until = f"期限至{last_day} 24:00届满"
    if state is State.LAPSED:
        asked = certificate.ledger.asked_at
        seen = f"，于{moment(asked)}查询登记簿，没有应当计入的步骤" if asked else ""
        return f"{until}，{wait.holder}未行使权利{seen}；{wait.on_silence}。"
    if state is State.SET_ASIDE:
        asked, then = certificate.ledger.asked_at, _set_aside(certificate)
        by = "更正了所依据的记录" if "correction" in then["data"] else "审查决定恢复程序"
        return (
            f"{until}，{wait.holder}未行使权利；于{moment(asked) if asked else ''}查询登记簿，"
            f"没有应当计入的步骤，依当时的登记，{wait.on_silence}的认定成立。其后，{person(then['actor'])}于{moment(then['at'])}"
            f"{by}，该认定自此不再适用：{then['text']}。"
        )
    if state is State.OVERDUE:
        return f"{until}，截至{moment(certificate.issued_at)}尚未履行，职责不因逾期而免除。"
    if state is State.RUNNING and _stands_still(certificate):
        return f"{until}；批次现已中止，期限停止计算，中止的日数在恢复后顺延。"
    if state is State.RUNNING:
        return f"{until}。{_not_decided(certificate)}"
    at = certificate.decision.at
    return f"{until}；{certificate.decision.text}（记录于{moment(at) if at else ''}）。"


def _not_decided(certificate: Certificate) -> str:
    """What a right that nothing has ended still waits for."""
    if certificate.issued_at < certificate.count.closes_at:
        return "截至出具之时尚未届满。"
    heard = certificate.ledger.heard_until
    if heard is not None and certificate.issued_at < heard:
        return f"期限内交寄或递交的申请，在{moment(heard)}前到达并登记的仍予计入，此前不作任何认定。"
    return "登记簿的查询尚在进行，未作任何认定。"


def _set_aside(certificate: Certificate) -> Mapping[str, Any]:
    """The line that set the silence aside."""
    return [line for line in certificate.chain.lines if line["kind"] == TimelineKind.SET_ASIDE][-1]


def _stands_still(certificate: Certificate) -> bool:
    """Whether a stay that lasts still holds the period."""
    accepted = [
        (line["data"]["step"], datetime.fromisoformat(line["at"]))
        for line in certificate.chain.lines
        if line["kind"] == TimelineKind.STEP_ACCEPTED
    ]
    kind, closes_at = WaitKind(certificate.wait.kind), certificate.count.closes_at
    return any(
        stay.ended is None and stay_holds(kind, closes_at, stay.began) for stay in suspensions_of(accepted)
    )


def rule(certificate: Certificate) -> str:
    """The period as the regulation has it."""
    term, regulation = certificate.rule.term, certificate.regulation
    amount = term.amount or certificate.rule.contract_days
    notes = [
        f"《{regulation.title}》{term.rests_on}：自{term.starts_from}的次日起{amount}{_UNITS[term.unit]}",
        "天数由检验合同约定" if term.amount is None else "",
        "本机关内部时限，不是规程规定的期限" if term.internal else "",
        "规程原文未写明，为本机关的读法" if term.reading else "",
    ]
    return "；".join(filter(None, notes)) + "。"


def evidence(certificate: Certificate) -> Iterable[tuple[str, list[Told]]]:
    """What the period started from: the step with what it recorded, the document with its digest."""
    trigger = certificate.trigger
    row = next((row for row in certificate.ledger.rows if row["step_id"] == trigger.step_id), None)
    if row is not None:
        yield STEPS[StepName(row["step"])].TITLE, [*_fields(row), *_receipt(row)]
    if trigger.document_id is not None:
        lines = [ln for ln in certificate.chain.lines if ln["data"].get("document_id") == trigger.document_id]
        yield _document(trigger.document_id, lines)
    if row is None and trigger.document_id is None:
        yield certificate.rule.term.starts_from, []


def _fields(row: Mapping[str, Any]) -> Iterable[Told]:
    """A step's fields that are said in one line, by their Chinese titles; evidence with its digest."""
    for name, field in STEPS[StepName(row["step"])].model_fields.items():
        value, title = row["body"].get(name), field.title or name
        if isinstance(value, dict) and "reference" in value:
            kept = [f"{words}{value[key]}" for key, words in _KEPT.items() if value.get(key)]
            yield title, f"{value['reference']}{'（' + '，'.join(kept) + '）' if kept else ''}"
        elif isinstance(value, list) and any(isinstance(one, dict) and "reference" in one for one in value):
            yield title, "、".join(str(one["reference"]) for one in value)
        elif value is not None and not isinstance(value, dict | list):
            yield title, _VALUES.get(name, {}).get(value) or _instant_or(str(value))


def _instant_or(value: str) -> str:
    try:
        return moment(value) if "T" in value else value
    except ValueError:
        return value


def _receipt(row: Mapping[str, Any]) -> Iterable[Told]:
    yield "登记人", person(row["actor"])
    yield "登记时间", moment(row["received_at"])
    yield "登记内容 SHA-256", row["body_sha256"]


def _document(document_id: str, lines: Iterable[Mapping[str, Any]]) -> tuple[str, list[Told]]:
    told, title = [("文书编号", document_id)], "文书"
    for line in lines:
        if line["kind"] == TimelineKind.DOCUMENT_ISSUED:
            told.append(("文书内容 SHA-256", line["data"]["sha256"]))
        elif line["kind"] == TimelineKind.DOCUMENT_SENT:
            title = line["text"]
            told.append(("发出", f"{_left(line)}，{line['data']['detail']}"))
    return title, told


def _left(line: Mapping[str, Any]) -> str:
    """When a document left: by itself at a moment, by people's hands on the day that they say."""
    recorded, handed_over_on = moment(line["recorded_at"]), line["data"].get("sent_on")
    return f"{handed_over_on}（记录于{recorded}）" if handed_over_on else recorded


def filed(certificate: Certificate, one: LookedAt) -> str:
    """By which day a step is judged, and how it came."""
    rows = [row for row in certificate.ledger.rows if row["step_id"] == one.step_id]
    body: dict[str, Any] = rows[0]["body"] if rows else {}
    if one.day is None:
        return "更正为未发生" if one.corrected_by is not None else "内容无法识别"
    how = FILING_MEANS.get(body.get("how", ""))
    if how is None:
        return str(one.day)
    if body["how"] == FilingMeans.POST:
        told = [words for name, words in _POSTED if body.get(name) == str(one.day)]
        how = f"{how}，{told[0] if told else '邮戳无法辨认，以收件日期减去寄递通常所需的日数'}"
    return f"{one.day}（{how}）"


def counted(certificate: Certificate, one: LookedAt) -> str:
    """Whether a step counted, and why."""
    in_time = "在期限内" if one.in_time else "不在期限内"
    if not one.in_time and one.day is not None and one.day <= certificate.count.last_day:
        in_time = "提交日期在期限内，届满后登记"
    if one.corrected_by is not None:
        in_time = f"记录更正后（第{one.corrected_by}条）{in_time}"
    if one.ended_it:
        return f"计入：{in_time}，本期限由此结束"
    if one.document_id is not None:
        return f"计入：{in_time}"
    if one.accepted is None:
        return f"{in_time}；已登记，尚未作出决定"
    if not one.accepted:
        return f"不计入：{in_time}；不予受理，{one.reason}"
    if one.examination is not None:
        came_to = _EXAMINED[one.examination.approved]
        return f"{in_time}；受理审查，{came_to}{'，后由申请人撤回' if one.withdrawn else ''}"
    return f"不计入：{in_time}，受理后由申请人撤回" if one.withdrawn else f"{in_time}；已受理"


def told(certificate: Certificate) -> Iterable[str]:
    """What the party was told of an application that came after the close: each letter that has left."""
    lines = certificate.chain.lines
    issued = [line["data"] for line in lines if line["kind"] == TimelineKind.DOCUMENT_ISSUED]
    letters = {data["document_id"] for data in issued if data["kind"] in _LETTERS}
    for line in lines:
        if line["kind"] == TimelineKind.DOCUMENT_SENT and line["data"]["document_id"] in letters:
            yield f"{line['text']}（{_left(line)}）"


def recorded_by(certificate: Certificate, one: LookedAt) -> str:
    """Who recorded a step, or said that a document was handed over; the system sends by itself."""
    rows = (row for row in certificate.ledger.rows if row["step_id"] == one.step_id)
    lines = (line for line in certificate.chain.lines if line["seq"] == one.seq)
    found = next(lines if one.step_id is None else rows, None)
    return person(found["actor"]) if found else "系统"
