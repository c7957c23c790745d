"""Signing in at the bureau's OpenID Connect provider, which runs as a process of its own."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from local.embedded.ports import free_port
from settings import Settings
from store.accounts import people, sessions
from tests.api.builders import running
from tests.console.desks import BY, COOKIE, account, browser, form, seen, text

BACK = "/console/provider/back"


@pytest.fixture(scope="module")
async def issuer() -> AsyncIterator[str]:
    """A provider that is up."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("oidc.py")), str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: ASYNC220 (lives on)
        try:
            yield await _up(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


async def _up(address: str) -> str:
    async with httpx.AsyncClient() as client:
        for _ in range(200):
            try:
                await client.get(address)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return address
    raise AssertionError("the provider does not come up")


@pytest.fixture
def bound(alone: Settings, issuer: str) -> Settings:
    """An installation that is known to the provider."""
    given = {"oidc_issuer": issuer, "oidc_client_id": "choujian", "oidc_client_secret": "s3c ret/+"}
    return alone.model_copy(update={"public_url": "http://localhost", **given})


@pytest.fixture
async def provided(engine: AsyncEngine, bound: Settings) -> AsyncIterator[FastAPI]:  # noqa: ARG001 (empty)
    async with running(bound) as application:
        yield application


async def _at_the_provider(address: str, sub: str, **said: str) -> str:
    """Sign in there; gives where the browser is sent back to, without our own name."""
    async with httpx.AsyncClient() as client:
        assert (await client.get(address)).status_code == 200
        answer = await client.post(address, data={"sub": sub, **said})
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(f"http://localhost{BACK}?")
    return answer.headers["location"].removeprefix("http://localhost")


async def _signed_in(client: httpx.AsyncClient, sub: str, **asked: str) -> httpx.Response:
    """From the button to wherever it ends."""
    went = await client.get("/console/provider", params=asked)
    assert went.status_code == 303, went.text
    return await client.get(await _at_the_provider(went.headers["location"], sub))


async def _bind(app: FastAPI, engine: AsyncEngine, sub: str, at_provider: str) -> None:
    await account(engine, sub)
    token = await sessions.link(engine, sub, "invitation")
    async with browser(app) as client:
        answer = await _signed_in(client, at_provider, invitation=token)
        assert answer.headers["location"] == "/console/", answer.text


async def test_an_invitation_binds_and_from_then_on_one_click_signs_in(
    provided: FastAPI, engine: AsyncEngine, issuer: str
) -> None:
    """By issuer and subject; back to where somebody wanted to go, in a session of its own."""
    await account(engine, "wang")
    invitation = f"/console/invitation/{await sessions.link(engine, 'wang', 'invitation')}"
    async with browser(provided) as client:
        page = seen(await client.get(invitation))
        (button,) = page.xpath("//a[text()='用统一身份认证登录']/@href")
        went = await client.get(button)
        asked = parse_qs(urlsplit(went.headers["location"]).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert {"state", "nonce", "code_challenge"} <= set(asked)
        await client.get(await _at_the_provider(went.headers["location"], "4711"))
        assert "待办" in (await client.get("/console/")).text
        assert (await client.get(invitation)).status_code == 410
    known = await people.account(engine, "wang")
    assert known is not None
    assert known.external == f"{issuer} 4711"
    async with browser(provided) as client:
        (button,) = seen(await client.get("/console/sign-in?then=/console/sessions")).xpath(
            "//a[text()='用统一身份认证登录']/@href"
        )
        went = await client.get(button)
        before = client.cookies[COOKIE]
        answer = await client.get(await _at_the_provider(went.headers["location"], "4711"))
        assert answer.headers["location"] == "/console/sessions"
        assert client.cookies[COOKIE] != before
        assert "统一身份认证" in text(await client.get("/console/sessions"))


async def test_who_is_not_bound_or_not_here_any_more_stays_outside(
    provided: FastAPI, engine: AsyncEngine
) -> None:
    """A name at the provider is no account; one subject is one account."""
    await _bind(provided, engine, "wang", "4711")
    async with browser(provided) as client:
        assert (await _signed_in(client, "4712")).status_code == 403
    await account(engine, "li")
    token = await sessions.link(engine, "li", "invitation")
    async with browser(provided) as client:
        answer = await _signed_in(client, "4711", invitation=token)
        assert answer.status_code == 409
        assert "另一个账号" in text(answer)
    assert await sessions.invited(engine, token) == "li"
    await people.end(engine, "wang", ended=True, by=BY)
    async with browser(provided) as client:
        assert (await _signed_in(client, "4711")).status_code == 403
        assert (await client.get("/console/")).status_code == 303


@pytest.mark.parametrize("kind", ["issuer", "audience", "party", "nonce", "expired", "signature", "unsigned"])
async def test_an_id_token_that_is_not_good_signs_nobody_in(
    provided: FastAPI, engine: AsyncEngine, issuer: str, kind: str
) -> None:
    """Another issuer, client or browser, run out, signed by somebody else or by nobody."""
    await _bind(provided, engine, "wang", "4711")
    async with httpx.AsyncClient() as client:
        await client.post(f"{issuer}/faulty/{kind}")
    async with browser(provided) as client:
        answer = await _signed_in(client, "4711")
        assert answer.status_code == 403
        assert (await client.get("/console/")).status_code == 303


async def test_the_answer_is_good_in_the_browser_that_asked_and_once(
    provided: FastAPI, engine: AsyncEngine
) -> None:
    """Nobody is signed in by a link with somebody else's code; a code without its verifier buys nothing."""
    await _bind(provided, engine, "wang", "4711")
    async with browser(provided) as client, browser(provided) as other:
        went = await client.get("/console/provider")
        back = await _at_the_provider(went.headers["location"], "4711")
        assert (await other.get(back)).status_code == 403
        await other.get("/console/provider")
        assert (await other.get(back)).status_code == 403
        state = parse_qs(urlsplit(back).query)["state"][0]
        assert (await client.get(f"{BACK}?state={state}&code=another")).status_code == 403
        assert (await client.get(back)).status_code == 403
    async with browser(provided) as client:
        went = await client.get("/console/provider")
        back = await _at_the_provider(went.headers["location"], "4711")
        assert (await client.get(back)).status_code == 303
        assert (await client.get(back)).status_code == 403


async def test_who_declines_there_is_told_here(provided: FastAPI) -> None:
    """And may sign in otherwise."""
    async with browser(provided) as client:
        went = await client.get("/console/provider")
        answer = await client.get(await _at_the_provider(went.headers["location"], "4711", action="deny"))
        assert answer.status_code == 403
        assert "没有确认您的身份" in text(answer)
        assert form(answer)["sub"] == ""


async def test_without_a_provider_there_is_no_button_and_one_that_is_away_is_told(
    house: FastAPI, bound: Settings
) -> None:
    """A page, not a fault."""
    async with browser(house) as client:
        assert "统一身份认证" not in (await client.get("/console/sign-in")).text
        assert (await client.get("/console/provider")).status_code == 404
        assert (await client.get(f"{BACK}?state=&code=x")).status_code == 404
    nobody = bound.model_copy(update={"oidc_issuer": f"http://127.0.0.1:{free_port()}"})
    async with running(nobody) as application, browser(application) as client:
        answer = await client.get("/console/provider")
        assert answer.status_code == 503
        assert "统一身份认证暂时连接不上" in text(answer)


async def test_passwords_can_be_switched_off_where_there_is_a_provider(
    bound: Settings, engine: AsyncEngine
) -> None:
    """Then neither the sign-in page nor an invitation asks for one, nor takes one."""
    await account(engine, "wang", Role.OFFICER)
    token = await sessions.link(engine, "wang", "invitation")
    only = bound.model_copy(update={"oidc_only": True})
    async with running(only) as application, browser(application) as client:
        for path in ("/console/sign-in", f"/console/invitation/{token}"):
            page = seen(await client.get(path))
            assert page.xpath("//a[text()='用统一身份认证登录']")
            assert not page.xpath("//input[@type='password']")
            assert (await client.post(path, data={})).status_code == 403


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_issuer": "https://login.example.gov.cn"},
        {"oidc_only": True},
        {"oidc_issuer": "http://login.example.gov.cn", "oidc_client_id": "a", "oidc_client_secret": "b"},
    ],
)
def test_half_a_provider_or_one_without_tls_starts_nothing(given: dict[str, str]) -> None:
    """All three settings, over https or on this machine."""
    with pytest.raises(ValidationError):
        Settings(**given)  # type: ignore[arg-type]
