"""Address labels say everything that the post and the clerk need, and nothing is cut off."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from letters.labels import LabelSheet, ToPost
from letters.printing import print_run
from messages.letter import LetterFaulty
from tests.letters.builders import TYPESETTER, result_notice

NOW = datetime(2026, 9, 18, 2, tzinfo=UTC)


def letter(number: int = 1, **changes: Any) -> ToPost:
    values: dict[str, Any] = {
        "document_id": f"CJ2026-{number:06}-result_notice-seller-1",
        "batch_no": f"CJ2026-{number:06}",
        "number": f"杭市监网抽结〔2026〕{number}号",
        "title": "抽检结果通知书",
        "recipient_name": "示例旗舰店",
        "addresses": ("浙江省杭州市西湖区示例路1号",),
        "bureau": "杭州市市场监督管理局",
        "contact": "市局网监处 0571-00000000",
    }
    return ToPost(**values | changes)


def printed(*letters: ToPost, more: bool = False) -> list[str]:
    """The text of each page, blanks taken out."""
    pdf = TYPESETTER.labels(LabelSheet(letters, NOW, more))
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def test_ten_labels_are_on_a_sheet() -> None:
    """In their order; a letter to two addresses has two, which say so."""
    sheets = printed(*map(letter, range(1, 10)), letter(10, addresses=("甲地", "乙地")))
    assert [sheet.count("寄件人：") for sheet in sheets] == [10, 1]
    assert "甲地示例旗舰店收" in sheets[0]
    assert "地址1／2" in sheets[0]
    assert "乙地示例旗舰店收" in sheets[1]
    assert "地址2／2" in sheets[1]


def test_nothing_of_a_long_address_is_cut_off() -> None:
    """It is set smaller, so that it stays on its label."""
    address, name = "址" * 500, "店" * 200
    (sheet,) = printed(letter(addresses=(address,), recipient_name=name, contact="联系" * 250), letter(2))
    assert sheet.count("址") == 500
    assert sheet.count("店") >= 200
    assert sheet.count("联系") == 250


def test_letters_without_an_address_are_named_at_the_end() -> None:
    """As are those for which there was no room in this print; without labels that page stands alone."""
    (only,) = printed(letter(addresses=()), more=True)
    for part in ("以下文书没有地址，未印标签", "杭市监网抽结〔2026〕1号", "前1件"):
        assert part in only, part
    assert len(printed(letter(), letter(2, addresses=()))) == 2


@pytest.mark.parametrize("part", ["recipient_name", "title", "contact"])
@pytest.mark.parametrize("character", ["한", "\u202e"])
def test_what_cannot_be_printed_is_named_with_its_letter(part: str, character: str) -> None:
    """A character without a glyph, or one that would turn the line round: the other labels are printed."""
    faulty = letter(2, **{part: f"店{character}"})
    labels, left_out = printed(letter(), faulty, letter(3, **{part: f"店{character}"}), letter(4))
    assert letter().document_id in labels
    assert letter(4).document_id in labels
    assert faulty.document_id not in labels
    assert left_out.count(f"U+{ord(character):04X}") == 2
    assert faulty.document_id in left_out
    with pytest.raises(LetterFaulty, match=f"U\\+{ord(character):04X}") as fault:
        printed(faulty)
    assert fault.value.document_id == faulty.document_id


def test_words_are_never_read_as_markup() -> None:
    """Whatever a seller calls itself."""
    (sheet,) = printed(letter(recipient_name="*#panic()*_$店"))
    assert "*#panic()*_$店收" in sheet


def test_each_letter_of_a_print_run_begins_on_the_front_of_a_sheet() -> None:
    """An odd one is followed by an empty page, but for the last."""
    one = TYPESETTER.typeset(result_notice())
    long = TYPESETTER.typeset(result_notice(fields={"items": [result_notice().fields["items"][0]] * 60}))
    lengths = [len(PdfReader(BytesIO(pdf)).pages) for pdf in (one, long)]
    merged = PdfReader(BytesIO(print_run([one, long, one])))
    even = [length + length % 2 for length in lengths]
    assert len(merged.pages) == sum(even) + lengths[0]
    for at in (0, even[0], sum(even)):
        assert "抽检结果通知书" in "".join(merged.pages[at].extract_text().split())
