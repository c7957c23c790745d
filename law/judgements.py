"""What the law makes of the facts: who is entitled, who is told, what was filed in time, how a batch ends.

Pure functions; each names the section it rests on. Those called ``…_defects`` give Chinese sentences,
and none when all is in order.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from law.names import folded, not_among
from law.regulation import Condition, DocumentField, Readings, Regulation
from law.rules import LawValue
from law.vocabulary import DocumentKind, ItemVerdict, Outcome, Party, Recipient, Verdict


def entitled_parties(reg: Regulation, verdict: Verdict, producer_notified: bool) -> tuple[Party, ...]:
    """Who may object (§6): the seller; the producer too when a nonconforming result was sent to it."""
    if verdict is Verdict.CONFORMING:
        return (Party.SELLER,) if reg.readings.windows_open_for_conforming else ()
    return (Party.SELLER, Party.PRODUCER) if producer_notified else (Party.SELLER,)


def recipients_of(
    reg: Regulation,
    kind: DocumentKind,
    *,
    verdict: Verdict | None,
    platform_used: bool,
    producer_known: bool,
    referral_copied: bool = False,
) -> tuple[Recipient, ...]:
    """To whom a document goes (procedure section 6). ``verdict`` None: there is no result yet.

    ``referral_copied``: the referral's target has copies (``law.referral``).
    """
    met = _conditions_met(verdict, platform_used, referral_copied)
    return tuple(
        addressee.to
        for addressee in reg.recipients[kind].addressees
        if addressee.when in met and (producer_known or addressee.to is not Recipient.PRODUCER)
    )


def fields_to_carry(
    reg: Regulation,
    kind: DocumentKind,
    *,
    verdict: Verdict | None,
    platform_used: bool,
    correcting: bool = False,
    producer_disowned: bool = False,
) -> tuple[DocumentField, ...]:
    """What a document must say (procedure section 6), the platform only where one was used.

    ``correcting``: it stands beside an earlier one of its kind. ``producer_disowned``: the producer named on
    the goods says that they are not his, and it was found so.
    """
    met = _conditions_met(verdict, platform_used, False, correcting, producer_disowned)
    return tuple(field for field in reg.recipients[kind].must_carry if field.when in met)


def _conditions_met(
    verdict: Verdict | None,
    platform_used: bool,
    referral_copied: bool,
    correcting: bool = False,
    producer_disowned: bool = False,
) -> frozenset[Condition]:
    met = {
        Condition.ALWAYS: True,
        Condition.NONCONFORMING: verdict is Verdict.NONCONFORMING,
        Condition.PLATFORM_USED: platform_used,
        Condition.REFERRAL_COPIED: referral_copied,
        Condition.CORRECTING: correcting,
        Condition.PRODUCER_STANDS: not producer_disowned,
        Condition.PRODUCER_DISOWNED: producer_disowned,
    }
    return frozenset(condition for condition, holds in met.items() if holds)


class FilingMeans(StrEnum):
    """How an application reached the bureau; the superior authority stands for it (procedure section 6)."""

    COUNTER = "counter"
    POST = "post"
    ONLINE = "online"
    ORAL = "oral"
    SUPERIOR_AUTHORITY = "superior_authority"


class Filing(LawValue):
    """How an application was made, and what tells its day (procedure section 4).

    ``filed_on``: when it was handed in, came by post, or was made orally and written down. ``accepted_on``:
    by the carrier's record, where the postmark cannot be read. ``record``: what an oral one was written into.
    """

    means: FilingMeans
    filed_on: date
    postmark: date | None = None
    accepted_on: date | None = None
    record: str | None = None

    @property
    def is_estimated(self) -> bool:
        """Whether it came by post and nothing tells when it was posted."""
        return self.means is FilingMeans.POST and self.postmark is None and self.accepted_on is None


def filing_day(filing: Filing, usual_postal_days: int) -> date:
    """The day an application counts from (procedure section 4).

    By post its postmark; where that cannot be read the carrier's record of acceptance, else the day it came
    less the carrier's usual time in calendar days, in favour of the applicant. Otherwise the day it was made.
    """
    if filing.is_estimated:
        return filing.filed_on - timedelta(days=usual_postal_days)
    by_post = filing.postmark or filing.accepted_on
    return by_post if filing.means is FilingMeans.POST and by_post is not None else filing.filed_on


def proof_of_filing(reg: Regulation, filing: Filing | None, receipt: str | None) -> str | None:
    """What proves the day of an application that is recorded after silence, in Chinese; None: nothing does.

    A postmark is somebody else's, and an oral application was written down and signed; of what was handed in,
    only a numbered receipt given out then shows when (a reading, §6). ``filing`` None: formalities of a
    retest.
    """
    if receipt is not None:
        return f"收件回执{receipt}"
    if filing is None or filing.means not in reg.readings.proven_without_receipt:
        return None
    if filing.record is not None:
        return f"笔录{filing.record}"
    if filing.is_estimated:
        return f"{filing.filed_on}收件（邮戳无法辨认）"
    by_post = {filing.postmark: "邮戳", filing.accepted_on: "寄递企业收寄记录"}
    return next((f"{day}{what}" for day, what in by_post.items() if day is not None), "提交方式本身")


def filed_in_time(day: date, last_day: date) -> bool:
    """Whether a filing that counts from ``day`` is within the period (procedure section 4)."""
    return day <= last_day


def ledger_counts(received_at: datetime, filing_day: date, last_day: date, heard_until: datetime) -> bool:
    """Whether a ledger row keeps silence from being declared (procedure section 5).

    Filed by the last day, and stamped in the ledger by ``heard_until``. Nothing else counts: not when a timer
    fired, nor when anyone woke up. Raises ``TypeError`` for a stamp without offset.
    """
    return filed_in_time(filing_day, last_day) and received_at <= heard_until


def heard_until(readings: Readings, opened_at: datetime, counted: datetime) -> datetime:
    """Until when a filing of a right's period may be stamped.

    Its close and the transit allowance, as ``counted``; and where the receipt was recorded so late
    (``opened_at``) that the window was over or nearly so, enough to record the application that lies
    beside it.
    """
    return max(counted, opened_at + timedelta(hours=readings.late_receipt_grace_hours))


class Capacity(StrEnum):
    """In what capacity somebody takes part in sealing or re-sealing (§5, §6)."""

    BUYER = "buyer"
    OFFICER = "officer"
    LAB_STAFF = "lab_staff"
    APPLICANT = "applicant"
    ORIGINAL_LABORATORY = "original_laboratory"
    RETEST_LABORATORY = "retest_laboratory"


def sealing_defects(reg: Regulation, participants: Sequence[tuple[str, Capacity]]) -> tuple[str, ...]:
    """Unpacking and sealing (§5): the buyer, two officers, two of the laboratory, all different people.

    By the reading the buyer does not count among the two-and-two; under the other reading a buyer who is an
    officer or of the laboratory is listed in both capacities.
    """
    buyers = _people(participants, Capacity.BUYER)
    officers = _people(participants, Capacity.OFFICER)
    staff = _people(participants, Capacity.LAB_STAFF)
    defects = [] if buyers else ["买样人未参加拆包查验和封样"]
    twice = officers & staff
    if not reg.readings.buyer_counts_among_two_and_two:
        twice |= buyers & (officers | staff)
        officers, staff = officers - buyers, staff - buyers
    defects += [f"{name}不能以两种身份参加" for name in sorted(twice)]
    if len(officers) < reg.readings.min_officers:
        defects.append(f"执法人员不得少于{reg.readings.min_officers}人，现有{len(officers)}人")
    if len(staff) < reg.readings.min_lab_staff:
        defects.append(f"承检机构人员不得少于{reg.readings.min_lab_staff}人，现有{len(staff)}人")
    return tuple(defects)


def resealing_defects(reg: Regulation, participants: Sequence[tuple[str, Capacity]]) -> tuple[str, ...]:
    """Re-sealing for a retest (§6): applicant, original and retest laboratory and officers all sign."""
    return tuple(
        f"{signatory.title}未签字确认"
        for signatory in reg.resealing_signatories
        if not _people(participants, Capacity(signatory.code))
    )


def _people(participants: Sequence[tuple[str, Capacity]], capacity: Capacity) -> set[str]:
    """Those who took part in this capacity, each once and as first written."""
    written: dict[str | None, str] = {}
    for name, _ in participants:
        written.setdefault(folded(name), name.strip())
    named = {folded(name) for name, took_part_as in participants if took_part_as is capacity}
    return {written[name] for name in named if name is not None}


def approval_defects(reg: Regulation, present: Collection[str], agent_acts: bool) -> tuple[str, ...]:
    """Papers missing for the decision on a retest (§6); ``present`` holds the codes of those on file."""
    spare_agent = reg.readings.agent_documents_only_for_agents and not agent_acts
    return tuple(
        f"缺少{document.title}"
        for document in reg.approval_documents
        if document.code not in present and not (document.agent_only and spare_agent)
    )


def report_defects(
    verdict: Verdict, item_verdicts: Collection[ItemVerdict], marking: Verdict | None = None
) -> tuple[str, ...]:
    """Whether a report's overall verdict agrees with its items (procedure section 2).

    ``marking``: the verdict on the marking, where the report judges it apart from the goods.
    """
    if not item_verdicts:
        return ("检验报告没有检验项目",)
    has_nonconforming_item = ItemVerdict.NONCONFORMING in item_verdicts
    if verdict is Verdict.NONCONFORMING:
        if has_nonconforming_item or marking is Verdict.NONCONFORMING:
            return ()
        return ("综合判定为不合格，但没有不合格项目，标识也没有单独判定为不合格",)
    if has_nonconforming_item:
        return ("综合判定为合格，但有不合格项目",)
    if marking is Verdict.NONCONFORMING:
        return ("综合判定为合格，但标识单独判定为不合格",)
    return () if ItemVerdict.CONFORMING in item_verdicts else ("综合判定为合格，但没有合格项目",)


def disputed_items(named: Sequence[str], items: Sequence[tuple[str, ItemVerdict]]) -> tuple[str, ...]:
    """What an application is about, of the first report's ``items``: what it names, else what failed.

    Where nothing failed, all that was judged (procedure section 3).
    """
    failed = [name for name, verdict in items if verdict is ItemVerdict.NONCONFORMING]
    judged = [name for name, verdict in items if verdict is ItemVerdict.CONFORMING]
    return tuple(named or failed or judged)


def tested(items: Sequence[tuple[str, ItemVerdict]]) -> tuple[str, ...]:
    """The names of the items that a report has looked at."""
    return tuple(name for name, verdict in items if verdict is not ItemVerdict.NOT_TESTED)


def standing_failures(
    first: Sequence[tuple[str, ItemVerdict]], retest: Sequence[tuple[str, ItemVerdict]]
) -> tuple[str, ...]:
    """The first report's failed items that the retest has not looked at: of these the first result stands."""
    failed = [name for name, verdict in first if verdict is ItemVerdict.NONCONFORMING]
    return not_among(failed, tested(retest))


class PartyStanding(StrEnum):
    """Where an entitled party stands once its window has ended (§6)."""

    SILENT = "silent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    RETEST = "retest"


def final_verdict(first: Verdict, retest: Verdict | None) -> Verdict:
    """The retest result is final where there is one (procedure section 3)."""
    return retest or first


def final_outcome(first: Verdict, standings: Collection[PartyStanding], retest: Verdict | None) -> Outcome:
    """How the batch ends once every window has (procedure section 3).

    Raises ``ValueError`` while a retest that a party has won is still without result.
    """
    if retest is not None:
        return Outcome.RETEST_UPHELD if retest is first else Outcome.RETEST_OVERTURNED
    if PartyStanding.RETEST in standings:
        raise ValueError("复检结果未出，检验结果尚未确定")
    if PartyStanding.REFUSED in standings:
        return Outcome.OBJECTION_REFUSED
    if PartyStanding.ABANDONED in standings:
        return Outcome.RETEST_ABANDONED
    if first is Verdict.CONFORMING:
        return Outcome.CONFORMING
    if standings and all(standing is PartyStanding.ACCEPTED for standing in standings):
        return Outcome.ACCEPTED_EXPRESSLY
    return Outcome.ACCEPTED_BY_SILENCE
