"""A letter is noted once, and is known for one, whatever the mail server does to it."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTPException
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.outgoing import GIVEN_UP_AFTER, SmtpPort
from local.embedded.ports import free_port
from messages.records import TimelineKind
from messages.steps.service import FailureCause
from settings import SettingFaulty
from store.documents import outbox
from store.reads import read_model
from tests.activities.test_dispatching import Mailbox, mail, make_out
from tests.store.builders import open_one, paper

SENDER = "choujian@bureau.example"


class Reporting(SMTP):
    """A server that offers delivery reports, which aiosmtpd itself does not know of."""

    async def smtp_MAIL(self, arg: str | None) -> None:
        await super().smtp_MAIL(self._noted(arg, "RET", "ENVID"))

    async def smtp_RCPT(self, arg: str | None) -> None:
        await super().smtp_RCPT(self._noted(arg, "NOTIFY"))

    def _noted(self, arg: str | None, *names: str) -> str:
        kept = []
        for word in (arg or "").split():
            asked = word.partition("=")[0] in names
            (self.event_handler.asked if asked else kept).append(word)
        return " ".join(kept)


class Misbehaving(Mailbox):
    """Takes letters in, and then does ``then`` instead of answering, once for each letter told."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.then: list[Callable[[SMTP], Any]] = []
        self.busy_for: str | None = None

    async def handle_EHLO(
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], *(["250-DSN"] if isinstance(server, Reporting) else []), *responses[1:]]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.busy_for:
            return "450 come back later"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.then:
            await self.then.pop(0)(server)
        return answer

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:
        return "421 tired"


IMPATIENT_SECONDS = 2.0


async def stall(_server: SMTP) -> None:
    await asyncio.sleep(2 * IMPATIENT_SECONDS)


async def hang_up(server: SMTP) -> None:
    server.transport.abort()


@pytest.fixture
def mailbox() -> Misbehaving:
    return Misbehaving()


Serve = Callable[..., AbstractContextManager[SmtpPort]]


