"""The Compose file keeps what production relies on. No container is started here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities.platforms import read_operators
from activities.telling import receivers_of
from local.embedded.temporal import _QUICK_QUEUES
from settings import Settings
from temporal import connecting

from .conftest import ROOT, filled_in

SECRETS = {"POSTGRES_PASSWORD", "CHOUJIAN_OWNER_DB_PASSWORD", "CHOUJIAN_DB_PASSWORD", "TEMPORAL_DB_PASSWORD"}
DEMANDED = SECRETS | {"CHOUJIAN_PUBLIC_URL"}
ONE_SHOT = {"temporal-schema", "temporal-namespace", "migrate", "keys", "token"}
OURS = {"migrate", "api", "worker", "keys", "token"}
ALIASES = {str(field.validation_alias) for field in Settings.model_fields.values()}

Services = dict[str, dict[str, Any]]


def test_every_service_has_a_health_check_or_ends(services: Services) -> None:
    for name, service in services.items():
        if name in ONE_SHOT:
            assert service["restart"] in ("no", "on-failure:5"), name
        else:
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_each_part_waits_for_what_it_needs(services: Services) -> None:
    done, healthy = "service_completed_successfully", "service_healthy"
    waits = {
        name: {on: how["condition"] for on, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    assert waits == {
        "postgres": {},
        "temporal-schema": {"postgres": healthy},
        "temporal": {"temporal-schema": done},
        "temporal-namespace": {"temporal": healthy},
        "temporal-ui": {"temporal": healthy},
        "pages": {"temporal-ui": healthy},
        "migrate": {"postgres": healthy},
        "keys": {},
        "api": {"migrate": done, "keys": done},  # not Temporal: the API takes steps in without it
        "worker": {"migrate": done, "keys": done, "temporal-namespace": done},
        "token": {},
    }


def test_nothing_is_published_beyond_this_machine(services: Services) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert len(published) == 2
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in published), published
    assert "ports" not in services["temporal"], "whoever reaches Temporal itself may send any signal"
    assert "ports" not in services["temporal-ui"], "it takes any Host: pages stands before it"


def test_images_are_pinned(services: Services) -> None:
    images = {service["image"] for service in services.values()}
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    images |= set(re.findall(r"^FROM (\S+)", dockerfile, flags=re.MULTILINE))
    for image in images:
        assert re.fullmatch(r"[a-z/-]+:\d+\.\d+\.?\d*[\w.-]*", image), image
        assert "/" not in image or image.startswith("temporalio/"), f"{image} names a registry"
    assert "temporalio/auto-setup" not in dockerfile + str(images)


def test_server_tools_and_the_tests_are_of_one_temporal_version(services: Services) -> None:
    """What the tests run against is what is deployed: the wheel's versions are those of the images."""
    command = [str(Path(sys.executable).with_name("temporal")), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Server (\S+), UI ([^\s)]+)", said)
    assert found, said
    assert services["temporal"]["image"] == f"temporalio/server:{found[1]}"
    assert services["temporal-schema"]["image"] == f"temporalio/admin-tools:{found[1]}"
    assert services["temporal-namespace"]["image"] == f"temporalio/admin-tools:{found[1]}"
    assert services["temporal-ui"]["image"] == f"temporalio/ui:{found[2]}"


def test_volumes_are_named_or_read_only_files_of_the_repository(
    compose: dict[str, Any], services: Services
) -> None:
    named = set(compose["volumes"])
    used = set()
    for service in services.values():
        for volume in service.get("volumes", []):
            source, _target, *mode = volume.split(":")
            if source.startswith("./"):
                assert mode == ["ro"], volume
                assert (ROOT / source).is_file() or source == "./backup", volume
            else:
                used.add(source)
    assert used == named


