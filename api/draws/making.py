"""What would be frozen, made of what was asked: the list from the register or as it was given, weighed."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.planning.judging import scheme_in_force
from api.web.days import today
from api.web.runtime import Runtime
from law.draw import DrawRefused, check_candidates, check_number
from law.draw_course import check_adjusted, weighed
from law.quality import SubjectKind, person_keys, weight_rule
from messages.approvals import Matter
from messages.draws import (
    DrawCandidate,
    DrawContent,
    DrawDraft,
    DrawSubject,
    DrawTerms,
    ExcludedCandidate,
    ListedCandidate,
)
from messages.registers import BusinessEntry, Register, RegisterEntry
from store.draws.standing import candidates_of
from store.errors import PlannedEnded
from store.plans import reading as plans
from store.quality.weights import nonconforming
from store.registers import entries, reading

_AT_ONCE = 2_000


@dataclass(frozen=True)
class _Meant:
    """Who is meant by an id."""

    name: str | None
    natural_person: bool = False
    registration: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """By which the quality records may have somebody of the register."""
        return person_keys(self.name or "", self.registration, natural=self.natural_person)


def _of_register(entry: RegisterEntry) -> _Meant:
    assert isinstance(entry, BusinessEntry)
    return _Meant(entry.name, entry.is_person, entry.registration)


async def content_of(deps: Runtime, draft: DrawDraft) -> DrawContent:
    """Raises ``DrawRefused``, and as :func:`require_scheme`."""
    await require_scheme(deps, draft.scheme_id)
    listed = _once_each(draft.candidates)
    known = await _known(deps, draft, listed)
    everybody = known if draft.of_register else listed
    failed = await _failed(deps, draft, known)
    content = DrawContent(
        **draft.model_dump(include=set(DrawTerms.model_fields)),
        scheme_id=draft.scheme_id,
        candidates=tuple(
            _candidate(id_, known[id_], listed.get(id_), failed.get(id_, 0))
            for id_ in sorted(everybody)
            if id_ not in listed or listed[id_].excluded is None
        ),
        excluded=tuple(
            ExcludedCandidate(
                id=id_, name=known[id_].name, natural_person=known[id_].natural_person, reason=one.excluded
            )
            for id_, one in sorted(listed.items())
            if one.excluded is not None
        ),
    )
    candidates = candidates_of(content)
    check_candidates(candidates)
    check_number(content.number, candidates)
    return content


async def require_scheme(deps: Runtime, scheme_id: str) -> None:
    """Nothing is drawn for a scheme that nothing is ordered under.

    Raises ``PlannedUnknown``, ``PlannedEnded`` and :class:`Problem`.
    """
    standing = await plans.one(deps.engine, Matter.SCHEME, scheme_id)
    if standing.ended_on is not None:
        raise PlannedEnded(scheme_id, standing.ended_on)
    scheme_in_force(standing)


def _once_each(candidates: tuple[ListedCandidate, ...]) -> dict[str, ListedCandidate]:
    listed: dict[str, ListedCandidate] = {}
    for one in candidates:
        if one.id in listed:
            raise DrawRefused("draw_id_repeated", f"候选名单中的编号“{one.id}”重复")
        listed[one.id] = one
    return listed


async def _known(deps: Runtime, draft: DrawDraft, listed: Mapping[str, ListedCandidate]) -> dict[str, _Meant]:
    """Businesses as the register has them today; products as they are listed."""
    if draft.subject is DrawSubject.PRODUCTS:
        return {id_: _Meant(one.name) for id_, one in listed.items()}
    if draft.of_register:
        known = await _with_shops(deps, draft.platform)
    else:
        async with deps.engine.connect() as connection:
            held = await entries.holding(connection, Register.BUSINESSES, list(listed), today())
        known = {code: _of_register(one.entry) for code, one in held.items()}
    check_adjusted(list(listed), known)
    return known


async def _with_shops(deps: Runtime, platform: str | None) -> dict[str, _Meant]:
    known: dict[str, _Meant] = {}
    cursor: str | None = None
    while True:
        page = await reading.whole(
            deps.engine, Register.BUSINESSES, on=today(), limit=_AT_ONCE, cursor=cursor
        )
        for version in page.items:
            entry = version.entry
            assert isinstance(entry, BusinessEntry)
            if any(platform in (None, shop.platform) for shop in entry.shops):
                known[version.code] = _of_register(entry)
        if (cursor := page.next_cursor) is None:
            return known


async def _failed(deps: Runtime, draft: DrawDraft, known: Mapping[str, _Meant]) -> dict[str, int]:
    """How often each business failed; the records know no product by its link."""
    if draft.subject is DrawSubject.PRODUCTS:
        return {}
    keys = {id_: one.keys for id_, one in known.items()}
    since = weight_rule().since(today())
    return await nonconforming(deps.engine, SubjectKind.SELLER, keys, since=since)


def _candidate(id_: str, known: _Meant, listed: ListedCandidate | None, failed: int) -> DrawCandidate:
    given, reason = (listed.weight, listed.weight_reason) if listed else (None, None)
    weight = weighed(id_, given, reason, failed)
    return DrawCandidate(
        id=id_,
        name=known.name,
        natural_person=known.natural_person,
        weight=weight.weight,
        weight_reason=weight.reason,
    )
