"""What the sealing's form says beside its questions: who must be there, and who signs (§5)."""

from dataclasses import replace

from api.console.fields import Field
from law.regulation import Regulation

_ON_SEALS = "到场的执法人员和承检机构人员，每人都要在封条上签名"
_SIGNERS = {
    "test_sample": _ON_SEALS,
    "backup_sample": _ON_SEALS,
    "worksheet": "全体参加人员，每人都要签字",
}


def hinted(one: Field, regulation: Regulation) -> Field:
    """The question with the rule by which its answer is judged."""
    if one.name == "participants":
        officers, staff = regulation.readings.min_officers, regulation.readings.min_lab_staff
        needed = f"须有买样人、不少于{officers}名执法人员和不少于{staff}名承检机构人员"
        hint = f"{needed}；执法人员和承检机构人员在封条上签名"
        return replace(one, hint=hint)
    if one.name not in _SIGNERS:
        return one
    inner = (
        replace(each, hint=_SIGNERS[one.name]) if each.name == "signed_by" else each for each in one.inner
    )
    return replace(one, inner=tuple(inner))