def test_platforms_and_roots_are_secret_files_that_may_be_left_out(
    compose_text: str, example: dict[str, str], services: Services
) -> None:
    """The workers read it where Compose mounts it, read-only; left out, it is the one that links nobody."""
    assert example["CHOUJIAN_PLATFORMS"] == ""
    left_out = yaml.safe_load(filled_in(compose_text, dict.fromkeys(DEMANDED, "x")))
    assert example["CHOUJIAN_TSA_ROOTS"] == ""
    for name in ("platforms", "events", "tsa-roots"):
        assert name in services["worker"]["secrets"]
        variable = f"CHOUJIAN_{name.upper().replace('-', '_')}"
        assert services["worker"]["environment"][variable] == f"/run/secrets/{name}"
        assert (ROOT / left_out["secrets"][name]["file"]).is_file()
    assert read_operators(ROOT / left_out["secrets"]["platforms"]["file"]) == {}
    assert receivers_of(Settings(events=ROOT / left_out["secrets"]["events"]["file"])) == {}
    assert not [other for other in services if other != "worker" and "secrets" in services[other]]


def test_the_example_of_a_linked_platform_is_one(tmp_path: Path) -> None:
    """Its commented lines, with a real secret, are what a worker reads."""
    lines = (ROOT / "deploy/platforms.example.yaml").read_text(encoding="utf-8").splitlines()
    form = "\n".join(line.removeprefix("# ") for line in lines[lines.index("# - name: 示例电商平台") :])
    file = tmp_path / "platforms.yaml"
    file.write_text(form.replace("whsec_…", f"whsec_{'c2VjcmV0' * 5}"), encoding="utf-8")
    assert list(read_operators(file)) == ["示例电商平台"]


def test_the_example_of_a_platform_that_is_told_is_one(tmp_path: Path) -> None:
    """As that of a linked platform."""
    lines = (ROOT / "deploy/events.example.yaml").read_text(encoding="utf-8").splitlines()
    form = "\n".join(line.removeprefix("# ") for line in lines[lines.index("# - name: 信用平台") :])
    file = tmp_path / "events.yaml"
    file.write_text(form.replace("whsec_…", f"whsec_{'c2VjcmV0' * 5}"), encoding="utf-8")
    assert receivers_of(Settings(events=file))["信用平台"].profile.title == "信用记录"


def test_postgres_18_keeps_its_data_on_the_volume(services: Services) -> None:
    """From 18 on the image's data is below ``/var/lib/postgresql``; the older folder would not persist."""
    assert services["postgres"]["image"].startswith("postgres:18.")
    assert "postgres-data:/var/lib/postgresql" in services["postgres"]["volumes"]


def test_our_processes_are_told_what_settings_knows(services: Services) -> None:
    for name in OURS:
        # The client of S3 reads its own, as every other does.
        told = {said for said in services[name]["environment"] if not said.startswith("AWS_")}
        assert told <= ALIASES, f"{name}: {told - ALIASES}"
        assert {"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"} <= told


def test_evidence_and_its_keys_are_apart_and_reach_whom_they_must(services: Services) -> None:
    """Two volumes; who serves and who sweeps has both, and only ``keys`` writes keys."""
    sealed, keys = "choujian-evidence:/var/lib/choujian-evidence", "choujian-evidence-keys"
    for name in ("api", "worker"):
        volumes, told = services[name]["volumes"], services[name]["environment"]
        assert sealed in volumes, name
        assert f"{keys}:/var/lib/{keys}:ro" in volumes, name
        assert told["CHOUJIAN_EVIDENCE"] == "/var/lib/choujian-evidence"
        assert told["CHOUJIAN_EVIDENCE_KEYS"] == f"/var/lib/{keys}"
        assert {"CHOUJIAN_EVIDENCE_BUCKET", "CHOUJIAN_EVIDENCE_SECOND", "AWS_ALLOW_HTTP"} <= set(told)
    writing = [name for name, one in services.items() if f"{keys}:/var/lib/{keys}" in one.get("volumes", [])]
    assert writing == ["keys"]
    assert services["keys"]["environment"]["DATABASE_URL"], "it wraps the files' keys anew"
    made = (ROOT / "Dockerfile").read_text("utf-8")
    assert all(f"/var/lib/{volume}" in made for volume in ("choujian-evidence ", keys)), "of our own user"


def test_no_batch_is_fast_forwarded_in_production(compose_text: str) -> None:
    set_anywhere = [line for line in compose_text.splitlines() if "CHOUJIAN_TIME_SKIPPING:" in line]
    assert not set_anywhere


