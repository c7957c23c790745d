"""The verifier as a judge's expert has it: one file, a certificate, a Python, and nothing else of ours."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
# Issued once and never edited: what was certified then holds for every verifier to come.
KEPT = sorted((Path(__file__).parent / "certificates").glob("*.json"))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The file by itself, in a folder of its own, with Python's standard library alone."""
    shutil.copy(ROOT / "verify" / "certificate.py", folder)
    command = [sys.executable, "-I", "-S", "-X", "utf8", "certificate.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("certificate", KEPT, ids=lambda path: path.stem)
def test_a_certificate_issued_once_holds_for_good(tmp_path: Path, certificate: Path) -> None:
    """成立, with a short account that ends in the conclusion; exit 0."""
    done = run(tmp_path, str(certificate))
    assert (done.returncode, done.stderr) == (0, "")
    told = [line.strip() for line in done.stdout.splitlines()]
    assert told[0] == "成立"
    assert [line.partition("：")[0] for line in told[1:]] == [
        "批次", "期限", "记录", "规则", "日历", "起算", "计算", "审查", "结论",
    ]  # fmt: skip


def test_certificates_of_several_kinds_are_kept() -> None:
    assert {path.stem.partition("@")[0] for path in KEPT} >= {"late", "stayed", "working_days"}


def test_one_that_does_not_hold_is_told_by_what_is_wrong_first(tmp_path: Path) -> None:
    """不成立, one sentence, exit 1."""
    certificate = json.loads(KEPT[0].read_text("utf-8"))
    certificate["decision"]["state"] = "waived"
    (tmp_path / "changed.json").write_text(json.dumps(certificate), "utf-8")
    done = run(tmp_path, "changed.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("不成立：结论应为“届满未行使”")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "读不到文件"),
        (b"not json", "不是 JSON"),
        (b"\xff\xfe", "不是 JSON"),
        (b"[" * 100_000, "不是 JSON"),
        (b"[]", "不是期限证明"),
        (b'{"format": "choujian-certificate/99"}', "不是期限证明"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    """On stderr; exit 2."""
    if content is not None:
        (tmp_path / "file.json").write_bytes(content)
    done = run(tmp_path, "file.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_file_it_says_how_it_is_used(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert "python verify/certificate.py certificate.json" in done.stderr


def test_an_empty_certificate_does_not_hold(tmp_path: Path) -> None:
    """What is missing is no reason to fall over."""
    (tmp_path / "empty.json").write_text('{"format": "choujian-certificate/1"}', "utf-8")
    done = run(tmp_path, "empty.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert "不成立：证明缺少内容" in done.stdout
