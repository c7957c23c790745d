"""House rules as small checks of the syntax tree: where imports go, where time comes in, what has a title."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from messages.steps import STEPS, StepName
from workflows.procedure.deciding import COURSE

ROOT = Path(__file__).parent.parent
# Who may import whom; below a name means the name and everything in it. ``local`` comes last.
_EDGES = {"law", "messages", "store", "settings", "signing", "temporal"}
MAY_IMPORT: dict[str, set[str]] = {
    "law": set(),
    "settings": set(),
    "messages": {"law"},
    "workflows.procedure": {"law", "messages"},
    "workflows": {"law", "messages", "temporal.attributes", "temporal.payloads"},
    "store": {"law", "messages"},
    "proof": {"law", "messages", "signing", "store"},
    "letters": {"law", "messages"},
    "lists": {"law", "messages", "settings"},
    "temporal": {"law", "messages", "settings"},
    "health": {"law", "messages", "settings", "store", "temporal"},
    "signalling": {"law", "messages", "store", "temporal"},
    "judging": {"law", "messages", "workflows"},
    "evidence": {"law", "messages", "settings", "signing", "store"},
    "activities": _EDGES | {"evidence", "judging", "letters", "signalling"},
    "api": _EDGES | {"evidence", "health", "judging", "letters", "lists", "proof", "signalling"},
    "worker": _EDGES | {"activities", "evidence", "letters", "workflows"},
    "verify": set(),
    "signing": set(),
    "local": _EDGES | {"evidence", "proof", "api", "worker", "verify", "health", "judging"},
}
ROOMS = {part for part in MAY_IMPORT if "." not in part}
OURS = {*ROOMS, "bench", "deploy", "tests"}
# What the inner parts know of the world beside the standard library.
MAY_KNOW: dict[str, set[str]] = {
    "law": {"pydantic", "yaml", "chinese_calendar", "holidays", "stdnum"},
    "messages": {"pydantic", "pydantic_core"},
    "lists": {"openpyxl", "pydantic", "yaml"},
    "proof": {"pydantic"},
    "evidence": {"cryptography", "obstore", "sqlalchemy"},
    "signing": {"cryptography"},
    "workflows.procedure": {"pydantic"},
    "workflows": {"pydantic", "temporalio"},
}
CALENDAR_LIBRARIES = {"chinese_calendar", "holidays"}
TIMERS = re.compile(
    r"temporalio\.workflow\.sleep|asyncio\.(sleep|wait_for|timeout|timeout_at)|.*\.call_(later|at)"
)
# With a time limit these are timers too; without one they wait for facts.
WAITS = {"temporalio.workflow.wait_condition", "temporalio.workflow.wait", "asyncio.wait"}
# Not Temporal's own ``workflow.now`` and ``workflow.uuid4``, which answer the same in a replay.
CLOCKS_AND_CHANCE = re.compile(
    r"datetime\.datetime\.(now|today|utcnow)|datetime\.date\.today|time\..+|uuid\.uuid[14]|random\..+|secrets\..+"
    r"|os\.urandom"
)
LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION = 350, 400, 50
# One file, so that it can be handed to somebody who has nothing else of ours.
LONGER = {"verify/certificate.py": 1000}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def files(*parts: str) -> list[Path]:
    """The Python files of these packages or top-level modules, migrations and tests only where named."""
    found: list[Path] = []
    for part in parts:
        folder = ROOT / part.replace(".", "/")
        found += sorted(folder.rglob("*.py")) if folder.is_dir() else []
        found += [folder.with_suffix(".py")] if folder.with_suffix(".py").is_file() else []
    return found


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imports(module: ast.Module) -> Iterator[str]:
    """Everything imported, dotted, wherever in the file; ``from a import b`` is ``a.b``."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def calls(module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call with its whole name, whatever it was imported as: ``asyncio.sleep``, ``?.call_later``."""
    known: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            known |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            first, _, rest = dotted(node.func).partition(".")
            yield ".".join(filter(None, (known.get(first, first), rest))), node


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


def timers(module: ast.Module) -> list[str]:
    """Calls by which workflow code would wake up because of time."""
    return [
        name
        for name, call in calls(module)
        if TIMERS.fullmatch(name)
        or (name in WAITS and (len(call.args) > 1 or any(of.arg == "timeout" for of in call.keywords)))
    ]


def clocks_and_chance(module: ast.Module) -> list[str]:
    """Calls that answer something else in a replay."""
    return [name for name, _ in calls(module) if CLOCKS_AND_CHANCE.fullmatch(name)]


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_go_one_way(part: str) -> None:
    """law ← messages ← workflows, activities, store, api; see MAY_IMPORT for the rest."""
    allowed = MAY_IMPORT[part] | {part}
    seen = files(part)
    assert seen, part
    wrong = {
        f"{name_of(file)} imports {name}"
        for file in seen
        for name in imports(tree(file))
        if name.split(".")[0] in OURS and not within(name, allowed)
    }
    assert not wrong, (
        f"{part} may import only {sorted(allowed)}; move what is shared towards the law: {wrong}"
    )


