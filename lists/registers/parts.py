"""What each row of a sheet says one more of: qualifications, contracts, shops, addresses, districts."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lists.columns import Column, folded
from lists.faults import CellFault
from lists.rows import Row
from messages.registers import (
    AddressSource,
    BureauEntry,
    BusinessEntry,
    LaboratoryEntry,
    PlatformEntry,
)

Cells = dict[Column, str]
_SOURCES = {
    AddressSource.PLATFORM.value: "平台提供",
    AddressSource.GOODS.value: "商品标称",
    AddressSource.INQUIRY.value: "调查核实",
}
_BETWEEN = re.compile("[、,，;；\n]")


def chosen(text: str, choices: Mapping[Any, str], column: Column, row: Row) -> Any:
    """Which of the choices a text is, by its title or its value. Raises ``CellFault``."""
    for value, title in choices.items():
        if folded(text) in (folded(title), folded(str(value))):
            return value
    raise CellFault(f"“{row.columns.ours(column)[0]}”应为{'、'.join(choices.values())}之一")


def qualifications(rows: Sequence[Row], said: dict[str, Any]) -> None:
    found = []
    for row in rows:
        if row.has(Column.ITEM) and row.has(Column.VALID_UNTIL):
            one = {**_item(row), "valid_until": str(row.day(Column.VALID_UNTIL))}
            if one not in found:
                found.append(one)
    said["qualifications"] = found


def contracts(rows: Sequence[Row], said: dict[str, Any]) -> None:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        number = row.text(Column.CONTRACT_NO)
        if number is None:
            continue
        one = {
            "contract_no": number,
            "holds_from": str(row.day(Column.CONTRACT_FROM)),
            "holds_to": str(row.day(Column.CONTRACT_TO)),
            "testing_days": row.needed(Column.TESTING_DAYS, row.text(Column.TESTING_DAYS)),
        }
        known = found.setdefault(number, one | {"prices": []})
        if any(known[name] != value for name, value in one.items()):
            raise CellFault(f"合同“{number[:50]}”的起止日、检验周期在各行所填不一致")
        if row.has(Column.PRICE):
            price = {**_item(row), "price": row.text(Column.PRICE)}
            if price not in known["prices"]:
                known["prices"].append(price)
    said["contracts"] = list(found.values())


def _item(row: Row) -> dict[str, Any]:
    return {
        "item": row.needed(Column.ITEM, row.text(Column.ITEM)),
        "standard": row.needed(Column.STANDARD, row.text(Column.STANDARD)),
    }


def shops(rows: Sequence[Row], said: dict[str, Any]) -> None:
    said["shops"] = [
        {"url": row.text(Column.SHOP_URL), "platform": row.text(Column.SHOP_PLATFORM)}
        for row in rows
        if row.has(Column.SHOP_URL)
    ]


def addresses(rows: Sequence[Row], said: dict[str, Any]) -> None:
    said["addresses"] = [
        {
            "address": row.text(Column.OTHER_ADDRESS),
            "source": chosen(
                row.needed(Column.ADDRESS_SOURCE, row.text(Column.ADDRESS_SOURCE)),
                _SOURCES,
                Column.ADDRESS_SOURCE,
                row,
            ),
            "platform": row.text(Column.ADDRESS_PLATFORM),
        }
        for row in rows
        if row.has(Column.OTHER_ADDRESS)
    ]


def districts(rows: Sequence[Row], said: dict[str, Any]) -> None:
    texts = [part for row in rows for part in _BETWEEN.split(row.text(Column.DISTRICTS) or "")]
    said["districts"] = list(dict.fromkeys(filter(None, map(str.strip, texts))))


def of_laboratory(entry: LaboratoryEntry) -> Sequence[Cells]:
    """A row for each qualification and each price of a contract; one of several prices has several."""
    until = {(one.item, one.standard): str(one.valid_until) for one in entry.qualifications}
    rows: list[Cells] = []
    priced: set[tuple[str, str]] = set()
    for contract in entry.contracts:
        terms = {
            Column.CONTRACT_NO: contract.contract_no,
            Column.CONTRACT_FROM: str(contract.holds_from),
            Column.CONTRACT_TO: str(contract.holds_to),
            Column.TESTING_DAYS: str(contract.testing_days),
        }
        for price in contract.prices:
            item = (price.item, price.standard)
            priced.add(item)
            rows.append(_item_cells(item, until.get(item)) | terms | {Column.PRICE: str(price.price)})
        if not contract.prices:
            rows.append(terms)
    return [_item_cells(item, day) for item, day in until.items() if item not in priced] + rows


def _item_cells(item: tuple[str, str], until: str | None) -> Cells:
    return {Column.ITEM: item[0], Column.STANDARD: item[1], Column.VALID_UNTIL: until or ""}


def of_business(entry: BusinessEntry) -> Sequence[Cells]:
    shops = [{Column.SHOP_URL: shop.url, Column.SHOP_PLATFORM: shop.platform or ""} for shop in entry.shops]
    addresses = [
        {
            Column.OTHER_ADDRESS: one.address,
            Column.ADDRESS_SOURCE: _SOURCES[one.source],
            Column.ADDRESS_PLATFORM: one.platform or "",
        }
        for one in entry.addresses
    ]
    longest = max(len(shops), len(addresses))
    padded = ([*part, *[{}] * (longest - len(part))] for part in (shops, addresses))
    return [{**shop, **address} for shop, address in zip(*padded, strict=True)]


def of_platform(_entry: PlatformEntry) -> Sequence[Cells]:
    return ()


def of_bureau(entry: BureauEntry) -> Sequence[Cells]:
    return [{Column.DISTRICTS: "、".join(entry.districts)}]
