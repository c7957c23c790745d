"""A letter looks and reads as an official one, says what the facts say, and is the same file every time."""

import hashlib
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

import letters
from law.regulation import in_force_on
from law.vocabulary import DocumentKind, Recipient
from letters.characters import ALWAYS
from messages.letter import LetterFaulty
from tests.letters.builders import ITEM, TYPESETTER, pages, printed, result_notice

TEMPLATES = Path(letters.__file__).parent / "templates" / "kinds"


def test_a_letter_carries_what_an_official_letter_carries() -> None:
    """Bureau, number, title, addressee, text, enclosure, signature, day, page, batch, verification."""
    said = printed(TYPESETTER.typeset(result_notice()))
    for part in (
        "杭州市市场监督管理局杭市监网抽结〔2026〕12号抽检结果通知书示例旗舰店：",
        "综合判定结论为：不合格",
        "签发日期：2026年9月18日",
        "自收到之日的次日起15日内",
        "收到之日不计入",
        "附件：1.检验报告（编号：JY-2026-0001）2.检验结果通知书回执",
        "杭州市市场监督管理局（印章）2026年9月18日（联系方式：网监处0571-00000000）",
        "—1—",
        "抽检批次编号：CJ2026-000001",
        "https://bureau.example/verify/abcdefghjkmnpqrstuvwxyz234",
    ):
        assert part in said, part


def test_a_letter_is_an_archive_file_with_its_fonts_in_it() -> None:
    """It claims PDF/A-2u, is dated as the document, and all its fonts are embedded and mapped to Unicode."""
    letter = result_notice(recipient_name="𬭎昇𠮷喆店", facts={"goods": "㛃杯"})
    with pikepdf.open(BytesIO(TYPESETTER.typeset(letter))) as pdf:
        with pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == "2U"
            assert metadata["dc:title"] == "抽检结果通知书 杭市监网抽结〔2026〕12号"
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260918")
        assert pdf.Root.OutputIntents
        assert "/JavaScript" not in pdf.Root.get("/Names", {})
        fonts = [
            obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/Font"
        ]
        composite = [font for font in fonts if font.Subtype == "/Type0"]
        assert len(composite) >= 4
        assert len(fonts) == 2 * len(composite), "no font but composite ones and their descendants"
        for font in composite:
            assert "/ToUnicode" in font
            described = font.DescendantFonts[0].FontDescriptor
            assert {"/FontFile2", "/FontFile3"} & set(described.keys())


