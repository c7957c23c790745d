"""One proposes, another decides: the one way for calendars, disposals, plans and schemes.

What is proposed stands in a row of its own room, which names its approval; the room locks its subject.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from law.separation import decides_on_own
from messages.approvals import ApprovalVerdict, Matter
from messages.base import Actor
from store.canonical import model_json
from store.errors import StoreError

_PROPOSE = text("""
    insert into approvals (matter, subject, proposed_by, proposed_at)
    values (:matter, :subject, cast(:by as jsonb), coalesce(cast(:at as timestamptz), clock_timestamp()))
    returning no
""")
_PROPOSER = text("select proposed_by ->> 'sub' as sub from approvals where no = :no")
_DECIDE = text("""
    update approvals set decided_by = cast(:by as jsonb), verdict = :verdict, remarks = :remarks,
        decided_at = coalesce(cast(:at as timestamptz), clock_timestamp())
    where no = :no
""")


async def propose(
    connection: AsyncConnection, matter: Matter, subject: str, by: Actor, at: datetime | None = None
) -> int:
    """The number of the approval that is now asked for; of one subject there is one open at a time.

    ``at``: by the subject's own clock, where it has one.
    """
    asked = {"matter": matter, "subject": subject, "by": model_json(by), "at": at}
    return int((await connection.execute(_PROPOSE, asked)).scalar_one())


async def decide(
    connection: AsyncConnection,
    no: int,
    by: Actor,
    verdict: ApprovalVerdict,
    *,
    on_own: StoreError,
    filers: Collection[str] = (),
    remarks: str | None = None,
    at: datetime | None = None,
) -> None:
    """Decide on an open approval. Raises ``on_own`` where the account proposed it or is one of ``filers``."""
    proposer = (await connection.execute(_PROPOSER, {"no": no})).scalar_one()
    if decides_on_own(by.sub, {proposer, *filers}):
        raise on_own
    said = {"no": no, "by": model_json(by), "verdict": verdict, "remarks": remarks, "at": at}
    await connection.execute(_DECIDE, said)
