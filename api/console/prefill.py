"""What a step's form begins with: everything that order, earlier steps and the batch itself already say."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from law.calendar import SHANGHAI
from law.vocabulary import DocumentKind
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from messages.steps.result import ApprovalDocument
from messages.steps.service import DeliveryMeans

_UNDER_WAY = (DocumentStatus.TO_SEND, DocumentStatus.SENT, DocumentStatus.RECEIVED_BY_ANOTHER)
# 检验用样品3个，备份样品3个: as schemes say it.
_QUANTITY = re.compile(r"(检验|备份)[^，；\d]*(\d+(?:\.\d+)?)\s*([^\d，；、。\s]+)")


@dataclass(frozen=True)
class Known:
    """What is known when a form is opened.

    ``order`` is None for whoever may not read it; ``mine`` is the step as this person filed it the last time,
    ``asked`` of whom or what the form is to be, where a link says so.
    """

    batch: Mapping[str, Any]
    order: Mapping[str, Any] | None
    steps: Sequence[Mapping[str, Any]]
    now: datetime
    mine: Mapping[str, Any]
    asked: Mapping[str, str]

    @property
    def today(self) -> str:
        return f"{self.now.astimezone(SHANGHAI):%Y-%m-%d}"

    @property
    def minute(self) -> str:
        return f"{self.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}:00+08:00"

    def last(self, *names: StepName) -> Mapping[str, Any]:
        """What the last accepted step of these names carries, as put right since; else nothing."""
        for one in reversed(self.steps):
            if one["step"] in names and one["status"] == "accepted":
                body = put_right(one)
                if body is not None:
                    return body
        return {}

    def report(self) -> Mapping[str, Any]:
        """What the first report says, submitted by the laboratory or entered from paper."""
        received = self.last(StepName.REPORT_RECEIVED)
        return self.last(StepName.REPORT_SUBMITTED) if received.get("submission") else received

    def waits(self, step: StepName) -> list[Mapping[str, Any]]:
        return [one for one in self.batch["waiting_for"] if one["step"] == step]


def put_right(step: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a step says by the last correction of it; None where it never happened."""
    bodies = [step["body"], *(correction["body"] for correction in step["corrected_by"])]
    body: Mapping[str, Any] | None = bodies[-1]
    return body


def prefilled(step: StepName, known: Known) -> dict[str, Any]:
    """The body to begin with."""
    make = _MAKERS.get(step)
    body = make(known) if make else {}
    return body | {name: value for name, value in known.asked.items() if value}


def _purchased(known: Known) -> dict[str, Any]:
    order = known.order
    if order is None:
        return {}
    seller, goods, platform, scheme = order["seller"], order["goods"], order["platform"], order["scheme"]
    producer = order["producer"]
    return {
        "buyer": {"name": scheme["buyer"], "kind": "officer", "username": scheme["username"]},
        "seller": {"registration": seller["registration"], "url": seller["url"]},
        "goods": {
            **{name: goods[name] for name in ("name", "link", "trademark", "spec_model")},
            "producer": producer and producer["name"],
        },
        "order": {"placed_at": known.minute},
        "platform": platform and {"name": platform["name"], "url": platform["url"]},
        **_quantities(scheme["sample_quantity"]),
    }


def _quantities(said: str) -> dict[str, Any]:
    named = {"检验": "test_quantity", "备份": "backup_quantity"}
    return {named[what]: {"amount": amount, "unit": unit} for what, amount, unit in _QUANTITY.findall(said)}


def _received(known: Known) -> dict[str, Any]:
    courier = next((one["courier"] for one in known.mine.get("parcels") or ()), None)
    parcel = {"courier": courier, "received_at": known.minute, "condition": "外包装完好"}
    return {"parcels": [parcel], "all_in": True}


def _sealing_scheduled(known: Known) -> dict[str, Any]:
    """Mostly the same people come to the same place."""
    buyer = known.last(StepName.PURCHASED).get("buyer", {}).get("name")
    called = [buyer, *known.mine.get("called", ())[1:]] if buyer else []
    return {"place": known.mine.get("place"), "called": called}


