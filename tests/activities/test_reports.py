"""Delivery reports of whatever shape: read, or kept for a person with what he needs to see."""

from pathlib import Path

import pytest

from activities.reports import Action, Fate, read_head, read_report
from tests.activities.imap import report

CASES = Path(__file__).parent.parent / "files" / "bounces"
LETTER = "CJ2026-000002-result_notice-seller-1"


@pytest.mark.parametrize("name", ["global", "base64-status", "in-multipart-mixed"])
def test_reports_of_other_shapes_are_read(name: str) -> None:
    """With addresses beyond ASCII, wrapped for their way, within a message of a scanner."""
    found = read_report((CASES / f"{name}.eml").read_bytes())
    assert found is not None
    assert found.letter_ids == (LETTER,)
    assert found.fates == (Fate("seller@example.com", Action.FAILED, "550 5.1.1 user unknown"),)


@pytest.mark.parametrize("name", ["postfix-failed", "postfix-delivered", "exchange-failed"])
@pytest.mark.parametrize("kind", [b"message/delivery-status", b"MESSAGE/Global-Delivery-Status"])
def test_the_usual_reports_are_read_as_ever(name: str, kind: bytes) -> None:
    """Whatever name their status goes by."""
    raw = report(name, LETTER)
    found = read_report(raw.replace(b"message/delivery-status", kind))
    assert found is not None
    assert found == read_report(raw)
    assert LETTER in found.letter_ids


def test_two_reports_in_one_message_are_for_a_person() -> None:
    """Which of the letters failed is not guessed."""
    once = (CASES / "in-multipart-mixed.eml").read_bytes().replace(b"\r\n", b"\n")
    part = once[once.index(b"--M\n") : once.index(b"--M\nContent-Type: text/plain")]
    assert read_report(once.replace(part, part + part)) is None


def test_a_report_within_a_letter_that_somebody_forwards_is_for_a_person() -> None:
    """It is his word, not a server's."""
    inner = (CASES / "global.eml").read_bytes()
    forwarded = (
        b'Content-Type: multipart/mixed; boundary="F"\n\n--F\nContent-Type: message/rfc822\n\n' + inner
    )
    assert read_report(forwarded + b"\n--F--\n") is None


def test_a_person_sees_what_a_mail_is_about() -> None:
    """Sender, subject and the beginning of its text, decoded; cut, for anybody can send one."""
    head = read_head(report("qq-plain", LETTER))
    assert head.sender
    assert head.subject
    assert head.excerpt
    long = "发件人".encode("gb18030") * 900_000
    head = read_head(b"From: a@b\nSubject: " + long + b"\n\n" + long)
    assert (len(head.subject), len(head.excerpt)) == (300, 2000)
    assert head.excerpt.startswith("发件人")


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff garbage", b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * 9000,
            b"Content-Type: text/plain; charset=none\nContent-Transfer-Encoding: base64\n\n!!!"],
)  # fmt: skip
def test_no_mail_is_too_faulty_to_be_shown(raw: bytes) -> None:
    """The same mail has the same digest, so that it is shown once."""
    assert read_head(raw) == read_head(raw)
    assert read_report(raw) is None
