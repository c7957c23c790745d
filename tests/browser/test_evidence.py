"""Evidence in a real browser: uploaded over lines that break, the digest the same on both sides, and seen."""

import asyncio
import hashlib
import io
import math
import struct
import wave
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pypdf
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Route

from evidence.keyring import RootKeys
from law.vocabulary import Role
from local.commands.signing_in import link
from local.commands.tokens import ensure_keys, issue
from local.embedded.ports import free_port
from settings import Settings
from store.engine import make_engine
from tests.browser.serving import DESKTOP, PHONE, served
from tests.databases import Addresses, create
from tests.evidence.builders import picture
from tests.evidence.serving import Served
from tests.store.builders import open_one, order

pytestmark = pytest.mark.browser

RATE = 16_000
MIB = 1024 * 1024


@dataclass(frozen=True)
class Desk:
    """Where staff upload, with a batch that has nothing yet."""

    settings: Settings
    address: str
    batch_no: str

    async def link(self, role: Role = Role.OFFICER) -> str:
        """Signs in once."""
        return await asyncio.to_thread(link, self.settings, role, laboratory=None)

    async def asked(self, path: str, role: Role = Role.OFFICER) -> httpx.Response:
        headers = {"Authorization": f"Bearer {issue(self.settings, role)}"}
        async with httpx.AsyncClient(trust_env=False, base_url=self.address, headers=headers) as client:
            return await client.get(path)

    async def kept(self) -> dict[str, str]:
        listed = (await self.asked(f"/batches/{self.batch_no}/evidence")).json()["items"]
        return {one["filename"]: one["sha256"] for one in listed}


@pytest.fixture(scope="session")
async def installed(
    addresses: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Settings]:
    """An API with keys for tokens and evidence."""
    folder = tmp_path_factory.mktemp("desk")
    settings = Settings(
        home=folder,
        api_port=free_port(),
        database_url=(await create(addresses)).service,
        temporal_address="127.0.0.1:9",
        evidence_keys=folder / "keys",
    )
    ensure_keys(folder)
    RootKeys(settings.evidence_keys_folder).ensure()
    async with served(settings):
        yield settings


@pytest.fixture
async def desk(installed: Settings) -> Desk:
    return await desk_at(installed)


async def desk_at(settings: Settings) -> Desk:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    opened = await open_one(engine, order())
    await engine.dispose()
    return Desk(settings, settings.api_url, opened.batch_no)


@pytest.fixture
async def page(desk: Desk, chromium: Browser) -> AsyncIterator[Page]:
    """The batch, opened by an officer; nothing may have been complained of but a line that broke."""
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page = await chromium.new_page(viewport=DESKTOP)
    page.set_default_timeout(20_000)
    page.on("console", said)
    await opened(page, desk)
    yield page
    await page.close()
    assert complaints == []


async def opened(page: Page, desk: Desk, role: Role = Role.OFFICER) -> None:
    await page.goto(await desk.link(role))
    answer = await page.goto(f"{desk.address}/console/batches/{desk.batch_no}/evidence")
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


async def add(page: Page, *files: Path) -> None:
    await page.get_by_label("文件", exact=True).set_input_files([str(one) for one in files])
    await page.get_by_role("button", name="上传", exact=True).click()


async def look(page: Page, name: str) -> None:
    await page.get_by_role("link", name=name).click()
    await page.get_by_role("heading", name=name).wait_for()


def digest_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Twenty minutes of a tone: long enough that nobody's player fetches all of it to play its end."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        second = b"".join(struct.pack("<h", int(8000 * math.sin(n / 9))) for n in range(RATE))
        wav.writeframes(second * 1200)
    made = tmp_path / "拆封录音.wav"
    made.write_bytes(sound.getvalue())
    return made


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    rows = b"".join(b"\0" + bytes((x, y, 128)[n] for x in range(120) for n in range(3)) for y in range(90))
    head = struct.pack(">IIBBBBB", 120, 90, 8, 2, 0, 0, 0)
    made = tmp_path / "样品 <照片>.png"
    made.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return made


