from datetime import date, datetime, timedelta

import pytest

from law.calendar import SHANGHAI, WorkCalendar
from law.counting import Deadline, count
from law.judgements import (
    Filing,
    FilingMeans,
    PartyStanding,
    approval_defects,
    disputed_items,
    entitled_parties,
    fields_to_carry,
    filed_in_time,
    filing_day,
    final_outcome,
    final_verdict,
    heard_until,
    ledger_counts,
    proof_of_filing,
    recipients_of,
    report_defects,
    standing_failures,
)
from law.regulation import Regulation
from law.vocabulary import DocumentKind, ItemVerdict, Outcome, Party, Recipient, Term, Verdict

GOOD, BAD = Verdict.CONFORMING, Verdict.NONCONFORMING
PASSED, FAILED = ItemVerdict.CONFORMING, ItemVerdict.NONCONFORMING


def _reading(reg: Regulation, **changed: object) -> Regulation:
    return reg.model_copy(update={"readings": reg.readings.model_copy(update=changed)})


@pytest.fixture(scope="module")
def window(reg: Regulation, calendar: WorkCalendar) -> Deadline:
    """A party's fifteen days that end on 2026-10-08."""
    return count(reg.terms[Term.OBJECTION], date(2026, 9, 18), calendar)


@pytest.mark.parametrize(
    ("verdict", "producer_notified", "parties"),
    [
        (GOOD, False, (Party.SELLER,)),
        (GOOD, True, (Party.SELLER,)),
        (BAD, False, (Party.SELLER,)),
        (BAD, True, (Party.SELLER, Party.PRODUCER)),
    ],
)
def test_who_may_object(
    reg: Regulation, verdict: Verdict, producer_notified: bool, parties: tuple[Party, ...]
) -> None:
    """The seller always; the producer once it was told of a nonconforming result (§6)."""
    assert entitled_parties(reg, verdict, producer_notified) == parties


def test_windows_for_conforming_results_are_a_switch(reg: Regulation) -> None:
    """Under the other reading nobody has a window after a conforming result, and nothing else changes."""
    other = _reading(reg, windows_open_for_conforming=False)
    assert entitled_parties(other, GOOD, False) == ()
    assert entitled_parties(other, BAD, True) == (Party.SELLER, Party.PRODUCER)


@pytest.mark.parametrize(
    ("verdict", "platform_used", "producer_known", "recipients"),
    [
        (GOOD, False, True, (Recipient.SELLER,)),
        (GOOD, True, True, (Recipient.SELLER, Recipient.PLATFORM)),
        (BAD, False, True, (Recipient.SELLER, Recipient.PRODUCER)),
        (BAD, True, True, (Recipient.SELLER, Recipient.PRODUCER, Recipient.PLATFORM)),
        (BAD, True, False, (Recipient.SELLER, Recipient.PLATFORM)),
    ],
)
def test_who_gets_the_result_notice(
    reg: Regulation,
    verdict: Verdict,
    platform_used: bool,
    producer_known: bool,
    recipients: tuple[Recipient, ...],
) -> None:
    """Seller; producer when nonconforming and known; platform where one was used (§6)."""
    told = recipients_of(
        reg,
        DocumentKind.RESULT_NOTICE,
        verdict=verdict,
        platform_used=platform_used,
        producer_known=producer_known,
    )
    assert told == recipients


def test_the_inspection_notice_goes_out_before_there_is_a_result(reg: Regulation) -> None:
    """To the seller, and to the platform where one was used (§5)."""
    told = recipients_of(
        reg, DocumentKind.INSPECTION_NOTICE, verdict=None, platform_used=True, producer_known=True
    )
    assert told == (Recipient.SELLER, Recipient.PLATFORM)


@pytest.mark.parametrize("copied", [True, False])
def test_the_online_office_gets_a_copy_of_a_referral_that_has_copies(reg: Regulation, copied: bool) -> None:
    """The referral letter goes to the authority, and to 网监办 when the referral is copied to it (§7)."""
    told = recipients_of(
        reg,
        DocumentKind.REFERRAL_LETTER,
        verdict=BAD,
        platform_used=True,
        producer_known=False,
        referral_copied=copied,
    )
    assert told == (Recipient.AUTHORITY, Recipient.ONLINE_SUPERVISION_OFFICE)[: 1 + copied]


def test_the_publication_names_the_platform_where_one_was_used(reg: Regulation) -> None:
    """The platform's name is published only for samples bought through one (§7)."""

    def carried(platform_used: bool) -> set[str]:
        fields = fields_to_carry(reg, DocumentKind.PUBLICATION, verdict=BAD, platform_used=platform_used)
        return {field.name for field in fields}

    assert carried(True) - carried(False) == {"platform"}
    assert len(carried(False)) == 8


