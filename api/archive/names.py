"""What the files of an archive are called: by people's names for them, as every system can keep them."""

import re

LIST, SIGNATURE, PAGE = "清单.sha256", "清单签名.txt", "说明.html"
LETTERS, RECORD, CERTIFICATES, EVIDENCE, CHECKING = "文书", "全程记录", "期限证明", "证据", "核验"
TIMELINE, TIMELINE_PAGE = f"{RECORD}/全程记录.json", f"{RECORD}/全程记录.html"
HEAD = f"{RECORD}/末条.txt"
EVIDENCE_LIST = f"{EVIDENCE}/证据.json"
KEYS, CHECKER, VERIFIER = f"{CHECKING}/公钥.txt", f"{CHECKING}/archive.py", f"{CHECKING}/certificate.py"

# What Windows keeps for itself, and what moves or hides text.
_NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]')
# Of the 255 bytes that file systems give a name, with the number before and some to spare.
_LONGEST_BYTES = 150
_LONGEST_ENDING = 12


def numbered(folder: str, number: int, name: str) -> str:
    """A file's place in the archive; the number keeps two of the same name apart, and them all in order."""
    return f"{folder}/{number:03}-{_kept(name)}"


def _kept(name: str) -> str:
    clean = _NOT_IN_A_NAME.sub("_", name).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        stem, ending = clean, ""
    ending = f".{ending}" if ending else ""
    room = _LONGEST_BYTES - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore").strip(". ") + ending
