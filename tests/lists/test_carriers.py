"""What carriers' words mean for a letter: no delivery where anything in the row says otherwise."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from lists.carrier_words import CarrierWords, words_of
from lists.carriers import Carriers, PostReading, Said, read_carriers
from lists.columns import Column, PostResult
from lists.faults import CellFault
from lists.reading import from_csv
from settings import SettingFaulty

BUREAU, SELLER = "杭州市市场监督管理局", "杭州菜鸟物业服务有限公司"
FILES = Path(__file__).parent.parent / "files" / "carriers"
DELIVERED, RETURNED, LOST = PostResult.DELIVERED, PostResult.RETURNED, PostResult.LOST
ANOTHER, UNDER_WAY = PostResult.ANOTHER, PostResult.UNDER_WAY


@pytest.fixture
def carriers() -> Carriers:
    return read_carriers(None)


def read(carriers: Carriers, *results: str, signer: str = "", reason: str = "", **unread: str) -> PostReading:
    signers, reasons = [signer] if signer else [], [reason] if reason else []
    said = Said(results, signers, reasons, tuple(unread.items()))
    return carriers.read(said, bureau=BUREAU, addressee=SELLER)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (DELIVERED, "妥投 投妥 已妥投 签收 已签收 投递成功 投递并签收 送达 本人收 单位收发章 10 704"),
        (RETURNED, "退回 退件 退签 改退 退回妥投 妥投（退回） 退回-签收 退回中 拒收 拒签 "
                   "查无此人 迁移新址不明 地址不详 无法投递 逾期未领 已退回寄件人 returned"),
        (LOST, "丢失 邮件丢失 丢件 撤回"),
        (ANOTHER, "投柜 已投柜 代收 他人代收 他人签收 门卫代收 物业代收 家人签收 村邮站 菜鸟驿站 丰巢"),
        (UNDER_WAY, "在途 运输中 未妥投 未投妥 安排投递 待自取 到达投递局 收寄 20 00 705"),
    ],
)  # fmt: skip
def test_a_status_is_read_by_the_tables(carriers: Carriers, result: PostResult, words: str) -> None:
    """By the carriers' words, EMS's codes among them."""
    for word in words.split():
        assert read(carriers, word).result is result, word


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (DELIVERED, "【雅安市】投递并签收，签收人：单位收发章 *"),
        (DELIVERED, "妥投投递并签收，签收人：本人收 本人收"),
        (ANOTHER, "投递并签收，签收人：他人收 超市"),
        (ANOTHER, "[杭州市]您的快件已存放至丰巢智能柜，请凭取件码取件"),
        (RETURNED, "收件人拒收，邮件已退回寄件人"),
        (RETURNED, "妥投，原址查无此人，退回"),
        (UNDER_WAY, "邮政速递物流有限公司揽投站 安排投递，预计21:00前投递（投递员姓名：高某）"),
        (UNDER_WAY, "离开杭州市 发往下一城市"),
    ],
)
def test_whole_phrases_are_read(carriers: Carriers, result: PostResult, sentence: str) -> None:
    """As the carriers' own pages write them."""
    assert read(carriers, sentence).result is result


@pytest.mark.parametrize("word", ["签收异常", "疑似签收", "别的"])
def test_a_word_that_nobody_knows_is_a_fault(carriers: Carriers, word: str) -> None:
    """And so are two that cannot both be."""
    with pytest.raises(CellFault, match="不认识的结果"):
        read(carriers, word)
    with pytest.raises(CellFault, match="不能都对"):
        read(carriers, "妥投", "未妥投")


@pytest.mark.parametrize(
    ("result", "row"),
    [
        (RETURNED, {"reason": "收件人拒收", "signer": "本人"}),
        (RETURNED, {"reason": "不要了"}),
        (RETURNED, {"reason": "102"}),
        (RETURNED, {"signer": "寄件人"}),
        (RETURNED, {"signer": "退回寄件人"}),
        (RETURNED, {"signer": f"{BUREAU}收发室"}),
        (RETURNED, {"signer": "市监局门卫"}),
        (RETURNED, {"signer": "14"}),
        (LOST, {"reason": "117"}),
        (ANOTHER, {"signer": "村邮站"}),
        (ANOTHER, {"signer": "丰巢快递柜"}),
        (ANOTHER, {"signer": "门卫老王"}),
        (ANOTHER, {"signer": "M"}),
        (DELIVERED, {"signer": "王某"}),
        (DELIVERED, {"signer": f"{SELLER}王某"}),
        (DELIVERED, {"reason": "无"}),
        (DELIVERED, {"reason": "收件人要求延迟投递"}),
        (RETURNED, {"备注": "已退回"}),
        (RETURNED, {"是否退回": "是"}),
        (RETURNED, {"退件号码": "EE1"}),
        (DELIVERED, {"是否退回": "否", "退回次数": "0", "备注": "未退回"}),
        (DELIVERED, {"备注": "退休办王某"}),
    ],
)
def test_a_delivery_is_one_only_if_nothing_in_the_row_says_otherwise(
    carriers: Carriers, result: PostResult, row: dict[str, str]
) -> None:
    """A reason of return, the sender's signature, a locker, a column that nobody reads."""
    reading = read(carriers, "妥投", **row)
    assert reading.result is result
    assert bool(reading.because) is (result is not DELIVERED)


