"""The public is told the name of no natural person, seller or producer (个人信息保护法第六条)."""

from typing import Any

import httpx
from lxml import html as parser
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind
from tests.api.publishing import PRODUCER, found, publish

EVERYWHERE = (
    "/gongshi", "/gongshi/r-1", "/gongshi.atom", "/gongshi.csv", "/public/results",
    "/gonggao", "/gonggao/a-1", "/gonggao.atom", "/gonggao.csv", "/public/announcements",
)  # fmt: skip


async def test_a_natural_person_is_not_named(engine: AsyncEngine, site: httpx.AsyncClient) -> None:
    """Not on pages, in JSON, feed or table, nor by searching for the name or trying names on a digest."""
    person = {"name": "欧阳三丰", "natural_person": True}
    await publish(engine, "r-1", seller=person, sample_name="欧阳三丰手工茶")
    await publish(engine, "a-1", seller=person, kind=DocumentKind.ANNOUNCEMENT)
    await publish(engine, "r-2", seller={"name": "三丰商行"})
    for path in EVERYWHERE:
        answer = await site.get(path)
        assert answer.status_code == 200
        assert "欧阳某某" in answer.text, path
        assert "欧阳三丰" not in answer.text, path
    assert await found(site, seller="三丰") == ["r-2"]
    assert await found(site, product="三丰") == []
    assert await found(site, product="手工茶") == ["r-1"]
    assert "/verify/" not in (await site.get("/gongshi/r-1")).text
    link = parser.fromstring((await site.get("/gongshi/r-2")).text).xpath(
        "//a[contains(@href,'/verify/')]/@href"
    )
    assert "文书真实有效" in (await site.get(link[0])).text


async def test_a_natural_person_that_really_sold_is_not_named(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Nor the one that was ordered from; a company that really sold is found by its name."""
    person = {"name": "欧阳三丰", "natural_person": True}
    await publish(engine, "r-1", bought_from=person, sample_name="欧阳三丰手工茶")
    await publish(engine, "r-2", seller=person, bought_from={"name": "样品商行"}, sample_name="欧阳三丰花茶")
    for path in ("/gongshi", "/gongshi/r-1", "/gongshi/r-2", "/public/results"):
        assert "欧阳三丰" not in (await site.get(path)).text, path
    assert await found(site, seller="三丰") == []
    assert await found(site, seller="样品商行") == ["r-2"]


async def test_a_producer_who_is_a_natural_person_is_not_named_either(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Beside a seller who is one too, whose name is the beginning of it; not found by parts of it."""
    people: dict[str, Any] = {
        "seller": {"name": "诸葛三", "natural_person": True},
        "producer": {"name": "诸葛三丰", "natural_person": True},
    }
    await publish(engine, "r-1", nominal_producer="诸葛三丰", sample_name="诸葛三丰手工茶", **people)
    facts = PRODUCER | {"about_party": "诸葛三丰"}
    await publish(engine, "a-1", kind=DocumentKind.ANNOUNCEMENT, facts=facts, **people)
    await publish(engine, "r-2", nominal_producer="三丰茶厂", producer={"name": "三丰茶厂"})
    for path in EVERYWHERE:
        shown = (await site.get(path)).text
        assert "诸葛某某" in shown, path
        assert "诸葛三" not in shown, path
    assert "<dd>诸葛某某</dd>" in (await site.get("/gongshi/r-1")).text
    assert "<dd>三丰茶厂</dd>" in (await site.get("/gongshi/r-2")).text
    for piece in ("三丰", "丰"):
        assert await found(site, product=piece) == []
    assert await found(site, product="手工茶") == ["r-1"]
    for piece in ("诸葛", "丰"):
        assert await found(site, "/public/announcements", addressee=piece) == []
    assert "/verify/" not in (await site.get("/gongshi/r-1")).text


async def test_a_natural_person_who_is_served_is_not_named(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """Addressee or within the addressee's name: masked in titles too, not found by name."""
    person = {"seller": {"name": "欧阳三丰", "natural_person": True}, "kind": DocumentKind.ANNOUNCEMENT}
    batch_no = await publish(engine, "a-1", facts=PRODUCER | {"about_party": "欧阳三丰"}, **person)
    await publish(
        engine, "a-2", batch_no=batch_no, facts=PRODUCER | {"about_party": "欧阳三丰茶厂"}, **person
    )
    for path in ("/gonggao", "/gonggao/a-1", "/gonggao/a-2", "/gonggao.atom", "/gonggao.csv",
                 "/public/announcements"):  # fmt: skip
        shown = (await site.get(path)).text
        assert "三丰" not in shown, path
        assert "欧阳某某" in shown, path
    page = parser.fromstring((await site.get("/gonggao/a-1")).text)
    assert page.findtext(".//title", "").startswith("抽检结果通知书送达公告：欧阳某某，")
    assert "/verify/" not in (await site.get("/gonggao/a-1")).text
    for name in ("欧阳三丰", "三丰", "欧阳"):
        for field in ("addressee", "seller"):
            assert await found(site, "/public/announcements", **{field: name}) == []
            assert "没有符合条件的公告" in (await site.get("/gonggao", params={field: name})).text
            table = (await site.get("/gonggao.csv", params={field: name})).text
            assert len(table.splitlines()) == 1
    assert await found(site, "/public/announcements", addressee="茶厂") == ["a-2"]


async def test_who_was_named_as_a_person_once_is_not_named_after_a_correction(
    engine: AsyncEngine, site: httpx.AsyncClient
) -> None:
    """The producer of the record is a company now; the first publication stays, and so does the second's
    word of what was crossed out."""
    company = {"name": "三丰茶厂"}
    known = {"persons": ["王五丰"]}
    batch_no = await publish(engine, "r-1", nominal_producer="王五丰", producer=company, facts=known)
    await publish(
        engine, "r-2", batch_no=batch_no, corrects="r-1", nominal_producer="王五丰（更正为三丰茶厂）"
    )
    for path in ("/gongshi", "/gongshi/r-1", "/gongshi/r-2", "/gongshi.csv", "/public/results"):
        assert "王五丰" not in (await site.get(path)).text, path
    assert "王某某" in (await site.get("/gongshi/r-1")).text
    assert await found(site, product="五丰") == []
