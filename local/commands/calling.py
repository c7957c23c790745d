"""Calls to the API in somebody's name, and its refusals in its own words."""

from dataclasses import dataclass
from typing import Any

import httpx

from local.commands.tokens import issue
from local.errors import CommandError
from settings import Settings

_PATIENCE_SECONDS = 60.0
# The request itself was at fault: written wrongly, or about something that does not exist.
_FAULTY = (400, 404, 413, 415, 422)


@dataclass(frozen=True)
class Caller:
    """Who calls: a token as it is given, or else one of the local issuer in the name ``name``."""

    settings: Settings
    token: str | None = None
    name: str | None = None

    def call(
        self, role: str, method: str, path: str, body: bytes | None = None, *, laboratory: str | None = None
    ) -> httpx.Response:
        """The API's answer, whatever it is. Raises ``CommandError`` where there is none."""
        bearer = self.token or issue(
            self.settings, role, name=self.name, subject=self.name, laboratory=laboratory
        )
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        url = self.settings.api_url
        try:
            # Not through a proxy: the stack is on this machine.
            with httpx.Client(base_url=url, timeout=_PATIENCE_SECONDS, trust_env=False) as api:
                return api.request(method, path, content=body, headers=headers)
        except httpx.TransportError as error:
            raise CommandError(f"连接不上 API（{url}）：请确认系统在运行。", detail=str(error)) from error

    def ask(self, role: str, method: str, path: str, body: bytes | None = None) -> Any:
        """What the API answers with. Raises ``CommandError`` for a refusal, in the API's own words."""
        return content(self.call(role, method, path, body))


def content(answer: httpx.Response) -> Any:
    """The JSON of a success. Raises ``CommandError`` otherwise, with 2 where the request was at fault."""
    if answer.is_success:
        return answer.json()
    problem = problem_of(answer)
    errors = [f"  {one['field']}：{one['message']}" for one in problem.get("errors") or ()]
    raise CommandError(
        problem.get("title" if errors else "detail") or f"API 回答 {answer.status_code}。",
        detail="\n".join(errors),
        exit_code=2 if answer.status_code in _FAULTY else 1,
    )


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The problem document; empty where something else than our API answered."""
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
