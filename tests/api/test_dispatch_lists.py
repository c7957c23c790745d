"""Postings and receipts taken in as lists: every row is a step like any other, and every row is answered."""

import asyncio
import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook

from api.web.receiving import CSV, XLSX
from law.calendar import day_in_shanghai
from law.vocabulary import Role
from lists.reading import MAX_BYTES
from settings import Settings
from tests.api.builders import (
    LICENCE,
    PEOPLE,
    SUPPLIED,
    Tokens,
    assert_problem,
    client_of,
    queue,
    running,
    step_example,
    told,
)

pytestmark = pytest.mark.usefixtures("working")

POSTINGS, RECEIPTS = "/dispatches/postings", "/dispatches/receipts"


def today() -> date:
    return day_in_shanghai(datetime.now(UTC))


def parcel() -> str:
    """A number that no other test has posted under."""
    return f"E{uuid4().int % 10**12:012}"


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient, lab: httpx.AsyncClient) -> str:
    return await told(officer, lab)


@pytest.fixture
async def letters(officer: httpx.AsyncClient, batch_no: str) -> dict[str, dict[str, Any]]:
    """The batch's letters by kind and recipient."""
    return {f"{one['kind']}-{one['recipient']}": one for one in await queue(officer, batch_no)}


async def take_in(
    client: httpx.AsyncClient, path: str, rows: list[dict[str, Any]], **query: Any
) -> dict[str, Any]:
    answer = await client.post(path, json={"rows": rows}, params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def posted(client: httpx.AsyncClient, letter: dict[str, Any], number: str | None = None) -> str:
    """Posts one letter and gives the number of its parcel."""
    number = number or parcel()
    row = {"文书编号": letter["document_id"], "邮件号码": number, "交寄日期": str(today())}
    (answer,) = (await take_in(client, POSTINGS, [row]))["rows"]
    assert answer["status"] == "accepted", answer
    return number


async def steps(client: httpx.AsyncClient, batch_no: str) -> Counter[str]:
    lines = (await client.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    return Counter(
        line["data"]["step"] for line in lines if line["kind"] in ("step_accepted", "step_refused")
    )


def outcome(body: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["row"], row["status"]) for row in body["rows"]]


async def test_a_days_post_goes_out_and_comes_back(officer: httpx.AsyncClient, batch_no: str) -> None:
    """The list is fetched, filled in and taken back; then the receipts, as a workbook."""
    asked = {"batch_no": batch_no}
    listed = await officer.get(f"{POSTINGS}.csv", params=asked)
    assert listed.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(listed.content.decode("utf-8-sig"))))
    assert [row["寄往地址"] for row in rows] == [LICENCE, SUPPLIED, rows[2]["寄往地址"], LICENCE, SUPPLIED,
                                             rows[5]["寄往地址"], rows[6]["寄往地址"], ""]  # fmt: skip
    for row in rows[:-1]:
        row |= {"邮件号码": parcel(), "交寄日期": today().strftime("%Y/%m/%d")}
    filled = io.StringIO()
    writer = csv.DictWriter(filled, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    answer = await officer.post(
        POSTINGS, content=filled.getvalue().encode("gb18030"), headers={"Content-Type": CSV}
    )
    body = answer.json()
    assert outcome(body) == [*((line, "accepted") for line in range(2, 9)), (9, "blank")]
    assert body["counts"] == {"accepted": 7, "blank": 1}
    assert body["unused_columns"] == ["文书名称", "受送达人", "最迟交寄日", "随附文件"]
    assert [one["kind"] for one in await queue(officer, batch_no)] == ["commission_letter"]
    lines = (await officer.get(f"/batches/{batch_no}/timeline")).json()["entries"]
    sent_to = [
        line["data"]["body"]["address"] for line in lines if line["data"].get("step") == "notice_posted"
    ]
    assert sent_to == [LICENCE, SUPPLIED, None, LICENCE, SUPPLIED, None, None]

    listed = await officer.get(f"{RECEIPTS}.xlsx", params=asked)
    assert listed.headers["content-type"] == XLSX
    book = load_workbook(io.BytesIO(listed.content))
    sheet = book.active
    assert sheet is not None
    titles = [str(cell.value) for cell in sheet[1]]
    assert sheet.max_row == 6
    for line, result in enumerate(("妥投", "已签收", "妥投", "退回", "在途"), start=2):
        said = {
            "结果": result,
            "日期": datetime(today().year, today().month, today().day, 9, 30),
            "签收人": "王某",
        }
        said |= {"退回原因": "查无此人"} if result == "退回" else {}
        for title, value in said.items():
            sheet.cell(line, titles.index(title) + 1).value = value
    packed = io.BytesIO()
    book.save(packed)
    answer = await officer.post(RECEIPTS, content=packed.getvalue(), headers={"Content-Type": XLSX})
    body = answer.json()
    assert outcome(body) == [(2, "accepted"), (3, "accepted"), (4, "accepted"), (5, "accepted"), (6, "blank")]
    everything = {f"{one['kind']}-{one['recipient']}": one for one in await queue(officer, batch_no, "all")}
    seller, producer = everything["result_notice-seller"], everything["result_notice-producer"]
    assert (seller["status"], seller["settled_on"]) == ("delivered", str(today()))
    assert seller["proof"] == f"邮寄送达，邮件号码{seller['tracking_no']}，妥投，签收人：王某"
    assert (producer["status"], producer["settled_on"]) == ("sent", None)
    assert producer["failure"] == f"邮件被退回：退回，查无此人，邮件号码{producer['tracking_no']}"
    assert "announcement" not in {one["kind"] for one in everything.values()}


async def test_the_same_list_again_does_nothing_twice(
    officer: httpx.AsyncClient, batch_no: str, letters: dict[str, dict[str, Any]]
) -> None:
    """It answers the same; a trial run says before what would be done, and afterwards what was."""
    rows = [
        {"文号": letters[name]["number"], "邮件号码": parcel(), "交寄日期": str(today())}
        for name in ("result_notice-seller", "result_notice-producer")
    ]
    tried = await take_in(officer, POSTINGS, rows, dry_run=True)
    assert (outcome(tried), tried["dry_run"]) == ([(1, "planned"), (2, "planned")], True)
    assert (await steps(officer, batch_no))["notice_posted"] == 0
    first = await take_in(officer, POSTINGS, rows)
    assert outcome(first) == [(1, "accepted"), (2, "accepted")]
    together = await asyncio.gather(*(take_in(officer, POSTINGS, rows) for _ in range(3)))
    assert all(again == first for again in together)
    assert (await take_in(officer, POSTINGS, rows, dry_run=True))["rows"] == first["rows"]
    assert [row["step_id"] for row in tried["rows"]] == [row["step_id"] for row in first["rows"]]
    assert (await steps(officer, batch_no))["notice_posted"] == 2
    answer = await officer.get(f"/batches/{batch_no}/steps/{first['rows'][0]['step_id']}")
    assert answer.json()["status"] == "accepted"


async def test_receipts_taken_in_again_say_nothing_of_a_letter_posted_anew(
    officer: httpx.AsyncClient, batch_no: str, letters: dict[str, dict[str, Any]]
) -> None:
    """The parcel came back, the letter went into another one: the old list reports no return of that."""
    letter = letters["result_notice-seller"]
    await posted(officer, letter)
    rows = [{"文号": letter["number"], "结果": "退回", "日期": str(today()), "退回原因": "无人签收"}]
    first = await take_in(officer, RECEIPTS, rows)
    assert outcome(first) == [(1, "accepted")]
    await posted(officer, letter)
    again = await take_in(officer, RECEIPTS, rows)
    assert again["rows"][0]["step_id"] == first["rows"][0]["step_id"]
    (shown,) = [one for one in await queue(officer, batch_no, "all") if one["number"] == letter["number"]]
    assert shown["failure"] is None
    assert (await steps(officer, batch_no))["delivery_failed"] == 1


async def test_a_list_broken_off_half_way_goes_on(
    settings: Settings,
    tokens: Tokens,
    officer: httpx.AsyncClient,
    batch_no: str,
    letters: dict[str, dict[str, Any]],
) -> None:
    """What an API that died had filed is answered as it stands, the rest is filed now."""
    rows = [
        {"文书编号": letter["document_id"], "邮件号码": parcel(), "交寄日期": str(today())}
        for letter in letters.values()
    ]
    # Its signals go nowhere and its decisions are not waited for: it filed half and was gone.
    gone = settings.model_copy(update={"temporal_address": "127.0.0.1:1", "decision_timeout_seconds": 0.1})
    async with running(gone) as app, client_of(app, tokens.header(Role.OFFICER)) as client:
        half = await take_in(client, POSTINGS, rows[:3])
    assert outcome(half) == [(1, "recorded"), (2, "recorded"), (3, "recorded")]
    whole = await take_in(officer, POSTINGS, rows)
    assert outcome(whole) == [(row, "accepted") for row in range(1, 7)]
    assert [row["step_id"] for row in whole["rows"][:3]] == [row["step_id"] for row in half["rows"]]
    assert (await steps(officer, batch_no))["notice_posted"] == 6


async def test_rows_about_one_letter_are_taken_in_their_order(
    officer: httpx.AsyncClient, batch_no: str, letters: dict[str, dict[str, Any]]
) -> None:
    """The procedure refuses the second receipt; a row that says just the same is not a second one."""
    number = await posted(officer, letters["result_notice-seller"])
    row = {"邮件号码": number, "结果": "妥投", "日期": str(today()), "签收人": "王某"}
    body = await take_in(officer, RECEIPTS, [row, row, row | {"签收人": "李某"}])
    assert outcome(body) == [(1, "accepted"), (2, "accepted"), (3, "refused")]
    assert body["rows"][1]["reason"] == "与第1行相同，只登记一次"
    assert body["rows"][2]["code"] == "already_done"
    assert "已经送达" in body["rows"][2]["reason"]
    assert (await steps(officer, batch_no))["notice_delivered"] == 2


async def test_a_parcel_may_hold_several_letters_and_a_letter_go_in_several(
    officer: httpx.AsyncClient, letters: dict[str, dict[str, Any]]
) -> None:
    """A receipt is for all that was in the parcel, also where another one went after it."""
    first, second = parcel(), parcel()
    for name in ("inspection_notice-seller", "result_notice-seller"):
        await posted(officer, letters[name], first)
    await posted(officer, letters["result_notice-seller"], second)
    body = await take_in(officer, RECEIPTS, [{"邮件号码": first, "结果": "已签收", "日期": str(today())}])
    assert [(row["row"], row["status"], row["number"]) for row in body["rows"]] == [
        (1, "accepted", letters["inspection_notice-seller"]["number"]),
        (1, "accepted", letters["result_notice-seller"]["number"]),
    ]
    body = await take_in(officer, RECEIPTS, [{"邮件号码": second, "结果": "妥投", "日期": str(today())}])
    assert outcome(body) == [(1, "refused")]


async def test_a_parcel_goes_to_one_recipient(
    officer: httpx.AsyncClient, batch_no: str, letters: dict[str, dict[str, Any]]
) -> None:
    """A number that is another recipient's already, on record or earlier in the file, is refused."""
    seller, producer = letters["result_notice-seller"], letters["result_notice-producer"]
    first, second = parcel(), parcel()
    await posted(officer, seller, first)
    row = {"文书编号": producer["document_id"], "邮件号码": first, "交寄日期": str(today())}
    platform = row | {"文书编号": letters["result_notice-platform"]["document_id"], "邮件号码": second}
    rows = [row, row | {"邮件号码": second}, platform]
    for dry_run in (True, False):
        body = await take_in(officer, POSTINGS, rows, dry_run=dry_run)
        assert outcome(body) == [(1, "invalid"), (2, "planned" if dry_run else "accepted"), (3, "invalid")]
        assert f"已经登记给另一受送达人的文书（{seller['number']}" in body["rows"][0]["reason"]
        assert f"已经登记给另一受送达人的文书（{producer['number']}" in body["rows"][2]["reason"]
    assert (await steps(officer, batch_no))["notice_posted"] == 2


async def test_a_parcel_goes_to_one_address(
    officer: httpx.AsyncClient, letters: dict[str, dict[str, Any]]
) -> None:
    """A seller's two addresses are two parcels, in one list or in two; the same row again is the same."""
    seller, number, day = letters["result_notice-seller"], parcel(), str(today())
    row = {"文书编号": seller["document_id"], "邮件号码": number, "交寄日期": day}
    rows = [row | {"寄往地址": address} for address in (LICENCE, SUPPLIED)]
    for dry_run in (True, False, False):
        body = await take_in(officer, POSTINGS, rows, dry_run=dry_run)
        assert outcome(body) == [(1, "planned" if dry_run else "accepted"), (2, "invalid")]
        assert f"寄往另一地址的同一件文书（{seller['number']}，{LICENCE}）" in body["rows"][1]["reason"]
        assert (body["rows"][0]["address"], body["rows"][0]["day"]) == (LICENCE, day)
    assert outcome(await take_in(officer, POSTINGS, rows[1:])) == [(1, "invalid")]


async def test_a_number_of_several_recipients_serves_none_by_itself(
    officer: httpx.AsyncClient, batch_no: str, letters: dict[str, dict[str, Any]]
) -> None:
    """Registered wrongly by a single step: a receipt must then name the letter."""
    number = parcel()
    for name in ("result_notice-seller", "result_notice-producer"):
        notice, recipient = name.split("-")
        said = step_example("notice_posted", notice=notice, recipient=recipient, tracking_no=number)
        said |= {"posted_on": str(today())}
        answer = await officer.post(f"/batches/{batch_no}/steps/notice_posted", json=said)
        assert answer.status_code == 200, answer.text
    row = {"邮件号码": number, "结果": "妥投", "日期": str(today())}
    named = row | {"文号": letters["result_notice-seller"]["number"]}
    body = await take_in(officer, RECEIPTS, [row, named])
    assert outcome(body) == [(1, "invalid"), (2, "accepted")]
    assert "登记在几个受送达人名下" in body["rows"][0]["reason"]
    assert (await steps(officer, batch_no))["notice_delivered"] == 1


async def test_every_bad_row_says_what_is_wrong_with_it(
    officer: httpx.AsyncClient, batch_no: str, letters: dict[str, dict[str, Any]]
) -> None:
    """And spoils no other: the good one among them is taken."""
    notice, other = letters["result_notice-seller"], letters["result_notice-producer"]
    number, day = parcel(), str(today())
    good = {"文书编号": notice["document_id"], "文号": "", "邮件号码": number, "交寄日期": day}
    tomorrow = str(today() + timedelta(days=2))
    rows = {
        "没有编号为 CJ1 的文书": good | {"文书编号": "CJ1"},
        "没有文号为杭〔2026〕0号的文书": good | {"文书编号": "", "文号": "杭[2026] 0号"},
        "不是同一件文书": good | {"文号": other["number"]},
        "缺少文书编号或者文号": good | {"文书编号": ""},
        "缺少邮件号码": good | {"邮件号码": ""},
        "缺少交寄日期": good | {"交寄日期": None},
        "交寄日期：“昨天”不是日期": good | {"交寄日期": "昨天"},
        "已经丢失": good | {"邮件号码": "1.23457E+12"},
        "8至30位": good | {"邮件号码": "123"},
        "不能超过500个字": good | {"寄递企业": "长" * 501},
        "晚于今日": good | {"交寄日期": tomorrow, "邮件号码": parcel()},
        "没有填邮件号码和交寄日期": good | {"交寄日期": "", "邮件号码": " "},
        "": good,
    }
    body = await take_in(officer, POSTINGS, list(rows.values()))
    for said, answer in zip(rows, body["rows"], strict=True):
        assert said in (answer["reason"] or ""), answer
    assert [status for _, status in outcome(body)] == [*["invalid"] * 10, "refused", "blank", "accepted"]
    assert (await steps(officer, batch_no))["notice_posted"] == 2

    good = {"邮件号码": number, "文号": "", "结果": "妥投", "日期": day, "签收人": "王某"}
    rows = {
        "不认识的结果“签收异常”": good | {"结果": "签收异常"},
        "没有登记过邮件号码": good | {"邮件号码": parcel()},
        "登记的是另一件文书": good | {"文号": other["number"]},
        "没有送达的凭据": good | {"邮件号码": "", "文号": other["number"]},
        "缺少邮件号码、文号或者文书编号": good | {"邮件号码": ""},
        "无须登记送达": good | {"邮件号码": "", "文号": letters["commission_letter-laboratory"]["number"],
                         "回证编号": "1"},
        "尚无结果（投递中）": good | {"结果": "投递中"},
        "没有填结果": good | {"结果": ""},
        "": good,
    }  # fmt: skip
    body = await take_in(officer, RECEIPTS, list(rows.values()))
    for said, answer in zip(rows, body["rows"], strict=True):
        assert said in (answer["reason"] or ""), answer
    assert [status for _, status in outcome(body)] == [*["invalid"] * 5, *["blank"] * 3, "accepted"]


async def test_the_whole_list_is_refused_only_where_it_cannot_be_read(officer: httpx.AsyncClient) -> None:
    """Problem documents as everywhere: no columns, no list, no JSON, another type, too long."""
    for path in (POSTINGS, RECEIPTS):
        for content, kind, status, code in (
            ("甲,乙\n1,2".encode(), CSV, 422, "table_header_unknown"),
            (b"PK", XLSX, 422, "table_unreadable"),
            (b"{", "application/json", 400, "malformed_json"),
            (b"[]", "application/json", 422, "invalid"),
            (b'{"rows": [{"a": {}}]}', "application/json", 422, "invalid"),
            (b"", "application/json", 422, "invalid"),
            (b"x", "text/plain", 415, "unsupported_media_type"),
            (bytes(MAX_BYTES + 1), CSV, 413, "body_too_large"),
        ):
            answer = await officer.post(path, content=content, headers={"Content-Type": kind})
            assert_problem(answer, status, code)


@pytest.mark.parametrize("path", [POSTINGS, RECEIPTS])
async def test_only_officers_take_lists_in(
    app: FastAPI, tokens: Tokens, anybody: httpx.AsyncClient, path: str
) -> None:
    """Who may not is told before anything of the list is read."""
    listed = {"content": b"x", "headers": {"Content-Type": CSV}}
    for role in set(PEOPLE) - {Role.OFFICER}:
        async with client_of(app, tokens.header(role)) as client:
            assert_problem(await client.post(path, **listed), 403, "role_not_allowed")
    assert_problem(await anybody.post(path, **listed), 401, "unauthenticated")


async def test_a_letter_to_a_laboratory_is_done_when_it_is_posted(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """Nobody records whether it arrived: it is on no list of what is expected, and a row of it is left."""
    (commission,) = [one for one in await queue(officer, batch_no) if one["kind"] == "commission_letter"]
    number = await posted(officer, commission)
    for state, expected in (("posted", []), ("sent", []), ("all", [number])):
        asked = {"state": state, "q": commission["document_id"]}
        listed = (await officer.get("/dispatches", params=asked)).json()["items"]
        assert [one["tracking_no"] for one in listed] == expected
    row = {"邮件号码": number, "结果": "妥投", "日期": str(today())}
    (answer,) = (await take_in(officer, RECEIPTS, [row]))["rows"]
    assert (answer["status"], answer["document_id"]) == ("blank", commission["document_id"])
    assert "无须登记送达" in answer["reason"]


async def test_of_two_days_of_a_row_the_one_of_its_result_counts(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """A carrier's list fills in the day of an attempt that came back beside the day of delivery."""
    letter = next(one for one in await queue(officer, batch_no) if one["kind"] == "inspection_notice")
    number = await posted(officer, letter)
    row = {"邮件号码": number, "结果": "妥投", "妥投时间": str(today()), "退回时间": "2026-01-01"}
    (answer,) = (await take_in(officer, RECEIPTS, [row]))["rows"]
    assert answer["status"] == "accepted", answer
