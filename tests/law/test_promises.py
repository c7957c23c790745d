"""A regulation file is taken only where all that it promises can be kept."""

from importlib.resources import files

import pytest
import yaml

from law.judgements import Capacity
from law.promises import APPROVAL_DOCUMENTS, EMERGENCY_GROUNDS, SIGNATORIES
from law.regulation import load
from messages.order import BatchOrder
from messages.steps.result import ApprovalDocument

TEXT = (files("law") / "regulations" / "hangzhou-2018.yaml").read_text("utf-8")


def changed(*path: str | int, to: object) -> str:
    raw = yaml.safe_load(TEXT)
    place = raw
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return yaml.safe_dump(raw, allow_unicode=True)


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        (
            ("recipients", "result_notice", "must_carry", 0),
            {"name": "horoscope", "title": "星座"},
            "document result_notice: nothing fills in the field horoscope",
        ),
        (
            ("recipients", "result_notice", "addressees", 0),
            {"to": "authority"},
            "document result_notice: it cannot be served on authority",
        ),
        (
            ("recipients", "retest_refusal", "remedy"),
            None,
            "document retest_refusal: it names no remedy",
        ),
        (
            ("recipients", "publication", "remedy"),
            {"text": "可以申请行政复议。", "rests_on": "行政复议法第二十条"},
            "document publication: it does not print a remedy",
        ),
        (
            ("emergency_grounds", 0, "code"),
            "full_moon",
            "emergency ground full_moon is not known to any step or order",
        ),
        (
            ("approval_documents", 0, "code"),
            "baptismal_certificate",
            "approval document baptismal_certificate is not known to any step or order",
        ),
        (
            ("resealing_signatories", 0, "code"),
            "neighbour",
            "signatory neighbour is not known to any step or order",
        ),
    ],
    ids=["field", "recipient", "no remedy", "remedy", "ground", "paper", "signatory"],
)
def test_what_nobody_can_keep_is_named(path: tuple[str | int, ...], to: object, said: str) -> None:
    """Each with its own message, when the file is loaded and not in the middle of a batch."""
    with pytest.raises(ValueError, match=said):
        load(changed(*path, to=to))


def test_what_can_be_kept_is_what_orders_and_steps_know() -> None:
    """The law names it; the models take it."""
    grounds = BatchOrder.model_json_schema()["properties"]["emergency_ground"]["anyOf"][0]["enum"]
    assert set(grounds) == EMERGENCY_GROUNDS
    assert set(ApprovalDocument) == APPROVAL_DOCUMENTS
    assert set(Capacity) >= SIGNATORIES
