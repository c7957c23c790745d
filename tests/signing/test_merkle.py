"""The tree, against the RFC's own recursive definition, and the verifier's way back to the root."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from signing.merkle import Tree, leaf_digest
from verify.certificate import DoesNotHold, up


def by_the_rfc(parts: list[bytes]) -> bytes:
    """RFC 6962, section 2.1."""
    if len(parts) < 2:
        return hashlib.sha256(b"\x00" + parts[0]).digest() if parts else hashlib.sha256().digest()
    k = 1
    while k * 2 < len(parts):
        k *= 2
    return hashlib.sha256(b"\x01" + by_the_rfc(parts[:k]) + by_the_rfc(parts[k:])).digest()


@pytest.mark.parametrize("size", [*range(34), 64, 65, 100])
def test_the_root_is_the_rfcs_and_every_part_leads_to_it(size: int) -> None:
    """The verifier recounts the path by itself; another part does not."""
    parts = [str(number).encode() for number in range(size)]
    tree = Tree(parts)
    assert tree.root == by_the_rfc(parts)
    for index, part in enumerate(parts):
        path = tree.path(index)
        assert up(leaf_digest(part), path, index, size) == tree.root
        assert up(leaf_digest(b"another"), path, index, size) != tree.root
        with pytest.raises(DoesNotHold):
            up(leaf_digest(part), [*path, tree.root], index, size)
    with pytest.raises(IndexError):
        tree.path(size)


@given(some.lists(some.binary(max_size=4), min_size=2, max_size=40), some.data())
def test_a_shortened_path_is_noticed(parts: list[bytes], data: some.DataObject) -> None:
    index = data.draw(some.integers(0, len(parts) - 1))
    path = Tree(parts).path(index)
    with pytest.raises(DoesNotHold):
        up(leaf_digest(parts[index]), path[:-1], index, len(parts))
