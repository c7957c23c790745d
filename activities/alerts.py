"""Telling staff what is due or late; a convenience, never proof of legal service."""

import asyncio

import apprise
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.keeping import EVERY_SECONDS, keep
from store.ledger import alerts
from store.ledger.alerts import AlertState

_AT_A_TIME = 100


class Alerting:
    def __init__(self, engine: AsyncEngine, urls: str) -> None:
        """``urls``: Apprise addresses separated by spaces; with none, alerts are only written down."""
        self._engine = engine
        self._urls = tuple(urls.split())

    async def keep_alerting(self) -> None:
        """Until cancelled; beside the relay, so that a messenger that does not answer holds up no step."""
        await keep("alerts", self._round)

    async def _round(self) -> float:
        await self.send_due()
        return EVERY_SECONDS

    async def send_due(self) -> int:
        """Tell what has been written down and not been told; how much. A failed one comes again later."""
        waiting = await alerts.due(self._engine, _AT_A_TIME)
        if waiting and not self._urls:
            keys = [alert.key for alert in waiting]
            await alerts.settle(self._engine, keys, AlertState.NOT_CONFIGURED)
            return len(waiting)
        for alert in waiting:
            title = f"{alert.to_title}：{alert.title}"
            sent = await asyncio.to_thread(_notify, self._urls, title, alert.text)
            state = AlertState.SENT if sent else AlertState.FAILED
            await alerts.settle(self._engine, [alert.key], state)
        return len(waiting)


def _notify(urls: tuple[str, ...], title: str, body: str) -> bool:
    channel = apprise.Apprise()
    added = [channel.add(url) for url in urls]
    return all(added) and bool(channel.notify(title=title, body=body))
