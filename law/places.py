"""Where somebody is domiciled, as jurisdiction (§2) and referral (§7) need it."""

from typing import Protocol

from law.rules import Bureaus

_SUFFIXES = "省市区县"


class Located(Protocol):
    """Anything that says province, city and district; other packages' places are passed as they are."""

    @property
    def province(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def district(self) -> str: ...


def in_province(bureaus: Bureaus, place: Located) -> bool:
    return _bare(place.province) == _bare(bureaus.province)


def in_city(bureaus: Bureaus, place: Located) -> bool:
    return in_province(bureaus, place) and _bare(place.city) == _bare(bureaus.city)


def district_bureau(bureaus: Bureaus, place: Located) -> str | None:
    """The bureau of a place in the city; None when the district is not one of the city's (any more)."""
    for district, bureau in bureaus.districts.items():
        if _bare(district) == _bare(place.district):
            return bureau
    return None


def _bare(name: str) -> str:
    """杭州 and 杭州市 are the same place to whoever types it."""
    name = name.strip()
    return name[:-1] if len(name) > 2 and name[-1] in _SUFFIXES else name
