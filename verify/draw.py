"""Repeats a random draw by itself: no database, no network, nothing of Choujian.

    python3 draw.py CANDIDATES.csv SEED NUMBER

CANDIDATES.csv is the list as it was published before the seed was known: UTF-8, a line of titles, the columns
``id`` and ``weight`` (others are not looked at). Printed are the drawn ids, one a line, in order; whoever
cannot be bought is followed by the next, which a larger NUMBER shows. Exit 2: the list, the seed or the
number is refused, and a sentence says why.

For a candidate of integer weight w the key is the smallest SHA-256 (hexadecimal) of seed, newline, id,
newline, j for j = 1 to w, all in UTF-8. The smallest keys are drawn, in order; of equal keys the smaller id.
"""

import csv
import hashlib
import re
import sys

# What is published with a list names the method that it was frozen for.
METHOD = "choujian-draw/1"
MOST_CANDIDATES = 100_000
# Each unit of weight is one computation of a digest: ten million take some ten seconds.
MOST_WEIGHT = 10_000_000
WHOLE = re.compile(r"[0-9]{1,9}")
USAGE = f"用法：python3 draw.py 候选名单.csv 种子 数量（抽取方法 {METHOD}）"


class NotDrawn(Exception):
    """There is nothing to draw from, or nothing that is clear; the text says why."""


def drawn(candidates: list[tuple[str, int]], seed: str, number: int) -> list[str]:
    """The first ``number`` ids in the order of their keys. Raises ``NotDrawn``."""
    if number > len(candidates):
        raise NotDrawn(f"抽取数量{number}大于候选名单的{len(candidates)}个")
    ranked = sorted((key(seed, id_, weight), id_) for id_, weight in candidates)
    return [id_ for _, id_ in ranked[:number]]


def key(seed: str, id_: str, weight: int) -> str:
    """The smallest digest of a candidate."""
    start = hashlib.sha256(f"{seed}\n{id_}\n".encode())
    digests = []
    for j in range(1, weight + 1):
        digest = start.copy()
        digest.update(str(j).encode())
        digests.append(digest.digest())
    return min(digests).hex()


def is_one_line(text: str) -> bool:
    """Whether it says something, on one line, in whole characters."""
    return len(text.splitlines()) == 1 and not any("\ud800" <= one <= "\udfff" for one in text)


def candidates_of(path: str) -> list[tuple[str, int]]:
    """The list in the file, in its order. Raises ``NotDrawn``."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            titles = rows.fieldnames or ()
            if [titles.count(name) for name in ("id", "weight")] != [1, 1]:
                raise NotDrawn("候选名单第一行应有 id、weight 两列，各一列")
            return checked([(rows.line_num, row["id"] or "", row["weight"] or "") for row in rows])
    except OSError as error:
        raise NotDrawn(f"读不到文件 {path}：{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NotDrawn(f"文件 {path} 不是 UTF-8 编码") from error
    except csv.Error as error:
        raise NotDrawn(f"文件 {path} 不是完整的 CSV") from error


def checked(rows: list[tuple[int, str, str]]) -> list[tuple[str, int]]:
    """Rows with their line numbers as candidates. Raises ``NotDrawn``."""
    if len(rows) > MOST_CANDIDATES:
        raise NotDrawn(f"候选名单超过{MOST_CANDIDATES}个")
    found: dict[str, int] = {}
    total = 0
    for line, id_, weight in rows:
        if not is_one_line(id_) or id_ != id_.strip():
            raise NotDrawn(f"第{line}行的编号是空的，或者前后有空白、有换行")
        if id_ in found:
            raise NotDrawn(f"第{line}行的编号“{id_}”重复")
        if not WHOLE.fullmatch(weight.strip()) or int(weight) < 1:
            raise NotDrawn(f"第{line}行的权重“{weight}”不是正整数")
        found[id_] = int(weight)
        total += int(weight)
        if total > MOST_WEIGHT:
            raise NotDrawn(f"权重合计超过{MOST_WEIGHT}")
    return list(found.items())


def main(arguments: list[str]) -> int:
    """Print the drawn ids; gives the exit code."""
    try:
        if len(arguments) != 3:
            raise NotDrawn(USAGE)
        path, seed, number = arguments
        if not is_one_line(seed):
            raise NotDrawn("种子是空的，或者有换行、不完整的字符")
        if not WHOLE.fullmatch(number) or int(number) < 1:
            raise NotDrawn(f"抽取数量“{number}”不是正整数")
        ids = drawn(candidates_of(path), seed, int(number))
    except NotDrawn as refused:
        print(f"{refused}。", file=sys.stderr)
        return 2
    print("\n".join(ids))
    return 0


if __name__ == "__main__":
    # Ids are compared by eye and by other programs: the same bytes everywhere.
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stderr.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
