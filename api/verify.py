"""The page behind a letter's QR code: is this letter ours, does our record still bear it out. Open to all.

Who holds the letter knows its secret; who does not learns nothing, not even that it exists.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import HTMLResponse

from api.public.proven import LimitedRoute, digest_row, faulty, genuine, no_such, row, signed_text
from api.web.body import read
from api.web.html import Html, html
from api.web.runtime import Deps, Runtime
from law.calendar import chinese_day, day_in_shanghai
from law.names import folded
from letters.words import NOTHING, once, plain, titles_of
from store.documents import letters
from store.documents.letters import Later, Proof

_SECRET = re.compile(r"[2-9a-z]{26}")
_LONGEST_FORM = 4096
_FORM = """<h2 class="next">核对受送达人姓名</h2>
<form method="post" action="/verify/{secret}#answer">
<p class="hint">受送达人是自然人的，姓名在此隐去。请输入文书上的姓名，核对是否一致。</p>
<div><label for="name">文书上的受送达人姓名</label><input id="name" name="name" required maxlength="200"
 autocomplete="off"></div>
<button>核对</button>
</form>
"""
_ANSWER = '<p id="answer" class="{look}note">{said}</p>\n'
# Told by words of their own, or a paper of its own that goes with the letter.
_NOT_AGAIN = {
    "verdict",
    "conclusion",
    "last_day",
    "sample_name",
    "goods_name",
    "worksheet",
    "report",
    "case_index",
}

# Pages for people, not calls: like /docs they are not in the OpenAPI document.
router = APIRouter(prefix="/verify", include_in_schema=False, route_class=LimitedRoute)


async def _held(deps: Deps, secret: Annotated[str, Path(title="核验码")]) -> Proof | None:
    """The letter whose secret this is, its letters typed from paper in any case."""
    known = _SECRET.fullmatch(secret.lower())
    return await letters.proof(deps.engine, known[0]) if known else None


Held = Annotated[Proof | None, Depends(_held)]


# Before the next route, which would take the name with its ending for a secret.
@router.get("/{secret}.txt")
async def signed_result(deps: Deps, proof: Held) -> Response:
    """What the page says, as a text that the installation has signed."""
    if proof is None or proof.faults:
        return _failed(proof)
    return signed_text(deps, "choujian-letter/1", _facts(proof), _standing(proof)[1])


@router.get("/{secret}")
async def verify(deps: Deps, secret: str, proof: Held) -> HTMLResponse:
    """The facts of the letter, and whether another has come since; 404 for whoever holds none of ours."""
    return _failed(proof) if proof is None or proof.faults else _shown(deps, secret, proof)


@router.post("/{secret}")
async def compare_name(deps: Deps, secret: str, request: Request, proof: Held) -> HTMLResponse:
    """Whether the name on the holder's paper is the addressee's; the page itself masks a natural person's."""
    if proof is None or proof.faults:
        return _failed(proof)
    form = parse_qs((await read(request, _LONGEST_FORM)).decode(errors="replace"))
    name = form.get("name", [""])[0]
    same = folded(name) == folded(proof.recipient_name)
    answer = "您输入的姓名与文书的受送达人一致。" if same else "您输入的姓名与文书的受送达人不一致。"
    look = "" if same else "past "
    return _shown(deps, secret, proof, html(_ANSWER, said=answer, look=look))


def _failed(proof: Proof | None) -> HTMLResponse:
    return no_such("没有这样一份文书。") if proof is None else faulty(proof.faults)


def _shown(deps: Runtime, secret: str, proof: Proof, answer: Html | None = None) -> HTMLResponse:
    rows = [row(title, value) for title, value in (*_facts(proof), *_carried(proof))]
    if not proof.masks_a_name:
        pdf = proof.pdf_sha256 or "版式文件尚未固定"
        rows += [
            digest_row("所载内容的 SHA-256 摘要", proof.sha256),
            digest_row("版式文件（PDF）的 SHA-256 摘要", pdf),
        ]
    form = html(_FORM, secret=secret) if proof.masks_a_name else ""
    return genuine(deps, f"/verify/{secret}", _standing(proof), rows, answer=answer or "", form=form)


def _standing(proof: Proof) -> tuple[str, str, str]:
    """Heading, sentence, look."""
    if any(one.corrects for one in proof.later):
        said = "本局制作过这份文书，其后已经更正，请以更正后的文书为准。"
        return "文书真实，但已更正", said, "bad"
    if proof.withdrawn:
        return "文书真实，但已撤回", "本局制作过这份文书，其后已经撤回，不再适用。", "bad"
    if proof.later:
        said = "本局制作过这份文书，其后又向同一受送达人制作了同类文书，请以后一份为准。"
        return "文书真实，但已另行制作", said, "bad"
    return "文书真实有效", "本局制作了这份文书，现存记录与制作时登记的一致。", "good"


def _facts(proof: Proof) -> Iterator[tuple[str, str]]:
    """What stands on the letter, to be compared with it."""
    for one in proof.later:
        yield ("更正文书" if one.corrects else "其后的同类文书"), _later(one)
    yield "文书名称", proof.title
    yield "文号", proof.number
    yield "制作日期", chinese_day(day_in_shanghai(proof.created_at))
    yield "受送达人", proof.shown_name
    yield "抽检批次", proof.batch_no
    conclusion = once(proof.verdict) if proof.verdict else None
    for title, value in (("商品", proof.goods), ("结论", conclusion), ("文书所载期限", proof.stated)):
        if value:
            yield title, value
    if proof.last_day:
        yield "期限届满日", f"{chinese_day(proof.last_day)}24:00（截至核验时）"


def _carried(proof: Proof) -> Iterator[tuple[str, str]]:
    """The rest of what stands on the letter, under its fields' titles."""
    for name, title in proof.field_titles.items():
        if name not in _NOT_AGAIN:
            yield title, _in_a_line(proof.fields.get(name), name)


def _in_a_line(value: Any, name: str) -> str:
    if isinstance(value, list | tuple):
        return "；".join(_in_a_line(part, name) for part in value) or NOTHING
    if isinstance(value, Mapping) and "document_id" in value:  # another letter, by its name
        return str(value["name"])
    if isinstance(value, Mapping):
        titles = titles_of(frozenset(map(str, value)))
        return "，".join(f"{titles.get(key, key)}：{_in_a_line(part, key)}" for key, part in value.items())
    return NOTHING if value in (None, "") else str(plain(value, name))


def _later(one: Later) -> str:
    return f"{one.number}（{chinese_day(day_in_shanghai(one.created_at))}）"
