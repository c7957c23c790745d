"""The verifier as a judge's expert has it: one file, a certificate, a Python, and nothing else of ours."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof.certificates import models, signing
from proof.certificates.models import Certificate
from signing.notes import PublicKey, Signer
from tests.proof.test_forgeries import relinked
from verify import certificate as verifier

ROOT = Path(__file__).parent.parent.parent
# Issued once and never edited: what was certified then holds for every verifier to come.
KEPT = sorted((Path(__file__).parent / "certificates").glob("*.json"))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The file by itself, in a folder of its own, with Python's standard library alone."""
    shutil.copy(ROOT / "verify" / "certificate.py", folder)
    command = [sys.executable, "-I", "-S", "-X", "utf8", "certificate.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def signed(certificate: dict[str, Any], folder: Path) -> PublicKey:
    """``signed.json`` in the folder, as it is handed out; gives the key of it."""
    private = Ed25519PrivateKey.generate()
    signer = Signer(PublicKey("某市局", private.public_key().public_bytes_raw()), private)
    content = Certificate.model_validate(certificate)
    made = signing.signed(content, signer).model_dump(mode="json")
    (folder / "signed.json").write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    return signer.public


@pytest.mark.parametrize("certificate", KEPT, ids=lambda path: path.stem)
def test_a_certificate_issued_once_holds_for_good(tmp_path: Path, certificate: Path) -> None:
    """With the issuer's key: 成立, a short account that ends in whose word it is; exit 0."""
    key = signed(json.loads(certificate.read_text("utf-8")), tmp_path)
    done = run(tmp_path, "signed.json", "--key", str(key))
    assert (done.returncode, done.stderr) == (0, "")
    told = [line.strip() for line in done.stdout.splitlines()]
    assert told[0] == "成立"
    assert [line.partition("：")[0] for line in told[1:]] == [
        "批次", "期限", "记录", "规则", "日历", "起算", "计算", "审查", "结论", "签名",
    ]  # fmt: skip
    assert told[-1] == f"签名：某市局（公钥编号 {key.id}）"


@pytest.mark.parametrize("certificate", KEPT, ids=lambda path: path.stem)
def test_without_a_key_nothing_is_said_to_hold(tmp_path: Path, certificate: Path) -> None:
    """Signed or not: consistency alone was checked, and that is what it says; exit 3."""
    signed(json.loads(certificate.read_text("utf-8")), tmp_path)
    for file in (str(certificate), "signed.json"):
        done = run(tmp_path, file)
        assert (done.returncode, done.stderr) == (3, "")
        assert done.stdout.startswith("前后一致，但没有核对签名")
        assert "成立" not in done.stdout


def test_a_certificate_forged_whole_is_refused(tmp_path: Path) -> None:
    """Another officer in every line, every hash made anew: consistent, and not the authority's word."""
    certificate = json.loads((KEPT[0].parent / "late@1.json").read_text("utf-8"))
    key = signed(certificate, tmp_path)
    genuine = json.loads((tmp_path / "signed.json").read_text("utf-8"))
    text = json.dumps(genuine, ensure_ascii=False)
    assert "officer甲" in text
    forged = relinked(json.loads(text.replace("officer甲", "officer乙")))
    assert forged["chain"]["lines"] != genuine["chain"]["lines"]
    (tmp_path / "forged.json").write_text(json.dumps(forged), "utf-8")
    assert run(tmp_path, "forged.json").returncode == 3, "so well is it made"
    done = run(tmp_path, "forged.json", "--key", str(key))
    assert (done.returncode, done.stdout) == (1, "不成立：签名的不是这份证明，签名后内容被改动。\n")
    # Signed by the forger, under the authority's name and with his key put inside.
    signed(forged, tmp_path)
    done = run(tmp_path, "signed.json", "--key", str(key))
    assert (done.returncode, done.stdout) == (1, "不成立：不是所给公钥的签名。\n")
    unsigned = {name: value for name, value in forged.items() if name != "signature"}
    (tmp_path / "forged.json").write_text(json.dumps(unsigned), "utf-8")
    done = run(tmp_path, "forged.json", "--key", str(key))
    assert (done.returncode, done.stdout) == (1, "不成立：没有签名。\n")


def test_keys_come_from_a_file_old_ones_too(tmp_path: Path) -> None:
    """The file that is published, comments and all; another's does not do."""
    old = signed(json.loads(KEPT[0].read_text("utf-8")), tmp_path)
    other = PublicKey("某市局", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    (tmp_path / "keys.txt").write_text(f"# 2026\n{old}\n# 2027\n{other}\n", "utf-8")
    assert run(tmp_path, "signed.json", "--key", "keys.txt").returncode == 0
    (tmp_path / "keys.txt").write_text(f"{other}\n", "utf-8")
    assert run(tmp_path, "signed.json", "--key", "keys.txt").returncode == 1
    for no_key in ("nowhere.txt", ""):
        done = run(tmp_path, "signed.json", "--key", no_key)
        assert (done.returncode, done.stdout) == (2, "")


def test_a_head_is_checked_too(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    signer = Signer(PublicKey("某市局", private.public_key().public_bytes_raw()), private)
    (tmp_path / "head.txt").write_text(signer.note("choujian-head/1", "CJ2026-000001", "7", "00"), "utf-8")
    done = run(tmp_path, "head.txt", "--key", str(signer.public))
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "成立")
    assert run(tmp_path, "head.txt").returncode == 2


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


def test_both_programs_say_how_a_deadline_ended_in_the_same_words() -> None:
    """The verifier stands alone and imports nothing; its table is the certificate's."""
    assert {str(state): words for state, words in models.STATES.items()} == verifier.STATES
