"""What the public is not told of a natural person (个人信息保护法第六条: no more than the purpose needs)."""

import re
from typing import Any

_HIDDEN = "某某"
# A surname of two characters where it is one, otherwise the first character.
_SURNAME = re.compile(
    "(?:欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔"
    "|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|令狐|百里|呼延|东郭|南门|西门|左丘|拓跋|完颜)(?=.)|."
)


def masked_name(name: str) -> str:
    """The surname, and 某某 for the rest, however long; of a name in other letters the first character."""
    surname = _SURNAME.match(name.strip())
    return f"{surname.group() if surname else ''}{_HIDDEN}"


def without_name(value: Any, name: str) -> Any:
    """A document's field, parts and all, with the natural person's name masked wherever it stands."""
    if isinstance(value, dict):
        return {key: without_name(part, name) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_name(part, name) for part in value]
    if not isinstance(value, str):
        return value
    if value.strip() == name.strip():
        return masked_name(name)
    # A name of one character is a surname already; in other words it may mean anything.
    return value.replace(name.strip(), masked_name(name)) if len(name.strip()) > 1 else value
