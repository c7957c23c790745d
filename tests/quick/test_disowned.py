"""The producer named on the goods says that they are not his: the seller alone is named, and why (§7)."""

import pytest

from law.vocabulary import DocumentKind, Outcome, Party, Phase, Role
from local.scenarios.courses import (
    BOTH_SERVED,
    BOUGHT,
    NONCONFORMING,
    PRODUCER_ACCEPTS,
    REFERRED,
    SEALED,
    DaysAgo,
    Do,
    Lapse,
    Pass,
    posted,
)
from messages.envelope import RefusalCode
from messages.records import Paper
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from tests.quick.played import InMemory, begun
from tests.quick.table import Table
from tests.quick.test_put_right import filed, undone

OFFICER, SUPERVISOR, APPROVER = Role.OFFICER, Role.SUPERVISOR, Role.APPROVER
DISOWNED = StepName.PRODUCER_DISOWNED
SELLER, PRODUCERS = "objection_filed:seller", "objection_filed:producer"
SELLER_ACCEPTS = Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})
PRODUCER = "浙江示例制造有限公司"


def papers(table: Table, batch_no: str, kind: DocumentKind) -> list[Paper]:
    return [paper for paper in table.papers(batch_no) if paper.kind is kind]


async def waits(table: Table, batch_no: str) -> set[str]:
    return {wait.id for wait in (await table.snapshot(batch_no)).waits}


async def test_he_has_no_window_and_the_publication_names_the_seller_only(table: Table) -> None:
    """It says why no producer is named, and so does the referral's index."""
    batch_no = await table.opened((*BOTH_SERVED, Pass(3)))
    assert PRODUCERS in await waits(table, batch_no)
    assert (await table.example(batch_no, SUPERVISOR, DISOWNED)).accepted
    assert PRODUCERS not in await waits(table, batch_no)
    objected = await table.example(batch_no, OFFICER, StepName.OBJECTION_FILED, party="producer")
    assert objected.code is RefusalCode.WRONG_PARTY
    await table.at(batch_no, [Lapse(SELLER)])
    snapshot = await table.snapshot(batch_no)
    assert snapshot.outcome is Outcome.ACCEPTED_BY_SILENCE
    (publication,) = papers(table, batch_no, DocumentKind.PUBLICATION)
    assert "nominal_producer" not in publication.fields
    assert "否认该商品为其生产" in publication.fields["producer_disowned"]
    assert PRODUCER not in str((publication.fields, publication.facts))
    letter, _copy = papers(table, batch_no, DocumentKind.REFERRAL_LETTER)
    assert "否认该商品为其生产" in letter.fields["case_index"]["当事人"]["标称生产者"]


@pytest.mark.parametrize("phase", [Phase.REFERRAL, Phase.CLOSED])
async def test_after_the_publication_it_is_corrected_beside(phase: Phase) -> None:
    """The authority hears of it as well; a closed batch stays closed."""
    batch = begun()
    await batch.play((*BOTH_SERVED, SELLER_ACCEPTS, PRODUCER_ACCEPTS))
    if phase is Phase.CLOSED:
        await batch.play(REFERRED)
        assert batch.is_closed
        batch = InMemory(batch.world, batch.world.on_record)
    assert (await batch.example(APPROVER, DISOWNED)).accepted
    assert batch.case.phase is phase
    made = [paper for change in batch.world.changes for paper in change.papers]
    first, second = [paper for paper in made if paper.kind is DocumentKind.PUBLICATION]
    assert first.fields["nominal_producer"] == PRODUCER
    assert "nominal_producer" not in second.fields
    assert second.corrects == first.document_id
    assert "否认该商品为其生产" in second.fields["correction"]
    told, _copy = [paper for paper in made if paper.kind is DocumentKind.REFERRAL_CORRECTION]
    assert "否认该商品为其生产" in told.fields["situation"]
    batch.end()


async def test_a_notice_that_has_not_left_yet_does_not_leave(table: Table) -> None:
    """Nothing waits for it: the others have been notified."""
    batch_no = await table.opened((*NONCONFORMING[:-4], *posted("result_notice", "seller", "platform")))
    assert (await table.snapshot(batch_no)).phase is Phase.NOTIFICATION
    assert (await table.example(batch_no, SUPERVISOR, DISOWNED)).accepted
    snapshot = await table.snapshot(batch_no)
    assert snapshot.phase is Phase.OBJECTION
    assert "result_notice_sent" not in await waits(table, batch_no)
    (his,) = [d for d in snapshot.documents if d.recipient == Party.PRODUCER]
    assert his.status is DocumentStatus.WITHDRAWN


async def test_it_is_found_by_a_leader_and_once(table: Table) -> None:
    """Not while his own application is dealt with, and not before there is a sample."""
    batch_no = await table.opened(BOUGHT)
    assert (await table.example(batch_no, SUPERVISOR, DISOWNED)).code is RefusalCode.OUT_OF_ORDER
    batch_no = await table.opened(SEALED)
    assert (await table.example(batch_no, OFFICER, DISOWNED)).code is RefusalCode.ROLE_NOT_ALLOWED
    early = await table.example(batch_no, SUPERVISOR, DISOWNED, disowned_on=DaysAgo(30))
    assert early.code is RefusalCode.DATE_BEFORE_EVENT
    assert (await table.example(batch_no, SUPERVISOR, DISOWNED)).accepted
    assert (await table.example(batch_no, SUPERVISOR, DISOWNED)).code is RefusalCode.ALREADY_DONE
    his_own = Do(OFFICER, StepName.OBJECTION_FILED, {"party": "producer"})
    batch_no = await table.opened((*BOTH_SERVED, his_own))
    assert (await table.example(batch_no, SUPERVISOR, DISOWNED)).code is RefusalCode.OUT_OF_ORDER


async def test_taken_back_he_has_his_window_again() -> None:
    """The finding was entered for the wrong batch: as if it had never been (procedure section 10)."""
    batch = begun()
    await batch.play((*BOTH_SERVED, Pass(3)))
    before = batch.case.waits[PRODUCERS].wait.last_day
    await batch.play([Do(SUPERVISOR, DISOWNED)])
    assert PRODUCERS not in batch.case.waits
    await undone(batch, filed(batch, DISOWNED))
    assert batch.case.waits[PRODUCERS].wait.last_day == before
    assert batch.case.parties[Party.PRODUCER].disowned_on is None
    batch.end()
