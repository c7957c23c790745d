"""Nothing that is sent is read, kept or echoed without a bound."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.app import create_app
from settings import Settings
from tests.api.builders import assert_problem, order_example, step_example

JSON = {"Content-Type": "application/json"}
STEP = "/batches/CJ1999-000001/steps/report_received"
SEALED = "/batches/CJ1999-000001/steps/sealed"
_BOUND_BY_FORM = {"date", "date-time", "uuid"}
# Lists as files are bounded by the bytes that are read of them, and then row by row.
_FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")

document = create_app(Settings(database_url="postgresql://")).openapi()


def _unbounded(schema: dict[str, Any], path: str, within: frozenset[str] = frozenset()) -> Iterator[str]:
    """Places in a schema where a text, list, object or number has no end."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in within:
            yield from _unbounded(document["components"]["schemas"][name], path, within | {name})
        return
    branches = [branch for of in ("anyOf", "oneOf", "allOf") for branch in schema.get(of, ())]
    if any(branch.get("type") == "number" for branch in branches):
        # A decimal may be sent as text too: it is the same number, with the same bounds.
        branches = [branch for branch in branches if branch.get("type") != "string"]
    for branch in branches:
        yield from _unbounded(branch, path, within)
    kind = schema.get("type")
    if branches or "enum" in schema or "const" in schema or kind in ("boolean", "null"):
        return
    if kind == "string":
        if "maxLength" not in schema and schema.get("format") not in _BOUND_BY_FORM:
            yield path
    elif kind in ("integer", "number"):
        low = {"minimum", "exclusiveMinimum"} & schema.keys()
        if not low or not {"maximum", "exclusiveMaximum"} & schema.keys():
            yield path
    elif kind == "array":
        yield from [] if "maxItems" in schema else [path]
        yield from _unbounded(schema["items"], f"{path}[]", within)
    else:
        assert kind == "object", (path, schema)
        for name, inner in schema.get("properties", {}).items():
            yield from _unbounded(inner, f"{path}.{name}", within)
        others = schema.get("additionalProperties", True)
        if others is not False:
            names = schema.get("propertyNames", {})
            is_bound = "maxProperties" in schema and ("maxLength" in names or "format" in names)
            # Whatever it may hold is read by another step's model, and is bounded as a body until then.
            inner = {} if others is True else others
            yield from (_unbounded(inner, f"{path}{{}}", within) if inner else []) if is_bound else [path]


def test_every_list_text_and_number_that_is_read_has_a_bound() -> None:
    """Of all models of the API: bodies, queries, paths and headers."""
    found: list[str] = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            for parameter in operation.get("parameters", ()):
                found += _unbounded(parameter["schema"], f"{where} ?{parameter['name']}")
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                found += [] if kind in _FILES else _unbounded(body["schema"], where)
    assert found == []


@pytest.mark.parametrize(
    ("path", "kib"), [(SEALED, 64), (STEP, 640), ("/batches", 128), ("/calendars/what-if", 64)]
)
async def test_each_body_is_read_to_its_bound_and_no_further(
    officer: httpx.AsyncClient, path: str, kib: int
) -> None:
    """A step 64 KiB, a report 640, an order 128: one byte more is not read."""
    fits = b"{}".ljust(kib * 1024)
    assert_problem(await officer.post(path, content=fits, headers=JSON), 422, "invalid")
    assert_problem(await officer.post(path, content=fits + b" ", headers=JSON), 413, "body_too_large")


@pytest.mark.parametrize("digits", [400, 4_000])
@pytest.mark.parametrize(
    ("step", "path"),
    [
        ("purchased", ("goods", "monthly_sales")),
        ("purchased", ("order", "price")),
        ("purchased", ("test_quantity", "amount")),
        ("retest_lab_appointed", ("laboratory", "contract_days")),
    ],
)
async def test_a_number_of_any_length_is_told_to_be_too_large(
    officer: httpx.AsyncClient, step: str, path: tuple[str, str], digits: int
) -> None:
    """422 that names the field, never 500."""
    body = step_example(step)
    body[path[0]][path[1]] = 0
    raw = json.dumps(body).replace(f'"{path[1]}": 0', f'"{path[1]}": {"9" * digits}')
    answer = await officer.post(f"/batches/CJ1999-000001/steps/{step}", content=raw, headers=JSON)
    told = assert_problem(answer, 422, "invalid")
    assert [error["pointer"] for error in told["errors"]] == ["/" + "/".join(path)]


@pytest.mark.parametrize("path", ["postings", "receipts"])
@pytest.mark.parametrize("cell", ["9" * 400, "1e400", "-" + "9" * 400, "9" * 4_300])
async def test_a_cell_of_400_digits_spoils_no_list_as_a_fault_of_ours(
    officer: httpx.AsyncClient, path: str, cell: str
) -> None:
    """In a list as JSON, 422 with the pointer; as CSV the row's own answer."""
    titles = ("文书编号", "邮件号码", "交寄日期") if path == "postings" else ("邮件号码", "结果", "日期")
    for title in titles:
        row = dict.fromkeys(titles, '"退回"') | {title: cell}
        text = ",".join(f'"{name}":{said}' for name, said in row.items())
        answer = await officer.post(f"/dispatches/{path}", content=f'{{"rows":[{{{text}}}]}}', headers=JSON)
        told = assert_problem(answer, 422, "invalid")
        assert told["errors"][0]["pointer"] == f"/rows/0/{title}"
        raw = f"{','.join(row)}\n{','.join(said.strip(chr(34)) for said in row.values())}\n"
        answer = await officer.post(
            f"/dispatches/{path}", content=raw.encode(), headers={"Content-Type": "text/csv"}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["counts"] == {"invalid": 1}
        assert len(answer.content) < 2_000


async def test_what_was_sent_is_not_echoed_by_the_kilobyte(officer: httpx.AsyncClient) -> None:
    """Names that nobody knows are clipped, and of many mistakes the first are told."""
    many = {f"{no}{'键' * 500}": no for no in range(30)}
    for path, body in ((STEP, step_example("report_received")), ("/batches", order_example())):
        answer = await officer.post(path, json=body | many)
        told = assert_problem(answer, 422, "invalid")
        assert len(told["errors"]) == 20
        assert "共30处" in told["detail"]
        assert len(answer.content) < 48 * 1024
        answer = await officer.post(path, json=body | {"a" * 20_000: 1, "kind": "z" * 20_000})
        assert_problem(answer, 422, "invalid")
        assert len(answer.content) < 4_000
    row = {"文" * 20_000: []}
    answer = await officer.post("/dispatches/postings", json={"rows": [row]})
    assert_problem(answer, 422, "invalid")
    assert len(answer.content) < 4_000
    title = "邮件号码" + "x" * 40_000
    answer = await officer.post(
        "/dispatches/receipts",
        content=f"邮件号码,结果,日期,{title}\n1,妥投,甲,2\n".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 200
    assert len(answer.content) < 4_000
    assert len((await officer.get(f"/{'a' * 20_000}")).content) < 4_000
