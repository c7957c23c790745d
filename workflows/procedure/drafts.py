"""What each document says (procedure section 6): facts of the case, made out when it is called for."""

from datetime import date
from typing import Any

from law.calendar import chinese_day
from law.counting import Deadline
from law.judgements import PartyStanding
from law.vocabulary import Party, Recipient, Term, Verdict
from messages.order import Platform
from messages.snapshot import DocumentState
from messages.steps import StepName
from messages.steps.report import Report
from messages.words import DOCUMENTS, OUTCOMES, PARTIES, VERDICTS
from workflows.procedure.case import Case
from workflows.procedure.change import PaperRequest
from workflows.procedure.enclosures import case_index, listed, why_disowned, worksheet
from workflows.procedure.parts import PartyFile

Facts = dict[str, Any]


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
        "retest_laboratory": case.retest.laboratory.name if case.retest.laboratory else None,
        "final_verdict": VERDICTS[case.final_verdict] if case.final_verdict else None,
        "outcome": _outcome(case),
        "applicant": applicant.name if applicant else None,
        "applied_on": objection.filed_on.isoformat() if objection else None,
        "grounds": objection.grounds if objection else None,
        "replaces": request.reason if request.corrects and request.corrects.kind is request.kind else None,
        "about": DOCUMENTS[request.about] if request.about else None,
        "about_party": case.parties[request.party].name if request.about and request.party else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _whom_to_ask(case: Case) -> str:
    contact = case.opening.regulation.bureaus.contact
    if contact is None:
        return f"联系方式：{case.opening.order.scheme.contact}"
    return f"联系人：{contact.name}；电话：{contact.telephone}；地址：{contact.address}"


def _outcome(case: Case) -> str | None:
    """How the result came about, beside the verdict, which its words may begin with."""
    if case.outcome is None or case.final_verdict is None:
        return None
    verdict = VERDICTS[case.final_verdict]
    return OUTCOMES[case.outcome].removeprefix(verdict).removeprefix("，") or None


def _applicant(case: Case, request: PaperRequest) -> PartyFile | None:
    """Whose application a letter is about: its addressee's, else the first that goes on; not the public's."""
    if request.recipient is Recipient.PUBLIC:
        return None
    applied = {party: file for party, file in case.parties.items() if file.objection}
    if request.party in applied:
        return applied[request.party]
    going_on = [file for file in applied.values() if file.standing is PartyStanding.RETEST]
    return next(iter((*going_on, *applied.values())), None)


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
    window = _window_in_words(case, Term.OBJECTION)
    return {
        "verdict": VERDICTS[report.verdict],
        "items": _items(report),
        "right_to_retest": "有异议的，可以向我局提出书面复检申请；逾期未提出的，视为无异议。"
        if may_object
        else "被抽样的网络商品经营者、标称生产者可以依法申请复检。",
        "last_day": window,
        "how_counted": "收到之日不计入，按自然日计算，至最后一日24时届满。",
        "report": {"report_no": report.report_no, "file": report.file.model_dump(mode="json")},
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
        "last_day": "本公告不涉及期限",
    }


def retest_lab_notice(case: Case, _request: PaperRequest) -> Facts:
    assert case.retest.laboratory is not None
    return {
        "laboratory": case.retest.laboratory.name,
        "formalities": "复检申请人、复检机构持本通知书办理复检手续；"
        "复检申请人逾期未办理的，视为放弃复检，视为对检验结果无异议。",
        "last_day": _window_in_words(case, Term.RETEST_FORMALITIES),
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
    }


