"""On paper a page is what it says, whose it is and where it was; nothing that can only be clicked."""

import io
import unicodedata

import pypdf
import pytest
from playwright.async_api import Page

from tests.browser.conftest import Visit
from tests.browser.content import STATUS, Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", [name for name, status in STATUS.items() if status == 200])
async def test_what_can_only_be_clicked_is_not_printed(visit: Visit, name: str) -> None:
    """No columns, search, pages, downloads or skip link; the bureau, the heading and the text."""
    page = await visit(name)
    await page.emulate_media(media="print")
    for hidden in ("nav", "form", ".skip", ".downloads", ".verify"):
        for one in await page.locator(hidden).all():
            assert not await one.is_visible(), hidden
    for shown in (".bureau", "h1", "main dl, main .list, main [role=status]"):
        assert await page.locator(shown).first.is_visible(), shown


async def sheets(page: Page) -> list[str]:
    """The text of each sheet of A4, without blanks; a font's own forms of letters made equal."""
    printed = pypdf.PdfReader(io.BytesIO(await page.pdf(format="A4"))).pages
    return ["".join(unicodedata.normalize("NFKC", sheet.extract_text()).split()) for sheet in printed]


@pytest.mark.parametrize("name", ["抽检结果公示", "第二页", "公示", "有更正的公示", "公告"])
async def test_paper_says_where_the_page_was(visit: Visit, site: Site, name: str) -> None:
    """In full, so that whoever has the paper finds the page again; and the first sheet is not left empty."""
    page = await visit(name)
    printed = await sheets(page)
    assert site[name].partition("&cursor=")[0] in "".join(printed)
    assert len(printed[0]) > 250


async def test_one_result_is_one_sheet(visit: Visit) -> None:
    """What is pinned to a board or put into a file is one sheet of A4."""
    page = await visit("公示")
    assert len(await sheets(page)) == 1
