"""Every error is a problem document in the field's own words, whatever is sent."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url

from api.web.body import MAX_BODY_BYTES
from law.vocabulary import Role
from local.embedded.ports import free_port
from settings import Settings
from tests.api.builders import (
    Tokens,
    assert_problem,
    client_of,
    order_example,
    ordered,
    running,
    step_example,
)

SEALED = "/batches/CJ1999-000001/steps/sealed"
JSON = {"Content-Type": "application/json"}


def _said(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {error["pointer"]: (error["field"], error["message"]) for error in document["errors"]}


async def test_fields_are_named_as_the_form_names_them(officer: httpx.AsyncClient) -> None:
    """A Chinese path, a JSON pointer and a sentence for each field, all of them at once."""
    body = step_example("sealed")
    del body["participants"][1]["name"]
    del body["place"]
    body["participants"][2]["capacity"] = "neighbour"
    body["sealed_at"] = "2026-09-07T10:30:00"
    body["recording"]["sha256"] = "ABC"
    body["worksheet"]["reference"] = "  "
    body["producer"] = 7
    body["weather"] = "晴"
    document = assert_problem(await officer.post(SEALED, json=body), 422, "invalid")
    said = _said(document)
    assert said["/participants/1/name"] == ("参加人员 › 第2项 › 姓名", "缺少该项")
    assert said["/place"] == ("封样场所", "缺少该项")
    field, sentence = said["/participants/2/capacity"]
    assert field == "参加人员 › 第3项 › 身份"
    assert sentence.startswith("应为下列之一：buyer、officer")
    assert said["/sealed_at"] == ("封样时间", "时间应写明时区，例如 2026-09-01T10:00:00+08:00")
    assert said["/recording/sha256"] == (
        "拆包封样过程录像 › SHA-256 摘要",
        "应为64位小写十六进制的 SHA-256 摘要",
    )
    assert said["/worksheet/reference"] == ("抽查检验工作单 › 工作单编号", "不能为空")
    assert said["/producer"] == ("标称生产者名称；无则填“无”", "应为文字")
    assert said["/weather"] == ("weather", "没有这一项")
    assert "共8处" in document["detail"]


@pytest.mark.parametrize(
    ("step", "change", "pointer", "sentence"),
    [
        ("objection_filed", {"how": "post"}, "", "邮寄提交的，应当填写邮戳日期；邮戳无法辨认的，应当写明"),
        ("report_received", {"issued_on": "2026-09-30"}, "", "签发日期不能晚于市局收到日期"),
        ("report_received", {"items": []}, "/items", "至少应有1项"),
        ("report_received", {"items": {}}, "/items", "应为列表"),
        ("notice_delivered", {"delivered_on": "9月1日"}, "/delivered_on", "应为日期，例如 2026-09-01"),
        ("received", {"all_in": "也许"}, "/all_in", "应为 true 或 false"),
        ("received", {"parcels": [None]}, "/parcels/0", "应为对象"),
        ("sealed", {"sealed_at": "9999-12-31T23:59:59-12:00"}, "/sealed_at", "年份应在2000年至2999年之间"),
        ("sealed", {"sealed_at": "0001-01-01T00:00:00+14:00"}, "/sealed_at", "年份应在2000年至2999年之间"),
        (
            "purchased",
            {"test_quantity": {"amount": "0", "unit": "个"}},
            "/test_quantity/amount",
            "应大于0",
        ),
    ],
)
async def test_each_kind_of_mistake_has_its_sentence(
    app: FastAPI, tokens: Tokens, step: str, change: dict[str, Any], pointer: str, sentence: str
) -> None:
    """Our own validators' sentences are kept, pydantic's are put into Chinese."""
    role = Role.LAB if step == "received" else Role.OFFICER
    async with client_of(app, tokens.header(role)) as client:
        answer = await client.post(f"/batches/CJ1999-000001/steps/{step}", json=step_example(step) | change)
    said = _said(assert_problem(answer, 422, "invalid"))
    assert said[pointer][1] == sentence


async def test_an_order_is_checked_likewise(officer: httpx.AsyncClient) -> None:
    """E-mail addresses and numbers too."""
    order = order_example()
    order["seller"]["email"] = "不是邮箱"
    order["laboratory"]["contract_days"] = 0
    said = _said(assert_problem(await officer.post("/batches", json=order), 422, "invalid"))
    assert said == {
        "/seller/email": ("网络商品经营者 › 电子邮箱", "格式不正确"),
        "/laboratory/contract_days": ("承检机构 › 合同约定的检验周期（自然日）", "应不小于1"),
    }


async def test_headers_and_queries_are_named(officer: httpx.AsyncClient) -> None:
    """The malformed key and the wrong parameter by their names."""
    key = {"Idempotency-Key": "123"}
    for path, body in ((SEALED, step_example("sealed")), ("/batches", order_example())):
        document = assert_problem(await officer.post(path, json=body, headers=key), 422, "invalid")
        ((field, sentence),) = _said(document).values()
        assert field == "幂等键（Idempotency-Key）"
        assert sentence.startswith("应为 UUID")
    for path, field in {
        "/batches?phase=lunch": "阶段（phase）",
        "/batches?limit=0": "每页条数（limit）",
        "/batches?overdue=maybe": "是否有逾期事项（overdue）",
        "/tasks?kind=lunch": "duty 机关或检验机构的义务；right 当事人的权利（kind）",
        "/exports/batches.csv?overdue=maybe": "是否有逾期事项（overdue）",
        "/statistics?from=maybe": "下达之日自（from）",
        "/tasks?due_before=2026-09-01T00:00:00": "届满时刻早于（due_before）",
        "/tasks?due_before=0001-01-01T00:00:00Z": "届满时刻早于（due_before）",
        "/deadlines/preview?term=objection": "起算日（当日不计入）（start）",
    }.items():
        document = assert_problem(await officer.get(path), 422, "invalid")
        assert [error["field"] for error in document["errors"]] == [field], path


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b'{"place": NaN}', 400, "malformed_json"),
        (b'{"place": "a", "place": "b"}', 400, "malformed_json"),
        (b"[" * 50_000, 400, "malformed_json"),
        (b"[" * 40 + b"]" * 40, 400, "malformed_json"),
        (b"1" * 5_000, 400, "malformed_json"),
        (b'{"place": "\\u0000"}', 422, "invalid"),
        (b'{"place": "\\ud800"}', 422, "invalid"),
        (b'{"\\udfff": 1}', 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"", 422, "invalid"),
        (b'"' + b"a" * MAX_BODY_BYTES + b'"', 413, "body_too_large"),
    ],
)
async def test_bodies_that_cannot_be_read(
    officer: httpx.AsyncClient, content: bytes, status: int, code: str
) -> None:
    """Turned away before anything is done with them."""
    assert_problem(await officer.post(SEALED, content=content, headers=JSON), status, code)


async def test_a_body_without_a_length_is_limited_too(officer: httpx.AsyncClient) -> None:
    """Chunk by chunk."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    answer = await officer.post(SEALED, content=endless(), headers=JSON)
    assert_problem(answer, 413, "body_too_large")


