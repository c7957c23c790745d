"""What letters say that take others back or stand beside them: withdrawn, voided, corrected (section 10)."""

from law.calendar import chinese_day
from law.vocabulary import Verdict
from messages.snapshot import DocumentState
from messages.steps import StepName
from messages.words import DOCUMENTS
from workflows.procedure.case import Case
from workflows.procedure.change import PaperRequest
from workflows.procedure.enclosures import Facts, listed, why_disowned
from workflows.procedure.withdrawn import what_it_means
from workflows.procedure.wording import outcome_in_words


def withdrawal_notice(case: Case, request: PaperRequest) -> Facts:
    withdrawn = request.corrects
    assert withdrawn is not None
    return {
        "withdrawn": DOCUMENTS[withdrawn.kind],
        "reasons": request.reason,
        "consequence": what_it_means(case, withdrawn),
    }


def voidance_notice(case: Case, request: PaperRequest) -> Facts:
    """Which letters of the batch its addressee has had, and why they no longer apply."""
    had = case.letters_had_by(request.recipient)
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
    outcome = outcome_in_words(case)
    if request.step is StepName.REFERRAL_DIRECTED:
        situation = f"经我局负责人决定，本案改由{case.referral.authority}承办"
        handling = "撤回交办，请停止办理，已采取的措施请函告我局"
    elif request.step is StepName.RECORD_CORRECTED:
        situation = f"我局关于本案承办机关的记录有误，已经更正，本案由{case.referral.authority}承办"
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
