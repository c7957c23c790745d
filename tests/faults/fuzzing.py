"""Requests of every kind to every address: as documented, wrong as the document tells, and broken at will."""

import json
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from api.app import create_app
from settings import Settings

# Of each operation and each way, right and wrong.
_EXAMPLES = 10
_ODD_TEXTS = ("", " ", "\x00", "\ud800", "\u202e", "测" * 30_000, "'; drop table ledger; --")
_ODD: tuple[Any, ...] = (
    *_ODD_TEXTS, None, True, -1, 0, 2**63, 10**400, 1e308, [], {}, [[]] * 3, "9999-12-31", "0001-01-01",
    "2026-02-30", "2026-09-01T10:00:00+23:59", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
_PARTS = ("%00", "..%2f..", "%E2%80%AE", "%ff", "x" * 3000, "%2e%2e", "*", "1" * 40, "%F0%9F%98%80")
_QUERIES = (
    "limit=-1", "limit=99999999999999999999", "cursor=%00", "cursor=W10=", "cursor=WyJ4Il0=", "cursor=%ff",
    "q=%25%27", "day=2026-13-01", "x=1&x=2", "&&&===", "from=9999-12-31T23:59:59Z&to=0001-01-01T00:00:00Z",
    "dry_run=maybe", "term=objection&start=9999-12-31",
)  # fmt: skip
_HEADERS: tuple[dict[str, str], ...] = (
    {"Accept": "text/html"},
    {"Accept": "\x80,;;q=x"},
    {"Idempotency-Key": "x"},
    {"Idempotency-Key": "00000000-0000-5000-8000-000000000000"},
    {"Host": "evil.example.com"},
    {"Host": "[::1"},
    {"Range": "bytes=5-1,-1"},
    {"If-None-Match": '*, W/"'},
    {"Content-Encoding": "gzip"},
    {"Content-Type": "application/json; charset=utf-16"},
    {"Content-Type": "multipart/form-data; boundary="},
    {"Content-Type": "\x80/"},
    {"X-Forwarded-For": "1.2.3.4, x, ::1"},
    {"Authorization": "Bearer " + "a." * 3000},
)
_PARAMETER = re.compile(r"\{(\w+)\}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_PAGES = (
    "/", "/gongshi", "/gongshi.atom", "/gongshi.csv", "/gongshi/{document_id}", "/gonggao", "/gonggao.csv",
    "/gonggao/{document_id}", "/cunzheng", "/verify/{secret}", "/verify/{secret}.txt",
    "/verify/disposal/{batch_no}/{seq}/{mark}", "/docs", "/nowhere",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """One request before it is sent; ``path`` has its parameters in braces."""

    method: str
    path: str
    parameters: dict[str, str] = field(default_factory=dict)
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def target(self) -> str:
        path = self.path
        for name, value in self.parameters.items():
            path = path.replace(f"{{{name}}}", value)
        return f"{path}?{self.query}" if self.query else path


def documented(seed_value: int) -> list[Request]:
    """Of every operation its example, and what its schema allows and forbids; and the public's pages."""
    schema = schemathesis.openapi.from_dict(create_app(Settings(database_url="postgresql://")).openapi())
    found = [Request("GET", path, {"document_id": "x", "secret": "a" * 26}) for path in _PAGES]
    for one in schema.get_all_operations():
        operation = one.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            found += _generated(operation, mode, seed_value)
        bodies = operation.definition.raw.get("requestBody", {}).get("content", {})
        for media_type, body in bodies.items():
            if "example" in body:
                content = json.dumps(body["example"]).encode()
                headers = {"Content-Type": media_type}
                parameters = dict.fromkeys(_PARAMETER.findall(operation.path), "x")
                found.append(
                    Request(operation.method.upper(), operation.path, parameters, "", headers, content)
                )
    return found


def _generated(operation: Any, mode: GenerationMode, seed_value: int) -> list[Request]:
    found: list[Request] = []

    @seed(seed_value)
    @hypothesis_settings(
        max_examples=_EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def collect(case: schemathesis.Case) -> None:
        found.append(_request(case))

    try:
        collect()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.path  # nothing can be wrong where nothing is said
    return found


def _request(case: schemathesis.Case) -> Request:
    parameters = {name: quote(_text(value), safe="") for name, value in (case.path_parameters or {}).items()}
    # Who calls is chosen when it is sent.
    said = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    headers = {name: _text(value) for name, value in said.items()}
    query = urlencode({name: _text(value) for name, value in (case.query or {}).items()}, errors="replace")
    content = b""
    if not isinstance(case.body, NotSet):
        content = case.body if isinstance(case.body, bytes) else json.dumps(case.body, default=str).encode()
        headers = {"Content-Type": case.media_type or "application/json"} | headers
    return Request(case.method.upper(), case.path, parameters, query, headers, content)


def _text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()


def broken(chance: random.Random, request: Request) -> Request:
    """The request with one thing wrong, or a few."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        request = chance.choice(_BREAKS)(chance, request)
    return request


def _value(chance: random.Random, request: Request) -> Request:
    """Somewhere in the body another value stands, or none."""
    try:
        body = json.loads(request.content)
    except (ValueError, RecursionError):
        return _bytes(chance, request)
    places = list(_places(body))
    if not places:
        return replace(request, content=json.dumps(chance.choice(_ODD)).encode())
    inside, key = chance.choice(places)
    if chance.random() < 0.2:
        del inside[key]
    else:
        inside[key] = deepcopy(chance.choice(_ODD))
    return replace(request, content=json.dumps(body).encode())


def _places(body: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(body, dict | list):
        for key in list(body) if isinstance(body, dict) else range(len(body)):
            yield body, key
            yield from _places(body[key])


def _bytes(chance: random.Random, request: Request) -> Request:
    """No JSON any more: cut off, another encoding, deep, twice the same, no number, noise, much too long."""
    content = request.content or b'{"a": 1}'
    text = content.decode("utf-8", "replace")
    made = (
        content[: chance.randrange(len(content))],
        text.encode("utf-16"),
        text.encode("gbk", "replace"),
        b"\xef\xbb\xbf" + content,
        b"[" * 5000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        chance.randbytes(200),
        b"PK\x03\x04" + chance.randbytes(500),
        b" " * 200_000,
        b"",
    )
    return replace(request, content=chance.choice(made))


def _path(chance: random.Random, request: Request) -> Request:
    if not request.parameters:
        return replace(request, path=f"{request.path}/{chance.choice(_PARTS)}")
    name = chance.choice(sorted(request.parameters))
    return replace(request, parameters=request.parameters | {name: chance.choice(_PARTS)})


def _query(chance: random.Random, request: Request) -> Request:
    return replace(request, query="&".join(filter(None, (request.query, chance.choice(_QUERIES)))))


def _header(chance: random.Random, request: Request) -> Request:
    return replace(request, headers=request.headers | chance.choice(_HEADERS))


def _method(chance: random.Random, request: Request) -> Request:
    return replace(request, method=chance.choice(_METHODS))


_BREAKS = (_value, _value, _value, _bytes, _path, _query, _header, _method)
