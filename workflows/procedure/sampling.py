"""Sampling (§5): bought, received, sealed before witnesses."""

from law.calendar import SHANGHAI, day_in_shanghai
from law.judgements import sealing_defects
from law.names import folded, is_other_producer, is_unknown, not_among, without_notes
from law.vocabulary import DocumentKind, Outcome, Party, Phase, Role, Term
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import OPENED_LINE, OUTCOME_LINE, called_line, order_id, told
from messages.order import Platform, Seller, notice_address, notice_addresses
from messages.records import AlertInput, TimelineKind
from messages.snapshot import SampleState
from messages.steps import StepName
from messages.steps.sampling import (
    Holder,
    Purchased,
    Received,
    SamplingAbandoned,
    Sealed,
    SealedSample,
    SealingScheduled,
)
from workflows.procedure.case import Case
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future, refuse_if
from workflows.procedure.matching import compare_purchase, compare_sealing
from workflows.procedure.parts import Accepted, PartyFile
from workflows.procedure.waits import await_step, await_term, end_wait


def begin(change: Change) -> None:
    """The order is placed: the laboratory gets its commission letter, the buyer may buy (§3)."""
    case = change.case
    if case.phase is not Phase.ORDERED:
        return
    case.parties |= _parties(case)
    opened = Accepted(step=None, by=case.opening.opened_by.sub)
    case.accepted = {str(order_id(case.batch_no)): opened}
    regulation = case.opening.regulation
    named = {"id": regulation.id, "title": regulation.title, "sha256": case.opening.regulation_sha256}
    change.note(
        OPENED_LINE,
        TimelineKind.OPENED,
        f"下达抽检批次：{case.title}",
        "§3",
        actor=case.opening.opened_by,
        data={"regulation": named},
    )
    change.send_to_all(DocumentKind.COMMISSION_LETTER)
    change.enter(Phase.SAMPLING, "进入抽样")
    await_step(change, StepName.PURCHASED, Role.OFFICER)


def _parties(case: Case) -> dict[Party, PartyFile]:
    producer = case.opening.order.producer
    files = _sellers(case.seller, case.platform)
    if producer is not None and not is_unknown(producer.name):
        files.append(
            PartyFile(
                party=Party.PRODUCER,
                name=without_notes(producer.name),
                address=producer.address,
                email=producer.email,
                natural_person=producer.natural_person,
            )
        )
    return {file.party: file for file in files}


def _sellers(seller: Seller, platform: Platform | None) -> list[PartyFile]:
    supplied = platform.seller_address if platform else None
    files = [
        PartyFile(
            party=Party.SELLER,
            name=seller.name,
            address=notice_address(notice_addresses(seller.place, supplied)),
            email=seller.email,
            natural_person=seller.natural_person,
        )
    ]
    if platform is not None:
        files.append(
            PartyFile(
                party=Party.PLATFORM,
                name=platform.name,
                address=platform.place.in_full,
                email=platform.email,
            )
        )
    return files


def purchased(change: Change, step: Purchased, actor: Actor) -> None:
    """The sample is bought after the order, and as ordered or with a supervisor's reason (§5)."""
    case, order = change.case, change.case.opening.order
    if case.purchased is not None:
        raise Refused(RefusalCode.ALREADY_DONE, "本批次已购样，一个批次只对应一次购样")
    placed_on = not_in_future(change, step.order.placed_at, "下单时间")
    not_before(placed_on, order.regulation_date, "下单日期", "规程适用日期")
    compare_purchase(change, step, actor)
    _take_down_sellers(case)
    end_wait(change, StepName.PURCHASED)
    await_step(change, StepName.RECEIVED, Role.LAB)


def _take_down_sellers(case: Case) -> None:
    """Those to be told are the seller and the platform that it was really bought from."""
    if (case.seller, case.platform) == (case.opening.order.seller, case.opening.order.platform):
        return
    case.parties.pop(Party.PLATFORM, None)
    really = {file.party: file for file in _sellers(case.seller, case.platform)}
    case.parties = {**really, **{party: file for party, file in case.parties.items() if party not in really}}


def received(change: Change, step: Received, _actor: Actor) -> None:
    """Parcels have come, or were lost; sealing waits for all of them, an officer is asked about the lost."""
    case = change.case
    bought = case.purchased
    if bought is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "尚未购样，不能登记收货")
    if case.all_in:
        raise Refused(RefusalCode.ALREADY_DONE, "样品已收齐")
    for parcel in step.parcels:
        day = not_in_future(change, parcel.received_at, "收货时间")
        not_before(day, day_in_shanghai(bought.order.placed_at), "收货日期", "下单日期")
    for lost in step.lost:
        not_in_future(change, lost.known_on, "得知丢失的日期")
        not_before(lost.known_on, day_in_shanghai(bought.order.placed_at), "得知丢失的日期", "下单日期")
    case.parcels = (*case.parcels, *step.parcels)
    if step.all_in and not case.parcels:
        words = "没有收到任何包裹，不能登记收齐；全部丢失的，应当终止抽样"
        raise Refused(RefusalCode.OUT_OF_ORDER, words, "§5")
    case.all_in = step.all_in
    if step.all_in:
        end_wait(change, StepName.RECEIVED, "样品已收齐")
        end_wait(change, Term.PARCEL_LOST, "其余样品足够，继续办理")
        await_step(change, StepName.SEALING_SCHEDULED, Role.OFFICER)
    elif step.lost and Term.PARCEL_LOST not in case.waits:
        abandoned = StepName.SAMPLING_ABANDONED
        await_term(change, Term.PARCEL_LOST, Term.PARCEL_LOST, abandoned, change.today)


