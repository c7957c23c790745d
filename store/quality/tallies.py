"""What each batch counts for: a row of figures, written with the batch's record."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import text

from messages.quality import Tally
from store.canonical import canonical, sha256
from store.direct import Connection

_CHANGING = (
    *("product", "laboratory", "laboratory_name", "bureau", "platform", "district", "bought", "sealed"),
    *("tested", "final", "outcome", "first_verdict", "verdict", "retested", "duties", "alike"),
)
_COLUMNS = ("ordered_on", "scheme_id", "kind", "cost", *_CHANGING)
# Part of a statement whose parameters include batch_no and :tally, JSON of the columns; null: as before.
KEEP = f"""
    insert into tallies (batch_no, {", ".join(_COLUMNS)})
    select :batch_no, {", ".join(f"t.{name}" for name in _COLUMNS)}
    from json_populate_record(null::tallies, cast(:tally as json)) as t
    where cast(:tally as json) is not null
    on conflict (batch_no) do update set {", ".join(f"{name} = excluded.{name}" for name in _CHANGING)}
"""
_KEEP = text(KEEP)
_PUT_RIGHT = text(f"""{KEEP}
    where ({", ".join(f"tallies.{name}" for name in _CHANGING)})
        is distinct from ({", ".join(f"excluded.{name}" for name in _CHANGING)})
    returning 1
""")


def parameter(tally: Tally | None) -> str | None:
    """The tally as ``KEEP`` takes it."""
    if tally is None:
        return None
    row: dict[str, Any] = tally.model_dump(mode="json")
    counts = {name: value for name, value in row.items() if name != "ordered_on"}
    alike = str(UUID(sha256(canonical(counts))[:32]))
    return json.dumps(row | {"duties": canonical(row["duties"]), "alike": alike}, ensure_ascii=False)


async def keep(connection: Connection, batch_no: str, tally: Tally) -> None:
    """Let a batch count for this from now on; its row is held by the caller, or is new."""
    await connection.execute(_KEEP, {"batch_no": batch_no, "tally": parameter(tally)})


async def put_right(connection: Connection, batch_no: str, tally: Tally) -> bool:
    """Whether it counted for something else before."""
    written = await connection.execute(_PUT_RIGHT, {"batch_no": batch_no, "tally": parameter(tally)})
    return written.one_or_none() is not None
