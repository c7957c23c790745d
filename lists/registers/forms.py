"""The sheets of the registers: an entry has as many rows as it needs, and is read from all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from law.laboratories import LabGrade
from lists.columns import Column, Columns
from lists.faults import CellFault
from lists.registers import parts
from lists.registers.parts import Cells
from lists.rows import Row
from messages.registers import Register, RegisterEntry

_GRADES = {grade.value: grade.chinese for grade in LabGrade}
_YES, _NO = "是", "否"
_HEAD = {
    Column.CODE: ("代码", "机构代码", "code"),
    Column.NAME: ("名称", "机构名称", "单位名称", "name"),
    Column.REGISTRATION: ("统一社会信用代码", "统一社会信用代码或自然人证件登记号", "registration"),
}
_TAIL = {
    Column.CONTACT: ("联系人", "contact"),
    Column.TELEPHONE: ("电话", "联系电话", "telephone"),
    Column.EMAIL: ("电子邮箱", "邮箱", "email"),
}
_PLACE = {
    Column.COUNTRY: ("国家", "country"),
    Column.PROVINCE: ("省", "province"),
    Column.CITY: ("市", "city"),
    Column.DISTRICT: ("区县", "区、县（市）", "district"),
    Column.DETAIL: ("详细地址", "detail"),
}
# Where what stands under a column belongs in an entry.
_PATHS: Mapping[Column, tuple[str, ...]] = {
    Column.NAME: ("name",),
    Column.REGISTRATION: ("registration",),
    Column.NATURAL_PERSON: ("natural_person",),
    Column.CONTACT: ("contact", "name"),
    Column.TELEPHONE: ("contact", "telephone"),
    Column.EMAIL: ("email",),
    Column.GRADE: ("grade",),
    Column.ADDRESS: ("address",),
    Column.URL: ("url",),
    **{column: ("place", column.value) for column in _PLACE},
}
_Reader = Callable[[Sequence[Row], dict[str, Any]], None]


@dataclass(frozen=True)
class RegisterForm:
    """The sheet of one register; ``lists``: the columns of which each row says one more, each with its
    reader and the columns that must be there with it.

    What a column says that the sheet has is what holds, empty or not; for columns it does not have, the entry
    stays as it is.
    """

    title: str
    columns: Columns
    lists: Mapping[Column, tuple[_Reader, Sequence[Column]]]
    parts_of: Callable[[Any], Sequence[Cells]]

    @property
    def header(self) -> tuple[str, ...]:
        return self.columns.ours(*self.columns.names)

    def read(self, rows: Sequence[Row], before: RegisterEntry | None) -> dict[str, Any]:
        """What the rows of one entry say, to be validated as the entry. Raises ``CellFault``."""
        said: dict[str, Any] = before.model_dump(mode="json") if before else {}
        for column, path in _PATHS.items():
            if column in self.columns.names and column in rows[0].cells:
                _put(said, path, _agreed(rows, column))
        for column, (read, beside) in self.lists.items():
            if column in rows[0].cells:
                self._require(column, beside, rows[0])
                read(rows, said)
        return {name: value for name, value in said.items() if value is not None}

    def _require(self, column: Column, beside: Sequence[Column], row: Row) -> None:
        """Half of what belongs together would take away the other half. Raises ``CellFault``."""
        if missing := [one for one in beside if one not in row.cells]:
            (name,), others = self.columns.ours(column), "”“".join(self.columns.ours(*missing))
            raise CellFault(f"清单中有“{name}”一列的，还应有“{others}”各列")

    def write(self, code: str, entry: RegisterEntry) -> Iterator[tuple[str, ...]]:
        """The rows of an entry; what is true of all of them stands in each."""
        content = entry.model_dump(mode="json")
        whole = {Column.CODE: code} | {
            column: _shown(column, _at(content, path)) for column, path in _PATHS.items()
        }
        for part in self.parts_of(entry) or ({},):
            row: Cells = whole | part
            yield tuple(row.get(column, "") for column in self.columns.names)


def _put(said: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """A part of which nothing is said is none."""
    name, *rest = path
    if rest:
        inner = {**(said.get(name) or {}), rest[0]: value}
        value = inner if any(one is not None for one in inner.values()) else None
    said[name] = value


def _at(content: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        content = (content or {}).get(name)
    return content


def _agreed(rows: Sequence[Row], column: Column) -> Any:
    """What all filled rows of an entry say. Raises ``CellFault``."""
    said = {text: None for row in rows if (text := row.text(column)) is not None}
    if len(said) > 1:
        raise CellFault(f"同一登记的各行，“{rows[0].columns.ours(column)[0]}”所填不一致")
    text = next(iter(said), None)
    if column is Column.NATURAL_PERSON:
        return parts.chosen(text or _NO, {True: _YES, False: _NO}, column, rows[0])
    if column is Column.GRADE and text is not None:
        return parts.chosen(text, _GRADES, column, rows[0])
    return text


def _shown(column: Column, value: Any) -> str:
    if column is Column.NATURAL_PERSON:
        return _YES if value else _NO
    if column is Column.GRADE:
        return _GRADES.get(value, "")
    return "" if value is None else str(value)


_ITEM = (Column.ITEM, Column.STANDARD)
_NAMED = ((Column.CODE, Column.NAME, Column.REGISTRATION),)
FORMS: Mapping[Register, RegisterForm] = {
    Register.LABORATORIES: RegisterForm(
        "检验机构",
        Columns(
            {
                **_HEAD,
                Column.GRADE: ("资质等级", "grade"),
                Column.ADDRESS: ("地址", "address"),
                **_TAIL,
                Column.ITEM: ("检验项目", "item"),
                Column.STANDARD: ("检验标准", "standard"),
                Column.VALID_UNTIL: ("资质有效期至", "有效期至", "valid_until"),
                Column.CONTRACT_NO: ("合同编号", "委托检验合同编号", "contract_no"),
                Column.CONTRACT_FROM: ("合同自", "合同起始日", "contract_from"),
                Column.CONTRACT_TO: ("合同至", "合同终止日", "contract_to"),
                Column.TESTING_DAYS: ("检验周期", "检验周期（自然日）", "testing_days"),
                Column.PRICE: ("单价", "检验单价", "price"),
            },
            _NAMED,
        ),
        {
            Column.VALID_UNTIL: (parts.qualifications, _ITEM),
            Column.CONTRACT_NO: (
                parts.contracts,
                (*_ITEM, Column.CONTRACT_FROM, Column.CONTRACT_TO, Column.TESTING_DAYS, Column.PRICE),
            ),
        },
        parts.of_laboratory,
    ),
    Register.PLATFORMS: RegisterForm(
        "第三方交易平台经营者",
        Columns({**_HEAD, Column.URL: ("平台网址", "网址", "url"), **_PLACE, **_TAIL}, _NAMED),
        {},
        parts.of_platform,
    ),
    Register.BUSINESSES: RegisterForm(
        "经营者、生产者",
        Columns(
            {
                **_HEAD,
                Column.NATURAL_PERSON: ("是否自然人", "natural_person"),
                **_PLACE,
                **_TAIL,
                Column.SHOP_URL: ("店铺网址", "shop_url"),
                Column.SHOP_PLATFORM: ("店铺所在平台代码", "shop_platform"),
                Column.OTHER_ADDRESS: ("其他地址", "other_address"),
                Column.ADDRESS_SOURCE: ("其他地址来源", "address_source"),
                Column.ADDRESS_PLATFORM: ("提供地址的平台代码", "address_platform"),
            },
            _NAMED,
        ),
        {
            Column.SHOP_URL: (parts.shops, (Column.SHOP_PLATFORM,)),
            Column.OTHER_ADDRESS: (parts.addresses, (Column.ADDRESS_SOURCE, Column.ADDRESS_PLATFORM)),
        },
        parts.of_business,
    ),
    Register.BUREAUS: RegisterForm(
        "市场监督管理局",
        Columns(
            {
                **_HEAD,
                Column.DISTRICTS: ("管辖区县", "辖区", "districts"),
                Column.ADDRESS: ("地址", "address"),
                **_TAIL,
            },
            _NAMED,
        ),
        {Column.DISTRICTS: (parts.districts, ())},
        parts.of_bureau,
    ),
}
