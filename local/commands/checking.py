"""Checks an operator runs against the database."""

from sqlalchemy.ext.asyncio import AsyncEngine

from local.errors import CommandError
from proof import checkpoints, draws
from settings import Settings
from signing.keys import Keyring, KnownKey
from store.checkpoints import keeping
from store.draws import reading as draws_kept
from store.engine import make_engine
from store.errors import BatchUnknown
from store.ledger import agreement, timeline
from store.reads import read_model


async def verify_timeline(settings: Settings, batch_no: str | None) -> list[str]:
    """What is wrong with the timeline of one batch or of all: chain, ledger, and the signed checkpoints.

    Of all: the random draws as well.
    """
    assert settings.database_url is not None, "resolve() gives a database or raises"
    engine = make_engine(settings.database_url)
    try:
        if batch_no is not None:
            await read_model.batch(engine, batch_no)
        found = await timeline.verify(engine, batch_no)
        found += await agreement.disagreements(engine, batch_no)
        found += checkpoints.rewritten(await keeping.gone(engine, batch_no))
        if batch_no is None:
            made, changed = await keeping.every(engine), await keeping.changes(engine)
            keys = Keyring(settings.signing_folder).known_if_any()
            found += checkpoints.faults_of(made, changed, keys)
            found += await _faults_of_draws(engine, keys)
        return found
    except BatchUnknown:
        raise CommandError(f"没有批次 {batch_no}。", exit_code=2) from None
    finally:
        await engine.dispose()


async def _faults_of_draws(engine: AsyncEngine, keys: list[KnownKey]) -> list[str]:
    found = draws.gaps_in(await draws_kept.numbers(engine))
    for draw_id in await draws_kept.ids(engine):
        draw = await draws_kept.one(engine, draw_id)
        found += [*draws.faults_of(draw, keys), *draws.misdrawn(draw)]
    return found


async def lost_and_put_back(settings: Settings, batch_no: str | None) -> list[str]:
    """What the timeline of one batch, or of any, says of records that were lost and put back."""
    engine = make_engine(settings.database_url or "")
    try:
        return await timeline.put_back(engine, batch_no)
    finally:
        await engine.dispose()
