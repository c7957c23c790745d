"""The one port by which documents leave the house, and the ways behind it: by hand, website, e-mail."""

import asyncio
import hashlib
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

from temporalio import activity

from activities.enclosures import Enclosure
from activities.rendering import plain_text
from law.vocabulary import Recipient
from messages.letter import LetterFaulty
from messages.records import Failure, Paper
from messages.steps.service import FailureCause
from messages.text import legible
from settings import SettingFaulty, on_this_machine
from store.documents.outbox import Outgoing
from store.documents.papers import HandedOver

# Then people hand the letter over: whose term has begun, or is to begin with it, must not wait for a server.
GIVEN_UP_AFTER = timedelta(hours=24)
_TIMEOUT_SECONDS = 30.0
_REFUSED_FOR_GOOD = 500
_NAME_NOT_ALLOWED = 553
_LONGEST_REASON = 1000
_PLAIN = "tls=off"


class OutgoingPort(Protocol):
    @property
    def mails(self) -> bool:
        """Whether letters are mailed to whoever has an e-mail address."""

    def links(self, platform: str) -> bool:
        """Whether the platform operator of this name takes letters by its own system."""

    def at_once(self, paper: Paper) -> HandedOver | None:
        """By which way a paper leaves with the record it is made out in; None for one that is dispatched."""

    async def send(self, document: Outgoing, pdf: bytes, enclosure: Enclosure | None) -> HandedOver:
        """Send a document as the letter ``pdf``, or raise; the same may come again after a crash."""


class OutboxOnly:
    """Nothing is mailed: the public's papers are published, the others are handed over by people."""

    mails = False

    def links(self, platform: str) -> bool:  # noqa: ARG002 (nobody is)
        return False

    def at_once(self, paper: Paper) -> HandedOver | None:
        return _by_hand_or_website(paper)

    async def send(self, document: Outgoing, pdf: bytes, enclosure: Enclosure | None) -> HandedOver:  # noqa: ARG002
        """A letter that was to be mailed while a mail server was configured."""
        return _by_hand_or_website(document)


def tried_for() -> timedelta:
    """How long the activity at work has been tried, by Temporal's clock: a fast-forwarded batch's own."""
    info = activity.info()
    return info.started_time - info.scheduled_time


def _by_hand_or_website(document: Paper | Outgoing) -> HandedOver:
    if document.recipient is Recipient.PUBLIC:
        return HandedOver("website", "已在市局网站公开信息接口发布")
    return HandedOver("outbox", f"待人工递送：{document.address or document.recipient_name}")


@dataclass(frozen=True)
class _MailServer:
    host: str
    port: int
    tls: bool
    may_be_plain: bool
    user: str | None
    password: str | None
    timeout_seconds: float


class _NotEncrypted(smtplib.SMTPException):
    """Not for good: the server may be put right, or the setting say that plain is meant."""


class SmtpPort:
    """E-mail for those who have an address, the outbox for the others."""

    mails = True

    def links(self, platform: str) -> bool:  # noqa: ARG002 (nobody is)
        return False

    def __init__(
        self,
        url: str,
        sender: str,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        given_up_after: timedelta = GIVEN_UP_AFTER,
    ) -> None:
        """``url``: ``smtps://user:password@host:port``, or ``smtp://…``, which is STARTTLS.

        Letters name people: without TLS none is handed over, but to a server on this machine, or where the
        address says ``?tls=off``. Certificates are verified against the system's authorities.
        ``timeout_seconds``: of each of the server's answers; ``given_up_after``: since sending was asked for.
        """
        self._given_up_after = given_up_after
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise SettingFaulty("CHOUJIAN_SMTP_URL 应为 smtp://… 或 smtps://…。")
        if parts.query not in {"", _PLAIN}:
            raise SettingFaulty(f"CHOUJIAN_SMTP_URL 问号之后只能是 {_PLAIN}，即允许不加密发送。")
        tls = parts.scheme == "smtps"
        self._server = _MailServer(
            parts.hostname,
            parts.port or (465 if tls else 25),
            tls,
            parts.query == _PLAIN or on_this_machine(parts.hostname),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            timeout_seconds,
        )
        self._sender = sender

    @property
    def sender(self) -> str:
        return self._sender

    async def post(self, message: EmailMessage, envelope_id: str) -> None:
        """Hand any message over, or raise ``smtplib.SMTPException`` or ``OSError``."""
        await asyncio.to_thread(_deliver, self._server, message, envelope_id)

    def at_once(self, paper: Paper) -> HandedOver | None:
        by_mail = paper.email is not None and paper.recipient is not Recipient.PUBLIC and paper.is_mailable
        return None if by_mail else _by_hand_or_website(paper)

    async def send(self, document: Outgoing, pdf: bytes, enclosure: Enclosure | None) -> HandedOver:
        if document.email is None:
            return _by_hand_or_website(document)
        letter = _letter(document, pdf, enclosure, document.email, self._sender)
        try:
            await self.post(letter, document.document_id)
        except (smtplib.SMTPException, OSError) as fault:
            if isinstance(fault, smtplib.SMTPException) and _for_good(fault):
                # No retry will change it: somebody has to hand the letter over another way.
                reason = f"收件服务器拒收（{document.email}）：{_answered(fault)}"
                refusal = Failure(cause=FailureCause.EMAIL_BOUNCED, reason=reason[:_LONGEST_REASON])
                return HandedOver("outbox", f"邮件（{document.email}）被拒收，待人工递送", refusal)
            if tried_for() < self._given_up_after:
                raise
            hours = self._given_up_after / timedelta(hours=1)
            reason = f"{hours:g}小时内未能发出（{document.email}）：{_said(fault)}"
            unsent = Failure(cause=FailureCause.EMAIL_UNSENT, reason=reason[:_LONGEST_REASON])
            return HandedOver("outbox", f"邮件（{document.email}）未能发出，待人工递送", unsent)
        return HandedOver("email", f"{document.email} {letter['Message-ID']}")


