"""Telling staff what is due or late; a convenience, never proof of legal service."""

import asyncio

import apprise
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from messages.records import AlertInput
from store import alerts
from store.alerts import AlertState


class Alerting:
    def __init__(self, engine: AsyncEngine, urls: str) -> None:
        """``urls``: Apprise addresses separated by spaces; with none, alerts are only written down."""
        self._engine = engine
        self._urls = tuple(urls.split())

    @activity.defn(name="alert")
    async def alert(self, alert: AlertInput) -> bool:
        """Tell once by the alert's key; whether it went out. A failed one is tried again by the next call."""
        state = await alerts.note(self._engine, alert)
        if state is AlertState.SENT:
            return True
        if not self._urls:
            await alerts.settle(self._engine, alert.key, AlertState.NOT_CONFIGURED)
            return False
        sent = await asyncio.to_thread(_notify, self._urls, f"{alert.to_title}：{alert.title}", alert.text)
        await alerts.settle(self._engine, alert.key, AlertState.SENT if sent else AlertState.FAILED)
        return sent


def _notify(urls: tuple[str, ...], title: str, body: str) -> bool:
    channel = apprise.Apprise()
    added = [channel.add(url) for url in urls]
    return all(added) and bool(channel.notify(title=title, body=body))
