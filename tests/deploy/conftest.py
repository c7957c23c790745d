"""The Compose file as it is, and its values as Compose would put them in."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<word>[^}]*))?\}")


def filled_in(text: str, given: dict[str, str]) -> str:
    """``${NAME:-default}`` and ``${NAME:?why}`` replaced as Compose does it. Raises ``KeyError``."""

    def value(found: re.Match[str]) -> str:
        if given.get(found["name"]):
            return given[found["name"]]
        if found["kind"] == "-":
            return found["word"]
        raise KeyError(found["name"])

    return _VARIABLE.sub(value, text)


@pytest.fixture(scope="session")
def compose_text() -> str:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def example() -> dict[str, str]:
    """The variables of ``.env.example``, in its order."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="session")
def compose(compose_text: str, example: dict[str, str]) -> dict[str, Any]:
    given = {name: value or "filled" for name, value in example.items()}
    loaded: dict[str, Any] = yaml.safe_load(filled_in(compose_text, given))
    return loaded


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found
