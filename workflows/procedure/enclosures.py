"""What goes with a letter or is listed in it: the worksheet (§5), the case file's index (§7)."""

from datetime import date
from typing import Any

from law.calendar import chinese_day, day_in_shanghai
from law.vocabulary import ItemVerdict, Recipient
from messages.snapshot import DocumentState, DocumentStatus
from messages.steps.report import Report
from messages.steps.sampling import SealedSample
from messages.words import DOCUMENTS, PARTIES, RECIPIENTS
from workflows.procedure.case import Case

Facts = dict[str, Any]
SAMPLES = {"test": "检验用样品", "backup": "备份样品"}


def worksheet(case: Case) -> Facts:
    """The worksheet as it is made from the facts of purchase and sealing, for those present to sign (§5)."""
    bought, sealed = case.purchased, case.sealed
    assert bought is not None
    assert sealed is not None
    day = chinese_day(day_in_shanghai(bought.order.placed_at))
    quantities = f"{SAMPLES['test']}{bought.test_quantity.amount}{bought.test_quantity.unit}"
    quantities += f"，{SAMPLES['backup']}{bought.backup_quantity.amount}{bought.backup_quantity.unit}"
    recordings = f"购买{bought.recording.reference}，拆包查验和封样{sealed.recording.reference}"
    return {
        **sealed.worksheet.model_dump(mode="json"),
        "bought": f"{day}由{bought.buyer.name}购买，{bought.order.price}元，{quantities}",
        "courier_label": sealed.courier_label,
        "recordings": recordings,
        "samples": [
            {"name": SAMPLES["test"], "told": _seal(sealed.test_sample)},
            {"name": SAMPLES["backup"], "told": _seal(sealed.backup_sample)},
        ],
    }


def _seal(sample: SealedSample) -> str:
    kept = f"存放于{sample.custody.place}，保管人{sample.custody.keeper}"
    return f"封条编号{sample.seal_no}，由{'、'.join(sample.signed_by)}签名；{kept}"


def case_index(case: Case) -> Facts:
    """What the authority is to know of the case, and every paper of it that it can ask for.

    The letters' own numbers are put in where the index is printed: they are given with the record.
    """
    bought, withdrawn = case.purchased, DocumentStatus.WITHDRAWN
    parties = {
        PARTIES[file.party]: why_disowned(case) if file.disowned_on else _who(file.name, file.address)
        for file in case.parties.values()
    }
    return {
        "批次": case.batch_no,
        "当事人": parties,
        "订单": bought and f"{bought.order.order_no}，{bought.order.price}元",
        "链接": bought.goods.link if bought else None,
        "样品": [f"{SAMPLES[sample.sample]}，封条编号{sample.seal_no}" for sample in case.samples],
        "经办人": case.opening.opened_by.name,
        "不合格项目": _failed(case),
        "检验报告": _reports(case),
        "证据": evidence(case),
        "申请材料": applications(case),
        "文书": [listed(letter) for letter in case.documents.values() if letter.status is not withdrawn],
        "交办理由": case.referral.directed.reason if case.referral.directed else None,
    }


def _who(name: str, address: str | None) -> str:
    return f"{name}，{address}" if address else name


def _failed(case: Case) -> list[Facts]:
    """The items by which it failed, as the report has them that measured them last."""
    rows: dict[str, Facts] = {}
    for report in filter(None, (case.report, case.retest.report)):
        for item in report.items:
            if item.verdict is ItemVerdict.NONCONFORMING and item.name in case.failed_items:
                row = item.model_dump(mode="json", include={"name", "standard", "requirement"})
                rows[item.name] = {**row, "measured": item.measured or "—"}
    return list(rows.values())


def _reports(case: Case) -> list[Facts]:
    reports: list[tuple[str, Report | None]] = [("检验报告", case.report), ("复检报告", case.retest.report)]
    return [
        {"name": name, "number": report.report_no, "made_on": report.issued_on.isoformat()}
        for name, report in reports
        if report is not None
    ]


def evidence(case: Case) -> list[Facts]:
    """Recordings and worksheet of the sampling, and what shows that letters arrived."""
    bought, sealed, rows = case.purchased, case.sealed, []
    if bought is not None:
        day = day_in_shanghai(bought.order.placed_at)
        rows.append(_row("购买过程屏幕录像", bought.recording.reference, day))
    if sealed is not None:
        day = day_in_shanghai(sealed.sealed_at)
        rows.append(_row("拆包查验和封样录像", sealed.recording.reference, day))
        rows.append(_row("网络商品质量抽查检验工作单", sealed.worksheet.reference, day))
    served = (DocumentStatus.DELIVERED, DocumentStatus.RECEIVED_BY_ANOTHER, DocumentStatus.RETURNED)
    for letter in case.documents.values():
        if letter.status in served and letter.settled_on is not None:
            name = f"{DOCUMENTS[letter.kind]}（{RECIPIENTS[letter.recipient]}）送达凭据"
            rows.append(_row(name, letter.proof or "—", letter.settled_on))
    return rows


def applications(case: Case) -> list[Facts]:
    """The papers of every application for a retest, whatever became of it."""
    titles = {paper.code: paper.title for paper in case.opening.regulation.approval_documents}
    rows = []
    for file in case.parties.values():
        filed = (file.objection, file.late.objection if file.late else None)
        for applied in [one for one in filed if one is not None]:
            papers = {titles.get(code, code): reference for code, reference in applied.documents.items()}
            for name, reference in (papers or {"书面复检申请": "—"}).items():
                rows.append(_row(f"{name}（{PARTIES[file.party]}）", reference, applied.filed_on))
    return list({(row["name"], row["number"]): row for row in rows}.values())


def _row(name: str, number: str, day: date) -> Facts:
    return {"name": name, "number": number, "made_on": day.isoformat()}


def listed(letter: DocumentState) -> Facts:
    """A letter as it stands in a list; its number is put in by its id."""
    to = None if letter.recipient is Recipient.PUBLIC else RECIPIENTS[letter.recipient]
    day = letter.made_out_on.isoformat() if letter.made_out_on else None
    return {"document_id": letter.document_id, "name": DOCUMENTS[letter.kind], "to": to, "made_on": day}


def why_disowned(case: Case) -> str:
    """Why no producer is named: whoever is named on the goods has said that they are not his."""
    assert case.disowned_on is not None
    return f"样品标称的生产者于{chinese_day(case.disowned_on)}否认该商品为其生产，经认定不列入"
