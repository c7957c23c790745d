"""Who may look at the parts, and by which names the API may be asked at all."""

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from tests.api.builders import PEOPLE, Tokens, client_of, running

FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "[::1",
    "",
]


def from_elsewhere(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.7", 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://192.0.2.1:8000")


async def test_at_this_machine_no_token_is_needed(anybody: httpx.AsyncClient) -> None:
    """All parts, each with what to do about it."""
    answer = await anybody.get("/health")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert {part["name"] for part in told["parts"]} >= {"database", "temporal", "workers", "relay", "backup"}
    for part in told["parts"]:
        assert set(part) == {"name", "title", "status", "detail", "what_to_do"}
        assert (part["status"] == "ok") == (part["what_to_do"] == "")


@pytest.mark.parametrize("role", PEOPLE)
async def test_from_elsewhere_administrators_and_auditors_look(
    app: FastAPI, tokens: Tokens, role: Role
) -> None:
    async with from_elsewhere(app) as client:
        answer = await client.get("/health", headers=tokens.header(role))
    assert answer.status_code == (200 if role in {Role.ADMIN, Role.AUDITOR} else 403)


async def test_from_elsewhere_nobody_looks_without_a_token(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    """Not through a proxy on this machine either; load balancers need none."""
    async with from_elsewhere(app) as client:
        assert (await client.get("/health")).status_code == 401
        assert (await client.get("/health/ready")).status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert (await anybody.get("/health", headers={header: "127.0.0.1"})).status_code == 401


async def test_who_cannot_file_a_step_is_not_ready(app: FastAPI, tokens: Tokens) -> None:
    """A database that can only be read answers everything but a step."""
    assert app
    url = f"{tokens.settings.database_url}&default_transaction_read_only=on"
    settings = tokens.settings.model_copy(update={"database_url": url})
    async with running(settings) as other, client_of(other, {}) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert "只读" in answer.json()["detail"]


@pytest.mark.parametrize("host", FOREIGN[:-1])
@pytest.mark.parametrize("path", ["/docs", "/health", "/openapi.json", "/public/results", "/"])
async def test_a_foreign_name_gets_nothing(anybody: httpx.AsyncClient, host: str, path: str) -> None:
    """A page whose own name was made to point here (DNS rebinding) reads nothing of ours."""
    answer = await anybody.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["code"] == "host_refused"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "127.8.9.1", "[::1]:8000", "10.0.0.7:8000"]
)
async def test_our_own_names_and_addresses_are_answered(anybody: httpx.AsyncClient, host: str) -> None:
    """A number needs no allowance: nobody can make it point elsewhere."""
    assert (await anybody.get("/health/live", headers={"Host": host})).status_code == 200


async def test_names_are_allowed_by_setting(app: FastAPI, tokens: Tokens) -> None:
    """The host of the public address always is."""
    assert app
    settings = tokens.settings.model_copy(
        update={"hosts": "choujian.lan api", "public_url": "https://cj.example.cn/x"}
    )
    async with running(settings) as other, client_of(other, {}) as client:
        for host in ("choujian.lan:8000", "API", "cj.example.cn", "cj.example.cn."):
            assert (await client.get("/health/live", headers={"Host": host})).status_code == 200
        assert (await client.get("/health/live", headers={"Host": "lan"})).status_code == 403