async def test_an_upload_goes_on_after_a_broken_line_and_a_closed_browser(
    page: Page, desk: Desk, chromium: Browser, recording: Path
) -> None:
    """The digest computed in the browser is the one that is kept; nothing is sent twice."""
    sent: list[int] = []

    async def breaking(route: Route) -> None:
        if route.request.method == "PATCH":
            sent.append(int(route.request.headers["upload-offset"]))
            if len(sent) in (2, 3):
                await route.abort("connectionreset")
                return
        await route.continue_()

    await page.route("**/evidence/uploads/*", breaking)
    await add(page, recording)
    await page.get_by_text("网络中断").wait_for()
    await page.get_by_text("已上传").filter(has_text="%").wait_for()
    await page.close()
    assert await desk.kept() == {}

    again = await chromium.new_page()
    await opened(again, desk)
    assert "已收到1.0 MiB" in await again.locator("#kept").inner_text()
    begun: list[int] = []
    again.on(
        "request",
        lambda asked: begun.append(int(asked.headers["upload-offset"])) if asked.method == "PATCH" else None,
    )
    await add(again, recording)
    await again.get_by_text("已入库，两边计算的摘要一致").wait_for()
    assert begun[0] == 1 << 20, "from where it had stopped"
    assert digest_of(recording) in await again.locator(".uploads").inner_text()
    await again.get_by_role("link", name=recording.name).wait_for()
    assert await desk.kept() == {recording.name: digest_of(recording)}
    await add(again, recording)
    await again.get_by_text("这个文件已经入库").wait_for()
    await again.close()


@pytest.fixture
async def mortal(installed: Settings) -> AsyncIterator[Served]:
    """An API in a process of its own, beside the other."""
    api = Served(installed.model_copy(update={"api_port": free_port()}))
    await asyncio.to_thread(api.start)
    yield api
    api.kill()


async def test_an_upload_goes_on_by_itself_when_the_api_is_killed(
    mortal: Served, chromium: Browser, tmp_path: Path
) -> None:
    """While a part is on its way, and started again a little later, twice; nobody does anything."""
    desk = await desk_at(mortal.settings)
    film = tmp_path / "购买录屏.png"
    film.write_bytes(picture(40 * MIB + 12_345))
    page, sent, killed = await chromium.new_page(), [], asyncio.Event()

    def asked(request: Request) -> None:
        if request.method == "PATCH":
            sent.append(int(request.headers["upload-offset"]))
            if len(sent) in (2, 5):
                mortal.kill()
                killed.set()

    page.on("request", asked)
    await opened(page, desk)
    await add(page, film)
    for _ in range(2):
        async with asyncio.timeout(60):
            await killed.wait()
        killed.clear()
        await page.get_by_text("网络中断，即将自动续传").wait_for()
        await asyncio.to_thread(mortal.start)
    await page.get_by_text("已入库，两边计算的摘要一致").wait_for(timeout=60_000)
    assert digest_of(film) in await page.locator(".uploads").inner_text()
    assert await desk.kept() == {film.name: digest_of(film)}
    assert sent.count(0) == 1, "what had come was not sent again"
    await page.close()


async def test_a_recording_is_played_from_any_place_by_ranges(
    page: Page, desk: Desk, recording: Path
) -> None:
    """Once the reason is given; each read is on the access log, and without the session there is none."""
    await add(page, recording)
    await page.get_by_text("已入库，两边计算的摘要一致").wait_for()
    await look(page, recording.name)
    assert await page.locator("audio").count() == 0
    await page.get_by_label("查阅理由").fill("核对拆封过程")
    await page.get_by_role("button", name="查阅", exact=True).click()
    audio = page.locator("audio")
    await audio.evaluate("one => new Promise(done => { one.onloadedmetadata = done; one.load() })")
    assert round(await audio.evaluate("one => one.duration")) == 1200
    async with page.expect_response(
        lambda one: one.status == 206 and "bytes 3" in one.headers["content-range"]
    ):
        await audio.evaluate("one => { one.muted = true; one.currentTime = 1100; return one.play() }")
    await audio.evaluate(
        "one => new Promise(done => { one.ontimeupdate = () => one.currentTime > 1100.5 && done() })"
    )
    log = (await desk.asked(f"/access-log?batch_no={desk.batch_no}", Role.AUDITOR)).json()["items"]
    reads = [one for one in log if one["path"].endswith("/content")]
    assert len(reads) >= 2
    assert all("reason=%E6%A0%B8" in one["query"] and one["role"] == "officer" for one in reads)
    (cookie,) = await page.context.cookies(desk.address)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    await page.context.clear_cookies()
    address = await audio.get_attribute("src")
    went = await page.evaluate("async at => (await fetch(at)).url", address)
    assert "/console/sign-in" in went


