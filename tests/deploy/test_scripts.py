"""The scripts of the deployment, run against a real PostgreSQL and a real Temporal server."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import make_url, text
from temporalio import workflow
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.worker import Worker

from local.embedded.parts import EmbeddedTemporal, start_postgres
from local.embedded.postgres import SUPERUSER, programs
from settings import Settings
from store.engine import autocommit, make_engine
from temporal import connecting

from .conftest import ROOT

_OWNERS = text("""
    select datname, pg_get_userbyid(datdba), has_database_privilege('choujian', oid, 'connect'),
        has_database_privilege('temporal', oid, 'connect')
    from pg_database where datname ~ 'choujian|temporal' order by datname
""")
_WITH_PASSWORD = text("""
    select array_agg(rolname order by rolname) from pg_authid
    where rolname ~ 'choujian|temporal' and rolpassword is not null and rolcanlogin and not rolsuper
""")


@pytest.fixture
def fresh_postgres() -> Iterator[str]:
    """URL of a server of its own: roles and databases would be in the way of other tests."""
    with tempfile.TemporaryDirectory(prefix="choujian-", ignore_cleanup_errors=True) as folder:
        postgres = start_postgres(Path(folder))
        yield postgres.url_as(SUPERUSER)
        postgres.stop()


def _run(*command: str, programs: Path, **environment: str) -> None:
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, env={"PATH": path, "HOME": "/", **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


async def test_each_owner_gets_into_its_own_databases_only(fresh_postgres: str) -> None:
    where = {"PGHOST": str(make_url(fresh_postgres).query["host"]), "PGUSER": "postgres"}
    # The embedded server makes these itself, the image's does not.
    drops = ("drop database choujian", "drop role choujian", "drop role choujian_owner")
    _run("psql", "-Xd", "postgres", *(f"-c{one}" for one in drops), programs=programs(), **where)
    _run(
        "/bin/sh",
        str(ROOT / "deploy/postgres/databases.sh"),
        programs=programs(),
        CHOUJIAN_OWNER_DB_PASSWORD="a third",
        CHOUJIAN_DB_PASSWORD="it's \\one",
        TEMPORAL_DB_PASSWORD="another",
        **where,
    )
    engine = make_engine(fresh_postgres)
    try:
        async with autocommit(engine) as connection:
            assert [tuple(row) for row in await connection.execute(_OWNERS)] == [
                ("choujian", "choujian_owner", True, False),
                ("temporal", "temporal", False, True),
                ("temporal_visibility", "temporal", False, True),
            ]
            assert (await connection.execute(_WITH_PASSWORD)).scalar() == [
                "choujian",
                "choujian_owner",
                "temporal",
            ]
    finally:
        await engine.dispose()


async def test_the_namespace_script_makes_what_a_worker_needs(temporal_env: EmbeddedTemporal) -> None:
    """Twice the same, and the worker then finds nothing to add."""
    for _ in range(2):
        _run(
            "/bin/sh",
            str(ROOT / "deploy/temporal/namespace.sh"),
            programs=Path(sys.executable).parent,
            TEMPORAL_ADDRESS=temporal_env.address,
            TEMPORAL_NAMESPACE="deployed",
            RETENTION="90d",
            SETTLE_SECONDS="0",
        )
    client = await Client.connect(temporal_env.address, namespace="deployed")
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace="deployed")
    )
    assert described.config.workflow_execution_retention_ttl.ToTimedelta().days == 90
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace="deployed")
    )
    wanted = {key.name: int(key.indexed_value_type) for key in connecting.KEYS}
    assert {name: kind for name, kind in listed.custom_attributes.items() if name in wanted} == wanted


# Not in the sandbox: it would load this module, and with it database drivers in C, a second time and crash.
@workflow.defn(sandboxed=False)
class _Idle:
    @workflow.run
    async def run(self) -> None:
        """Never started: a worker needs something to work on."""


async def test_a_worker_is_healthy_only_while_it_asks_for_work(
    temporal_client: Client, temporal_env: EmbeddedTemporal
) -> None:
    settings = Settings(temporal_address=temporal_env.address, task_queue="health")
    health = _worker_health()
    assert not await health.is_heard_of(settings)
    async with Worker(temporal_client, task_queue="health", workflows=[_Idle]):
        for _ in range(100):
            if healthy := await health.is_heard_of(settings):
                break
        assert healthy


def _worker_health() -> ModuleType:
    spec = spec_from_file_location("worker_health", ROOT / "deploy/worker_health.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