def publication(case: Case, _request: PaperRequest) -> Facts:
    order, sealed = case.opening.order, case.sealed
    report = case.retest.report or case.report
    assert sealed is not None
    assert report is not None
    assert case.final_verdict is not None
    assert case.outcome is not None
    return {
        "seller": case.seller.name,
        "sample_name": order.goods.name,
        "nominal_trademark": sealed.trademark,
        "nominal_producer": sealed.producer,
        "producer_disowned": why_disowned(case) if case.disowned_on else None,
        "spec_model": sealed.spec_model,
        "production_date": sealed.production_date,
        "nonconforming_items": list(case.failed_items),
        "conclusion": f"{VERDICTS[case.final_verdict]}（{OUTCOMES[case.outcome]}）",
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


def late_filing_notice(case: Case, request: PaperRequest) -> Facts:
    assert request.party is not None
    assert request.step is not None
    told = case.parties[request.party].too_late[request.step]
    filed_on, ended = chinese_day(told.day), _ended(told.last_day)
    return {
        "application": told.what,
        "filed_on": f"{filed_on}（邮寄的以邮戳日期为准，邮戳无法辨认的另行认定；其他方式以提交之日为准）",
        "last_day": ended,
        "reasons": f"期限已于{ended}，申请于{filed_on}提交，已经逾期；申请记录在案，不予受理。",
    }


def reopening_refusal(case: Case, request: PaperRequest) -> Facts:
    assert request.party is not None
    late = case.parties[request.party].late
    assert late is not None
    return {
        "application": f"{late.what}（{late.proof}，{chinese_day(late.recorded_on)}登记）",
        "last_day": _ended(late.last_day) if late.last_day else None,
        "reasons": late.reasons,
    }


def _ended(day: date) -> str:
    return f"{chinese_day(day)}24时届满"


def withdrawal_notice(_case: Case, request: PaperRequest) -> Facts:
    withdrawn = request.corrects
    assert withdrawn is not None
    return {"withdrawn": DOCUMENTS[withdrawn.kind], "reasons": request.reason}


def voidance_notice(case: Case, request: PaperRequest) -> Facts:
    """Which letters of the batch its addressee has had, and why they no longer apply."""
    had = [letter for letter in case.letters_to(request.recipient) if letter.sent_on is not None]
    return {"withdrawn": [listed(letter) for letter in had], "reasons": request.reason}


def publication_correction(case: Case, request: PaperRequest) -> Facts:
    order, corrected = case.opening.order, request.corrects
    return {
        "seller": case.seller.name,
        "sample_name": order.goods.name,
        "spec_model": case.sealed.spec_model if case.sealed else None,
        "corrected": _of_day(corrected, "公示") if corrected else None,
        "grounds": request.reason or "当事人在期限内提出的申请经核实成立，恢复异议程序",
        "conclusion": "该结果正在复核，原公示的结论在重新确定前不再适用",
    }


def _of_day(letter: DocumentState, what: str) -> str:
    """A letter by the day it left; its number is put in where the letter is printed."""
    return f"{chinese_day(letter.sent_on)}的{what}" if letter.sent_on else what


def referral_correction(case: Case, request: PaperRequest) -> Facts:
    corrected = request.corrects
    outcome = OUTCOMES[case.outcome] if case.outcome else ""
    if request.step is StepName.REFERRAL_DIRECTED:
        situation = f"经我局负责人决定，本案改由{case.referral.authority}承办"
        handling = "撤回交办，请停止办理，已采取的措施请函告我局"
    elif request.step is StepName.PRODUCER_DISOWNED:
        situation = f"{why_disowned(case)}，公示已另行更正"
        handling = "请结合上述情况核查商品来源，继续办理"
    elif case.final_verdict is None:
        situation = f"{request.reason or '当事人在期限内提出的申请经核实成立'}，原检验结果正在复核"
        handling = "复核期间请暂缓办理，已采取的措施请函告我局；复核结果另行函告"
    elif case.final_verdict is Verdict.NONCONFORMING:
        situation = f"复核完毕，检验结果仍为不合格（{outcome}）"
        handling = "维持交办，请继续办理"
    else:
        situation = f"复核完毕，检验结果为合格（{outcome}）"
        handling = "撤回交办，请停止办理，已采取的措施请依法处理并函告我局"
    return {
        "corrected": _of_day(corrected, "交办函") if corrected else None,
        "situation": situation,
        "handling": handling,
    }