async def test_a_picture_is_seen_and_a_paper_is_opened(page: Page, photo: Path, tmp_path: Path) -> None:
    """Names are text, whatever is in them; a PDF opens in the page."""
    paper = tmp_path / "检验报告.pdf"
    written = pypdf.PdfWriter()
    written.add_blank_page(200, 200)
    written.write(paper)
    await add(page, photo, paper)
    await page.get_by_text("已入库，两边计算的摘要一致").nth(1).wait_for()
    await look(page, photo.name)
    picture = page.locator(".shown img")
    await picture.evaluate("one => one.decode()")
    assert await picture.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [120, 90]
    await page.go_back()
    async with page.expect_response(lambda one: one.url.endswith("/content")) as shown:
        await look(page, paper.name)
    answer = await shown.value
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


async def test_what_may_not_be_kept_is_told_before_it_is_sent(page: Page, desk: Desk, tmp_path: Path) -> None:
    """By the first part, with the list of what may; an empty file, and an auditor, are refused in words."""
    program = tmp_path / "录像.mp4"
    program.write_bytes(b"MZ" + bytes(30 << 20))
    empty = tmp_path / "空.png"
    empty.write_bytes(b"")
    await add(page, program, empty)
    await page.get_by_text("不是可以作为证据上传的类型").wait_for()
    await page.get_by_text("文件是空的").wait_for()
    await page.context.clear_cookies()
    await opened(page, desk, Role.AUDITOR)
    assert await page.locator("input[type=file]").count() == 0
    assert await desk.kept() == {}


async def test_in_a_steps_form_a_file_goes_up_where_it_is_named(
    page: Page, desk: Desk, recording: Path
) -> None:
    """It appears among the choices, chosen, and what was entered meanwhile stays."""
    await page.goto(f"{desk.address}/console/batches/{desk.batch_no}/steps/purchased/new")
    await page.get_by_label("买样人姓名").fill("王买样")
    await page.get_by_label("上传新的证据").set_input_files(str(recording))
    await page.get_by_text("已入库，两边计算的摘要一致").wait_for()
    chosen = page.get_by_role("radio", name=recording.name)
    assert await chosen.is_checked()
    assert await chosen.get_attribute("value") == digest_of(recording)
    assert await page.get_by_label("买样人姓名").input_value() == "王买样"


async def test_without_scripts_a_file_goes_up_by_the_form(
    desk: Desk, chromium: Browser, recording: Path
) -> None:
    """As it is; on a telephone nothing sticks out."""
    context = await chromium.new_context(java_script_enabled=False, viewport=PHONE)
    page = await context.new_page()
    await opened(page, desk)
    await add(page, recording)
    await page.get_by_role("link", name=recording.name).wait_for()
    assert await desk.kept() == {recording.name: digest_of(recording)}
    await context.close()


async def test_the_digest_is_right_at_every_edge_of_a_block(page: Page) -> None:
    """Where the padding begins another block, and where the pieces of a file do not end with one."""
    script = await page.locator("script").get_attribute("src")
    assert script is not None
    worker = script.replace("console.js", "sha256.js")
    sizes = [0, 1, 55, 56, 63, 64, 65, 119, 120, 65_543, 5_000_001]
    taken = await page.evaluate("""async ([at, sizes]) => Promise.all(sizes.map(size => new Promise(done => {
        const worker = new Worker(at);
        worker.onmessage = ({data}) => data.done || done(data.sha256);
        worker.postMessage(new Blob([new Uint8Array(size).fill(97)]));
    })))""", [worker, sizes])  # fmt: skip
    assert taken == [hashlib.sha256(b"a" * size).hexdigest() for size in sizes]
