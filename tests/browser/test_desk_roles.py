"""Each role does at the desk what is its own, by clicks; what the course of a batch has is told elsewhere."""

import re
from pathlib import Path
from random import randrange
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from api.console.fields import fields_of
from law.vocabulary import Role
from local.scenarios.courses import OBJECTED, SEALED, Do
from local.scenarios.player import body_of
from messages.steps import STEPS, StepName
from tests.api.builders import queue
from tests.browser.case_file import TO_BE_POSTED, CaseFile, played
from tests.browser.clerk import Office
from tests.browser.looking import judge
from tests.evidence.builders import picture

pytestmark = pytest.mark.browser


def _titled(page: Page, words: str | re.Pattern[str]) -> object:
    return expect(page.get_by_role("heading", level=1)).to_contain_text(words)


async def _press(page: Page, button: str | re.Pattern[str]) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name=button, exact=isinstance(button, str)).click()
    for refused in await page.locator(".summary").all():
        raise AssertionError(await refused.inner_text())


async def _follow(page: Page, link: str | re.Pattern[str]) -> None:
    async with page.expect_navigation():
        await page.get_by_role("link", name=link).first.click()


async def test_an_officer_takes_a_batch_in_hand_and_the_carriers_list_in(
    everybody: Office, tmp_path: Path
) -> None:
    """The list is answered row by row, at an address of its own: looking again files nothing again."""
    told = {"notice": "result_notice", "recipient": "producer", "tracking_no": f"EM{randrange(10**9):09}CN"}
    posting = Do(Role.OFFICER, StepName.NOTICE_POSTED, told)
    batch_no = await played(everybody, (*TO_BE_POSTED[:-1], posting))
    page = everybody.pages[Role.OFFICER]
    await page.goto(f"{everybody.address}/console/batches/{batch_no}")
    await _press(page, "由我经办")
    await expect(page.locator(".holds")).to_contain_text("桌面officer")
    async with everybody.client(Role.OFFICER) as officer:
        (letter,) = await queue(officer, batch_no, "posted")
        before = (await officer.get(f"/batches/{batch_no}/steps")).json()["items"]
    sheet = tmp_path / "妥投清单.csv"
    sheet.write_text(f"邮件号码,结果,日期,签收人\n{letter['tracking_no']},妥投,{letter['posted_on']},王某\n")
    await _follow(page, "寄送")
    await _follow(page, "交回寄递企业的清单")
    await page.locator("#file").set_input_files(sheet)
    await _press(page, re.compile("逐行核对"))
    await judge(page, "list that is tried")
    await _press(page, re.compile("登记这1条"))
    await _titled(page, "登记回执的结果")
    await judge(page, "list that is taken in")
    await page.reload()
    await _titled(page, "登记回执的结果")
    async with everybody.client(Role.OFFICER) as officer:
        after = (await officer.get(f"/batches/{batch_no}/steps")).json()["items"]
    assert len(after) == len(before) + 1


async def test_a_supervisor_puts_a_platform_into_the_register(everybody: Office, case_file: CaseFile) -> None:
    """By its form, and many from a sheet; both are found afterwards."""
    assert case_file
    page = everybody.pages[Role.SUPERVISOR]
    code = f"PT-{uuid4().hex[:6].upper()}"
    await page.goto(f"{everybody.address}/console/registers/platforms")
    await _follow(page, "登记一项")
    await page.get_by_label("代码").fill(code)
    await _press(page, re.compile("下一步"))
    await page.get_by_label("理由").fill("新入驻的平台")
    place = {"province": "浙江省", "city": "杭州市", "district": "滨江区", "detail": "示例路2号"}
    entry = {"name": "示例直播平台", "url": "https://live.example.com"}
    for name, said in (*entry.items(), *((f"place.{part}", said) for part, said in place.items())):
        await page.locator(f"[name='entry.{name}']").fill(said)
    await _press(page, "下一步：核对")
    await _press(page, "提交")
    await _titled(page, f"示例直播平台（{code}）")
    await page.goto(f"{everybody.address}/console/registers/platforms/import")
    await page.get_by_label("理由").fill("名称变更")
    content = f"代码,名称\n{code},示例直播平台（新）\n".encode()
    await page.locator("#file").set_input_files(
        {"name": "平台.csv", "mimeType": "text/csv", "buffer": content}
    )
    await _press(page, re.compile("逐行核对"))
    await judge(page, "sheet that is tried")
    await _press(page, "登记这1行")
    await _titled(page, "的结果")
    await judge(page, "sheet that is taken in")
    await page.reload()
    await _titled(page, "的结果")
    await _follow(page, "回到")
    await expect(page.get_by_role("link", name="示例直播平台（新）")).to_be_visible()


