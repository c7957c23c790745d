"""What a file is, by its bytes."""

import io
import tarfile

import pytest

from evidence.kinds import KindRefused, allowed, form_of, form_served_as
from law.vocabulary import EvidenceKind
from tests.evidence.builders import PNG, zipped

RECORDING, IMAGE, OFFICE, ARCHIVE = (
    EvidenceKind.RECORDING,
    EvidenceKind.IMAGE,
    EvidenceKind.OFFICE,
    EvidenceKind.ARCHIVE,
)


def tarred() -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("one"))
    return kept.getvalue()


@pytest.mark.parametrize(
    ("head", "kind", "media_type"),
    [
        (b"\x00\x00\x00\x20ftypisom", RECORDING, "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", RECORDING, "video/quicktime"),
        (b"\x1aE\xdf\xa3\x9fB\x82\x84webm", RECORDING, "video/webm"),
        (b"\x1aE\xdf\xa3\xa3B\x82\x88matroska", RECORDING, "video/x-matroska"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", RECORDING, "video/x-msvideo"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", IMAGE, "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", IMAGE, "image/heif"),
        (PNG, IMAGE, "image/png"),
        (b"\xff\xd8\xff\xe0", IMAGE, "image/jpeg"),
        (b"%PDF-1.7", EvidenceKind.PDF, "application/pdf"),
        (
            zipped("[Content_Types].xml", "word/document.xml"),
            OFFICE,
            form_of(zipped("_rels/.rels", "word/a")).media_type,
        ),
        (zipped("OFD.xml", "Doc_0/Document.xml"), OFFICE, "application/ofd"),
        (zipped("xl/", "one.txt"), ARCHIVE, "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE, "application/x-ole-storage"),
        (b"7z\xbc\xaf\x27\x1c", ARCHIVE, "application/x-7z-compressed"),
        (tarred(), ARCHIVE, "application/x-tar"),
    ],
)
def test_a_file_is_what_its_bytes_are(head: bytes, kind: EvidenceKind, media_type: str) -> None:
    form = form_of(head)
    assert (form.kind, form.media_type) == (kind, media_type)
    assert form_served_as(media_type).kind is kind


@pytest.mark.parametrize(
    "head",
    [b"", b"MZ\x90", b"\x7fELF", b"<html>", b"<svg xmlns=", b"#!/bin/sh", b"a text", b"RIFF\0\0\0\0CDXA"],
)
def test_what_runs_or_is_a_page_is_refused(head: bytes) -> None:
    with pytest.raises(KindRefused):
        form_of(head)


@pytest.mark.parametrize("kind", EvidenceKind)
def test_people_are_told_the_list(kind: EvidenceKind) -> None:
    told = allowed(kind)
    assert told
    assert "、、" not in told
