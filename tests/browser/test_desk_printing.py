"""On paper a page of the desk is what it says: nothing that can only be clicked, no heading over nothing."""

import io
import re
import unicodedata

import pypdf
import pytest

from law.vocabulary import Role
from tests.browser.case_file import CaseFile
from tests.browser.clerk import Office

pytestmark = pytest.mark.browser

_CASE = "/console/batches/{batch_no}"
_PRINTED = (
    *("/console/?whose=all", "/console/batches", "/console/calendar", "/console/post?state=all"),
    *(
        _CASE,
        f"{_CASE}/history",
        f"{_CASE}/evidence",
        f"{_CASE}/objections/seller",
        f"{_CASE}/waits/{{wait}}",
    ),
    *("/console/plans/{place}/{id_}", "/console/registers/{register}"),
)
_CLICKED = "nav, form, button, .button, .skip, .find, footer, .pages, input, select, summary"
# The words of a heading, and whether anything but another heading follows it on paper.
_OVER_NOTHING = """
[...document.querySelectorAll('main h2, main caption')].filter(one => {
  if (!one.getClientRects().length) return false
  let next = one.nextElementSibling
  while (next && !next.getClientRects().length) next = next.nextElementSibling
  return !next || /^H[12]$/.test(next.tagName)
}).map(one => one.innerText)
"""


@pytest.mark.parametrize("path", _PRINTED)
async def test_what_can_only_be_clicked_is_not_printed(
    everybody: Office, case_file: CaseFile, path: str
) -> None:
    page = everybody.pages[Role.OFFICER]
    await page.emulate_media(media="print")
    try:
        for address in case_file.at(path):
            await page.goto(f"{everybody.address}{address}")
            for one in await page.locator(_CLICKED).all():
                assert not await one.is_visible(), await one.inner_text()
            assert await page.evaluate(_OVER_NOTHING) == [], address
            assert await page.locator("h1").is_visible()
    finally:
        await page.emulate_media(media="null")


async def test_a_case_on_paper_says_whose_it_is_and_when_it_was_so(
    everybody: Office, case_file: CaseFile
) -> None:
    """With its picture, parties, letters and evidence, on few sheets; no table begins on the sheet before."""
    page = everybody.pages[Role.OFFICER]
    await page.goto(f"{everybody.address}/console/batches/{case_file.batch_no}")
    printed = pypdf.PdfReader(io.BytesIO(await page.pdf(format="A4"))).pages
    sheets = ["".join(unicodedata.normalize("NFKC", one.extract_text()).split()) for one in printed]
    whole = "".join(sheets)
    assert re.search(r"桌面officer于\d{4}-\d\d-\d\d\d\d:\d\d打印", whole)
    for words in (case_file.batch_no, "审批是否复检", "标称生产者", "抽检结果通知书", "购买录像.png"):
        assert words in whole, words
    assert len(sheets) <= 3
    for sheet in sheets:
        assert not sheet.endswith(("当事人", "文书", "经过", "证据")), sheet[-40:]
