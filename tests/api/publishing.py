"""Published documents put in place, for whoever tests what the public sees."""

from collections.abc import Mapping
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import DocumentKind, Outcome, Party, Recipient
from messages.words import OUTCOMES
from store.documents.papers import HandedOver, Letter
from store.ledger import record
from tests.databases import tamper
from tests.store.builders import change, open_one, order, paper, snapshot

WEBSITE = HandedOver("website", "已发布")
TITLES = {
    "seller": "被抽样的网络商品经营者",
    "sample_name": "样品名称",
    "nominal_trademark": "标称商标",
    "nominal_producer": "标称生产者",
    "nonconforming_items": "主要不合格项目",
    "conclusion": "综合判定结论",
    "platform": "第三方交易平台经营者名称",
}
PRODUCER = {"about": "抽检结果通知书", "about_party": "浙江示例制造有限公司"}


async def publish(
    engine: AsyncEngine,
    document_id: str,
    *,
    kind: DocumentKind = DocumentKind.PUBLICATION,
    batch_no: str | None = None,
    seller: dict[str, Any] | None = None,
    outcome: Outcome = Outcome.ACCEPTED_BY_SILENCE,
    titles: Mapping[str, str] = TITLES,
    deadline_of: str | None = "objection_filed:seller",
    title: str = "网络商品抽检结果公示",
    number_form: str = "",
    rests_on: str = "§7",
    facts: Mapping[str, Any] | None = None,
    producer: Mapping[str, Any] | None = None,
    bought_from: Mapping[str, Any] | None = None,
    **fields: Any,
) -> str:
    """Publishes a document; its batch's number. ``seller`` is the order's, ``producer`` the goods'.

    ``bought_from``: who really sold, where that is another.
    """
    of = order()
    of = of.model_copy(update={"seller": of.seller.model_copy(update=seller or {})})
    batch_no = batch_no or (await open_one(engine, of)).batch_no
    said = {
        "seller": (bought_from or {}).get("name", of.seller.name),
        "sample_name": "儿童保温杯",
        "nominal_trademark": "示例牌",
        "nonconforming_items": ["耐热冲击", "标识"],
        "conclusion": f"不合格（{OUTCOMES[outcome]}）",
        "platform": "示例电商平台",
    }
    public = {
        "kind": kind,
        "recipient": Recipient.PUBLIC,
        "recipient_name": "社会公众",
        "title": title,
        "number_form": number_form,
        "rests_on": rests_on,
        "fields": {name: value for name, value in (said | fields).items() if name in titles},
        "field_titles": dict(titles),
        "facts": facts or {},
        "corrects": fields.get("corrects"),
        "deadline_of": deadline_of if kind is DocumentKind.ANNOUNCEMENT else None,
    }
    letter = Letter(paper(document_id, **public), WEBSITE)
    async with engine.connect() as connection:
        version = (
            await connection.execute(
                text("select version from batches where batch_no = :no"), {"no": batch_no}
            )
        ).scalar_one()
    of_party = {Party.PRODUCER: producer, Party.SELLER: bought_from}
    parties = [{"party": party, "entitled": True, **of} for party, of in of_party.items() if of]
    what = change(snapshot(batch_no, version + 1, parties=parties))
    await record.write(engine, what, [letter], time_skipping=False)
    return batch_no


async def at(engine: AsyncEngine, batch_no: str, moment: str) -> None:
    """The batch's clock stands at this moment, some days ahead."""
    async with engine.begin() as connection:
        await connection.execute(
            text("update batches set clock_ahead = cast(cast(:at as text) as timestamptz) - clock_timestamp()"
                 " where batch_no = :no"),
            {"at": moment, "no": batch_no},
        )  # fmt: skip


async def shown_for(engine: AsyncEngine, batch_no: str, *, days: int) -> None:
    """The batch's regulation has what it publishes withdrawn after these days."""
    await tamper(
        engine,
        "update batches set opening = jsonb_set(opening,"
        " '{regulation,readings,published_for_days}', cast(:days as jsonb)) where batch_no = :no",
        days=str(days),
        no=batch_no,
    )


async def found(site: httpx.AsyncClient, path: str = "/public/results", **query: str) -> list[str]:
    answer = await site.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return [one["document_id"] for one in answer.json()["items"]]
