"""Natural persons are named to the public by their surname only."""

import pytest

from law.privacy import masked_name, without_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张某某"),
        ("欧阳修", "欧阳某某"),
        ("欧阳", "欧某某"),
        (" 李小明 ", "李某某"),
        ("阿卜杜拉·买买提", "阿某某"),
    ],
)
def test_the_surname_is_kept(name: str, shown: str) -> None:
    """Two characters where the surname has two, and nothing tells how long the rest is."""
    assert masked_name(name) == shown


def test_the_name_is_masked_wherever_it_stands() -> None:
    """Also within other words, in lists and parts; a name of one character only where it stands alone."""
    fields = {"seller": "张三丰", "sample_name": "张三丰手工茶", "items": [{"name": "张三丰"}], "n": 1}
    shown = {"seller": "张某某", "sample_name": "张某某手工茶", "items": [{"name": "张某某"}], "n": 1}
    assert without_name(fields, "张三丰") == shown
    assert without_name({"seller": "米", "sample_name": "大米"}, "米") == {
        "seller": "米某某",
        "sample_name": "大米",
    }
