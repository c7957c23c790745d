"""Whose word it is, over HTTP: the published keys open what the API hands out."""

from base64 import urlsafe_b64decode
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from settings import Settings
from tests.api.builders import assert_problem, ordered
from tests.api.test_certificates import WINDOW, served
from verify.certificate import Keys, main

pytestmark = pytest.mark.usefixtures("working")


async def test_the_published_key_opens_the_head(
    officer: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    """Anybody reads the keys; the head says how long the record is and what it comes to."""
    number = await ordered(officer)
    published = await anybody.get("/.well-known/choujian-keys.txt")
    assert published.headers["content-type"] == "text/plain; charset=utf-8"
    keys = Keys(published.text.splitlines()[-1])
    head = await officer.get(f"/batches/{number}/timeline/head.txt")
    assert head.status_code == 200, head.text
    lines, who = keys.opened(head.text)
    assert who.startswith("某市局（公钥编号")
    assert lines[:2] == ["choujian-head/1", number]
    timeline = (await officer.get(f"/batches/{number}/timeline")).json()["entries"]
    assert lines[3] in {"-", *(line["hash"] for line in timeline)}
    (jwk,) = (await anybody.get("/.well-known/jwks.json")).json()["keys"]
    assert (jwk["kty"], jwk["crv"], jwk["kid"], jwk["until"]) == ("OKP", "Ed25519", jwk["kid"], None)
    assert Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"] + "=")).public_bytes_raw() in (
        keys.known.values()
    )
    assert_problem(await anybody.get(f"/batches/{number}/timeline/head.txt"), 401, "unauthenticated")


async def test_a_certificate_is_the_installations_word(
    officer: httpx.AsyncClient,
    lab: httpx.AsyncClient,
    anybody: httpx.AsyncClient,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As saved from the wire, with the keys as they are published: 成立, and who says so."""
    number = await served(officer, lab, "HZ-2026-0001")
    (tmp_path / "keys.txt").write_bytes((await anybody.get("/.well-known/choujian-keys.txt")).content)
    (tmp_path / "c.json").write_bytes((await officer.get(f"/batches/{number}/certificates/{WINDOW}")).content)
    assert main([str(tmp_path / "c.json"), "--key", str(tmp_path / "keys.txt")]) == 0
    assert "签名：某市局" in capsys.readouterr().out


async def test_without_a_key_nothing_is_certified(
    officer: httpx.AsyncClient, anybody: httpx.AsyncClient, settings: Settings
) -> None:
    """503 with what to do, and nothing unsigned instead."""
    number = await ordered(officer)
    folder = settings.signing_folder
    folder.rename(folder.with_name("elsewhere"))
    try:
        for who, path in (
            (officer, f"/batches/{number}/timeline/head.txt"),
            (anybody, "/.well-known/choujian-keys.txt"),
            (anybody, "/.well-known/jwks.json"),
        ):
            assert_problem(await who.get(path), 503, "signing_key_missing")
    finally:
        folder.with_name("elsewhere").rename(folder)