async def test_an_approver_decides_with_the_file_beside_the_decision(everybody: Office) -> None:
    batch_no = await played(everybody, OBJECTED)
    page = everybody.pages[Role.APPROVER]
    await page.goto(f"{everybody.address}/console/approvals")
    await page.locator(f"a[href*='{batch_no}/objections/seller']").first.click()
    await page.get_by_text("五项材料").wait_for()
    await page.locator("[name=approved][value=no]").check()
    await page.locator("[name=reasons]").fill("申请理由不涉及检验结果")
    await _press(page, "下一步：核对")
    await expect(page.get_by_text("不予复检告知书").first).to_be_visible()
    await _press(page, "提交")
    await _titled(page, "已受理")


async def test_an_administrator_invites_somebody_and_ends_the_account(everybody: Office) -> None:
    page, sub = everybody.pages[Role.ADMIN], f"new-{uuid4().hex[:6]}"
    await page.goto(f"{everybody.address}/console/accounts")
    await _follow(page, "建立账号")
    await page.locator("[name=sub]").fill(sub)
    await page.locator("[name=name]").fill("新来的人")
    await _chosen(page, "role", Role.OFFICER)
    await _press(page, "保存")
    await _follow(page, re.compile("邀请"))
    await _press(page, "发出邀请链接")
    assert "/console/invitation/" in await page.get_by_label("邀请链接").input_value()
    await judge(page, "invitation")
    await page.goto(f"{everybody.address}/console/accounts/{sub}")
    await _follow(page, "停用")
    await _press(page, "停用")
    await page.goto(f"{everybody.address}/console/accounts?ended=yes&q={sub}")
    await expect(page.get_by_role("link", name="新来的人")).to_be_visible()


async def _chosen(page: Page, name: str, value: str) -> None:
    """Of a list or of buttons."""
    if await page.locator(f"select[name={name}]").count():
        await page.locator(f"select[name={name}]").select_option(value)
    else:
        await page.locator(f"[name={name}][value={value}]").check()


async def test_an_auditor_reads_who_looked_at_a_batch_and_changes_nothing(
    everybody: Office, case_file: CaseFile
) -> None:
    """Down to the list to take along; no page of a case has a form for an auditor to send."""
    page = everybody.pages[Role.AUDITOR]
    await page.goto(f"{everybody.address}/console/access-log")
    await page.get_by_label("批次编号").fill(case_file.batch_no)
    await _press(page, "查看")
    await expect(page.locator("tbody tr").first).to_contain_text(case_file.batch_no)
    await _follow(page, "批次")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="导出这份清单（XLSX）").click()
    assert (await saving.value).suggested_filename == "批次.xlsx"
    for path in ("", "/history", "/evidence", "/objections/seller"):
        await page.goto(f"{everybody.address}/console/batches/{case_file.batch_no}{path}")
        assert await page.locator("main form[method=post]").count() == 0, path


async def test_a_laboratory_uploads_its_report_and_submits_it(everybody: Office) -> None:
    """The file goes up from the form itself and is named by it; of the case it sees its own part."""
    batch_no = await played(everybody, SEALED)
    page = everybody.pages[Role.LAB]
    await page.goto(f"{everybody.address}/console/")
    await page.locator(f"a[href*='{batch_no}/waits/report_submitted']").click()
    await page.locator("[data-choose] input[type=file]").first.set_input_files(
        {"name": "检验报告.png", "mimeType": "image/png", "buffer": picture(4000)}
    )
    await page.get_by_text("已入库").first.wait_for()
    step = StepName.REPORT_SUBMITTED
    await everybody.fill(page, step, fields_of(STEPS[step]), await body_of(everybody, batch_no, step, {}))
    await _press(page, "下一步：核对")
    await _press(page, "提交")
    await _titled(page, "已受理")
    await page.goto(f"{everybody.address}/console/batches/{batch_no}")
    await expect(page.locator("#letters tbody tr")).to_have_count(1)
    assert await page.get_by_role("table", name="当事人").count() == 0
