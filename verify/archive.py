"""Checks the archive of a case, unpacked: no database, no network, nothing of Choujian.

    python3 核验/archive.py --key keys.txt [FOLDER]

Every file's digest against the list, and the list against its signature; the record's chain from its first
line to its last, and that line against its signature; that each piece of evidence is the one that the record
says was received; each certificate by ``certificate.py``, which lies beside this program and checks the
signatures too. The key is to come from the authority itself: a forger brings his own.

Exit 0: it holds (成立). 1: it does not, and everything that is wrong is named. 2: there is no archive to be
read. 3: it is consistent, and nobody's word so far, for want of a key.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

LIST, SIGNATURE = "清单.sha256", "清单签名.txt"
RECORD, HEAD = "全程记录/全程记录.json", "全程记录/末条.txt"
EVIDENCE = "证据/证据.json"
CERTIFICATES = "期限证明"
CERTIFICATE = Path(__file__).resolve().with_name("certificate.py")
NO_KEY = "前后一致，但没有核对签名：没有公钥，不能认定由谁出具，也不能排除整份伪造。请用 --key 写明公钥"
AT_ONCE = 1024 * 1024

Json = dict[str, Any]


class NoArchive(Exception):
    """What was given is no archive of a case; in Chinese."""


def digest_of(path: Path) -> str:
    taken = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(AT_ONCE):
            taken.update(piece)
    return taken.hexdigest()


def line_digest(line: Json) -> str:
    content = {name: value for name, value in line.items() if name != "hash"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def note_lines(path: Path) -> list[str]:
    """The lines of a signed note; whether it is signed, ``certificate.py`` says."""
    return path.read_text("utf-8").rpartition("\n\n")[0].split("\n")


class Archive:
    """One archive under examination; each method gives what is wrong, as Chinese sentences."""

    def __init__(self, folder: Path, key: str | None) -> None:
        """Raises ``NoArchive``."""
        self.folder, self.key = folder, key
        try:
            listed = [line.split("  ", 1) for line in self._text(LIST).splitlines()]
            self.listed = {name: digest for digest, name in listed}
        except OSError as error:
            raise NoArchive(f"读不到 {error.filename}：{error.strerror}。这里不是解开的案卷。") from error
        except ValueError as error:
            raise NoArchive(f"{LIST} 的格式不对。") from error

    @cached_property
    def record(self) -> Json:
        found: Json = json.loads(self._text(RECORD))
        return found

    @property
    def lines(self) -> list[Json]:
        found: list[Json] = self.record["lines"]
        return found

    @cached_property
    def evidence(self) -> list[Json]:
        found: list[Json] = json.loads(self._text(EVIDENCE))["evidence"]
        return found

    @property
    def certificate_names(self) -> list[str]:
        return sorted(
            name for name in self.listed if name.startswith(f"{CERTIFICATES}/") and name.endswith(".json")
        )

    def files(self) -> Iterator[str]:
        """Everything on the list is there and is what it was; nothing else is there."""
        for name, digest in self.listed.items():
            path = self.folder / name
            if not path.is_file():
                yield f"缺少 {name}"
            elif digest_of(path) != digest:
                yield f"{name} 与清单上的摘要不符"
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and name not in self.listed and name not in (LIST, SIGNATURE):
                yield f"{name} 不在清单上"

    def signature(self) -> Iterator[str]:
        """The list is the one that was signed."""
        said = note_lines(self.folder / SIGNATURE)
        if said[:1] != ["choujian-archive/1"] or said[1:2] != [self.record["batch_no"]]:
            yield f"{SIGNATURE} 不是本案卷的"
        elif said[2:3] != [f"sha256:{digest_of(self.folder / LIST)}"]:
            yield f"{LIST} 不是签名的那一份"
        yield from self._signed(SIGNATURE)

    def chain(self) -> Iterator[str]:
        """No line of the record was changed, left out or put in; its last is the one that was signed."""
        before, batch_no = "", self.record["batch_no"]
        for number, line in enumerate(self.lines, 1):
            if line["seq"] != number or line["prev_hash"] != before or line["batch_no"] != batch_no:
                yield f"全程记录第{number}条与前一条不衔接"
                return
            if line_digest(line) != line["hash"]:
                yield f"全程记录第{number}条的内容与其摘要不符"
                return
            before = line["hash"]
        if note_lines(self.folder / HEAD)[:4] != [
            "choujian-head/1",
            batch_no,
            str(len(self.lines)),
            before or "-",
        ]:
            yield f"全程记录的末条不是 {HEAD} 所签名的"
        yield from self._signed(HEAD)

    def kept(self) -> Iterator[str]:
        """Each piece of evidence is what the record says was received, and none of them is left unsaid."""
        received = {
            line["data"]["evidence_id"]: line["data"]["sha256"]
            for line in self.lines
            if line["kind"] == "evidence_received"
        }
        told = {one["evidence_id"]: one["sha256"] for one in self.evidence}
        for evidence_id in received.keys() | told.keys():
            if received.get(evidence_id) != told.get(evidence_id):
                yield f"证据 {evidence_id} 与全程记录所载的不符"
        for one in self.evidence:
            if one["whole"] and self.listed.get(one["file"]) != one["sha256"]:
                yield f"{one['file']} 不是入库的那一份"

    @property
    def whole(self) -> int:
        return sum(bool(one["whole"]) for one in self.evidence)

    def certificates(self) -> Iterator[str]:
        """Each holds, and is of this record."""
        for name in self.certificate_names:
            yield from self._signed(name)
            head = json.loads(self._text(name))["chain"]["head"]
            if not 0 < head["seq"] <= len(self.lines) or self.lines[head["seq"] - 1]["hash"] != head["hash"]:
                yield f"{name} 不是依据本案卷的全程记录出具的"

    def _signed(self, name: str) -> Iterator[str]:
        """By ``certificate.py``, as anybody would run it; what is no certificate is nothing without a key."""
        if self.key is None and not name.endswith(".json"):
            return
        key = [] if self.key is None else ["--key", self.key]
        program = [sys.executable, "-I", str(CERTIFICATE), str(self.folder / name), *key]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        answer = subprocess.run(program, capture_output=True, check=False, env=environment)
        if answer.returncode != (3 if self.key is None else 0):
            said = (
                (answer.stdout or answer.stderr).decode("utf-8", "replace").strip().removeprefix("不成立：")
            )
            yield f"{name}：{said.rstrip('。')}"

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")


def examined(archive: Archive) -> Iterator[tuple[str, list[str]]]:
    """What was looked at, and what is wrong with it."""
    looks: tuple[tuple[Callable[[], Iterator[str]], Callable[[], str]], ...] = (
        (archive.files, lambda: f"清单所列{len(archive.listed)}个文件齐全，摘要相符"),
        (archive.signature, lambda: "清单与签名相符"),
        (archive.chain, lambda: f"全程记录第1至{len(archive.lines)}条的摘要链完整"),
        (archive.kept, lambda: f"{len(archive.evidence)}件证据与全程记录相符，其中{archive.whole}件附有文件"),
        (archive.certificates, lambda: f"{len(archive.certificate_names)}份期限证明成立"),
    )
    for look, said in looks:
        try:
            yield "", list(look())
            yield said(), []
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            yield "", [f"案卷缺少内容或者格式不对（{type(error).__name__} {error}）"]


def main(arguments: list[str]) -> int:
    """Print the finding; gives the exit code."""
    parser = argparse.ArgumentParser(prog="archive.py", usage="python3 核验/archive.py --key keys.txt")
    default = Path(__file__).resolve().parent.parent
    parser.add_argument(
        "folder", nargs="?", type=Path, default=default, help="解开的案卷；不写则为本程序所在的"
    )
    parser.add_argument("--key", help="出具机关的公钥，或者公钥文件；应当从机关自己取得")
    given = parser.parse_args(arguments)
    try:
        found = list(examined(Archive(given.folder, given.key)))
    except NoArchive as nothing:
        print(nothing, file=sys.stderr)
        return 2
    wrong = list(dict.fromkeys(sentence for _, sentences in found for sentence in sentences))
    if wrong:
        print("\n  ".join(["不成立：", *wrong]))
        return 1
    print("\n  ".join(["成立" if given.key else NO_KEY, *(said for said, _ in found if said)]))
    return 0 if given.key else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