def sealing_scheduled(change: Change, step: SealingScheduled, _actor: Actor) -> None:
    """The bureau sets time and place of unpacking and sealing; it may set them again."""
    case = change.case
    if not case.all_in:
        raise Refused(RefusalCode.OUT_OF_ORDER, "样品尚未收齐，不能确定拆包封样")
    _call(change, step, again=case.scheduled is not None)
    case.scheduled = step
    end_wait(change, StepName.SEALING_SCHEDULED)
    if StepName.SEALED not in case.waits:
        await_step(change, StepName.SEALED, Role.OFFICER)


def _call(change: Change, step: SealingScheduled, *, again: bool) -> None:
    """Those who are to be there are told when and where, and told anew when it is set again (§5)."""
    case = change.case
    at = step.at.astimezone(SHANGHAI)
    title = "拆包封样改期" if again else "拆包封样到场"
    text = f"{at:%Y-%m-%d %H:%M}（北京时间），{step.place}，{case.title}"
    called = "、".join(step.called)
    key = called_line(change.because["step_id"])
    change.note(key, TimelineKind.CALLED, f"{title}，通知{called}：{text}", "§5", data={"to": called})
    change.tell(
        AlertInput(
            batch_no=case.batch_no,
            key=told(case.batch_no, key),
            to_title=called,
            level=0,
            title=title,
            text=text,
        )
    )


def sealed(change: Change, step: Sealed, actor: Actor) -> None:
    """Test and backup sample are sealed before witnesses, of the goods that were ordered (§5)."""
    case = change.case
    if not case.all_in:
        raise Refused(RefusalCode.OUT_OF_ORDER, "样品尚未收齐，不能拆包封样")
    if case.scheduled is None:
        raise Refused(RefusalCode.OUT_OF_ORDER, "尚未确定拆包封样的时间和场所")
    sealed_on = not_in_future(change, step.sealed_at, "封样时间")
    last_parcel = max(day_in_shanghai(parcel.received_at) for parcel in case.parcels)
    not_before(sealed_on, last_parcel, "封样日期", "收齐样品日期")
    _check_witnesses(case, step)
    for sample, holder, name in (
        (step.test_sample, Holder.LABORATORY, "检验用样品应当交承检机构检验"),
        (step.backup_sample, Holder.BUREAU, "备份样品应当由市局统一保管"),
    ):
        if sample.custody.holder is not holder:
            raise Refused(RefusalCode.CUSTODY_WRONG, name, "§5")
    compare_sealing(change, step, actor)
    case.sealed = step
    _take_down_producer(change, step)
    case.samples = (_kept("test", step.test_sample), _kept("backup", step.backup_sample))
    end_wait(change, StepName.SEALED)


def _take_down_producer(change: Change, step: Sealed) -> None:
    """The producer to be told is the one named on the sample (§6), with what the order knows of it."""
    parties = change.case.parties
    if is_unknown(step.producer):
        parties.pop(Party.PRODUCER, None)
        return
    name, expected = without_notes(step.producer), parties.get(Party.PRODUCER)
    if expected is None or is_other_producer(expected.name, name):
        parties[Party.PRODUCER] = PartyFile(
            party=Party.PRODUCER,
            name=name,
            address=step.producer_address,
            email=None,
            natural_person=step.producer_natural_person,
        )
        return
    change.party(
        Party.PRODUCER,
        name=name,
        natural_person=expected.natural_person or step.producer_natural_person,
        address=step.producer_address or expected.address,
    )


def _check_witnesses(case: Case, step: Sealed) -> None:
    regulation = case.opening.regulation
    present = [(p.name, p.capacity) for p in step.participants]
    refuse_if(sealing_defects(regulation, present), RefusalCode.MISSING_SIGNATORY)
    bought = case.purchased
    if bought is not None and not any(
        p.capacity == "buyer" and folded(p.name) == folded(bought.buyer.name) for p in step.participants
    ):
        raise Refused(RefusalCode.MISSING_SIGNATORY, f"买样人{bought.buyer.name}未参加拆包封样", "§5")
    seal_signers = [p.name for p in step.participants if p.capacity in ("officer", "lab_staff")]
    for sample, name in ((step.test_sample, "检验用样品"), (step.backup_sample, "备份样品")):
        if missing := not_among(seal_signers, sample.signed_by):
            raise Refused(RefusalCode.MISSING_SIGNATORY, f"{name}封样条缺少签名：{'、'.join(missing)}", "§5")
    if folded(step.test_sample.seal_no) == folded(step.backup_sample.seal_no):
        raise Refused(
            RefusalCode.SAMPLES_NOT_SEALED, "检验用样品和备份样品应当分别封样，封条编号不能相同", "§5"
        )
    if missing := not_among([p.name for p in step.participants], step.worksheet.signed_by):
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


def sampling_abandoned(change: Change, step: SamplingAbandoned, _actor: Actor) -> None:
    """Nothing can be sealed: the batch ends, and nobody is notified (§5)."""
    change.case.outcome = Outcome.ABANDONED
    change.note(OUTCOME_LINE, TimelineKind.OUTCOME, f"终止抽样：{step.reason}", "§5")


def is_sampled(case: Case) -> bool:
    return case.sealed is not None
