"""What has left the house is put right beside it (§7): a case is taken elsewhere."""

from law.vocabulary import Role
from local.scenarios.courses import BOTH_SERVED, PRODUCER_ACCEPTS, REFERRED, Act, Do, Pass
from messages.envelope import RefusalCode
from messages.records import Paper
from messages.steps import StepName
from tests.quick.table import Table

OFFICER, APPROVER = Role.OFFICER, Role.APPROVER
PUBLISHED: tuple[Act, ...] = (
    *BOTH_SERVED,
    Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}),
    PRODUCER_ACCEPTS,
)
DETACHMENT = "杭州市市场监督管理局稽查支队"


def documents(table: Table, batch_no: str, kind: str) -> list[Paper]:
    return [paper for paper in table.papers(batch_no) if paper.kind == kind]


async def test_a_leader_takes_the_case_elsewhere_until_it_is_acknowledged(table: Table) -> None:
    """The first authority is told to stop, the other has a letter and a term of its own; once."""
    batch_no = await table.opened((*PUBLISHED, Pass(1)))
    first = (await table.snapshot(batch_no)).referral_authority
    assert first is not None
    assert first != DETACHMENT
    by_officer = await table.example(batch_no, OFFICER, StepName.REFERRAL_DIRECTED)
    assert by_officer.code is RefusalCode.ROLE_NOT_ALLOWED
    assert (await table.example(batch_no, APPROVER, StepName.REFERRAL_DIRECTED)).accepted
    assert (await table.snapshot(batch_no)).referral_authority == DETACHMENT
    told = documents(table, batch_no, "referral_correction")
    assert {one.recipient for one in told} == {"authority", "online_supervision_office"}
    assert next(one.recipient_name for one in told if one.recipient == "authority") == first
    assert all(DETACHMENT in one.fields["situation"] for one in told)
    letters = [d for d in documents(table, batch_no, "referral_letter") if d.recipient == "authority"]
    assert [letter.recipient_name for letter in letters] == [first, DETACHMENT]
    assert DETACHMENT in (await table.wait(batch_no, "referral_acknowledged")).title
    again = await table.example(batch_no, APPROVER, StepName.REFERRAL_DIRECTED)
    assert again.code is RefusalCode.ALREADY_DONE
    await table.at(batch_no, REFERRED)
    await table.closed(batch_no)
