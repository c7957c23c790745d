"""The public site: found, read, followed and downloaded without a token."""

import csv
import io
import re
from datetime import date, timedelta
from xml.etree import ElementTree

import httpx
import pytest
from lxml import html as parser
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.public.frame import whom_to_ask
from law.calendar import end_of_day
from law.regulation import in_force_on
from law.rules import Contact
from law.vocabulary import DocumentKind, Outcome
from store.documents import published
from store.ledger import record
from tests.api.builders import assert_problem
from tests.api.publishing import PRODUCER, TITLES, at, found, publish, shown_for
from tests.store.builders import change, snapshot, wait

ATOM = "{http://www.w3.org/2005/Atom}"


async def test_results_are_found_by_what_people_know(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """Seller, product, trademark, platform, outcome and day; width and case do not matter; pages alike."""
    await publish(engine, "r-1", seller={"name": "甲商行"}, nominal_trademark="ＡＢＣ牌")
    await publish(engine, "r-2", sample_name="电热水壶", platform="乙平台", outcome=Outcome.RETEST_UPHELD)
    for query, only in (
        ({"seller": "甲商"}, ["r-1"]),
        ({"product": "热水"}, ["r-2"]),
        ({"trademark": "abc"}, ["r-1"]),
        ({"platform": "乙"}, ["r-2"]),
        ({"outcome": "retest_upheld"}, ["r-2"]),
        ({"outcome": "conforming"}, []),
        ({"product": "", "outcome": "", "published_from": ""}, ["r-2", "r-1"]),
        ({"published_from": "2020-01-01", "published_to": "2020-12-31"}, []),
        ({"published_from": "2020-01-01", "seller": "甲", "product": "水壶"}, []),
    ):
        assert await found(site, **query) == only
        page = parser.fromstring((await site.get("/gongshi", params=query)).text)
        assert page.xpath("//main//tbody//th/a/@href") == [f"/gongshi/{one}" for one in only]
    assert "没有符合条件的" in (await site.get("/gongshi", params={"seller": "丙"})).text
    assert "查到1项" in (await site.get("/gongshi", params={"seller": "甲商"})).text


async def test_what_others_write_stays_text(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """A seller whose name is a script appears as letters, on pages, in the search and in feeds."""
    evil = '<script>alert("1")</script>\x0b'
    await publish(engine, "r-1", seller={"name": evil}, sample_name="<b>'杯\"&")
    for path in ("/gongshi", "/gongshi/r-1", f'/gongshi?seller={evil.strip()}"><script>'):
        answer = await site.get(path)
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "<b>" not in answer.text
    assert "&lt;script&gt;alert(&quot;1&quot;)" in (await site.get("/gongshi/r-1")).text
    feed = ElementTree.fromstring((await site.get("/gongshi.atom")).content)
    assert evil.strip() in feed.findtext(f"{ATOM}entry/{ATOM}summary", "")


async def test_an_announcement_says_whom_it_serves_with_what(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Two of one batch, to seller and producer: told apart wherever they are read, found by the addressee."""
    seller = {"seller": {"name": "甲商行"}, "kind": DocumentKind.ANNOUNCEMENT}
    batch_no = await publish(engine, "a-1", facts=PRODUCER | {"about_party": "甲商行"}, **seller)
    await publish(engine, "a-2", batch_no=batch_no, facts=PRODUCER, **seller)
    items = (await site.get("/public/announcements")).json()["items"]
    rows = list(csv.DictReader(io.StringIO((await site.get("/gonggao.csv")).content.decode("utf-8-sig"))))
    feed = ElementTree.fromstring((await site.get("/gonggao.atom")).content).findall(f"{ATOM}entry")
    listed = parser.fromstring((await site.get("/gonggao")).text).xpath("//main//tbody/tr")
    for n, (at_, name) in enumerate((("a-2", "浙江示例制造有限公司"), ("a-1", "甲商行"))):
        page = parser.fromstring((await site.get(f"/gonggao/{at_}")).text)
        assert page.findtext(".//h1") == "抽检结果通知书送达公告"
        assert page.findtext(".//title", "").startswith(f"抽检结果通知书送达公告：{name}，儿童保温杯")
        terms = dict(zip(page.xpath("//dt/text()"), page.xpath("//dd"), strict=True))
        assert (terms["受送达人"].text, terms["送达文书"].text) == (name, "抽检结果通知书")
        said = f"因以其他方式无法向{name}送达抽检结果通知书，现予公告，自本公告发布之日起视为送达。"
        assert said in page.text_content()
        told = (items[n]["title"], items[n]["addressee"], items[n]["about"])
        assert told == ("抽检结果通知书送达公告", name, "抽检结果通知书")
        assert (rows[n]["名称"], rows[n]["受送达人"], rows[n]["送达文书"]) == told
        assert feed[n].findtext(f"{ATOM}title") == f"抽检结果通知书送达公告 {name} 儿童保温杯"
        assert f"受送达人：{name}\n送达文书：抽检结果通知书" in feed[n].findtext(f"{ATOM}summary", "")
        assert listed[n].findtext("th/a") == f"受送达人：{name}，送达文书：抽检结果通知书"
    announcements = "/public/announcements"
    assert await found(site, announcements, addressee="浙江示例制造") == ["a-2"]
    assert await found(site, announcements, addressee="甲商") == ["a-1"]
    assert await found(site, announcements, seller="甲商") == ["a-2", "a-1"]
    page = parser.fromstring((await site.get("/gonggao", params={"addressee": "示例制造"})).text)
    assert page.xpath("//main//tbody//th/a/@href") == ["/gonggao/a-2"]
    assert "查到1项（受送达人含“示例制造”）" in page.text_content()


async def test_an_announcement_is_not_followed_by_somebody_elses(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Two parties of one batch were announced: each announcement is verified for itself."""
    batch_no = await publish(engine, "a-1", kind=DocumentKind.ANNOUNCEMENT, facts=PRODUCER)
    seller = PRODUCER | {"about_party": "甲商贸有限公司"}
    await publish(engine, "a-2", kind=DocumentKind.ANNOUNCEMENT, batch_no=batch_no, facts=seller)
    first, _ = await published.one(engine, published.ANNOUNCEMENTS, "a-1")
    assert "文书真实有效" in (await site.get(f"/verify/{first.secret}")).text
    await publish(engine, "a-3", kind=DocumentKind.ANNOUNCEMENT, batch_no=batch_no, facts=PRODUCER)
    assert "已另行制作" in (await site.get(f"/verify/{first.secret}")).text


async def test_an_announcement_that_does_not_know_whom_it_serves_stays_as_it_was(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Made out before facts were kept; its letter speaks to the seller, whose name finds it."""
    await publish(engine, "a-1", kind=DocumentKind.ANNOUNCEMENT, seller={"name": "甲商行"})
    await publish(engine, "r-1")
    for path in ("announcements", "results"):
        (one,) = (await site.get(f"/public/{path}")).json()["items"]
        assert (one["title"], one["addressee"], one["about"]) == ("网络商品抽检结果公示", None, None)
    for path in ("/gonggao", "/gonggao/a-1", "/gonggao.atom", "/gongshi", "/gongshi/r-1", "/gongshi.csv"):
        shown = (await site.get(path)).text
        assert "送达文书" not in shown, path
        assert "视为送达" not in shown, path
        assert "None" not in shown, path
    assert parser.fromstring((await site.get("/gonggao/a-1")).text).findtext(".//h1") == "儿童保温杯"
    assert await found(site, "/public/announcements", addressee="甲商") == ["a-1"]


async def test_corrections_stand_beside_what_they_correct(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Each address shows both, says of each what it is to the other, and the first is unaltered."""
    batch_no = await publish(engine, "r-1")
    await publish(
        engine, "r-2", batch_no=batch_no, kind=DocumentKind.PUBLICATION_CORRECTION, corrects="r-1",
        conclusion="该结果正在复核",
    )  # fmt: skip
    for shown in ("r-1", "r-2"):
        page = parser.fromstring((await site.get(f"/gongshi/{shown}")).text)
        articles = page.xpath("//div[@class='beside']/article")
        assert len(articles) == 2
        said = " ".join(page.text_content().split())
        assert "本公示已经更正" in said
        assert "本公示更正" in said
        assert "该结果正在复核 原公示为：不合格（逾期未提出异议，视为无异议）" in said
        assert "该结果正在复核" in said
    first, second = reversed((await site.get("/public/results")).json()["items"])
    assert (first["corrected_by"], second["corrects"]) == (["r-2"], "r-1")
    assert (await site.get(second["address"])).status_code == 200
    listed = (await site.get("/gongshi")).text
    assert "本公示已经更正" in listed
    assert "不合格（逾期未提出异议，视为无异议）［已更正］" in listed
    assert "［已有新的公示］" not in listed
    await publish(engine, "r-3", batch_no=batch_no, corrects="r-1", conclusion="合格（合格）")
    for shown in ("r-1", "r-2"):
        page = parser.fromstring((await site.get(f"/gongshi/{shown}")).text)
        (now,) = set(page.xpath("//p[contains(@class,'note')]/a/@href"))
        assert now == "/gongshi/r-3"
    assert "该结果正在复核［已有新的公示］" in (await site.get("/gongshi")).text


async def test_an_announcement_says_how_many_days_are_left(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Counted in Shanghai: on the last day none until 24:00, and a minute later it has ended; as extended."""
    last = date(2030, 1, 10)
    batch_no = await publish(engine, "a-1", kind=DocumentKind.ANNOUNCEMENT)
    held = wait(last_day=last, deadline=end_of_day(last))
    await record.write(engine, change(snapshot(batch_no, 2, held)), time_skipping=False)
    for moment, left, said in (
        ("2029-12-31T23:59:30+08:00", 10, "还有10日"),
        ("2030-01-01T00:00:30+08:00", 9, "还有9日"),
        ("2030-01-10T23:59:30+08:00", 0, "今日届满"),
        ("2030-01-11T00:00:30+08:00", -1, "期限已于2030年1月10日24时届满"),
    ):
        await at(engine, batch_no, moment)
        (one,) = (await site.get("/public/announcements")).json()["items"]
        assert (one["last_day"], one["days_left"]) == ("2030-01-10", left)
        for path in ("/gonggao", "/gonggao/a-1"):
            assert said in (await site.get(path)).text
    later = wait(last_day=last + timedelta(days=5), deadline=end_of_day(last + timedelta(days=5)))
    await record.write(engine, change(snapshot(batch_no, 3, later)), time_skipping=False)
    assert "还有4日" in (await site.get("/gonggao/a-1")).text


async def test_feeds_are_atom(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """Well-formed, the newest first, ids are the lasting addresses; an empty one is a feed too."""
    empty = ElementTree.fromstring((await site.get("/gonggao.atom")).content)
    assert empty.findtext(f"{ATOM}updated")
    await publish(engine, "r-1")
    await publish(engine, "r-2")
    answer = await site.get("/gongshi.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert ids == [f"https://jianguan.example.cn/gongshi/{one}" for one in ("r-2", "r-1")]
    for entry in (feed, *entries):
        assert entry.findtext(f"{ATOM}title")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*[+-]\d\d:\d\d", entry.findtext(f"{ATOM}updated", ""))


async def test_a_table_opens_safely_in_a_spreadsheet(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """UTF-8 with BOM; a cell that a spreadsheet would run is text; every result asked for, no other."""
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", " =1", '两\n行,"和"逗号']
    for n, cell in enumerate(cells):
        await publish(engine, f"r-{n}", sample_name=cell)
    await publish(engine, "other", platform="别的平台")
    answer = await site.get("/gongshi.csv", params={"platform": "示例"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-disposition"] == 'attachment; filename="gongshi.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    shown = [row["样品名称"] for row in reversed(rows)]
    assert shown == [*(f"'{cell}" for cell in cells[:-1]), cells[-1]]
    assert rows[0]["主要不合格项目"] == "耐热冲击；标识"
    assert rows[-1]["固定地址"] == "https://jianguan.example.cn/gongshi/r-0"


async def test_lists_go_on_where_they_ended(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """Twenty a page, the search kept; the last page has no next; a bad cursor is said on a page."""
    for n in range(21):
        await publish(engine, f"r-{n:02}")
    first = parser.fromstring((await site.get("/gongshi", params={"seller": "示例"})).text)
    (following,) = first.xpath("//a[@rel='next']/@href")
    assert "seller=" in following
    second = parser.fromstring((await site.get(following)).text)
    shown = first.xpath("//main//tbody//th/a/@href") + second.xpath("//main//tbody//th/a/@href")
    assert shown == [f"/gongshi/r-{n:02}" for n in range(20, -1, -1)]
    assert not second.xpath("//a[@rel='next']")
    for page in (first, second):
        assert "查到21项" in page.xpath("string(//*[@role='status'])")
    assert len(csv_rows := (await site.get("/gongshi.csv")).text.splitlines()) == 22, csv_rows


async def test_what_is_wrong_is_said_on_a_page(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """Unknown, of the other kind, not yet published: 404; what cannot be read: 422; programs get problems."""
    await publish(engine, "r-1")
    for path, status in (
        ("/gongshi/none", 404),
        ("/gonggao/r-1", 404),
        ("/gongshi?published_from=yesterday", 422),
        ("/gongshi?cursor=WyJhIl0", 422),
        ("/gonggao?cursor=x", 422),
    ):
        answer = await site.get(path)
        assert answer.status_code == status, path
        assert answer.headers["content-type"].startswith("text/html")
        assert parser.fromstring(answer.text).xpath("count(//h1)") == 1
    assert_problem(await site.get("/public/results?published_from=x"), 422, "invalid")


async def test_the_bare_address_leads_to_the_results(site: httpx.AsyncClient) -> None:
    """Whoever knows only whose site it is."""
    answer = await site.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/gongshi")


async def test_what_was_published_is_withdrawn_when_the_regulation_says_so(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Through the last of the days it is shown; from the next midnight on its address answers that it was."""
    batch_no = await publish(engine, "r-1")
    await publish(engine, "kept")
    await shown_for(engine, batch_no, days=30)
    async with engine.connect() as connection:
        day = (
            await connection.execute(
                text("select cast(sent_at at time zone 'Asia/Shanghai' as date) + 30 from documents"
                     " where document_id = 'r-1'")
            )
        ).scalar_one()  # fmt: skip
    await at(engine, batch_no, f"{day}T23:59:00+08:00")
    assert await found(site) == ["kept", "r-1"]
    assert (await site.get("/gongshi/r-1")).status_code == 200
    await at(engine, batch_no, f"{day + timedelta(days=1)}T00:00:01+08:00")
    assert await found(site) == ["kept"]
    gone = await site.get("/gongshi/r-1")
    assert gone.status_code == 410
    assert "已经撤下" in gone.text
    assert "儿童保温杯" not in gone.text
    for path in ("/gongshi", "/gongshi.atom", "/gongshi.csv"):
        assert "r-1" not in (await site.get(path)).text


async def test_pages_run_nothing_and_are_kept_while_they_are_the_same(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """No script, nothing fetched, not framed; asked again the same page is 304, a changed one is not."""
    await publish(engine, "r-1")
    for path in ("/gongshi", "/gongshi/r-1", "/gonggao", "/gongshi/none"):
        answer = await site.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
    known = (await site.get("/gongshi")).headers["etag"]
    same = await site.get("/gongshi", headers={"If-None-Match": f'"other", W/{known}'})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["content-security-policy"]
    await publish(engine, "r-2")
    assert (await site.get("/gongshi", headers={"If-None-Match": known})).status_code == 200


async def test_pages_can_be_used_by_everybody(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """One heading of the first level, landmarks, a label for each input, a language, no tags left open."""
    batch_no = await publish(engine, "r-1")
    await publish(engine, "r-2", batch_no=batch_no, corrects="r-1")
    await publish(engine, "a-1", kind=DocumentKind.ANNOUNCEMENT, facts=PRODUCER)
    for path in ("/gongshi", "/gonggao", "/gongshi/r-1", "/gonggao/a-1", "/gongshi/none"):
        source = (await site.get(path)).text
        page = parser.fromstring(source)
        assert page.get("lang") == "zh-CN"
        assert page.xpath("count(//h1)") == 1
        assert all(
            page.xpath(f"count(//{landmark})") == 1 for landmark in ("header", "main", "footer", "title")
        )
        assert page.xpath("//meta[@name='viewport']")
        assert page.xpath("//a[@class='skip']/@href") == ["#content"]
        assert page.xpath("//main/@id") == ["content"]
        assert all(page.xpath("//nav/@aria-label"))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        for field in page.xpath("//input | //select"):
            assert page.xpath(f"//label[@for='{field.get('id')}']"), (path, field.get("name"))
        assert not page.xpath("//script | //*[@style] | //img | //iframe | //@onclick")
        for tag in ("p", "li", "dl", "div", "article", "a", "form", "select", "option", "h2"):
            assert len(re.findall(rf"<{tag}[ >]", source)) == source.count(f"</{tag}>"), (path, tag)


async def test_a_list_tells_the_goods_apart_at_a_look(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """Trademark, model, producer, platform and what failed, each under its heading; and whom to ask."""
    said = {"spec_model": "SL-500", "nominal_producer": "浙江示例制造有限公司"}
    titles = {**TITLES, "spec_model": "规格型号", "nominal_producer": "标称生产者名称"}
    batch_no = await publish(engine, "r-1", titles=titles, **said)
    page = parser.fromstring((await site.get("/gongshi")).text)
    heads = [one.text for one in page.xpath("//main//thead//th")]
    cells = [" ".join(one.text_content().split()) for one in page.xpath("//main//tbody/tr/*")]
    row = dict(zip(heads, cells, strict=True))
    assert (row["商品名称"], row["商标"], row["规格型号"]) == ("儿童保温杯", "示例牌", "SL-500")
    assert (row["标称生产者"], row["第三方交易平台"]) == ("浙江示例制造有限公司", "示例电商平台")
    assert "不合格项目：耐热冲击；标识" in row["结果"]
    await publish(engine, "r-2", batch_no=batch_no, corrects="r-1", titles=titles, **said)
    page = parser.fromstring((await site.get("/gongshi")).text)
    # What does not hold any more is not told against anybody once more.
    assert len(page.xpath("//tbody//span[@class='failed']")) == 1
    footer = page.xpath("//footer")[0].text_content()
    assert "全国12315平台" in footer
    assert "None" not in footer


def test_the_bureaus_office_is_named_once_the_regulation_names_it() -> None:
    bureaus = in_force_on(date(2026, 11, 30)).bureaus
    assert whom_to_ask(bureaus) == ""
    office = Contact(name="网监处", telephone="0571-00000000", address="示例路1号")
    told = parser.fromstring(whom_to_ask(bureaus.model_copy(update={"contact": office}))).text_content()
    assert told.strip() == f"{bureaus.municipal_bureau}：网监处，电话0571-00000000，地址：示例路1号"


@pytest.mark.parametrize("path", ["/gongshi", "/gonggao", "/public/results", "/gongshi.csv"])
@pytest.mark.parametrize("asked", [{"published_to": "9999-12-31"}, {"published_from": "0001-01-01"}])
async def test_a_day_of_no_time_of_ours_is_refused(
    site: httpx.AsyncClient, path: str, asked: dict[str, str]
) -> None:
    assert (await site.get(path, params=asked)).status_code == 422
