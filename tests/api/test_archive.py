"""A case handed over: whole, to be checked with a bare Python, and not to be altered unseen."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from messages.steps import StepName
from settings import Settings
from signing.keys import Keyring
from store.evidence import kept as kept_evidence
from tests.api.builders import Tokens, assert_problem, body_of, client_of, ordered
from tests.api.test_disposing import closed
from tests.api.tus import kept, sha256
from tests.evidence.builders import picture

pytestmark = pytest.mark.usefixtures("working")

MP4 = b"\x00\x00\x00\x20ftypisom"
PLAYED = (
    StepName.PURCHASED,
    StepName.RECEIVED,
    StepName.SEALING_SCHEDULED,
    StepName.SEALED,
    StepName.REPORT_RECEIVED,
    StepName.NOTICE_DELIVERED,
)
RECORDING = MP4 + bytes(range(256)) * 8192
PHOTO = picture(5000)


async def played(officer: httpx.AsyncClient, lab: httpx.AsyncClient) -> str:
    """A batch whose result has reached the seller, with a recording and a photograph."""
    number = await ordered(officer)
    for step in PLAYED:
        who = lab if step is StepName.RECEIVED else officer
        body = await body_of(officer, number, step)
        assert (await who.post(f"/batches/{number}/steps/{step}", json=body)).status_code == 200
    await kept(officer, number, RECORDING, filename="购买/录像.mp4", keeper="周保管")
    await kept(officer, number, PHOTO, filename="样品: 照片?.png")
    return number


async def handed_over(officer: httpx.AsyncClient, number: str) -> bytes:
    answer = await officer.get(f"/batches/{number}/archive.zip", params={"reason": "移送法院"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


@pytest.fixture(scope="module")
async def batch_no(officer: httpx.AsyncClient, lab: httpx.AsyncClient) -> str:
    return await played(officer, lab)


@pytest.fixture
async def folder(officer: httpx.AsyncClient, batch_no: str, tmp_path: Path) -> Path:
    """An archive, unpacked."""
    with zipfile.ZipFile(io.BytesIO(await handed_over(officer, batch_no))) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "案卷")
    return tmp_path / "案卷"


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    """The authority's public keys, had from itself."""
    path = tmp_path / "keys.txt"
    path.write_text(Keyring(settings.signing_folder).published(), "utf-8")
    return path


