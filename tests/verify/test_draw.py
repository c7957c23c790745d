"""The draw as anybody repeats it: one file, the published list, a Python; and the same as ours."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law.draw import Candidate, DrawRefused
from law.draw import drawn as ours
from tests.law.test_draw import IN_ORDER, LIST, SEED
from verify import draw as theirs

ROOT = Path(__file__).parent.parent.parent
PUBLISHED = "id,weight\na,1\nb,2\nc,3\n甲-01,1\n"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The file by itself, in a folder of its own, with Python's standard library alone."""
    shutil.copy(ROOT / "verify" / "draw.py", folder)
    command = [sys.executable, "-I", "-S", "draw.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_drawn_are_printed_one_a_line_in_order(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "list.csv").write_text(PUBLISHED, encoding)
    done = run(tmp_path, "list.csv", SEED, "3")
    assert (done.returncode, done.stdout, done.stderr) == (0, "甲-01\nc\na\n", "")


def test_other_columns_and_line_ends_change_nothing(tmp_path: Path) -> None:
    content = "name,weight,id\r\n甲店,1,a\r\n\r\n乙店,2,b\r\n丙店, 3 ,c\r\n丁店,1,甲-01\r\n"
    (tmp_path / "list.csv").write_bytes(content.encode())
    assert run(tmp_path, "list.csv", SEED, "4").stdout.split() == list(IN_ORDER)


@pytest.mark.parametrize(
    ("content", "seed", "number", "said"),
    [
        ("id,weight\na,0\n", SEED, "1", "第2行的权重“0”不是正整数"),
        ("id,weight\na,1.5\n", SEED, "1", "权重“1.5”"),
        ("id,weight\na,１\n", SEED, "1", "权重“１”"),
        ("id,weight\na\n", SEED, "1", "权重“”"),
        ("id,weight\na,9999999\nb,9999999\n", SEED, "1", "权重合计"),
        ("id,weight\na,1\na,2\n", SEED, "1", "“a”重复"),
        ("id,weight\n ,1\n", SEED, "1", "第2行的编号"),
        ("id,weight\na,1\n", SEED, "2", "大于候选名单的1个"),
        ("id,weight\n", SEED, "1", "大于候选名单的0个"),
        ("id,weight\na,1\n", SEED, "0", "数量“0”不是正整数"),
        ("id,weight\na,1\n", SEED, "一", "数量“一”"),
        ("id,weight\na,1\n", "", "1", "种子"),
        ("名称,weight\na,1\n", SEED, "1", "id、weight 两列"),
        ("", SEED, "1", "id、weight 两列"),
        ('id,weight\n"a,1\n', SEED, "1", "不是完整的 CSV"),
    ],
)
def test_what_is_unclear_is_refused_in_words(
    tmp_path: Path, content: str, seed: str, number: str, said: str
) -> None:
    (tmp_path / "list.csv").write_text(content, "utf-8")
    done = run(tmp_path, "list.csv", seed, number)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.endswith("。\n")


def test_what_is_no_list_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes("id,weight\n甲,1\n".encode("gb18030"))
    for arguments, said in (
        (("list.csv", SEED, "1"), "不是 UTF-8"),
        (("none.csv", SEED, "1"), "读不到文件"),
        (("list.csv", SEED), "用法"),
    ):
        done = run(tmp_path, *arguments)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr


@given(
    st.lists(st.tuples(st.text(max_size=4), st.integers(-1, 6)), max_size=12),
    st.text(max_size=6),
    st.integers(0, 13),
)
def test_both_judge_alike(rows: list[tuple[str, int]], seed: str, number: int) -> None:
    """They draw the same, or both refuse."""
    try:
        expected = list(ours([Candidate(id=id_, weight=weight) for id_, weight in rows], seed, number))
    except DrawRefused:
        expected = None
    try:
        if number < 1 or not theirs.is_one_line(seed):
            raise theirs.NotDrawn
        checked = theirs.checked([(line, id_, str(weight)) for line, (id_, weight) in enumerate(rows, 2)])
        assert theirs.drawn(checked, seed, number) == expected
    except theirs.NotDrawn:
        assert expected is None


@given(
    st.dictionaries(st.text("甲乙ab,\"' -1", min_size=1, max_size=5).map(str.strip), st.integers(1, 6)),
    st.text("甲a1 ", min_size=1, max_size=6),
)
def test_a_list_written_as_csv_is_drawn_from_alike(
    tmp_path_factory: pytest.TempPathFactory, weights: dict[str, int], seed: str
) -> None:
    """Whatever has to be quoted in it."""
    weights.pop("", None)
    path = tmp_path_factory.mktemp("draw") / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "weight"), *weights.items()])
    if weights:
        expected = ours([Candidate(id=one, weight=weight) for one, weight in weights.items()], seed, 1)
        assert theirs.drawn(theirs.candidates_of(str(path)), seed, 1) == list(expected)
    assert theirs.drawn([(one.id, one.weight) for one in LIST], SEED, 4) == list(IN_ORDER)