def test_a_posted_application_counts_from_its_postmark() -> None:
    """Post counts from the postmark; anything else from the day it was made (procedure section 4)."""
    filed, postmark = date(2026, 10, 12), date(2026, 10, 8)
    by_post = Filing(means=FilingMeans.POST, filed_on=filed, postmark=postmark)
    assert filing_day(by_post, 3) == postmark
    for means in set(FilingMeans) - {FilingMeans.POST}:
        assert filing_day(Filing(means=means, filed_on=filed), 3) == filed
        assert filing_day(Filing(means=means, filed_on=filed, postmark=postmark), 3) == filed


def test_where_the_postmark_cannot_be_read_the_carriers_record_counts() -> None:
    """Else the day it came, less what the carrier usually takes: in favour of the applicant (section 4)."""
    came, accepted = date(2026, 10, 12), date(2026, 10, 9)
    recorded = Filing(means=FilingMeans.POST, filed_on=came, accepted_on=accepted)
    assert (filing_day(recorded, 3), recorded.is_estimated) == (accepted, False)
    unknown = Filing(means=FilingMeans.POST, filed_on=came)
    assert (filing_day(unknown, 2), unknown.is_estimated) == (date(2026, 10, 10), True)
    assert filing_day(unknown, 0) == came


def test_what_proves_the_day_of_an_application_recorded_late(reg: Regulation) -> None:
    """Somebody else's mark, or what was written down and signed; of what was handed in only a receipt."""
    day = date(2026, 10, 8)
    for filing, proof in (
        (Filing(means=FilingMeans.POST, filed_on=day, postmark=day), "2026-10-08邮戳"),
        (Filing(means=FilingMeans.POST, filed_on=day, accepted_on=day), "2026-10-08寄递企业收寄记录"),
        (Filing(means=FilingMeans.POST, filed_on=day), "2026-10-08收件（邮戳无法辨认）"),
        (Filing(means=FilingMeans.ORAL, filed_on=day, record="BL-2026-01"), "笔录BL-2026-01"),
        (Filing(means=FilingMeans.COUNTER, filed_on=day), None),
        (None, None),
    ):
        assert proof_of_filing(reg, filing, None) == proof
        assert proof_of_filing(reg, filing, "SJ-1") == "收件回执SJ-1"


def test_the_last_day_is_in_time(window: Deadline) -> None:
    """An application of the last day is in time, one of the day after is not (procedure section 4)."""
    assert filed_in_time(date(2026, 10, 8), window.last_day)
    assert not filed_in_time(date(2026, 10, 9), window.last_day)


@pytest.mark.parametrize(
    ("late_by", "filed", "counts"),
    [
        (timedelta(seconds=-1), date(2026, 10, 8), True),
        (timedelta(0), date(2026, 10, 8), True),
        (timedelta(seconds=1), date(2026, 10, 8), False),
        (timedelta(days=-6), date(2026, 10, 8), True),
        (timedelta(days=-6), date(2026, 10, 9), False),
        (timedelta(days=-9), date(2026, 10, 5), True),
    ],
)
def test_silence_is_a_function_of_the_ledger(
    window: Deadline, late_by: timedelta, filed: date, counts: bool
) -> None:
    """A filing counts when it was filed by the last day and stamped while what is on its way is heard."""
    heard = datetime(2026, 10, 15, tzinfo=SHANGHAI)
    assert ledger_counts(heard + late_by, filed, window.last_day, heard) is counts


def test_what_is_on_its_way_is_heard_for_five_working_days(window: Deadline) -> None:
    """The last day is Thursday 10-08, 10-10 a make-up Saturday: 9, 10, 12, 13, 14 (procedure section 5)."""
    assert window.last_day == date(2026, 10, 8)
    assert window.heard_until == datetime(2026, 10, 15, tzinfo=SHANGHAI)


def test_a_receipt_recorded_late_is_heard_as_long_as_it_takes(reg: Regulation) -> None:
    """A day from the recording, where the five working days are over by then; never less than they are."""
    counted = datetime(2026, 10, 15, tzinfo=SHANGHAI)
    assert heard_until(reg.readings, counted - timedelta(days=3), counted) == counted
    recorded = counted + timedelta(days=9)
    assert heard_until(reg.readings, recorded, counted) == recorded + timedelta(hours=24)


PAPERS = {
    "result_notice_receipt",
    "written_application",
    "applicant_qualification",
    "power_of_attorney",
    "agent_identity",
}


def test_the_approval_needs_its_papers(reg: Regulation) -> None:
    """All five papers; the two of the agent only where an agent acts (§6)."""
    own = PAPERS - {"power_of_attorney", "agent_identity"}
    assert approval_defects(reg, PAPERS, agent_acts=True) == ()
    assert approval_defects(reg, own, agent_acts=False) == ()
    assert approval_defects(reg, own, agent_acts=True) == ("缺少授权委托书", "缺少被授权人身份证明")
    assert approval_defects(reg, own - {"written_application"}, agent_acts=False) == ("缺少书面复检申请书",)


