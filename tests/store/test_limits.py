"""How much one batch and one person may have filed before it is decided."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.base import Actor
from messages.envelope import StepEnvelope, by_system
from messages.steps import STEPS, Step, StepName
from store.errors import KeyReused, TooMany
from store.ledger import filings
from tests.store.builders import open_one, step

OTHER = Actor(sub="u-2", name="王执法", role=Role.OFFICER)


async def _filed(engine: AsyncEngine, batch_no: str, number: int, decided_to: int | None = None) -> None:
    """So many steps of one officer, and all decided where ``decided_to`` says so."""
    for _ in range(number):
        await filings.file_step(engine, step(batch_no))
        if decided_to is not None:
            async with engine.begin() as connection:
                await connection.execute(text("update batches set decided_to = last_position"))


async def test_a_batch_has_few_undecided_steps(engine: AsyncEngine) -> None:
    """However many callers there are: the next is told to come again soon; another batch is not concerned."""
    opening, other = await open_one(engine), await open_one(engine)
    await _filed(engine, opening.batch_no, filings.MOST_UNDECIDED)
    with pytest.raises(TooMany) as told:
        await filings.file_step(engine, step(opening.batch_no).model_copy(update={"actor": OTHER}))
    assert told.value.seconds < 60
    assert (await filings.file_step(engine, step(other.batch_no))).fresh


async def test_what_is_filed_already_is_answered_all_the_same(engine: AsyncEngine) -> None:
    """A step sent again is no new one."""
    opening = await open_one(engine)
    first = step(opening.batch_no)
    await filings.file_step(engine, first)
    await _filed(engine, opening.batch_no, filings.MOST_UNDECIDED - 1)
    assert not (await filings.file_step(engine, first)).fresh


async def test_one_person_files_only_so_much_within_an_hour(engine: AsyncEngine) -> None:
    """Decided at once or not; another person is not concerned, and what the system files is never lost."""
    opening = await open_one(engine)
    await _filed(engine, opening.batch_no, filings.MOST_WITHIN_AN_HOUR, decided_to=1)
    with pytest.raises(TooMany) as told:
        await filings.file_step(engine, step(opening.batch_no))
    assert told.value.seconds > 60
    assert (await filings.file_step(engine, step(opening.batch_no).model_copy(update={"actor": OTHER}))).fresh
    assert (await filings.file_step(engine, by_system(opening.batch_no, _example(), "d-1"))).fresh


async def test_a_key_belongs_to_who_chose_it(engine: AsyncEngine) -> None:
    """Another person with the same key and the same content gets no answer of the first."""
    opening = await open_one(engine)
    first = step(opening.batch_no)
    await filings.file_step(engine, first)
    with pytest.raises(KeyReused):
        await filings.file_step(engine, first.model_copy(update={"actor": OTHER}))


async def test_a_row_of_a_list_is_the_same_whoever_brings_the_list(engine: AsyncEngine) -> None:
    """Its id is made from what it says, and nobody can choose it."""
    opening = await open_one(engine)
    made = step(opening.batch_no).model_copy(
        update={"step_id": by_system(opening.batch_no, _example(), str(uuid4())).step_id}
    )
    await filings.file_step(engine, made)
    again: StepEnvelope = made.model_copy(update={"actor": OTHER})
    assert not (await filings.file_step(engine, again)).fresh


def _example() -> Step:
    model = STEPS[StepName.NOTICE_DELIVERED]
    return model.model_validate(model.model_json_schema()["example"])
