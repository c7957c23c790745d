"""Whether putting a record right moves a right: then the approver confirms it (procedure section 10)."""

from typing import Any

from law.vocabulary import WaitKind
from workflows.procedure.case import Case


def moves_a_right(case: Case, right: Case) -> bool:
    """Whether somebody would be a party, have been served, have a day or stand otherwise than it does.

    A party is another one under another name; where a letter goes to moves nothing.
    """
    return _rights(case) != _rights(right)


def _rights(case: Case) -> dict[str, Any]:
    return {
        "parties": {
            party: file.model_dump(
                include={
                    "name",
                    "natural_person",
                    "entitled",
                    "received_on",
                    "by_announcement",
                    "disowned_on",
                    "objection",
                    "standing",
                    "late",
                    "too_late",
                }
            )
            for party, file in case.parties.items()
        },
        "last_days": {
            wait_id: running.wait.last_day
            for wait_id, running in case.waits.items()
            if running.wait.kind is WaitKind.RIGHT
        },
        "category": case.category,
        "sold_by": (case.seller.name, case.seller.registration),
        "tested_by": (case.testing.laboratory, case.retest.laboratory),
        "reports": (case.report, case.retest.report),
        "referred_to": case.referral.authority,
        "result": (case.outcome, case.final_verdict, case.failed_items),
    }
