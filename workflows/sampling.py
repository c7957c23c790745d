"""Sampling (§5): bought, received, sealed before witnesses; and testing until the report (§6)."""

from law.calendar import SHANGHAI, day_in_shanghai
from law.judgements import report_defects, sealing_defects
from law.names import folded
from law.vocabulary import DocumentKind, Outcome, Party, Phase, Role, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.order import BatchOrder, notice_address, notice_addresses
from messages.records import AlertInput, TimelineKind
from messages.snapshot import SampleState
from messages.steps import StepName
from messages.steps.result import Report, ReportReceived
from messages.steps.sampling import (
    NOT_STATED,
    Holder,
    Purchased,
    Received,
    SamplingAbandoned,
    Sealed,
    SealedSample,
    SealingScheduled,
)
from messages.words import VERDICTS
from workflows.case import Case
from workflows.checks import not_before, not_in_future, refuse_if
from workflows.parts import PartyFile, Refused


def begin(case: Case) -> None:
    """The order is placed: the laboratory gets its commission letter, the buyer may buy (§3)."""
    order = case.opening.order
    case.parties[Party.SELLER] = PartyFile(
        party=Party.SELLER,
        name=order.seller.name,
        address=_notice_address(order),
        email=order.seller.email,
        natural_person=order.seller.natural_person,
    )
    if order.platform is not None:
        case.parties[Party.PLATFORM] = PartyFile(
            party=Party.PLATFORM,
            name=order.platform.name,
            address=order.platform.place.in_full,
            email=order.platform.email,
        )
    if order.producer is not None:
        case.parties[Party.PRODUCER] = PartyFile(
            party=Party.PRODUCER,
            name=order.producer.name,
            address=order.producer.address,
            email=order.producer.email,
            natural_person=order.producer.natural_person,
        )
    regulation = case.opening.regulation
    case.note(
        "opened",
        TimelineKind.OPENED,
        f"下达抽检批次：{case.title}",
        "§3",
        actor=case.opening.opened_by,
        data={
            "regulation": {
                "id": regulation.id,
                "title": regulation.title,
                "sha256": case.opening.regulation_sha256,
            }
        },
    )
    case.send_to_all(DocumentKind.COMMISSION_LETTER)
    case.enter(Phase.SAMPLING, "进入抽样")
    case.await_step(StepName.PURCHASED, Role.OFFICER)


def _notice_address(order: BatchOrder) -> str:
    supplied = order.platform.seller_address if order.platform else None
    return notice_address(notice_addresses(order.seller.place, supplied))


def purchased(case: Case, step: Purchased, _actor: Actor) -> None:
    if case.purchased is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "本批次已购样，一个批次只对应一次购样")
    if (step.platform is None) != (case.opening.order.platform is None):
        raise Refused(RefusalCode.PLATFORM_MISMATCH, "购样所用第三方交易平台与抽检任务不一致")
    placed_on = not_in_future(case, step.order.placed_at, "下单时间")
    not_before(placed_on, case.opening.order.regulation_date, "下单日期", "规程适用日期")
    case.purchased = step
    case.end_wait(StepName.PURCHASED)
    case.await_step(StepName.RECEIVED, Role.LAB)


def received(case: Case, step: Received, _actor: Actor) -> None:
    bought = case.purchased
    if bought is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "尚未购样，不能登记收货")
    if case.all_in:
        raise Refused(RefusalCode.ALREADY_DONE, "样品已收齐")
    for parcel in step.parcels:
        day = not_in_future(case, parcel.received_at, "收货时间")
        not_before(day, day_in_shanghai(bought.order.placed_at), "收货日期", "下单日期")
    case.parcels.extend(step.parcels)
    case.all_in = step.all_in
    if step.all_in:
        case.end_wait(StepName.RECEIVED, "样品已收齐")
        case.await_step(StepName.SEALING_SCHEDULED, Role.OFFICER)


def sealing_scheduled(case: Case, step: SealingScheduled, _actor: Actor) -> None:
    if not case.all_in:
        raise Refused(RefusalCode.OUT_OF_ORDER, "样品尚未收齐，不能确定拆包封样")
    _call(case, step, again=case.scheduled is not None)
    case.scheduled = step
    case.end_wait(StepName.SEALING_SCHEDULED)
    if StepName.SEALED not in case.waits:
        case.await_step(StepName.SEALED, Role.OFFICER)


def _call(case: Case, step: SealingScheduled, *, again: bool) -> None:
    """Those who are to be there are told when and where, and told anew when it is set again (§5)."""
    at = step.at.astimezone(SHANGHAI)
    title = "拆包封样改期" if again else "拆包封样到场"
    text = f"{at:%Y-%m-%d %H:%M}（北京时间），{step.place}，{case.title}"
    called = "、".join(step.called)
    key = f"sealing-called:{case.because['step_id']}"
    case.note(key, TimelineKind.CALLED, f"{title}，通知{called}：{text}", "§5", data={"to": called})
    case.to_tell.append(
        AlertInput(
            batch_no=case.batch_no,
            key=f"{case.batch_no}:{key}",
            to_title=called,
            level=0,
            title=title,
            text=text,
        )
    )


