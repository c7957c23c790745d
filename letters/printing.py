"""Letters for one print run: one file, in which each begins on the front of a sheet."""

from collections.abc import Iterable
from contextlib import ExitStack
from io import BytesIO

from pikepdf import Pdf

_A4 = (595, 842)


def print_run(letters: Iterable[bytes]) -> bytes:
    """The letters one after the other, for printing on both sides: none begins on the back of another."""
    merged = Pdf.new()
    # Their pages are read when the whole is written, so until then they stay open.
    with ExitStack() as stack:
        for letter in letters:
            if len(merged.pages) % 2:
                merged.add_blank_page(page_size=_A4)
            merged.pages.extend(stack.enter_context(Pdf.open(BytesIO(letter))).pages)
        whole = BytesIO()
        merged.save(whole)
    return whole.getvalue()
