"""Signing in as ASVS 5.0 level 2 wants it: forms of our own, no guessing, sessions that end."""

import asyncio
import time
from datetime import timedelta
from statistics import median

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncEngine

from api.web import credentials
from law.vocabulary import Role
from messages.base import Actor
from settings import Settings
from store.accounts import people, sessions
from tests.api.builders import running
from tests.console.desks import BY, COOKIE, account, browser, desk, form, send, text

PASSWORD = "九月的雨下在西湖的荷叶上"
PATH = "/console/sign-in"


async def _with_secrets(app: FastAPI, engine: AsyncEngine, sub: str) -> pyotp.TOTP:
    """An account that has a password and a second factor; gives the authenticator."""
    await account(engine, sub)
    secret = pyotp.random_base32()
    sealed = app.state.runtime.second_factors.sealed(secret, sub)
    hashed = credentials.hashed(PASSWORD)
    await people.keep_secrets(engine, sub, password=hashed, totp=sealed, by=BY)
    return pyotp.TOTP(secret)


async def _sign_in(client: httpx.AsyncClient, sub: str, password: str, code: str) -> httpx.Response:
    return await send(client, PATH, sub=sub, password=password, code=code)


async def test_a_sign_in_form_that_this_browser_was_not_given_is_refused(
    house: FastAPI, engine: AsyncEngine
) -> None:
    """Nobody's page signs somebody in as somebody else: no token, another's token, another site's form."""
    factor = await _with_secrets(house, engine, "wang")
    said = {"sub": "wang", "password": PASSWORD, "code": factor.now(), "then": "/console/"}
    async with browser(house) as client, browser(house) as other:
        given = form(await client.get(PATH)) | said
        theirs = form(await other.get(PATH)) | said
        for wrong, headers in (
            (said, {}),
            (said | {"form_token": ""}, {}),
            (theirs, {}),
            (given, {"Origin": "https://elsewhere.example"}),
            (given, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}),
        ):
            answer = await client.post(PATH, data=wrong, headers=headers)
            assert answer.status_code == 403, wrong
        async with browser(house) as without_cookie:
            assert (await without_cookie.post(PATH, data=given)).status_code == 403
        own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        assert (await client.post(PATH, data=given, headers=own)).status_code == 303


@pytest.mark.parametrize("path", ["sign-out", "acting", "sessions/1/ended"])
async def test_a_form_of_a_session_is_good_in_that_session_alone(
    house: FastAPI, engine: AsyncEngine, path: str
) -> None:
    """Without its token, with another session's, or as something else than a form it changes nothing."""
    async with desk(house, engine, "wang") as client, desk(house, engine, "li") as other:
        theirs = form(await other.get("/console/sessions"), "/console/sign-out")
        address = f"/console/{path}"
        assert (await client.post(address, data={"deputy": ""})).status_code == 403
        assert (await client.post(address, data=theirs)).status_code == 403
        as_json = await client.post(address, json=theirs)
        assert as_json.status_code == 415
        assert (await client.get("/console/sessions")).status_code == 200


async def test_each_sign_in_is_another_session_and_ends_the_one_before(
    house: FastAPI, engine: AsyncEngine
) -> None:
    """What somebody put into the browser beforehand opens nothing afterwards (session fixation)."""
    await _with_secrets(house, engine, "wang")
    link = await sessions.link(engine, "wang", "once")
    before = await sessions.begin(engine, "wang", how="先前", agent="", client="")
    async with browser(house, before) as client:
        answer = await client.get(f"/console/link/{link}")
        assert answer.status_code == 303
        assert answer.cookies[COOKIE] != before
        assert (await client.get(f"/console/link/{link}")).status_code == 410
    assert await sessions.session(engine, before) is None
    async with browser(house) as visitor:
        await visitor.get(PATH)
        planted = visitor.cookies[COOKIE]
        factor = await _with_secrets(house, engine, "wang")
        await _sign_in(visitor, "wang", PASSWORD, factor.now())
        assert visitor.cookies[COOKIE] != planted
    assert await sessions.session(engine, planted) is None


async def test_what_was_wrong_nobody_learns_from_words_or_time(house: FastAPI, engine: AsyncEngine) -> None:
    """No such account, an ended one, the wrong password, the wrong code: one answer, as late."""
    factor = await _with_secrets(house, engine, "wang")
    await _with_secrets(house, engine, "ended")
    await people.end(engine, "ended", ended=True, by=BY)
    tries = [
        ("nobody", PASSWORD, factor.now()),
        ("ended", PASSWORD, factor.now()),
        ("wang", "错的密码错的密码错的", factor.now()),
        ("wang", PASSWORD, "000000" if factor.now() != "000000" else "111111"),
    ]
    answers, times = [], []
    for sub, password, code in tries:
        async with browser(house) as client:
            opened = form(await client.get(PATH))
            began = time.monotonic()
            answer = await client.post(PATH, data=opened | {"sub": sub, "password": password, "code": code})
            times.append(time.monotonic() - began)
            assert answer.status_code == 401
            answers.append(text(answer))
    assert len(set(answers)) == 1
    assert max(times) - min(times) < 0.25 * median(times), times