@pytest.mark.parametrize(
    ("result", "signer"),
    [
        (DELIVERED, "单位收发章"),
        (DELIVERED, "N"),
        (DELIVERED, f"{SELLER}收发章"),
        (DELIVERED, "本公司收发室 王某"),
        (ANOTHER, "杭州某某科技有限公司收发章"),
        (RETURNED, f"{BUREAU}收发室"),
    ],
)
def test_a_units_mail_room_receives_for_that_unit(
    carriers: Carriers, result: PostResult, signer: str
) -> None:
    """A company's letter is delivered with its stamp; not with another's."""
    assert read(carriers, "妥投", signer=signer).result is result


@pytest.mark.parametrize("said", ["单位收发章", "【雅安市】投递并签收，签收人：单位收发章 *"])
def test_a_units_mail_room_is_somebody_else_to_a_natural_person(carriers: Carriers, said: str) -> None:
    """It may be where he works: an officer decides."""
    for row in (Said(["妥投"], [said]), Said([said])):
        reading = carriers.read(row, bureau=BUREAU, addressee="王某某", is_natural_person=True)
        assert reading.result is ANOTHER
        assert "自然人" in (reading.because or "")


@pytest.mark.parametrize(
    ("result", "row"),
    [(UNDER_WAY, {"reason": "102"}), (RETURNED, {"reason": "104"}), (RETURNED, {"备注": "拒收，退回途中"})],
)
def test_what_is_under_way_may_be_on_its_way_back(
    carriers: Carriers, result: PostResult, row: dict[str, str]
) -> None:
    """If it says so; that nobody was found at the first attempt is nothing yet."""
    assert read(carriers, "20", **row).result is result


@pytest.mark.parametrize("name", ["ems-site.csv", "status-time.csv", "two-days.csv", "returned-signed.csv"])
def test_lists_as_carriers_name_their_columns_are_read(carriers: Carriers, name: str) -> None:
    """Number, status and day are found in each."""
    sheet = from_csv((FILES / name).read_bytes(), carriers.receipt_columns)
    for _, row in sheet.rows:
        assert row.tracking_no()
        assert row.texts(Column.RESULT)
        assert str(row.day(Column.DAY, ("妥投", "签收", ""))).startswith("2026-1")


def results_of(carriers: Carriers, name: str) -> Sequence[PostResult]:
    sheet = from_csv((FILES / name).read_bytes(), carriers.receipt_columns)
    return [
        read(
            carriers,
            *row.texts(Column.RESULT),
            signer="".join(row.texts(Column.SIGNER)),
            reason="".join(row.texts(Column.REASON)),
        ).result
        for _, row in sheet.rows
    ]


def test_a_list_whose_last_status_is_a_delivery_is_read_row_by_row(carriers: Carriers) -> None:
    """Back to the sender, in a locker, at the doorkeeper's; or with nothing against it."""
    assert results_of(carriers, "returned-signed.csv") == [
        *[RETURNED] * 4,
        *[ANOTHER] * 4,
        *[DELIVERED] * 3,
        *[RETURNED] * 2,
    ]


def test_an_installation_adds_its_own_words(tmp_path: Path) -> None:
    """What stands in its file counts before what comes with the product, and columns are added."""
    file = tmp_path / "words.yaml"
    file.write_text(
        "receipt_columns: {result: [末次扫描]}\n"
        "results:\n  delivered: {whole: [前台代收], within: [放于信箱]}\n"
        "codes: {result: {99: 妥投}}\nsenders: [网监处]\n",
        "utf-8",
    )
    carriers = read_carriers(file)
    assert read(carriers, "前台代收").result is DELIVERED
    assert read(carriers, "已放于信箱").result is DELIVERED
    assert read(carriers, "99").result is DELIVERED
    assert read(carriers, "妥投", signer="网监处李某").result is RETURNED
    assert read(carriers, "门卫代收").result is ANOTHER
    assert carriers.receipt_columns.ours(Column.RESULT) == ("结果",)
    assert carriers.receipt_columns.by_name()["末次扫描"] is Column.RESULT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"results: [", "不是 YAML"),
        (b"\xff\xfe\x00", "应为 UTF-8"),
        ("结果: {}".encode(), "的 结果 不对"),
        ("results: {gone: {whole: [丢]}}".encode(), "的 results.gone"),
        ("results: {delivered: {whole: 妥投}}".encode(), "的 results.delivered.whole 不对"),
        ("results: {delivered: {whole: [放]}, lost: {whole: [放]}}".encode(), "把“放”同时列为"),
        (b"#" * 300_000, "过大"),
        (None, "读不了"),
    ],
)
def test_a_faulty_file_of_words_is_named_with_its_place(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    """So that whoever starts the system can mend it."""
    file = tmp_path / "words.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingFaulty, match="CHOUJIAN_CARRIER_WORDS") as raised:
        read_carriers(file)
    assert said in str(raised.value)


def test_the_example_of_further_words_is_one(tmp_path: Path) -> None:
    """As it stands it adds nothing; its commented lines are what an installation may add."""
    example = FILES.parents[2] / "deploy" / "carrier-words.example.yaml"
    assert words_of(example) == CarrierWords()
    lines = example.read_text("utf-8").splitlines()
    file = tmp_path / "words.yaml"
    form = [line.removeprefix("# ").removeprefix("#") for line in lines]
    file.write_text("\n".join(form[form.index("") :]), "utf-8")
    carriers = read_carriers(file)
    assert read(carriers, "放门口").result is ANOTHER
    assert read(carriers, "妥投", signer="网监处").result is RETURNED
    assert carriers.receipt_columns.by_name()["末次扫描"] is Column.RESULT