def _for_good(refused: smtplib.SMTPException) -> bool:
    """Whether the server refused this letter or its addressee for good (5xx), not our log-in or for now."""
    if isinstance(refused, smtplib.SMTPRecipientsRefused):
        return all(code >= _REFUSED_FOR_GOOD for code, _ in refused.recipients.values())
    return isinstance(refused, smtplib.SMTPDataError) and refused.smtp_code >= _REFUSED_FOR_GOOD


def _answered(refused: smtplib.SMTPException) -> str:
    """What the server said."""
    answers = (
        list(refused.recipients.values())
        if isinstance(refused, smtplib.SMTPRecipientsRefused)
        else [refused.args]
    )
    told = [
        f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
        for code, said, *_ in answers
    ]
    return legible("；".join(told))


def _said(fault: Exception) -> str:
    """What the server said for now, or why there is none to be spoken to."""
    if isinstance(fault, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
        return _answered(fault)
    return str(fault) or type(fault).__name__


def unprintable(document: Outgoing, fault: LetterFaulty) -> HandedOver:
    """No retry makes a letter of it: somebody has to bring the text into a form that can be handed over."""
    detail = f"无法生成版式文件（{fault.reason}），待人工递送：{document.recipient_name}"
    return HandedOver("outbox", detail, Failure(cause=FailureCause.UNPRINTABLE, reason=fault.reason))


def _letter(
    document: Outgoing, pdf: bytes, enclosure: Enclosure | None, to: str, sender: str
) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = _sayable(to)
    letter["Subject"] = f"{document.title}（{document.batch_no}）"
    letter["Date"] = format_datetime(document.created_at)
    # The same for every attempt, so that a letter that went out twice is known for one.
    letter["Message-ID"] = f"<{document.document_id.replace(':', '.')}@{sender.rpartition('@')[2]}>"
    said = "" if enclosure is None else f"\n{enclosure.in_words}。\n"
    letter.set_content(plain_text(document) + said)
    name = f"{document.title}（{document.number}）.pdf"
    letter.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    if enclosure is not None and enclosure.content is not None:
        kind, _, form = enclosure.media_type.partition("/")
        letter.add_attachment(enclosure.content, maintype=kind, subtype=form, filename=enclosure.filename)
    letter.set_boundary(f"letter-{hashlib.sha256(pdf).hexdigest()}")
    return letter


def _sayable(address: str) -> str:
    """An address whose domain is in Chinese as every server takes it; where its name is too, as it stands."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode()}" if name.isascii() else address


def _deliver(server: _MailServer, letter: EmailMessage, envelope_id: str) -> None:
    """Hand a letter to the server, which is asked to tell what becomes of it where it can (RFC 3461)."""
    context = ssl.create_default_context()
    connection = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_seconds, context=context)
        if server.tls
        else smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
    )
    try:
        # What a server offers is known only once it has been greeted, and anew under TLS.
        connection.ehlo_or_helo_if_needed()
        if not server.tls and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
        elif not (server.tls or server.may_be_plain):
            raise _NotEncrypted("发件服务器不提供加密连接（STARTTLS），未发送")
        if server.user is not None:
            connection.login(server.user, server.password or "")
        to = str(letter["To"])
        if not to.isascii() and not connection.has_extn("smtputf8"):
            said = "发件服务器不支持中文邮箱地址（SMTPUTF8）"
            raise smtplib.SMTPRecipientsRefused({to: (_NAME_NOT_ALLOWED, said.encode())})
        reports = connection.has_extn("dsn")
        connection.send_message(
            letter,
            mail_options=("RET=HDRS", f"ENVID={envelope_id}") if reports else (),
            rcpt_options=("NOTIFY=SUCCESS,FAILURE,DELAY",) if reports else (),
        )
        with suppress(OSError, smtplib.SMTPException):  # it has been taken in
            connection.quit()
    finally:
        connection.close()
