"""A carrier's list as it is, and what an officer finds of the letters that it says too little of (§6)."""

import asyncio
import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from law.vocabulary import Role
from tests.api.builders import Tokens, assert_problem, client_of, order_example, queue, told
from tests.api.test_dispatch_lists import POSTINGS, RECEIPTS, outcome, parcel, posted, steps, take_in, today

pytestmark = pytest.mark.usefixtures("working")

FINDINGS = "/dispatches/findings"
CASES = Path(__file__).parent.parent / "files" / "carriers"
NOTICES = [f"{kind}-{to}" for kind in ("inspection_notice", "result_notice") for to in ("seller", "platform")]


@pytest.fixture
async def batch_no(officer: httpx.AsyncClient, lab: httpx.AsyncClient) -> str:
    return await told(officer, lab)


async def letters(client: httpx.AsyncClient, batch_no: str) -> dict[str, dict[str, Any]]:
    return {f"{one['kind']}-{one['recipient']}": one for one in await queue(client, batch_no, "all")}


async def in_the_post(client: httpx.AsyncClient, batch_no: str, *names: str) -> dict[str, str]:
    """The numbers of the parcels of these letters, which have been posted."""
    known = await letters(client, batch_no)
    return {name: await posted(client, known[name]) for name in names}


async def case_rows(name: str) -> list[dict[str, str]]:
    text = await asyncio.to_thread((CASES / name).read_text, "utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def test_no_row_of_a_list_whose_letters_came_back_is_a_delivery(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Each for a letter of its own: a sign of return, taken by another, or judged by its day."""
    rows = await case_rows("returned-signed.csv")
    expected = [
        *["accepted"] * 4,
        *["received_by_another"] * 4,
        "accepted",
        "refused",
        "refused",
        *["accepted"] * 2,
    ]
    said: list[str] = []
    numbers: list[str] = []
    while len(numbers) < len(rows):
        numbers += (await in_the_post(officer, await told(officer, lab), *NOTICES)).values()
    days = {"2026-11-29": 0, "2026-11-01": -20, "2026-12-30": 9}
    rows = [
        row | {"邮件号码": number, "签收时间": str(today() + timedelta(days[row["签收时间"]]))}
        for row, number in zip(rows, numbers, strict=False)
    ]
    body = await take_in(officer, RECEIPTS, [dict(row) for row in rows])
    assert [row["status"] for row in body["rows"]] == expected
    said = [row["step"] for row in body["rows"]]
    assert said[:4] == said[-2:] * 2 == ["delivery_failed"] * 4
    assert said[4:8] == ["notice_received_by_another"] * 4
    assert body["rows"][0]["reason"] == "退回原因“收件人拒收”：记为退回的线索，由执法人员确认"
    assert body["rows"][2]["reason"] == "由寄件人一方签收（“寄件人”）：记为退回的线索，由执法人员确认"
    assert (await take_in(officer, RECEIPTS, [dict(row) for row in rows]))["rows"] == body["rows"]


@pytest.mark.parametrize("name", ["ems-site.csv", "status-time.csv", "two-days.csv"])
async def test_columns_as_carriers_name_them_are_read(
    officer: httpx.AsyncClient, batch_no: str, name: str
) -> None:
    """As CSV, though the browser calls it a workbook; of two days the one of the delivery counts."""
    (number,) = (await in_the_post(officer, batch_no, "result_notice-seller")).values()
    text = await asyncio.to_thread((CASES / name).read_text, "utf-8")
    text = text.replace("EE000000104CN", number).replace("2026-11-29", str(today()))
    kind = {"Content-Type": "application/vnd.ms-excel"}
    body = (await officer.post(RECEIPTS, content=text.encode("gb18030"), headers=kind)).json()
    assert outcome(body) == [(2, "accepted")], body
    letter = (await letters(officer, batch_no))["result_notice-seller"]
    assert (letter["status"], letter["settled_on"]) == ("delivered", str(today()))


async def test_what_is_signed_for_after_a_return_is_the_return(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """In the same list in whatever order, in a later one, and once the letter went out in another parcel."""
    numbers = await in_the_post(officer, batch_no, "result_notice-seller", "result_notice-producer")
    seller, producer = numbers.values()
    day = {"日期": str(today())}
    rows = [
        {"邮件号码": seller, "状态": "妥投", **day},
        {"邮件号码": seller, "状态": "收件人拒收，退回", **day},
        {"邮件号码": producer, "状态": "退回中", **day},
    ]
    body = await take_in(officer, RECEIPTS, rows)
    assert [row["step"] for row in body["rows"]] == ["delivery_failed"] * 3
    later = [{"邮件号码": producer, "状态": "妥投", "签收人": "单位收发章", **day}]
    (answer,) = (await take_in(officer, RECEIPTS, later))["rows"]
    assert (answer["step"], answer["status"]) == ("delivery_failed", "accepted")
    known = await letters(officer, batch_no)
    again = await posted(officer, known["result_notice-producer"])
    (answer,) = (await take_in(officer, RECEIPTS, later))["rows"]
    assert answer["step"] == "delivery_failed"
    (answer,) = (await take_in(officer, RECEIPTS, [{"邮件号码": again, "状态": "妥投", **day}]))["rows"]
    assert (answer["step"], answer["status"]) == ("notice_delivered", "accepted")


async def test_the_lists_say_where_a_letter_went(officer: httpx.AsyncClient, batch_no: str) -> None:
    """One that came back and was posted to another address is not said to be at the old one."""
    await in_the_post(officer, batch_no, *NOTICES[2:])
    number = (await letters(officer, batch_no))["result_notice-seller"]["document_id"]
    new, day = "浙江省杭州市余杭区示例路9号", str(today())
    anew = {"文书编号": number, "邮件号码": parcel(), "交寄日期": day, "寄往地址": new}
    (answer,) = (await take_in(officer, POSTINGS, [anew]))["rows"]
    assert answer["status"] == "accepted", answer
    known = await letters(officer, batch_no)
    assert known["result_notice-seller"]["posted_to"] == new
    assert known["result_notice-platform"]["posted_to"] is None
    for path in ("receipts", "findings"):
        text = (await officer.get(f"/dispatches/{path}.csv", params={"batch_no": batch_no})).text
        found = {
            row["文书编号"]: row["寄往地址"] for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        }
        assert found[number] == new
        if path == "receipts":
            assert found[known["result_notice-platform"]["document_id"]] != new
            lost = {"邮件号码": anew["邮件号码"], "状态": "退回", "日期": day}
            assert (await take_in(officer, RECEIPTS, [lost]))["rows"][0]["status"] == "accepted"


async def test_a_persons_letter_in_a_units_mail_room_is_decided_on(
    officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """A company's is delivered by the same stamp."""
    seller = order_example()["seller"] | {"natural_person": True}
    batch_no = await told(officer, lab, seller=seller)
    person, company = (await in_the_post(officer, batch_no, *NOTICES[2:])).values()
    row = {"状态": "妥投", "日期": str(today()), "签收人": "单位收发章"}
    body = await take_in(officer, RECEIPTS, [row | {"邮件号码": no} for no in (person, company)])
    assert [one["step"] for one in body["rows"]] == ["notice_received_by_another", "notice_delivered"]


async def test_columns_that_nobody_reads_are_searched_for_a_return(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """But not those of names: a shop may be called what it likes."""
    seller, platform = (await in_the_post(officer, batch_no, *NOTICES[2:])).values()
    row = {"状态": "妥投", "日期": str(today()), "签收人": "王某"}
    rows = [
        row | {"邮件号码": seller, "投递备注": "收件人拒绝，已退回"},
        row | {"邮件号码": platform, "收件人": "退思园茶庄", "投递备注": ""},
    ]
    body = await take_in(officer, RECEIPTS, rows)
    assert [row["step"] for row in body["rows"]] == ["delivery_failed", "notice_delivered"]
    assert "“投递备注”一栏写有“收件人拒绝，已退回”" in body["rows"][0]["reason"]
    assert body["unused_columns"] == ["投递备注", "收件人"]


async def test_officers_confirm_many_letters_at_once(officer: httpx.AsyncClient, batch_no: str) -> None:
    """The list says of each why it is on it; filled in, letters are announced or delivered; twice is once."""
    numbers = await in_the_post(
        officer, batch_no, "result_notice-seller", "result_notice-producer", NOTICES[3]
    )
    row = {"状态": "妥投", "日期": str(today())}
    signs = [{"退回原因": "查无此人"}, {"签收人": "丰巢快递柜"}, {"签收人": "物业"}]
    rows = [row | {"邮件号码": no} | sign for no, sign in zip(numbers.values(), signs, strict=True)]
    body = await take_in(officer, RECEIPTS, rows)
    assert body["counts"] == {"accepted": 1, "received_by_another": 2}
    for state, size in (("failing", 1), ("received_by_another", 2), ("to_decide", 3), ("posted", 1)):
        assert len(await queue(officer, batch_no, state)) == size, state

    listed = await officer.get(f"{FINDINGS}.csv", params={"batch_no": batch_no})
    found = list(csv.DictReader(io.StringIO(listed.content.decode("utf-8-sig"))))
    assert {one["认定日期"] for one in found} == {str(today())}
    by_number = {one["邮件号码"]: one for one in found}
    seller, producer, platform = (by_number[no] for no in numbers.values())
    assert seller["线索"].startswith("邮件被退回：妥投，查无此人")
    assert producer["线索"].startswith("丰巢快递柜，邮件号码")
    seller["认定"], producer["认定"] = "退回", "送达"
    tried = await take_in(officer, FINDINGS, found, dry_run=True)
    assert tried["counts"] == {"planned": 2, "blank": 1}
    together = await asyncio.gather(*(take_in(officer, FINDINGS, found) for _ in range(2)))
    assert {row["status"] for body in together for row in body["rows"]} == {"accepted", "blank"}
    assert (await take_in(officer, FINDINGS, found))["counts"] == {"blank": 3}
    known = await letters(officer, batch_no)
    assert known["result_notice-seller"]["status"] == "announced"
    assert known["result_notice-producer"]["status"] == "delivered"
    assert known["result_notice-producer"]["settled_on"] == str(today())
    assert known[NOTICES[3]]["status"] == "received_by_another"
    counted = await steps(officer, batch_no)
    assert (counted["notice_returned"], counted["notice_delivered"]) == (1, 1)
    assert platform["认定"] == ""


async def test_a_finding_needs_a_sign_or_its_own_day_and_words(
    officer: httpx.AsyncClient, batch_no: str
) -> None:
    """Nothing is announced and no window opens by a word in a list alone."""
    known = await letters(officer, batch_no)
    seller = {"文书编号": known["result_notice-seller"]["document_id"]}
    laboratory = {"文书编号": known["commission_letter-laboratory"]["document_id"]}
    rows = {
        "没有邮件被退回的线索": seller | {"认定": "退回"},
        "没有他人代收的登记": seller | {"认定": "送达"},
        "不认识的认定": seller | {"认定": "不知道"},
        "缺少文书编号": {"文书编号": "", "认定": "退回"},
        "不登记这一事项": laboratory | {"认定": "退回", "认定日期": str(today()), "原因": "退回"},
        "": seller | {"认定": "送达", "认定日期": str(today()), "回证编号": "HZ-1"},
    }
    body = await take_in(officer, FINDINGS, list(rows.values()))
    assert [row["status"] for row in body["rows"]] == [*["invalid"] * 5, "accepted"]
    for said, answer in zip(rows, body["rows"], strict=True):
        assert said in (answer["reason"] or ""), answer
    assert (await letters(officer, batch_no))["result_notice-seller"]["proof"] == "邮寄送达，HZ-1"


async def test_only_officers_find(app: FastAPI, tokens: Tokens, anybody: httpx.AsyncClient) -> None:
    """As with every list; the forms are for everybody in the house."""
    body = {"rows": [{"文书编号": "CJ1", "认定": "退回"}]}
    async with client_of(app, tokens.header(Role.SUPERVISOR)) as client:
        assert_problem(await client.post(FINDINGS, json=body), 403, "role_not_allowed")
        assert (await client.get(f"{FINDINGS}.xlsx")).status_code == 200
    assert_problem(await anybody.post(FINDINGS, json=body), 401, "unauthenticated")
    assert_problem(await anybody.get(f"{FINDINGS}.csv"), 401, "unauthenticated")


@pytest.mark.parametrize("name", ["wps-empty-fill.xlsx", "strict.xlsx"])
async def test_workbooks_of_other_programs_are_taken_in(officer: httpx.AsyncClient, name: str) -> None:
    """Row by row: they are about letters of another installation, and say so."""
    content = await asyncio.to_thread((CASES / name).read_bytes)
    kind = {"Content-Type": "application/octet-stream"}
    answer = await officer.post(f"{POSTINGS}?dry_run=true", content=content, headers=kind)
    assert [row for row, _ in outcome(answer.json())] == [2, 3]
