"""Telling outside platforms (procedure section 13): signed, at least once, retried, dead letters seen."""

import asyncio
import json
import logging
from datetime import timedelta
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.keeping import EVERY_SECONDS, keep
from activities.mapping import ToldProfile, cloud_event, read_profile
from activities.webhooks import NO_ANSWER, Endpoint, SystemsAnswer, Webhooks, read_endpoints
from settings import Settings
from store.told import handing
from store.told.handing import DueEvent, ToldState

_log = logging.getLogger(__name__)
_AT_A_TIME = 100
# A receiver that answers, and does not take an event in for so long, gets no more of it by itself.
_GIVEN_UP_AFTER = timedelta(days=7)
# So often an event may meet with no answer until another is tried, to learn which of the two it is.
_DOUBTED_AFTER = 4
_SHORTEST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
_DOUBLED_AT_MOST = 7
_CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


class Receiver(Endpoint):
    """One platform of the file: ``profile`` is what it is told, one of the product's or a file."""

    profile: Annotated[ToldProfile, BeforeValidator(lambda named: read_profile(str(named)))]


def receivers_of(settings: Settings) -> dict[str, Receiver]:
    """The receivers of the settings' file, by name. Raises ``SettingFaulty``."""
    return read_endpoints("CHOUJIAN_EVENTS", settings.events, Receiver) if settings.events else {}


class Telling:
    """Tells each receiver of the settings' file what has come about."""

    def __init__(self, engine: AsyncEngine, settings: Settings, webhooks: Webhooks | None = None) -> None:
        """Raises ``SettingFaulty``."""
        self._engine = engine
        self._public_url = settings.public_address
        self._webhooks = webhooks or Webhooks()
        self._receivers = receivers_of(settings)

    async def keep_telling(self) -> None:
        """Until it is cancelled. A receiver that is slow or away holds up no other."""
        async with asyncio.TaskGroup() as group:
            for receiver in self._receivers.values():
                group.create_task(keep(f"telling {receiver.name}", partial(self.tell, receiver)))
            group.create_task(keep("events", self.spread))

    async def spread(self) -> float:
        """Give each receiver what is new; seconds until the next time."""
        known = {name: receiver.profile.events for name, receiver in self._receivers.items()}
        await handing.leave_others(self._engine, known)
        for receiver in self._receivers.values():
            await handing.come_in(self._engine, receiver.name, receiver.profile.events)
        while await handing.spread(self._engine, _AT_A_TIME) == _AT_A_TIME:
            pass
        return EVERY_SECONDS

    async def tell(self, receiver: Receiver) -> float:
        """Tell one receiver what it is due, in order; seconds until the next time."""
        doubted: DueEvent | None = None
        for due in await handing.due(self._engine, receiver.name, receiver.profile.events, _AT_A_TIME):
            try:
                answer = await self._posted(receiver, due)
            except NO_ANSWER as error:
                # It is away, which is nothing the event has done: all wait, for as long as it takes.
                pause = _pause(due.attempts)
                said = f"连接不通或超时（{type(error).__name__}）"
                await handing.put_off(self._engine, receiver.name, due.event.no, pause, said, answered=False)
                if doubted is not None or due.attempts < _DOUBTED_AFTER:
                    return pause.total_seconds()
                doubted = due
                continue
            if doubted is not None:
                await self._blamed(receiver, doubted)
                doubted = None
            await self._answered(receiver, due, answer)
        return EVERY_SECONDS

    async def _blamed(self, receiver: Receiver, due: DueEvent) -> None:
        """The platform is there, and answers others: it is this event that breaks the connection off."""
        if due.tried_for < _GIVEN_UP_AFTER:
            await handing.blame(self._engine, receiver.name, due.event.no)
        else:
            said = "接收系统一再中断连接"
            await handing.settle(self._engine, receiver.name, due.event.no, ToldState.DEAD, said)

    async def _posted(self, receiver: Receiver, due: DueEvent) -> SystemsAnswer:
        event = due.event
        told_as = receiver.profile.events[event.kind]
        body = json.dumps(cloud_event(event, told_as, self._public_url), ensure_ascii=False)
        # The same event under the same id, however often: by it the receiver knows the two for one.
        return await self._webhooks.post(receiver, f"{event.source}-{event.id}", body, _CONTENT_TYPE)

    async def _answered(self, receiver: Receiver, due: DueEvent, answer: SystemsAnswer) -> None:
        said = f"HTTP {answer.status}"
        no = due.event.no
        if answer.taken_in:
            await handing.settle(self._engine, receiver.name, no, ToldState.TAKEN, said)
        elif answer.is_for_now and due.tried_for < _GIVEN_UP_AFTER:
            pause = answer.retry_after or _pause(due.attempts)
            await handing.put_off(self._engine, receiver.name, no, pause, said, answered=True)
        else:
            _log.warning("%s refuses %s %s: %s", receiver.name, due.event.source, due.event.id, said)
            await handing.settle(self._engine, receiver.name, no, ToldState.DEAD, said)


def _pause(attempts: int) -> timedelta:
    doubled: int = 2 ** min(attempts, _DOUBLED_AT_MOST)
    return min(_SHORTEST_PAUSE * doubled, _LONGEST_PAUSE)