def checked(folder: Path, *more: str | Path, program: str = "archive.py") -> tuple[int, str]:
    """What the program in the archive says, run by a Python that knows nothing of this project."""
    command = [sys.executable, "-I", "-S", f"核验/{program}", *map(str, more)]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def all_named(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


def named(folder: Path, pattern: str) -> Path:
    (found,) = all_named(folder, pattern)
    return found


def test_it_holds_and_is_checked_without_us(folder: Path, keys: Path) -> None:
    code, said = checked(folder, "--key", keys)
    assert (code, said.splitlines()[0]) == (0, "成立"), said
    assert "2件证据与全程记录相符，其中2件附有文件" in said
    listed = subprocess.run(
        ["sha256sum", "--strict", "-c", "清单.sha256"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.returncode == 0, listed.stdout
    certificates = all_named(folder, "期限证明/*.json")
    assert len(certificates) >= 5
    code, said = checked(folder, certificates[0], "--key", keys, program="certificate.py")
    assert code == 0, said
    code, said = checked(folder, "清单签名.txt", "--key", keys, program="certificate.py")
    assert code == 0, said
    assert sha256((folder / "清单.sha256").read_bytes()) in said


async def test_what_is_in_it(folder: Path, officer: httpx.AsyncClient, batch_no: str) -> None:
    """Letters as they are opened, the record whole, evidence under its names with keepers and digests."""
    assert named(folder, "证据/*录像.mp4").read_bytes() == RECORDING
    assert named(folder, "证据/*照片_.png").read_bytes() == PHOTO
    evidence = json.loads((folder / "证据/证据.json").read_text("utf-8"))["evidence"]
    assert [(one["filename"], one["keeper"], one["sha256"], one["whole"]) for one in evidence] == [
        ("录像.mp4", "周保管", sha256(RECORDING), True),
        ("样品: 照片?.png", "张三", sha256(PHOTO), True),
    ]
    documents = (await officer.get(f"/batches/{batch_no}/documents")).json()
    assert len(all_named(folder, "文书/*.pdf")) == len(documents)
    notice = next(one for one in documents if one["kind"] == "result_notice" and one["recipient"] == "seller")
    letter = await officer.get(f"/documents/{notice['document_id']}.pdf")
    assert named(folder, f"文书/*{notice['number']}*.pdf").read_bytes() == letter.content
    lines = (await officer.get(f"/batches/{batch_no}/timeline", params={"limit": 500})).json()["entries"]
    record = json.loads((folder / "全程记录/全程记录.json").read_text("utf-8"))
    assert [line["hash"] for line in record["lines"]] == [line["hash"] for line in lines]
    page = (folder / "说明.html").read_text("utf-8")
    for said in ("archive.py", "sha256sum -c", "录像.mp4", sha256(RECORDING), notice["number"], batch_no):
        assert said in page
    assert all(word not in page for word in ("<script", "<link", "src=", "url("))


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("证据/*录像.mp4", "录像.mp4 与清单上的摘要不符"),
        ("文书/*结果通知书*.pdf", "与清单上的摘要不符"),
        ("全程记录/全程记录.json", "全程记录.json 与清单上的摘要不符"),
        ("清单.sha256", "清单.sha256 不是签名的那一份"),
    ],
)
def test_one_byte_altered_is_told(folder: Path, keys: Path, pattern: str, told: str) -> None:
    path = all_named(folder, pattern)[0]
    content = bytearray(path.read_bytes())
    at = content.index(b"0" if pattern == "清单.sha256" else content[len(content) // 2 :][:1])
    content[at] ^= 1
    path.write_bytes(content)
    code, said = checked(folder, "--key", keys)
    assert code == 1, said
    assert said.startswith("不成立")
    assert told in said


def test_a_list_written_anew_over_altered_evidence_is_told(folder: Path) -> None:
    """By the record, which has the digest it came with, and by the signature."""
    path = named(folder, "证据/*录像.mp4")
    path.write_bytes(b"another recording")
    listed = (folder / "清单.sha256").read_text("utf-8")
    (folder / "清单.sha256").write_text(
        listed.replace(sha256(RECORDING), sha256(b"another recording")), "utf-8"
    )
    code, said = checked(folder)
    assert code == 1
    assert "录像.mp4 不是入库的那一份" in said
    assert "不是签名的那一份" in said


def test_a_line_of_the_record_left_out_is_told(folder: Path) -> None:
    path = folder / "全程记录/全程记录.json"
    record = json.loads(path.read_text("utf-8"))
    del record["lines"][3]
    path.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    assert "全程记录第4条与前一条不衔接" in checked(folder)[1]


def test_what_was_added_or_taken_away_is_told(folder: Path, keys: Path) -> None:
    (folder / "证据/又一件.txt").write_text("?", "utf-8")
    named(folder, "证据/*照片_.png").unlink()
    code, said = checked(folder, "--key", keys)
    assert code == 1
    assert "证据/又一件.txt 不在清单上" in said
    assert "照片_.png" in said


def test_without_a_key_it_is_nobodys_word(folder: Path, tmp_path: Path) -> None:
    """Another's key does not fit; a folder that is no archive is said to be none."""
    code, said = checked(folder)
    assert code == 3, said
    assert "没有核对签名" in said
    other = Keyring(tmp_path / "other").ensure("别处")
    code, said = checked(folder, "--key", str(other))
    assert code == 1
    assert "不是所给公钥的签名" in said
    assert checked(folder, tmp_path)[0] == 2


async def test_evidence_that_cannot_be_read_is_told_and_the_rest_is_handed_over(
    app: FastAPI,
    officer: httpx.AsyncClient,
    lab: httpx.AsyncClient,
    migrated: AsyncEngine,
    keys: Path,
    tmp_path: Path,
) -> None:
    """Gone, or altered in its midst: what can be had of it is there, and everybody is told."""
    number = await played(officer, lab)
    recording, photo = await kept_evidence.of_batch(migrated, number)
    room = app.state.runtime.evidence
    room.files.delete(photo.evidence_id)
    sealed = room.files._path(recording.evidence_id)
    content = bytearray(sealed.read_bytes())
    content[1_500_000] ^= 1
    sealed.write_bytes(content)
    with zipfile.ZipFile(io.BytesIO(await handed_over(officer, number))) as archive:
        archive.extractall(tmp_path / "案卷")
    one, two = json.loads((tmp_path / "案卷/证据/证据.json").read_text("utf-8"))["evidence"]
    assert (one["whole"], two["whole"], two["file"]) == (False, False, None)
    begun = (tmp_path / "案卷" / one["file"]).read_bytes()
    assert RECORDING.startswith(begun)
    assert "缺失或者被改动" in (tmp_path / "案卷/说明.html").read_text("utf-8")
    code, said = checked(tmp_path / "案卷", "--key", keys)
    assert (code, "其中0件附有文件" in said) == (0, True), said


async def test_of_evidence_that_was_disposed_of_the_facts_are_handed_over(
    app: FastAPI,
    tokens: Tokens,
    officer: httpx.AsyncClient,
    migrated: AsyncEngine,
    keys: Path,
    tmp_path: Path,
) -> None:
    """Its digest, its keeper and that it is gone; all of it holds."""
    number = await ordered(officer)
    digest = await kept(officer, number, PHOTO, keeper="周保管")
    await closed(migrated, number, date(2020, 1, 2))
    address = f"/batches/{number}/evidence/disposal"
    assert (await officer.post(address, json={"reason": "保存期届满"})).status_code == 200
    async with client_of(app, tokens.header(Role.APPROVER)) as approver:
        assert (await approver.post(f"{address}/approved")).status_code == 200
    with zipfile.ZipFile(io.BytesIO(await handed_over(officer, number))) as archive:
        archive.extractall(tmp_path / "案卷")
    (one,) = json.loads((tmp_path / "案卷/证据/证据.json").read_text("utf-8"))["evidence"]
    assert (one["sha256"], one["keeper"], one["file"], one["whole"]) == (digest, "周保管", None, False)
    assert "已经依规定处置" in one["missing"]
    code, said = checked(tmp_path / "案卷", "--key", keys)
    assert code == 0, said


async def test_a_case_that_has_just_been_ordered_is_handed_over_too(
    officer: httpx.AsyncClient, keys: Path, tmp_path: Path
) -> None:
    number = await ordered(officer)
    with zipfile.ZipFile(io.BytesIO(await handed_over(officer, number))) as archive:
        archive.extractall(tmp_path / "案卷")
    code, said = checked(tmp_path / "案卷", "--key", keys)
    assert code == 0, said
    assert "0件证据" in said


async def test_who_may_have_it_and_that_it_is_on_the_access_log(
    app: FastAPI, tokens: Tokens, officer: httpx.AsyncClient, lab: httpx.AsyncClient, batch_no: str
) -> None:
    """With a recording in it, not without a reason; a laboratory knows its own part alone."""
    path = f"/batches/{batch_no}/archive.zip"
    assert_problem(await officer.get(path), 403, "reason_needed")
    assert_problem(await lab.get(path, params={"reason": "?"}), 403, "role_not_allowed")
    assert_problem(await officer.get("/batches/CJ1999-000001/archive.zip"), 404, "batch_unknown")
    await handed_over(officer, batch_no)
    async with client_of(app, tokens.header(Role.AUDITOR)) as auditor:
        log = (await auditor.get("/access-log", params={"batch_no": batch_no})).json()["items"]
        before = await auditor.get(f"/batches/{batch_no}/timeline/head.txt")
        assert (await auditor.get(path, params={"reason": "审计"})).status_code == 200
        after = await auditor.get(f"/batches/{batch_no}/timeline/head.txt")
    assert any(one["path"] == path and "%E7%A7%BB%E9%80%81" in one["query"] for one in log)
    assert before.text.splitlines()[:4] == after.text.splitlines()[:4], "an auditor's look changes nothing"
