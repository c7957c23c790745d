"""Letters to a platform operator's own system: signed, taken in once, or left to people."""

import asyncio
import hashlib
import logging
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.channels import LinkedPlatforms
from activities.outgoing import OutboxOnly
from activities.platforms import GIVEN_UP_AFTER, PlatformLetters, read_operators
from law.calendar import day_in_shanghai
from law.vocabulary import DocumentKind, Recipient, Role
from local.embedded.ports import free_port
from messages.records import DispatchInput, DispatchResult, Paper, TimelineKind
from messages.steps import StepName
from messages.steps.service import FailureCause
from store.documents import letters, outbox
from store.ledger import filings
from store.reads import read_model
from tests.activities.operators import SECRET, OperatorSystem, operator_system, says
from tests.activities.test_dispatching import TYPESETTER, dispatching_by, make_out
from tests.store.builders import open_one, paper

NAME = "示例电商平台"


@pytest.fixture
async def system() -> AsyncIterator[OperatorSystem]:
    async with operator_system() as listening:
        yield listening


def port_to(system: OperatorSystem, folder: Path, **patience: float) -> LinkedPlatforms:
    """Nothing but the link: whatever else leaves goes by hand."""
    webhooks = PlatformLetters("https://bureau.example", **patience)  # type: ignore[arg-type]
    return LinkedPlatforms(read_operators(system.file(folder, NAME)), webhooks, OutboxOnly())


def to_platform(document_id: str = "d-1", **fields: object) -> Paper:
    return paper(document_id, recipient=Recipient.PLATFORM, recipient_name=NAME, **fields)


async def dispatch(
    engine: AsyncEngine,
    batch_no: str,
    port: LinkedPlatforms,
    *document_ids: str,
    since: timedelta = timedelta(0),
) -> DispatchResult:
    """One attempt of the activity, ``since`` it was first scheduled."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, started_time=environment.info.scheduled_time + since)
    given = DispatchInput(batch_no=batch_no, document_ids=document_ids)
    result: DispatchResult = await environment.run(dispatching_by(engine, port).dispatch, given)
    return result


async def how_it_left(engine: AsyncEngine, batch_no: str) -> tuple[str | None, str | None]:
    (shown,) = (await read_model.batch(engine, batch_no)).documents
    return shown.channel, shown.detail


async def test_a_letter_is_taken_in_once_with_its_signature(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path
) -> None:
    """The operator verifies it, reads it, and holds the very PDF that everybody opens."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    assert (await make_out(engine, opening.batch_no, port, to_platform())).sent == {}
    first = await dispatch(engine, opening.batch_no, port, "d-1")
    assert await dispatch(engine, opening.batch_no, port, "d-1") == first
    ((webhook_id, message),) = system.received
    (shown,) = (await read_model.batch(engine, opening.batch_no)).documents
    pdf = b64decode(message.pop("pdf"))
    kept = await letters.opened(engine, "d-1", TYPESETTER)
    assert (pdf, message.pop("pdf_sha256")) == (kept.pdf, hashlib.sha256(pdf).hexdigest())
    secret = (await letters.facts(engine, "d-1")).secret
    assert message.pop("verification_url") == f"https://bureau.example/verify/{secret}"
    assert webhook_id == "d-1"
    assert datetime.fromisoformat(message.pop("created_at")) == shown.created_at
    assert message == {
        "batch_no": opening.batch_no,
        "document_id": "d-1",
        "number": shown.number,
        "kind": "result_notice",
        "title": "抽检结果通知书",
        "recipient_name": NAME,
        "fields": shown.fields,
        "field_titles": shown.field_titles,
        "rests_on": "§6",
        "sha256": shown.sha256,
    }
    assert (shown.channel, shown.detail) == (
        "platform",
        f"127.0.0.1:{system.port} 已接收（HTTP 200），未给回执",
    )
    kinds = [line.kind for line in await read_model.timeline(engine, opening.batch_no)]
    assert kinds.count(TimelineKind.DOCUMENT_SENT) == 1
    assert await filings.unsignalled(engine, -60, 10) == []


