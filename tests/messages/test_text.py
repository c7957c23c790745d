"""One rule for every text that comes in: what is folded, what is refused, and how it is said."""

import unicodedata

import pytest

from messages.text import TextRefused, TextsRefused, cleaned, cleaned_json, code_point, legible, on_one_line


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("张\u200b三\ufeff", "张三"),
        ("张\u00a0三\u202f四", "张 三 四"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("e\u0301", "é"),
        ("葛\U000e0100城 ☎\ufe0f", "葛城 ☎"),
        ("\u200e2026\u200f", "2026"),
    ],
)
def test_what_people_paste_without_knowing_is_folded(pasted: str, kept: str) -> None:
    """Blanks of every width become blanks, what shows nothing goes, lines end in one way, all is NFC."""
    assert cleaned(pasted) == kept
    assert cleaned(kept) == kept


@pytest.mark.parametrize("text", ["", "甲\n\t乙", "　两字", "😀𬭎𠮷", "\U000323af\U00033479", "—“…”·①"])
def test_what_can_be_read_is_kept_as_it_is(text: str) -> None:
    """Lines, the Chinese blank, emoji, and ideographs newer than Python's own tables."""
    assert cleaned(text) == text


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x10",
        "\x7f",
        "\x9b",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\u2061",
        "\u206a",
        "\ufff9",
        "\ue000",
        "\U000f0000",
        "\ud800",
        "\uffff",
        "\U0001fffe",
        "\U0002ffff",
        "\u0378",
        "\U000e0001",
        "\U000e0041",
        "\u3164",
        "\u115f",
        "\u2800",
    ],
)
def test_what_has_no_honest_use_is_refused_by_its_code_point(character: str) -> None:
    """Controls, bidi overrides and isolates, tags, private use, halves of pairs, what is nothing."""
    with pytest.raises(TextRefused) as refused:
        cleaned(f"甲{character}乙")
    assert code_point(character) in str(refused.value)
    assert character not in str(refused.value)
    assert legible(f"甲{character}乙") == f"甲[{code_point(character)}]乙"


def test_no_character_that_is_kept_is_invisible_or_turns_a_line_round() -> None:
    """Over all of Unicode: what is let in as it is shows something, or is a blank or an end of line."""
    for code in range(0x110000):
        character = chr(code)
        try:
            kept = cleaned(character)
        except TextRefused:
            continue
        for one in kept:
            ideograph = 0x20000 <= ord(one) < 0x34000
            assert one in "\n\t \u3000" or one.isprintable() or ideograph, f"U+{code:04X}"
            assert unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co"} or one in "\n\t"


def test_the_place_of_a_refused_character_is_named() -> None:
    """By the path to it; a name at fault by the path of its object, and so are two that look the same."""
    for content, path in [
        ({"people": [{"name": "张"}, {"name": "李\u202e"}]}, ("people", "1", "name")),
        ({"goods": {"\ud800": 1}}, ("goods",)),
        ({"goods": {"name": 1, "na\u200bme": 2}}, ("goods",)),
        ("\x00", ()),
    ]:
        with pytest.raises(TextsRefused) as refused:
            cleaned_json(content)
        assert refused.value.path == path
    assert cleaned_json({"a": ["b\u200b", 1, None, True]}) == {"a": ["b", 1, None, True]}


def test_a_text_without_lines_has_none() -> None:
    assert on_one_line(" 西湖区\n示例路\t1号 ") == "西湖区 示例路 1号"
