import ast
import sys
from pathlib import Path

import law

CALENDAR_LIBRARIES = {"chinese_calendar", "holidays"}
FOLDER = Path(law.__file__).parent


def _imported_by(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names)


def test_the_law_depends_on_nothing_of_the_project() -> None:
    """The law imports itself, value models, its file format; calendars and check digits at one place each."""
    for file in FOLDER.glob("*.py"):
        allowed = {"law", "pydantic", "yaml"}
        if file.name == "calendar_sources.py":
            allowed |= CALENDAR_LIBRARIES
        if file.name == "credit_codes.py":
            allowed.add("stdnum")
        assert _imported_by(file) <= allowed, file.name


def test_the_law_has_no_clock() -> None:
    """No judgement asks what time it is: every moment is handed in."""
    for file in FOLDER.glob("*.py"):
        calls = {
            node.attr
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Attribute)
        }
        assert not calls & {"now", "today", "utcnow", "time_ns", "monotonic"}, file.name
