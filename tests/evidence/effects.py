"""Where a process can die: before each of its effects, and after the last. Whoever is watched is counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from evidence import keyring
from evidence.room import EvidenceRoom


class Died(BaseException):
    """The process was killed here, as far as anybody can tell from outside."""


@dataclass
class Watch:
    """``end`` is called before the effect of this number; ``seen``: all that came until then."""

    nth: int
    end: Callable[[str], None]
    seen: list[str] = field(default_factory=list)

    def reached(self, effect: str) -> None:
        self.seen.append(" ".join(effect.split())[:60])
        if len(self.seen) == self.nth:
            self.end(self.seen[-1])


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def reached(effect: str) -> None:
    if (watch := _watch.get()) is not None:
        watch.reached(effect)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """The effects of this context, and of what it awaits, are counted."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def install(patch: pytest.MonkeyPatch) -> None:
    """Statements and commits, what is done to files in threads, and keys that are written."""
    in_thread, write = EvidenceRoom.in_thread, keyring.write

    async def threaded(room: EvidenceRoom, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        reached(f"thread: {getattr(work, '__qualname__', work)}")
        return await in_thread(room, work, *args, **kwargs)

    def written(*args: Any) -> None:
        reached(f"write: {args[0].name}")
        write(*args)

    patch.setattr(EvidenceRoom, "in_thread", threaded)
    patch.setattr(keyring, "write", written)
    event.listen(Engine, "before_cursor_execute", _statement)
    event.listen(Engine, "commit", _commit)


def uninstall() -> None:
    event.remove(Engine, "before_cursor_execute", _statement)
    event.remove(Engine, "commit", _commit)


def die(where: str) -> None:
    raise Died(where)


def _statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    reached(statement)


def _commit(_connection: object) -> None:
    reached("commit")
