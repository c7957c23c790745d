"""What must hold after a seeded run. Each function says what it found: batch, step, what."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from local.commands.checking import verify_timeline
from messages.envelope import RefusalCode
from messages.opening import Opening
from messages.snapshot import Snapshot
from settings import Settings
from tests.faults.conftest import Mailbox
from tests.faults.desk import Played
from tests.faults.replayed import computed
from tests.faults.whole import papers_of
from workflows.procedure.case import Case
from workflows.procedure.snapshot import snapshot_of

_DECISIONS = text("select step_id, accepted, decision ->> 'code' as code from decisions where batch_no = :no")
_BATCH = text("select opening, kept, snapshot, version, phase, outcome from batches where batch_no = :no")
_OPEN_WAITS = text("select wait_id, wait from waits where batch_no = :no and state = 'open'")
_DOCUMENTS = text("""
    select document_id, kind, recipient, d.sent_at, o.channel, o.state from documents d
    join outbox o using (document_id) where batch_no = :no
""")
# A step that has no place is told so as the batch stands when it is decided: closing, or a letter leaving,
# may come between its stamp and a worker that was away. That it is refused depends on the ledger alone.
_NO_PLACE = frozenset({RefusalCode.OUT_OF_ORDER, RefusalCode.BATCH_CLOSED})
_DECIDED_TWICE = text("""
    select t.batch_no, l.step || ' ' || l.step_id from timeline t
    join ledger l on t.key = 'step:' || l.step_id where t.batch_no = any(:numbers)
    group by t.batch_no, l.step, l.step_id having count(*) > 1
""")


async def _rows(engine: AsyncEngine, question: Any, batch_no: str) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.execute(question, {"no": batch_no}))


async def lost(engine: AsyncEngine, batches: Sequence[Played]) -> list[str]:
    """What staff were told was accepted, and is not so on record."""
    found = []
    for one in batches:
        held = {row.step_id: row.accepted for row in await _rows(engine, _DECISIONS, one.batch_no)}
        for sent, decision in one.told:
            if (is_so := held.get(sent.step_id)) is not decision.accepted:
                told = f"told {decision.accepted}, on record {is_so}"
                found.append(f"{one.batch_no}: {sent.step} {sent.step_id}: {told}")
    return found


async def decided_twice(engine: AsyncEngine, batches: Sequence[Played]) -> list[str]:
    async with engine.connect() as connection:
        rows = await connection.execute(_DECIDED_TWICE, {"numbers": [one.batch_no for one in batches]})
        return [f"{batch_no}: {step}: decided twice" for batch_no, step in rows]


async def not_as_computed(engine: AsyncEngine, batches: Sequence[Played]) -> list[str]:
    """Whose outcome, answers or papers are not those that follow from the ledger alone, in memory."""
    found = []
    for one in batches:
        (row,) = await _rows(engine, _BATCH, one.batch_no)
        must = await computed(engine, one.batch_no)
        if (row.phase, row.outcome) != (must.phase, must.outcome):
            found.append(f"{one.batch_no}: {row.phase}, {row.outcome}; computed {must.phase}, {must.outcome}")
        for step in await _rows(engine, _DECISIONS, one.batch_no):
            answer = must.answers.get(step.step_id)
            if not _is_answered_so(step, answer):
                found.append(
                    f"{one.batch_no}: {step.step_id}: {step.accepted} {step.code}; computed {answer}"
                )
        made_out = await papers_of(engine, one.batch_no)
        if made_out != must.papers:
            differ = {**(made_out - must.papers), **(must.papers - made_out)}
            found.append(f"{one.batch_no}: papers other than computed: {differ}")
    return found


def _is_answered_so(step: Any, answer: tuple[bool, RefusalCode | None] | None) -> bool:
    if answer is None:
        return False
    accepted, code = answer
    return bool(step.accepted == accepted and (step.code == code or {step.code, code} <= _NO_PLACE))


async def not_the_courses(engine: AsyncEngine, batches: Sequence[Played]) -> list[str]:
    """Which have not come to the outcome of their course."""
    found = []
    for one in batches:
        (row,) = await _rows(engine, _BATCH, one.batch_no)
        if one.stuck or row.outcome != one.task.course.outcome or row.phase != "closed":
            course = f"{one.task.course.name} ({row.phase}, {row.outcome})"
            found.append(f"{one.batch_no}: {course}: {one.stuck or 'another outcome'}")
    return found


async def letters_wrong(engine: AsyncEngine, mailbox: Mailbox, batches: Sequence[Played]) -> list[str]:
    """Letters that did not come, that nobody made out, or that did not leave.

    A notice has one Message-ID. That it came again after a kill, by the same, is counted apart.
    """
    found = []
    for one in batches:
        documents = await _rows(engine, _DOCUMENTS, one.batch_no)
        found += [f"{row.document_id}: has not left" for row in documents if row.sent_at is None]
        mailed = {row.document_id.replace(":", ".") for row in documents if row.channel == "email"}
        came = {message for message in mailbox.message_ids if message.startswith(one.batch_no)}
        found += [f"{letter}: did not come" for letter in mailed - came]
        found += [f"{letter}: came, and is not on record" for letter in came - mailed]
    return found


def came_again(mailbox: Mailbox, batches: Sequence[Played]) -> list[str]:
    """Letters that the mail server was handed more than once, each by its one Message-ID."""
    ours = {one.batch_no for one in batches}
    times = Counter(mailbox.message_ids)
    return [letter for letter, count in times.items() if count > 1 and letter[:13] in ours]


async def read_model_otherwise(engine: AsyncEngine, batches: Sequence[Played]) -> list[str]:
    """Whose read model is not the one that its case, rebuilt from the record, has."""
    found = []
    for one in batches:
        (row,) = await _rows(engine, _BATCH, one.batch_no)
        rebuilt = snapshot_of(Case.taken_up(Opening.model_validate(row.opening), row.kept))
        shown = Snapshot.model_validate(row.snapshot)
        open_waits = {wait.wait_id: wait.wait for wait in await _rows(engine, _OPEN_WAITS, one.batch_no)}
        must_wait = {wait.id: json.loads(wait.model_dump_json()) for wait in rebuilt.waits}
        sent = {doc.document_id for doc in rebuilt.documents if doc.sent_on is not None}
        left = {doc.document_id for doc in await _rows(engine, _DOCUMENTS, one.batch_no) if doc.sent_at}
        differing = {
            "snapshot": shown != rebuilt,
            "version, phase, outcome": (row.version, row.phase, row.outcome)
            != (rebuilt.version, rebuilt.phase, rebuilt.outcome),
            "open waits": open_waits != must_wait,
            # A batch that is over is told of no letter any more.
            "letters that left": not sent <= left,
        }
        found += [
            f"{one.batch_no}: {what} other than rebuilt" for what, differs in differing.items() if differs
        ]
    return found


async def unverified(settings: Settings) -> list[str]:
    """As ``choujian timeline verify`` says it: chains, ledger, signed checkpoints."""
    return await verify_timeline(settings, None)
