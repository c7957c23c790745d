"""Who sits at the desk: the session that the browser holds, and what every page is made with."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.console.door import Door
from api.console.pages import render
from api.web.body import read
from api.web.problems import Problem
from api.web.runtime import Deps, Runtime
from law.vocabulary import Role
from messages.base import Actor
from messages.text import TextRefused, cleaned
from settings import Settings
from store.accounts import sessions
from store.accounts.sessions import Session

_MOST_BYTES = 2 * 1024 * 1024
_MOST_FIELDS = 6000
_FORM = re.compile(r"/console/[\w/%.:-]{1,300}")
FORM_TOKEN = "form_token"
_EVERYBODY = frozenset(Role) - {Role.SYSTEM}
_PLACES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/console/", "待办", _EVERYBODY),
    ("/console/batches", "批次", _EVERYBODY),
    ("/console/plans", "计划和方案", _EVERYBODY - {Role.LAB}),
    ("/console/tasks", "任务", _EVERYBODY - {Role.LAB}),
    ("/console/draws", "随机抽查", _EVERYBODY - {Role.LAB}),
    ("/console/registers", "登记簿", _EVERYBODY - {Role.LAB}),
    ("/console/records", "质量档案", _EVERYBODY - {Role.LAB}),
    ("/console/statistics", "统计", _EVERYBODY - {Role.LAB}),
    ("/console/calendar", "日历", _EVERYBODY),
    ("/console/exports", "导出", _EVERYBODY),
    ("/console/operations", "运行", frozenset({Role.ADMIN, Role.AUDITOR})),
    ("/console/access-log", "查阅记录", frozenset({Role.AUDITOR})),
    ("/console/accounts", "账号", frozenset({Role.ADMIN, Role.AUDITOR})),
    ("/console/approvals", "审批", frozenset({Role.SUPERVISOR, Role.APPROVER})),
    ("/console/post", "寄送", _EVERYBODY - {Role.LAB, Role.ADMIN}),
    ("/console/evidence", "证据", _EVERYBODY - {Role.LAB, Role.ADMIN}),
)
# What a subordinate bureau's officers find there; they are let in nowhere else.
_SUBORDINATES = (
    *_PLACES[:2],
    ("/console/plans/commissions", "委托", frozenset({Role.OFFICER})),
    *(one for one in _PLACES if one[1] in ("任务", "日历", "导出", "寄送")),
)
# Of these nothing is ever awaited.
_OWE_NOTHING = (Role.ADMIN, Role.AUDITOR)


class SignInFirst(Exception):
    """Nobody is signed in here; ``then`` is where to go afterwards."""

    def __init__(self, then: str) -> None:
        super().__init__("not signed in")
        self.then = then


@dataclass(frozen=True)
class Desk:
    """One person's desk for one request."""

    request: Request
    deps: Runtime
    session: Session
    token: str
    door: Door
    owed: Mapping[str, int] | None

    @property
    def actor(self) -> Actor:
        return self.session.actor

    @property
    def form_token(self) -> str:
        return form_token(self.token)

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Where the head of each page leads, for this role."""
        places = _PLACES if self.session.bureau is None else _SUBORDINATES
        return [(address, title) for address, title, roles in places if self.session.role in roles]

    @property
    def draft(self) -> str | None:
        """The form whose draft was kept just now; never an address elsewhere."""
        path = self.request.query_params.get("draft", "")
        return path if _FORM.fullmatch(path) else None

    def page(self, template: str, status: int = 200, /, **shown: Any) -> HTMLResponse:
        """The page, with whoever is signed in at its head."""
        return render(
            template,
            status,
            desk=self,
            path=self.request.url.path,
            form_token=self.form_token,
            **shown,
        )


def cookie_name(settings: Settings, what: str = "session") -> str:
    """Over TLS no other host, and no page of this one beside ours, can set it."""
    return f"{'__Host-' if _over_tls(settings) else ''}choujian_{what}"


def _over_tls(settings: Settings) -> bool:
    return settings.public_address.lower().startswith("https:")


def form_token(token: str) -> str:
    """What each form of a session carries; who has not the session cannot know it."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def hold(answer: Response, settings: Settings, token: str) -> None:
    """Let the browser hold the session, out of reach of scripts, until it is closed."""
    set_cookie(answer, settings, cookie_name(settings), token)


