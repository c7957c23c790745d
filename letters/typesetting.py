"""``typst`` at work: templates and fonts that come with the install, and nothing of the host's."""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

from law.calendar import day_in_shanghai
from letters import disposals, planning
from letters.characters import ALWAYS
from letters.labels import LabelSheet
from letters.words import plain, titled
from messages.approvals import Matter
from messages.disposal import DisposalCertificate
from messages.letter import LetterFacts, LetterFaulty
from messages.planning import PlanningLetter
from messages.text import texts_in

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates"
_FONTS = _HERE / "fonts"
_DISPOSAL = _TEMPLATES / "disposal.typ"
_PLANNING = _TEMPLATES / "planning.typ"
_COMMISSION = _TEMPLATES / "commission.typ"
_NOT_PRINTABLE = re.compile(r"the text `\"(?P<text>.*)\"` could not be displayed", re.DOTALL)
# Characters of a letter that need not be tried for its length.
_SHORT = 20_000
_QUOTED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
# Control and formatting characters that would be swallowed, or turn a line round, instead of being printed.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffd]")


def verification_url(public_url: str, secret: str) -> str:
    """Where whoever holds a letter is told whether it is ours."""
    return f"{public_url.rstrip('/')}/verify/{secret}"


class Typesetter:
    """Makes letters, one at a time; the fonts are read with the first."""

    def __init__(self, public_url: str, more_fonts: Path | None = None) -> None:
        """``public_url``: where the public reaches the API; ``more_fonts``: a folder for rarer characters."""
        self._public_url = public_url
        self._more_fonts = more_fonts
        self._lock = Lock()

    def typeset(self, letter: LetterFacts) -> bytes:
        """The letter as PDF/A-2u; the same bytes for the same facts. Raises ``LetterFaulty``."""
        pdf = self._compiled(letter, "pdf")
        assert isinstance(pdf, bytes)
        return pdf

    def fault(self, letter: LetterFacts) -> str | None:
        """Why no letter can be made of these facts, in Chinese; None where one can.

        It is tried, unless it is short and says nothing but what can always be printed.
        """
        told = list(texts_in(letter.model_dump(mode="json")))
        if sum(map(len, told)) <= _SHORT and ALWAYS.issuperset("".join(told)):
            return None
        try:
            self.typeset(letter)
        except LetterFaulty as fault:
            return fault.reason
        return None

    def pages(self, letter: LetterFacts) -> list[bytes]:
        """The pages as PNG, to be looked at."""
        pages = self._compiled(letter, "png")
        return [pages] if isinstance(pages, bytes) else list(pages)

    def labels(self, sheet: LabelSheet) -> bytes:
        """Address labels, ten to a page; what cannot be printed is named on a last page.

        Raises ``LetterFaulty``, which names a letter and the character, where nothing is left to print.
        """
        pdf = self._labels(sheet, "pdf")
        assert isinstance(pdf, bytes)
        return pdf

    def label_pages(self, sheet: LabelSheet) -> list[bytes]:
        """The pages as PNG, to be looked at."""
        pages = self._labels(sheet, "png")
        return [pages] if isinstance(pages, bytes) else list(pages)

    def disposal(self, certificate: DisposalCertificate) -> bytes:
        """The certificate of a disposal as PDF/A-2u; as :meth:`typeset`."""
        pdf = self._disposal(certificate)
        assert isinstance(pdf, bytes)
        return pdf

    def disposal_pages(self, certificate: DisposalCertificate) -> list[bytes]:
        """The pages as PNG, to be looked at."""
        pages = self._disposal(certificate, "png")
        return [pages] if isinstance(pages, bytes) else list(pages)

    def planning(self, letter: PlanningLetter) -> bytes:
        """An approved plan, scheme or commission as PDF/A-2u; as :meth:`typeset`."""
        template = _COMMISSION if letter.facts.matter is Matter.COMMISSION else _PLANNING
        pdf = self._proven(template, planning.said(letter), planning.proof(letter), letter.made_out_at)
        assert isinstance(pdf, bytes)
        return pdf

    def verification_url(self, letter: LetterFacts) -> str:
        return verification_url(self._public_url, letter.secret)

    @cached_property
    def version(self) -> str:
        """The digest of what decides the bytes beside the facts: compiler, templates, fonts, this package."""
        digest = hashlib.sha256(f"typst {version('typst')} segno {version('segno')}".encode())
        ours = [*_HERE.glob("*.py"), *_TEMPLATES.rglob("*.typ"), *_font_files(_FONTS)]
        theirs = _font_files(self._more_fonts) if self._more_fonts else []
        for file in (*sorted(ours), *sorted(theirs)):
            digest.update(file.name.encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    @cached_property
    def _compiler(self) -> typst.Compiler:
        return typst.Compiler(root=_TEMPLATES, font_paths=_fonts(_FONTS, self._more_fonts))

    @cached_property
    def _more_families(self) -> list[str]:
        return _fonts(self._more_fonts).families() if self._more_fonts else []

    def _compiled(self, letter: LetterFacts, what: Literal["pdf", "png"]) -> bytes | list[bytes]:
        template = _TEMPLATES / "kinds" / f"{letter.kind}.typ"
        if not template.is_file() or not letter.facts:
            template = _TEMPLATES / "kinds" / "generic.typ"
        try:
            return self._made(template, {"letter": self._inputs(letter)}, what, letter.created_at)
        except _NotPrintable as fault:
            raise _missing(letter.document_id, fault.characters) from fault
        except typst.TypstError as error:
            raise _not_typeset(letter.document_id, error) from error

    def _labels(self, sheet: LabelSheet, what: Literal["pdf", "png"]) -> bytes | list[bytes]:
        while True:
            facts = sheet.facts() | {"more_fonts": self._more_families}
            for label in facts["labels"]:
                label["qr"] = _qr(label["document_id"])
            try:
                return self._made(_TEMPLATES / "labels.typ", {"sheet": facts}, what, sheet.made_at)
            except _NotPrintable as fault:
                # All letters with these characters at once, so that few rounds see to many letters.
                rest = sheet.without(fault.characters, _code_points(fault.characters))
                if not rest.letters or rest.letters == sheet.letters:
                    raise _missing(sheet.letters[0].document_id, fault.characters) from fault
                sheet = rest
            except typst.TypstError as error:
                raise _not_typeset("", error) from error

    def _disposal(
        self, certificate: DisposalCertificate, what: Literal["pdf", "png"] = "pdf"
    ) -> bytes | list[bytes]:
        path = disposals.path_of(certificate.batch_no, certificate.seq, certificate.line_hash)
        said, url = disposals.said(certificate), f"{self._public_url.rstrip('/')}{path}"
        return self._proven(_DISPOSAL, said, url, certificate.approved_at, what)

    def _proven(
        self,
        template: Path,
        said: dict[str, Any],
        proof: str,
        moment: datetime,
        what: Literal["pdf", "png"] = "pdf",
    ) -> bytes | list[bytes]:
        """A paper with its proof as a QR code: where it is verified, or what. Raises ``LetterFaulty``."""
        day, number = day_in_shanghai(moment), str(said["number"])
        letter = said | {
            "day": [day.year, day.month, day.day],
            "url": proof,
            "qr": _qr(proof),
            "more_fonts": self._more_families,
        }
        try:
            return self._made(template, {"letter": letter}, what, moment)
        except _NotPrintable as fault:
            raise _missing(number, fault.characters) from fault
        except typst.TypstError as error:
            raise _not_typeset(number, error) from error

    def _made(
        self, template: Path, said: dict[str, Any], what: Literal["pdf", "png"], moment: datetime
    ) -> bytes | list[bytes]:
        """Facts are handed over as data: nothing in them is ever read as markup. Raises ``_NotPrintable``."""
        if found := [character for told in texts_in(said) for character in _INVISIBLE.findall(told)]:
            raise _NotPrintable("".join(found))
        with self._lock:
            try:
                made = self._compiler.compile(
                    input=template,
                    format=what,
                    ppi=90,
                    sys_inputs={name: json.dumps(facts, ensure_ascii=False) for name, facts in said.items()},
                    pdf_standards=["a-2u"] if what == "pdf" else [],
                    timestamp=int(moment.timestamp()),
                )
            except typst.TypstError as error:
                if not_printable := _NOT_PRINTABLE.search(error.message):
                    raise _NotPrintable(_unquoted(not_printable["text"])) from error
                raise
        assert made is not None
        return made

    def _inputs(self, letter: LetterFacts) -> dict[str, Any]:
        url = self.verification_url(letter)
        made_on = day_in_shanghai(letter.created_at)
        said: dict[str, Any] = plain(letter.model_dump(mode="json"))
        return said | {
            "kind": letter.kind,
            "day": [made_on.year, made_on.month, made_on.day],
            "rows": [
                [title, titled(letter.fields.get(name), name)] for name, title in letter.field_titles.items()
            ],
            "url": url,
            "qr": _qr(url),
            "more_fonts": self._more_families,
        }


class _NotPrintable(Exception):
    """Something that is said has no glyph, or would be swallowed."""

    def __init__(self, characters: str) -> None:
        super().__init__(characters)
        self.characters = characters


def _unquoted(text: str) -> str:
    """The compiler quotes what it cannot print as a string of its own language."""
    return _QUOTED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)


def _missing(document_id: str, characters: str) -> LetterFaulty:
    named = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in dict.fromkeys(characters))
    return LetterFaulty(document_id, f"字符{named}没有可用的字形", _code_points(characters))


def _not_typeset(document_id: str, error: typst.TypstError) -> LetterFaulty:
    return LetterFaulty(document_id, f"排版程序未能完成：{error.message}")


def _code_points(characters: str) -> str:
    return "、".join(f"U+{ord(c):04X}" for c in dict.fromkeys(characters))


def _font_files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.suffix.lower() in {".otf", ".ttf", ".ttc", ".otc"})


def _fonts(*folders: Path | None) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[folder for folder in folders if folder is not None],
    )


def _qr(content: str) -> str:
    drawn = io.BytesIO()
    segno.make_qr(content, error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, nl=False, border=0)
    return drawn.getvalue().decode()
