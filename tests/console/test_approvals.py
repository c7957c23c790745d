"""The leader's desk: what waits, and the file of an application beside the decision on it."""

from datetime import UTC, datetime

import httpx
import pytest

from law.calendar import SHANGHAI
from tests.api.builders import step_example, told
from tests.console.visitors import Visitor

pytestmark = pytest.mark.usefixtures("working")


async def objected(officer: httpx.AsyncClient, lab: httpx.AsyncClient) -> str:
    """A batch whose seller has applied for a retest, with four of the five papers."""
    batch_no = await told(officer, lab)
    today = f"{datetime.now(SHANGHAI):%Y-%m-%d}"
    steps = f"/batches/{batch_no}/steps"
    letters = (await officer.get(f"/batches/{batch_no}")).json()["documents"]
    for letter in letters:
        if letter["kind"] == "result_notice" and letter["recipient"] == "seller":
            delivered = step_example("notice_delivered", delivered_on=today, means="in_person")
            answer = await officer.post(f"{steps}/notice_delivered", json=delivered)
            assert answer.status_code == 200, answer.text
    filed = step_example("objection_filed", filed_on=today, items=["耐热冲击"])
    filed["documents"] = filed["documents"][:-1]
    answer = await officer.post(f"{steps}/objection_filed", json=filed)
    assert answer.status_code == 200, answer.text
    return batch_no


async def test_an_application_is_decided_on_with_its_file_beside(
    leader: Visitor, clerk: Visitor, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    """Grounds, day, window, the five papers and the disputed items; a paper that is missing is told."""
    batch_no = await objected(officer, lab)
    where = f"/console/batches/{batch_no}/objections/seller"
    assert where in (await leader.see("/console/approvals")).links.values()
    page = await leader.see(where)
    assert page.h1.startswith("审批是否复检：")
    assert "对耐热冲击项目的检验方法有异议" in page.text
    assert f"{datetime.now(UTC).astimezone(SHANGHAI):%Y-%m-%d}，窗口提交" in page.text
    assert "最后一日20" in page.text
    papers = page.tree.xpath("//table[contains(caption, '五项材料')]//tr[contains(., '没有登记')]")
    assert [one.find("th").text for one in papers] == ["代理人身份证明"]
    disputed = page.tree.xpath("//tr[@class='disputed']/th/text()")
    assert disputed == ["耐热冲击"]
    assert not (await clerk.see(where)).tree.xpath("//textarea[@name='reasons']"), "an officer may look"
    checked = await leader.press(page, "下一步：核对", approved="no", reasons="")
    assert checked.status in (409, 422)
    checked = await leader.press(page, "下一步：核对", approved="no", reasons="缺代理人身份证明，逾期未补")
    assert "核对" in checked.h1 or checked.status == 409, checked.text


async def test_nothing_is_shown_of_somebody_who_applied_for_nothing(
    leader: Visitor, officer: httpx.AsyncClient, lab: httpx.AsyncClient
) -> None:
    batch_no = await told(officer, lab)
    assert (await leader.see(f"/console/batches/{batch_no}/objections/producer")).status == 404
    assert (await leader.see(f"/console/batches/{batch_no}/objections/nobody")).status == 422