def _sealed(known: Known) -> dict[str, Any]:
    called, bought = known.last(StepName.SEALING_SCHEDULED), known.last(StepName.PURCHASED)
    parcels = known.last(StepName.RECEIVED).get("parcels") or ()
    goods, order = bought.get("goods", {}), known.order or {}
    producer = order.get("producer") or {}
    buyer = bought.get("buyer", {}).get("name")
    people = list(called.get("called", ()))
    witnesses = [name for name in people if name != buyer]
    samples = {
        sample: {"signed_by": witnesses, "custody": _custody(known, sample, holder)}
        for sample, holder in (("test_sample", "laboratory"), ("backup_sample", "bureau"))
    }
    return {
        "sealed_at": called.get("at", known.minute),
        "place": called.get("place"),
        "participants": [_participant(known, name, buyer) for name in people],
        "courier_label": "，".join(f"{one['courier']} {one['tracking_no']}" for one in parcels),
        "trademark": goods.get("trademark"),
        "producer": goods.get("producer"),
        "producer_address": producer.get("address"),
        "producer_natural_person": producer.get("natural_person", False),
        "product_standard": "、".join(order.get("scheme", {}).get("standards", ())),
        "spec_model": goods.get("spec_model"),
        **samples,
        "worksheet": {"signed_by": people},
    }


def _participant(known: Known, name: str, buyer: str | None) -> dict[str, Any]:
    """As whoever seals had them the last time; of somebody new the capacity is asked."""
    before = next((one for one in known.mine.get("participants", ()) if one["name"] == name), None)
    if before is not None:
        return {**before, **({"capacity": "buyer"} if name == buyer else {})}
    return {"name": name, **({"capacity": "buyer"} if name == buyer else {})}


def _custody(known: Known, sample: str, holder: str) -> dict[str, Any]:
    before: dict[str, Any] = (known.mine.get(sample) or {}).get("custody") or {}
    return before if before.get("holder") == holder else {"holder": holder}


def _report(known: Known) -> dict[str, Any]:
    """The scheme's items, as the commission letter names them to the laboratory."""
    letters = (one for one in known.batch["documents"] if one["kind"] == DocumentKind.COMMISSION_LETTER)
    commission: Mapping[str, Any] = next((one["fields"] for one in letters if one["fields"]), {})
    standards = commission.get("standards", ())
    standard = {"standard": standards[0]} if len(standards) == 1 else {}
    items = [{"name": name, **standard} for name in commission.get("items", ())]
    return {"laboratory": known.batch["laboratory"], "items": items, "issued_on": known.today}


def _report_received(known: Known) -> dict[str, Any]:
    submitted = known.batch["report_submitted"]
    if submitted:
        return {"submission": submitted, "received_on": known.today}
    return _report(known) | {"received_on": known.today}


def _retest_report(known: Known) -> dict[str, Any]:
    """The items in dispute, with what the first report required; all of them where none was named."""
    disputed = known.last(StepName.OBJECTION_FILED).get("items")
    items = [
        {name: item[name] for name in ("name", "standard", "requirement")}
        for item in known.report().get("items") or ()
        if not disputed or item["name"] in disputed
    ]
    days = {"issued_on": known.today, "received_on": known.today}
    return {"laboratory": known.batch["retest_laboratory"], "items": items, **days}


def _retest_sealed(known: Known) -> dict[str, Any]:
    """One of each who must sign: the applicant, both laboratories, an officer."""
    filed, first = known.last(StepName.OBJECTION_FILED), known.last(StepName.SEALED).get("participants", ())
    names = {one["party"]: one["name"] for one in known.batch["parties"]}
    applicant = names.get(filed.get("party", ""))
    retest = (known.last(StepName.RETEST_LAB_APPOINTED).get("laboratory") or {}).get("name")
    of_capacity = {one["capacity"]: one for one in reversed(first)}
    original, officer = of_capacity.get("lab_staff", {}), of_capacity.get("officer", {})
    return {
        "sealed_at": known.minute,
        "sample": "backup",
        "participants": [
            {"name": filed.get("agent") or applicant, "capacity": "applicant", "organisation": applicant},
            {**original, "capacity": "original_laboratory"},
            {"capacity": "retest_laboratory", "organisation": retest},
            {**officer, "capacity": "officer"},
        ],
    }


def _served(*days: str) -> Callable[[Known], dict[str, Any]]:
    """With today for these days alone: when a letter arrived or came back, its receipt says."""

    def make(known: Known) -> dict[str, Any]:
        letter = _letter(known)
        if letter is None:
            return dict.fromkeys(days, known.today)
        means = _means(letter)
        receipt = f"邮件号码{letter['tracking_no']}" if letter["tracking_no"] else None
        if means == DeliveryMeans.IN_PERSON:
            # The receipt that came with the letter names it by its number.
            receipt = letter["number"]
        whose = {"notice": letter["kind"], "recipient": letter["recipient"], "receipt": receipt}
        return {**whose, "means": means, **dict.fromkeys(days, known.today)}

    return make