def test_agent_papers_for_everybody_are_a_switch(reg: Regulation) -> None:
    """Under the other reading the agent's papers are always needed."""
    other = _reading(reg, agent_documents_only_for_agents=False)
    assert len(approval_defects(other, (), agent_acts=False)) == 5


@pytest.mark.parametrize(
    ("verdict", "items", "defects"),
    [
        (BAD, [PASSED, FAILED], ()),
        (GOOD, [PASSED, PASSED], ()),
        (BAD, [PASSED], ("综合判定为不合格，但没有不合格项目，标识也没有单独判定为不合格",)),
        (GOOD, [PASSED, FAILED], ("综合判定为合格，但有不合格项目",)),
        (GOOD, [], ("检验报告没有检验项目",)),
        (GOOD, [PASSED, ItemVerdict.NOT_JUDGED, ItemVerdict.NOT_APPLICABLE, ItemVerdict.NOT_TESTED], ()),
        (GOOD, [ItemVerdict.NOT_JUDGED], ("综合判定为合格，但没有合格项目",)),
    ],
)
def test_a_report_agrees_with_its_items(
    verdict: Verdict, items: list[ItemVerdict], defects: tuple[str, ...]
) -> None:
    """Nonconforming overall if and only if at least one item is (procedure section 2)."""
    assert report_defects(verdict, items) == defects


def test_a_marking_that_is_judged_apart_fails_the_whole() -> None:
    """标识不合格 beside 实物合格 is nonconforming, and nothing else (procedure section 2)."""
    assert report_defects(BAD, [PASSED], BAD) == ()
    assert report_defects(GOOD, [PASSED], GOOD) == ()
    assert report_defects(GOOD, [PASSED], BAD) == ("综合判定为合格，但标识单独判定为不合格",)


def test_an_application_is_about_what_it_names_or_what_failed() -> None:
    """Where nothing failed, about all that was judged; what nobody tested again stands as it was."""
    first = [("铅", FAILED), ("镉", FAILED), ("标志", PASSED), ("附着力", ItemVerdict.NOT_JUDGED)]
    assert disputed_items(("铅",), first) == ("铅",)
    assert disputed_items((), first) == ("铅", "镉")
    assert disputed_items((), first[2:]) == ("标志",)
    assert standing_failures(first, [("铅", PASSED), ("镉", ItemVerdict.NOT_TESTED)]) == ("镉",)
    assert standing_failures(first, [("铅", PASSED), ("镉 ", FAILED)]) == ()


S = PartyStanding


@pytest.mark.parametrize(
    ("first", "standings", "retest", "outcome"),
    [
        (BAD, [S.RETEST, S.SILENT], BAD, Outcome.RETEST_UPHELD),
        (BAD, [S.RETEST, S.REFUSED], GOOD, Outcome.RETEST_OVERTURNED),
        (GOOD, [S.RETEST], BAD, Outcome.RETEST_OVERTURNED),
        (GOOD, [S.RETEST], GOOD, Outcome.RETEST_UPHELD),
        (BAD, [S.REFUSED, S.ABANDONED], None, Outcome.OBJECTION_REFUSED),
        (GOOD, [S.REFUSED], None, Outcome.OBJECTION_REFUSED),
        (BAD, [S.ABANDONED, S.SILENT], None, Outcome.RETEST_ABANDONED),
        (GOOD, [S.SILENT], None, Outcome.CONFORMING),
        (GOOD, [S.ACCEPTED], None, Outcome.CONFORMING),
        (GOOD, [], None, Outcome.CONFORMING),
        (BAD, [S.ACCEPTED, S.ACCEPTED], None, Outcome.ACCEPTED_EXPRESSLY),
        (BAD, [S.ACCEPTED, S.SILENT], None, Outcome.ACCEPTED_BY_SILENCE),
        (BAD, [S.SILENT], None, Outcome.ACCEPTED_BY_SILENCE),
    ],
)
def test_how_a_batch_ends(
    first: Verdict, standings: list[PartyStanding], retest: Verdict | None, outcome: Outcome
) -> None:
    """The retest decides; then a refusal, an abandonment, conformity, and acceptance spoken or silent."""
    assert final_outcome(first, standings, retest) is outcome


def test_nothing_is_final_while_a_retest_is_open() -> None:
    """A party whose retest is under way keeps the result from becoming final."""
    with pytest.raises(ValueError, match="尚未确定"):
        final_outcome(BAD, [S.RETEST, S.SILENT], None)


def test_the_retest_result_is_final() -> None:
    """Where there was a retest its verdict stands, otherwise the first (procedure section 3)."""
    assert final_verdict(BAD, GOOD) is GOOD
    assert final_verdict(BAD, None) is BAD