@pytest.fixture
def serve(mailbox: Misbehaving) -> Serve:
    """A server of some kind, and the port that speaks to it."""

    @contextmanager
    def serving(
        kind: type[SMTP] = SMTP,
        patience_seconds: float = 30.0,
        given_up_after: timedelta = GIVEN_UP_AFTER,
        address: str = "smtp://127.0.0.1:{port}",
        **options: Any,
    ) -> Iterator[SmtpPort]:
        class Serving(Controller):
            def factory(self) -> SMTP:
                return kind(self.handler, **self.SMTP_kwargs)

        controller = Serving(mailbox, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        try:
            url = address.format(port=controller.port)
            yield SmtpPort(url, SENDER, timeout_seconds=patience_seconds, given_up_after=given_up_after)
        finally:
            controller.stop()

    return serving


async def times_noted(engine: AsyncEngine, batch_no: str) -> int:
    kinds = [line.kind for line in await read_model.timeline(engine, batch_no)]
    return kinds.count(TimelineKind.DOCUMENT_SENT)


@pytest.mark.parametrize("then", [stall, hang_up])
async def test_a_letter_taken_in_without_an_answer_is_repeated_as_the_same(
    engine: AsyncEngine, mailbox: Misbehaving, serve: Serve, then: Callable[[SMTP], Any]
) -> None:
    """The server stalls after the letter, or drops the connection: it comes again, word for word."""
    opening = await open_one(engine)
    with serve(patience_seconds=IMPATIENT_SECONDS) as port:
        await make_out(engine, opening.batch_no, port, paper("d-1"))
        mailbox.then = [then, then]
        for _ in range(2):
            with pytest.raises(Exception, match=r"timed out|unexpectedly closed"):
                await mail(engine, opening.batch_no, port, "d-1")
            assert await times_noted(engine, opening.batch_no) == 0
        await mail(engine, opening.batch_no, port, "d-1")
        await mail(engine, opening.batch_no, port, "d-1")
    assert len(mailbox.letters) == 3
    assert {letter["Message-ID"] for letter in mailbox.letters} == {"<d-1@bureau.example>"}
    assert len({letter.as_bytes() for letter in mailbox.letters}) == 1
    assert await times_noted(engine, opening.batch_no) == 1


async def test_a_letter_sent_by_two_attempts_at_once_is_noted_once(
    engine: AsyncEngine, mailbox: Misbehaving, serve: Serve
) -> None:
    """A worker taken for dead goes on: both mail it, under one Message-ID, and one moment stands."""
    opening = await open_one(engine)
    with serve() as port:
        await make_out(engine, opening.batch_no, port, paper("d-1"))
        one, other = await asyncio.gather(*(mail(engine, opening.batch_no, port, "d-1") for _ in range(2)))
    assert one == other
    assert {letter["Message-ID"] for letter in mailbox.letters} == {"<d-1@bureau.example>"}
    assert await times_noted(engine, opening.batch_no) == 1


async def test_one_refused_for_now_does_not_keep_the_other(
    engine: AsyncEngine, mailbox: Misbehaving, serve: Serve
) -> None:
    """Also where both are to go with one dispatch: the other has left, and this one leaves in its turn."""
    opening = await open_one(engine)
    mailbox.busy_for = "busy@example.com"
    with serve() as port:
        await make_out(engine, opening.batch_no, port, paper("d-1", email="busy@example.com"), paper("d-2"))
        with pytest.raises(Exception, match="come back later"):
            await mail(engine, opening.batch_no, port, "d-1", "d-2")
        assert set((await outbox.left(engine, ["d-1", "d-2"])).sent_at) == {"d-2"}
        mailbox.busy_for = None
        await mail(engine, opening.batch_no, port, "d-1")
    assert [letter["To"] for letter in mailbox.letters] == ["seller@example.com", "busy@example.com"]
    assert await times_noted(engine, opening.batch_no) == 2


async def test_what_a_server_will_not_take_for_a_day_is_handed_over_by_people(
    engine: AsyncEngine, mailbox: Misbehaving, serve: Serve
) -> None:
    """Told to come back later every time, or nobody there: it is left to people, and an officer knows."""
    opening = await open_one(engine)
    mailbox.busy_for = "busy@example.com"
    with serve(given_up_after=timedelta(0)) as port:
        await make_out(engine, opening.batch_no, port, paper("d-1", email="busy@example.com"))
        busy = await mail(engine, opening.batch_no, port, "d-1")
    assert busy.failed["d-1"].cause is FailureCause.EMAIL_UNSENT
    assert "450 come back later" in busy.failed["d-1"].reason
    await make_out(engine, opening.batch_no, port, paper("d-2"))
    nobody = await mail(engine, opening.batch_no, port, "d-2")
    assert "refused" in nobody.failed["d-2"].reason
    channels = {
        d.document_id: d.channel for d in (await read_model.batch(engine, opening.batch_no)).documents
    }
    assert channels == {"d-1": "outbox", "d-2": "outbox"}


async def test_a_chinese_address_goes_to_a_server_that_knows_ascii_only(
    engine: AsyncEngine, mailbox: Misbehaving, serve: Serve
) -> None:
    """A domain in Chinese has an ASCII form; a name has none, and people hand over what nobody can mail."""
    opening = await open_one(engine)
    with serve(enable_SMTPUTF8=False) as port:
        await make_out(
            engine,
            opening.batch_no,
            port,
            paper("d-1", email="zhang@例子.中国"),
            paper("d-2", email="张三@例子.中国"),
        )
        dispatched = await mail(engine, opening.batch_no, port, "d-1", "d-2")
    assert [letter["To"] for letter in mailbox.letters] == ["zhang@xn--fsqu00a.xn--fiqs8s"]
    assert set(dispatched.sent_at) == {"d-1"}
    assert dispatched.failed["d-2"].reason == (
        "收件服务器拒收（张三@例子.中国）：553 发件服务器不支持中文邮箱地址（SMTPUTF8）"
    )
    channels = {
        d.document_id: d.channel for d in (await read_model.batch(engine, opening.batch_no)).documents
    }
    assert channels == {"d-1": "email", "d-2": "outbox"}


async def test_a_chinese_address_is_mailed_by_a_server_that_can(
    engine: AsyncEngine, mailbox: Misbehaving, serve: Serve
) -> None:
    """As it stands, by SMTPUTF8."""
    opening = await open_one(engine)
    with serve(enable_SMTPUTF8=True) as port:
        await make_out(engine, opening.batch_no, port, paper("d-1", email="张三@例子.中国"))
        dispatched = await mail(engine, opening.batch_no, port, "d-1")
    assert dispatched.failed == {}
    assert len(mailbox.letters) == 1


async def test_a_bad_farewell_is_no_failure(engine: AsyncEngine, mailbox: Misbehaving, serve: Serve) -> None:
    """Once a letter has been taken in, nothing the server says makes it go again."""
    opening = await open_one(engine)
    with serve() as port:
        await make_out(engine, opening.batch_no, port, paper("d-1"))
        await mail(engine, opening.batch_no, port, "d-1")
    assert len(mailbox.letters) == await times_noted(engine, opening.batch_no) == 1


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Reporting, ["RET=HDRS", "ENVID=d-1", "NOTIFY=SUCCESS,FAILURE,DELAY"]),
        (SMTP, []),
    ],
)
async def test_a_server_that_can_is_asked_for_reports(
    engine: AsyncEngine, mailbox: Misbehaving, serve: Serve, kind: type[SMTP], asked: list[str]
) -> None:
    """The envelope carries the document's id; a server that does not offer reports is not asked."""
    opening = await open_one(engine)
    with serve(kind) as port:
        await make_out(engine, opening.batch_no, port, paper("d-1"))
        await mail(engine, opening.batch_no, port, "d-1")
    assert mailbox.asked == asked
    assert len(mailbox.letters) == 1


async def test_a_letter_does_not_go_to_a_server_that_cannot_prove_who_it_is(
    engine: AsyncEngine, mailbox: Misbehaving, serve: Serve, tmp_path: Path
) -> None:
    """STARTTLS where it is offered; its certificate is checked before anything is said."""
    opening = await open_one(engine)
    with serve(tls_context=_self_signed(tmp_path)) as port:
        await make_out(engine, opening.batch_no, port, paper("d-1"))
        with pytest.raises(ssl.SSLCertVerificationError):
            await mail(engine, opening.batch_no, port, "d-1")
    assert mailbox.letters == []
    assert await times_noted(engine, opening.batch_no) == 0


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    file = folder / "mail.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


async def test_a_letter_is_handed_to_no_server_without_tls(mailbox: Misbehaving, serve: Serve) -> None:
    """127.1 is this machine under a name that does not say so; the setting can say that plain is meant."""
    message = EmailMessage()
    message["From"], message["To"] = SENDER, "seller@example.com"
    with (
        serve(address="smtp://127.1:{port}") as port,
        pytest.raises(SMTPException, match="STARTTLS"),
    ):
        await port.post(message, "d-1")
    assert not mailbox.letters
    with serve(address="smtp://127.1:{port}?tls=off") as port:
        await port.post(message, "d-1")
    assert mailbox.letters
    with pytest.raises(SettingFaulty, match="tls=off"):
        SmtpPort("smtp://mail.example?tls=maybe", SENDER)
