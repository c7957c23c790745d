"""Recording a batch's change, and asking the ledger and the calendar."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.outgoing import OutgoingPort
from activities.printable import unprintable
from law.calendar import CalendarYear
from law.vocabulary import Party
from messages.base import OPERATOR
from messages.opening import CalendarInForce, Carried
from messages.records import (
    CalendarInput,
    NotTheLedgers,
    RecordInput,
    RecordResult,
    SilenceInput,
    SilenceResult,
    UnfiledInput,
    UnfiledResult,
)
from messages.standing import Displaced, StandingInput, StandingResult
from store.calendars import arrangements
from store.calendars.in_force import AnnouncedCalendar
from store.documents.letters import LetterMaker
from store.documents.papers import Letter
from store.errors import BatchUnknown, KeyReused, NotStorable
from store.ledger import batches, filings, record, silence
from store.watched import displaced
from temporal.payloads import InMemory


class Recording:
    """Local activities: one transaction each."""

    def __init__(
        self,
        engine: AsyncEngine,
        calendar: AnnouncedCalendar,
        port: OutgoingPort,
        typesetter: LetterMaker,
        *,
        time_skipping: bool,
        operator_signals: bool = False,
    ) -> None:
        self._engine = engine
        self._port = port
        self._typesetter = typesetter
        self._calendar = calendar
        self._time_skipping = time_skipping
        self._operator_signals = operator_signals
        self._kept: set[str] = set()

    @activity.defn(name="record")
    async def record(self, handed: InMemory[RecordInput]) -> RecordResult:
        """Write everything of a change.

        Nothing is written where its deadlines were counted on a calendar since replaced, nor where it takes
        papers to leave of which no letter can be made, nor where its goods were sampled another number of
        times than it was judged on.
        """
        change = handed.value
        if change.deadlines and (await self._calendar()).revision > change.calendar.revision:
            return RecordResult(in_force=await self._calendar.for_batch(change.since))
        if (faults := await unprintable(self._typesetter, change)) is not None:
            return RecordResult(unprintable=faults)
        await self._keep_what_was_counted_on(change)
        letters = [
            Letter(paper, None if paper.unprintable else self._port.at_once(paper)) for paper in change.papers
        ]
        try:
            sent = await record.write(self._engine, change, letters, time_skipping=self._time_skipping)
        except record.AnotherDay:
            return RecordResult(another_day=True)
        except record.Behind:
            return RecordResult(behind=True)
        except record.Lacking:
            return RecordResult(lacking=True)
        except record.SampledOtherwise as counted:
            return RecordResult(sampled=counted.sampled)
        except record.StepNotFiledSo:
            return RecordResult(not_the_ledgers=await self._as_filed(change))
        return RecordResult(
            accepted=change.decision.accepted if change.decision else None,
            sent=sent,
            by_hand=tuple(one.paper.document_id for one in letters if one.is_queued),
            mails=self._port.mails,
            platform_linked=any(
                party.party is Party.PLATFORM and self._port.links(party.name)
                for party in change.snapshot.parties
            ),
        )

    async def _as_filed(self, change: RecordInput) -> NotTheLedgers:
        assert change.step is not None
        step_id = change.step.step_id
        filed = await filings.filed_step(self._engine, step_id)
        is_ours = filed is not None and filed.envelope.batch_no == change.snapshot.batch_no
        undecided = filed.envelope if filed and is_ours and filed.decision is None else None
        return NotTheLedgers(step_id=step_id, filed=undecided)

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
        try:
            return await silence.ask(self._engine, question, time_skipping=self._time_skipping)
        except BatchUnknown:
            return SilenceResult(verdict="no_record", ledger_now=question.now)

    @activity.defn(name="standing")
    async def standing(self, question: StandingInput) -> StandingResult:
        return await filings.standing(self._engine, question)

    @activity.defn(name="keep_displaced")
    async def keep_displaced(self, handed: InMemory[Displaced]) -> int:
        """Keep what is known of a batch whose number is another's now, apart from the record."""
        await displaced.keep(self._engine, handed.value)
        return handed.value.version

    @activity.defn(name="case_on_record")
    async def case_on_record(self, batch_no: str) -> Carried:
        """What a batch goes on from that the record has overtaken."""
        return await batches.on_record(self._engine, batch_no)

    @activity.defn(name="file_unfiled")
    async def file_unfiled(self, unfiled: UnfiledInput) -> UnfiledResult:
        """File an operator's signal in the operator's name, at the ledger's time, where that is allowed."""
        if not self._operator_signals:
            return UnfiledResult(filed=None)
        try:
            in_whose_name = {"actor": OPERATOR, "received_at": None, "position": None}
            filed = await filings.file_step(self._engine, unfiled.step.model_copy(update=in_whose_name))
        except (KeyReused, NotStorable):
            return UnfiledResult(filed=None)
        await filings.mark_signalled(self._engine, [filed.envelope.step_id])
        return UnfiledResult(filed=filed.envelope if filed.decision is None else None)


def _years(held: CalendarInForce, digests: set[str]) -> list[CalendarYear]:
    return [year for year in held.calendar.years if year.digest in digests]
