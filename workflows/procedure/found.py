"""By what a batch is found as it stands: corrections included, and what was really bought and sealed."""

from messages.found import FoundBy, FoundKind, known, of_order
from workflows.procedure.case import Case


def found_by(case: Case) -> tuple[FoundBy, ...]:
    """The order's own texts and those that came since; of each letter the number it was posted under."""
    posted = (
        FoundBy(kind=FoundKind.POST, said=letter.tracking_no, document_id=letter.document_id)
        for letter in case.documents.values()
        if letter.tracking_no
    )
    found = (*of_order(case.batch_no, case.opening.order), *known(_since(case)), *posted)
    return tuple(dict.fromkeys(found))


def _since(case: Case) -> list[tuple[FoundKind, str | None]]:
    said: list[tuple[FoundKind, str | None]] = [
        (FoundKind.SELLER, case.seller.name),
        (FoundKind.REGISTRATION, case.seller.registration),
        (FoundKind.PLATFORM, case.platform.name if case.platform else None),
    ]
    for laboratory in filter(None, (case.laboratory, case.retest.laboratory)):
        said += [(FoundKind.LABORATORY, laboratory.name), (FoundKind.CONTRACT, laboratory.contract_no)]
    if case.purchased is not None:
        goods = case.purchased.goods
        said += [
            (FoundKind.PURCHASE, case.purchased.order.order_no),
            (FoundKind.GOODS, goods.name),
            (FoundKind.TRADEMARK, goods.trademark),
            (FoundKind.MODEL, goods.spec_model),
            (FoundKind.PRODUCER, goods.producer),
        ]
    said += [(FoundKind.PARCEL, parcel.tracking_no) for parcel in case.parcels]
    if case.sealed is not None:
        said += [
            (FoundKind.TRADEMARK, case.sealed.trademark),
            (FoundKind.MODEL, case.sealed.spec_model),
            (FoundKind.PRODUCER, case.sealed.producer),
            (FoundKind.WORKSHEET, case.sealed.worksheet.reference),
            (FoundKind.SEAL, case.sealed.test_sample.seal_no),
            (FoundKind.SEAL, case.sealed.backup_sample.seal_no),
        ]
    said += [(FoundKind.SEAL, sample.seal_no) for sample in case.samples]
    if case.testing.submission is not None:
        said.append((FoundKind.REPORT, case.testing.submission.report["report_no"]))
    said += [(FoundKind.REPORT, report.report_no) for report in (case.report, case.retest.report) if report]
    return said
