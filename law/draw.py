"""The random draw (随机抽查, §3): from a frozen list, by a seed that nobody knew when it was frozen.

``verify/draw.py`` is the same judgement for whoever wants to repeat it, and shares nothing with this one.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Annotated

from pydantic import Field

from law.rules import LawValue

# What is frozen names it, and the verifier says which it repeats.
METHOD = "choujian-draw/1"
MOST_CANDIDATES = 100_000
# Each unit of weight is one computation of a digest.
MOST_WEIGHT = 10_000_000


class DrawRefused(Exception):
    """A list, a seed or a number that nothing can be drawn by, with the reason in words."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Candidate(LawValue):
    """Who may be drawn; twice the weight is twice as many tickets."""

    id: str
    weight: Annotated[int, Field(strict=True)] = 1


def check_candidates(candidates: Sequence[Candidate]) -> None:
    """What is frozen can be drawn from, and by everybody alike. Raises :class:`DrawRefused`."""
    if len(candidates) > MOST_CANDIDATES:
        raise DrawRefused("draw_too_long", f"候选名单超过{MOST_CANDIDATES}个")
    known: set[str] = set()
    for one in candidates:
        if not _is_one_line(one.id) or one.id != one.id.strip():
            raise DrawRefused("draw_id_unclear", "候选名单中有编号是空的，或者前后有空白、有换行")
        if one.id in known:
            raise DrawRefused("draw_id_repeated", f"候选名单中的编号“{one.id}”重复")
        if one.weight < 1:
            raise DrawRefused("draw_weight_bad", f"“{one.id}”的权重不是正整数")
        known.add(one.id)
    if sum(one.weight for one in candidates) > MOST_WEIGHT:
        raise DrawRefused("draw_weight_bad", f"权重合计超过{MOST_WEIGHT}")


def frozen_list(candidates: Sequence[Candidate]) -> bytes:
    """The list as it is frozen and published, byte for byte: UTF-8, a line each, in the order of the ids."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("id", "weight"))
    lines.writerows((one.id, one.weight) for one in sorted(candidates, key=lambda one: one.id))
    return text.getvalue().encode()


def check_number(number: int, candidates: Sequence[Candidate]) -> None:
    """Raises :class:`DrawRefused`."""
    if number < 1:
        raise DrawRefused("draw_number_bad", "抽取数量不是正整数")
    if number > len(candidates):
        raise DrawRefused("draw_number_bad", f"抽取数量{number}大于候选名单的{len(candidates)}个")


def ranked(candidates: Sequence[Candidate], seed: str) -> tuple[str, ...]:
    """All ids in the order in which they are drawn: a skipped one is followed by the next.

    Raises :class:`DrawRefused`.
    """
    if not _is_one_line(seed):
        raise DrawRefused("draw_seed_bad", "种子是空的，或者有换行、不完整的字符")
    check_candidates(candidates)
    return tuple(id_ for _, id_ in sorted((_key(seed, one), one.id) for one in candidates))


def drawn(candidates: Sequence[Candidate], seed: str, number: int) -> tuple[str, ...]:
    """The first ``number`` of them. Raises :class:`DrawRefused`."""
    check_number(number, candidates)
    return ranked(candidates, seed)[:number]


def _is_one_line(text: str) -> bool:
    return len(text.splitlines()) == 1 and not any("\ud800" <= one <= "\udfff" for one in text)


def _key(seed: str, candidate: Candidate) -> str:
    return min(_digests(seed, candidate))


def _digests(seed: str, candidate: Candidate) -> Iterable[str]:
    for j in range(1, candidate.weight + 1):
        yield sha256(f"{seed}\n{candidate.id}\n{j}".encode()).hexdigest()