@pytest.mark.parametrize("part", MAY_KNOW)
def test_the_inner_parts_know_little_of_the_world(part: str) -> None:
    """No database, no web, no mail where it is decided what is right, nor where a list is read."""
    allowed = MAY_KNOW[part] | OURS | set(sys.stdlib_module_names)
    wrong = {
        f"{name_of(file)} imports {name}"
        for file in files(part)
        for name in imports(tree(file))
        if name.split(".")[0] not in allowed
    }
    assert not wrong, wrong


def test_calendar_libraries_come_in_at_one_place() -> None:
    """Their data change between releases: only law/calendar_sources.py knows them, no workflow knows it."""
    wrong = {
        name_of(file)
        for file in files(*ROOMS)
        for name in imports(tree(file))
        if within(name, CALENDAR_LIBRARIES) and name_of(file) != "law/calendar_sources.py"
    }
    assert not wrong, f"deadlines are counted from a WorkCalendar that the batch was given: {wrong}"
    reached = _reached_from("workflows")
    assert "law/calendar_sources.py" not in reached, "a workflow reaches the calendar libraries"
    assert "law/counting.py" in reached, "the check sees what workflows reach"


def _reached_from(part: str) -> set[str]:
    """The files that importing a part loads, through whatever it imports of ours."""
    reached: set[str] = set()
    to_read = files(part)
    while to_read:
        file = to_read.pop()
        if name_of(file) in reached:
            continue
        reached.add(name_of(file))
        for name in imports(tree(file)):
            path = ROOT.joinpath(*name.split("."))
            for found in (path.with_suffix(".py"), path.parent.with_suffix(".py"), path / "__init__.py"):
                if name.split(".")[0] in OURS and found.is_file():
                    to_read.append(found)
    return reached


def test_the_verifier_stands_alone() -> None:
    """Who doubts us checks a certificate with nothing of ours but one file; only the command calls it."""
    known = {name.split(".")[0] for file in files("verify") for name in imports(tree(file))}
    assert known <= set(sys.stdlib_module_names)
    callers = {
        name_of(file)
        for file in files(*(set(MAY_IMPORT) - {"verify"}))
        if any(within(name, {"verify"}) for name in imports(tree(file)))
    }
    assert callers == {"local/commands/cli.py"}


def test_only_waiting_has_timers() -> None:
    """Silence is decided by facts, so there is one place where time may wake a batch.

    The watch over the evidence of a closed one decides nothing either: it looks, and tells.
    """
    may_wake = ("workflows/batch/effects.py", "workflows/retention.py")
    wrong = {
        f"{name_of(file)}: {name}"
        for file in files("workflows")
        if name_of(file) not in may_wake
        for name in timers(tree(file))
    }
    assert not wrong, f"open a wait on the case and let workflows/batch/clock.py keep its time: {wrong}"
    for file in may_wake:
        assert timers(tree(ROOT / file)) == ["temporalio.workflow.sleep"]
    sleeping = {
        name_of(file)
        for file in files("workflows")
        for name, _ in calls(tree(file))
        if name.endswith("_world.sleep")
    }
    assert sleeping == {"workflows/batch/clock.py"}


def test_law_workflows_and_proof_have_no_clock_and_no_chance_of_their_own() -> None:
    """Every moment is handed in, or is Temporal's; otherwise another reading comes to something else."""
    wrong = {
        f"{name_of(file)}: {name}"
        for file in files("law", "messages", "workflows", "proof")
        for name in clocks_and_chance(tree(file))
    }
    assert not wrong, f"use workflow.now(), workflow.uuid4(), or take the moment as an argument: {wrong}"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from temporalio import workflow\nworkflow.sleep(3)", ["temporalio.workflow.sleep"]),
        ("from temporalio.workflow import sleep as nap\nnap(3)", ["temporalio.workflow.sleep"]),
        ("import asyncio\nasyncio.sleep(3)", ["asyncio.sleep"]),
        ("import asyncio as a\na.wait_for(x, 3)", ["asyncio.wait_for"]),
        ("import asyncio\nasyncio.timeout(3)", ["asyncio.timeout"]),
        ("import asyncio\nasyncio.get_event_loop().call_later(3, f)", ["?.call_later"]),
        ("import asyncio\nasyncio.wait(tasks, timeout=3)", ["asyncio.wait"]),
        (
            "from temporalio import workflow\nworkflow.wait_condition(f, timeout=t)",
            ["temporalio.workflow.wait_condition"],
        ),
        ("from temporalio import workflow\nworkflow.wait_condition(f)", []),
        ("import asyncio\nasyncio.wait(tasks)", []),
    ],
)
def test_a_timer_is_seen(code: str, found: list[str]) -> None:
    """The check itself: every way to wait for time, and none to wait for facts."""
    assert timers(ast.parse(code)) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from datetime import datetime\ndatetime.now(UTC)", ["datetime.datetime.now"]),
        ("import datetime as d\nd.datetime.utcnow()", ["datetime.datetime.utcnow"]),
        ("from datetime import date\ndate.today()", ["datetime.date.today"]),
        ("import time\ntime.time()", ["time.time"]),
        ("from time import monotonic\nmonotonic()", ["time.monotonic"]),
        ("from uuid import uuid4\nuuid4()", ["uuid.uuid4"]),
        ("import random\nrandom.random()", ["random.random"]),
        ("from temporalio import workflow\nworkflow.now()\nworkflow.uuid4()\nworkflow.random().random()", []),
        ("from datetime import time\ntime(12)", []),
    ],
)
def test_a_clock_is_seen(code: str, found: list[str]) -> None:
    """The check itself: the usual clocks and dice, but not Temporal's."""
    assert clocks_and_chance(ast.parse(code)) == found


