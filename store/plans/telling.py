"""What outside platforms are told of a plan, scheme or commission, as it is in force."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from messages.planning import PlanningFacts
from messages.told import TOLD, ToldKind
from store.told import noting

_IN_FORCE = text("""
    select n.version, n.number, n.facts, n.made_out_at, e.ended_on, e.reason
    from planned_papers n left join planned_ends e using (id)
    where n.id = :id order by n.version desc limit 1
""")


async def note(connection: AsyncConnection, id_: str) -> None:
    """Within the transaction that puts it in force or ends it; what never was in force is nobody's matter."""
    row = (await connection.execute(_IN_FORCE, {"id": id_})).one_or_none()
    if row is None:
        return
    facts = PlanningFacts.model_validate(row.facts)
    kind = ToldKind(facts.matter)
    told = TOLD[kind].model_validate(
        {
            "id": id_,
            "version": row.version,
            "number": row.number,
            "made_out_at": row.made_out_at,
            "above": facts.above_title,
            "above_number": facts.above_number,
            "reason": row.reason or facts.reason,
            "ended_on": row.ended_on,
            "names": facts.names,
            "content": facts.content,
        }
    )
    await noting.note(connection, id_, kind, told, row.version, None)
