"""Places of the law's tests."""

from typing import NamedTuple


class Domicile(NamedTuple):
    province: str
    city: str
    district: str


XIHU = Domicile("浙江省", "杭州市", "西湖区")
YUHANG = Domicile("浙江省", "杭州市", "余杭区")
XIACHENG = Domicile("浙江省", "杭州市", "下城区")
NINGBO = Domicile("浙江省", "宁波市", "海曙区")
BEIJING = Domicile("北京市", "北京市", "朝阳区")
