"""A store full of batches: a few that were really played are copied, row by row, under other numbers.

Every table that has a batch's number is copied as it stands, so that what is looked up has the rows, the
sizes and the indexes that it would have. The record itself, by far the largest part, goes along with the
newest alone.
"""

import asyncio
from collections.abc import Sequence

import asyncpg

_FIRST = 200_000
_AT_ONCE = 2_000
# Batches first, for the others refer to them; then what others refer to.
_TABLES = (
    "batches",
    "batch_search",
    "documents",
    "outbox",
    "waits",
    "tallies",
    "quality_entries",
    "quality_subjects",
)
# As many sellers and schemes as a bureau has; what is said of either is as in the batch that was copied.
_SELLERS, _SCHEMES = 20_000, 200
_KNOWN = f"""
    insert into quality_known (kind, key, sought, name)
    select 'seller', t.key || n, t.sought || n, t.name || n
    from quality_known t, generate_series(0, {_SELLERS} - 1) as n where t.kind = 'seller'
    on conflict do nothing
"""
# Each takes one row that is there, of the sample bureau, as the pattern of all others.
_REGISTERS = (
    f"""
    insert into register_entries (register, code, code_key, sample)
    select e.register, e.code || n, e.code_key || n, false
    from register_entries e, generate_series(1, {_SELLERS}) as n
    where (e.register, e.code) = (select register, min(code) from register_entries
        where register = 'businesses' group by register)
    """,
    f"""
    insert into register_versions (register, code, version, holds_from, ended, name, name_key, registration,
        registration_key, entry, entry_sha256, reason, recorded_by, content, terms)
    select v.register, v.code || n, v.version, v.holds_from, v.ended, v.name || n, v.name_key || n,
        v.registration, v.registration_key, jsonb_set(v.entry, '{{name}}', to_jsonb(v.name || n)),
        v.entry_sha256, v.reason, v.recorded_by, v.content || n, v.terms
    from register_versions v, generate_series(1, {_SELLERS}) as n
    where (v.register, v.code) = (select register, min(code) from register_entries
        where register = 'businesses' group by register)
    """,
    f"""
    insert into planned (id, matter, plan_id, year, number, sample)
    select 'FA2026-' || lpad((n - 1)::text, 4, '0'), p.matter, p.plan_id, p.year, n + 10000, false
    from planned p, generate_series(1, {_SCHEMES}) as n where p.id = 'FA2026-0001'
    on conflict (id) do nothing
    """,
    """
    insert into planned_versions (id, version, content, content_sha256, drafted_by, searched)
    select p.id, v.version, v.content, v.content_sha256, v.drafted_by, v.searched
    from planned p, planned_versions v
    where p.matter = 'scheme' and p.id <> v.id and v.id = 'FA2026-0001' and v.version = 1
    on conflict do nothing
    """,
    """
    insert into planned_papers (id, version, number, facts, made_out_at)
    select p.id, n.version, n.number || p.id, n.facts, n.made_out_at from planned p, planned_papers n
    where p.matter = 'scheme' and p.id <> n.id and n.id = 'FA2026-0001' on conflict do nothing
    """,
    """
    insert into scheme_uses (batch_no, scheme_id, scheme_version, kind, kind_key, cost, laboratory, platform)
    select t.batch_no, t.scheme_id, 1, t.product, t.product, coalesce(t.cost, 0), t.laboratory, 'PT-01'
    from tallies t where t.batch_no >= $1 on conflict do nothing
    """,
)
_RECORD = ("ledger", "decisions", "timeline")
# Whose batch a row is of, where it does not say so itself.
_SOURCES = {
    "outbox": """(select o.*, d.batch_no from outbox o join documents d using (document_id)
        where d.batch_no = any($3::text[]))""",
}
_COLUMNS = """
    select column_name as name, data_type as type, is_identity = 'YES' as numbered
    from information_schema.columns where table_name = $1 and is_generated = 'NEVER' order by ordinal_position
"""
_POSTED = """
    update outbox o set posted_on = d.created_at::date from documents d
    where d.document_id = o.document_id and d.batch_no = any($1::text[])
        and o.channel = 'outbox' and o.posted_on is null and o.status = 'sent'
"""
_NEW_NO = "'CJ2026-' || lpad(n::text, 6, '0')"


async def crowd(url: str, templates: Sequence[str], batches: int, *, with_record: int) -> list[str]:
    """Copies of the templates, ``batches`` in all, the last ``with_record`` with their record; their numbers.

    Each is copied in its turn, and one that is named several times as often as that.
    ``url`` is a superuser's: what is copied was never decided, and the triggers of the record are not asked.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("set session_replication_role = replica")
        for table in (*_TABLES, *_RECORD):
            first = _FIRST + (batches - with_record if table in _RECORD else 0)
            await _copied(connection, table, templates, first, _FIRST + batches)
            await connection.execute(f"analyze {table}")
        await connection.execute(_KNOWN)
        for statement in _REGISTERS:
            await connection.execute(statement, *([f"CJ2026-{_FIRST}"] if "$1" in statement else []))
        # As it is soon after: what was just filled in is not in the indexes of texts yet.
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()
    return [f"CJ2026-{n:06}" for n in range(_FIRST, _FIRST + batches)]


async def all_posted(url: str, batches: Sequence[str]) -> None:
    """Of what nobody is bound to post in time, nothing lies in the post queue any more."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_POSTED, list(batches))
    finally:
        await connection.close()


def turn(number: str, templates: Sequence[str]) -> int:
    """The position of the template that the batch ``number`` is a copy of."""
    return int(number.rsplit("-", 1)[1]) % len(templates)


async def _copied(
    connection: asyncpg.Connection, table: str, templates: Sequence[str], first: int, end: int
) -> None:
    columns = [row for row in await connection.fetch(_COLUMNS, table) if not row["numbered"]]
    names = ", ".join(f'"{row["name"]}"' for row in columns)
    values = ", ".join(_value(row["name"], row["type"]) for row in columns)
    copy = f"""
        insert into {table} ({names})
        select {values} from generate_series($1::int, $2::int) as n
        join {_SOURCES.get(table, table)} t on t.batch_no = ($3::text[])[n % cardinality($3::text[]) + 1]
    """
    for low in range(first, end, _AT_ONCE):
        await connection.execute(copy, low, min(low + _AT_ONCE, end) - 1, list(templates))
        await asyncio.sleep(0)


def _value(name: str, kind: str) -> str:
    """The column of a copy: the number stands in many of them, and an id has to be another's."""
    if name == "batch_no":
        return _NEW_NO
    if name == "key" and kind == "text":
        return f"case t.kind when 'seller' then t.key || n % {_SELLERS} else t.key end"
    if name == "scheme_id":
        return f"'FA2026-' || lpad((n % {_SCHEMES})::text, 4, '0')"
    if name == "alike":
        return f"md5(t.alike::text || n % {_SCHEMES})::uuid"
    if name == "number":
        return "n" if kind == "integer" else f"t.number || ' ' || {_NEW_NO}"
    if name == "series_no":
        return "t.series_no + 1000 * n"
    if name == "secret":
        return f"md5(t.secret || {_NEW_NO})"
    if kind == "uuid":
        return f'case when t."{name}" is not null then md5(t."{name}" || {_NEW_NO})::uuid end'
    if kind in ("text", "json", "jsonb"):
        return f'replace(t."{name}"::text, t.batch_no, {_NEW_NO})::{kind}'
    return f't."{name}"'
