"""How much one account may file within an hour, over all batches."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from messages.envelope import by_system
from messages.steps import STEPS, StepName
from store.errors import TooManyOfOne
from store.ledger import batches, filings
from tests.databases import tamper
from tests.store.builders import OFFICER, open_one, step

OTHER = Actor(sub="u-2", name="王执法", role=Role.OFFICER)
_MANY = text("""
    insert into ledger (step_id, batch_no, step, body, body_sha256, actor, received_at, position)
    select gen_random_uuid(), :batch_no, 'sealed', '{}', '', cast(:actor as jsonb),
        clock_timestamp() - make_interval(mins => :minutes), n
    from generate_series(1, :number) n
""")


async def _filed(engine: AsyncEngine, number: int, minutes: int = 10) -> None:
    """So many steps of the officer's, so long ago, in a batch of their own."""
    batch_no = (await open_one(engine)).batch_no
    said = {"batch_no": batch_no, "actor": OFFICER.model_dump_json(), "number": number, "minutes": minutes}
    async with engine.begin() as connection:
        await connection.execute(_MANY, said)


async def test_one_account_files_only_so_much_in_all_batches(engine: AsyncEngine) -> None:
    """The next is told when to come again; others are not concerned, nor is what the system files."""
    await _filed(engine, filings.MOST_ANYWHERE_WITHIN_AN_HOUR - 1)
    batch_no = (await open_one(engine)).batch_no
    last = step(batch_no)
    assert (await filings.file_step(engine, last)).fresh
    with pytest.raises(TooManyOfOne, match="2000项") as told:
        await filings.file_step(engine, step(batch_no))
    assert told.value.seconds > 60
    assert not (await filings.file_step(engine, last)).fresh
    assert (await filings.file_step(engine, step(batch_no).model_copy(update={"actor": OTHER}))).fresh
    model = STEPS[StepName.NOTICE_DELIVERED]
    example = model.model_validate(model.model_json_schema()["example"])
    assert (await filings.file_step(engine, by_system(batch_no, example, "d-1"))).fresh


async def test_a_days_list_passes_and_what_is_older_is_not_counted(engine: AsyncEngine) -> None:
    """A carrier's thousand rows after as many in the morning."""
    await _filed(engine, 5000, minutes=61)
    await _filed(engine, 1000, minutes=50)
    await _filed(engine, 999)
    assert (await filings.file_step(engine, step((await open_one(engine)).batch_no))).fresh


async def test_one_account_orders_only_so_much(
    engine: AsyncEngine, superuser: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No number is used up by what is refused."""
    monkeypatch.setattr(batches, "MOST_WITHIN_AN_HOUR", 2)
    first, second = await open_one(engine), await open_one(engine)
    with pytest.raises(TooManyOfOne, match="2项"):
        await open_one(engine)
    await tamper(superuser, "update batches set opened_at = opened_at - interval '1 hour'")
    third = await open_one(engine)
    numbers = [int(one.batch_no.rpartition("-")[2]) for one in (first, second, third)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
