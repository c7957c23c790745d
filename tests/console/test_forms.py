"""Forms are made from the steps' models, and give back what was entered."""

from typing import Any

import pytest
from pydantic import BaseModel

from api.console.fields import Kind, fields_of
from api.console.forms import EntryForm, OfferedEvidence, body_of, without_row
from law.vocabulary import EvidenceKind
from messages.order import BatchOrder
from messages.steps import STEPS, StepName
from tests.api.builders import order_example, step_example

_OTHERWISE = {StepName.RECORD_CORRECTED, StepName.CORRECTION_CONFIRMED}
_STEPS = sorted(set(STEPS) - _OTHERWISE)


def posted(model: type[BaseModel], body: dict[str, Any]) -> dict[str, list[str]]:
    """What a browser would send of a form in which this stands."""
    form = EntryForm(fields_of(model), body)
    sent = {}
    for place, one in form.places():
        value = form.value(place)
        sent[place] = value.split() if one.kind is Kind.EVIDENCES else [value.replace("\n", "\r\n")]
    return sent


def kept_of(body: Any) -> list[OfferedEvidence]:
    """The evidence that a body names, as the batch has it."""
    if isinstance(body, dict) and body.keys() == {"reference", "sha256", "keeper"}:
        return [OfferedEvidence(body["sha256"], body["reference"], body["keeper"])]
    parts = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return [one for part in parts for one in kept_of(part)]


def given_back(model: type[BaseModel], body: dict[str, Any]) -> BaseModel:
    return model.model_validate(body_of(fields_of(model), posted(model, body), kept_of(body)))


@pytest.mark.parametrize("step", _STEPS)
def test_a_form_gives_back_each_steps_example(step: StepName) -> None:
    body = step_example(step)
    assert given_back(STEPS[step], body) == STEPS[step].model_validate(body)


def test_a_form_gives_back_an_order() -> None:
    body = order_example()
    assert given_back(BatchOrder, body) == BatchOrder.model_validate(body)


def test_every_question_has_a_chinese_name_and_every_choice_a_word() -> None:
    for model in (BatchOrder, *(STEPS[step] for step in _STEPS)):
        for place, one in EntryForm(fields_of(model), {}).places():
            assert not one.label.isascii(), (model, place)
            assert all(not title.isascii() for _, title in one.choices), (model, place)


def test_what_is_left_empty_is_null_or_left_out() -> None:
    """As the model has it: a purchase without a platform says so, a missing name is missing."""
    model = STEPS[StepName.PURCHASED]
    body = body_of(fields_of(model), {}, ())
    assert body["platform"] is None
    assert body["buyer"] == {}
    assert "recording" not in body


def test_rows_in_which_nothing_was_written_are_no_rows() -> None:
    """The form begins with a row for each document; those that nobody handed in fall away."""
    model = STEPS[StepName.OBJECTION_FILED]
    rows = {"documents.0.kind": ["written_application"], "documents.0.reference": [""]}
    assert "documents" in body_of(fields_of(model), rows, ())
    assert body_of(fields_of(model), rows, ())["documents"] == []
    rows["documents.0.reference"] = ["SQ-1"]
    assert body_of(fields_of(model), rows, ())["documents"] == [
        {"kind": "written_application", "reference": "SQ-1"}
    ]


def test_a_time_is_shanghais_whatever_the_record_says() -> None:
    model = STEPS[StepName.SEALING_SCHEDULED]
    form = EntryForm(fields_of(model), {"at": "2026-09-07T01:30:00+00:00"})
    assert form.value("at") == "2026-09-07T09:30"
    assert body_of(fields_of(model), {"at": ["2026-09-07T09:30"]}, ())["at"] == "2026-09-07T09:30:00+08:00"


def test_a_row_is_taken_out_by_its_place() -> None:
    body = {"parcels": [{"courier": "甲"}, {"courier": "乙"}], "all_in": True}
    without_row(body, "parcels.0")
    without_row(body, "parcels.7")
    without_row(body, "lost.0")
    assert body["parcels"] == [{"courier": "乙"}]


def test_an_error_stands_at_its_field_or_at_the_nearest_that_is_shown() -> None:
    model = STEPS[StepName.RECEIVED]
    form = EntryForm(fields_of(model), {"parcels": [{"courier": "甲"}]})
    form.take_errors(
        [
            {"pointer": "/parcels/0/tracking_no", "message": "缺少该项"},
            {"pointer": "/parcels/0/nothing", "message": "没有这一项"},
            {"pointer": "", "message": "应当填写"},
        ]
    )
    assert form.errors == {
        "parcels.0.tracking_no": ["缺少该项"],
        "parcels.0": ["没有这一项"],
        "": ["应当填写"],
    }
    assert form.label("parcels.0.tracking_no") == "收到的包裹 › 第1项 › 快递单号"


def test_a_recording_is_chosen_among_recordings() -> None:
    """What is no recording is not offered for one, unless it was chosen there before."""
    video, paper = (
        OfferedEvidence(digit * 64, name, "周保管", kind)
        for digit, name, kind in (("1", "a.mp4", EvidenceKind.RECORDING), ("2", "b.pdf", EvidenceKind.PDF))
    )
    (asked,) = [one for one in fields_of(STEPS[StepName.SEALED]) if one.name == "recording"]
    assert EntryForm([asked], {}, [video, paper]).offered(asked, "recording") == [video]
    chosen = EntryForm([asked], {"recording": {"sha256": paper.sha256}}, [video, paper])
    assert chosen.offered(asked, "recording") == [video, paper]
