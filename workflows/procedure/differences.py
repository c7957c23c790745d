"""What a record put right changes of what letters say, in words for their readers (procedure section 10)."""

from law.calendar import chinese_day, day_in_shanghai
from law.vocabulary import DocumentKind
from messages.words import DOCUMENTS, PARTIES, VERDICTS
from workflows.procedure.case import Case

_HIDDEN = "自然人"
# From their receipt a party's period runs, or from their announcement.
_BEGIN_A_PERIOD = (DocumentKind.RESULT_NOTICE, DocumentKind.RETEST_LAB_NOTICE)


def told_of(case: Case) -> dict[str, str]:
    """What letters say of a case, by its titles. A natural person is not named: not everybody may read it."""
    said = {
        PARTIES[file.party]: _HIDDEN if file.natural_person else file.name for file in case.parties.values()
    }
    said |= _sampled(case) | _reported(case)
    for file in case.parties.values():
        who, applied = PARTIES[file.party], file.objection
        if file.received_on is not None and not file.by_announcement:
            said[f"{who}收到检验结果通知书的日期"] = chinese_day(file.received_on)
        if applied is not None:
            said[f"{who}提出复检申请的日期"] = chinese_day(applied.filed_on)
    return said


def _sampled(case: Case) -> dict[str, str]:
    sealed = case.sealed
    if sealed is None:
        return {}
    return {
        "标称商标": sealed.trademark,
        "规格型号": sealed.spec_model,
        "生产日期": sealed.production_date,
        "产品标准": sealed.product_standard,
        "封样日期": chinese_day(day_in_shanghai(sealed.sealed_at)),
        "封样场所": sealed.place,
    }


def _reported(case: Case) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, report in (("检验报告", case.report), ("复检报告", case.retest.report)):
        if report is not None:
            said |= {f"{name}编号": report.report_no, f"{name}判定": VERDICTS[report.verdict]}
            said[f"{name}签发日期"] = chinese_day(report.issued_on)
    if case.report is not None:
        said["不合格项目"] = "、".join(case.failed_items) or "无"
    return said


def announced_in_vain(case: Case, right: Case) -> str:
    """Of each announcement that would not have been made: that it serves nobody, and what that means."""
    should_be = {(one.party, one.about) for one in right.standing(DocumentKind.ANNOUNCEMENT)}
    said = []
    for one in case.standing(DocumentKind.ANNOUNCEMENT):
        if one.party is None or one.about is None or (one.party, one.about) in should_be:
            continue
        words = f"向{PARTIES[one.party]}公告的{DOCUMENTS[one.about]}不作为送达"
        is_same = one.party in right.parties and case.parties[one.party].name == right.parties[one.party].name
        if is_same and one.about in _BEGIN_A_PERIOD:
            words += "，期限自其实际收到之日起算，且不早于公告告知的最后一日"
        said.append(words)
    return "；".join(dict.fromkeys(said))


def in_words(before: dict[str, str], after: dict[str, str]) -> str:
    """Old and new of each that is another; what was said only before, or only since, is said to be so.

    Of a party that is another one only that: the day of its receipt is no correction of the other's.
    """
    others = [who for who in PARTIES.values() if before.get(who) != after.get(who)]
    changed = []
    for title in dict.fromkeys((*before, *after)):
        old, new = before.get(title), after.get(title)
        if old == new or any(title != who and title.startswith(who) for who in others):
            continue
        if old is None:
            changed.append(f"补记{title}“{new}”")
        else:
            changed.append(f"{title}“{old}”不再记载" if new is None else f"{title}由“{old}”更正为“{new}”")
    return "；".join(changed)
