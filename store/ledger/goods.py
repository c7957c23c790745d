"""The goods that a batch samples, and how often others have this year: for order and sealing alike (§3)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from law.goods import Goods
from messages.records import GoodsClaim
from store.canonical import canonical
from store.direct import Connection

# One lock for each trademark with the model, always in the same order. Whoever holds them and then counts
# sees whatever another holder has committed.
_LOCK = text("""
    select pg_advisory_xact_lock(hashtextextended('goods ' || one, 0))
    from unnest(cast(:goods as text[])) as one
""")
# Of other batches of the same year that count; one with several trademarks counts for each of them.
SAMPLED = """
    (select count(*) from batches other where other.trademarks && cast(:trademarks as text[])
        and other.spec_model = :spec_model and other.year = {year} and other.batch_no <> {batch_no}
        and (other.outcome is null or other.outcome <> all(cast(:not_counted as text[]))))
"""
_COUNT = text(f"""
    select {SAMPLED.format(year="b.year", batch_no="b.batch_no")} as times
    from batches b where b.batch_no = :batch_no
""")
_NOTE = text("""
    update batches set trademarks = cast(:trademarks as text[]), spec_model = :spec_model
    where batch_no = :batch_no
""")


def parameters(goods: Goods) -> Mapping[str, Any]:
    """As ``SAMPLED`` and the columns have them."""
    return {"trademarks": list(goods.trademarks), "spec_model": goods.spec_model}


async def lock(connection: Connection, goods: Goods) -> None:
    """Hold these goods until the transaction ends; where trademark or model is unknown, nothing is held."""
    if goods.are_known:
        named = [canonical([trademark, goods.spec_model]) for trademark in goods.trademarks]
        await connection.execute(_LOCK, {"goods": sorted(named)})


async def claim(connection: Connection, batch_no: str, claimed: GoodsClaim) -> int:
    """Note what a batch samples, from now on in the place of what was ordered; how many others have, before.

    The batch's row is locked by the caller.
    """
    await lock(connection, claimed.goods)
    named = {**parameters(claimed.goods), "batch_no": batch_no}
    counted = await connection.execute(_COUNT, named | {"not_counted": list(claimed.not_counted)})
    times = int(counted.one().times)
    await connection.execute(_NOTE, named)
    return times
