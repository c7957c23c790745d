"""What forgers do to a certificate, and that the verifier finds them out."""

import hashlib
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.procedure.certified import PLAYS
from tests.procedure.certified_late import LATE
from tests.proof.kept import KINDS, Json, kept
from verify.certificate import DoesNotHold, verify


def test_a_certificate_of_every_kind_is_kept() -> None:
    """Of every kind that can be played."""
    assert set(KINDS) == {*PLAYS, *LATE}


def finding(certificate: Json) -> str:
    with pytest.raises(DoesNotHold) as found:
        verify(certificate)
    return str(found.value)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to everything in a document that is neither object nor list."""
    parts = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if parts is None:
        yield path
    else:
        for key, part in parts:
            yield from leaves(part, (*path, key))


def otherwise(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    return value + 1 if isinstance(value, int) else value[:-1] + ("1" if value[-1:] != "1" else "2")


@pytest.mark.parametrize("name", KINDS)
def test_whatever_is_changed_in_a_certificate_is_noticed(name: str) -> None:
    """Every single value; only a later date of issue says nothing else than the certificate said before."""
    certificate = kept(name)
    unnoticed = []
    for path in leaves(certificate):
        at: Any = certificate
        for key in path[:-1]:
            at = at[key]
        at[path[-1]], value = otherwise(at[path[-1]]), at[path[-1]]
        try:
            verify(certificate)
            unnoticed.append(path)
        except DoesNotHold:
            pass
        at[path[-1]] = value
    assert {path[0] for path in unnoticed} <= {"format", "issued_at"}


@pytest.mark.parametrize("name", KINDS)
def test_whatever_is_left_out_of_a_certificate_is_noticed(name: str) -> None:
    """A considered step, a move, an arrangement, a ledger row, a line or link of the chain, a section."""
    certificate = kept(name)
    lists = [
        *(certificate[section] for section in ("considered", "moves", "arrangements")),
        certificate["ledger"]["rows"],
        certificate["count"]["days"],
        *(certificate["chain"][part] for part in ("lines", "links")),
    ]
    for whole in lists:
        for place in range(len(whole)):
            taken = whole.pop(place)
            assert finding(certificate)
            whole.insert(place, taken)
    for section in set(certificate) - {"format"}:
        assert finding({key: value for key, value in certificate.items() if key != section})
    assert verify(certificate)


def digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def line_of(certificate: Json, kind: str, step: str | None = None) -> Json:
    """The last full line of this kind."""
    return [
        line
        for line in certificate["chain"]["lines"]
        if line["kind"] == kind and (step is None or line["data"]["step"] == step)
    ][-1]


def relinked(certificate: Json) -> Json:
    """What a thorough forger does: sections, digests, lines and chain all fit together again."""
    regulation = certificate["regulation"]
    regulation["sha256"] = digest(regulation["text"])
    renamed = {}
    for one in certificate["arrangements"]:
        renamed[one["sha256"]] = one["sha256"] = digest(one["content"])
    lines = {line["seq"]: line for line in certificate["chain"]["lines"]}
    rows = {row["step_id"]: row for row in certificate["ledger"]["rows"]}
    for line in lines.values():
        if line["kind"] == "opened":
            line["data"]["regulation"]["sha256"] = regulation["sha256"]
        for used in line["data"].get("deadline", {}).get("arrangements", []):
            used["digest"] = renamed.get(used["digest"], used["digest"])
        if "received_at" in line["data"]:
            row = rows[line["data"]["step_id"]]
            row["received_at"] = line["data"]["received_at"]
            # Of a refused step the line has only the digest of what it said.
            row["body"] = line["data"].get("body", row["body"])
            row["body_sha256"] = digest(row["body"])
    before = ""
    for link in sorted([*lines.values(), *certificate["chain"]["links"]], key=lambda link: link["seq"]):
        link["prev_hash"] = before
        if link["seq"] in lines:
            link["hash"] = digest({name: value for name, value in link.items() if name != "hash"})
        before = link["hash"]
    certificate["chain"]["head"]["hash"] = before
    own = [line for line in lines.values() if line["data"].get("wait_id") == certificate["wait"]["id"]]
    counted = [line for line in own if "deadline" in line["data"]]
    deadline = max(counted, key=lambda line: line["seq"])["data"]["deadline"]
    count = certificate["count"]
    count |= {name: deadline[name] for name in count if name != "days"} | {"days": deadline["trace"]}
    return certificate


def shorter_by_a_day(c: Json) -> None:
    deadline = line_of(c, "wait_opened")["data"]["deadline"]
    del deadline["trace"][-1]
    deadline["last_day"] = deadline["trace"][-1]["day"]
    deadline["closes_at"] = f"{deadline['last_day']}T24:00:00+08:00"


def a_holiday_more(c: Json) -> None:
    c["arrangements"][0]["content"]["holidays"][c["count"]["last_day"]] = "春节"


def a_shorter_rule(c: Json) -> None:
    c["rule"]["term"]["amount"] = c["regulation"]["text"]["terms"]["objection"]["amount"] = 10
    line_of(c, "wait_opened")["data"]["count"]["rule"]["amount"] = 10


def a_rule_other_than_the_regulations(c: Json) -> None:
    c["rule"]["term"]["amount"] = line_of(c, "wait_opened")["data"]["count"]["rule"]["amount"] = 10


def served_the_day_before(c: Json) -> None:
    line_of(c, "step_accepted", "notice_delivered")["data"]["body"]["delivered_on"] = "2026-01-05"


def asked_before_the_close(c: Json) -> None:
    c["ledger"]["asked_at"] = line_of(c, "silence")["data"]["ledger_now"] = (
        f"{c['count']['last_day']}T00:00:00Z"
    )


def asked_while_it_was_heard(c: Json) -> None:
    """After the close; what was posted on the last day was still on its way."""
    c["ledger"]["asked_at"] = line_of(c, "silence")["data"]["ledger_now"] = c["ledger"]["heard_until"]


def heard_no_longer_than_the_close(c: Json) -> None:
    deadline = line_of(c, "wait_opened")["data"]["deadline"]
    deadline["heard_until"] = c["ledger"]["heard_until"] = deadline["closes_at"]
    line_of(c, "silence")["data"]["heard_until"] = deadline["closes_at"]


def sent_in_time_after_all(c: Json) -> None:
    """The letter entered last was in time; the two before it were not."""
    c["decision"]["state"], c["decision"]["title"] = "met", "期限内完成"


def received_in_time_after_all(c: Json) -> None:
    c["considered"][0]["at"] = f"{c['count']['last_day']}T00:00:00Z"
    line_of(c, "step_refused")["data"]["received_at"] = c["considered"][0]["at"]


def never_withdrawn(c: Json) -> None:
    line_of(c, "step_accepted", "objection_withdrawn")["data"]["body"]["party"] = "producer"
    c["considered"][0]["withdrawn"] = False


def not_seen_when_asked(c: Json) -> None:
    line_of(c, "silence")["data"]["considered"] = []


def a_longer_stay(c: Json) -> None:
    line_of(c, "deadline_moved")["data"]["count"]["days"] += 1


def a_shorter_extension(c: Json) -> None:
    line_of(c, "deadline_moved")["data"]["count"]["last_day"] = line_of(c, "wait_opened")["data"]["deadline"][
        "start"
    ]


def a_postmark_of_the_day_after(c: Json) -> None:
    body = line_of(c, "step_accepted", "objection_filed")["data"]["body"]
    body["postmark"] = c["considered"][0]["day"] = "2027-12-31"


def proven_by_nothing(c: Json) -> None:
    body = line_of(c, "step_accepted", "objection_filed")["data"]["body"]
    body |= {"how": "counter", "filed_on": body["postmark"]}


def the_approver_refused(c: Json) -> None:
    line_of(c, "step_accepted", "reopening_decided")["data"]["body"]["approved"] = False
    c["considered"][0]["examination"]["approved"] = False


def another_was_examined(c: Json) -> None:
    opened = [line for line in c["chain"]["lines"] if line["seq"] == _examination(c)["opened_seq"]]
    opened[0]["data"]["because"]["step_id"] = _examination(c)["step_id"]


def nothing_was_set_aside(c: Json) -> None:
    """The line is told as a link only, and everything said as if it were not."""
    chain, seq = c["chain"], _examination(c)["set_aside_seq"]
    line = next(line for line in chain["lines"] if line["seq"] == seq)
    chain["lines"].remove(line)
    chain["links"].append({name: line[name] for name in ("seq", "prev_hash", "hash")})
    _examination(c)["set_aside_seq"] = None
    c["decision"] |= {"state": "lapsed", "title": "届满未行使", "text": line_of(c, "silence")["text"]}


def _examination(c: Json) -> Json:
    examination: Json = c["considered"][0]["examination"]
    return examination


def lapsed_although_met(c: Json) -> None:
    line_of(c, "wait_ended")["data"]["how"] = c["decision"]["state"] = "lapsed"


@pytest.mark.parametrize(
    ("name", "forge", "named"),
    [
        ("lapsed", shorter_by_a_day, "逐日计算应至"),
        ("lapsed", a_holiday_more, "应为放假日"),
        ("lapsed", a_shorter_rule, "逐日计算"),
        ("lapsed", a_rule_other_than_the_regulations, "规则的amount（10）应为15"),
        ("lapsed", served_the_day_before, "与起算事由的日期2026-01-05不符"),
        ("lapsed", asked_before_the_close, "不晚于届满"),
        ("lapsed", asked_while_it_was_heard, "不晚于届满"),
        ("lapsed", heard_no_longer_than_the_close, "在途申请登记截止不符"),
        ("handed_over_late", sent_in_time_after_all, "结论应为“逾期后完成”"),
        ("late", received_in_time_after_all, "在查询登记簿之前登记，查询结果却没有"),
        ("withdrawn", never_withdrawn, "在期限内登记，不能认定届满未行使"),
        ("withdrawn", not_seen_when_asked, "在查询登记簿之前登记，查询结果却没有"),
        ("stayed", a_longer_stay, "与中止、恢复的记录不符"),
        ("extended", a_shorter_extension, "缩短了当事人的期限"),
        ("set_aside", a_postmark_of_the_day_after, "不是按期提交"),
        ("set_aside", proven_by_nothing, "没有按期提交的证明"),
        ("set_aside", the_approver_refused, "不是恢复的决定"),
        ("set_aside", another_was_examined, "没有所审查的步骤"),
        ("set_aside", nothing_was_set_aside, "与逾期的认定是否适用不符"),
        ("met", lapsed_although_met, "缺少届满后查询登记簿的记录"),
    ],
)
def test_a_forger_who_mends_every_digest_is_found_out_by_the_law(
    name: str, forge: Callable[[Json], None], named: str
) -> None:
    """The chain fits together again, and yet the facts do not bear the conclusion."""
    certificate = kept(name)
    assert verify(relinked(deepcopy(certificate)))
    forge(certificate)
    assert named in finding(relinked(certificate))


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("count", "days", 5, "number"), 6, "证明所载的"),
        (("decision", "state"), "met", "结论应为“届满未行使”，证明所载为“期限内完成”"),
        (("considered", 0, "at"), "2026-01-05T00:00:00Z", "登记时间2026-01-05T00:00:00Z应为"),
        (("ledger", "rows", 0, "received_at"), "2026-01-05T00:00:00Z", "被改动"),
        (("arrangements", 0, "content", "makeup_days"), [], "与其摘要不符"),
        (("chain", "links", 3, "hash"), "0" * 64, "与前一条不衔接"),
        (("chain", "lines", 1, "text"), "？", "的内容与其摘要不符"),
        (("rule", "term", "amount"), 10, "amount（10）应为15"),
        (
            ("regulation", "text", "terms", "objection", "transit_working_days"),
            6,
            "规程全文与下达批次时记录的摘要不符",
        ),
        (("considered",), [], "遗漏了应当审查的步骤"),
        (("trigger",), {}, "证明缺少内容或者格式不对"),
    ],
)
def test_what_was_changed_is_named(path: tuple[Any, ...], value: Any, named: str) -> None:
    """The first thing that is wrong, in a sentence an official can act on."""
    certificate = kept("late")
    at: Any = certificate
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert named in finding(certificate)
