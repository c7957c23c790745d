"""What a case looks like from outside: the read model, the most urgent wait, what is overdue."""

from datetime import datetime
from uuid import UUID

from law import stays
from messages.snapshot import NamedGoods, PartyState, Snapshot, Wait
from workflows.procedure.case import Case
from workflows.procedure.matching import wanted


def snapshot_of(case: Case) -> Snapshot:
    submission = case.testing.submission
    return Snapshot.model_construct(
        batch_no=case.batch_no,
        version=case.version,
        title=case.title,
        phase=case.phase,
        category=case.category,
        suspended=case.suspended_on is not None,
        outcome=case.outcome,
        first_verdict=case.report.verdict if case.report else None,
        final_verdict=case.final_verdict,
        laboratory=case.laboratory.code,
        retest_laboratory=case.retest.laboratory.code if case.retest.laboratory else None,
        report_submitted=UUID(submission.step_id) if submission else None,
        goods=_goods(case),
        parties=tuple(
            PartyState.model_construct(
                party=file.party,
                name=file.name,
                natural_person=file.natural_person,
                entitled=file.entitled,
                received_on=file.received_on,
                by_announcement=file.by_announcement,
                standing=file.standing,
                disowned_on=file.disowned_on,
            )
            for file in case.parties.values()
        ),
        waits=tuple(running.wait for running in case.waits.values()),
        documents=tuple(case.documents.values()),
        samples=case.samples,
        referral_authority=case.referral.authority,
        referral_copies=case.referral.copies,
        keep_evidence_until=case.keep_evidence_until,
    )


def _goods(case: Case) -> NamedGoods:
    marks = case.sealed or wanted(case)
    return NamedGoods.model_construct(
        name=case.opening.order.goods.name, trademark=marks.trademark, spec_model=marks.spec_model
    )


def by_urgency(case: Case) -> list[Wait]:
    """Open waits, those with the nearest deadline first, those without one last."""
    waits = [running.wait for running in case.waits.values()]
    return sorted(waits, key=lambda wait: (wait.deadline is None, str(wait.last_day), wait.id))


def is_late(case: Case, wait: Wait, now: datetime) -> bool:
    """Whether this duty is late at ``now``."""
    return stays.is_overdue(wait.kind, wait.deadline, now, stayed=case.suspended_at is not None)


def is_overdue(case: Case, now: datetime) -> bool:
    return any(is_late(case, running.wait, now) for running in case.waits.values())
