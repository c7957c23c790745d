"""When two names are one: of a person, an item, a trademark, a model, a producer, a seller, a platform.

Every comparison of names is made here. A name that says nothing ("/", 无, 见包装) is unknown: it is neither
the same as another nor different from it, and what hangs on it is for a person to decide.
"""

import re
from collections.abc import Iterable
from unicodedata import normalize
from urllib.parse import urlsplit

from law.places import bare
from law.spellings import (
    AFTER_TRADEMARK,
    BETWEEN_TRADEMARKS,
    CROSSES,
    DOTS,
    ELSEWHERE,
    HYPHENS,
    INVISIBLE,
    NOTES,
    PROVINCES,
    QUOTATION,
    REGISTRATION,
    REGISTRATION_IN_BRACKETS,
    UNKNOWN,
)

_UNSEEN = str.maketrans(dict.fromkeys(INVISIBLE | REGISTRATION))
_MARKS = str.maketrans(
    dict.fromkeys(DOTS, ".")
    | dict.fromkeys(HYPHENS, "-")
    | dict.fromkeys(CROSSES, "x")
    | dict.fromkeys(QUOTATION)
)
# Between two digits a dot or a hyphen tells 1.5 from 15; elsewhere it tells nothing.
_IDLE = re.compile(r"(?<!\d)[.-]+|[.-]+(?!\d)")
_IN_BRACKETS = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_NOTE_AT_END = re.compile(r"\s*[(（\[【〔]([^()（）\[\]【】〔〕]*)[)）\]】〕]\s*$")
_ELSEWHERE = re.compile(ELSEWHERE)
_BETWEEN_TRADEMARKS = re.compile(f"[{re.escape(''.join(sorted(BETWEEN_TRADEMARKS)))}]")
# GB 32100: eighteen characters, none of I, O, S, V, Z.
_CREDIT_CODE = re.compile(r"(?<![0-9a-z])[0-9a-hj-npqrtuwxy]{18}(?![0-9a-z])")
_SECOND_LEVELS = frozenset({"com", "net", "org", "gov", "edu", "co", "ac"})


def folded(name: str | None) -> str | None:
    """A name with its spelling made equal: width, case, spaces, dots, hyphens, crosses, what nobody sees.

    None for a name of which nothing is left.
    """
    if name is None:
        return None
    plain = normalize("NFKC", name.translate(_UNSEEN)).casefold()
    for mark in REGISTRATION_IN_BRACKETS:
        plain = plain.replace(mark, "")
    return _IDLE.sub("", "".join(plain.translate(_MARKS).split())) or None


def sought(said: str) -> str:
    """What people look for, and where they look: letters and digits alone, in one width and one case.

    So a number is found with or without its blanks, hyphens and brackets.
    """
    return "".join(filter(str.isalnum, (folded(said) or "")))


def without_trademarks_ending(said: str) -> str:
    """What is sought, without 牌 or 商标 behind it: a mark may be on record without the word."""
    return _without_ending(sought(said))


def is_unknown(said: str | None) -> bool:
    """Whether a name says that there is none, or that nobody knows it."""
    if not any(character.isalnum() for character in said or ""):
        return True
    plain = _IN_BRACKETS.sub("", _noted(said)).rstrip("。.!,;")
    words = [word for word in _BETWEEN_TRADEMARKS.split(plain) if word]
    return plain in UNKNOWN or all(word in UNKNOWN or _ELSEWHERE.fullmatch(word) for word in words)


def trademarks(said: str | None) -> frozenset[str]:
    """The trademarks that a text names, folded, with 、 between several; none where they are unknown."""
    if said is None or is_unknown(said):
        return frozenset()
    found = (_without_ending(_noted(one)) for one in _BETWEEN_TRADEMARKS.split(said) if not is_unknown(one))
    return frozenset(found) - {""}


