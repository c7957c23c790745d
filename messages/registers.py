"""The registers of a bureau: laboratories, platforms, businesses, bureaus; what an entry says (§3)."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Generic, Self, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from law.laboratories import LabGrade
from messages.base import Day, Email, Link, Message, Name, Place, Text

# In an address of the API as it stands, in a sheet, and in a token.
Code = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$", max_length=64),
]
# In yuan; 5 and 5.00 are one price.
Money = Annotated[
    Decimal,
    Field(ge=0, le=Decimal("9999999999.99"), decimal_places=2),
    AfterValidator(lambda amount: amount.quantize(Decimal("0.01"))),
]
MOST_QUALIFICATIONS = 2_000
MOST_PRICES = 2_000


class Register(StrEnum):
    """The registers; each value is the register's place in the API."""

    LABORATORIES = "laboratories"
    PLATFORMS = "platforms"
    BUSINESSES = "businesses"
    BUREAUS = "bureaus"


class AddressSource(StrEnum):
    """Who says that an address is somebody's, beside the licence (§5)."""

    PLATFORM = "platform"
    GOODS = "goods"
    INQUIRY = "inquiry"


class ContactPerson(Message):
    """Whom to ask."""

    name: Text = Field(title="联系人")
    telephone: Text | None = Field(default=None, title="电话")


class RegisterEntry(Message):
    """What every entry has."""

    name: Name = Field(title="名称")
    registration: Text | None = Field(default=None, title="统一社会信用代码")
    contact: ContactPerson | None = Field(default=None, title="联系人")
    email: Email | None = Field(default=None, title="电子邮箱")

    @property
    def is_person(self) -> bool:
        """A natural person, of whom there may be several of one name."""
        return False

    @property
    def searched(self) -> tuple[str, ...]:
        """What the entry is looked for by, beside code, name and registration."""
        return ()


class Qualification(Message):
    """One item that a laboratory may test, by one standard, until a day (§3)."""

    item: Text = Field(title="检验项目")
    standard: Text = Field(title="检验标准")
    valid_until: Day = Field(title="资质有效期至")


class ItemPrice(Message):
    """What a contract says that the test of one item by one standard costs."""

    item: Text = Field(title="检验项目")
    standard: Text = Field(title="检验标准")
    price: Money = Field(title="单价（元）")


class LaboratoryContract(Message):
    """Under which a laboratory tests for the bureau, from a day to a day, with a testing period (§3, §6)."""

    contract_no: Text = Field(title="委托检验合同编号")
    holds_from: Day = Field(title="合同自")
    holds_to: Day = Field(title="合同至")
    testing_days: int = Field(ge=1, le=365, title="合同约定的检验周期（自然日）")
    prices: tuple[ItemPrice, ...] = Field(default=(), max_length=MOST_PRICES, title="检验单价")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.holds_to < self.holds_from:
            raise ValueError("合同的终止日不能早于起始日")
        _once_each((price.item, price.standard) for price in self.prices)
        return self


class LaboratoryEntry(RegisterEntry):
    """An institution with what it is qualified for and the contracts it has with the bureau."""

    grade: LabGrade = Field(title="资质等级")
    address: Text | None = Field(default=None, title="地址")
    qualifications: tuple[Qualification, ...] = Field(
        default=(), max_length=MOST_QUALIFICATIONS, title="具备资质的检验项目"
    )
    contracts: tuple[LaboratoryContract, ...] = Field(default=(), max_length=50, title="委托检验合同")

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        _once_each((one.item, one.standard) for one in self.qualifications)
        _once_each((one.contract_no,) for one in self.contracts)
        return self

    @property
    def searched(self) -> tuple[str, ...]:
        return (self.address or "", *(one.contract_no for one in self.contracts))


class PlatformEntry(RegisterEntry):
    """The operator of a marketplace."""

    url: Link = Field(title="平台网址")
    place: Place = Field(title="平台住所")

    @property
    def searched(self) -> tuple[str, ...]:
        return (self.url, self.place.in_full)


class Shop(Message):
    """A shop of a seller, on a platform of the register or of its own."""

    url: Link = Field(title="店铺网址")
    platform: Code | None = Field(default=None, title="所在平台的代码；自建网站为空")


class SourcedAddress(Message):
    """An address that somebody else than the licence gives."""

    source: AddressSource = Field(title="地址来源：platform 平台提供；goods 商品标称；inquiry 调查核实")
    address: Text = Field(title="地址")
    platform: Code | None = Field(default=None, title="提供地址的平台的代码")


