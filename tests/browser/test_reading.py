"""What a citizen reads: where it stays, what corrects what, how many days are left, is the letter genuine."""

import csv
import io
import re
from xml.etree import ElementTree

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.content import DAYS_LEFT, GOODS, MANY, PRODUCER, SELLER, Site
from tests.browser.serving import PHONE

pytestmark = pytest.mark.browser

ATOM = "{http://www.w3.org/2005/Atom}"


async def test_a_result_has_a_lasting_address_that_opens_by_itself(visit: Visit, site: Site) -> None:
    """The link in the list leads to it, the page says it in full, and it opens the same in a new window."""
    page = await visit("抽检结果公示")
    await page.locator(f".list a[href='{site.pages['公示']}']").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(GOODS)
    assert page.url == site["公示"]
    address = page.get_by_role("link", name=site["公示"])
    await expect(address).to_have_attribute("href", site.pages["公示"])
    again = await visit("公示")
    await expect(again.locator(".verdict")).to_have_text("不合格（复检维持原检验结果）")


async def test_the_site_is_found_by_its_bare_address(visit: Visit, site: Site) -> None:
    """Whoever knows only whose site it is comes to the results."""
    page = await visit("没有这一页")
    await page.goto(site.address)
    await expect(page.get_by_role("heading", level=1)).to_have_text("抽检结果公示")


async def test_corrections_stand_beside_what_they_correct(visit: Visit) -> None:
    """On a desk side by side, on a telephone below each other; only what holds now looks as if it held."""
    page = await visit("有更正的公示")
    articles = page.get_by_role("article")
    await expect(articles).to_have_count(3)
    tops = await articles.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(set(tops)) == 1
    await expect(articles.nth(0)).to_contain_text("本公示已经更正")
    await expect(articles.nth(0)).to_contain_text("为准：合格（复检改变原检验结果）")
    await expect(articles.nth(0).locator(".verdict")).to_have_text("不合格（复检维持原检验结果）［已更正］")
    await expect(articles.nth(1)).to_contain_text("同一批次其后另有公示")
    await expect(page.locator(".verdict:not(.past)")).to_have_text(["合格（复检改变原检验结果）"])
    await page.set_viewport_size(PHONE)
    tops = await articles.evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert tops == sorted(set(tops))


async def test_the_standing_result_is_one_link_away(visit: Visit, site: Site) -> None:
    """From the list, where the corrected one still stands."""
    page = await visit("抽检结果公示")
    corrected = page.get_by_role("row").filter(has_text="本公示已经更正")
    await corrected.get_by_role("link", name="最后一次公示").click()
    await page.wait_for_url(f"{site.address}/gongshi/final")
    await expect(page.locator(".verdict").first).to_have_text("合格（复检改变原检验结果）")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("公告", rf"公告送达，至\d+年\d+月\d+日24时止，还有{DAYS_LEFT}日"),
        ("期限届满的公告", r"公告送达，期限已于\d+年\d+月\d+日24时届满"),
        ("不涉及期限的公告", "公告送达，不涉及期限"),
    ],
)
async def test_an_announcement_says_how_long_there_is(visit: Visit, name: str, said: str) -> None:
    """Before anything else it says, and with the last day as people write it."""
    page = await visit(name)
    await expect(page.locator(".verdict")).to_have_text(re.compile(f"^{said}$"))


@pytest.mark.parametrize(
    ("name", "paper", "addressee"),
    [("公告", "抽检结果通知书", PRODUCER), ("不涉及期限的公告", "复检结果通知书", SELLER)],
)
async def test_an_announcement_says_whom_it_serves_with_what(
    visit: Visit, site: Site, name: str, paper: str, addressee: str
) -> None:
    """On a telephone without scrolling; the list tells announcements of the same goods apart."""
    page = await visit("公告列表")
    await page.get_by_role("link", name=f"受送达人：{addressee}，送达文书：{paper}", exact=True).click()
    assert page.url == site[name]
    page = await visit(name, PHONE)
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{paper}送达公告")
    said = f"因以其他方式无法向{addressee}送达{paper}，现予公告，自本公告发布之日起视为送达。"
    await expect(page.get_by_text(said)).to_be_in_viewport()


@pytest.mark.parametrize(
    ("name", "heading", "said"),
    [
        ("核验通过", "文书真实有效", "逐项核对"),
        ("核验已更正", "文书真实，但已更正", "以更正后的文书为准"),
        ("核验不通过", "核验不通过", "没有这样一份文书"),
        ("核验地址有误", "核验不通过", "没有这样一份文书"),
    ],
)
async def test_the_page_behind_the_code_answers_first(
    visit: Visit, name: str, heading: str, said: str
) -> None:
    """On the telephone that read the code, without scrolling: genuine or not, and what to do."""
    page = await visit(name, PHONE)
    await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    answer = page.get_by_role("article").get_by_text(said)
    await expect(answer).to_be_in_viewport()


async def test_a_result_leads_to_its_verification(visit: Visit, site: Site) -> None:
    """And that page says that the paper is the bureau's."""
    page = await visit("公示")
    await page.get_by_role("link", name="核验本文书").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("文书真实有效")
    assert page.url == site["核验通过"]


@pytest.mark.parametrize(
    ("link", "type_"),
    [
        ("表格（CSV）", "text/csv; charset=utf-8"),
        ("JSON", "application/json"),
        ("订阅（Atom）", "application/atom+xml"),
    ],
)
async def test_what_was_found_can_be_taken_along(visit: Visit, site: Site, link: str, type_: str) -> None:
    """The links on the page give what they say, and the search goes with table and JSON."""
    page = await visit("第二页")
    address = await page.get_by_role("link", name=link).get_attribute("href")
    async with httpx.AsyncClient(base_url=site.address, trust_env=False) as client:
        answer = await client.get(address or "")
    assert (answer.status_code, answer.headers["content-type"]) == (200, type_)
    if "csv" in type_:
        assert len(list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))) == MANY
    elif "json" in type_:
        assert len(answer.json()["items"]) == MANY
    else:
        assert ElementTree.fromstring(answer.content).tag == f"{ATOM}feed"


async def test_the_table_is_saved_as_a_file(visit: Visit) -> None:
    """Under a name of its own, not shown as a wall of text."""
    page = await visit("抽检结果公示")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="表格（CSV）").click()
    assert (await saving.value).suggested_filename == "gongshi.csv"


async def test_a_feed_reader_finds_the_feed(visit: Visit, site: Site) -> None:
    """From the address of any list or result, as feed readers do."""
    for name, feed in (
        ("抽检结果公示", "/gongshi.atom"),
        ("公示", "/gongshi.atom"),
        ("公告", "/gonggao.atom"),
    ):
        page = await visit(name)
        link = page.locator("link[rel=alternate][type='application/atom+xml']")
        await expect(link).to_have_attribute("href", feed)
    async with httpx.AsyncClient(base_url=site.address, trust_env=False) as client:
        entry = ElementTree.fromstring((await client.get("/gongshi.atom")).content).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == f"{site.address}/gongshi/final"
