"""Recording a batch's change, and asking the ledger and the calendar."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.outgoing import OutgoingPort
from law.calendar import CalendarYear
from law.vocabulary import Party
from messages.opening import CalendarInForce
from messages.records import (
    CalendarInput,
    EarlierInput,
    EarlierResult,
    RecordInput,
    RecordResult,
    SilenceInput,
    SilenceResult,
)
from store.calendars import arrangements
from store.calendars.in_force import AnnouncedCalendar
from store.documents.papers import Letter
from store.ledger import filings, record, silence
from temporal.payloads import InMemory


class Recording:
    """Local activities: one transaction each."""

    def __init__(
        self,
        engine: AsyncEngine,
        calendar: AnnouncedCalendar,
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
    async def record(self, handed: InMemory[RecordInput]) -> RecordResult:
        """Write everything of a change, unless its deadlines were counted on a calendar since replaced."""
        change = handed.value
        if change.deadlines and (await self._calendar()).revision > change.calendar.revision:
            return RecordResult(in_force=await self._calendar.for_batch(change.since))
        await self._keep_what_was_counted_on(change)
        letters = [Letter(paper, self._port.at_once(paper)) for paper in change.papers]
        try:
            sent = await record.write(self._engine, change, letters, time_skipping=self._time_skipping)
        except record.AnotherDay:
            return RecordResult(another_day=True)
        return RecordResult(
            accepted=change.decided[1].accepted if change.decided else None,
            sent=sent,
            mails=self._port.mails,
            platform_linked=any(
                party.party is Party.PLATFORM and self._port.links(party.name)
                for party in change.snapshot.parties
            ),
        )

    async def _keep_what_was_counted_on(self, change: RecordInput) -> None:
        """A deadline can be explained when the library that knew its year says otherwise, or is gone."""
        named = {a.digest for deadline in change.deadlines.values() for a in deadline.arrangements}
        if new := named - self._kept:
            await arrangements.keep(self._engine, _years(change.calendar, new))
            self._kept |= new

    @activity.defn(name="calendar_in_force")
    async def calendar_in_force(self, question: CalendarInput) -> CalendarInForce:
        """The arrangements that matter to a batch, no older than it asks for.

        A right that is about to lapse on a guess, say, is not counted on a calendar of a minute ago.
        """
        newest = await arrangements.revision(self._engine)
        return await self._calendar.for_batch(question.since, max(newest, question.at_least))

    @activity.defn(name="ask_ledger")
    async def ask_ledger(self, question: SilenceInput) -> SilenceResult:
        return await silence.ask(self._engine, question, time_skipping=self._time_skipping)

    @activity.defn(name="filed_earlier")
    async def filed_earlier(self, question: EarlierInput) -> EarlierResult:
        steps = await filings.filed_between(
            self._engine, question.batch_no, question.after, question.before, question.taken
        )
        return EarlierResult(steps=tuple(steps))


def _years(held: CalendarInForce, digests: set[str]) -> list[CalendarYear]:
    return [year for year in held.calendar.years if year.digest in digests]