def test_the_same_facts_make_the_same_bytes_in_another_process() -> None:
    """Whoever makes it, whenever: nothing of the clock, of chance or of the host is in a letter."""
    here = TYPESETTER.typeset(result_notice())
    TYPESETTER.typeset(result_notice(number="杭市监网抽结〔2026〕13号"))
    assert TYPESETTER.typeset(result_notice()) == here
    program = (
        "import hashlib; from tests.letters.builders import TYPESETTER, result_notice;"
        "print(hashlib.sha256(TYPESETTER.typeset(result_notice())).hexdigest(), TYPESETTER.version)"
    )
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert there.stdout.split() == [hashlib.sha256(here).hexdigest(), TYPESETTER.version]


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "杭市监网抽结〔2026〕13号"},
        {"secret": "f" * 26},
        {"recipient_name": "另一家店"},
        {"fields": {"verdict": "合格"}},
        {"created_at": result_notice().created_at + timedelta(days=1)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_other_facts_make_another_letter(changes: dict[str, Any]) -> None:
    """Number, secret, addressee, content, day: each is in the bytes."""
    assert TYPESETTER.typeset(result_notice(**changes)) != TYPESETTER.typeset(result_notice())


@pytest.mark.parametrize(
    "name",
    [
        '#import "x"; $x^2$ \\ @label <a> *b* _c_ `d` = [e] //f',
        '#read("/etc/passwd")',
        "{{name}} %s <script>alert(1)</script> & \"q\" 'p'",
        "-- ... ~ https://a.example/#b?c=d&e",
        "〔2026〕《书》“引”‘号’——……·",
    ],
)
def test_what_people_write_is_printed_as_it_is(name: str) -> None:
    """No character of a name means anything to the typesetter."""
    letter = result_notice(
        recipient_name=name, facts={"goods": name}, fields={"items": [{**ITEM, "name": name}]}
    )
    # The receipt names both again.
    assert printed(TYPESETTER.typeset(letter)).count("".join(name.split())) == 5


@pytest.mark.parametrize("character", ["🪿", "𫜹", "한", "\ue000"])
def test_a_missing_glyph_is_an_error_that_names_it(character: str) -> None:
    """Never a box: the refusal names the character, its code point and the document."""
    with pytest.raises(LetterFaulty) as fault:
        TYPESETTER.typeset(result_notice(recipient_name=f"爆款{character}店"))
    assert f"“{character}”（U+{ord(character):04X}）" in fault.value.reason
    assert "CJ2026-000001-result_notice-seller-1" in str(fault.value)
    # The next letter is none the worse for it.
    assert TYPESETTER.typeset(result_notice())


@pytest.mark.parametrize("character", ["\u202e", "\x08", "\u2066", "\x1b", "\ufffd"])
def test_what_would_be_swallowed_or_turn_a_line_round_is_an_error(character: str) -> None:
    """A name that looks other than it reads is not printed."""
    with pytest.raises(LetterFaulty, match=f"U\\+{ord(character):04X}"):
        TYPESETTER.typeset(result_notice(fields={"items": [{**ITEM, "measured": f"甲{character}乙"}]}))


@pytest.mark.parametrize("face", ["text", "title"])
def test_rare_characters_of_names_and_places_are_printed(face: str) -> None:
    """Beyond GB 2312, in extensions A to E, for people and places, also where the bureau is named."""
    rare = "喆堃昇峣㛃䶮𠮷𫘦𫖮𬭎𬎆"
    letter = (
        result_notice(recipient_name=rare)
        if face == "text"
        else result_notice(facts={"bureau": f"{rare}市局"})
    )
    assert rare in printed(TYPESETTER.typeset(letter))


def test_the_whole_standard_list_of_characters_can_be_printed() -> None:
    """Every character of GB 2312 and of the unified ideographs up to U+9FEA."""
    every = "".join(map(chr, range(0x4E00, 0x9FEB)))
    letter = result_notice(fields={"right_to_retest": every})
    assert every in "".join(
        text.replace(f"—{number}—", "") for number, text in enumerate(pages(TYPESETTER.typeset(letter)), 1)
    )


def test_a_long_table_breaks_over_pages_under_its_head() -> None:
    """Two hundred items: each is there, and each page of them begins with the head."""
    items = [{**ITEM, "name": f"项目之{number}号", "measured": f"{number}.5 mg/kg"} for number in range(200)]
    read = pages(TYPESETTER.typeset(result_notice(fields={"items": items})))
    assert len(read) > 8
    said = "".join(read)
    for number in range(200):
        assert f"项目之{number}号" in said
    for page in read:
        if "项目之" in page:
            assert page.index("序号检验项目检验标准") < page.index("项目之")
    assert [f"—{number}—" in page for number, page in enumerate(read, 1)] == [True] * len(read)


def test_long_names_and_addresses_stay_on_the_page() -> None:
    """Five hundred characters without a place to break, in the text and in a table, are all there."""
    name, link = "很长的店名" * 100, "https://shop.example.com/" + "a1B2c3" * 79
    letter = result_notice(recipient_name=name, fields={"items": [{**ITEM, "standard": link}]})
    said = printed(TYPESETTER.typeset(letter))
    assert name in said.replace("—1—", "")
    # The page's end may fall within one of them.
    assert said.count("a1B2c3") >= 77


def test_a_kind_without_words_of_its_own_says_all_it_carries() -> None:
    """Also one made out before letters had facts: under its fields' titles, parts and all."""
    letter = result_notice(
        fields={"items": [ITEM, ITEM], "last_day": None}, document_id="CJ2026-000001-new-1"
    ).model_copy(update={"facts": {}})
    said = printed(TYPESETTER.typeset(letter))
    for part in ("综合判定结论：不合格", "检验项目：耐热冲击", "单项判定：不合格", "届满日：（无）"):
        assert part in said, part


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_a_new_kind_is_a_letter_before_it_has_words_of_its_own() -> None:
    """It names the bureau, the rules and the batch, and says what it carries."""
    letter = result_notice().model_copy(update={"kind": "kind_of_next_year", "title": "新的通知书"})
    said = printed(TYPESETTER.typeset(letter))
    for part in ("新的通知书", "现就抽检批次CJ2026-000001有关事项通知如下", "综合判定结论：不合格"):
        assert part in said, part


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028"])
def test_lines_end_as_they_were_written(end: str) -> None:
    """Whatever the writer's machine ends a line with."""
    (page,) = PdfReader(
        BytesIO(
            TYPESETTER.typeset(
                result_notice(kind=DocumentKind.RETEST_REFUSAL, fields={"reasons": f"第一条{end}第二条"})
            )
        )
    ).pages
    lines = page.extract_text().splitlines()
    assert "理由如下：第一条" in lines
    assert "第二条。" in lines


def test_a_correction_names_what_it_corrects() -> None:
    """A corrected letter is a new one, and says of which."""
    letter = result_notice(corrects="d-1", corrects_number="杭市监网抽结〔2026〕9号")
    assert "本文书更正杭市监网抽结〔2026〕9号" in printed(TYPESETTER.typeset(letter))


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_of_today_has_words_of_its_own(kind: DocumentKind) -> None:
    """None leaves the bureau as a bare list of fields."""
    assert (TEMPLATES / f"{kind}.typ").is_file()


def test_a_letter_says_what_was_too_late_as_officials_write_it() -> None:
    """The last day with how it was counted, and what may still be proven."""
    letter = result_notice(
        kind=DocumentKind.LATE_FILING_NOTICE,
        fields={
            "application": "网络商品经营者提出异议",
            "filed_on": "2026年12月22日（邮寄的以邮戳日期为准）",
            "last_day": "2026年12月21日24时届满。期限自2026年12月5日的次日起算15日",
            "reasons": "期限已于2026年12月21日24时届满",
        },
    )
    said = printed(TYPESETTER.typeset(letter))
    for part in (
        "二、提交日期的认定2026年12月22日（邮寄",
        "最后一日为2026年12月21日24时届满。期限自2026年12月5日的次日起算15日",
        "决定不予受理",
        "邮戳",
    ):
        assert part in said, part


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (DocumentKind.PUBLICATION_CORRECTION, "所更正的公示杭市监网抽示〔2026〕9号"),
        (DocumentKind.REFERRAL_CORRECTION, "我局以交办函（杭市监网抽示〔2026〕9号）交办的"),
    ],
)
def test_what_stands_beside_a_first_result_names_it_by_its_number(kind: DocumentKind, words: str) -> None:
    """To the public and to the authority: which document it is about, not by our own ids."""
    fields = {"conclusion": "该结果正在复核", "situation": "原检验结果正在复核", "handling": "请暂缓办理"}
    letter = result_notice(
        kind=kind, corrects="d-1", corrects_number="杭市监网抽示〔2026〕9号", fields=fields
    )
    said = printed(TYPESETTER.typeset(letter))
    assert words in said
    assert "正在复核" in said


