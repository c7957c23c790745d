"""Checkpoints over HTTP, open to all; and certificates that are held against them."""

import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.checkpoints import Checkpointing
from activities.stamping import stamping_for
from settings import Settings
from signing.keys import Keyring
from store.checkpoints import keeping
from tests.activities.authority import authority
from tests.activities.test_checkpoints import stamped_by
from tests.api.builders import assert_problem
from tests.api.test_certificates import WINDOW, served
from tests.databases import tamper
from verify.certificate import main

pytestmark = pytest.mark.usefixtures("working")


async def checkpoint(engine: AsyncEngine, settings: Settings, folder: Path | None = None) -> int:
    """Today's made anew: what was made before counts as another day's. With a folder it is stamped there."""
    for one in await keeping.every(engine):
        statement = "update checkpoints set day = day - 1 where no = :no"
        await tamper(engine, statement, no=one.no)
    keyring = Keyring(settings.signing_folder)
    made = await Checkpointing(engine, keyring, None, None).make()
    assert made is not None
    if folder is not None:
        with authority(folder) as tsa:
            await Checkpointing(engine, keyring, stamping_for(stamped_by(tsa)), None).stamp()
    return made


async def test_everybody_reads_them(
    anybody: httpx.AsyncClient, migrated: AsyncEngine, settings: Settings, tmp_path: Path
) -> None:
    """The list, the signed text, the time stamp, and the page for people."""
    no = await checkpoint(migrated, settings, tmp_path)
    newest = (await anybody.get("/public/checkpoints", params={"limit": 1})).json()["items"][0]
    assert newest["no"] == no
    assert newest["stamped_at"]
    text = await anybody.get(f"/public/checkpoints/{no}.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text == newest["note"]
    assert text.text.splitlines()[3] == f"no {no}"
    stamp = await anybody.get(f"/public/checkpoints/{no}.tsr")
    assert stamp.headers["content-type"] == "application/timestamp-reply"
    page = await anybody.get("/cunzheng")
    assert f"第{no}号" in page.text
    assert newest["root"] in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert_problem(await anybody.get("/public/checkpoints/99999.txt"), 404, "checkpoint_unknown")
    later = await checkpoint(migrated, settings)
    assert_problem(await anybody.get(f"/public/checkpoints/{later}.tsr"), 404, "checkpoint_not_stamped")


async def test_a_certificate_is_held_against_a_checkpoint(
    officer: httpx.AsyncClient,
    lab: httpx.AsyncClient,
    anybody: httpx.AsyncClient,
    migrated: AsyncEngine,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The newest one by itself; one that the reader has from elsewhere has to be the very one."""
    before = await checkpoint(migrated, settings)
    number = await served(officer, lab, "HZ-2026-0001")
    path = f"/batches/{number}/certificates/{WINDOW}"
    assert (await officer.get(path)).json()["checkpoint"] is None, "it was not there yet"
    no = await checkpoint(migrated, settings)
    later = await checkpoint(migrated, settings)
    answer = await officer.get(path, params={"checkpoint": no})
    (tmp_path / "c.json").write_bytes(answer.content)
    (tmp_path / "keys.txt").write_bytes((await anybody.get("/.well-known/choujian-keys.txt")).content)
    for each in (before, no, later):
        text = (await anybody.get(f"/public/checkpoints/{each}.txt")).content
        (tmp_path / f"{each}.txt").write_bytes(text)

    def run(file: str, *more: str) -> tuple[int, str]:
        code = main([str(tmp_path / file), "--key", str(tmp_path / "keys.txt"), *more])
        return code, capsys.readouterr().out

    code, said = run("c.json")
    assert code == 0
    assert f"检查点：第{no}号（" in said
    assert run("c.json", "--checkpoint", str(tmp_path / f"{no}.txt"))[0] == 0
    for other in (before, later):
        code, said = run("c.json", "--checkpoint", str(tmp_path / f"{other}.txt"))
        assert (code, said) == (1, "不成立：证明所附的检查点不是所给的那一份。\n")
    assert run(f"{no}.txt")[0] == 0
    assert_problem(await officer.get(path, params={"checkpoint": 99999}), 404, "checkpoint_unknown")
    page = (await officer.get(f"{path}.html", params={"checkpoint": no})).text
    assert f"检查点第{no}号" in page

    genuine = answer.json()
    for name, value in (("seq", 1), ("index", 0), ("hash", "0" * 64), ("path", []), ("note", "x")):
        changed = genuine | {"checkpoint": genuine["checkpoint"] | {name: value}}
        if changed != genuine:
            (tmp_path / "changed.json").write_text(json.dumps(changed), "utf-8")
            assert run("changed.json")[0] == 1, name
