"""That a batch's record stood so at a checkpoint: its head, and the path from there to the signed root."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from proof.base import Proven
from signing.checkpoints import leaf
from signing.checkpoints import lines as checkpoint_lines
from signing.keys import KnownKey
from signing.merkle import Tree
from signing.notes import NoteFaulty
from store.checkpoints.keeping import BatchHead, Checkpoint


class Inclusion(Proven):
    """What ``verify/certificate.py`` holds a certificate against."""

    note: str = Field(title="检查点，有签名的文本（C2SP tlog-checkpoint）")
    seq: int = Field(title="检查点所固定的末条序号")
    hash: str = Field(title="检查点所固定的末条摘要")
    index: int = Field(title="本批次在检查点各批次中的位置，从 0 起")
    path: tuple[str, ...] = Field(title="到根的各摘要（RFC 6962），十六进制")


def inclusion_of(batch_no: str, note: str, heads: Sequence[BatchHead], tree: Tree) -> Inclusion | None:
    """A batch's place among the heads of a checkpoint; None where it is not among them."""
    index = bisect_left(heads, batch_no, key=lambda head: head.batch_no)
    if index == len(heads) or heads[index].batch_no != batch_no:
        return None
    head, path = heads[index], tree.path(index)
    return Inclusion(
        note=note,
        seq=head.seq,
        hash=head.hash,
        index=index,
        path=tuple(digest.hex() for digest in path),
    )


def tree_of(heads: Sequence[BatchHead]) -> Tree:
    return Tree([leaf(head.batch_no, head.seq, head.hash) for head in heads])


def faults_of(
    made: Iterable[Checkpoint], changed: Mapping[int, Sequence[BatchHead]], known: Sequence[KnownKey]
) -> list[str]:
    """What does not agree between the checkpoints and the keys, or their own heads; Chinese sentences.

    ``made``: all of them, the oldest first; ``changed``: by checkpoint, the heads that were new in it.
    """
    found: list[str] = []
    before = None
    heads: dict[str, BatchHead] = {}
    for one in made:
        heads |= {head.batch_no: head for head in changed.get(one.no, ())}
        said = _said(one, before, known)
        if said is None and tree_of([heads[batch_no] for batch_no in sorted(heads)]).root.hex() != one.root:
            said = "所固定的末条与其根摘要不符"
        found += [f"第{one.no}号检查点{said}"] if said else []
        before = one.note
    return found


def rewritten(gone: Iterable[tuple[str, int, int]]) -> list[str]:
    """Where a timeline is not what a checkpoint fixed; so is one found that was rewritten whole.

    ``gone``: batch, line and checkpoint of each.
    """
    return [
        f"批次 {batch_no} 的时间线第 {seq} 条与第{no}号检查点（已签名）所固定的不符"
        for batch_no, seq, no in gone
    ]


def _said(one: Checkpoint, before: str | None, known: Sequence[KnownKey]) -> str | None:
    """What is wrong with a checkpoint's own text."""
    if not known:
        return "没有公钥可以核对签名"
    lines = None
    for key in (each.key for each in known):
        try:
            lines = key.opened(one.note).splitlines()
        except NoteFaulty:
            continue
    if lines is None:
        return "的签名不成立"
    told = checkpoint_lines(
        lines[0], size=one.size, root=bytes.fromhex(one.root), no=one.no, day=one.day, before=before
    )
    return None if tuple(lines) == told else "的内容与其签名的文本不符"
