"""One table of papers: what each says, what it corrects, which deadline it states, what follows on it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Protocol

from law.judgements import fields_to_carry
from law.vocabulary import DocumentKind, Party, Recipient
from messages.names import right_of, sending, window
from messages.records import Paper
from workflows.procedure import amendments, drafts, publishing, referral, retest, windows
from workflows.procedure.case import Case
from workflows.procedure.change import Change, PaperRequest
from workflows.procedure.drafts import Facts
from workflows.procedure.periods import opened_by_announcement

_COUNTED = ("last_day", "how_counted", "right_to_retest")
_STATED = ("until", "counted")
# Of the facts beside its fields, those that a letter's words speak of (``letters/templates/kinds``).
PRINTED: dict[DocumentKind, str] = {
    DocumentKind.COMMISSION_LETTER: "contact goods judgement_principle platform quantity seller spec_model",
    DocumentKind.INSPECTION_NOTICE: "platform seller",
    DocumentKind.RESULT_NOTICE: "goods laboratory marking report_issued_on report_no seller spec_model",
    DocumentKind.ANNOUNCEMENT: "about about_party",
    DocumentKind.RETEST_LAB_NOTICE: "applicant applied_on goods report_no",
    DocumentKind.RETEST_REFUSAL: "applied_on first_verdict goods report_no spec_model",
    DocumentKind.RETEST_RESULT_NOTICE: "applicant goods lifted_failures retest_laboratory "
    "spec_model standing_failures",
    DocumentKind.LATE_FILING_NOTICE: "goods report_no spec_model",
    DocumentKind.REOPENING_REFUSAL: "final_verdict goods report_no spec_model",
    DocumentKind.WITHDRAWAL_NOTICE: "goods spec_model",
    DocumentKind.VOIDANCE_NOTICE: "goods spec_model",
    DocumentKind.PUBLICATION: "",
    DocumentKind.PUBLICATION_CORRECTION: "",
    DocumentKind.REFERRAL_LETTER: "copies final_verdict goods outcome platform seller spec_model",
    DocumentKind.REFERRAL_CORRECTION: "goods platform seller spec_model",
}


class OnReceipt(Protocol):
    """What follows on a receipt, or on the announcement that stands for it (``announced``)."""

    def __call__(self, change: Change, recipient: Recipient, day: date, *, announced: bool) -> None: ...


@dataclass(frozen=True)
class PaperKind:
    """One kind of document.

    ``draft``: its fields. ``corrects``: the kind it stands beside. ``states``: the wait whose last day it
    states. ``left``: what follows once it has left. ``received``: what follows on its receipt. ``is_served``:
    it has left once it was handed over, and that it arrived, or came back, must be recorded. ``has_duty``:
    sending it in time is a duty, done once all of the kind have left.
    """

    draft: Callable[[Case, PaperRequest], Facts]
    corrects: DocumentKind | None = None
    states: Callable[[Case, PaperRequest], str | None] | None = None
    left: Callable[[Change, Recipient, date], None] | None = None
    received: OnReceipt | None = None
    is_served: bool = False
    has_duty: bool = False


def _last_day_of_announced(case: Case, request: PaperRequest) -> str | None:
    """An announced notice opens its window by itself, so the announcement can state the last day.

    Not one of a period that has ended, or that runs from an earlier receipt.
    """
    if request.party not in (Party.SELLER, Party.PRODUCER):
        return None
    return opened_by_announcement(case, request.about, request.party)


def _missed(_case: Case, request: PaperRequest) -> str | None:
    return right_of(request.step, request.party) if request.step and request.party else None


def _examined(case: Case, request: PaperRequest) -> str | None:
    late = case.parties[request.party].late if request.party else None
    return right_of(late.step, request.party) if late and request.party else None


PAPERS: dict[DocumentKind, PaperKind] = {
    DocumentKind.COMMISSION_LETTER: PaperKind(drafts.commission_letter),
    DocumentKind.INSPECTION_NOTICE: PaperKind(drafts.inspection_notice, is_served=True, has_duty=True),
    DocumentKind.RESULT_NOTICE: PaperKind(
        drafts.result_notice,
        left=windows.result_notice_left,
        received=windows.result_received,
        is_served=True,
        has_duty=True,
    ),
    DocumentKind.ANNOUNCEMENT: PaperKind(drafts.announcement, states=_last_day_of_announced),
    DocumentKind.RETEST_LAB_NOTICE: PaperKind(
        drafts.retest_lab_notice, received=retest.laboratory_notice_received, is_served=True
    ),
    DocumentKind.RETEST_REFUSAL: PaperKind(drafts.retest_refusal, is_served=True),
    DocumentKind.RETEST_RESULT_NOTICE: PaperKind(drafts.retest_result_notice, is_served=True, has_duty=True),
    DocumentKind.PUBLICATION: PaperKind(
        drafts.publication, corrects=DocumentKind.PUBLICATION, left=publishing.publication_left
    ),
    DocumentKind.REFERRAL_LETTER: PaperKind(drafts.referral_letter, left=referral.letter_left),
    DocumentKind.LATE_FILING_NOTICE: PaperKind(drafts.late_filing_notice, states=_missed, is_served=True),
    DocumentKind.REOPENING_REFUSAL: PaperKind(drafts.reopening_refusal, states=_examined, is_served=True),
    DocumentKind.WITHDRAWAL_NOTICE: PaperKind(amendments.withdrawal_notice, is_served=True),
    DocumentKind.VOIDANCE_NOTICE: PaperKind(amendments.voidance_notice, is_served=True),
    DocumentKind.PUBLICATION_CORRECTION: PaperKind(
        amendments.publication_correction, corrects=DocumentKind.PUBLICATION
    ),
    DocumentKind.REFERRAL_CORRECTION: PaperKind(
        amendments.referral_correction, corrects=DocumentKind.REFERRAL_LETTER
    ),
}


def make_out(case: Case, request: PaperRequest, document_id: str) -> Paper:
    """Fill in a document: every field the regulation says it must carry, and what it encloses.

    A field that nobody here fills in stays visible as missing; a test makes out every kind and finds none.
    """
    kind = PAPERS[request.kind]
    rule = case.opening.regulation.recipients[request.kind]
    corrected = request.corrects
    if kind.corrects and corrected is None:
        corrected = case.document_of(kind.corrects, request.recipient)
    request = replace(request, corrects=corrected)
    facts = kind.draft(case, request)
    deadline_of = kind.states(case, request) if kind.states else None
    stated = _last_day_stated(case, deadline_of, request.party)
    facts |= stated
    carried = fields_to_carry(
        case.opening.regulation,
        request.kind,
        verdict=case.report.verdict if case.report else None,
        platform_used=Party.PLATFORM in case.parties,
        correcting=corrected is not None and kind.corrects is not None,
        producer_disowned=case.disowned_on is not None,
    )
    named = (*carried, *rule.encloses)
    return Paper.model_construct(
        document_id=document_id,
        kind=request.kind,
        recipient=request.recipient,
        recipient_name=request.name,
        address=request.address,
        email=request.email,
        title=rule.title,
        fields={field.name: facts.get(field.name, "（缺）") for field in named},
        field_titles={field.name: field.title for field in named} | _title_announced(case, request),
        facts=drafts.facts_told(case, request)
        | {name: stated[name] for name in _STATED if name in stated}
        | ({"remedy": rule.remedy.text} if rule.remedy else {}),
        number_form=rule.number_form,
        by_hand=kind.is_served and (request.recipient.party is None or bool(request.address) or case.is_over),
        deadline_of=deadline_of,
        duty=sending(request.kind) if kind.has_duty else None,
        corrects=corrected.document_id if corrected else None,
        rests_on=rule.rests_on,
    )


def _last_day_stated(case: Case, wait_id: str | None, party: Party | None) -> Facts:
    """The last day of a period and how it was counted; of one that has ended, as it last stood."""
    if wait_id is None or party is None:
        return {}
    file = case.parties[party]
    ended = file.window if wait_id == window(party) else file.formalities
    stated = case.waits.get(wait_id) or ended
    if stated is None or stated.counted is None:
        return {}
    return drafts.last_day_stated(stated.counted)


def _title_announced(case: Case, request: PaperRequest) -> dict[str, str]:
    """An announcement calls its last day what the notice calls it that it stands for."""
    stood_for = case.opening.regulation.recipients[request.about].must_carry if request.about else ()
    return {field.name: field.title for field in stood_for if field.name == "last_day"}


def content_of(paper: Paper) -> str:
    """A digest of what a paper says and to whom.

    Not of the address; nor of a period, which may be counted again or have ended, and of that it replaces
    another.
    """
    said = {name: value for name, value in paper.fields.items() if name not in _COUNTED}
    printed = PRINTED[paper.kind].split()
    facts = {name: value for name, value in paper.facts.items() if name in printed}
    whole = [paper.recipient_name, said, facts]
    return sha256(json.dumps(whole, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()[
        :16
    ]
