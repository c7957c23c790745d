"""What a regulation file may promise: only what this program can fill in, send, take and read.

A file that names a field nobody fills in, a ground no order can give, or a recipient to whom delivery cannot
be recorded, would be found out in the middle of a batch. It is found out when it is loaded.
"""

from collections.abc import Iterable

from law.rules import Planning, RecipientRule
from law.vocabulary import DocumentKind, Recipient

_PARTIES = frozenset({Recipient.SELLER, Recipient.PRODUCER, Recipient.PLATFORM, Recipient.APPLICANT})
_SERVED = _PARTIES | {Recipient.RETEST_LABORATORY}
_AUTHORITIES = frozenset({Recipient.AUTHORITY, Recipient.ONLINE_SUPERVISION_OFFICE})
_PUBLIC = frozenset({Recipient.PUBLIC})

# To whom each kind can go. A letter to anybody else could be sent, and nothing be recorded of it.
ADDRESSEES: dict[DocumentKind, frozenset[Recipient]] = {
    **dict.fromkeys(DocumentKind, _SERVED),
    DocumentKind.COMMISSION_LETTER: frozenset({Recipient.LABORATORY}),
    DocumentKind.ANNOUNCEMENT: _PUBLIC,
    DocumentKind.PUBLICATION: _PUBLIC,
    DocumentKind.PUBLICATION_CORRECTION: _PUBLIC,
    DocumentKind.REFERRAL_LETTER: _AUTHORITIES,
    DocumentKind.REFERRAL_CORRECTION: _AUTHORITIES,
}
# What each kind can carry and enclose: the names that its draft fills in.
FIELDS: dict[DocumentKind, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        DocumentKind.COMMISSION_LETTER: "scheme items standards testing_period contract",
        DocumentKind.INSPECTION_NOTICE: "goods order sampling sealing participants rights worksheet",
        DocumentKind.RESULT_NOTICE: "verdict items right_to_retest last_day how_counted report",
        DocumentKind.ANNOUNCEMENT: "seller goods_name spec_model goods_link order_number platform last_day",
        DocumentKind.RETEST_LAB_NOTICE: "laboratory items formalities last_day",
        DocumentKind.RETEST_REFUSAL: "reasons",
        DocumentKind.RETEST_RESULT_NOTICE: "first_result retest_result report",
        DocumentKind.LATE_FILING_NOTICE: "application filed_on last_day reasons",
        DocumentKind.REOPENING_REFUSAL: "application last_day reasons",
        DocumentKind.WITHDRAWAL_NOTICE: "withdrawn reasons consequence",
        DocumentKind.VOIDANCE_NOTICE: "withdrawn reasons",
        DocumentKind.PUBLICATION: "seller sample_name nominal_trademark nominal_producer spec_model "
        "production_date nonconforming_items conclusion platform correction producer_disowned",
        DocumentKind.PUBLICATION_CORRECTION: "seller sample_name spec_model corrected grounds conclusion",
        DocumentKind.REFERRAL_LETTER: "case_index",
        DocumentKind.REFERRAL_CORRECTION: "corrected situation handling",
    }.items()
}
# What a draft of each can say: the names of its fields.
PLAN_ELEMENTS = frozenset({"year", "grounds", "scope", "focus", "budget"})
SCHEME_ELEMENTS = frozenset(
    {
        *("product_kinds", "sample_quantity", "buyer", "username", "laboratories", "delivery_address"),
        *("procedure", "items", "judgement_principle", "result_notification", "retest_arrangement"),
        *("budget", "purchase_cost", "contact", "platforms"),
    }
)
COMMISSION_ELEMENTS = frozenset({"work", "until", "product_kinds", "contact"})
EMERGENCY_GROUNDS = frozenset(
    {"concentrated_complaints", "authority_notification", "safety_incident", "other"}
)
APPROVAL_DOCUMENTS = frozenset(
    {
        "result_notice_receipt",
        "written_application",
        "applicant_qualification",
        "power_of_attorney",
        "agent_identity",
    }
)
SIGNATORIES = frozenset({"applicant", "original_laboratory", "retest_laboratory", "officer"})


# Those that tell a party of a result or a refusal name its remedy, in the file's words; no other prints one.
REMEDIES = frozenset(
    {
        DocumentKind.RESULT_NOTICE,
        DocumentKind.RETEST_REFUSAL,
        DocumentKind.LATE_FILING_NOTICE,
        DocumentKind.REOPENING_REFUSAL,
    }
)


def broken_by(rules: Iterable[RecipientRule]) -> Iterable[str]:
    """What a file says of its documents that cannot be kept."""
    for rule in rules:
        names = {field.name for field in (*rule.must_carry, *rule.encloses)}
        for name in sorted(names - FIELDS[rule.kind]):
            yield f"document {rule.kind}: nothing fills in the field {name}"
        if rule.remedy is None and rule.kind in REMEDIES:
            yield f"document {rule.kind}: it names no remedy"
        if rule.remedy is not None and rule.kind not in REMEDIES:
            yield f"document {rule.kind}: it does not print a remedy"
        for addressee in rule.addressees:
            if addressee.to not in ADDRESSEES[rule.kind]:
                yield f"document {rule.kind}: it cannot be served on {addressee.to}"


def unknown_codes(what: str, codes: Iterable[str], known: frozenset[str]) -> Iterable[str]:
    """Codes of a list of the file that no step and no order knows."""
    for code in codes:
        if code not in known:
            yield f"{what} {code} is not known to any step or order"


def unplanned(planning: Planning | None) -> Iterable[str]:
    """What a file demands of plans, schemes and commissions that no draft can say."""
    if planning is None:
        yield "plans and schemes have no rules"
        return
    for kind, paper, known in (
        ("plan", planning.plan, PLAN_ELEMENTS),
        ("scheme", planning.scheme, SCHEME_ELEMENTS),
        ("commission", planning.commission, COMMISSION_ELEMENTS),
    ):
        yield from unknown_codes(f"{kind} element", [one.name for one in paper.must_have], known)
        if not all(place in paper.number_form for place in ("{year}", "{number}")):
            yield f"the number of a {kind} needs {{year}} and {{number}}"
