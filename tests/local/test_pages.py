"""Temporal's pages through the proxy of every stack: read by its own names, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from local.commands.serving import serve_pages
from local.embedded.parts import EmbeddedTemporal, hidden_pages, start_temporal
from local.embedded.ports import free_port
from local.embedded.temporal import PagesAt
from settings import Settings
from tests.store.builders import until

WORKFLOWS = "/api/v1/namespaces/default/workflows"


@pytest.fixture(scope="module")
def own_pages() -> PagesAt:
    return hidden_pages()


@pytest.fixture(scope="module")
async def temporal(
    tmp_path_factory: pytest.TempPathFactory, own_pages: PagesAt
) -> AsyncIterator[EmbeddedTemporal]:
    log = tmp_path_factory.mktemp("temporal") / "log"
    started = start_temporal(None, free_port(), own_pages, time_skipping=False, log=log)
    yield started
    started.stop()


@pytest.fixture
async def workflow(temporal: EmbeddedTemporal) -> AsyncIterator[tuple[Client, str]]:
    client = await Client.connect(temporal.address)
    handle = await client.start_workflow("Batch", id="batch-1", task_queue="nobody")
    yield client, handle.id
    await handle.terminate()


@pytest.fixture
async def pages(
    temporal: EmbeddedTemporal, own_pages: PagesAt, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    assert temporal
    settings = Settings(home=tmp_path, ui_port=free_port(), hosts="flows.lan")
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_pages(settings, own_pages.url, "127.0.0.1", stop))
    address = f"http://127.0.0.1:{settings.ui_port}"
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        await until(lambda: _answers(client), 20)
        yield client
    stop.set()
    assert await serving


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/")).status_code == 200
    except httpx.TransportError:
        return False


async def test_they_can_be_read(pages: httpx.AsyncClient, workflow: tuple[Client, str]) -> None:
    """The page itself, and the list it shows; its buttons are told to hide."""
    _, name = workflow
    assert "text/html" in (await pages.get("/namespaces/default/workflows")).headers["content-type"]

    async def is_listed() -> bool:
        return name in (await pages.get(WORKFLOWS)).text

    await until(is_listed, 20)
    assert (await pages.get(f"{WORKFLOWS}/{name}/history")).status_code == 200
    told = (await pages.get("/api/v1/settings")).json()
    assert told["DisableWriteActions"]
    assert all(told[act] for act in ("WorkflowTerminateDisabled", "WorkflowSignalDisabled"))
    assert (await pages.get("/", headers={"Host": "flows.lan"})).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{WORKFLOWS}/batch-1/terminate"),
        ("POST", f"{WORKFLOWS}/batch-1/cancel"),
        ("POST", f"{WORKFLOWS}/batch-1/signal/report_received"),
        ("POST", f"{WORKFLOWS}/batch-1/reset"),
        ("POST", f"{WORKFLOWS}/batch-1/query/..%2f..%2fbatch-1%2fterminate"),
        ("POST", f"{WORKFLOWS}/batch-1/query/x/../../terminate"),
        ("POST", f"{WORKFLOWS}/other"),
        ("POST", "/api/v1/namespaces/default/batch-operations/x"),
        ("DELETE", f"{WORKFLOWS}/batch-1"),
        ("PUT", "/api/v1/namespaces/default"),
        ("OPTIONS", WORKFLOWS),
    ],
)
async def test_nothing_is_written_through_them(
    pages: httpx.AsyncClient, workflow: tuple[Client, str], method: str, path: str
) -> None:
    """Whatever method and path: 403 in words, and the workflow runs on."""
    client, name = workflow
    answer = await pages.request(method, path, json={})
    assert (answer.status_code, "只能查看" in answer.json()["message"]) == (403, True)
    description = await client.get_workflow_handle(name).describe()
    assert description.status is WorkflowExecutionStatus.RUNNING


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    ],
    ids=str,
)
async def test_a_foreign_page_gets_nothing(pages: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for path in ("/", WORKFLOWS, "/api/v1/settings"):
        answer = await pages.get(path, headers=headers)
        assert answer.status_code == 403
        assert answer.json().keys() == {"message"}


async def test_a_link_from_elsewhere_may_be_followed(pages: httpx.AsyncClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await pages.get("/", headers=headers)).status_code == 200


def test_the_pages_own_address_is_hidden(own_pages: PagesAt) -> None:
    """Another one with every start, of millions, where the system has more loopback addresses than one."""
    assert own_pages.is_hidden
    assert own_pages.host.startswith("127.")
    assert hidden_pages().host != own_pages.host


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1"])
def test_the_server_s_own_interface_over_http_is_shut(
    temporal: EmbeddedTemporal, own_pages: PagesAt, host: str
) -> None:
    """On whichever ports of the loopback the server listens: no browser reads or ends a batch there."""
    listening = {
        (address.ip, address.port)
        for connection in psutil.Process(temporal.child.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and (address := connection.laddr)
    }
    assert len(listening) > 2
    answers = [_asked(ip, port, host) for ip, port in listening - {(own_pages.host, own_pages.port)}]
    assert 403 in answers
    assert not [status for status in answers if status is not None and status < 400]


def _asked(ip: str, port: int, host: str) -> int | None:
    """What the list of namespaces is answered with; None where HTTP is not spoken."""
    try:
        answer = httpx.get(
            f"http://{ip}:{port}/api/v1/namespaces", headers={"Host": host}, timeout=3, trust_env=False
        )
    except httpx.HTTPError:
        return None
    return answer.status_code
