"""One thing written in many ways is one thing; what says nothing is nobody, nothing and no limit."""

import pytest

from law.goods import Goods, Marks, marks_differences, platform_differences, seller_differences
from law.names import (
    folded,
    is_other_model,
    is_other_producer,
    is_other_trademark,
    is_unknown,
    not_among,
    trademarks,
    without_notes,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BOBDOG（标称）", "bobdog"),
        ("ＢＯＢＤＯＧ", "BOB DOG"),
        ("BOB\u200bDOG®", "BOBDOG™"),
        ("BOBDOG(R)", "BOB-DOG"),
        ("彼得·潘", "彼得•潘"),
        ("彼得・潘", "彼得.潘"),
        ("彼得‧潘", "彼得潘"),
        ("北极熊牌", "北极熊"),
        ("北极熊及图", "“北极熊”"),
        ("标称：北极熊", "北极熊商标"),
        ("示例牌、BOBDOG", "巴布豆/BOBDOG"),
    ],
)
def test_spellings_of_one_trademark_are_one(one: str, other: str) -> None:
    """Width, case, blanks, dots, hyphens, 牌, notes, marks of registration; of several, one in common."""
    assert not is_other_trademark(one, other)
    assert set(trademarks(one)) & set(trademarks(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1500mm*12", "1500mm×12"),
        ("1500MM X 12", "1500mm＊12"),
        ("SL-500", "sl500"),
        ("SL—500", "SL 500（标称）"),
        ("SL-500（白）", "SL-500(白)"),
    ],
)
def test_spellings_of_one_model_are_one(one: str, other: str) -> None:
    """Crosses, stars and x; hyphens of every length."""
    assert not is_other_model(one, other)


@pytest.mark.parametrize(("one", "other"), [("1.5L", "15L"), ("10-20", "1020"), ("SL-500", "SL-500A")])
def test_what_a_figure_depends_on_is_not_folded(one: str, other: str) -> None:
    """A dot or a hyphen between two figures tells one model from another."""
    assert is_other_model(one, other)


@pytest.mark.parametrize(("one", "other"), [("名牌", "名"), ("北极熊", "北极狐"), ("巴布豆", "BOBDOG")])
def test_other_trademarks_are_others(one: str, other: str) -> None:
    assert is_other_trademark(one, other)


@pytest.mark.parametrize(
    ("one", "other", "is_other"),
    [
        ("永康市示例制造有限公司（包装）（标称）", "永康市示例制造有限公司", False),
        ("浙江省永康市示例制造有限公司", "永康市示例制造有限公司", False),
        ("浙江示例制造有限公司", "浙江省示例制造有限公司", False),
        ("浙江示例制造有限公司", "江苏示例制造有限公司", True),
        ("示例制造（浙江）有限公司", "示例制造（江苏）有限公司", True),
        ("Example K.K.", "example kk", False),
    ],
)
def test_a_producer_is_known_by_its_name(one: str, other: str, is_other: bool) -> None:
    """Not by where the name stands on the box, nor by a province in front that only one has."""
    assert is_other_producer(one, other) is is_other


@pytest.mark.parametrize(
    "said",
    [
        *(
            "/",
            "／",
            "—",
            "——",
            "--",
            "***",
            "……",
            "无",
            "无。",
            "无/无",
            "未标注",
            "未标明",
            "不详",
            "N/A",
            "n/a",
        ),
        *(
            "见包装",
            "详见外包装",
            "见标签",
            "见实物",
            "以实物为准",
            "见外包装标签",
            "如图所示",
            "无（未标注）",
        ),
        *("/（标称）", "无商标", "无型号", " ", "\u200b"),
    ],
)
def test_a_stroke_and_its_like_are_unknown(said: str) -> None:
    """Never a party, a trademark or a limit: neither the same as another nor different from it."""
    assert is_unknown(said)
    assert not trademarks(said)
    assert not is_other_trademark(said, "示例牌")
    assert not is_other_model(said, "SL-500")
    assert not is_other_producer(said, "浙江示例制造有限公司")
    assert not Goods.named(said, "SL-500").are_known


@pytest.mark.parametrize("said", ["无印良品", "以纯", "如意", "见山", "不二家", "7/11", "X", "未来", "一"])
def test_a_name_that_looks_like_nothing_is_a_name(said: str) -> None:
    assert not is_unknown(said)
    assert trademarks(said)


def test_persons_and_items_are_compared_in_any_spelling() -> None:
    """Whoever signs as 阿卜杜拉·买买提 is the same with another dot."""
    assert folded("阿卜杜拉·买买提") == folded("阿卜杜拉•买买提")
    assert not_among(["铅（Pb）", "镉"], ["铅(PB)"]) == ("镉",)


def test_a_letter_is_written_to_the_name_without_its_notes() -> None:
    assert without_notes("示例有限公司（包装）（标称）") == "示例有限公司"
    assert without_notes("示例（杭州）有限公司") == "示例（杭州）有限公司"
    assert without_notes("（标称）") == "（标称）"


def test_what_differs_is_told_with_both_values() -> None:
    """Trademark, model and producer, each against what was wanted."""
    wanted = Marks(trademark="示例牌", spec_model="SL-500", producer="浙江示例有限公司")
    found = Marks(trademark="样品牌", spec_model="/", producer="江苏示例有限公司")
    said = [difference.sentence for difference in marks_differences(wanted, found)]
    assert said == [
        "商标应为“示例牌”，实为“样品牌”",
        "标称生产者应为“浙江示例有限公司”，实为“江苏示例有限公司”",
    ]


def test_a_seller_is_known_by_its_code_and_a_platform_by_its_site() -> None:
    """However much else the page says; a seller that shows no licence by its shop."""
    code, other = "91330106MA2AAAAA0X", "91440300MA5EEEEE1Y"
    shop = "https://shop.example.com/s/1"
    same = f"统一社会信用代码：{code.lower()}，示例旗舰店"
    assert not seller_differences((code, shop), (same, "https://shop.example.com/s/2"))
    assert seller_differences((code, shop), (other, shop))
    assert not seller_differences((code, shop), ("未公示", "http://shop.example.com/s/1/"))
    assert seller_differences((code, shop), ("/", "https://shop.example.com/s/2"))
    taobao = ("浙江淘宝网络有限公司", "https://www.taobao.com")
    assert not platform_differences(taobao, ("淘宝网", "https://item.taobao.com/item.htm?id=1"))
    assert platform_differences(taobao, ("天猫", "https://www.tmall.com"))
    (none,) = platform_differences(taobao, None)
    assert "未使用第三方交易平台" in none.sentence
