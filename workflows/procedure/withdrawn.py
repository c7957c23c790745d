"""What it means for its reader that a letter is taken back (procedure section 10)."""

from law.calendar import chinese_day
from law.vocabulary import DocumentKind, Recipient
from messages.names import formalities, window
from messages.snapshot import DocumentState
from messages.words import DOCUMENTS, PARTIES
from workflows.procedure.case import Case
from workflows.procedure.parts import PartyFile

_LABORATORIES = {Recipient.LABORATORY: "检验", Recipient.RETEST_LABORATORY: "复检"}
# What a refusal that falls leaves to be gone on with.
_REFUSED = (
    DocumentKind.RETEST_REFUSAL,
    DocumentKind.LATE_FILING_NOTICE,
    DocumentKind.REOPENING_REFUSAL,
)


def what_it_means(case: Case, letter: DocumentState) -> str:
    """To whoever has had the letter, by what stands now; a period of its own is stated where one runs."""
    if (work := _LABORATORIES.get(letter.recipient)) is not None:
        return f"你单位不再承担本批次的{work}，请停止{work}，样品和材料请与我局联系移交"
    file = case.parties.get(letter.recipient.party) if letter.recipient.party else None
    if file is None or file.name != letter.recipient_name:
        who = PARTIES[letter.recipient.party] if letter.recipient.party else "当事人"
        words = f"经核实，你（单位）不是该批次样品的{who}，不是本次抽查检验的当事人"
        return f"{words}，无须依该文书办理任何事项，也没有需要遵守的期限"
    means = _of_the_application(file) if letter.kind in _REFUSED else None
    if means is None and case.document_of(letter.kind, letter.recipient) is not None:
        means = f"以我局另行制发的{DOCUMENTS[letter.kind]}为准"
    means = means or "该文书所载事项不再办理，你（单位）无须依该文书办理任何事项"
    return f"{means}；{period}" if (period := _period(case, file)) else means


def _of_the_application(file: PartyFile) -> str | None:
    """What becomes of an application whose refusal falls."""
    applied = file.objection
    if file.late is not None and file.late.approved is None:
        return "该决定随之失效，你（单位）的申请予以审查，审查结果另行书面告知"
    if applied is None:
        return None
    if applied.approved is None:
        return "该决定随之失效，你（单位）的书面复检申请予以受理并继续审查，审查结果另行书面告知"
    if applied.approved:
        return "该决定随之失效，你（单位）的复检申请已获批准，复检继续办理"
    return None


def _period(case: Case, file: PartyFile) -> str | None:
    """The reader's own period that runs, by its last day."""
    periods = {window(file.party): "提出书面复检申请", formalities(file.party): "办理复检手续"}
    for wait_id, what in periods.items():
        running = case.waits.get(wait_id)
        if running is not None and running.wait.last_day is not None:
            return f"你（单位）{what}的最后一日为{chinese_day(running.wait.last_day)}24时"
    return None