def _letter(known: Known) -> Mapping[str, Any] | None:
    """The letter that is asked for, else the first whose delivery is awaited."""
    awaited = [one["id"] for one in known.waits(StepName.NOTICE_DELIVERED)]
    under_way = [one for one in known.batch["documents"] if one["status"] in _UNDER_WAY]
    asked = [
        one
        for one in reversed(under_way)
        if known.asked.get("notice") == one["kind"] and known.asked.get("recipient") == one["recipient"]
    ]
    expected = (
        one
        for one in under_way
        if any(wait.startswith(f"notice_delivered:{one['kind']}:{one['recipient']}") for wait in awaited)
    )
    return asked[0] if asked else next(expected, None)


def _means(letter: Mapping[str, Any]) -> str:
    """As it left; one that has not left is handed over in person."""
    if letter["status"] == DocumentStatus.TO_SEND:
        return DeliveryMeans.IN_PERSON
    electronic = (DeliveryMeans.EMAIL, DeliveryMeans.PLATFORM)
    return letter["channel"] if letter["channel"] in electronic else DeliveryMeans.POST


def _objection_filed(known: Known) -> dict[str, Any]:
    """With a row for each document that the approver decides on."""
    rows = [{"kind": kind} for kind in ApprovalDocument]
    return {**_party("filed_on")(known), "documents": rows}


def _party(*days: str) -> Callable[[Known], dict[str, Any]]:
    """Of the one party that it can be about; of two a person chooses."""

    def make(known: Known) -> dict[str, Any]:
        entitled = [one["party"] for one in known.batch["parties"] if one["entitled"]]
        whose = {"party": entitled[0]} if len(entitled) == 1 else {}
        return whose | dict.fromkeys(days, known.today)

    return make


def _decided(known: Known) -> dict[str, Any]:
    filed = known.last(StepName.OBJECTION_FILED)
    waits = known.waits(StepName.OBJECTION_DECIDED)
    party = next((one["party"] for one in waits if one["party"]), filed.get("party"))
    return {"party": party, "decided_on": known.today}


def _applicant(known: Known) -> dict[str, Any]:
    waits = known.waits(StepName.RETEST_FORMALITIES_COMPLETED)
    party = next((one["party"] for one in waits), None)
    return {"party": party, "completed_on": known.today}


def _referral(day: str) -> Callable[[Known], dict[str, Any]]:
    def make(known: Known) -> dict[str, Any]:
        return {"by": known.batch["referral_authority"], day: known.today}

    return make


def _passed_on(known: Known) -> dict[str, Any]:
    return {"passed_by": known.batch["referral_authority"], "passed_on": known.today}


_MAKERS: dict[StepName, Callable[[Known], dict[str, Any]]] = {
    StepName.PURCHASED: _purchased,
    StepName.RECEIVED: _received,
    StepName.SEALING_SCHEDULED: _sealing_scheduled,
    StepName.SEALED: _sealed,
    StepName.REPORT_SUBMITTED: _report,
    StepName.REPORT_RECEIVED: _report_received,
    StepName.RETEST_REPORT_RECEIVED: _retest_report,
    StepName.RETEST_SEALED: _retest_sealed,
    StepName.NOTICE_POSTED: _served("posted_on"),
    StepName.NOTICE_DELIVERED: _served(),
    StepName.NOTICE_RETURNED: _served(),
    StepName.NOTICE_RECEIVED_BY_ANOTHER: _served(),
    StepName.RESULT_ACCEPTED: _party("accepted_on"),
    StepName.OBJECTION_FILED: _objection_filed,
    StepName.OBJECTION_SUPPLEMENTED: _party(),
    StepName.OBJECTION_WITHDRAWN: _party("withdrawn_on"),
    StepName.OBJECTION_DECIDED: _decided,
    StepName.REOPENING_DECIDED: _decided,
    StepName.RETEST_FORMALITIES_COMPLETED: _applicant,
    StepName.REFERRAL_ACKNOWLEDGED: _referral("acknowledged_on"),
    StepName.REFERRAL_PASSED_ON: _passed_on,
    StepName.REFERRAL_CONCLUDED: _referral("concluded_on"),
}
