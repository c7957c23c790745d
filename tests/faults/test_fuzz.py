"""Whatever anybody sends to any address, the API answers soon, in its own words, and the work goes on."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import httpx
import pytest

from law.vocabulary import Role
from local.commands.tokens import issue
from local.scenarios.courses import COURSES
from local.scenarios.player import perform
from messages.steps import StepName
from tests.faults.clients import Clients, Table
from tests.faults.fuzzing import Request, broken, documented
from tests.faults.stack import Part, Stack, bounded

pytestmark = pytest.mark.faults

REQUESTS = int(os.environ.get("CHOUJIAN_FUZZ_REQUESTS", "20000"))
SEED = int(os.environ.get("CHOUJIAN_FUZZ_SEED", "0")) or random.randrange(1, 2**32)
_AT_ONCE = 8
_LONGEST_SECONDS = 10.0
_MOST_TOLD = 20
# What the product itself says while a part of it is not ready.
_HONEST = {"database_unavailable", "temporal_unavailable", "not_ready", "signing_key_missing"}

_CONTROLS = bytes([*range(32), 127])
ToSend = Iterator[tuple[int, tuple[str | None, Request]]]


@dataclass
class Found:
    """What was answered, and what should not have been."""

    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")


@bounded(1200)
async def test_no_request_breaks_the_api_or_anybodys_work(stack: Stack, clients: Clients) -> None:
    """Every operation in every role and in none, then broken at will; a batch begun before is finished after.

    The same again: CHOUJIAN_FUZZ_SEED with the seed that is printed.
    """
    table, course = Table(clients, stack), COURSES[0]
    batch_no, victim = await clients.open(), await clients.open()
    for act in course.acts[:3]:
        await perform(table, batch_no, act)
    await clients.decision(await _filed(clients, victim))
    listed = await clients.until_answered("GET", f"/batches/{victim}/documents", Role.AUDITOR)
    known = {"batch_no": victim, "document_id": listed.json()[0]["document_id"]}
    requests = documented(SEED)
    found, begin, told = Found(), time.monotonic(), len(stack.log(Part.API))
    to_send = enumerate(_requests(requests, known))
    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(_send(stack, to_send, found))
    minutes = (time.monotonic() - begin) / 60
    sent = sum(found.answers.values())
    print(f"seed {SEED}: {sent} requests, {sent / minutes:.0f} a minute; {dict(found.answers)}")
    print(f"slowest: {found.slowest[0]:.1f} s {found.slowest[1]}")
    assert found.faults == [], f"CHOUJIAN_FUZZ_SEED={SEED}"
    assert "Traceback" not in stack.log(Part.API)[told:]
    for act in course.acts[3:]:
        await perform(table, batch_no, act)
    view = (await clients.until_answered("GET", f"/batches/{batch_no}", Role.AUDITOR)).json()
    assert view["outcome"] == course.outcome


async def _filed(clients: Clients, batch_no: str) -> object:
    sent = clients.prepare(batch_no, Role.OFFICER, StepName.PURCHASED)
    await clients.file(sent)
    return sent


def _requests(documented: list[Request], known: dict[str, str]) -> Iterator[tuple[str | None, Request]]:
    """As documented by everybody, with a batch and a letter that there are every other time; then broken."""
    chance = random.Random(SEED)
    callers = [None, *(role.value for role in Role if role is not Role.SYSTEM)]
    planned = [(caller, request) for request in documented for caller in callers]
    chance.shuffle(planned)
    yield from ((caller, _about(known, chance, request)) for caller, request in planned[:REQUESTS])
    for _ in range(REQUESTS - len(planned)):
        yield chance.choice(callers), broken(chance, _about(known, chance, chance.choice(documented)))


def _about(known: dict[str, str], chance: random.Random, request: Request) -> Request:
    if chance.random() < 0.5:
        return request
    there = {name: known.get(name, value) for name, value in request.parameters.items()}
    return replace(request, parameters=there)


async def _send(stack: Stack, to_send: ToSend, found: Found) -> None:
    tokens = {
        role.value: issue(stack.settings, role.value, subject=f"fuzz-{role.value}")
        for role in Role
        if role is not Role.SYSTEM
    }
    async with httpx.AsyncClient(base_url=stack.api_url, timeout=30, trust_env=False) as http:
        for number, (caller, request) in to_send:
            if len(found.faults) >= _MOST_TOLD:
                return
            authorized = {} if caller is None else {"Authorization": f"Bearer {tokens[caller]}"}
            said = f"no. {number} {caller}: {request.method} {request.target[:200]} {request.headers}"
            begin = time.monotonic()
            try:
                answer = await http.request(
                    request.method,
                    request.target,
                    headers=_raw(authorized | request.headers),
                    content=request.content,
                )
            except httpx.LocalProtocolError:
                continue  # a client cannot send that
            except httpx.TransportError as error:
                found.faults.append(f"{said} {request.content[:300]!r}: {error!r}")
                continue
            took = time.monotonic() - begin
            found.answers[answer.status_code] += 1
            found.slowest = max(found.slowest, (took, said))
            if took > _LONGEST_SECONDS or not _is_honest(answer):
                text = answer.text[:300]
                found.faults.append(
                    f"{said} {request.content[:300]!r}: {answer.status_code} {took:.1f} s {text}"
                )


def _raw(headers: dict[str, str]) -> dict[bytes, bytes]:
    """Any bytes but those that no client can send."""
    return {
        name.encode(): value.encode("utf-8", "replace").translate(None, _CONTROLS).strip()
        for name, value in headers.items()
    }


def _is_honest(answer: httpx.Response) -> bool:
    if "nosniff" not in answer.headers.get("x-content-type-options", ""):
        return answer.text == "Invalid HTTP request received."
    if answer.status_code < 500:
        return True
    is_problem = answer.headers["content-type"] == "application/problem+json"
    return answer.status_code == 503 and is_problem and answer.json()["code"] in _HONEST