def set_cookie(answer: Response, settings: Settings, name: str, value: str) -> None:
    """For this host alone, out of reach of scripts and of other sites' forms."""
    answer.set_cookie(name, value, path="/", secure=_over_tls(settings), httponly=True, samesite="lax")


def forget(answer: Response, settings: Settings, name: str) -> None:
    """Let the browser hold nothing under this name any more."""
    answer.delete_cookie(name, path="/", secure=_over_tls(settings), httponly=True, samesite="lax")


async def signed_in(request: Request, deps: Deps) -> Desk:
    """Dependency of every page of the console. Raises :class:`SignInFirst`."""
    token = request.cookies.get(cookie_name(deps.settings), "")
    found = await sessions.session(deps.engine, token) if token else None
    if found is None:
        raise SignInFirst(_here(request))
    client = request.client
    door = Door(request.app, found.actor, (client.host, client.port) if client else None)
    return Desk(request, deps, found, token, door, await _owed(door, found.role))


async def _owed(door: Door, role: Role) -> Mapping[str, int] | None:
    """How much waits for whoever is in this role; a page can be shown without."""
    if role in _OWE_NOTHING:
        return None
    answer = await door.ask("GET", "/tasks/counts", query={"role": role})
    found: Mapping[str, int] | None = None if answer.is_error else answer.json()
    return found


def _here(request: Request) -> str:
    """Where somebody wanted to go; a form that was sent is not sent again."""
    if request.method != "GET":
        return "/console/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


Signed = Annotated[Desk, Depends(signed_in)]


def only_for(*roles: Role) -> Any:
    """Dependency: the desk of somebody with one of these roles. Raises :class:`Problem` 403."""

    async def allowed(desk: Signed) -> Desk:
        if desk.session.role not in roles:
            raise Problem(403, "role_not_allowed", "您的身份不能查阅这一页。")
        return desk

    return Depends(allowed)


@dataclass(frozen=True)
class Posted:
    """A form that came in, its texts cleaned like every text that does."""

    values: Mapping[str, Sequence[str]]

    def __getitem__(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")


async def read_form(request: Request) -> Posted:
    """Raises :class:`Problem` for one that is too long or not a form, and where it came from elsewhere."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Problem(415, "unsupported_media_type", "应为网页表单。")
    came_from_here(request)
    raw = await read(request, _MOST_BYTES)
    try:
        values = parse_qs(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        return Posted({cleaned(name): [cleaned(one) for one in said] for name, said in values.items()})
    except TextRefused as refused:
        raise Problem(422, "invalid", f"表单中的文字{refused}。") from None
    except ValueError:
        raise Problem(400, "malformed_form", "表单无法读取，或者项目过多。") from None


def came_from_here(request: Request) -> None:
    """Raises :class:`Problem` for what a page of somebody else's has the browser send, as far as that says.

    Our pages tell nobody where a form came from, so its origin may be null.
    """
    origin, site = (request.headers.get(name) for name in ("origin", "sec-fetch-site"))
    foreign = origin not in (None, "null") and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or site not in (None, "none", "same-origin"):
        raise Problem(403, "form_foreign", "这个表单不是从本系统的网页提交的。")


async def posted(request: Request, desk: Signed) -> Posted:
    """Dependency of every page that changes something: the form, which this session was given."""
    return given_to(desk.token, await read_form(request))


def given_to(token: str, form: Posted) -> Posted:
    """The form, if a page gave it to whoever holds this token. Raises :class:`Problem` 403 if none did."""
    check_form_token(form[FORM_TOKEN], token)
    return form


def check_form_token(sent: str, token: str) -> None:
    """Raises :class:`Problem` for a form that whoever holds this token was not given."""
    if not (token and hmac.compare_digest(sent.encode(), form_token(token).encode())):
        raise Problem(403, "form_outdated", "表单已经失效，请返回上一页，重新打开后再提交。")


Form = Annotated[Posted, Depends(posted)]


def see_other(path: str) -> RedirectResponse:
    """Go there with GET: what was sent is not sent again by going back."""
    return RedirectResponse(path, 303)


def batch_path(batch_no: str, *further: str) -> str:
    return "/".join(("/console/batches", quote(batch_no, safe=""), *further))
