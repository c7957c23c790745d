"""Checks an operator runs against the database."""

from local.errors import CommandError
from settings import Settings
from store.engine import make_engine
from store.errors import BatchUnknown
from store.ledger import agreement, timeline
from store.reads import read_model


async def verify_timeline(settings: Settings, batch_no: str | None) -> list[str]:
    """What is wrong with the timeline of one batch or of all: its chain, or what it says of the ledger."""
    assert settings.database_url is not None, "resolve() gives a database or raises"
    engine = make_engine(settings.database_url)
    try:
        if batch_no is not None:
            await read_model.batch(engine, batch_no)
        broken = await timeline.verify(engine, batch_no)
        return broken + await agreement.disagreements(engine, batch_no)
    except BatchUnknown:
        raise CommandError(f"没有批次 {batch_no}。", exit_code=2) from None
    finally:
        await engine.dispose()
