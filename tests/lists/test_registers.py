"""The sheets of the registers: what is written is read again as it was; what a sheet does not have stays."""

from typing import Any

import pytest

from lists import reading, writing
from lists.faults import CellFault
from lists.registers.forms import FORMS
from messages.registers import (
    ENTRIES,
    BureauChange,
    BusinessChange,
    BusinessEntry,
    LaboratoryChange,
    PlatformChange,
    Register,
    RegisterEntry,
)

CHANGES = {
    Register.LABORATORIES: LaboratoryChange,
    Register.PLATFORMS: PlatformChange,
    Register.BUSINESSES: BusinessChange,
    Register.BUREAUS: BureauChange,
}


def example(register: Register) -> RegisterEntry:
    model = CHANGES[register]
    entry: RegisterEntry = model.model_validate(model.model_json_schema()["example"]).entry
    return entry


def read(register: Register, records: list[dict[str, Any]], before: RegisterEntry | None = None) -> Any:
    sheet = reading.from_records(records, FORMS[register].columns)
    return FORMS[register].read([row for _, row in sheet.rows], before)


@pytest.mark.parametrize("register", Register)
def test_a_sheet_that_was_written_is_read_as_it_was(register: Register) -> None:
    """Through the file and back, whole: qualifications, contracts and prices, shops and addresses."""
    form, entry = FORMS[register], example(register)
    raw = writing.to_xlsx(form.title[:31], form.header, list(form.write("X1", entry)), ())
    sheet = reading.from_xlsx(raw, form.columns)
    assert ENTRIES[register].model_validate(form.read([row for _, row in sheet.rows], None)) == entry


def test_a_qualification_without_a_price_is_kept() -> None:
    """And a contract without prices, and a price for what nobody is qualified for any more."""
    entry = example(Register.LABORATORIES).model_dump(mode="json")
    entry["qualifications"].append({"item": "跌落", "standard": "GB 1-2020", "valid_until": "2027-01-01"})
    entry["contracts"].append(entry["contracts"][0] | {"contract_no": "二号", "prices": []})
    entry["contracts"][0]["prices"][0]["item"] = "别的"
    whole = ENTRIES[Register.LABORATORIES].model_validate(entry)
    form = FORMS[Register.LABORATORIES]
    records = [dict(zip(form.header, row, strict=True)) for row in form.write("X1", whole)]
    again = ENTRIES[Register.LABORATORIES].model_validate(read(Register.LABORATORIES, records))
    for one in (whole, again):
        assert isinstance(one, type(whole))
    key = "qualifications"
    assert set(getattr(again, key)) == set(getattr(whole, key))
    assert again.model_dump(exclude={key}) == whole.model_dump(exclude={key})


def test_columns_that_a_sheet_does_not_have_stay_as_they_are() -> None:
    """A blank cell of a column that is there says that there is none."""
    before = example(Register.BUSINESSES)
    said = read(Register.BUSINESSES, [{"代码": "J1", "名称": "新名公司", "电子邮箱": None}], before)
    after = BusinessEntry.model_validate(said)
    assert isinstance(before, BusinessEntry)
    assert (after.name, after.email, after.shops) == ("新名公司", None, before.shops)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([{"代码": "J1", "名称": "甲"}, {"代码": "J1", "名称": "乙"}], "“名称”所填不一致"),
        ([{"代码": "J1", "是否自然人": "也许"}], "应为是、否之一"),
        ([{"代码": "J1", "其他地址": "某路1号"}], "缺少其他地址来源"),
        ([{"代码": "J1", "店铺网址": "x"}], "还应有“店铺所在平台代码”"),
        ([{"代码": "J1", "其他地址": "某路1号", "其他地址来源": "听说"}], "平台提供、商品标称、调查核实之一"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(records: list[dict[str, Any]], said: str) -> None:
    """In the column's own name."""
    columns = {name: None for record in records for name in record}
    if "其他地址" in columns:
        records = [{"其他地址来源": None, "提供地址的平台代码": None, **record} for record in records]
    with pytest.raises(CellFault, match=said):
        read(Register.BUSINESSES, records)


def test_a_days_and_a_numbers_cell_may_be_written_as_people_do() -> None:
    """2030年12月31日, 2030/12/31, a number for the price."""
    row = {"代码": "L1", "名称": "院", "资质等级": "省级", "检验项目": "标志", "检验标准": "GB 1"}
    more = {"资质有效期至": "2030年12月31日", "合同编号": "甲", "合同自": "2026/1/1", "合同至": "20271231"}
    said = read(Register.LABORATORIES, [row | more | {"检验周期（天）": "20", "单价": 300}])
    laboratory = ENTRIES[Register.LABORATORIES].model_validate(said).model_dump(mode="json")
    assert laboratory["qualifications"][0]["valid_until"] == "2030-12-31"
    assert laboratory["contracts"][0]["prices"][0]["price"] == "300.00"
    assert laboratory["contracts"][0]["holds_to"] == "2027-12-31"
