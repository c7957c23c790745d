"""Filing steps: the ledger first, then the signal, then the decision, for which many are awaited together."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from uuid import UUID

from api.web.runtime import Runtime, TemporalDown
from messages.envelope import Decision, StepEnvelope
from signalling import NotStarted, signal_step
from store.errors import BatchUnknown, StoreError
from store.ledger import filings
from temporal import running, skipping

# So many batches are written to at the same time; the steps of one batch go in one after the other.
_BATCHES_AT_ONCE = 8
_SECONDS_FOR_EACH = 0.05
_LONGEST_SECONDS = 60.0


@dataclass(frozen=True)
class _HandedIn:
    """A step that is on the ledger. ``coming``: its signal has gone out and no decision is known yet."""

    envelope: StepEnvelope
    decision: Decision | None
    coming: bool = False


async def file(deps: Runtime, envelope: StepEnvelope) -> tuple[StepEnvelope, Decision | None]:
    """File, signal, and wait for the decision as long as the settings say. Raises as the ledger does."""
    # Registered first, so that a decision cannot slip by between the filing and the waiting.
    async with deps.listener.expect(envelope.step_id) as decided:
        handed_in = await _hand_in(deps, envelope)
        if not handed_in.coming:
            return handed_in.envelope, handed_in.decision
        try:
            async with asyncio.timeout(deps.settings.decision_timeout_seconds):
                return handed_in.envelope, await decided
        except TimeoutError:
            return handed_in.envelope, await filings.decision_of(deps.engine, envelope.step_id)


async def file_all(
    deps: Runtime, envelopes: Sequence[StepEnvelope]
) -> dict[UUID, Decision | StoreError | None]:
    """As :func:`file` for many different steps, those of a batch in their order; the answers by their ids.

    A step that the ledger does not take is answered with its error, and so is what follows it in its batch,
    which is not filed either; other batches go on. All are filed before any decision is waited for, and then
    all are waited for together, so that with every worker down a long list takes as long as a short one.
    """
    in_batches: dict[str, list[int]] = {}
    for place, envelope in enumerate(envelopes):
        in_batches.setdefault(envelope.batch_no, []).append(place)
    handed_in: dict[int, _HandedIn] = {}
    answers: dict[UUID, Decision | StoreError | None] = {}
    at_once = asyncio.Semaphore(_BATCHES_AT_ONCE)

    async def hand_in(places: list[int]) -> None:
        async with at_once:
            for nth, place in enumerate(places):
                try:
                    handed_in[place] = await _hand_in(deps, envelopes[place])
                except StoreError as error:
                    answers.update((envelopes[left].step_id, error) for left in places[nth:])
                    return

    async with AsyncExitStack() as stack:
        decided = [await stack.enter_async_context(deps.listener.expect(one.step_id)) for one in envelopes]
        try:
            async with asyncio.TaskGroup() as group:
                for places in in_batches.values():
                    group.create_task(hand_in(places))
        except ExceptionGroup as failed:
            # What is filed is filed; the same list again goes on from there.
            raise failed.exceptions[0] from None
        coming = [decided[place] for place, one in handed_in.items() if one.coming]
        if coming:
            patience = deps.settings.decision_timeout_seconds + _SECONDS_FOR_EACH * len(envelopes)
            await asyncio.wait(coming, timeout=min(patience, _LONGEST_SECONDS))
        heard = {place: decided[place].result() for place in handed_in if decided[place].done()}
    unheard = [one.envelope.step_id for place, one in handed_in.items() if one.coming and place not in heard]
    stored = await filings.filed_steps(deps.engine, unheard) if unheard else {}
    for place, one in handed_in.items():
        known = stored.get(one.envelope.step_id)
        decision = heard.get(place) or one.decision or (known.decision if known else None)
        answers[one.envelope.step_id] = decision
    return answers


async def _hand_in(deps: Runtime, envelope: StepEnvelope) -> _HandedIn:
    await follow_the_batchs_clock(deps, envelope.batch_no)
    filed = await filings.file_step(deps.engine, envelope)
    if filed.decision is not None:
        return _HandedIn(filed.envelope, filed.decision)
    try:
        async with deps.temporal.reached() as client:
            refusal = await signal_step(
                deps.engine, client, filed.envelope, task_queue=deps.settings.task_queue
            )
    except NotStarted:
        return _HandedIn(filed.envelope, None)
    except (TemporalDown, running.NotTaken):
        # Filed is filed: the relay signals it, or sets its batch aside, and the decision follows.
        return _HandedIn(filed.envelope, await filings.decision_of(deps.engine, envelope.step_id))
    if refusal is not None:
        return _HandedIn(filed.envelope, refusal)
    deps.signalled(envelope.step_id)
    return _HandedIn(filed.envelope, None, coming=True)


async def follow_the_batchs_clock(deps: Runtime, batch_no: str) -> None:
    """Where batches may be fast-forwarded, the ledger stamps with the batch's own clock."""
    if not deps.settings.time_skipping:
        return
    with suppress(TemporalDown, BatchUnknown):
        async with deps.temporal.reached() as client:
            now = await skipping.fast_forwarded_to(client, batch_no)
        if now is not None:
            await filings.follow_clock(deps.engine, batch_no, now)