async def test_only_json_is_read(officer: httpx.AsyncClient) -> None:
    """A form, plain text and no type at all are 415; JSON's relatives pass."""
    for kind in ("application/x-www-form-urlencoded", "text/plain", ""):
        answer = await officer.post(SEALED, content=b"{}", headers={"Content-Type": kind})
        assert_problem(answer, 415, "unsupported_media_type")
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        answer = await officer.post(SEALED, content=b"{}", headers={"Content-Type": kind})
        assert_problem(answer, 422, "invalid")


async def test_unknown_addresses_and_methods(officer: httpx.AsyncClient) -> None:
    """A problem document as well, with the methods that are allowed."""
    assert_problem(await officer.get("/nowhere"), 404, "not_found")
    assert_problem(await officer.post("/batches/CJ1999-000001/steps/danced", json={}), 404, "not_found")
    assert_problem(await officer.get("/batches/CJ1999-000001/steps/danced"), 404, "not_found")
    answer = await officer.delete("/batches")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


async def test_with_the_database_down(settings: Settings, tokens: Tokens) -> None:
    """503 that says when to come back, for reads and steps; live but not ready."""
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    async with (
        running(settings.model_copy(update={"database_url": url})) as app,
        client_of(app, tokens.header(Role.OFFICER)) as client,
    ):
        for answer in (
            await client.get("/batches"),
            await client.post(SEALED, json=step_example("sealed")),
            await client.post("/batches", json=order_example()),
            await client.get("/public/results"),
        ):
            assert_problem(answer, 503, "database_unavailable")
            assert answer.headers["retry-after"]
        document = assert_problem(await client.get("/health/ready"), 503, "not_ready")
        assert "数据库连接不上" in document["detail"]
        assert (await client.get("/health/live")).status_code == 200


async def test_with_the_database_read_only(
    settings: Settings, officer: httpx.AsyncClient, tokens: Tokens
) -> None:
    """As a standby is: the public is answered; whoever files, or reads what is noted, comes again."""
    batch_no = await ordered(officer)
    assert settings.database_url is not None
    url = make_url(settings.database_url).update_query_dict({"default_transaction_read_only": "on"})
    read_only = settings.model_copy(update={"database_url": url.render_as_string(hide_password=False)})
    async with running(read_only) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        assert (await client.get("/public/results")).status_code == 200
        for answer in (
            await client.get(f"/batches/{batch_no}"),
            await client.post("/batches", json=order_example()),
            await client.post(f"/batches/{batch_no}/steps/sealed", json=step_example("sealed")),
        ):
            assert_problem(answer, 503, "database_unavailable")
            assert answer.headers["retry-after"]


async def test_before_the_database_is_migrated(settings: Settings, tokens: Tokens) -> None:
    """503 as well, and readiness says what to do."""
    url = make_url(settings.database_url or "").set(database="postgres")
    bare = settings.model_copy(update={"database_url": url.render_as_string(hide_password=False)})
    async with running(bare) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        assert_problem(await client.get("/batches"), 503, "database_unavailable")
        document = assert_problem(await client.get("/health/ready"), 503, "not_ready")
        assert "请运行 choujian migrate" in document["detail"]


async def test_our_own_faults_are_told_by_number(
    settings: Settings, migrated: object, caplog: pytest.LogCaptureFixture
) -> None:
    """500 shows an id that is in the log, and nothing else."""
    assert migrated
    async with running(settings) as app:

        @app.get("/fault")
        async def fault() -> None:
            raise RuntimeError("the secret")

        async with client_of(app, {}) as client:
            answer = await client.get("/fault")
    document = assert_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert answer.headers["connection"] == "close"
    assert document["error_id"] in caplog.text
