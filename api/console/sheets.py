"""A form on its way: asked, kept as a draft, changed row by row, tried, and sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from api.console.comparing import Compared
from api.console.desk import Desk, Posted, see_other
from api.console.door import problem_of
from api.console.fields import Field, fields_of
from api.console.forms import EntryForm, OfferedEvidence, body_of, without_row
from api.console.registered import Pick
from api.web.problems import Problem
from store.desk import drafts

# The version that somebody's form began with.
Base = Annotated[int | None, Query(ge=0, le=2**31 - 1)]
# A trial that cannot be made now is no reason not to file: the filing judges all the same.
_UNTRIED = ("too_many", "record_lost")


@dataclass(frozen=True)
class EntrySheet:
    """What is asked for, and where it goes. ``path`` is the form's own address, ``door`` the API's.

    ``asked``: the model's fields, where they are asked otherwise than it has them; ``pick``: what may be
    taken over from a register before. ``query``: what the API is told beside the form.
    """

    title: str
    model: type[BaseModel]
    path: str
    door: str
    back: tuple[str, str]
    done: Callable[[Any], str]
    tried: bool = True
    kept: Sequence[OfferedEvidence] = ()
    asked: Sequence[Field] | None = None
    pick: Pick | None = None
    method: str = "POST"
    query: Mapping[str, Any] = field(default_factory=dict)
    compared: Callable[[Mapping[str, Any]], Sequence[Compared]] | None = None

    @property
    def fields(self) -> Sequence[Field]:
        return fields_of(self.model) if self.asked is None else self.asked

    def comparison(self, body: Mapping[str, Any]) -> Sequence[Compared]:
        return self.compared(body) if self.compared else ()


def begun_at(sheet: EntrySheet, base: int | None) -> EntrySheet:
    """The form of a change to what has versions; ``base``: the one it began with (decision 56).

    Where another has come since, the API refuses it; what is kept for later is found under it again.
    """
    if base is None:
        return sheet
    return replace(sheet, path=f"{sheet.path}?base={base}", query={"version": base})


async def begin(
    desk: Desk, sheet: EntrySheet, body: Mapping[str, Any], picked: Mapping[str, Any] | None = None
) -> HTMLResponse:
    """The form with what is known, or with what this person left in it the last time.

    What was ``picked`` just now stands in the place of either.
    """
    draft = await drafts.found(desk.deps.engine, desk.session.sub, sheet.path)
    known = {**(draft.fields if draft else body), **(picked or {})}
    form = EntryForm(sheet.fields, known, sheet.kept)
    return _asked(desk, sheet, form, str(uuid4()), draft=draft)


async def go_on(desk: Desk, sheet: EntrySheet, sent: Posted) -> Response:
    """What the button said: a row more or less, kept for later, thrown away, to be checked, or sent."""
    fields = sheet.fields
    if is_laid_aside(sent):
        return await lay_aside(desk, sheet.path, sheet.back[0], fields, sent)
    body = body_of(fields, sent.values, sheet.kept, blank_rows=bool(sent["add"] or sent["remove"]))
    if sent["remove"]:
        without_row(body, sent["remove"])
    await drafts.keep(desk.deps.engine, desk.session.sub, sheet.path, body)
    form = EntryForm(fields, body, sheet.kept, more=sent["add"])
    key = _key(sent["key"])
    if sent["add"] or sent["remove"] or sent["change"]:
        return _asked(desk, sheet, form, key)
    if sent["confirmed"]:
        return await _sent(desk, sheet, form, key)
    return await _to_be_checked(desk, sheet, form, key)


def is_laid_aside(sent: Posted) -> bool:
    """Whether the form is kept for later, or thrown away: then nothing of the matter need be looked up."""
    return bool(sent["discard"] or sent["save"])


async def lay_aside(desk: Desk, path: str, back: str, fields: Sequence[Field], sent: Posted) -> Response:
    """Also as somebody types, every few seconds."""
    if sent["discard"]:
        await drafts.drop(desk.deps.engine, desk.session.sub, path)
        return see_other(path)
    await drafts.keep(desk.deps.engine, desk.session.sub, path, body_of(fields, sent.values, ()))
    return Response(status_code=204) if sent["save"] == "quiet" else see_other(_kept_at(path, back))


def _kept_at(path: str, back: str) -> str:
    """There the page says that the draft is kept, and leads to it."""
    return f"{back}{'&' if '?' in back else '?'}{urlencode({'draft': path})}"


async def _to_be_checked(desk: Desk, sheet: EntrySheet, form: EntryForm, key: str) -> HTMLResponse:
    """Judged without filing: either it is wrong, and why, or what would follow stands beside the answers."""
    trial = None
    if sheet.tried:
        answer = await desk.door.ask(
            sheet.method, sheet.door, json=form.body, query={**sheet.query, "dry_run": "true"}
        )
        if answer.is_error:
            problem = problem_of(answer)
            if problem.code not in _UNTRIED:
                return _refused(desk, sheet, form, key, problem)
        else:
            trial = answer.json()
            if not trial["accepted"]:
                refusal = Problem(409, trial["code"], trial["reason"], **_told_of(trial))
                return _refused(desk, sheet, form, key, refusal)
    return desk.page(
        "sheet_check.html",
        sheet=sheet,
        form=form,
        key=key,
        trial=trial,
        comparison=sheet.comparison(form.body),
    )


def _told_of(trial: Mapping[str, Any]) -> dict[str, Any]:
    """What a refusal rests on, and at which fields it is put right where that is known."""
    return {name: trial[name] for name in ("rests_on", "errors") if trial.get(name)}


async def _sent(desk: Desk, sheet: EntrySheet, form: EntryForm, key: str) -> Response:
    headers = {"Idempotency-Key": key}
    answer = await desk.door.ask(sheet.method, sheet.door, json=form.body, query=sheet.query, headers=headers)
    if not answer.is_error:
        await drafts.drop(desk.deps.engine, desk.session.sub, sheet.path)
        return see_other(sheet.done(answer.json()))
    problem = problem_of(answer)
    # A refusal has used the key up: the next try is another filing.
    return _refused(desk, sheet, form, str(uuid4()) if problem.status == 409 else key, problem)


def _refused(desk: Desk, sheet: EntrySheet, form: EntryForm, key: str, problem: Problem) -> HTMLResponse:
    """The form again, with what is wrong at its field and at the top."""
    if problem.status >= 500 or problem.status in (401, 404):
        raise problem
    form.take_errors(problem.extra.get("errors", ()))
    return _asked(desk, sheet, form, key, problem=problem)


def _asked(
    desk: Desk,
    sheet: EntrySheet,
    form: EntryForm,
    key: str,
    *,
    problem: Problem | None = None,
    draft: drafts.KeptDraft | None = None,
) -> HTMLResponse:
    return desk.page(
        "sheet.html",
        problem.status if problem else 200,
        sheet=sheet,
        form=form,
        key=key,
        problem=problem,
        draft=draft,
        comparison=sheet.comparison(form.body) if problem else (),
    )


def _key(sent: str) -> str:
    try:
        return str(UUID(sent))
    except ValueError:
        return str(uuid4())
