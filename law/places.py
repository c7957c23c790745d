"""Where somebody is domiciled, as jurisdiction (§2), referral (§7) and a letter's address need it."""

import re
from typing import Protocol

from law.rules import Bureaus
from law.spellings import NO_PLACES, PLACE_ENDINGS

_ENDING = "|".join(PLACE_ENDINGS)


class Located(Protocol):
    """Anything that says province, city and district; other packages' places are passed as they are.

    A place abroad has none of them.
    """

    @property
    def province(self) -> str | None: ...
    @property
    def city(self) -> str | None: ...
    @property
    def district(self) -> str | None: ...


def in_province(bureaus: Bureaus, place: Located) -> bool:
    return _are_same(place.province, bureaus.province)


def in_city(bureaus: Bureaus, place: Located) -> bool:
    return in_province(bureaus, place) and _are_same(place.city, bureaus.city)


def district_bureau(bureaus: Bureaus, place: Located) -> str | None:
    """The bureau of a place in the city; None when the district is not one of the city's (any more)."""
    for district, bureau in bureaus.districts.items():
        if _are_same(place.district, district):
            return bureau
    return None


def address_in_full(place: Located, detail: str) -> str:
    """An address in the country as it is written on a letter: each level once, and none that is no place.

    北京市市辖区朝阳区 is 北京市朝阳区, 东莞市东莞市 is 东莞市; what the detail repeats in front is left out.
    """
    levels: list[str] = []
    for level in (place.province, place.city, place.district):
        if level and level not in NO_PLACES and not any(_are_same(level, known) for known in levels):
            levels.append(level)
    return "".join(levels) + _without_levels(levels, detail)


def _without_levels(levels: list[str], detail: str) -> str:
    """The detail without the levels that it begins with, as many as they are."""
    for many in range(len(levels), 0, -1):
        for first in range(len(levels) - many + 1):
            found = _written(levels[first : first + many]).match(detail)
            if found and found[0] != detail:
                return detail[found.end() :]
    return detail


def _written(levels: list[str]) -> re.Pattern[str]:
    """Levels one after the other. The last has its ending: 西湖大道 in 西湖区 is a street."""
    *before, last = levels
    front = "".join(f"{re.escape(bare(level))}(?:{_ENDING})?(?:市辖区)?[ ,，]*" for level in before)
    ending = re.escape(last.removeprefix(bare(last))) or _ENDING
    return re.compile(f"{front}{re.escape(bare(last))}(?:{ending})(?:市辖区)?[ ,，]*")


def bare(name: str) -> str:
    """杭州 and 杭州市 are the same place to whoever types it."""
    name = name.strip()
    for ending in PLACE_ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name.removesuffix(ending)
    return name


def _are_same(name: str | None, other: str) -> bool:
    return name is not None and bare(name) == bare(other)
