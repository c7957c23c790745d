"""The one rule for text that comes in, by whatever door: what is folded, and what is refused.

What people paste without knowing it (another kind of blank, a mark that shows nothing) is folded; what has no
honest use in a record (controls, marks that turn a line round, letters that show nothing, private use, what
Unicode has not assigned) is refused by its code point. Everything is in Unicode's NFC.

Not for workflow code: what is assigned depends on Python's Unicode data, and a replay must not.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

_LINE = "\n"
_FOLDED = str.maketrans(
    {
        **dict.fromkeys(map(chr, (0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)), _LINE),
        # No-break, figure, thin and other blanks; the ideographic one is Chinese typesetting's own and stays.
        **dict.fromkeys(map(chr, (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F)), " "),
        # Soft hyphen, zero-width blank, joiners, direction marks, word joiner, byte order mark.
        **dict.fromkeys(map(chr, (0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF)), None),
        # Variation selectors choose among the shapes of one character; it stays the same character.
        **dict.fromkeys(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))), None),
    }
)
# Assigned, not of a refused category, and yet nothing is seen of them; the last two stand for what was lost.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\ufffd")
_TO_LOOK_AT = frozenset(map(chr, _FOLDED)) | _UNSEEN
# Ideographs that Python's data may not know yet: extensions B to F, I, the compatibility supplement, G, H, J.
_IDEOGRAPHS = re.compile(
    "[\U00020000-\U0002a6df\U0002a700-\U0002b81f\U0002b820-\U0002ebef\U0002ebf0-\U0002ee5d"
    "\U0002f800-\U0002fa1d\U00030000-\U0003134a\U00031350-\U000323af\U000323b0-\U00033479]"
)
# Control, format, surrogate, private use, not assigned (noncharacters among these).
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class TextRefused(ValueError):
    """A character that no text may have; the message is Chinese and says which."""

    def __init__(self, character: str) -> None:
        super().__init__(f"含有不能使用的字符 {code_point(character)}")
        self.character = character


class TextsRefused(TextRefused):
    """The same of a JSON value; ``path`` says where, for a key where its object is."""

    def __init__(self, character: str, path: tuple[str, ...]) -> None:
        super().__init__(character)
        self.path = path


def code_point(character: str) -> str:
    """How a character that may not be shown is named: U+202E."""
    return f"U+{ord(character):04X}"


def cleaned(text: str) -> str:
    """The text as it is kept: folded, in NFC. Raises :class:`TextRefused`."""
    if text.isprintable() and _TO_LOOK_AT.isdisjoint(text):
        return unicodedata.normalize("NFC", text)
    folded = _folded(text)
    for character in folded:
        if not _is_let_in(character):
            raise TextRefused(character)
    return folded


def legible(text: str) -> str:
    """The same for what machines say and nobody can send back: a refused character is told by its name."""
    return "".join(c if _is_let_in(c) else f"[{code_point(c)}]" for c in _folded(text))


def cleaned_json(content: Any, path: tuple[str, ...] = ()) -> Any:
    """A JSON value with every text and every key of it cleaned. Raises :class:`TextsRefused`."""
    if isinstance(content, str):
        try:
            return cleaned(content)
        except TextRefused as refused:
            raise TextsRefused(refused.character, path) from None
    if isinstance(content, dict):
        names = [cleaned_json(name, path) for name in content]
        if len(set(names)) < len(names):
            # One name twice, told apart by what nobody sees.
            hidden = next(c for name in content for c in name if c in _TO_LOOK_AT or not _is_let_in(c))
            raise TextsRefused(hidden, path)
        return {
            name: cleaned_json(value, (*path, name))
            for name, value in zip(names, content.values(), strict=True)
        }
    if isinstance(content, list):
        return [cleaned_json(item, (*path, str(place))) for place, item in enumerate(content)]
    return content


def on_one_line(text: str) -> str:
    """A text that has no lines: a break or tab in it is a blank."""
    return re.sub(r"[ \t]*[\n\t][ \t\n]*", " ", text.strip()) if "\n" in text or "\t" in text else text


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", _LINE).translate(_FOLDED))


def _is_let_in(character: str) -> bool:
    if character in "\n\t" or _IDEOGRAPHS.match(character):
        return True
    return unicodedata.category(character) not in _REFUSED and character not in _UNSEEN


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value, names of parts and all."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts_in([*value.keys(), *value.values()])
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)