def _without_ending(mark: str) -> str:
    """北极熊牌, 北极熊商标 and 北极熊及图 are 北极熊; of 名牌 and 金牌 the ending is half the name."""
    for ending in AFTER_TRADEMARK:
        if mark.endswith(ending) and len(mark) - len(ending) >= 2:
            return mark.removesuffix(ending)
    return mark


def model(said: str | None) -> str | None:
    """A spec or model, folded; None where it is unknown."""
    return None if is_unknown(said) else _noted(said) or None


def is_other_trademark(one: str | None, other: str | None) -> bool:
    """Whether both are known and have no trademark in common."""
    ours, theirs = trademarks(one), trademarks(other)
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def is_other_model(one: str | None, other: str | None) -> bool:
    ours, theirs = model(one), model(other)
    return ours is not None and theirs is not None and ours != theirs


def is_other_producer(one: str | None, other: str | None) -> bool:
    """Whether both are known and are not the same; a province in front of one of the two tells nothing."""
    if is_unknown(one) or is_unknown(other):
        return False
    (province, name), (their_province, their_name) = _of_province(_noted(one)), _of_province(_noted(other))
    return name != their_name or (None not in (province, their_province) and province != their_province)


def is_other_seller(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two sellers, each its registration and the address of its shop, are not the same.

    The unified social credit code tells; without one the whole text, and where that is unknown the shop.
    """
    (registration, url), (their_registration, their_url) = one, other
    if is_unknown(registration) or is_unknown(their_registration):
        return _shop(url) != _shop(their_url)
    ours, theirs = folded(registration) or "", folded(their_registration) or ""
    code, their_code = _CREDIT_CODE.search(ours), _CREDIT_CODE.search(theirs)
    if code and their_code:
        return code[0] != their_code[0]
    return ours not in theirs and theirs not in ours


def credit_code(said: str | None) -> str | None:
    """The unified social credit code (GB 32100) that a text holds, folded; None where it holds none."""
    found = _CREDIT_CODE.search(folded(said) or "")
    return found[0] if found else None


def is_other_platform(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two platforms, each its name and its address, are neither of one name nor of one site."""
    (name, url), (their_name, their_url) = one, other
    return folded(name) != folded(their_name) and (_site(url) is None or _site(url) != _site(their_url))


def without_notes(name: str) -> str:
    """A name as it is written, but for the notes behind it: 示例有限公司 for 示例有限公司（包装）（标称）."""
    found = _NOTE_AT_END.search(name)
    while found and found.start() > 0 and _are_notes(folded(found[1]) or ""):
        name = name[: found.start()].rstrip()
        found = _NOTE_AT_END.search(name)
    return name


def not_among(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """The names, each once and as written, that are not among the others in any spelling."""
    known = {folded(other) for other in others}
    left = {folded(name): name for name in names if folded(name) not in known}
    return tuple(left.values())


def _noted(said: str | None) -> str:
    """A name, folded, without the notes that say where it was read: BOBDOG（标称）, 标称：BOBDOG."""
    plain = _IN_BRACKETS.sub(lambda found: "" if _are_notes(found[1]) else found[0], folded(said) or "")
    front, colon, rest = plain.partition(":")
    return rest if colon and _are_notes(front) else plain


def _are_notes(said: str) -> bool:
    return all(word in NOTES for word in re.split("[、,;/]", said))


def _of_province(name: str) -> tuple[str | None, str]:
    for province in PROVINCES:
        short = bare(province)
        for front in (province, short):
            if name.startswith(front) and len(name) > len(front):
                return short, name.removeprefix(front)
    return None, name


def _shop(url: str) -> str:
    parts = urlsplit(_whole(url))
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"


def _site(url: str) -> str | None:
    """The part of an address that one operator has: shop.example.com and m.example.com are of example.com."""
    labels = (urlsplit(_whole(url)).hostname or "").split(".")
    kept = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVELS else 2
    return ".".join(labels[-kept:]) or None


def _whole(url: str) -> str:
    url = url.strip().casefold()
    return url if "://" in url else f"https://{url}"