async def test_the_platforms_receipt_becomes_a_step_once(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path
) -> None:
    """The receipt in its answer is filed by the system, as delivered on the day it left."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    system.answers = [says(202, '{"receipt": " 回执-001 "}')]
    await make_out(engine, opening.batch_no, port, to_platform())
    result = await dispatch(engine, opening.batch_no, port, "d-1")
    await dispatch(engine, opening.batch_no, port, "d-1")
    (envelope,) = await filings.unsignalled(engine, -60, 10)
    assert (envelope.step, envelope.actor.role) == (StepName.NOTICE_DELIVERED, Role.SYSTEM)
    assert envelope.body == {
        "notice": "result_notice",
        "recipient": "platform",
        "delivered_on": str(day_in_shanghai(result.sent_at["d-1"])),
        "means": "platform",
        "receipt": "回执-001",
    }


async def test_a_receipt_survives_a_crash_before_it_is_filed(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed once the letter was noted as sent: the next attempt files the receipt, and sends nothing."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    system.answers = [says(200, '{"receipt": "R-1"}'), says(200, '{"receipt": "R-2"}')]
    await make_out(engine, opening.batch_no, port, to_platform())

    async def crash(*_args: object) -> None:
        raise ConnectionResetError("killed before it was filed")

    with monkeypatch.context() as killed:
        killed.setattr(filings, "file_step", crash)
        with pytest.raises(ConnectionResetError):
            await dispatch(engine, opening.batch_no, port, "d-1")
    assert await filings.unsignalled(engine, -60, 10) == []
    for _ in range(2):
        await dispatch(engine, opening.batch_no, port, "d-1")
    (envelope,) = await filings.unsignalled(engine, -60, 10)
    assert (envelope.body["receipt"], len(system.received)) == ("R-1", 1)


async def test_a_letter_repeated_after_a_crash_is_known_for_one(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken in but not noted, it comes again: under the same webhook-id, word for word."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    await make_out(engine, opening.batch_no, port, to_platform())

    async def crash(*_args: object) -> datetime:
        raise ConnectionResetError("killed before it was noted")

    with monkeypatch.context() as killed:
        killed.setattr(outbox, "mark_sent", crash)
        killed.setattr("activities.dispatch._NOTING_SECONDS", 0)
        with pytest.raises(ConnectionResetError):
            await dispatch(engine, opening.batch_no, port, "d-1")
    await dispatch(engine, opening.batch_no, port, "d-1")
    once, again = system.received
    assert once == again
    kinds = [line.kind for line in await read_model.timeline(engine, opening.batch_no)]
    assert kinds.count(TimelineKind.DOCUMENT_SENT) == 1


async def test_a_receipt_for_what_is_not_served_is_only_noted(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path
) -> None:
    """Nobody waits for the delivery of a referral letter: its receipt stands in the outbox."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    system.answers = [says(200, '{"receipt": "R-1"}')]
    letter = to_platform(kind=DocumentKind.REFERRAL_LETTER, title="交办函")
    await make_out(engine, opening.batch_no, port, letter)
    await dispatch(engine, opening.batch_no, port, "d-1")
    assert await filings.unsignalled(engine, -60, 10) == []
    channel, detail = await how_it_left(engine, opening.batch_no)
    assert (channel, (detail or "").endswith("回执 R-1")) == ("platform", True)


@pytest.mark.parametrize(
    "answer",
    [
        "<html>谢谢</html>",
        "[]",
        '{"receipt": 7}',
        '{"receipt": "  "}',
        '{"receipt": "a\\u0000b"}',
        '{"receipt": "两\\n行"}',
        f'{{"receipt": "{"长" * 201}"}}',
        f'{{"receipt": "R-1", "filling": "{"x" * 70_000}"}}',
        "[" * 60_000,
    ],
)
async def test_an_answer_without_a_usable_receipt_takes_the_letter_in_all_the_same(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path, answer: str
) -> None:
    """Garbage, too long, not to be put on record: the letter is there, people record its delivery."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    system.answers = [says(200, answer)]
    await make_out(engine, opening.batch_no, port, to_platform())
    assert (await dispatch(engine, opening.batch_no, port, "d-1")).failed == {}
    assert (await how_it_left(engine, opening.batch_no))[0] == "platform"
    assert await filings.unsignalled(engine, -60, 10) == []


@pytest.mark.parametrize(("status", "headers"), [(410, {}), (400, {}), (307, {"location": "/elsewhere"})])
async def test_a_refusal_for_good_leaves_the_letter_to_people(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path, status: int, headers: dict[str, str]
) -> None:
    """Gone, not understood or sent elsewhere: nothing is followed or repeated, the post queue has it."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    system.answers = [says(status, **headers)]
    await make_out(engine, opening.batch_no, port, to_platform())
    result = await dispatch(engine, opening.batch_no, port, "d-1")
    assert await dispatch(engine, opening.batch_no, port, "d-1") == result
    failure = result.failed["d-1"]
    assert failure.cause is FailureCause.PLATFORM_REFUSED
    assert failure.reason == f"127.0.0.1:{system.port}：HTTP {status}"
    assert result.sent_at == {}
    channel, detail = await how_it_left(engine, opening.batch_no)
    assert (channel, "待人工递送" in (detail or "")) == ("outbox", True)
    assert (len(system.received), system.elsewhere) == (1, 0)


