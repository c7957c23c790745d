"""Who may do what: each step for each role, and tokens that are not good."""

import json
import time
from base64 import urlsafe_b64encode
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey, RSAKey

from law.vocabulary import Role
from messages.steps import STEPS, StepName
from messages.words import ROLES
from settings import Settings
from tests.api.builders import PEOPLE, Tokens, assert_problem, client_of, order_example, running, step_example
from tests.store.builders import until

READS = ("/batches", "/tasks", "/batches/CJ1999-000001", "/batches/CJ1999-000001/timeline")


@pytest.mark.parametrize("step", STEPS)
async def test_each_step_is_for_its_roles(app: FastAPI, tokens: Tokens, step: StepName) -> None:
    """Whoever may do it gets as far as the batch (there is none); the others learn who may."""
    model = STEPS[step]
    for role in PEOPLE:
        async with client_of(app, tokens.header(role)) as client:
            answer = await client.post(f"/batches/CJ1999-000001/steps/{step}", json=step_example(step))
        if role in model.ROLES:
            assert_problem(answer, 404, "batch_unknown")
        else:
            document = assert_problem(answer, 403, "role_not_allowed")
            assert all(ROLES[allowed] in document["detail"] for allowed in model.ROLES)


@pytest.mark.parametrize("role", PEOPLE)
async def test_every_role_reads(app: FastAPI, tokens: Tokens, role: Role) -> None:
    """Auditors and administrators too."""
    async with client_of(app, tokens.header(role)) as client:
        statuses = [(await client.get(path)).status_code for path in READS]
    assert statuses == [200, 200, 404, 404]


async def test_without_a_token_nothing_is_read_or_done(anybody: httpx.AsyncClient) -> None:
    """401 with the challenge, whatever the body looks like."""
    answers = [await anybody.get(path) for path in READS]
    answers += [await anybody.post(f"/batches/CJ1999-000001/steps/{step}") for step in STEPS]
    answers.append(await anybody.post("/batches", json=order_example()))
    answers.append(await anybody.post("/batches", content=b"{", headers={"Content-Type": "text/plain"}))
    for answer in answers:
        assert_problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def _encoded(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def _bad_tokens(tokens: Tokens) -> dict[str, str]:
    good = tokens.claims(Role.OFFICER)
    sign = {"alg": "Ed25519"}
    public = json.dumps(tokens.key.as_dict(private=False))
    changed = {
        "expired": {"exp": int(time.time()) - 3600},
        "without exp": {"exp": None},
        "exp not a number": {"exp": "2099"},
        "not yet valid": {"nbf": int(time.time()) + 3600},
        "other issuer": {"iss": "somebody"},
        "without issuer": {"iss": None},
        "other audience": {"aud": "elsewhere"},
        "without audience": {"aud": None},
        "without sub": {"sub": None},
        "empty sub": {"sub": "  "},
        "without name": {"name": None},
        "name not a text": {"name": {"first": "三"}},
        "name with control characters": {"name": "张\x00三"},
        "without role": {"role": None},
        "unknown role": {"role": "mayor"},
        "the system's role": {"role": "system"},
        "several roles": {"role": ["officer", "approver"]},
        "laboratory staff of no laboratory": {"role": "lab"},
    }
    bad = {
        what: _encoded(sign, {k: v for k, v in (good | change).items() if v is not None}, tokens.key)
        for what, change in changed.items()
    }
    head, payload, signature = _encoded(sign, good, tokens.key).split(".")
    other_payload = _encoded(sign, good | {"role": "admin"}, tokens.key).split(".")[1]
    no_algorithm = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return bad | {
        "other key": _encoded(sign, good, OKPKey.generate_key("Ed25519")),
        "other algorithm": _encoded({"alg": "RS256"}, good, RSAKey.generate_key(2048)),
        "public key as secret": _encoded({"alg": "HS256"}, good, OctKey.import_key(public)),
        "unsigned": f"{no_algorithm}.{payload}.",
        "signature cut off": f"{head}.{payload}.",
        "other payload": f"{head}.{other_payload}.{signature}",
        "no JWT at all": "令牌".encode().hex(),
        "nothing": "",
    }


async def test_bad_tokens_are_turned_away(app: FastAPI, tokens: Tokens) -> None:
    """Every claim and the signature are checked; the algorithm is not the token's choice."""
    for what, token in _bad_tokens(tokens).items():
        async with client_of(app, {"Authorization": f"Bearer {token}"}) as client:
            answer = await client.get("/batches")
        assert answer.status_code == 401, what
        assert_problem(answer, 401, "unauthenticated")
        assert "invalid_token" in answer.headers["www-authenticate"] or what == "nothing"


async def test_other_schemes_are_turned_away(anybody: httpx.AsyncClient) -> None:
    """Basic and garbage alike."""
    for value in ("Basic YTpi", "Bearer", "garbage"):
        answer = await anybody.get("/batches", headers={"Authorization": value})
        assert_problem(answer, 401, "unauthenticated")


async def test_a_token_may_be_for_several_audiences(app: FastAPI, tokens: Tokens) -> None:
    """What RFC 7519 allows."""
    header = tokens.header(Role.AUDITOR, aud=["elsewhere", tokens.settings.token_audience])
    async with client_of(app, header) as client:
        assert (await client.get("/batches")).status_code == 200


async def test_before_there_is_a_key_nobody_can_be_checked(
    settings: Settings, tokens: Tokens, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """503, not 401: the token may well be good; it works as soon as the key is there."""
    home = tmp_path_factory.mktemp("no-key")
    bare = Settings(home=home, database_url=settings.database_url, temporal_address=settings.temporal_address)
    async with running(bare) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        answer = await client.get("/batches")
        assert_problem(answer, 503, "issuer_key_missing")
        assert answer.headers["retry-after"]
        (home / "issuer").mkdir()
        public = settings.home_dir / "issuer" / "public.jwk"
        (home / "issuer" / "public.jwk").write_bytes(public.read_bytes())
        assert (await client.get("/batches")).status_code == 200
        # Another key stands there now: what the old one signed, good just before, is worth nothing.
        other = OKPKey.generate_key("Ed25519").as_dict(private=False)
        (home / "issuer" / "public.jwk").write_text(json.dumps(other))
        assert_problem(await client.get("/batches"), 401, "unauthenticated")


async def test_a_token_that_was_good_runs_out(app: FastAPI, tokens: Tokens) -> None:
    """Seen before or not, it ends when it says, half a minute of drifting clocks allowed."""
    header = tokens.header(Role.AUDITOR, exp=int(time.time()) - 27)
    async with client_of(app, header) as client:
        assert (await client.get("/batches")).status_code == 200

        async def has_run_out() -> bool:
            return (await client.get("/batches")).status_code == 401

        await until(has_run_out, patience_seconds=20)


@pytest.mark.parametrize("account", ["system", "temporal"])
async def test_an_account_of_the_system_is_nobodys(
    anybody: httpx.AsyncClient, tokens: Tokens, account: str
) -> None:
    """No token calls in the system's own name."""
    answer = await anybody.get("/batches", headers=tokens.header(Role.AUDITOR, sub=account))
    assert_problem(answer, 401, "unauthenticated")