def sealed(case: Case, step: Sealed, _actor: Actor) -> None:
    if not case.all_in:
        raise Refused(RefusalCode.OUT_OF_ORDER, "样品尚未收齐，不能拆包封样")
    if case.scheduled is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "尚未确定拆包封样的时间和场所")
    sealed_on = not_in_future(case, step.sealed_at, "封样时间")
    last_parcel = max(day_in_shanghai(parcel.received_at) for parcel in case.parcels)
    not_before(sealed_on, last_parcel, "封样日期", "收齐样品日期")
    _check_witnesses(case, step)
    for sample, holder, name in (
        (step.test_sample, Holder.LABORATORY, "检验用样品应当交承检机构检验"),
        (step.backup_sample, Holder.BUREAU, "备份样品应当由市局统一保管"),
    ):
        if sample.custody.holder is not holder:
            raise Refused(RefusalCode.CUSTODY_WRONG, name, "§5")
    case.sealed = step
    _take_down_producer(case, step)
    case.samples = [_kept("test", step.test_sample), _kept("backup", step.backup_sample)]
    case.end_wait(StepName.SEALED)
    case.send_to_all(DocumentKind.INSPECTION_NOTICE)
    case.await_term(Term.INSPECTION_NOTICE, "inspection_notice_sent", None, sealed_on)
    case.enter(Phase.TESTING, "样品已封存，交承检机构检验")
    case.await_term(
        Term.TEST_REPORT,
        StepName.REPORT_RECEIVED,
        StepName.REPORT_RECEIVED,
        sealed_on,
        amount=case.opening.order.laboratory.contract_days,
    )


def _take_down_producer(case: Case, step: Sealed) -> None:
    """The producer to be told is the one named on the sample (§6), whatever the order expected."""
    if step.producer == NOT_STATED:
        case.parties.pop(Party.PRODUCER, None)
        return
    expected = case.parties.get(Party.PRODUCER)
    if expected is None or not _same_name(expected.name, step.producer):
        case.parties[Party.PRODUCER] = PartyFile(
            party=Party.PRODUCER,
            name=step.producer,
            address=step.producer_address,
            email=None,
            natural_person=step.producer_natural_person,
        )
        return
    expected.name = step.producer
    expected.natural_person |= step.producer_natural_person
    if step.producer_address is not None:
        expected.address = step.producer_address


def _same_name(ordered: str, found: str) -> bool:
    """Whether two names differ in writing only: in width, case or spacing."""
    return folded(ordered) == folded(found)


def _check_witnesses(case: Case, step: Sealed) -> None:
    regulation = case.opening.regulation
    present = [(p.name, p.capacity) for p in step.participants]
    refuse_if(sealing_defects(regulation, present), RefusalCode.MISSING_SIGNATORY)
    bought = case.purchased
    if bought is not None and not any(
        p.capacity == "buyer" and p.name == bought.buyer.name for p in step.participants
    ):
        raise Refused(RefusalCode.MISSING_SIGNATORY, f"买样人{bought.buyer.name}未参加拆包封样", "§5")
    seal_signers = {p.name for p in step.participants if p.capacity in ("officer", "lab_staff")}
    for sample, name in ((step.test_sample, "检验用样品"), (step.backup_sample, "备份样品")):
        if missing := sorted(seal_signers - set(sample.signed_by)):
            raise Refused(RefusalCode.MISSING_SIGNATORY, f"{name}封样条缺少签名：{'、'.join(missing)}", "§5")
    if step.test_sample.seal_no == step.backup_sample.seal_no:
        raise Refused(
            RefusalCode.SAMPLES_NOT_SEALED, "检验用样品和备份样品应当分别封样，封条编号不能相同", "§5"
        )
    everyone = {p.name for p in step.participants}
    if missing := sorted(everyone - set(step.worksheet.signed_by)):
        raise Refused(RefusalCode.MISSING_SIGNATORY, f"抽查检验工作单缺少签字：{'、'.join(missing)}", "§5")


def _kept(which: str, sample: SealedSample) -> SampleState:
    custody = sample.custody
    return SampleState(
        sample=which,
        holder=custody.holder,
        place=custody.place,
        keeper=custody.keeper,
        seal_no=sample.seal_no,
    )


def sampling_abandoned(case: Case, step: SamplingAbandoned, _actor: Actor) -> None:
    case.outcome = Outcome.ABANDONED
    case.note("outcome", TimelineKind.OUTCOME, f"终止抽样：{step.reason}", "§5")


def report_received(case: Case, step: ReportReceived, actor: Actor) -> None:
    sealed_step = case.sealed
    if sealed_step is None or case.report is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "检验报告已收到")
    check_report(case, step, actor, case.opening.order.laboratory.code, "承检机构")
    not_before(step.issued_on, day_in_shanghai(sealed_step.sealed_at), "签发日期", "封样日期")
    case.report = step
    case.end_wait(StepName.REPORT_RECEIVED)
    case.enter(Phase.NOTIFICATION, f"收到检验报告，综合判定{VERDICTS[step.verdict]}")
    case.send_to_all(DocumentKind.RESULT_NOTICE)
    case.await_term(Term.RESULT_NOTICE, "result_notice_sent", None, step.received_on)


def check_report(case: Case, step: Report, actor: Actor, laboratory: str, name: str) -> None:
    """The report is the commissioned laboratory's, dated in the past, its verdict borne out by its items."""
    if step.laboratory != laboratory:
        raise Refused(
            RefusalCode.WRONG_LABORATORY, f"报告应当由{name}（{laboratory}）出具，而非{step.laboratory}", "§6"
        )
    if actor.role is Role.LAB and actor.laboratory != laboratory:
        raise Refused(RefusalCode.WRONG_LABORATORY, f"只有{name}（{laboratory}）可以提交本报告", "§6")
    not_in_future(case, step.received_on, "收到日期")
    refuse_if(report_defects(step.verdict, [i.verdict for i in step.items]), RefusalCode.VERDICT_CONTRADICTED)


def is_sampled(case: Case) -> bool:
    return case.sealed is not None


def is_tested(case: Case) -> bool:
    return case.report is not None
