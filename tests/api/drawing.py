"""Random draws for the tests of API and console: drawn up, frozen, drawn as soon as their moment comes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.api.builders import assert_problem
from tests.store.builders import until

SEED = "03-08-17-21-26-30-11"
READ = {"seed": SEED, "read_from": "中国福利彩票网第2027001期公告"}


def draft(scheme_id: str, *, seconds: float = 3600, **changes: Any) -> dict[str, Any]:
    """Five products, of which two are drawn; its seed is published in so many seconds."""
    announced = datetime.now(UTC) + timedelta(seconds=seconds)
    return {
        "scheme_id": scheme_id,
        "title": "儿童保温杯随机抽查",
        "subject": "products",
        "number": 2,
        "seed_source": {
            "what": "双色球第2027001期",
            "where": "cwl.gov.cn",
            "announced_at": announced.isoformat(),
        },
        "candidates": [
            {"id": "P1", "name": "保温杯一"},
            {"id": "P2", "weight": 3, "weight_reason": "上年两次不合格"},
            {"id": "P3"},
            {"id": "P,4"},
            {"id": "P5", "excluded": "已经停售"},
            {"id": "P6"},
        ],
        **changes,
    }


async def drafted(client: httpx.AsyncClient, body: dict[str, Any]) -> str:
    answer = await client.post("/draws", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def done(client: httpx.AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def frozen(client: httpx.AsyncClient, scheme_id: str, **changes: Any) -> str:
    """A draw whose moment comes soon: as soon as this machine is quick enough to freeze it before."""
    seconds = 0.5
    while True:
        address = await drafted(client, draft(scheme_id, seconds=seconds, **changes))
        answer = await client.post(f"{address}/frozen")
        if answer.status_code == 200:
            return address
        assert_problem(answer, 409, "draw_seed_not_future")
        seconds *= 2


async def entered(client: httpx.AsyncClient, address: str, read: dict[str, str] = READ) -> dict[str, Any]:
    """The seed, as soon as its moment has come."""
    answers: list[httpx.Response] = []

    async def no_longer_too_early() -> bool:
        answers.append(await client.post(f"{address}/seed", json=read))
        return "draw_seed_too_early" not in answers[-1].text

    await until(no_longer_too_early)
    assert answers[-1].status_code == 200, answers[-1].text
    said: dict[str, Any] = answers[-1].json()
    return said
