"""What a file is, by its first bytes: the kinds of file that evidence may be, and no other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from law.vocabulary import EvidenceKind


class KindRefused(Exception):
    """The bytes are none of the kinds that evidence may be."""


@dataclass(frozen=True)
class FileForm:
    """A form of file, by what it is served as; ``title`` as it stands on the list people are shown."""

    kind: EvidenceKind
    media_type: str
    title: str


_OFFICE = "application/vnd.openxmlformats-officedocument"
_ISO_IMAGES = (b"heic", b"heix", b"mif1", b"avif")
_ISO_SOUND = (b"M4A ", b"M4B ")

_MP4 = FileForm(EvidenceKind.RECORDING, "video/mp4", "MP4")
_MOV = FileForm(EvidenceKind.RECORDING, "video/quicktime", "MOV")
_M4A = FileForm(EvidenceKind.RECORDING, "audio/mp4", "M4A")
_WEBM = FileForm(EvidenceKind.RECORDING, "video/webm", "WebM")
_MKV = FileForm(EvidenceKind.RECORDING, "video/x-matroska", "MKV")
_AVI = FileForm(EvidenceKind.RECORDING, "video/x-msvideo", "AVI")
_WAV = FileForm(EvidenceKind.RECORDING, "audio/wav", "WAV")
_HEIF = FileForm(EvidenceKind.IMAGE, "image/heif", "HEIF")
_WEBP = FileForm(EvidenceKind.IMAGE, "image/webp", "WebP")
_DOCX = FileForm(EvidenceKind.OFFICE, f"{_OFFICE}.wordprocessingml.document", "DOCX")
_XLSX = FileForm(EvidenceKind.OFFICE, f"{_OFFICE}.spreadsheetml.sheet", "XLSX")
_PPTX = FileForm(EvidenceKind.OFFICE, f"{_OFFICE}.presentationml.presentation", "PPTX")
_OFD = FileForm(EvidenceKind.OFFICE, "application/ofd", "OFD")
_ODF = FileForm(EvidenceKind.OFFICE, "application/vnd.oasis.opendocument", "ODF")
_ZIP = FileForm(EvidenceKind.ARCHIVE, "application/zip", "ZIP")
_OLE = FileForm(EvidenceKind.OFFICE, "application/x-ole-storage", "DOC、XLS、PPT、WPS")
_TAR = FileForm(EvidenceKind.ARCHIVE, "application/x-tar", "TAR")


def _iso_media(head: bytes) -> FileForm:
    brand = head[8:12]
    if brand in _ISO_IMAGES:
        return _HEIF
    if brand in _ISO_SOUND:
        return _M4A
    return _MOV if brand == b"qt  " else _MP4


def _riff(head: bytes) -> FileForm | None:
    return {b"AVI ": _AVI, b"WAVE": _WAV, b"WEBP": _WEBP}.get(head[8:12])


def _matroska(head: bytes) -> FileForm:
    return _WEBM if b"webm" in head[:64] else _MKV


def _zipped(head: bytes) -> FileForm:
    """What is in the archive, by the names of its first members."""
    names = list(_members(head))
    if names[:1] == [b"mimetype"] and b"application/vnd.oasis.opendocument" in head[:100]:
        return _ODF
    if b"[Content_Types].xml" in names or b"_rels/.rels" in names:
        parts = {b"word": _DOCX, b"xl": _XLSX, b"ppt": _PPTX}
        return next((parts[part] for name in names if (part := name.partition(b"/")[0]) in parts), _ZIP)
    return _OFD if b"OFD.xml" in names else _ZIP


def _members(head: bytes) -> Iterator[bytes]:
    at = 0
    while (at := head.find(b"PK\x03\x04", at)) >= 0:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        yield head[at + 30 : at + 30 + length]
        at += 4


# Where the mark stands, the mark, and the form or what looks on from there.
_MARKS: tuple[tuple[int, bytes, FileForm | Callable[[bytes], FileForm | None]], ...] = (
    (4, b"ftyp", _iso_media),
    (0, b"\x1aE\xdf\xa3", _matroska),
    (0, b"RIFF", _riff),
    (0, b"FLV\x01", FileForm(EvidenceKind.RECORDING, "video/x-flv", "FLV")),
    (0, b"0&\xb2u\x8ef\xcf\x11", FileForm(EvidenceKind.RECORDING, "video/x-ms-wmv", "WMV")),
    (0, b"\x00\x00\x01\xba", FileForm(EvidenceKind.RECORDING, "video/mpeg", "MPEG")),
    (0, b"ID3", FileForm(EvidenceKind.RECORDING, "audio/mpeg", "MP3")),
    (0, b"#!AMR", FileForm(EvidenceKind.RECORDING, "audio/amr", "AMR")),
    (0, b"OggS", FileForm(EvidenceKind.RECORDING, "audio/ogg", "OGG")),
    (0, b"\xff\xd8\xff", FileForm(EvidenceKind.IMAGE, "image/jpeg", "JPEG")),
    (0, b"\x89PNG\r\n\x1a\n", FileForm(EvidenceKind.IMAGE, "image/png", "PNG")),
    (0, b"GIF8", FileForm(EvidenceKind.IMAGE, "image/gif", "GIF")),
    (0, b"II*\x00", FileForm(EvidenceKind.IMAGE, "image/tiff", "TIFF")),
    (0, b"MM\x00*", FileForm(EvidenceKind.IMAGE, "image/tiff", "TIFF")),
    (0, b"%PDF-", FileForm(EvidenceKind.PDF, "application/pdf", "PDF")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (0, b"PK\x03\x04", _zipped),
    (0, b"Rar!\x1a\x07", FileForm(EvidenceKind.ARCHIVE, "application/vnd.rar", "RAR")),
    (0, b"7z\xbc\xaf\x27\x1c", FileForm(EvidenceKind.ARCHIVE, "application/x-7z-compressed", "7Z")),
    (0, b"\x1f\x8b\x08", FileForm(EvidenceKind.ARCHIVE, "application/gzip", "GZ")),
    (257, b"ustar", _TAR),
)
_FOUND_WITHIN = (
    *(_MP4, _MOV, _M4A, _WEBM, _MKV, _AVI, _WAV, _HEIF, _WEBP, _DOCX, _XLSX, _PPTX, _OFD, _ODF, _ZIP),
    *(form for _, _, form in _MARKS if isinstance(form, FileForm)),
)


def form_of(head: bytes) -> FileForm:
    """The form of a file that begins so; its first 64 KiB are enough. Raises ``KindRefused``."""
    for at, mark, found in _MARKS:
        if head[at : at + len(mark)] == mark:
            form = found if isinstance(found, FileForm) else found(head)
            if form is not None:
                return form
    raise KindRefused


def allowed(kind: EvidenceKind) -> str:
    """The forms of a kind, as people are told them."""
    return "、".join(dict.fromkeys(form.title for form in _FOUND_WITHIN if form.kind is kind))


def form_served_as(media_type: str) -> FileForm:
    """The form that was found earlier."""
    return next(form for form in _FOUND_WITHIN if form.media_type == media_type)