def test_what_the_public_is_told_is_addressed_to_nobody() -> None:
    """A publication has no addressee; its kind's title is the letter's."""
    rule = in_force_on(result_notice().created_at.date()).recipients[DocumentKind.PUBLICATION]
    letter = result_notice(
        kind=DocumentKind.PUBLICATION,
        title=rule.title,
        recipient=Recipient.PUBLIC,
        recipient_name="公众",
        fields={field.name: "某值" for field in rule.must_carry},
        field_titles={field.name: field.title for field in rule.must_carry},
    )
    said = printed(TYPESETTER.typeset(letter))
    assert "公众：" not in said
    assert all(field.title in said for field in rule.must_carry)


def test_what_need_not_be_tried_can_be_printed() -> None:
    """Every character that a letter is taken to be printable with; none that misses a glyph is typeset."""
    told = "".join(sorted(ALWAYS - {"\n"}))
    said = {"facts": {"goods": told}, "fields": {"report": {"report_no": told}}}
    assert TYPESETTER.typeset(result_notice(title=told[:300], recipient_name=told, **said))


@pytest.mark.parametrize("text", ["\U000323af", "\u202e", "\x10", "한"])
def test_why_no_letter_can_be_made_is_known_before_one_is(text: str) -> None:
    """By the typesetter itself: what it says of the facts is what making the letter comes to."""
    letter = result_notice(recipient_name=f"示例{text}店")
    with pytest.raises(LetterFaulty) as faulty:
        TYPESETTER.typeset(letter)
    assert TYPESETTER.fault(letter) == faulty.value.reason
    assert TYPESETTER.fault(result_notice(recipient_name="𬭎昇𠮷喆店")) is None


def test_the_longest_list_is_typeset() -> None:
    """Three hundred items whose requirements have a thousand characters: more than any step can hold."""
    items = [ITEM | {"requirement": "无裂纹、无变形。" * 125}] * 300
    pdf = TYPESETTER.typeset(result_notice(fields={"items": items}))
    assert len(PdfReader(BytesIO(pdf)).pages) > 1000


def test_whatever_the_typesetter_fails_at_is_the_letters_fault() -> None:
    """Facts that its words do not fit: a reason in words, not an error of ours."""
    with pytest.raises(LetterFaulty, match="排版程序"):
        TYPESETTER.typeset(result_notice(fields={"items": "一项"}))


@pytest.mark.parametrize("name", ["王㛃", "䶮甫", "𠮷野", "㐀㑇㒇", "爆款🔥🌟店", "★✿☎店", "→①②"])
def test_names_of_people_and_shops_are_printed(name: str) -> None:
    """Rare characters of all of extension A, and the signs that shops put into theirs."""
    assert TYPESETTER.fault(result_notice(recipient_name=name, facts={"goods": name})) is None