def test_files_can_be_read_at_one_sitting() -> None:
    """No file above 350 lines, no test above 400."""
    for longest, parts in ((LONGEST_FILE, OURS - {"tests"}), (LONGEST_TEST_FILE, {"tests"})):
        lengths = {name_of(file): len(file.read_text("utf-8").splitlines()) for file in files(*parts)}
        longer = {name: n for name, n in lengths.items() if n > LONGER.get(name, longest)}
        assert not longer


def test_functions_can_be_seen_whole() -> None:
    """None of the product above 50 lines."""
    longer = {
        f"{name_of(file)}: {node.name}"
        for file in files(*ROOMS)
        if name_of(file) not in LONGER
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }
    assert not longer


def test_a_class_name_means_one_thing() -> None:
    """In all of the product, so that a name can be looked for."""
    where: dict[str, list[str]] = {}
    for file in files(*ROOMS):
        for node in tree(file).body:
            if isinstance(node, ast.ClassDef):
                where.setdefault(node.name, []).append(name_of(file))
    assert not {name: found for name, found in where.items() if len(found) > 1}


def test_a_connection_that_temporal_closes_fails_no_call() -> None:
    """It closes each after some minutes: a call on its way is cancelled, and made again only where we ask."""
    raw = {
        f"{name_of(file)}:{call.lineno}": {of.arg for of in call.keywords}
        for file in files(*(set(MAY_IMPORT) - {"verify"}))
        for name, call in calls(tree(file))
        if re.search(r"_service\.|\.check_health$", name)
    }
    assert raw
    assert not [where for where, said in raw.items() if "retry" not in said]


def test_the_time_skipping_flag_is_named_once() -> None:
    """It is experimental and will be renamed: then one line changes."""
    flag = "WorkflowTime" + "SkippingEnabled"
    suffixes = {".py", ".toml", ".yml", ".yaml", ".sh", ".md", ".json"}
    everything = [
        file
        for part in (*sorted(OURS), "docs", ".ci")
        for file in ([ROOT / f"{part}.py"] if (ROOT / f"{part}.py").is_file() else (ROOT / part).rglob("*"))
        if file.is_file() and (file.suffix in suffixes or not file.suffix)
    ]
    everything += [file for file in ROOT.iterdir() if file.is_file() and file.suffix in suffixes]
    everything += [ROOT / "Makefile", ROOT / "Dockerfile"]
    naming = {name_of(file) for file in everything if flag in file.read_text("utf-8", errors="replace")}
    assert naming == {"local/embedded/temporal.py"}


@pytest.mark.parametrize("name", StepName)
def test_every_step_is_whole(name: StepName) -> None:
    """A model with Chinese titles, a citation, roles and an example; and a place in the course."""
    model = STEPS[name]
    assert name in COURSE, "workflows/procedure/deciding.py says in which phases a step may be done"
    assert CHINESE.search(model.TITLE)
    assert model.RESTS_ON
    assert model.ROLES
    schema = model.model_json_schema()
    assert model.model_validate(schema["example"])
    untitled = {
        field for field, of in schema.get("properties", {}).items() if not CHINESE.search(of.get("title", ""))
    }
    assert not untitled, f"fields are shown to people by their Chinese title: {untitled}"


def test_steps_are_told_apart() -> None:
    """One model and one title for each name, and nothing in the course beside them."""
    assert set(STEPS) == set(COURSE) == set(StepName)
    assert len({model.TITLE for model in STEPS.values()}) == len(STEPS)


def test_every_public_module_says_what_it_is_for() -> None:
    """A docstring at the head of each, so that a stranger finds the place."""
    silent = {
        name_of(file)
        for file in files(*ROOMS, "deploy", "bench")
        if (module := tree(file)).body and ast.get_docstring(module) is None
    }
    assert not silent


def test_modules_and_packages_are_known_here() -> None:
    """A new package or top-level module gets its place in MAY_IMPORT, in the wheel and in mypy."""
    found = {path.parent.name for path in ROOT.glob("*/*.py")} | {path.stem for path in ROOT.glob("*.py")}
    found = {name for name in found if not name.startswith((".", "_"))}
    assert found <= OURS, f"give them their place: {found - OURS}"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shipped = {
        name.removesuffix(".py")
        for name in project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    }
    assert shipped == ROOMS
    checked = project["tool"]["mypy"]
    assert set(checked["packages"]) | set(checked["modules"]) >= ROOMS
