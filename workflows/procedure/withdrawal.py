"""An application given up (§6): before the approver's decision, and after it."""

from law.judgements import PartyStanding
from law.vocabulary import Party
from messages.base import Actor
from messages.envelope import RefusalCode
from messages.names import formalities
from messages.records import WaitEnd
from messages.steps import StepName
from messages.steps.result import ObjectionWithdrawn
from messages.words import PARTIES
from workflows.procedure.applications import objection_withdrawn
from workflows.procedure.change import Change, Refused
from workflows.procedure.checks import not_before, not_in_future
from workflows.procedure.retest import applicants
from workflows.procedure.rights import end_laboratorys_part
from workflows.procedure.waits import end_wait


def application_withdrawn(change: Change, step: ObjectionWithdrawn, actor: Actor) -> None:
    """Before the approver's decision the window runs on; after it the applicant gives the retest up (§6).

    Not once the sample is sealed for the retest: its result is then everybody's.
    """
    case = change.case
    file = case.parties.get(step.party)
    objection = file.objection if file else None
    if file is None or objection is None or objection.approved is not True:
        objection_withdrawn(change, step, actor)
        return
    if file.standing is not PartyStanding.RETEST or case.retest.sealed_on is not None:
        raise Refused(RefusalCode.ALREADY_DONE, f"{PARTIES[step.party]}的复检已经进行或结束，不能撤回", "§6")
    not_in_future(change, step.withdrawn_on, "撤回日期")
    not_before(step.withdrawn_on, objection.filed_on, "撤回日期", "提交日期")
    change.objection(step.party, withdrawn_on=step.withdrawn_on)
    change.party(step.party, standing=PartyStanding.ABANDONED)
    _end_what_waited_for(change, step.party)


def _end_what_waited_for(change: Change, party: Party) -> None:
    words = f"{PARTIES[party]}撤回复检申请，放弃复检"
    end_wait(change, formalities(party), words, WaitEnd.DROPPED)
    end_laboratorys_part(change)
    left = [one.objection for one in applicants(change.case) if one.objection]
    if not left:
        end_wait(change, StepName.RETEST_LAB_APPOINTED, words, WaitEnd.DROPPED)
    if not any(one.formalities_on for one in left):
        end_wait(change, StepName.RETEST_SEALED, words, WaitEnd.DROPPED)
