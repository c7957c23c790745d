"""Pages from templates: everything is escaped, what a template asks for and is not given is an error."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.console.fields import Kind
from api.web import days
from api.web.headers import page_policy
from law.calendar import SHANGHAI, chinese_day
from law.vocabulary import Role
from messages.words import (
    DOCUMENT_STATUSES,
    DOCUMENTS,
    EMERGENCY_GROUNDS,
    EVIDENCE,
    ORDER_KINDS,
    OUTCOMES,
    PARTIES,
    PHASES,
    RECIPIENTS,
    ROLES,
    VERDICTS,
)

_STATIC = files("api.console") / "static"
STYLE, SCRIPT, DIGESTING = (
    (_STATIC / name).read_text("utf-8") for name in ("console.css", "console.js", "sha256.js")
)
# By what is in them: a browser keeps them for good, and asks for others when they are others.
VERSION = hashlib.sha256((STYLE + SCRIPT + DIGESTING).encode()).hexdigest()[:12]
_POLICY = page_policy(
    styles="'self'",
    scripts="'self'",
    further="connect-src 'self'; img-src 'self' data:; media-src 'self'; worker-src 'self'; "
    "frame-src 'self'; ",
)

_DIGEST = re.compile(r"（SHA-256 [0-9a-f]{64}）")

_templates = Environment(
    loader=PackageLoader("api.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, status: int = 200, /, **shown: Any) -> HTMLResponse:
    """A whole page."""
    return HTMLResponse(_templates.get_template(template).render(**shown), status, _POLICY)


def today() -> str:
    """As a form has it."""
    return str(days.today())


def _moment(at: datetime | str) -> str:
    """To the minute, as people at the desk read a clock."""
    known = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{known.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _day(day: date | str) -> str:
    return chinese_day(date.fromisoformat(day) if isinstance(day, str) else day)


def _last_day(deadline: str) -> str:
    """The day that ends at this moment, 24:00."""
    at = datetime.fromisoformat(deadline).astimezone(SHANGHAI)
    return f"{datetime.fromtimestamp(at.timestamp() - 1, SHANGHAI):%Y-%m-%d}"


def _arrangement(version: str) -> str:
    """A holiday arrangement by the notice that announced it; of the built-in one, where it comes from."""
    library, is_built_in, release = version.partition("chinesecalendar-")
    return f"内置的放假安排（chinesecalendar {release}）" if is_built_in and not library else version


def _letter_state(letter: Mapping[str, Any]) -> str:
    """What a person sees of it: one that nobody has handed over yet lies in the post queue."""
    return "待交寄" if letter["to_post"] else DOCUMENT_STATUSES[letter["status"]]


def _bytes(size: int) -> str:
    """As people know the size of a file."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{-(-size // 1024)} KiB"


def _without_digest(named: str) -> str:
    """A file as a narrow column names it; its digest stands in the letter itself."""
    return _DIGEST.sub("", named)


_templates.filters.update(
    without_digest=_without_digest, moment=_moment, day=_day, last_day=_last_day, bytes=_bytes
)
_templates.filters.update(arrangement=_arrangement, letter_state=_letter_state)
_templates.globals.update(
    Kind=Kind,
    Role=Role,
    version=VERSION,
    words={
        "phase": PHASES,
        "outcome": OUTCOMES,
        "party": PARTIES,
        "recipient": RECIPIENTS,
        "document": DOCUMENTS,
        "document_status": DOCUMENT_STATUSES,
        "evidence": EVIDENCE,
        "order_kind": ORDER_KINDS,
        "emergency_ground": EMERGENCY_GROUNDS,
        "role": ROLES,
        "verdict": VERDICTS,
    },
)
