"""By which way each letter leaves: put together from the settings, once, when a worker starts."""

from collections.abc import Mapping

from activities.enclosures import Enclosure
from activities.outgoing import OutboxOnly, OutgoingPort, SmtpPort
from activities.platforms import PlatformLetters, read_operators
from activities.webhooks import Endpoint
from law.vocabulary import Recipient
from messages.records import Paper
from settings import Settings
from store.documents.outbox import Outgoing
from store.documents.papers import HandedOver


class LinkedPlatforms:
    """Letters to linked operators by webhook, all others by ``others``."""

    def __init__(
        self, operators: Mapping[str, Endpoint], linked: PlatformLetters, others: OutgoingPort
    ) -> None:
        self._operators = operators
        self._linked = linked
        self._others = others

    @property
    def mails(self) -> bool:
        return self._others.mails

    def links(self, platform: str) -> bool:
        return platform in self._operators

    def at_once(self, paper: Paper) -> HandedOver | None:
        # What the workflow foresaw not to go electronically does not, though a link be there meanwhile.
        if paper.is_mailable and self._operator(paper):
            return None
        return self._others.at_once(paper)

    async def send(self, document: Outgoing, pdf: bytes, enclosure: Enclosure | None) -> HandedOver:
        if operator := self._operator(document):
            return await self._linked.send(operator, document, pdf)
        return await self._others.send(document, pdf, enclosure)

    def _operator(self, document: Paper | Outgoing) -> Endpoint | None:
        if document.recipient is not Recipient.PLATFORM:
            return None
        return self._operators.get(document.recipient_name)


def port_for(settings: Settings) -> OutgoingPort:
    """Raises ``SettingFaulty``."""
    others = SmtpPort(settings.smtp_url, settings.smtp_from) if settings.smtp_url else OutboxOnly()
    if settings.platforms is None:
        return others
    return LinkedPlatforms(
        read_operators(settings.platforms), PlatformLetters(settings.public_address), others
    )
