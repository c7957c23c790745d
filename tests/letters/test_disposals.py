"""The certificate of a disposal: what it says, however many and however named the files are."""

from datetime import UTC, date, datetime

import pytest

from law.vocabulary import Role
from messages.base import Actor
from messages.disposal import DisposalCertificate, DisposalFacts, DisposedFile, KeptSince
from messages.letter import LetterFaulty
from tests.letters.builders import CASE, TYPESETTER, pages, printed

RECEIVED = datetime(2026, 9, 18, 2, tzinfo=UTC)


def file(number: int = 1, **changes: object) -> DisposedFile:
    values: dict[str, object] = {
        "filename": f"购买过程录屏-{number}.mp4",
        "media_type": "video/mp4",
        "size": 3_221_225_472 + number,
        "sha256": f"{number:064x}",
        "received_at": RECEIVED,
        "keepers": (KeptSince(keeper="周保管", since=RECEIVED),),
    }
    return DisposedFile.model_validate(values | changes)


def certificate(*files: DisposedFile, reason: str = "保存期届满，案件已经了结") -> DisposalCertificate:
    return DisposalCertificate(
        batch_no="CJ2026-000001",
        facts=DisposalFacts(
            number="证据销毁〔CJ2026-000001〕1号",
            reason=reason,
            keep_until=date(2028, 11, 30),
            proposed_by=Actor(sub="officer-01", name="张三", role=Role.OFFICER),
            proposed_at=datetime(2028, 12, 4, 1, 30, tzinfo=UTC),
            files=files or (file(),),
        ),
        approved_by=Actor(sub="approver-01", name="李四", role=Role.APPROVER),
        approved_at=datetime(2028, 12, 6, 6, 5, tzinfo=UTC),
        seq=57,
        line_hash="ab" * 32,
        kinds={"video/mp4": "录像、录音"},
        bureau=CASE["bureau"],
        regulation=CASE["regulation"],
        rests_on="§5",
        years=2,
    )


def test_it_says_what_was_kept_by_whom_and_who_ended_it() -> None:
    """Both digests, both keepers, both people, the rule, and where in the record it stands."""
    later = KeptSince(keeper="吴保管", since=datetime(2027, 3, 1, 2, tzinfo=UTC))
    one = file(sm3="cd" * 32, keepers=(*file().keepers, later))
    said = printed(TYPESETTER.disposal(certificate(one)))
    for words in (
        "证据销毁〔CJ2026-000001〕1号",
        "证据销毁证明",
        "第5节的规定",
        "至少保存2年",
        "至少保存至2028年11月30日",
        "购买过程录屏-1.mp4",
        "录像、录音，3,221,225,473字节",
        f"{1:064x}",
        "cd" * 32,
        "2026年9月18日10时00分入库",
        "保管人：周保管（2026年9月18日10时00分起）；吴保管（2027年3月1日10时00分起）",
        "张三（执法人员，账号officer-01）提出处置，理由：保存期届满，案件已经了结。",
        "2028年12月6日14时05分，李四（分管负责人，账号approver-01）批准处置",
        "密钥已于批准之时销毁，密文已从存放处删除",
        "第57条",
        "ab" * 32,
        "2028年12月6日",
    ):
        assert words in said, words


def test_the_same_facts_give_the_same_bytes() -> None:
    assert TYPESETTER.disposal(certificate()) == TYPESETTER.disposal(certificate())


def test_every_file_is_named_over_as_many_pages_as_it_takes() -> None:
    files = tuple(file(number) for number in range(1, 41))
    made = pages(TYPESETTER.disposal(certificate(*files)))
    assert len(made) > 3
    assert all(f"{number:064x}" in "".join(made) for number in range(1, 41))


def test_names_of_files_are_never_read_as_markup() -> None:
    name = "#panic() *粗* $x$ `raw` <a> @b.mp4"
    assert "".join(name.split()) in printed(TYPESETTER.disposal(certificate(file(filename=name))))


def test_what_cannot_be_printed_is_told() -> None:
    with pytest.raises(LetterFaulty, match=r"U\+202E"):
        TYPESETTER.disposal(certificate(reason="届满\u202e满届"))
