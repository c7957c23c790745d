"""What has left the house is put right beside it (§7), on the public site and after the batch has closed."""

from typing import Any

from sqlalchemy import text

from law.vocabulary import Phase, Role
from local.scenarios.courses import BOTH_SERVED, PRODUCER_ACCEPTS, REFERRED, Act, Do, example_body
from messages.envelope import RefusalCode
from messages.steps import StepName
from store.documents import published
from store.reads import read_model
from tests.procedure.conftest import Table

OFFICER, APPROVER = Role.OFFICER, Role.APPROVER
PUBLISHED: tuple[Act, ...] = (
    *BOTH_SERVED,
    Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}),
    PRODUCER_ACCEPTS,
)
CORRECTED = StepName.PUBLICATION_CORRECTED


async def documents(table: Table, batch_no: str, kind: str) -> list[Any]:
    statement = text(
        "select * from documents where batch_no = :b and kind = :k order by created_at, document_id"
    )
    async with table.engine.connect() as connection:
        return list((await connection.execute(statement, {"b": batch_no, "k": kind})).all())


async def test_a_published_mistake_is_put_right_beside_it(table: Table) -> None:
    """The first publication stays and names the one that holds; nothing is referred or told a second time."""
    batch_no = await table.opened(PUBLISHED)
    before = len((await table.snapshot(batch_no)).documents)
    assert (await table.example(batch_no, APPROVER, CORRECTED)).accepted
    first, again = await documents(table, batch_no, "publication")
    assert (again.corrects, again.fields["spec_model"]) == (first.document_id, "SL-500A")
    assert again.fields["correction"].startswith("原公示的规格型号有误，以本公示为准（封样时规格型号登记有误")
    assert again.fields["conclusion"] == first.fields["conclusion"]
    standing = {d.document_id: d.standing for d in (await published.results(table.engine)).items}
    assert standing == {first.document_id: again.document_id, again.document_id: None}
    snapshot = await table.snapshot(batch_no)
    assert (snapshot.phase, len(snapshot.documents)) == (Phase.REFERRAL, before + 1)
    same = await table.example(batch_no, APPROVER, CORRECTED)
    assert same.code is RefusalCode.NOTHING_CHANGED


async def test_a_mistake_found_after_closing_is_put_right_too(table: Table) -> None:
    """The closed batch is taken up for it and closes again at once."""
    batch_no = await table.opened((*PUBLISHED, *REFERRED))
    await table.closed(batch_no)
    filed = await table.file(
        batch_no,
        APPROVER,
        CORRECTED,
        example_body(CORRECTED, await table.clock(batch_no), {"trademark": "无"}),
    )
    assert await table.relaying()._send(filed)
    assert (await table.decision(filed.step_id)).accepted
    await table.closed(batch_no)
    again = (await documents(table, batch_no, "publication"))[-1]
    assert (again.fields["nominal_trademark"], again.fields["spec_model"]) == ("无", "SL-500A")
    assert "标称商标、规格型号有误" in again.fields["correction"]
    assert (await read_model.batch(table.engine, batch_no)).snapshot.phase is Phase.CLOSED
