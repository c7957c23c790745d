"""The tour of README.md and README.zh-CN.md: the same commands, and what their remarks promise is printed."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.embedded.home import resolve
from local.scenarios.courses import COURSES
from local.scenarios.demo import on_stage
from local.scenarios.player import play
from settings import Settings
from tests.local.running import Running, a_stack

ROOT = Path(__file__).parent.parent.parent
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
FURTHER = [ROOT / "docs" / name for name in ("certificates.md", "outages.md", "post.md")]
PAGES = [*sorted(ROOT.glob("*.md")), ROOT / "bench" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REMARK = re.compile(r"\s+# ")
PROMISED = re.compile(r"“(.*?)”")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
# Stands between the outputs of the commands; no program prints it.
MARK = "\x1e"


@dataclass(frozen=True)
class Line:
    """A command of a page, and the words in quotes of its remark."""

    command: str
    promised: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """1 for a refused step, a part that has ended, a certificate that does not hold."""
        return int(not {"不予受理", "已退出", "不成立"}.isdisjoint(self.promised))


def lines(page: Path) -> list[Line]:
    found = []
    for block in BLOCK.findall(page.read_text("utf-8")):
        for line in block.splitlines():
            command, *remark = REMARK.split(line, maxsplit=1)
            found.append(Line(command, tuple(PROMISED.findall("".join(remark)))))
    return found


def tour(page: Path) -> list[Line]:
    """The commands beside a running ``make up``: from the path to ``choujian`` on, without Compose's."""
    every = lines(page)
    first = next(number for number, line in enumerate(every) if line.command.startswith("export PATH="))
    return [line for line in every[first:] if not line.command.startswith(("docker ", "cp "))]


def type_in(typed: list[Line], running: Running, folder: Path) -> None:
    """Type the commands into one shell; each must print what its remark promises."""
    script = "\n".join(f"{line.command}\nprintf '{MARK}%s{MARK}' $?" for line in typed)
    # ``choujian`` is found also where the tests' Python is not in .venv; and no word is broken.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=running.environment | {"PATH": path, "COLUMNS": "200", "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    *printed, rest = done.stdout.split(MARK)
    assert (len(printed), rest) == (2 * len(typed), ""), done.stdout
    for line, said, exit_code in zip(typed, printed[::2], printed[1::2], strict=True):
        seen = f"{line.command}\nprinted, with exit code {exit_code}:\n{said}"
        assert all(words in said for words in line.promised), seen
        assert int(exit_code) == line.exit_code, seen


def test_both_tours_are_the_same() -> None:
    """The same commands in the same order, and the same words promised."""
    assert lines(ENGLISH) == lines(CHINESE)
    assert sum(bool(line.promised) for line in tour(ENGLISH)) > 10


@pytest.mark.faults
async def test_the_tour_can_be_played_twice_in_a_year(tmp_path: Path) -> None:
    """From each README once, and on to the pages about certificates, outages and the post.

    Then every part runs, also the worker that was killed, and a course of the demonstration plays.
    """
    with a_stack() as running:
        type_in([*tour(ENGLISH), *(line for page in FURTHER for line in lines(page))], running, tmp_path)
        type_in(tour(CHINESE), running, tmp_path)
        type_in([Line("choujian status", ())], running, tmp_path)
        async with on_stage(resolve(Settings(home=running.home))) as stage:
            await play(stage, await stage.open(), COURSES[0], lambda _: None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert not missing