async def test_guessing_slows_down_for_the_account_and_for_the_address(
    house: FastAPI, engine: AsyncEngine
) -> None:
    """After five wrong passwords the right one is refused for a while; an address has 30 tries a minute."""
    factor = await _with_secrets(house, engine, "wang")
    async with browser(house) as client:
        opened = form(await client.get(PATH))
        wrong = opened | {"sub": "wang", "password": "猜的密码猜的密码", "code": "123456"}
        for _ in range(5):
            await client.post(PATH, data=wrong)
        right = opened | {"sub": "wang", "password": PASSWORD, "code": factor.now()}
        assert (await client.post(PATH, data=right)).status_code == 401
        many = await asyncio.gather(*(client.post(PATH, data=wrong | {"sub": "no"}) for _ in range(30)))
        refused = [one for one in many if one.status_code == 429]
        assert refused
        assert int(refused[0].headers["Retry-After"]) >= 1
    async with engine.begin() as connection:
        await connection.execute(sql("update accounts set failed_at = failed_at - interval '1 minute'"))
    async with browser(house) as elsewhere:
        assert (await _sign_in(elsewhere, "wang", PASSWORD, factor.now())).status_code == 303
    again = await people.account(engine, "wang")
    assert again is not None
    assert again.failures == 0


async def test_a_code_is_good_once(house: FastAPI, engine: AsyncEngine) -> None:
    """Whoever looked over somebody's shoulder is too late, even of two at the same moment."""
    factor = await _with_secrets(house, engine, "wang")
    code = factor.now()
    async with browser(house) as client, browser(house) as other:
        both = await asyncio.gather(*(_sign_in(one, "wang", PASSWORD, code) for one in (client, other)))
        assert sorted(one.status_code for one in both) == [303, 401]


@pytest.mark.parametrize(
    "passed",
    [
        f"seen_at = seen_at - interval '{sessions.IDLE + timedelta(seconds=1)}'",
        f"ends_at = ends_at - interval '{sessions.LONGEST}'",
    ],
)
async def test_a_session_ends_when_nobody_sits_there_and_after_a_days_work(
    house: FastAPI, engine: AsyncEngine, superuser: AsyncEngine, passed: str
) -> None:
    """Then the sign-in page is asked for, which leads back to where one wanted to go."""
    async with desk(house, engine, "wang") as client:
        assert (await client.get("/console/")).status_code == 200
        async with superuser.begin() as connection:
            await connection.execute(sql(f"update sessions set {passed}"))
        answer = await client.get("/console/sessions?a=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{PATH}?then=%2Fconsole%2Fsessions%3Fa%3D1"


async def test_who_signs_out_is_out_wherever_the_cookie_was_copied_to(
    house: FastAPI, engine: AsyncEngine
) -> None:
    """The browser forgets it as well."""
    async with desk(house, engine, "wang") as client:
        copied = client.cookies[COOKIE]
        answer = await send(client, "/console/sessions", "/console/sign-out")
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        assert COOKIE not in client.cookies
    async with browser(house, copied) as thief:
        assert (await thief.get("/console/")).status_code == 303


async def test_another_role_an_end_and_a_new_invitation_end_what_is_signed_in(
    house: FastAPI, engine: AsyncEngine
) -> None:
    """Whatever a page shows was asked for with the rights of now."""
    changed = Actor(sub="wang", name="王某", role=Role.SUPERVISOR)
    for nth in range(4):
        async with desk(house, engine, "wang") as client:
            assert (await client.get("/console/")).status_code == 200
            if nth == 0:
                await people.change(engine, changed, unit="", by=BY)
            elif nth == 1:
                await people.reset(engine, "wang", by=BY)
            elif nth == 2:
                await people.sign_out(engine, "wang", by=BY)
            else:
                await people.end(engine, "wang", ended=True, by=BY)
            assert (await client.get("/console/")).status_code == 303


async def test_the_cookie_is_for_this_host_and_for_no_script(engine: AsyncEngine, alone: Settings) -> None:
    """Over TLS with the prefix that lets no other host set it (`__Host-`)."""
    await account(engine, "wang")
    for application_settings, name, secure in (
        (alone, COOKIE, False),
        (alone.model_copy(update={"public_url": "https://localhost"}), f"__Host-{COOKIE}", True),
    ):
        async with running(application_settings) as application, browser(application) as client:
            link = await sessions.link(engine, "wang", "once")
            answer = await client.get(f"/console/link/{link}")
            visitor = (await client.get(PATH)).headers.get("set-cookie", "")
        for said in filter(None, (answer.headers["set-cookie"], visitor)):
            flags = {part.strip().lower() for part in said.split(";")[1:]}
            assert said.startswith(f"{name}=")
            assert {"httponly", "path=/", "samesite=lax"} <= flags
            assert ("secure" in flags) is secure
            assert not any(flag.startswith("domain") for flag in flags)


@pytest.mark.parametrize(
    "then",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/console/",
        "/\\elsewhere.example",
        "/console/\\..",
        "/gongshi",
        "javascript:alert(1)",
        "/console/\nX: y",
    ],
)
async def test_signing_in_leads_nowhere_but_to_the_console(
    house: FastAPI, engine: AsyncEngine, then: str
) -> None:
    """Whatever a link in a mail says (open redirect)."""
    factor = await _with_secrets(house, engine, "wang")
    async with browser(house) as client:
        opened = await client.get(PATH, params={"then": then})
        if opened.status_code != 200:
            assert opened.status_code == 422
            return
        assert form(opened)["then"] == "/console/"
        answer = await client.post(
            PATH,
            data=form(opened) | {"then": then, "sub": "wang", "password": PASSWORD, "code": factor.now()},
        )
    assert answer.headers["location"] == "/console/" or answer.status_code == 422


async def test_one_ends_only_ones_own_sessions(house: FastAPI, engine: AsyncEngine) -> None:
    """The number of somebody else's changes nothing."""
    async with desk(house, engine, "wang") as client, desk(house, engine, "li") as other:
        (theirs,) = await sessions.own(engine, "li")
        token = form(await client.get("/console/sessions"), "/console/sign-out")
        answer = await client.post(f"/console/sessions/{theirs.no}/ended", data=token)
        assert answer.status_code == 303
        assert (await other.get("/console/")).status_code == 200
