"""CSV that a spreadsheet opens as what it is: known for UTF-8, and nothing in it run as a formula."""

import csv
import io
import re
from collections.abc import Sequence

# A spreadsheet takes such a cell for a formula; full width too, and what stands behind blanks.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
BOM = "\ufeff"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula."""
    return bool(_FORMULA.match(text))


def csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if is_formula(cell) else cell for cell in cells])
    return line.getvalue()