class BusinessEntry(RegisterEntry):
    """A seller, a producer, or both; ``place`` is as on the licence."""

    registration: Text | None = Field(default=None, title="统一社会信用代码或自然人证件登记号")
    natural_person: bool = Field(default=False, title="是否自然人")
    place: Place | None = Field(default=None, title="住所或经营场所（营业执照所载）")
    addresses: tuple[SourcedAddress, ...] = Field(default=(), max_length=20, title="其他来源的地址")
    shops: tuple[Shop, ...] = Field(default=(), max_length=100, title="店铺")

    @property
    def is_person(self) -> bool:
        return self.natural_person

    @property
    def searched(self) -> tuple[str, ...]:
        place = (self.place.in_full,) if self.place else ()
        others = (one.address for one in self.addresses)
        return (*place, *others, *(shop.url for shop in self.shops))


class BureauEntry(RegisterEntry):
    """A bureau, with the districts it is responsible for; districts merge, so these hold from a day on."""

    districts: tuple[Text, ...] = Field(default=(), max_length=100, title="管辖的区、县（市）")
    address: Text | None = Field(default=None, title="地址")

    @property
    def searched(self) -> tuple[str, ...]:
        return (*self.districts, self.address or "")


E = TypeVar("E", bound=RegisterEntry)


class EntryChange(Message, Generic[E]):
    """An entry as it holds from a day on, and why; ``ended``: from that day on there is none."""

    holds_from: Day = Field(title="自何日起")
    reason: Text = Field(title="理由")
    ended: bool = Field(default=False, title="是否自该日起停用")
    entry: E = Field(title="登记内容")


_HEAD: JsonDict = {"holds_from": "2026-01-01", "reason": "依据营业执照和平台公示信息登记"}
_PLACE: JsonDict = {"province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "示例路1号"}


class LaboratoryChange(EntryChange[LaboratoryEntry]):
    model_config = ConfigDict(
        title="检验机构登记",
        json_schema_extra={
            "example": {
                "holds_from": "2026-01-01",
                "reason": "依据资质认定证书附表和委托检验合同登记",
                "entry": {
                    "name": "浙江省示例检验院",
                    "registration": "12330000000000004M",
                    "contact": {"name": "李主任", "telephone": "0571-00000001"},
                    "email": "lab@example.com",
                    "grade": "provincial",
                    "address": "浙江省杭州市示例路9号",
                    "qualifications": [
                        {"item": "耐热冲击", "standard": "GB/T 29606-2013", "valid_until": "2030-12-31"},
                        {"item": "标志", "standard": "GB/T 29606-2013", "valid_until": "2030-12-31"},
                    ],
                    "contracts": [
                        {
                            "contract_no": "JYHT-2026-01",
                            "holds_from": "2026-01-01",
                            "holds_to": "2027-12-31",
                            "testing_days": 20,
                            "prices": [
                                {"item": "耐热冲击", "standard": "GB/T 29606-2013", "price": "2000.00"},
                                {"item": "标志", "standard": "GB/T 29606-2013", "price": "300.00"},
                            ],
                        }
                    ],
                },
            }
        },
    )


class PlatformChange(EntryChange[PlatformEntry]):
    model_config = ConfigDict(
        title="第三方交易平台经营者登记",
        json_schema_extra={
            "example": {
                **_HEAD,
                "entry": {
                    "name": "示例电商平台",
                    "registration": "91330100000000003J",
                    "url": "https://shop.example.com",
                    "place": _PLACE | {"district": "滨江区", "detail": "示范大道8号"},
                    "email": "platform@example.com",
                },
            }
        },
    )


class BusinessChange(EntryChange[BusinessEntry]):
    model_config = ConfigDict(
        title="经营者、生产者登记",
        json_schema_extra={
            "example": {
                **_HEAD,
                "entry": {
                    "name": "示例旗舰店",
                    "registration": "91330106MA2AAAAA02",
                    "place": _PLACE,
                    "addresses": [
                        {
                            "source": "platform",
                            "address": "浙江省杭州市余杭区示例仓库3号",
                            "platform": "PT-01",
                        }
                    ],
                    "shops": [{"url": "https://shop.example.com/s/1", "platform": "PT-01"}],
                    "email": "seller@example.com",
                },
            }
        },
    )


class BureauChange(EntryChange[BureauEntry]):
    model_config = ConfigDict(
        title="市场监督管理局登记",
        json_schema_extra={
            "example": {
                "holds_from": "2021-04-09",
                "reason": "行政区划调整",
                "entry": {
                    "name": "杭州市临平区市场监督管理局",
                    "districts": ["临平区"],
                    "address": "浙江省杭州市临平区示例街1号",
                },
            }
        },
    )


ENTRIES: dict[Register, type[RegisterEntry]] = {
    Register.LABORATORIES: LaboratoryEntry,
    Register.PLATFORMS: PlatformEntry,
    Register.BUSINESSES: BusinessEntry,
    Register.BUREAUS: BureauEntry,
}


def _once_each(parts: Iterable[tuple[str, ...]]) -> None:
    known: set[tuple[str, ...]] = set()
    for part in parts:
        if part in known:
            raise ValueError(f"“{'，'.join(part)}”列了两次")
        known.add(part)
