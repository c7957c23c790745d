"""What a record put right changes of what letters say, in words for their readers (procedure section 10)."""

from law.calendar import chinese_day, day_in_shanghai
from messages.words import PARTIES, VERDICTS
from workflows.procedure.case import Case

_HIDDEN = "自然人"


def told_of(case: Case) -> dict[str, str]:
    """What letters say of a case, by its titles. A natural person is not named: not everybody may read it."""
    said = {
        PARTIES[file.party]: _HIDDEN if file.natural_person else file.name for file in case.parties.values()
    }
    said |= _sampled(case) | _reported(case)
    for file in case.parties.values():
        who, applied = PARTIES[file.party], file.objection
        if file.received_on is not None:
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