def test_an_unset_secret_or_public_address_stops_compose(compose_text: str, example: dict[str, str]) -> None:
    """No password has a default, nor what is printed on letters, neither there nor in the example."""
    given = dict.fromkeys(DEMANDED, "x")
    filled_in(compose_text, given)
    for name in DEMANDED:
        assert example[name] == ""
        assert f"${{{name}:-" not in compose_text
        with pytest.raises(KeyError, match=name):
            filled_in(compose_text, given | {name: ""})


def test_the_example_holds_every_variable(compose_text: str, example: dict[str, str]) -> None:
    assert set(re.findall(r"\$\{(\w+)", compose_text)) == set(example)


def test_the_pages_are_for_looking(services: Services) -> None:
    """Twice: the pages refuse to write, and the door before them lets no writing through."""
    assert services["temporal-ui"]["environment"]["TEMPORAL_DISABLE_WRITE_ACTIONS"] == "true"
    assert services["pages"]["command"][:2] == ["pages", "http://temporal-ui:8080"]
    assert set(services["pages"]["environment"]) <= ALIASES, "no password, no database"


def test_our_processes_have_no_more_rights_than_they_need(services: Services) -> None:
    for name in OURS | {"pages"}:
        assert services[name]["read_only"], name
        assert services[name]["cap_drop"] == ["ALL"], name
    assert "choujian-home:/var/lib/choujian:ro" in services["api"]["volumes"], "it only reads its keys"
    with_private = [name for name, one in services.items() if "choujian-issuer:" in str(one.get("volumes"))]
    assert with_private == ["token"], "no service that listens has the issuer's private key"
    assert services["token"]["environment"]["CHOUJIAN_ISSUER_KEY"].startswith("/var/lib/choujian-issuer/")
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER choujian$", dockerfile, flags=re.MULTILINE)


def test_one_namespace_everywhere(services: Services) -> None:
    namespaces = {
        service["environment"]["TEMPORAL_NAMESPACE"]
        for service in services.values()
        if "TEMPORAL_NAMESPACE" in service.get("environment", {})
    }
    assert namespaces == {"choujian"}
    assert services["temporal-ui"]["environment"]["TEMPORAL_DEFAULT_NAMESPACE"] == "choujian"


def test_the_script_registers_the_attributes_of_the_workflow() -> None:
    script = (ROOT / "deploy/temporal/namespace.sh").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^(Choujian\w+) (\w+)$", script, flags=re.MULTILINE))
    wanted = {key.name: key.indexed_value_type.name for key in connecting.KEYS}
    assert {name: kind.upper() for name, kind in listed.items()} == {
        name: kind.replace("_", "") for name, kind in wanted.items()
    }


def test_compose_s_temporal_is_as_quick_as_the_embedded_one() -> None:
    """What was measured embedded holds there too: the same limits on the server's own queues."""
    config = yaml.safe_load((ROOT / "deploy/temporal/dynamicconfig.yaml").read_text("utf-8"))
    for setting in _QUICK_QUEUES:
        name, value = setting.split("=")
        assert config[name] == [{"value": int(value)}]


def test_the_image_holds_all_that_is_imported() -> None:
    """``.dockerignore`` lets in every package and module of the repository's root."""
    let_in = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    modules = {path.name for path in ROOT.glob("*.py")}
    assert packages - {"bench", "tests"} <= let_in
    assert modules <= let_in
    assert {"pyproject.toml", "uv.lock", "README.md", "deploy/worker_health.py"} <= let_in


def test_compose_itself_takes_the_file(tmp_path: Path) -> None:
    """Where Docker Compose is installed it parses the file; no engine is needed for that."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed")
    env_file = tmp_path / "env"
    env_file.write_text("".join(f"{name}=x\n" for name in DEMANDED))
    command = [
        docker,
        "compose",
        "--env-file",
        str(env_file),
        "-f",
        str(ROOT / "docker-compose.yml"),
        "config",
    ]
    config = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert set(yaml.safe_load(config)["services"]) >= OURS - {"token"}
