"""A mail server that keeps what it takes in."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """What the server took in; ``refusing`` is how it answers instead."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.being_brought = 0
        self.takes_seconds = 0.0
        self.refusing: str | None = None
        self.unknown: str | None = None

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.unknown:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.being_brought += 1
        await asyncio.sleep(self.takes_seconds)
        if self.refusing:
            return self.refusing
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"