async def test_a_system_that_is_busy_takes_the_letter_in_later(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path
) -> None:
    """Two attempts fail visibly, with what was answered; the third one is noted, once."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    system.answers = [says(503), says(429, retry_after="7"), says(200)]
    await make_out(engine, opening.batch_no, port, to_platform())
    delays = []
    for status in (503, 429):
        with pytest.raises(ApplicationError, match=f"{NAME}.*d-1：HTTP {status}") as failed:
            await dispatch(engine, opening.batch_no, port, "d-1")
        assert not failed.value.non_retryable
        delays.append(failed.value.next_retry_delay)
    assert delays == [None, timedelta(seconds=7)]
    assert (await outbox.left(engine, ["d-1"])).sent_at == {}
    assert set((await dispatch(engine, opening.batch_no, port, "d-1")).sent_at) == {"d-1"}
    assert [webhook_id for webhook_id, _ in system.received] == ["d-1"] * 3
    kinds = [line.kind for line in await read_model.timeline(engine, opening.batch_no)]
    assert kinds.count(TimelineKind.DOCUMENT_SENT) == 1


async def test_a_system_that_stalls_is_tried_again(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path
) -> None:
    """No answer in time is no acceptance."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path, patience_seconds=0.5)

    async def stall(_request: Request) -> Response:
        await asyncio.sleep(2)
        return Response()

    system.answers = [stall, says(200)]
    await make_out(engine, opening.batch_no, port, to_platform())
    with pytest.raises(ApplicationError, match="ReadTimeout"):
        await dispatch(engine, opening.batch_no, port, "d-1")
    patient = port_to(system, tmp_path)
    assert set((await dispatch(engine, opening.batch_no, patient, "d-1")).sent_at) == {"d-1"}


async def test_an_answer_that_breaks_off_has_taken_the_letter_in(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path
) -> None:
    """Its status has said so; only the receipt is lost."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path, patience_seconds=2)

    async def trickle(_request: Request) -> Response:
        async def parts() -> AsyncIterator[str]:
            yield '{"receipt": '
            await asyncio.sleep(5)
            yield '"R-1"}'

        return StreamingResponse(parts())

    system.answers = [trickle]
    await make_out(engine, opening.batch_no, port, to_platform())
    await dispatch(engine, opening.batch_no, port, "d-1")
    assert (await how_it_left(engine, opening.batch_no))[1] == (
        f"127.0.0.1:{system.port} 已接收（HTTP 200），未给回执"
    )


@pytest.mark.parametrize("listening", [True, False])
async def test_after_a_day_people_see_to_it(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path, listening: bool
) -> None:
    """Down or busy for 24 hours since the letter was first to be sent: it goes into the post queue."""
    opening = await open_one(engine)
    system.answers = [says(503)]
    if not listening:
        system.port = free_port()
    port = port_to(system, tmp_path)
    await make_out(engine, opening.batch_no, port, to_platform())
    with pytest.raises(ApplicationError):
        await dispatch(engine, opening.batch_no, port, "d-1", since=GIVEN_UP_AFTER - timedelta(seconds=1))
    result = await dispatch(engine, opening.batch_no, port, "d-1", since=GIVEN_UP_AFTER)
    reason = result.failed["d-1"].reason
    assert reason.endswith("24小时内未能接收")
    assert ("HTTP 503" if listening else "ConnectError") in reason


async def test_only_what_goes_to_a_linked_platform_waits_for_it(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path
) -> None:
    """Another platform's letters, other people's, and those foreseen to leave by hand, leave at once."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    left = await make_out(
        engine,
        opening.batch_no,
        port,
        to_platform("d-linked"),
        to_platform("d-foreseen", leaves=True),
        paper("d-other", recipient=Recipient.PLATFORM, recipient_name="别的平台"),
        paper("d-seller", recipient_name=NAME),
    )
    assert set(left.sent) == {"d-foreseen", "d-other", "d-seller"}
    assert system.received == []
    assert (port.links(NAME), port.links("别的平台"), port.mails) == (True, False, False)


async def test_a_letter_outlives_its_link(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path
) -> None:
    """Made out for the link, dispatched by a worker that knows none any more: people hand it over."""
    opening = await open_one(engine)
    await make_out(engine, opening.batch_no, port_to(system, tmp_path), to_platform())
    unlinked = LinkedPlatforms({}, PlatformLetters("https://bureau.example"), OutboxOnly())
    assert (await dispatch(engine, opening.batch_no, unlinked, "d-1")).failed == {}
    assert (await how_it_left(engine, opening.batch_no))[0] == "outbox"
    assert system.received == []


async def test_a_secret_is_said_nowhere(
    engine: AsyncEngine, system: OperatorSystem, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in an attempt's failure, the log, the outbox, the timeline or what the operator is printed as."""
    opening = await open_one(engine)
    port = port_to(system, tmp_path)
    await make_out(engine, opening.batch_no, port, to_platform())
    said = [repr(read_operators(system.file(tmp_path, NAME)))]
    with caplog.at_level(logging.DEBUG):
        for system.answers in ([says(500)], [says(403)]):
            try:
                await dispatch(engine, opening.batch_no, port, "d-1")
            except ApplicationError as failed:
                said.append(repr(failed))
    said += [caplog.text, str(await how_it_left(engine, opening.batch_no))]
    said.append(str(await read_model.timeline(engine, opening.batch_no)))
    assert not [one for one in said if SECRET in one or SECRET.removeprefix("whsec_") in one]
