"""Calls to the API in somebody's name, and its refusals in its own words."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from local.commands.tokens import issue
from local.errors import CommandError
from settings import Settings

_PATIENCE_SECONDS = 60.0
# The request itself was at fault: written wrongly, or about something that does not exist.
_FAULTY = (400, 404, 413, 415, 422)
# Not httpx, which loads a command line of its own: half as long again for every command. And not through a
# proxy: the stack is on this machine.
_API = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    body: bytes

    @property
    def content(self) -> Any:
        """The JSON of a success. Raises ``CommandError`` otherwise, in the API's own words.

        Its exit code is 2 where the request was at fault.
        """
        self.require()
        return json.loads(self.body)

    def require(self) -> None:
        """A success, whatever it brings. Raises as :attr:`content`."""
        if 200 <= self.status < 300:
            return
        problem = self.problem
        errors = [f"  {one['field']}：{one['message']}" for one in problem.get("errors") or ()]
        raise CommandError(
            problem.get("title" if errors else "detail") or f"API 回答 {self.status}。",
            detail="\n".join(errors),
            exit_code=2 if self.status in _FAULTY else 1,
        )

    @property
    def problem(self) -> dict[str, Any]:
        """The problem document; empty for a success, and where something else than our API answered."""
        try:
            problem = json.loads(self.body) if self.status >= 400 else {}
        except ValueError:
            return {}
        return problem if isinstance(problem, dict) else {}


@dataclass(frozen=True)
class Caller:
    """Who calls: a token as it is given, or else one of the local issuer in the name ``name``."""

    settings: Settings
    token: str | None = None
    name: str | None = None

    def bearer(self, role: str, *, laboratory: str | None = None) -> str:
        """The token that a call in this role carries."""
        return self.token or issue(
            self.settings, role, name=self.name, subject=self.name, laboratory=laboratory
        )

    def call(
        self, role: str, method: str, path: str, body: bytes | None = None, *, laboratory: str | None = None
    ) -> Answer:
        """The API's answer, whatever it is. Raises ``CommandError`` where there is none."""
        bearer = self.bearer(role, laboratory=laboratory)
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        url = self.settings.api_url
        request = Request(f"{url}{path}", body, headers, method=method)
        try:
            with _API.open(request, timeout=_PATIENCE_SECONDS) as answer:
                return Answer(answer.status, answer.read())
        except HTTPError as error:
            return Answer(error.code, error.read())
        except (OSError, HTTPException) as error:
            raise CommandError(f"连接不上 API（{url}）：请确认系统在运行。", detail=str(error)) from error

    def ask(self, role: str, method: str, path: str, body: bytes | None = None) -> Any:
        """What the API answers with. Raises ``CommandError`` for a refusal, in the API's own words."""
        return self.call(role, method, path, body).content
