"""What stands on the site that the browser sees: names and goods as long as real ones are, every standing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.calendar import day_in_shanghai, end_of_day
from law.regulation import in_force_on
from law.vocabulary import DocumentKind, Outcome
from letters.typesetting import Typesetter
from messages.words import DOCUMENTS, OUTCOMES
from signing.keys import Keyring
from store.documents import letters, published
from store.documents.papers import HandedOver, Letter
from store.ledger import record
from tests.api.publishing import at, publish, shown_for
from tests.browser.drawn import draw
from tests.store.builders import change, open_one, order, paper, snapshot, wait

SELLER = "杭州余杭良渚文化村清风徐来家居日用百货专营店（个体工商户）"
GOODS = "316L医用级不锈钢真空保温杯大容量儿童吸管水壶带背带礼盒装（男女学生通用款）"
PLATFORM = "浙江天目山数字贸易网络科技股份有限公司"
TRADEMARK = "青瓷小象QINGCIXIAOXIANG"
LINK = "https://item.shop.example.com/detail.htm?id=6830012745190&skuId=5120934417782&spm=a21n57.1.item.2.6d3e523cRk1mQx"
SHORT_GOODS = "电热水壶"
# As many as make a second page, all of one platform.
MANY = 21
PRODUCER = "浙江省金华市永康市九鼎不锈钢制品制造有限责任公司"
ELSEWHERE = "苏州金鸡湖畔云集优选电子商务平台有限公司"
DAYS_LEFT = 9


@dataclass(frozen=True)
class Site:
    """Where the site is, and where on it each of the pages is that the tests open by name."""

    address: str
    pages: dict[str, str]
    first_day: date

    def __getitem__(self, name: str) -> str:
        return f"{self.address}{self.pages[name]}"


# Every page that anybody can come to, and the status it is answered with.
STATUS = {
    "抽检结果公示": 200,
    "没有查到": 200,
    "第二页": 200,
    "公示": 200,
    "合格的公示": 200,
    "自然人的公示": 200,
    "有更正的公示": 200,
    "公告列表": 200,
    "公告": 200,
    "期限届满的公告": 200,
    "不涉及期限的公告": 200,
    "核验通过": 200,
    "核验已更正": 200,
    "核验自然人": 200,
    "记录存证": 200,
    "随机抽查": 200,
    "一次随机抽查": 200,
    "核验不通过": 404,
    "没有这一页": 404,
    "已经撤下": 410,
    "查询条件有误": 422,
    "核验地址有误": 404,
}


async def fill(engine: AsyncEngine, public_url: str, keyring: Keyring) -> Site:
    """Publishes all of it; what comes later here is published later, a day each."""
    today = day_in_shanghai(datetime.now(UTC))
    await _many(engine, today)
    pages = {
        "抽检结果公示": "/gongshi",
        "没有查到": "/gongshi?product=%E6%B2%A1%E6%9C%89%E8%BF%99%E7%A7%8D%E5%95%86%E5%93%81",
        "公告列表": "/gonggao",
        "随机抽查": "/chouqu",
        "一次随机抽查": await draw(engine, keyring, SELLER, "欧阳清风"),
        "没有这一页": "/gongshi/none",
        "查询条件有误": "/gongshi?published_from=yesterday",
        "核验不通过": f"/verify/{'2' * 26}",
        "核验地址有误": f"/verify/{'0' * 101}",
    }
    pages["公示"] = await _result(engine, "long", today + timedelta(2))
    pages["合格的公示"] = await _result(
        engine, "good", today + timedelta(3), sample_name=SHORT_GOODS, nominal_trademark="/",
        nonconforming_items=[], conclusion=f"合格（{OUTCOMES[Outcome.CONFORMING]}）",
    )  # fmt: skip
    pages["自然人的公示"] = await _result(
        engine, "person", today + timedelta(4), seller={"name": "欧阳清风", "natural_person": True}
    )
    pages["有更正的公示"] = await _corrected(engine, today + timedelta(5))
    pages["已经撤下"] = await _withdrawn(engine, today)
    pages |= await _announcements(engine, today)
    await _to_a_person(engine)
    first = await published.results(engine, published.Search(platform=ELSEWHERE), limit=20)
    pages["第二页"] = f"/gongshi?{urlencode({'platform': ELSEWHERE, 'cursor': first.next_cursor})}"
    async with engine.connect() as connection:
        rows = await connection.execute(text("select document_id, secret from documents"))
        secrets = {row.document_id: row.secret for row in rows}
    pages["记录存证"] = "/cunzheng"
    await letters.opened(engine, "long", Typesetter(public_url))
    pages["核验通过"] = f"/verify/{secrets['long']}"
    pages["核验自然人"] = f"/verify/{secrets['to-a-person']}"
    pages["核验已更正"] = f"/verify/{secrets['first']}"
    return Site(public_url, pages, today)


async def _result(
    engine: AsyncEngine, document_id: str, day: date, *, seller: dict[str, Any] | None = None, **said: Any
) -> str:
    """A result published on this day, with every field that the regulation wants; its address."""
    seller = seller or {"name": SELLER}
    batch_no = said.pop("batch_no", None) or await _opened(engine, seller)
    await at(engine, batch_no, f"{day}T10:00:00+08:00")
    kind = said.get("kind", DocumentKind.PUBLICATION)
    standard = {
        "sample_name": GOODS,
        "nominal_trademark": TRADEMARK,
        "nominal_producer": PRODUCER,
        "spec_model": "SL-500（500mL/只，附吸管、背带、清洁刷）",
        "production_date": "2026-07-18",
        "nonconforming_items": ["耐热冲击", "标志和使用说明", "吸管耐迁移（高锰酸钾消耗量）"],
        "platform": PLATFORM,
        "outcome": Outcome.RETEST_UPHELD,
    }
    rules = in_force_on(day_in_shanghai(datetime.now(UTC))).recipients[kind]
    titles = {field.name: field.title for field in rules.must_carry if field.name != "correction"}
    if said.get("corrects") and kind is DocumentKind.PUBLICATION:
        titles["correction"] = "更正说明"
    await publish(
        engine, document_id, batch_no=batch_no, seller=seller, titles=titles, title=rules.title,
        number_form=rules.number_form, rests_on=rules.rests_on,
        **(standard | said),
    )  # fmt: skip
    return f"/{'gonggao' if kind is DocumentKind.ANNOUNCEMENT else 'gongshi'}/{document_id}"


async def _to_a_person(engine: AsyncEngine) -> None:
    """A result notice to a seller who is a natural person, whose window runs."""
    batch_no = await _opened(engine, {"name": "欧阳清风", "natural_person": True})
    last = day_in_shanghai(datetime.now(UTC)) + timedelta(DAYS_LEFT)
    notice = paper("to-a-person", recipient_name="欧阳清风", facts={"goods": GOODS, "bureau": "某市局"})
    letter = Letter(notice, HandedOver("outbox", "待人工递送"))
    window = wait("objection_filed:seller", last_day=last, deadline=end_of_day(last))
    await record.write(engine, change(snapshot(batch_no, 1, window)), [letter], time_skipping=False)


async def _many(engine: AsyncEngine, day: date) -> None:
    goods = ("羊毛混纺围巾", "蓝牙耳机", "婴幼儿连体衣", "电动自行车头盔", "龙井茶礼盒", SHORT_GOODS)
    for n in range(MANY):
        await _result(
            engine, f"many-{n:02}", day, seller={"name": f"杭州市西湖区第{n + 1}号商行"},
            sample_name=goods[n % len(goods)], platform=ELSEWHERE, nominal_trademark="示例牌",
            nonconforming_items=["标识"], outcome=Outcome.ACCEPTED_BY_SILENCE,
        )  # fmt: skip


async def _corrected(engine: AsyncEngine, day: date) -> str:
    """A result, its suspension while it is looked at again, and the result that takes its place."""
    seller = {"name": "宁波海曙月湖西区老底子茶食铺有限公司"}
    batch_no = await _opened(engine, seller)
    address = await _result(engine, "first", day, batch_no=batch_no, seller=seller)
    await _result(
        engine, "suspended", day + timedelta(20), batch_no=batch_no, seller=seller,
        kind=DocumentKind.PUBLICATION_CORRECTION, corrects="first", corrected=f"{day}公示（first）",
        grounds="当事人在期限内提出的申请经核实成立，恢复异议程序",
        conclusion="该结果正在复核，原公示的结论在重新确定前不再适用",
    )  # fmt: skip
    await _result(
        engine, "final", day + timedelta(50), batch_no=batch_no, seller=seller, corrects="first",
        nonconforming_items=[], conclusion=f"合格（{OUTCOMES[Outcome.RETEST_OVERTURNED]}）",
        correction="原公示的结果经复核重新确定，以本公示为准；原公示保留备查。",
    )  # fmt: skip
    return address


async def _withdrawn(engine: AsyncEngine, day: date) -> str:
    seller = {"name": SELLER}
    batch_no = await _opened(engine, seller)
    address = await _result(engine, "withdrawn", day, batch_no=batch_no, seller=seller)
    await shown_for(engine, batch_no, days=30)
    await at(engine, batch_no, f"{day + timedelta(31)}T10:00:00+08:00")
    return address


async def _announcements(engine: AsyncEngine, day: date) -> dict[str, str]:
    """One to the producer whose days run; to the seller one whose days are over, one that has none."""
    addresses = {}
    last = day + timedelta(15)
    result = DocumentKind.RESULT_NOTICE
    for name, document_id, about, addressee, of, now in (
        ("不涉及期限的公告", "none-to-count", DocumentKind.RETEST_RESULT_NOTICE, SELLER, None, day),
        ("期限届满的公告", "over", result, SELLER, "objection_filed:seller", last + timedelta(1)),
        ("公告", "running", result, PRODUCER, "objection_filed:producer", last - timedelta(DAYS_LEFT)),
    ):
        seller = {"name": SELLER}
        batch_no = await _opened(engine, seller)
        addresses[name] = await _result(
            engine, document_id, day, batch_no=batch_no, seller=seller, kind=DocumentKind.ANNOUNCEMENT,
            deadline_of=of, goods_name=GOODS, goods_link=LINK, order_number="2026110722001418330512345678",
            last_day=f"{last}（24:00届满）" if of else "本公告不涉及期限",
            facts={"about": DOCUMENTS[about], "about_party": addressee},
        )  # fmt: skip
        if of:
            held = wait(of, last_day=last, deadline=end_of_day(last))
            await record.write(engine, change(snapshot(batch_no, 2, held)), time_skipping=False)
        await at(engine, batch_no, f"{now}T10:00:00+08:00")
    return addresses


async def _opened(engine: AsyncEngine, seller: dict[str, Any]) -> str:
    of = order()
    of = of.model_copy(update={"seller": of.seller.model_copy(update=seller)})
    return (await open_one(engine, of)).batch_no
