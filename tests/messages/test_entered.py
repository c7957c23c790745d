"""What shops, packages and licences say can be entered as they say it."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from law.places import in_city
from law.regulation import in_force_on
from local.scenarios.courses import merged
from messages.base import Place
from messages.order import BatchOrder, Seller
from messages.steps.sampling import Purchased

PURCHASED: dict[str, Any] = Purchased.model_json_schema()["example"]
ORDER: dict[str, Any] = BatchOrder.model_json_schema()["example"]


def place(*levels: str) -> Place:
    province, city, district, detail = levels
    return Place(province=province, city=city, district=district, detail=detail)


@pytest.mark.parametrize(
    ("levels", "written"),
    [
        (("北京市", "北京市", "朝阳区", "示例路1号"), "北京市朝阳区示例路1号"),
        (("北京市", "市辖区", "朝阳区", "示例路1号"), "北京市朝阳区示例路1号"),
        (("北京", "北京市", "朝阳区", "北京市朝阳区示例路1号"), "北京朝阳区示例路1号"),
        (("重庆市", "县", "云阳县", "示例路1号"), "重庆市云阳县示例路1号"),
        (("广东省", "东莞市", "东莞市", "虎门镇示例路1号"), "广东省东莞市虎门镇示例路1号"),
        (("广东省", "东莞市", "市辖区", "东莞市虎门镇示例路1号"), "广东省东莞市虎门镇示例路1号"),
        (("湖北省", "省直辖县级行政区划", "仙桃市", "示例路1号"), "湖北省仙桃市示例路1号"),
        (("浙江省", "杭州市", "西湖区", "浙江省杭州市西湖区示例路1号"), "浙江省杭州市西湖区示例路1号"),
        (("浙江省", "杭州市", "西湖区", "浙江杭州西湖区示例路1号"), "浙江省杭州市西湖区示例路1号"),
        (("浙江省", "杭州市", "西湖区", "浙江省杭州市示例路1号"), "浙江省杭州市西湖区示例路1号"),
        (("浙江省", "杭州市", "西湖区", "杭州西湖大道1号"), "浙江省杭州市西湖区杭州西湖大道1号"),
        (("上海", "上海市", "黄浦区", "北京东路1号"), "上海黄浦区北京东路1号"),
        (("浙江省", "杭州市", "西湖区", "杭州市西湖区 示例路1号"), "浙江省杭州市西湖区示例路1号"),
        (("浙江省", "杭州市", "建德市", "建德市新安江街道1号"), "浙江省杭州市建德市新安江街道1号"),
        (("浙江省", "杭州市", "西湖区", "西湖大道1号"), "浙江省杭州市西湖区西湖大道1号"),
        (("浙江省", "杭州市", "上城区", "上城区"), "浙江省杭州市上城区上城区"),
    ],
)
def test_an_address_in_the_country_is_printed_once_and_whole(levels: tuple[str, ...], written: str) -> None:
    """No level twice, and none that is no place."""
    assert place(*levels).in_full == written


def test_an_address_abroad_is_printed_as_it_is_written_there() -> None:
    """With its country; no province is made up for it, and it is in no city of ours."""
    abroad = Place(country="日本", detail="東京都千代田区丸の内1-1-1")
    assert abroad.in_full == "東京都千代田区丸の内1-1-1，日本"
    assert Place(country="德国", detail="Musterstraße 1, 10115 Berlin, 德国").in_full.count("德国") == 1
    assert not in_city(in_force_on(date(2026, 9, 1)).bureaus, abroad)
    seller = ORDER["seller"] | {"name": "Example Trading K.K.", "registration": "0100-01-012345"}
    assert Seller.model_validate(seller | {"place": abroad.model_dump()}).place == abroad


def test_an_address_is_here_or_abroad() -> None:
    with pytest.raises(ValidationError, match="境内的地址缺少市、区、县（市）"):
        Place(province="浙江省", detail="示例路1号")
    with pytest.raises(ValidationError, match="境外的地址只填写国家"):
        Place(country="日本", province="东京都", detail="丸の内1-1-1")


@pytest.mark.parametrize("shown", [320, "320", "1万+", "月销 3000+", None])
def test_sales_and_stock_are_entered_as_the_page_shows_them(shown: object) -> None:
    goods = merged(PURCHASED, {"goods": {"monthly_sales": shown, "stock": "有货"}})
    read = Purchased.model_validate(goods).goods
    assert read.monthly_sales == (None if shown is None else str(shown))
    assert read.stock == "有货"
    del goods["goods"]["stock"]
    assert Purchased.model_validate(goods).goods.stock is None


def test_a_link_has_two_thousand_characters() -> None:
    link = "https://item.example.com/i?id=1&spm=".ljust(2000, "x")
    goods = merged(PURCHASED, {"goods": {"link": link}, "seller": {"url": link}})
    assert Purchased.model_validate(goods).goods.link == link
    with pytest.raises(ValidationError, match="2000"):
        Purchased.model_validate(merged(PURCHASED, {"goods": {"link": f"{link}x"}}))


@pytest.mark.parametrize("nobody", ["/", "无", "见包装", "不详"])
def test_a_seller_or_platform_without_a_name_is_not_entered(nobody: str) -> None:
    """A stroke is never a party; the producer of a sample may be unknown."""
    for party in ("seller", "platform"):
        with pytest.raises(ValidationError, match="等于没有填写"):
            BatchOrder.model_validate(merged(ORDER, {party: {"name": nobody}}))
    assert BatchOrder.model_validate(merged(ORDER, {"producer": {"name": nobody}}))


def test_a_scheme_has_three_hundred_items() -> None:
    items = [f"检验项目之{number}号" for number in range(300)]
    BatchOrder.model_validate(
        merged(ORDER, {"scheme": {"items": items}, "laboratory": {"qualified_items": items}})
    )
