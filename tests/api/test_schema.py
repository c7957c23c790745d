"""The OpenAPI document: complete, in Chinese, and true of what the running server answers."""

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.web.receiving import CSV, XLSX
from law.vocabulary import Role
from local.embedded.ports import free_port
from messages.order import BatchOrder
from messages.steps import STEPS, StepName
from settings import Settings
from tests.api.builders import Tokens, ordered

CHINESE = re.compile("[一-鿿]")
_FILES = {
    "txt": "text/plain",
    "tsr": "application/timestamp-reply",
    "pdf": "application/pdf",
    "py": "text/x-python",
    "html": "text/html",
    "csv": CSV,
    "xlsx": XLSX,
    "zip": "application/zip",
    "content": "application/octet-stream",
}


@pytest.fixture(scope="module")
async def document(anybody: httpx.AsyncClient) -> dict[str, Any]:
    answer = await anybody.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_documented(document: dict[str, Any], step: StepName) -> None:
    """Its Chinese title, the rule it rests on, who may do it, its fields' titles, one complete example."""
    operation = document["paths"][f"/batches/{{batch_no}}/steps/{step}"]["post"]
    assert operation["summary"] == STEPS[step].TITLE
    assert STEPS[step].RESTS_ON in operation["description"]
    content = operation["requestBody"]["content"]["application/json"]
    STEPS[step].model_validate(content["example"])
    model = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    assert CHINESE.search(model["title"])
    assert model["example"] == content["example"]
    assert {"200", "202", "409"} <= operation["responses"].keys()


def test_the_order_is_documented(document: dict[str, Any]) -> None:
    """With an example that is an order."""
    content = document["paths"]["/batches"]["post"]["requestBody"]["content"]["application/json"]
    BatchOrder.model_validate(content["example"])


def test_every_operation_speaks_chinese_and_shows_its_problems(document: dict[str, Any]) -> None:
    """Summary and heading in Chinese; errors as problem documents only."""
    headings = [tag["name"] for tag in document["tags"]]
    for path, operations in document["paths"].items():
        answer = _FILES.get(path.rpartition("/")[2].rpartition(".")[2], "application/json")
        for operation in operations.values():
            assert CHINESE.search(operation["summary"])
            assert set(operation["tags"]) <= set(headings)
            for status, response in operation["responses"].items():
                kind = "application/problem+json" if int(status) >= 400 else answer
                assert list(response["content"]) == [kind]
    steps = [
        operation["post"]
        for path, operation in document["paths"].items()
        if "/steps/" in path
        if "post" in operation
    ]
    order = [headings.index(operation["tags"][0]) for operation in steps]
    assert order == sorted(order)


async def test_the_page_needs_no_internet(anybody: httpx.AsyncClient) -> None:
    """Everything /docs loads comes from this server."""
    page = await anybody.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/")
        assert (await anybody.get(address)).status_code == 200


@pytest.fixture(scope="module")
async def batch_no(officer: httpx.AsyncClient) -> str:
    return await ordered(officer)


@pytest.fixture(scope="module")
def address(settings: Settings, migrated: object) -> Iterator[str]:
    """A server of its own, in its own thread: what is generated is sent over a real connection."""
    assert migrated
    port = free_port()
    impatient = settings.model_copy(update={"decision_timeout_seconds": 0.05})
    server = uvicorn.Server(
        uvicorn.Config(create_app(impatient), port=port, log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


described = schemathesis.openapi.from_dict(create_app(Settings(database_url="postgresql://")).openapi())


@described.parametrize()
@hypothesis_settings(
    max_examples=5,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_server_answers_as_documented(
    case: schemathesis.Case, address: str, tokens: Tokens, batch_no: str
) -> None:
    """Whatever is sent: no 500, and only documented statuses, types and bodies."""
    name = case.path.rpartition("/")[2]
    role = min(STEPS[StepName(name)].ROLES) if name in set(StepName) else Role.OFFICER
    if "batch_no" in case.path_parameters and len(case.path_parameters["batch_no"]) % 2:
        case.path_parameters["batch_no"] = batch_no
    case.call_and_validate(
        base_url=address,
        headers=tokens.header(role),
        # A print run makes every letter of the tests before, on a machine that may be busy.
        timeout=120,
        checks=[
            schemathesis.checks.not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ],
    )
