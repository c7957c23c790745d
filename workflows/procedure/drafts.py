"""What each document says (procedure section 6): facts of the case, made out when it is called for."""

import re
from datetime import date
from typing import Any

from law.calendar import chinese_day
from law.counting import Deadline
from law.judgements import PartyStanding
from law.vocabulary import DocumentKind, Party, Recipient, Term
from messages.names import formalities
from messages.order import Platform
from messages.steps.report import Report
from messages.words import DOCUMENTS, PARTIES, VERDICTS
from workflows.procedure import periods
from workflows.procedure.case import Case
from workflows.procedure.change import PaperRequest
from workflows.procedure.enclosures import case_index, why_disowned, worksheet
from workflows.procedure.parts import PartyFile
from workflows.procedure.retest import applicants, disputed
from workflows.procedure.wording import outcome_in_words

Facts = dict[str, Any]
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def facts_told(case: Case, request: PaperRequest) -> Facts:
    """What a letter's words speak of beside its fields; what is not known yet is left out."""
    order, sealed = case.opening.order, case.sealed
    report = case.report
    applicant = _applicant(case, request)
    objection = applicant.objection if applicant else None
    told = {
        "bureau": case.opening.regulation.bureaus.municipal_bureau,
        "regulation": case.opening.regulation.title,
        "party": PARTIES[request.recipient.party] if request.recipient.party else None,
        "seller": case.seller.name,
        "platform": _platform_name(case.platform),
        "producer": sealed.producer if sealed and case.disowned_on is None else None,
        "goods": order.goods.name,
        "trademark": sealed.trademark if sealed else None,
        "spec_model": sealed.spec_model if sealed else order.goods.spec_model,
        "production_date": sealed.production_date if sealed else None,
        "laboratory": case.laboratory.name,
        "scheme": order.scheme.reference,
        "quantity": order.scheme.sample_quantity,
        "judgement_principle": order.scheme.judgement_principle,
        "contact": order.scheme.contact,
        "ask": _whom_to_ask(case),
        "report_no": report.report_no if report else None,
        "report_issued_on": report.issued_on.isoformat() if report else None,
        "first_verdict": VERDICTS[report.verdict] if report else None,
        "marking": VERDICTS[report.marking] if report and report.marking else None,
        "standing_failures": "、".join(case.standing_failures) or None,
        "lifted_failures": "、".join(case.lifted_failures) or None,
        "retest_laboratory": case.retest.laboratory.name if case.retest.laboratory else None,
        "final_verdict": VERDICTS[case.final_verdict] if case.final_verdict else None,
        "outcome": _outcome(case),
        "applicant": _applicants_named(case, request, applicant),
        "applied_on": objection.filed_on.isoformat() if objection else None,
        "grounds": objection.grounds if objection else None,
        "replaces": request.reason if request.corrects and request.corrects.kind is request.kind else None,
        "right_ended": _right_ended(case, request),
        "copies": "、".join(case.referral.copies) or None,
        "about": DOCUMENTS[request.about] if request.about else None,
        "about_party": _addressee(case, request),
        "persons": _persons(case) or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _persons(case: Case) -> list[str]:
    """Whose names the public does not read, whoever turns out to be the party later."""
    seller = case.opening.order.seller
    named = {seller.name} if seller.natural_person else set[str]()
    return sorted(named | {one.name for one in case.parties.values() if one.natural_person})


def _addressee(case: Case, request: PaperRequest) -> str | None:
    """To whom the letter went that is announced: by a correction somebody else may be the party since."""
    if request.about is None or request.party is None:
        return None
    letter = case.document_of(request.about, Recipient(request.party.value))
    return letter.recipient_name if letter else None


def _right_ended(case: Case, request: PaperRequest) -> str | None:
    """Said in a result notice to a party that can no longer apply for a retest."""
    runs = periods.objection_as_it_runs(case, request.recipient.party)
    is_over = runs is not None and periods.RIGHT not in runs.get("right_to_retest", periods.RIGHT)
    return periods.NOT_ANEW if is_over and request.kind is DocumentKind.RESULT_NOTICE else None


def _whom_to_ask(case: Case) -> str:
    contact = case.opening.regulation.bureaus.contact
    if contact is None:
        return f"联系方式：{case.opening.order.scheme.contact}"
    return f"联系人：{contact.name}；电话：{contact.telephone}；地址：{contact.address}"


def _outcome(case: Case) -> str | None:
    """How the result came about, beside the verdict, which its words may begin with."""
    words = outcome_in_words(case)
    if words is None or case.final_verdict is None:
        return None
    return words.removeprefix(VERDICTS[case.final_verdict]).removeprefix("，") or None


def _applicant(case: Case, request: PaperRequest) -> PartyFile | None:
    """Whose application a letter is about: its addressee's, else the first that goes on; not the public's."""
    if request.recipient is Recipient.PUBLIC:
        return None
    applied = {party: file for party, file in case.parties.items() if file.objection}
    if request.party in applied:
        return applied[request.party]
    going_on = [file for file in applied.values() if file.standing is PartyStanding.RETEST]
    return next(iter((*going_on, *applied.values())), None)


def _applicants_named(case: Case, request: PaperRequest, applicant: PartyFile | None) -> str | None:
    """To the retest laboratory, all whose retest it is; to others, whose application it is about."""
    going_on = [file.name for file in applicants(case)]
    if request.recipient is Recipient.RETEST_LABORATORY and going_on:
        return "、".join(going_on)
    return applicant.name if applicant else None


def commission_letter(case: Case, _request: PaperRequest) -> Facts:
    order, since = case.opening.order, case.testing.since
    return {
        "scheme": order.scheme.reference,
        "items": list(order.scheme.items),
        "standards": list(order.scheme.standards),
        "testing_period": f"{case.laboratory.contract_days}日，自{since or '封样之日'}的次日起算",
        "contract": case.laboratory.contract_no,
    }


def inspection_notice(case: Case, _request: PaperRequest) -> Facts:
    bought, sealed = case.purchased, case.sealed
    assert bought is not None
    assert sealed is not None
    return {
        "goods": bought.goods.model_dump(mode="json"),
        "order": bought.order.model_dump(mode="json"),
        "sampling": {
            "买样人": bought.buyer.name,
            "检验用样品": f"{bought.test_quantity.amount}{bought.test_quantity.unit}",
            "备份样品": f"{bought.backup_quantity.amount}{bought.backup_quantity.unit}",
        },
        "sealing": sealed.model_dump(
            mode="json",
            include={
                "sealed_at",
                "place",
                "trademark",
                "producer",
                "product_standard",
                "spec_model",
                "production_date",
            },
        ),
        "participants": [p.model_dump(mode="json") for p in sealed.participants],
        "rights": "检验结果另行书面通知；对结果有异议的，可以自收到结果通知书之日起依法申请复检。",
        "worksheet": worksheet(case),
    }


def _window_in_words(case: Case, term: Term) -> str:
    rule = case.opening.regulation.terms[term]
    return f"自{rule.starts_from}的次日起{rule.amount}日内，届满日为休息日的顺延至下一工作日"


def result_notice(case: Case, request: PaperRequest) -> Facts:
    report = case.report
    assert report is not None
    may_object = request.recipient.party in (Party.SELLER, Party.PRODUCER)
    others = "被抽样的网络商品经营者、标称生产者可以依法申请复检。"
    return {
        "verdict": VERDICTS[report.verdict],
        "items": _items(report),
        "right_to_retest": periods.RIGHT if may_object else others,
        "last_day": _window_in_words(case, Term.OBJECTION),
        "how_counted": periods.HOW_COUNTED,
        "report": _enclosed(report),
        **(periods.objection_as_it_runs(case, request.recipient.party) or {}),
    }


def announcement(case: Case, request: PaperRequest) -> Facts:
    bought = case.purchased
    order = case.opening.order
    assert bought is not None
    assert request.party is not None
    spec_model = case.sealed.spec_model if case.sealed else (order.goods.spec_model or "不明")
    return {
        "seller": case.seller.name,
        "goods_name": order.goods.name,
        "spec_model": spec_model,
        "goods_link": bought.goods.link,
        "order_number": bought.order.order_no,
        "platform": _platform_name(case.platform),
        "last_day": periods.last_day_of_none(request.about),
    }


def retest_lab_notice(case: Case, request: PaperRequest) -> Facts:
    """To each with its own period: an applicant's days are not the laboratory's."""
    assert case.retest.laboratory is not None
    if (party := request.recipient.party) is not None:
        term, runs = Term.RETEST_FORMALITIES, periods.formalities_as_they_run(case, party)
        told = periods.not_before_told(case, formalities(party))
    else:
        term = Term.RETEST_LABORATORY_FORMALITIES
        runs = periods.laboratorys_as_they_run(case) if request.corrects else None
        told = ""
    return {
        "laboratory": case.retest.laboratory.name,
        "formalities": "复检申请人、复检机构持本通知书办理复检手续；"
        "复检申请人逾期未办理的，视为放弃复检，视为对检验结果无异议。",
        "items": list(dict.fromkeys(disputed(case))),
        "last_day": runs or "，".join(filter(None, (_window_in_words(case, term), told))),
    }


def retest_refusal(case: Case, request: PaperRequest) -> Facts:
    assert request.party is not None
    objection = case.parties[request.party].objection
    return {"reasons": objection.reasons if objection else None}


def _result_in_words(report: Report) -> Facts:
    return {
        "report_no": report.report_no,
        "verdict": VERDICTS[report.verdict],
        "items": _items(report),
    }


def _enclosed(report: Report) -> Facts:
    """The report that goes along, by the digest of its file."""
    return {"report_no": report.report_no, "file": report.file.model_dump(mode="json")}


def _items(report: Report) -> list[Facts]:
    """Each item as a row; of one that was not measured it says why."""
    return [
        {
            **item.model_dump(mode="json", include={"name", "standard", "requirement", "verdict"}),
            "measured": "；".join(filter(None, (item.measured, item.why))) or "—",
        }
        for item in report.items
    ]


def retest_result_notice(case: Case, _request: PaperRequest) -> Facts:
    assert case.report is not None
    assert case.retest.report is not None
    return {
        "first_result": _result_in_words(case.report),
        "retest_result": _result_in_words(case.retest.report),
        "report": _enclosed(case.retest.report),
    }


def publication(case: Case, _request: PaperRequest) -> Facts:
    order, sealed = case.opening.order, case.sealed
    report = case.retest.report or case.report
    assert sealed is not None
    assert report is not None
    assert case.final_verdict is not None
    return {
        "seller": case.seller.name,
        "sample_name": order.goods.name,
        "nominal_trademark": sealed.trademark,
        "nominal_producer": sealed.producer,
        "producer_disowned": why_disowned(case) if case.disowned_on else None,
        "spec_model": sealed.spec_model,
        "production_date": sealed.production_date,
        "nonconforming_items": list(case.failed_items),
        "conclusion": f"{VERDICTS[case.final_verdict]}（{outcome_in_words(case)}）",
        "platform": _platform_name(case.platform),
        "correction": _why_published_anew(case),
    }


def _why_published_anew(case: Case) -> str:
    """Only told by a publication that stands beside an earlier one: reviewed, or put right since."""
    if case.published_on is None or case.corrections.published is None:
        return "原公示的结果经复核重新确定，以本公示为准；原公示保留备查。"
    return f"{case.corrections.published}；以本公示为准，原公示保留备查。"


def _platform_name(platform: Platform | None) -> str | None:
    return platform.name if platform else None


def referral_letter(case: Case, _request: PaperRequest) -> Facts:
    return {"case_index": case_index(case)}


def last_day_stated(counted: Deadline) -> Facts:
    """The last day of a period, and how it was counted, without its title and the section it rests on."""
    said = counted.explanation.partition("：")[2].replace(f"（依据{counted.rests_on}）", "")
    until = chinese_day(counted.last_day)
    return {"until": until, "counted": said, "last_day": f"{until}24时届满。期限{said}"}


def _of_oneself(what: str, party: Party) -> str:
    """What a party did, to itself."""
    return f"你（单位）{what.removeprefix(PARTIES[party])}"


def late_filing_notice(case: Case, request: PaperRequest) -> Facts:
    assert request.party is not None
    assert request.step is not None
    told = case.parties[request.party].too_late[request.step]
    filed_on, ended = chinese_day(told.day), _ended(told.last_day)
    return {
        "application": _of_oneself(told.what, request.party),
        "filed_on": f"{filed_on}（邮寄的以邮戳日期为准，邮戳无法辨认的另行认定；其他方式以提交之日为准）",
        "last_day": ended,
        "reasons": f"期限已于{ended}，申请于{filed_on}提交，已经逾期；申请记录在案，不予受理。",
    }


def reopening_refusal(case: Case, request: PaperRequest) -> Facts:
    assert request.party is not None
    late = case.parties[request.party].late
    assert late is not None
    proof = _ISO_DAY.sub(lambda day: chinese_day(date.fromisoformat(day[0])), late.proof)
    what = _of_oneself(late.what, request.party)
    return {
        "application": f"{what}（{proof}，{chinese_day(late.recorded_on)}登记）",
        "last_day": _ended(late.last_day) if late.last_day else None,
        "reasons": late.reasons,
    }


def _ended(day: date) -> str:
    return f"{chinese_day(day)}24时届满"
