"""Lists to take along: what stands in them, who has them, that nothing in them runs, and that it is kept."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy import text

from law.vocabulary import Role
from store.reads import exports
from tests.api.builders import Tokens, assert_problem, client_of, laboratory, order_example, ordered, told


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.usefixtures("working")
async def test_a_batch_stands_in_its_line_with_seller_and_last_day(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    number = await told(officer, lab)
    answer = await officer.get("/exports/batches.csv", params={"q": number})
    [line] = rows(answer)
    assert (line["批次编号"], line["网络商品经营者"], line["阶段"]) == (number, "示例旗舰店", "结果通知")
    waits = (await officer.get(f"/batches/{number}")).json()["waiting_for"]
    assert line["届满日"] == min(one["last_day"] for one in waits if one["last_day"])
    answer = await officer.get("/exports/batches.xlsx", params={"q": number})
    [header, cells] = load_workbook(io.BytesIO(answer.content)).active.values
    assert list(header) == list(line)
    assert [cell or "" for cell in cells] == list(line.values())
    due = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    tasks = rows(await officer.get("/exports/tasks.csv", params={"due_before": due, "owed_by": "officer"}))
    assert number in {one["批次编号"] for one in tasks}
    assert {one["义务或权利"] for one in tasks} == {"义务"}


async def test_nothing_in_a_list_runs(officer: httpx.AsyncClient) -> None:
    """A seller may be called like a formula; a spreadsheet shows it."""
    seller = order_example()["seller"] | {"name": "=HYPERLINK(1)旗舰店"}
    number = await ordered(officer, seller=seller)
    [line] = rows(await officer.get("/exports/batches.csv", params={"q": number}))
    assert line["网络商品经营者"] == "'=HYPERLINK(1)旗舰店"
    answer = await officer.get("/exports/batches.xlsx", params={"q": number})
    sheet: Any = load_workbook(io.BytesIO(answer.content)).active
    assert [cell.data_type for cell in sheet[2] if cell.value == seller["name"]] == ["s"]


async def test_whose_lists_they_are_and_that_they_are_kept(
    app: FastAPI, officer: httpx.AsyncClient, tokens: Tokens
) -> None:
    number = await ordered(officer, laboratory=laboratory("LAB-88"))
    async with client_of(app, tokens.header(Role.LAB)) as other:
        assert rows(await other.get("/exports/batches.csv", params={"q": number})) == []
        assert number not in (await other.get("/exports/tasks.csv")).text
    async with client_of(app, tokens.header(Role.LAB, lab="LAB-88", sub="lab-88")) as own:
        (theirs,) = rows(await own.get("/exports/batches.csv", params={"q": number}))
        waits = (await own.get(f"/batches/{number}")).json()["waiting_for"]
        assert theirs["最近的事项"] in {"", *(one["title"] for one in waits)}, "its own matters alone"
        (listed,) = (await own.get("/batches", params={"q": number})).json()["items"]
        assert listed["next_deadline"] in {None, *(one["deadline"] for one in waits)}
    async with app.state.runtime.engine.connect() as connection:
        kept = await connection.execute(
            text("select batch_nos from access_log where sub = 'lab-88' order by no desc limit 1")
        )
        assert kept.scalar_one() == [number]
    async with client_of(app, {}) as nobody:
        assert_problem(await nobody.get("/exports/batches.csv"), 401, "unauthenticated")


async def test_more_than_fits_is_refused(officer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await ordered(officer)
    await ordered(officer)
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    for path in ("batches.csv", "batches.xlsx", "tasks.csv", "tasks.xlsx"):
        assert_problem(await officer.get(f"/exports/{path}"), 422, "too_many_rows")
