"""A certificate of every kind of deadline, from batches on the real stack."""

import json
import os
from copy import deepcopy

import pytest

from proof.certificates.composing import NoDeadline, WaitUnknown, certificate_of
from store.reads.on_record import record_of
from tests.procedure import certified as timely
from tests.procedure.certified import SELLER, lapsed
from tests.procedure.certified_late import LATE
from tests.proof.kept import Json, fields_of, keep, kept
from verify.certificate import verify

PLAYS = {**timely.PLAYS, **LATE}
_CERTIFIED: dict[str, Json] = {}


async def certified(table, name: str) -> Json:
    """The certificate of a played batch as a client gets it; each is played once."""
    if name not in _CERTIFIED:
        play, _state = PLAYS[name]
        batch_no, wait_id = await play(table)
        await table.snapshot(batch_no)
        certificate = certificate_of(await record_of(table.engine, batch_no), wait_id)
        _CERTIFIED[name] = json.loads(certificate.model_dump_json())
    return deepcopy(_CERTIFIED[name])


@pytest.mark.parametrize("name", PLAYS)
async def test_a_certificate_of_every_kind_holds(table, name: str) -> None:
    """Lapsed, met, late, waived, missed, stayed, extended, running …: counted anew it comes to the same."""
    certificate = await certified(table, name)
    assert certificate["decision"]["state"] == PLAYS[name][1]
    assert certificate["decision"]["title"] in verify(certificate)[-1]
    if os.environ.get("CHOUJIAN_KEEP_CERTIFICATES"):
        keep(name, certificate)
    assert fields_of(certificate) <= fields_of(kept(name)), "what is forged in tests/proof says all of it"


async def test_a_late_application_is_told_with_its_reason(table) -> None:
    """Looked at, not in time, not accepted; the silence stands."""
    (late,) = (await certified(table, "late"))["considered"]
    assert (late["in_time"], late["accepted"]) == (False, False)
    assert "期限已于" in late["reason"]


async def test_what_was_withdrawn_is_told_and_does_not_count(table) -> None:
    """An application in time that its party took back: it was seen when the ledger was asked."""
    certificate = await certified(table, "withdrawn")
    (one,) = certificate["considered"]
    assert (one["in_time"], one["accepted"], one["withdrawn"]) == (True, True, True)
    assert certificate["decision"]["state"] == "lapsed"
    assert [move["how"] for move in certificate["moves"]] == ["set"]


async def test_a_silence_set_aside_says_by_which_step_evidence_and_decision(table) -> None:
    """It was declared on what the ledger held then; the application came after, and the approver decided."""
    certificate = await certified(table, "set_aside")
    (filed,) = certificate["considered"]
    examination, lines = filed["examination"], {line["seq"]: line for line in certificate["chain"]["lines"]}
    assert (filed["accepted"], filed["in_time"], examination["approved"]) == (True, False, True)
    assert certificate["ledger"]["asked_at"] < filed["at"]
    set_aside = lines[examination["set_aside_seq"]]
    assert set_aside["data"]["because"] == {"step_id": examination["step_id"]}
    assert "邮戳证明于" in certificate["decision"]["text"]
    assert certificate["decision"]["text"].endswith(set_aside["text"])
    decision = next(row for row in certificate["ledger"]["rows"] if row["step_id"] == examination["step_id"])
    assert (decision["step"], decision["actor"]["role"]) == ("reopening_decided", "approver")


async def test_of_a_wait_that_ran_twice_the_second_time_is_certified(table) -> None:
    """Only what left since fulfils it; the first time is named, and so is the first silence."""
    again = await certified(table, "published_again")
    (publication,) = again["considered"]
    assert len(again["run"]["earlier"]) == 1
    assert publication["document_id"].endswith("-publication-public-2")
    silent = await certified(table, "silent_again")
    assert len([line for line in silent["chain"]["lines"] if line["kind"] == "silence"]) == 2
    assert [one["withdrawn"] for one in silent["considered"]] == [False, True]


async def test_of_each_letter_it_is_said_when_it_was_handed_over(table) -> None:
    """Not when it was made out: the duty to send is met late if any was late, whichever was entered last."""
    lying = await certified(table, "lying")
    assert [one["in_time"] for one in lying["considered"]] == [True, True]
    late = await certified(table, "handed_over_late")
    letters = {one["document_id"].rpartition("-result_notice-")[2]: one for one in late["considered"]}
    assert {name: one["in_time"] for name, one in letters.items()} == {
        "seller-1": False,
        "platform-1": False,
        "producer-1": True,
    }
    assert letters["producer-1"]["day"] < letters["seller-1"]["day"]
    assert [one["document_id"] for one in late["considered"] if one["ended_it"]] == [
        letters["producer-1"]["document_id"]
    ]


async def test_the_announcement_is_the_trigger_where_a_notice_came_back(table) -> None:
    """The step that says so, and the announcement with the digest of what it said."""
    certificate = await certified(table, "announced")
    document_id = certificate["trigger"]["document_id"]
    issued = [line for line in certificate["chain"]["lines"] if line["kind"] == "document_issued"]
    assert [line["data"]["document_id"] for line in issued] == [document_id]
    assert certificate["trigger"]["step_id"] in {row["step_id"] for row in certificate["ledger"]["rows"]}


async def test_an_unknown_wait_and_one_without_deadline_have_no_certificate(table) -> None:
    """Nothing is certified that never ran."""
    batch_no, _wait_id = await lapsed(table)
    record = await record_of(table.engine, batch_no)
    with pytest.raises(WaitUnknown):
        certificate_of(record, "objection_filed:nobody")
    with pytest.raises(NoDeadline, match="购样"):
        certificate_of(record, "purchased")
    assert certificate_of(record, SELLER).chain.head["seq"] == record.last_seq
