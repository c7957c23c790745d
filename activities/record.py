"""Recording a batch's change with its deadlines counted, and asking the ledger what was filed."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.outgoing import OutgoingPort
from law.calendar import WorkCalendar
from law.counting import Deadline, Move, alarms, count, extend_by_days, set_last_day
from law.recounting import Recount, recount
from law.rules import Ladder
from law.vocabulary import Party
from messages.records import (
    Counted,
    CountRequest,
    EarlierInput,
    EarlierResult,
    Paper,
    RecordInput,
    RecordResult,
    SilenceInput,
    SilenceResult,
    TimelineEntry,
    TimelineKind,
)
from messages.snapshot import Wait
from store import calendars, ledger, record, silence
from store.documents import Letter

UNCOUNTABLE = "uncountable"
_CARRY_THE_ACCOUNT = (
    TimelineKind.WAIT_OPENED,
    TimelineKind.DEADLINE_MOVED,
    TimelineKind.DEADLINE_CONFIRMED,
)


class Recording:
    """Local activities: one transaction each."""

    def __init__(
        self,
        engine: AsyncEngine,
        calendar: Callable[[int], Awaitable[WorkCalendar]],
        port: OutgoingPort,
        *,
        time_skipping: bool,
    ) -> None:
        self._engine = engine
        self._port = port
        self._calendar = calendar
        self._time_skipping = time_skipping
        self._kept: set[str] = set()

    @activity.defn(name="record")
    async def record(self, change: RecordInput) -> RecordResult:
        """Count the deadlines asked for, write everything, give the deadlines back.

        A period that cannot be counted fails with the type ``uncountable``, which no retry would change.
        """
        calendar = await self._calendar(await self._newest_needed(change))
        try:
            deadlines, recounts = await self._deadlines(change, calendar)
        except ValueError as error:
            raise ApplicationError(str(error), type=UNCOUNTABLE, non_retryable=True) from error
        await self._keep_what_was_counted_on(deadlines, calendar)
        counted = {
            request.wait_id: _counted(request, deadlines[request.wait_id], change.ladder, calendar)
            for request in change.count
        }
        passed, waits = (_with_deadlines(some, counted) for some in (change.passed, change.snapshot.waits))
        snapshot = change.snapshot.model_copy(update={"waits": waits})
        accounts = _accounts((*passed, *waits), change.count, deadlines)
        entries = tuple(_with_account(entry, accounts) for entry in _told(change.entries, recounts))
        filled = change.model_copy(update={"snapshot": snapshot, "passed": passed, "entries": entries})
        stated = await self._stated(change, deadlines)
        papers = [_with_deadline_stated(paper, stated) for paper in change.papers]
        letters = [Letter(paper, self._port.at_once(paper)) for paper in papers]
        changed = {wait_id: recount for wait_id, recount in recounts.items() if recount.changes_anything}
        try:
            sent = await record.write(
                self._engine, filled, deadlines, letters, changed, time_skipping=self._time_skipping
            )
        except record.AnotherDay:
            return RecordResult(another_day=True)
        return RecordResult(
            counted=tuple(counted.values()),
            accepted=change.decision.accepted if change.decision else None,
            sent=sent,
            mail_in_use=self._port.mails,
            platform_linked=any(
                party.party is Party.PLATFORM and self._port.links(party.name) for party in snapshot.parties
            ),
        )

    async def _stated(self, change: RecordInput, deadlines: Mapping[str, Deadline]) -> Mapping[str, Deadline]:
        """The deadlines that letters state; one that has ended is stated as it was last counted."""
        ended = {p.deadline_of for p in change.papers if p.deadline_of} - deadlines.keys()
        held = await record.traces(self._engine, change.snapshot.batch_no, sorted(ended)) if ended else {}
        return {**held, **deadlines}

    @activity.defn(name="ask_ledger")
    async def ask_ledger(self, question: SilenceInput) -> SilenceResult:
        return await silence.ask(self._engine, question, time_skipping=self._time_skipping)

    @activity.defn(name="filed_earlier")
    async def filed_earlier(self, question: EarlierInput) -> EarlierResult:
        steps = await ledger.filed_between(
            self._engine, question.batch_no, question.after, question.before, question.taken
        )
        return EarlierResult(steps=tuple(steps))

    async def _newest_needed(self, change: RecordInput) -> int:
        """A right that is about to lapse on a guess, say, is not counted on a calendar of a minute ago."""
        again = any(request.how == "again" for request in change.count)
        return await calendars.revision(self._engine) if again else change.calendar_revision

    async def _keep_what_was_counted_on(
        self, deadlines: Mapping[str, Deadline], calendar: WorkCalendar
    ) -> None:
        """A deadline can be explained when the library that knew its year says otherwise, or is gone."""
        named = {a.digest for deadline in deadlines.values() for a in deadline.arrangements}
        if new := named - self._kept:
            await calendars.keep(self._engine, [year for year in calendar.years if year.digest in new])
            self._kept |= new

    async def _deadlines(
        self, change: RecordInput, calendar: WorkCalendar
    ) -> tuple[dict[str, Deadline], dict[str, Recount]]:
        """What was asked for, by wait id, and of what was to be counted again how it was before."""
        moved = [request.wait_id for request in change.count if request.how != "count"]
        held = await record.traces(self._engine, change.snapshot.batch_no, moved) if moved else {}
        recounts = {
            request.wait_id: _recount(request, held[request.wait_id], calendar)
            for request in change.count
            if request.how == "again" and request.wait_id in held
        }
        deadlines = {
            request.wait_id: recounts[request.wait_id].after
            if request.wait_id in recounts
            else _deadline(request, held.get(request.wait_id), calendar)
            for request in change.count
        }
        return deadlines, recounts


def _recount(request: CountRequest, held: Deadline, calendar: WorkCalendar) -> Recount:
    told = request.last_day or held.last_day
    return recount(held, request.rule, calendar, told=told, never_earlier=request.never_earlier)


def _deadline(request: CountRequest, held: Deadline | None, calendar: WorkCalendar) -> Deadline:
    """Counted afresh, or the one held moved on; moving it to where it stands changes nothing."""
    if request.how in ("count", "again"):
        fresh = count(request.rule, request.start, calendar, amount=request.amount)
        return extend_by_days(fresh, request.days, calendar) if request.days else fresh
    if request.how == "set":
        if request.last_day is None:
            raise ValueError("改定期限未给出新的最后一日")
        if held is not None and held.last_day == request.last_day:
            return held
        before = held or count(request.rule, request.start, calendar, amount=request.amount)
        return set_last_day(before, request.last_day, calendar, request.reason)
    if (
        held is not None
        and held.last_day != request.last_day
        and held.moves[-1:] == (Move(days=request.days),)
    ):
        return held  # this activity ran before
    return extend_by_days(_before_the_stay(request, held, calendar), request.days, calendar)


def _before_the_stay(request: CountRequest, held: Deadline | None, calendar: WorkCalendar) -> Deadline:
    """The deadline as it stood at ``request.last_day``: the one held, or made up where none is."""
    if held is not None and held.last_day == request.last_day:
        return held
    fresh = count(request.rule, request.start, calendar, amount=request.amount)
    if request.last_day is None or fresh.last_day == request.last_day:
        return fresh
    return set_last_day(fresh, request.last_day, calendar, "此前已变动")


def _counted(request: CountRequest, deadline: Deadline, ladder: Ladder, calendar: WorkCalendar) -> Counted:
    return Counted(
        wait_id=request.wait_id,
        starts_on=deadline.start,
        last_day=deadline.last_day,
        closes_at=deadline.closes_at,
        provisional=deadline.provisional,
        calendar_version=deadline.calendar_version,
        alarms=alarms(deadline, request.rule, ladder, calendar),
        again=request.how == "again",
    )


def _with_deadlines(waits: Iterable[Wait], counted: Mapping[str, Counted]) -> tuple[Wait, ...]:
    return tuple(_filled(wait, counted[wait.id]) if wait.id in counted else wait for wait in waits)


def _filled(wait: Wait, counted: Counted) -> Wait:
    return wait.model_copy(
        update={
            "starts_on": counted.starts_on,
            "last_day": counted.last_day,
            "deadline": counted.closes_at,
            "provisional": counted.provisional,
            "calendar_version": counted.calendar_version,
        }
    )


def _with_deadline_stated(paper: Paper, deadlines: Mapping[str, Deadline]) -> Paper:
    """A letter that states a deadline counted in the same breath: its last day, and how it was counted."""
    deadline = deadlines.get(paper.deadline_of or "")
    if deadline is None:
        return paper
    stated = f"{deadline.last_day.isoformat()}（24:00届满）。{deadline.explanation}"
    return paper.model_copy(update={"fields": {**paper.fields, "last_day": stated}})


def _told(entries: Sequence[TimelineEntry], recounts: Mapping[str, Recount]) -> list[TimelineEntry]:
    """The lines with what counting again came to; nothing is said where it changed nothing."""
    told = []
    for entry in entries:
        recount = recounts.get(str(entry.data.get("wait_id")))
        if recount is None or entry.kind is not TimelineKind.DEADLINE_MOVED:
            told.append(entry)
        elif recount.changes_anything:
            told.append(_with_recount(entry, recount))
    return told


def _with_recount(entry: TimelineEntry, recount: Recount) -> TimelineEntry:
    days = {
        "old_last_day": str(recount.before.last_day),
        "new_last_day": str(recount.after.last_day),
        "counted_last_day": str(recount.counted),
        "was_provisional": recount.before.provisional,
    }
    kind = TimelineKind.DEADLINE_MOVED if recount.moved else TimelineKind.DEADLINE_CONFIRMED
    words = f"{entry.text}：{recount.words}"
    return entry.model_copy(update={"kind": kind, "text": words, "data": {**entry.data, **days}})


def _accounts(
    waits: Iterable[Wait], requests: Sequence[CountRequest], deadlines: Mapping[str, Deadline]
) -> dict[str, dict[str, Any]]:
    """What the line of each wait says of it: the wait, what was to be counted by what rule, the count."""
    accounts: dict[str, dict[str, Any]] = {wait.id: {"wait": wait.model_dump(mode="json")} for wait in waits}
    for request in requests:
        accounts.setdefault(request.wait_id, {}).update(
            count=request.model_dump(mode="json"), deadline=deadlines[request.wait_id].model_dump(mode="json")
        )
    return accounts


def _with_account(entry: TimelineEntry, accounts: Mapping[str, Mapping[str, Any]]) -> TimelineEntry:
    if entry.kind not in _CARRY_THE_ACCOUNT:
        return entry
    account = accounts.get(str(entry.data.get("wait_id")), {})
    text = entry.text
    if account.get("deadline", {}).get("provisional") and account["count"]["how"] != "again":
        text += f"；暂定至{account['deadline']['last_day']} 24:00，所及年份的放假安排尚未公布"
    return entry.model_copy(update={"text": text, "data": {**entry.data, **account}})
