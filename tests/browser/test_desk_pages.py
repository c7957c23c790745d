"""Every page of the desk in a real browser, to everybody who may see it, over a case that has everything."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import ConsoleMessage, Page, Response

from law.vocabulary import Role
from messages.steps import STEPS, StepName
from tests.browser.case_file import CaseFile
from tests.browser.clerk import Office
from tests.browser.looking import judge
from tests.console.test_every_page import AS_MADE, MAY, MAY_WHERE_THERE_IS_ONE, OPEN

pytestmark = pytest.mark.browser

# What is no page: files, and addresses that lead on or tell that there is nothing.
_NO_PAGE = AS_MADE | {
    *(path for path, status in OPEN.items() if status != 200),
    "/console/static/{version}/{name}",
    "/console/plans/{place}/{id_}/versions/{nth}.pdf",
    "/console/batches/{batch_no}/evidence/disposal/{nth}.pdf",
    "/console/batches/{batch_no}/evidence/{digest}/content",
    "/console/post/files/{name}",
    "/console/draws/{draw_id}/candidates.csv",
    "/console/plans/plans/{id_}/progress.xlsx",
    "/console/records/list.{ending}",
    "/console/statistics.xlsx",
    "/console/orders/under/{id_}/list/template.xlsx",
    # Those are looked at where a list is handed in.
    "/console/post/lists/{kind}/answer",
    "/console/registers/{register}/import/answer",
}
_WHO = {**dict.fromkeys(OPEN, frozenset({Role.OFFICER})), **MAY, **MAY_WHERE_THERE_IS_ONE}
# What a page shows besides, where something is asked of it.
_ASKED = {
    "/console/": ("?whose=all", "?whose=all&due=late"),
    "/console/batches": ("?q=示例", "?q=没有这样的"),
    "/console/search": ("?q=示例", "?q=没有这样的"),
    "/console/calendar": ("?month=2026-10",),
    "/console/outages": ("?from=2026-01-01T00:00&to=2026-01-02T00:00",),
    "/console/plans": ("?in_force=true",),
    "/console/draws": ("?state=frozen",),
    "/console/records": ("?kind=product", "?q=没有这样的"),
    "/console/post": ("?state=all", "?state=to_decide"),
    "/console/sign-in": ("?then=/console/batches",),
    "/console/orders/new": ("?scheme={scheme}&q=示例", "?scheme={scheme}"),
    "/console/orders/under/{id_}": ("?seller=J1",),
    "/console/orders/whole": ("?like={batch_no}",),
    "/console/registers/{register}": ("?q=示例", "?q=没有这样的"),
}
_AT_ITS_OWN = re.compile(r"\d+件|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d\d:\d\d(:\d\d)?")


@dataclass
class Looker:
    """Somebody of each role at a browser; what two of them see alike is judged once."""

    people: Office
    file: CaseFile
    judged: set[str] = field(default_factory=set)

    def addresses(self, path: str) -> Iterator[str]:
        for asked in ("", *_ASKED.get(path, ())):
            yield from self.file.at(path + asked)

    async def sees(self, role: Role, address: str, status: int = 200) -> None:
        page = self.people.pages[role]
        said: list[str] = []

        def complained(message: ConsoleMessage) -> None:
            # That a page is answered with a refusal is what some of them are for.
            if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
                said.append(message.text)

        def failed(error: Exception) -> None:
            said.append(str(error))

        page.on("console", complained)
        page.on("pageerror", failed)
        answer = await page.goto(f"{self.people.address}{address}")
        assert isinstance(answer, Response)
        assert answer.status == status, (role, address)
        await self._judged(page, f"{role} {address}")
        page.remove_listener("console", complained)
        page.remove_listener("pageerror", failed)
        assert said == [], (role, address)

    async def _judged(self, page: Page, where: str) -> None:
        """The head is each role's, the main part may be the same for several."""
        places = await page.locator("body > header nav a").all_inner_texts()
        main = await page.locator("main").inner_html()
        known = {_AT_ITS_OWN.sub("", one) for one in ("".join(places), main)}
        if not known <= self.judged:
            await judge(page, where)
        self.judged |= known


@pytest.fixture(scope="module")
def looker(everybody: Office, case_file: CaseFile) -> Looker:
    return Looker(everybody, case_file)


@pytest.mark.parametrize("path", sorted(_WHO.keys() - _NO_PAGE))
async def test_everybody_can_use_each_page_of_the_desk(looker: Looker, path: str) -> None:
    """Who may see it: no rule of accessibility fails, nothing sticks out, Chromium complains of nothing."""
    for address in looker.addresses(path):
        for role in sorted(_WHO[path]):
            await looker.sees(role, address)


@pytest.mark.parametrize("step", sorted(set(STEPS) - {"record_corrected", "correction_confirmed"}))
async def test_everybody_can_use_each_steps_form(looker: Looker, step: StepName) -> None:
    """The forms are made of the steps' models: each is another page."""
    role = min(STEPS[step].ROLES)
    await looker.sees(role, f"/console/batches/{looker.file.batch_no}/steps/{step}/new")


@pytest.mark.parametrize(
    "path",
    [
        "/console/registers/laboratories",
        "/console/registers/laboratories/entries/LAB-01",
        "/console/registers/laboratories/entries/LAB-01/change",
        "/console/batches/{batch_no}/waits/objection_filed:seller",
    ],
)
async def test_a_supervisor_can_use_what_is_for_fewer(looker: Looker, path: str) -> None:
    for address in looker.file.at(path):
        await looker.sees(Role.SUPERVISOR, address)


@pytest.mark.parametrize(
    ("address", "status"),
    [("/console/nothing", 404), ("/console/accounts", 403), ("/console/search?q=。", 422)],
)
async def test_everybody_can_read_why_there_is_nothing(looker: Looker, address: str, status: int) -> None:
    await looker.sees(Role.OFFICER, address, status)
