"""A step that cannot be accepted is refused with the reason, recorded, and changes nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from law.vocabulary import Role, Term
from local.scenarios.courses import (
    BOTH_SERVED,
    BOUGHT,
    CONFORMING,
    NONCONFORMING,
    OBJECTED,
    RETEST_NOTIFIED,
    RETESTED,
    SEALED,
    Act,
    Do,
)
from messages.envelope import RefusalCode
from messages.steps import StepName
from messages.steps.sampling import Sealed

OFFICER, LAB, APPROVER, SUPERVISOR = Role.OFFICER, Role.LAB, Role.APPROVER, Role.SUPERVISOR
READY_TO_SEAL = (*BOUGHT, Do(OFFICER, StepName.SEALING_SCHEDULED))
APPROVED = (*OBJECTED, Do(APPROVER, StepName.OBJECTION_DECIDED))
EXAMPLE_SEALED = Sealed.model_json_schema()["example"]
PEOPLE = EXAMPLE_SEALED["participants"]
TEST_SAMPLE, BACKUP = EXAMPLE_SEALED["test_sample"], EXAMPLE_SEALED["backup_sample"]
BOUGHT_ONLY = BOUGHT[:1]
SAME_LAB = {"laboratory": {"code": "LAB-01"}}
LOWER_LAB = {"laboratory": {"grade": "other"}}


def but(*left_out: str) -> list[dict[str, Any]]:
    return [person for person in PEOPLE if person["name"] not in left_out]


@pytest.mark.parametrize(
    ("acts", "role", "step", "changes", "code"),
    [
        ((), LAB, StepName.RECEIVED, {}, RefusalCode.OUT_OF_ORDER),
        ((), OFFICER, StepName.SEALED, {}, RefusalCode.OUT_OF_ORDER),
        ((), OFFICER, StepName.OBJECTION_FILED, {}, RefusalCode.OUT_OF_ORDER),
        ((), OFFICER, StepName.PURCHASED, {"platform": None}, RefusalCode.MISMATCH),
        ((), APPROVER, StepName.PURCHASED, {}, RefusalCode.ROLE_NOT_ALLOWED),
        ((), OFFICER, StepName.PURCHASED, {"buyer": {}, "order": 7}, RefusalCode.UNREADABLE),
        (BOUGHT_ONLY, OFFICER, StepName.PURCHASED, {}, RefusalCode.ALREADY_DONE),
        (BOUGHT_ONLY, OFFICER, StepName.SEALING_SCHEDULED, {}, RefusalCode.OUT_OF_ORDER),
        (BOUGHT, OFFICER, StepName.SEALED, {}, RefusalCode.OUT_OF_ORDER),
        (
            READY_TO_SEAL,
            OFFICER,
            StepName.SEALED,
            {"participants": but("张执法")},
            RefusalCode.MISSING_SIGNATORY,
        ),
        (
            READY_TO_SEAL,
            OFFICER,
            StepName.SEALED,
            {"participants": but("钱检验")},
            RefusalCode.MISSING_SIGNATORY,
        ),
        (
            READY_TO_SEAL,
            OFFICER,
            StepName.SEALED,
            {"participants": but("王买样")},
            RefusalCode.MISSING_SIGNATORY,
        ),
        (
            READY_TO_SEAL,
            OFFICER,
            StepName.SEALED,
            {"test_sample": {**TEST_SAMPLE, "signed_by": ["李执法"]}},
            RefusalCode.MISSING_SIGNATORY,
        ),
        (
            READY_TO_SEAL,
            OFFICER,
            StepName.SEALED,
            {"worksheet": {"signed_by": ["王买样"]}},
            RefusalCode.MISSING_SIGNATORY,
        ),
        (
            READY_TO_SEAL,
            OFFICER,
            StepName.SEALED,
            {"backup_sample": {**BACKUP, "custody": TEST_SAMPLE["custody"]}},
            RefusalCode.CUSTODY_WRONG,
        ),
        (
            READY_TO_SEAL,
            OFFICER,
            StepName.SEALED,
            {"backup_sample": {**BACKUP, "seal_no": TEST_SAMPLE["seal_no"]}},
            RefusalCode.SAMPLES_NOT_SEALED,
        ),
        (SEALED, OFFICER, StepName.SAMPLING_ABANDONED, {}, RefusalCode.OUT_OF_ORDER),
        (SEALED, OFFICER, StepName.REPORT_RECEIVED, {"laboratory": "LAB-09"}, RefusalCode.WRONG_LABORATORY),
        (
            SEALED,
            OFFICER,
            StepName.REPORT_RECEIVED,
            {"verdict": "conforming"},
            RefusalCode.VERDICT_CONTRADICTED,
        ),
        (
            SEALED,
            OFFICER,
            StepName.REPORT_RECEIVED,
            {**CONFORMING, "verdict": "nonconforming"},
            RefusalCode.VERDICT_CONTRADICTED,
        ),
        (SEALED, OFFICER, StepName.NOTICE_DELIVERED, {}, RefusalCode.NO_SUCH_NOTICE),
        (NONCONFORMING, OFFICER, StepName.NOTICE_DELIVERED, {}, RefusalCode.ALREADY_DONE),
        (NONCONFORMING, OFFICER, StepName.NOTICE_RETURNED, {}, RefusalCode.ALREADY_DONE),
        (BOTH_SERVED, OFFICER, StepName.OBJECTION_SUPPLEMENTED, {}, RefusalCode.OUT_OF_ORDER),
        (BOTH_SERVED, APPROVER, StepName.OBJECTION_DECIDED, {}, RefusalCode.OUT_OF_ORDER),
        (BOTH_SERVED, OFFICER, StepName.RETEST_LAB_APPOINTED, {}, RefusalCode.OUT_OF_ORDER),
        (OBJECTED, OFFICER, StepName.OBJECTION_FILED, {}, RefusalCode.ALREADY_DONE),
        (OBJECTED, OFFICER, StepName.OBJECTION_DECIDED, {}, RefusalCode.ROLE_NOT_ALLOWED),
        (
            OBJECTED,
            APPROVER,
            StepName.OBJECTION_DECIDED,
            {"approved": False, "reasons": None},
            RefusalCode.REASON_MISSING,
        ),
        (APPROVED, OFFICER, StepName.RETEST_LAB_APPOINTED, SAME_LAB, RefusalCode.REASON_MISSING),
        (APPROVED, OFFICER, StepName.RETEST_LAB_APPOINTED, LOWER_LAB, RefusalCode.REASON_MISSING),
        (
            APPROVED,
            OFFICER,
            StepName.RETEST_LAB_APPOINTED,
            {**SAME_LAB, "reason": "仅此一家具备资质"},
            RefusalCode.SUPERVISOR_NEEDED,
        ),
        (
            APPROVED,
            SUPERVISOR,
            StepName.RETEST_LAB_APPOINTED,
            {"laboratory": {"qualified_items": ["标志"]}},
            RefusalCode.LABORATORY_NOT_QUALIFIED,
        ),
        (RETEST_NOTIFIED, OFFICER, StepName.RETEST_SEALED, {}, RefusalCode.OUT_OF_ORDER),
        (
            RETEST_NOTIFIED,
            OFFICER,
            StepName.RETEST_FORMALITIES_COMPLETED,
            {"party": "producer"},
            RefusalCode.WRONG_PARTY,
        ),
        (
            (*RETEST_NOTIFIED, Do(OFFICER, StepName.RETEST_FORMALITIES_COMPLETED)),
            OFFICER,
            StepName.RETEST_SEALED,
            {"participants": but("李执法")},
            RefusalCode.MISSING_SIGNATORY,
        ),
        (RETESTED, LAB, StepName.RETEST_REPORT_RECEIVED, {}, RefusalCode.WRONG_LABORATORY),
        (SEALED, SUPERVISOR, StepName.RESUMED, {}, RefusalCode.OUT_OF_ORDER),
        (SEALED, APPROVER, StepName.DEADLINE_EXTENDED, {"wait": "no_such"}, RefusalCode.NO_SUCH_WAIT),
        (BOTH_SERVED, APPROVER, StepName.DEADLINE_EXTENDED, {}, RefusalCode.WOULD_SHORTEN),
        (BOTH_SERVED, APPROVER, StepName.DEADLINE_EXTENDED, {"to": "2999-01-01"}, RefusalCode.WOULD_SHORTEN),
        (BOTH_SERVED, OFFICER, StepName.REFERRAL_ACKNOWLEDGED, {}, RefusalCode.OUT_OF_ORDER),
        (
            BOTH_SERVED,
            OFFICER,
            StepName.REFERRAL_DIRECTED,
            {"route": "instruction", "authority": "某局"},
            RefusalCode.OUT_OF_ORDER,
        ),
        (BOTH_SERVED, OFFICER, StepName.REFERRAL_DIRECTED, {}, RefusalCode.ROLE_NOT_ALLOWED),
    ],
)
async def test_a_step_that_does_not_fit_is_refused(
    table, acts: tuple[Act, ...], role: Role, step: StepName, changes: dict[str, Any], code: RefusalCode
) -> None:
    """Wrong order, wrong party, missing signatory: refused with its code, the batch as it was."""
    batch_no = await table.opened(acts)
    before = await table.snapshot(batch_no)
    decision = await table.example(batch_no, role, step, **changes)
    assert decision.code is code, decision.reason
    after = await table.snapshot(batch_no)
    assert (after.phase, after.waits, after.documents) == (before.phase, before.waits, before.documents)
    lines = table.timeline(batch_no)
    assert lines[-1].kind == "step_refused"
    assert lines[-1].data["code"] == code


async def test_a_date_in_the_future_is_refused(table) -> None:
    """What has not happened yet cannot be recorded."""
    batch_no = await table.opened(SEALED)
    tomorrow = str((await table.clock(batch_no) + timedelta(days=2)).date())
    decision = await table.example(batch_no, OFFICER, StepName.REPORT_RECEIVED, received_on=tomorrow)
    assert decision.code is RefusalCode.DATE_IN_FUTURE


async def test_a_delivery_before_the_sending_is_refused(table) -> None:
    """A notice cannot have arrived before it was sent."""
    batch_no = await table.opened((*SEALED, Do(OFFICER, StepName.REPORT_RECEIVED)))
    earlier = str((await table.clock(batch_no) - timedelta(days=2)).date())
    decision = await table.example(batch_no, OFFICER, StepName.NOTICE_DELIVERED, delivered_on=earlier)
    assert decision.code is RefusalCode.DATE_BEFORE_EVENT


async def test_an_incomplete_application_is_approved_only_once_supplemented(table) -> None:
    """The five documents must be there (§6); the approver's term runs from when they are."""
    batch_no = await table.opened(BOTH_SERVED)
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, documents=[])
    assert (await table.wait(batch_no, "application_completed:seller")).term is Term.APPLICATION_COMPLETED
    refused = await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED)
    assert refused.code is RefusalCode.DOCUMENTS_MISSING
    missing = ("written_application", "applicant_qualification", "power_of_attorney", "agent_identity")
    await table.example(
        batch_no,
        OFFICER,
        StepName.OBJECTION_SUPPLEMENTED,
        documents=[{"kind": kind, "reference": kind} for kind in missing],
    )
    assert (await table.wait(batch_no, "objection_decided:seller")).term is Term.RETEST_DECISION
    assert (await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED)).accepted


