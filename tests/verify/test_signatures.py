"""The verifier's own Ed25519, written down from RFC 8032, against the RFC's vectors and ``cryptography``."""

from base64 import b64encode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as some

from signing.notes import PublicKey, Signer
from verify.certificate import ORDER, DoesNotHold, Keys, Unreadable, signed_by

# RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc). Public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


def theirs(key: bytes, text: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize(("key", "text", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold(key: str, text: str, signature: str) -> None:
    """And none of them with one bit changed, wherever."""
    parts = [bytes.fromhex(part) for part in (key, text, signature)]
    assert signed_by(*parts)
    for which, part in enumerate(parts):
        for at in range(0, len(part) * 8, 37):
            changed = bytearray(part)
            changed[at // 8] ^= 1 << at % 8
            given = [*parts[:which], bytes(changed), *parts[which + 1 :]]
            assert not signed_by(*given)
            assert not theirs(*given)


def test_a_signature_has_one_form() -> None:
    """``S`` is below the group's order, and the signature is 64 octets: no second one of the same text."""
    key, text, signature = (bytes.fromhex(part) for part in VECTORS[1])
    s = int.from_bytes(signature[32:], "little")
    assert not signed_by(key, text, signature[:32] + (s + ORDER).to_bytes(32, "little"))
    for wrong in (b"", signature[:-1], signature + b"\0"):
        assert not signed_by(key, text, wrong)
    for no_key in (b"", key[:-1], b"\xff" * 32):
        assert not signed_by(no_key, text, signature)


@given(some.binary(min_size=32, max_size=32), some.binary(max_size=200), some.integers(0, 63))
def test_it_agrees_with_cryptography(seed: bytes, text: bytes, at: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), bytearray(private.sign(text))
    assert signed_by(key, text, bytes(signature))
    signature[at] ^= 1
    assert signed_by(key, text, bytes(signature)) is theirs(key, text, bytes(signature)) is False


def test_a_note_is_of_the_key_that_the_reader_has() -> None:
    """Signed by another key of the same name, with a word changed, or not at all: it is nobody's word."""
    private = Ed25519PrivateKey.generate()
    signer = Signer(PublicKey("某市局", private.public_key().public_bytes_raw()), private)
    keys, note = Keys(str(signer.public)), signer.note("choujian-head/1", "CJ2026-000001")
    lines, who = keys.opened(note)
    assert lines == ["choujian-head/1", "CJ2026-000001"]
    assert who == f"某市局（公钥编号 {signer.public.id}）"
    assert signer.public.opened(note) == "choujian-head/1\nCJ2026-000001\n"
    another = Ed25519PrivateKey.generate()
    forger = Signer(PublicKey("某市局", another.public_key().public_bytes_raw()), another)
    with pytest.raises(DoesNotHold, match="不是所给公钥的签名"):
        keys.opened(forger.note("choujian-head/1", "CJ2026-000001"))
    with pytest.raises(DoesNotHold, match="签名与内容不符"):
        keys.opened(note.replace("000001", "000002"))
    with pytest.raises(DoesNotHold, match="没有签名"):
        keys.opened("choujian-head/1\n")


@pytest.mark.parametrize("given", ["nowhere.txt", "a+b", "某市局+00000000+AQ==", "a+00000000+" + "A" * 44])
def test_what_is_no_key_is_said(given: str) -> None:
    with pytest.raises(Unreadable):
        Keys(given)


def test_a_key_s_id_is_of_its_name_and_key() -> None:
    public = PublicKey("example.com", bytes(32))
    assert PublicKey.read(str(public)) == public
    with pytest.raises(ValueError, match="not a verifier key"):
        PublicKey.read(f"other.com+{public.id}+{b64encode(bytes([1]) + bytes(32)).decode()}")
