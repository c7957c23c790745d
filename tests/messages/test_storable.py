"""What text can be kept, wherever it comes from."""

from typing import Any

import pytest

from messages.storable import is_storable, path_to_unstorable, storable


@pytest.mark.parametrize("text", ["a\x00b", "\ud83d", "甲\udfff"])
def test_text_that_postgresql_cannot_hold_is_known(text: str) -> None:
    """NUL, and either half of a surrogate pair."""
    assert not is_storable(text)


@pytest.mark.parametrize("text", ["", "甲\n\t乙", "😀𬭎", "\\u0000", "\ufffd"])
def test_any_other_text_is_kept_as_it_is(text: str) -> None:
    """Line breaks, rare characters, and a text about a NUL."""
    assert is_storable(text)


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"people": [{"name": "张"}, {"name": "李\x00"}]}, ("people", "1", "name")),
        ({"goods": {"\ud800": 1}}, ("goods",)),
        ("\x00", ()),
        ({"people": [{"name": "张"}], "number": 1, "none": None}, None),
    ],
)
def test_the_place_of_the_fault_is_named(content: Any, path: tuple[str, ...] | None) -> None:
    """By the path to it; a key at fault by the path of its object."""
    assert path_to_unstorable(content) == path


def test_what_is_already_in_a_case_is_kept_as_far_as_it_can_be() -> None:
    """NUL becomes the replacement character, in keys too."""
    assert storable({"a\x00": ["b\x00", ("c",)], "n": 1}) == {"a\ufffd": ["b\ufffd", ["c"]], "n": 1}