async def test_without_an_agent_the_agents_documents_are_not_asked_for(table) -> None:
    """Power of attorney and identity proof only where an agent acts (a reading)."""
    batch_no = await table.opened(BOTH_SERVED)
    own = [{"kind": k, "reference": k} for k in ("written_application", "applicant_qualification")]
    await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, documents=own, agent=None)
    assert (await table.example(batch_no, APPROVER, StepName.OBJECTION_DECIDED)).accepted


async def test_a_supervisors_reason_cures_what_holds_in_principle_only(table) -> None:
    """The original laboratory may retest where a supervisor says why."""
    batch_no = await table.opened(APPROVED)
    decision = await table.example(
        batch_no, SUPERVISOR, StepName.RETEST_LAB_APPOINTED, **SAME_LAB, reason="仅此一家具备资质"
    )
    assert decision.accepted


async def test_sealing_waits_until_all_parcels_are_in(table) -> None:
    """Parcels may come one by one; only when all are in is sealing fixed (§5)."""
    batch_no = await table.opened(BOUGHT_ONLY)
    await table.example(batch_no, LAB, StepName.RECEIVED, all_in=False)
    assert not (await table.example(batch_no, OFFICER, StepName.SEALING_SCHEDULED)).accepted
    await table.example(batch_no, LAB, StepName.RECEIVED)
    assert (await table.example(batch_no, OFFICER, StepName.SEALING_SCHEDULED)).accepted
