"""Orders, steps and tokens for the API's tests."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey

from api.app import create_app
from law.vocabulary import Role
from local.commands.tokens import ensure_keys
from local.scenarios.courses import example_body
from messages.order import BatchOrder
from messages.steps import STEPS, StepName
from settings import Settings

LICENCE, SUPPLIED = "浙江省杭州市西湖区示例路1号", "浙江省杭州市余杭区示例仓库3号"
TOLD = (
    StepName.PURCHASED,
    StepName.RECEIVED,
    StepName.SEALING_SCHEDULED,
    StepName.SEALED,
    StepName.REPORT_RECEIVED,
)
PEOPLE = sorted(set(Role) - {Role.SYSTEM})


def step_example(step: StepName | str, **changes: Any) -> dict[str, Any]:
    """The step's own OpenAPI example, some of it replaced."""
    extra: Any = STEPS[StepName(step)].model_config["json_schema_extra"]
    body: dict[str, Any] = deepcopy(extra["example"])
    return body | changes


def order_example(**changes: Any) -> dict[str, Any]:
    """The order's own OpenAPI example, with goods nobody has sampled this year unless they are given."""
    extra: Any = BatchOrder.model_config["json_schema_extra"]
    order: dict[str, Any] = deepcopy(extra["example"])
    order["goods"]["spec_model"] = f"SL-{uuid4().hex}"
    return order | changes


def laboratory(code: str) -> dict[str, Any]:
    found: dict[str, Any] = order_example()["laboratory"] | {"code": code, "name": f"示例检验院 {code}"}
    return found


class Tokens:
    """The local issuer; what it signs need not be what ``choujian token`` would."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        ensure_keys(settings.home_dir)
        private = settings.home_dir / "issuer" / "private.jwk"
        self.key = OKPKey.import_key(json.loads(private.read_bytes()))

    def claims(self, role: str, **changes: Any) -> dict[str, Any]:
        """The claims of one in this role; a change to None leaves a claim out."""
        claims: dict[str, Any] = {
            "iss": self.settings.token_issuer,
            "aud": self.settings.token_audience,
            "sub": f"{role}-01",
            "name": "张三",
            "role": role,
            "exp": int(time.time()) + 3600,
        }
        if role == Role.LAB:
            claims["lab"] = "LAB-01"
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def header(self, role: str, **changes: Any) -> dict[str, str]:
        token = jwt.encode({"alg": "Ed25519"}, self.claims(role, **changes), self.key, algorithms=["Ed25519"])
        return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[FastAPI]:
    """An application of its own, started and stopped."""
    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@asynccontextmanager
async def client_of(application: FastAPI, headers: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client


async def ordered(client: httpx.AsyncClient, **changes: Any) -> str:
    """Orders a batch and gives its number."""
    answer = await client.post("/batches", json=order_example(**changes))
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["batch_no"]
    return number


async def body_of(
    client: httpx.AsyncClient, number: str, step: StepName, changes: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A step's example as of now; what is sealed is what was ordered."""
    body = example_body(step, datetime.now(UTC), changes)
    if step is StepName.SEALED:
        body["spec_model"] = (await client.get(f"/batches/{number}")).json()["goods"]["spec_model"]
    return body


async def told(officer: httpx.AsyncClient, lab: httpx.AsyncClient, **changes: Any) -> str:
    """A batch whose result has been told today, to a seller with two addresses."""
    order = order_example(**changes)
    order["platform"]["seller_address"] = SUPPLIED
    answer = await officer.post("/batches", json=order)
    number: str = answer.json()["batch_no"]
    for step in TOLD:
        who = lab if step is StepName.RECEIVED else officer
        body = await body_of(officer, number, step)
        answer = await who.post(f"/batches/{number}/steps/{step}", json=body)
        assert answer.status_code == 200, answer.text
    return number


async def queue(client: httpx.AsyncClient, batch_no: str, state: str = "to_post") -> list[dict[str, Any]]:
    answer = await client.get("/dispatches", params={"batch_no": batch_no, "state": state})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def eventually(
    client: httpx.AsyncClient, path: str, satisfied: Callable[[dict[str, Any]], Any], seconds: float = 10
) -> dict[str, Any]:
    """Reads until the answer satisfies; fails with the last answer."""
    body: dict[str, Any] = {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        body = (await client.get(path)).json()
        if satisfied(body):
            return body
        await asyncio.sleep(0.05)
    raise AssertionError(body)


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """A problem document, whole and Chinese; gives it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["code"] == code, document
    assert document["type"] == f"urn:choujian:problem:{code}"
    assert document["status"] == status
    assert document["instance"] == answer.request.url.path
    assert any("一" <= letter <= "鿿" for letter in document["title"])
    assert any("一" <= letter <= "鿿" for letter in document["detail"])
    return document
