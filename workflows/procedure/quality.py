"""What a case says to the quality records and to the figures (procedure section 13)."""

from law.quality import RecordState, SubjectKind, person_key, product_keys
from law.vocabulary import OVER, Outcome, Party
from messages.quality import (
    FailedItem,
    QualityEntry,
    RecordSubject,
    ReferralTold,
    RetestTold,
    Tally,
    district_of,
    tally_of_order,
)
from messages.snapshot import NamedGoods
from workflows.procedure.case import Case
from workflows.procedure.matching import wanted


def quality_of(case: Case) -> QualityEntry | None:
    """The case as a quality record tells it; None while no result has ever been final."""
    if case.so_far.final_on is None:
        return None
    return QualityEntry(
        state=_state(case.outcome),
        final_on=case.so_far.final_on if case.final_verdict else None,
        outcome=case.outcome,
        verdict=case.final_verdict,
        first_verdict=case.report.verdict if case.report else None,
        goods=_goods(case),
        laboratory=case.laboratory.name,
        report_no=case.report.report_no if case.report else None,
        failed=tuple(_failed(case, name) for name in case.failed_items),
        retest=_retest(case),
        referral=_referral(case),
        corrections=case.corrections.made,
        corrected=case.corrections.published,
        subjects=_subjects(case),
    )


def tally_of(case: Case) -> Tally:
    """The case as progress and statistics count it."""
    seller = case.seller
    return tally_of_order(case.opening).model_copy(
        update={
            "laboratory": case.laboratory.code,
            "laboratory_name": case.laboratory.name,
            "platform": case.platform.name if case.platform else None,
            "district": district_of(case.opening.regulation.bureaus, seller.place),
            "bought": case.purchased is not None,
            "sealed": case.sealed is not None,
            "tested": case.report is not None,
            "final": case.final_verdict is not None,
            "outcome": case.outcome,
            "first_verdict": case.report.verdict if case.report else None,
            "verdict": case.final_verdict,
            "retested": case.retest.report is not None,
            "duties": case.so_far.duties,
        }
    )


def _state(outcome: Outcome | None) -> RecordState:
    if outcome is None:
        return RecordState.OPEN_AGAIN
    return RecordState.ENDED if outcome in OVER else RecordState.FINAL


def _goods(case: Case) -> NamedGoods:
    marks = case.sealed or wanted(case)
    return NamedGoods(
        name=case.opening.order.goods.name, trademark=marks.trademark, spec_model=marks.spec_model
    )


def _failed(case: Case, name: str) -> FailedItem:
    """As the last report that has the item says; the marking is no item."""
    for report in filter(None, (case.retest.report, case.report)):
        for one in report.items:
            if one.name == name:
                return FailedItem(
                    name=name, standard=one.standard, requirement=one.requirement, measured=one.measured
                )
    return FailedItem(name=name)


def _retest(case: Case) -> RetestTold | None:
    report, laboratory, verdict = case.retest.report, case.retest.laboratory, case.retest_verdict
    if report is None or verdict is None:
        return None
    name = laboratory.name if laboratory else report.laboratory
    return RetestTold(laboratory=name, report_no=report.report_no, verdict=verdict)


def _referral(case: Case) -> ReferralTold | None:
    if not case.was_referred:
        return None
    known = case.referral
    return ReferralTold(
        authority=known.authority,
        acknowledged_on=known.acknowledged_on,
        concluded_on=known.concluded_on,
        action=known.action,
    )


def _subjects(case: Case) -> tuple[RecordSubject, ...]:
    """Seller, producer, product and platform, each where it is known who or what that is.

    A producer who was found not to have made the goods is none of theirs.
    """
    seller, producer, platform = case.seller, case.parties.get(Party.PRODUCER), case.platform
    goods = _goods(case)
    told = [
        (
            SubjectKind.SELLER,
            person_key(seller.name, seller.registration, natural=seller.natural_person),
            seller.name,
        )
    ]
    if producer is not None and producer.disowned_on is None:
        key = person_key(producer.name, natural=producer.natural_person)
        told.append((SubjectKind.PRODUCER, key, producer.name))
    product = " ".join(filter(None, (goods.trademark, goods.spec_model)))
    marks = product_keys(goods.trademark, goods.spec_model)
    told += [(SubjectKind.PRODUCT, key, product) for key in marks]
    if platform is not None:
        told.append((SubjectKind.PLATFORM, person_key(platform.name), platform.name))
    return tuple(RecordSubject(kind=kind, key=key, name=name) for kind, key, name in told if key is not None)
