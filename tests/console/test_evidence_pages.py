"""Evidence at the desk without scripts: files go up by a form, are looked at, kept, held, and disposed of."""

import hashlib
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from tests.api.builders import ordered
from tests.api.test_disposing import closed
from tests.api.tus import kept
from tests.console.visitors import Page, Visitor, at_the_desk
from tests.evidence.builders import picture


def at(batch_no: str, *further: str) -> str:
    return "/".join((f"/console/batches/{batch_no}/evidence", *further))


async def uploaded(
    visitor: Visitor, batch_no: str, content: bytes, name: str = "样品照片.png", **fields: str
) -> Page:
    page = await visitor.see(at(batch_no))
    form = dict(page.form("上传").form_values()) | fields
    answer = await visitor.client.post(
        at(batch_no), data=form, files={"file": (name, content, "application/octet-stream")}
    )
    return Page(answer)


async def kept_of(officer: httpx.AsyncClient, batch_no: str) -> list[dict[str, Any]]:
    return list((await officer.get(f"/batches/{batch_no}/evidence")).json()["items"])


async def test_a_file_goes_up_by_a_form(clerk: Visitor, officer: httpx.AsyncClient) -> None:
    """As it is, with its name and keeper; what begins or ends like a boundary belongs to the file."""
    batch_no = await ordered(officer)
    content = picture(300_000) + b"\r\n------\r\n--"
    page = await uploaded(clerk, batch_no, content, keeper="李保管")
    assert (page.status, page.path) == (200, at(batch_no)), page.text
    (one,) = await kept_of(officer, batch_no)
    assert one["sha256"] == hashlib.sha256(content).hexdigest()
    assert (one["filename"], one["keeper"], one["size"]) == ("样品照片.png", "李保管", len(content))
    seen = await clerk.client.get(at(batch_no, one["sha256"], "content"), headers={"Range": "bytes=1-3"})
    assert (seen.status_code, seen.content) == (206, content[1:4])
    assert seen.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"MZ" + bytes(200_000), "录像.mp4", "不是可以作为证据上传的类型"),
        (b"", "空.png", "请选择要上传的文件"),
        (b"", "", "请选择要上传的文件"),
    ],
)
async def test_what_is_no_evidence_is_refused_on_the_page(
    clerk: Visitor, officer: httpx.AsyncClient, content: bytes, name: str, told: str
) -> None:
    """And nothing of it is left, as an upload that is not whole neither."""
    batch_no = await ordered(officer)
    page = await uploaded(clerk, batch_no, content, name)
    assert page.status in (415, 422)
    assert told in page.text
    assert await kept_of(officer, batch_no) == []
    assert (await officer.get(f"/batches/{batch_no}/evidence/uploads")).json()["items"] == []


async def test_a_form_of_another_page_brings_nothing(clerk: Visitor, officer: httpx.AsyncClient) -> None:
    """Its token is looked at before a byte of the file is taken."""
    batch_no = await ordered(officer)
    page = await uploaded(clerk, batch_no, picture(1000), form_token="0" * 64)
    assert (page.status, "表单已经失效" in page.text) == (403, True)
    files = {"file": ("照片.png", picture(1000), "image/png")}
    answer = await clerk.client.post(
        at(batch_no), files=files, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403
    assert await kept_of(officer, batch_no) == []


async def test_a_form_that_does_not_end_as_forms_do_leaves_nothing(
    clerk: Visitor, officer: httpx.AsyncClient
) -> None:
    batch_no = await ordered(officer)
    token = (await clerk.see(at(batch_no))).form("上传").fields["form_token"]
    head = (
        f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    )
    body = head.encode() + picture(1000) + b"\r\n--x--"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await clerk.client.post(at(batch_no), content=body, headers=headers)
    assert answer.status_code in (413, 422)
    assert await kept_of(officer, batch_no) == []
    assert (await officer.get(f"/batches/{batch_no}/evidence/uploads")).json()["items"] == []


async def test_a_recording_is_seen_with_a_reason(
    clerk: Visitor, officer: httpx.AsyncClient, app: FastAPI
) -> None:
    """The page asks for it first; without it the content tells why there is none."""
    batch_no = await ordered(officer)
    wav = b"RIFF\x24\x10\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00"
    sound = wav + b"\x02\x00\x10\x00data\x00\x10\x00\x00" + bytes(4096)
    digest = await kept(officer, batch_no, sound, filename="拆封录音.wav")
    page = await clerk.see(at(batch_no, digest))
    assert not page.tree.xpath("//audio")
    assert (await clerk.client.get(at(batch_no, digest, "content"))).status_code == 403
    page = await clerk.see(at(batch_no, digest), reason="核对拆封过程")
    (source,) = page.tree.xpath("//audio/@src")
    assert (await clerk.client.get(source)).content == sound
    async with at_the_desk(app, Role.AUDITOR) as auditor:
        assert (await auditor.see(at(batch_no))).status == 200
        refused = await auditor.client.post(at(batch_no), files={"file": ("a.png", picture(9), "image/png")})
        assert refused.status_code == 403


async def test_another_keeper_is_named_with_the_reason(clerk: Visitor, officer: httpx.AsyncClient) -> None:
    batch_no = await ordered(officer)
    digest = await kept(officer, batch_no)
    page = await clerk.see(at(batch_no, digest))
    refused = await clerk.press(page, "变更", keeper="/", reason="原保管人岗位调整")
    assert refused.status == 422
    page = await clerk.press(page, "变更", keeper="李保管", reason="原保管人岗位调整")
    keepers = page.tree.xpath("//table[contains(caption, '保管人')]/tbody/tr")
    assert len(keepers) == 2
    assert "李保管" in keepers[-1].text_content()


async def test_evidence_is_held_and_disposed_of_by_two(
    clerk: Visitor, head: Visitor, officer: httpx.AsyncClient, migrated: AsyncEngine
) -> None:
    """Each form is there for whoever may use it, and the certificate stands beside what was done."""
    batch_no = await ordered(officer)
    await kept(officer, batch_no)
    page = await clerk.press(await clerk.see(at(batch_no)), "暂缓处置", reason="行政诉讼")
    assert "行政诉讼" in page.text
    assert "解除暂缓" not in page.text
    page = await head.press(await head.see(at(batch_no)), "解除暂缓", reason="诉讼已经了结")
    await closed(migrated, batch_no, date(2020, 1, 2))
    assert batch_no in (await clerk.see("/console/evidence")).text
    page = await clerk.press(await clerk.see(at(batch_no)), "提出处置", reason="保存期届满")
    assert "由处室负责人或者分管负责人批准" in page.text
    assert at(batch_no) + "#disposal" in (await head.see("/console/approvals")).links.values()
    page = await head.press(await head.see(at(batch_no)), "批准处置")
    (certificate,) = page.tree.xpath("//a[contains(@href, '/disposal/')]/@href")
    pdf = await head.client.get(certificate)
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    assert "已处置" in page.text
