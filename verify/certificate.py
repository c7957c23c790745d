"""Checks a certificate of a deadline by itself: no database, no network, nothing of Choujian.

    python verify/certificate.py certificate.json --key keys.txt

Checked first is whose word it is: the signature, with a public key that the reader has from the authority
itself (a file, or the key's own text; NAME+ID+BASE64). What lies in the certificate is never taken for it.
Without a key only consistency is checked: a forger can be consistent, so nothing is said to hold then.

Counted and compared anew: the record's lines and their chain, the ledger's rows, which days are worked, the
count and every later move, whether each step was in time, and that the conclusion follows. Exit 0: it holds
(成立). Exit 1: it does not, and the first thing that is wrong is named. Exit 2: the file cannot be read.
Exit 3: it is consistent, and nobody's word so far. Other signed notes (a head, a letter, a checkpoint) are
checked too. ``--checkpoint``: one that the reader has from elsewhere, a mail for example, and it must fit.

The law: the day of the event is not counted; a period in calendar days that would end on a rest day ends on
the next working day; every period closes at 24:00 of its last day in Asia/Shanghai. A right is exercised in
time if it was filed by the last day (by post: the postmark; where it cannot be read the carrier's record,
else the day it came less the carrier's usual time) and stamped by the close plus the working days
that the regulation allows for what is on its way.
What was filed by then and stamped later sets a silence aside only where the approver found it proven.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from base64 import b64decode
from calendar import monthrange
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

FORMAT = "choujian-certificate/1"
# What stands in a certificate outside its signature: that, and a note that is signed itself.
BESIDE = ("signature", "checkpoint")
UNSIGNED = "前后一致，但没有核对签名：没有公钥，不能认定由谁出具，也不能排除整份伪造。请用 --key 写明公钥"
SHANGHAI = timezone(timedelta(hours=8))
SHANGHAI_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI)
NATURES = {"workday": "工作日", "weekend": "周末", "holiday": "放假日", "makeup_workday": "调休上班日"}
STATES = {
    "met": "期限内完成",
    "met_late": "逾期后完成",
    "waived": "当事人放弃剩余期限",
    "undone": "履行或放弃的记录已更正为未发生",
    "lapsed": "届满未行使",
    "set_aside": "届满时未行使，其后经审查恢复",
    "replaced": "另行起算，以其后的期限为准",
    "dropped": "不再需要",
    "running": "期限正在进行",
    "overdue": "已逾期，尚未履行",
}
# By term and step: the field that tells on which day a period starts. Elsewhere: the day of the step's line.
STARTS = {
    ("inspection_notice", "sealed"): "sealed_at",
    ("test_report", "sealed"): "sealed_at",
    ("result_notice", "report_received"): "received_on",
    ("objection", "notice_delivered"): "delivered_on",
    ("retest_laboratory", "objection_decided"): "decided_on",
    ("retest_formalities", "notice_delivered"): "delivered_on",
    ("retest_laboratory_formalities", "notice_delivered"): "delivered_on",
    ("retest_sealed", "retest_formalities_completed"): "completed_on",
    ("retest_report", "retest_sealed"): "sealed_at",
    ("retest_result_notice", "retest_report_received"): "received_on",
    ("referral_concluded", "referral_acknowledged"): "acknowledged_on",
}
SERVED = {
    "objection": "result_notice",
    "retest_formalities": "retest_lab_notice",
    "retest_laboratory_formalities": "retest_lab_notice",
}
# Who decided wrongly takes it back alone, while no letter has left since.
OWN_DECISIONS = ("objection_decided", "reopening_decided")
# The field that tells on which day a step was done. Elsewhere: the day of the ledger's stamp.
DONE = {
    "report_received": "received_on",
    "retest_report_received": "received_on",
    "objection_decided": "decided_on",
    "reopening_decided": "decided_on",
    "referral_acknowledged": "acknowledged_on",
    "referral_concluded": "concluded_on",
    "retest_formalities_completed": "completed_on",
    "result_accepted": "accepted_on",
}

Json = dict[str, Any]
Trace = list[tuple[date, "int | None", str]]  # day, its number in the period, its nature


class DoesNotHold(Exception):
    """The first thing that is not as it must be, in Chinese."""


class Unreadable(Exception):
    """What was given is no certificate; in Chinese."""


def demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DoesNotHold(otherwise)


def same(told: Json, recorded: Json, names: str, where: str) -> None:
    for name in names.split():
        demand(told[name] == recorded[name], f"{where}的{name}（{told[name]}）应为{recorded[name]}")


def digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    demand(found.tzinfo is not None, f"时间{text}没有时区")
    return found


def day_of(text: str) -> date:
    """The calendar day; of an instant, that in Shanghai."""
    return moment(text).astimezone(SHANGHAI).date() if "T" in text else date.fromisoformat(text)


def left_on(line: Json) -> date:
    """The day on which a document left: what people hand over, the day that they say."""
    return day_of(line["data"].get("sent_on") or line["recorded_at"])


def close_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(1), time(0), SHANGHAI)


# Ed25519 as RFC 8032, section 5.1, has it: in extended coordinates; nothing here is secret.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def plus(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, p: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = plus(found, p)
        p, number = plus(p, p), number >> 1
    return found


def point(encoded: bytes) -> Point | None:
    """The point that 32 octets stand for; None where they stand for none."""
    value = int.from_bytes(encoded, "little")
    y, sign = value & (2**255 - 1), value >> 255
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if len(encoded) != 32 or y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


_BASE = point(bytes([0x58, *[0x66] * 31]))
assert _BASE is not None
BASE: Point = _BASE


def signed_by(key: bytes, text: bytes, signature: bytes) -> bool:
    """Whether the 64 octets are the key's Ed25519 signature of the text."""
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    left, right = times(s, BASE), plus(r, times(k, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


class Keys:
    """The public keys that the reader trusts; each as C2SP's signed notes write it: NAME+ID+BASE64."""

    def __init__(self, given: str) -> None:
        """``given``: a file with a key a line, or one key itself. Raises ``Unreadable``."""
        self.known: dict[tuple[str, bytes], bytes] = {}
        try:
            with open(given, encoding="utf-8") as file:
                lines = file.read().splitlines()
        except (OSError, ValueError):
            lines = [given]
        for line in lines:
            if line.strip() and not line.startswith("#"):
                self._add(line.strip())
        if not self.known:
            raise Unreadable(f"文件 {given} 中没有公钥。")

    def _add(self, line: str) -> None:
        try:
            name, key_id, encoded = line.split("+", 2)
            key = b64decode(encoded, validate=True)
        except ValueError:
            raise Unreadable(f"“{line}”既不是公钥，也不是公钥文件。") from None
        named = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        if key[:1] != b"\x01" or len(key) != 33 or named.hex() != key_id:
            raise Unreadable(f"公钥“{line}”与其编号不符。")
        self.known[name, named] = key[1:]

    def opened(self, note: str) -> tuple[list[str], str]:
        """The lines of a signed note, and who signed it. Raises ``DoesNotHold``."""
        text, separator, signatures = note.rpartition("\n\n")
        demand(bool(separator), "没有签名")
        for line in signatures.splitlines():
            dash, name, encoded = [*line.split(" "), "", ""][:3]
            with suppress(ValueError):
                blob = b64decode(encoded, validate=True)
                key = self.known.get((name, blob[:4]))
                if dash == "—" and key is not None:
                    demand(signed_by(key, f"{text}\n".encode(), blob[4:]), f"{name}的签名与内容不符")
                    return text.split("\n"), f"{name}（公钥编号 {blob[:4].hex()}）"
        raise DoesNotHold("不是所给公钥的签名")


class Calendar:
    """Which days are worked. On a December's days the next year's arrangement has the last word."""

    def __init__(self, arrangements: list[Json]) -> None:
        self.announced = {one["year"]: one["announced"] for one in arrangements}
        self.holidays: set[date] = set()
        worked: set[date] = set()
        for one in sorted(arrangements, key=lambda one: int(one["year"])):
            makeup = set(map(date.fromisoformat, one["makeup_days"]))
            self.holidays = (self.holidays - makeup) | set(map(date.fromisoformat, one["holidays"]))
            worked |= makeup
        self.makeup = worked - self.holidays

    def entry(self, day: date, number: int | None = None) -> tuple[date, int | None, str]:
        demand(day.year in self.announced, f"证明未附{day.year}年的放假安排")
        weekend = day.weekday() >= 5
        demand(weekend or day not in self.makeup, f"{day}不是周六、周日，不能是调休上班日")
        nature = "makeup_workday" if day in self.makeup else "weekend" if weekend else "workday"
        return day, number, "holiday" if day in self.holidays else nature

    def guesses(self, trace: Trace) -> bool:
        """Whether any of these days is of a year not announced."""
        return any(not self.announced[day.year] for day, _, nature in trace if nature)

    def guesses_between(self, first: date, last: date) -> bool:
        """Whether any year that has a say in these days is not announced."""
        reaching = {year for year in self.announced if first.year <= year <= last.year}
        return not all(self.announced[year] for year in reaching)

    def worked_after(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day``."""
        while number > 0:
            day += timedelta(1)
            number -= self.works(day)
        return day

    def works(self, day: date) -> bool:
        return "workday" in self.entry(day)[2]

    def counted(self, unit: str, amount: int, start: date) -> Trace:
        """A period from the event on ``start``, day by day."""
        if unit == "years":
            year = start.year + amount
            last = min(start.day, monthrange(year, start.month)[1])
            return [(start, None, ""), (date(year, start.month, last), None, "")]
        trace, number = [self.entry(start)], 0
        while number < amount:
            day = trace[-1][0] + timedelta(1)
            counts = unit == "calendar_days" or self.works(day)
            number += counts
            trace.append(self.entry(day, number if counts else None))
        return self.rolled(trace)

    def stayed(self, trace: Trace, days: int, unit: str) -> Trace:
        """Longer by the days of a stay."""
        moved = trace[-1][0] + timedelta(days)
        if days == 0:
            return trace
        return [*trace, (moved, None, "")] if unit == "years" else self.rolled([*trace, self.entry(moved)])

    def rolled(self, trace: Trace) -> Trace:
        """On from a rest day to the next working day."""
        while not self.works(trace[-1][0]):
            trace = [*trace, self.entry(trace[-1][0] + timedelta(1))]
        return trace


class Verification:
    """One certificate under examination; every public method gives what it found, as a Chinese sentence."""

    def __init__(self, certificate: Json) -> None:
        self.told = certificate
        self.lines: list[Json] = sorted(certificate["chain"]["lines"], key=lambda line: int(line["seq"]))
        self.steps = {one["data"]["step_id"]: one for one in self.lines if "step_id" in one["data"]}
        self.rows = {row["step_id"]: row for row in certificate["ledger"]["rows"]}
        self.listed = {one["step_id"] or one["document_id"]: one for one in certificate["considered"]}
        self.wait, self.rule = certificate["wait"], certificate["rule"]["term"]
        self.is_right = self.wait["kind"] == "right"
        own = [one["data"] for one in self.lines if one["data"].get("wait_id") == self.wait["id"]]
        self.counts = [data for data in own if "count" in data]
        # What the course of the period comes to, line by line.
        self.counted: list[Json] = []
        self.trace: Trace = []
        self.moves: list[tuple[int, date | None]] = []
        self.provisional, self.state, self.arrives = False, "running", SHANGHAI_EPOCH
        self.ended: Json | None = None
        self.silence: Json | None = None
        self.set_aside: Json | None = None
        self.answer: str | None = None
        self.corrections: list[Json] = []

    @property
    def last_day(self) -> date:
        return self.trace[-1][0]

    def chain(self) -> str:
        for line in self.lines:
            content = {name: value for name, value in line.items() if name != "hash"}
            demand(digest(content) == line["hash"], f"全程记录第{line['seq']}条的内容与其摘要不符")
            same(line, self.told, "batch_no", f"全程记录第{line['seq']}条")
        seq, before, latest = 0, "", max(moment(line["recorded_at"]) for line in self.lines)
        for link in sorted([*self.lines, *self.told["chain"]["links"]], key=lambda link: int(link["seq"])):
            seq += 1
            demand(link["seq"] == seq, f"全程记录缺少第{seq}条")
            demand(link["prev_hash"] == before, f"全程记录第{seq}条与前一条不衔接")
            before = link["hash"]
        demand(self.told["chain"]["head"] == {"seq": seq, "hash": before}, "全程记录的末条与证明所载的不符")
        demand(moment(self.told["issued_at"]) >= latest, "出具时间早于所附的记录")
        return f"全程记录第1至{seq}条的摘要链完整，末条摘要{before}"

    def ledger(self) -> str:
        for step_id, row in self.rows.items():
            name = f"登记簿中步骤{step_id}"
            demand(digest(row["body"]) == row["body_sha256"], f"{name}的内容与其摘要不符")
            if line := self.steps.get(step_id):
                stamp = line["data"]["received_at"]
                # Of a refused step the record tells the digest of what it said, of an accepted one the whole.
                said = "body" if "body" in line["data"] else "body_sha256"
                same(row, {**line["data"], "actor": line["actor"]}, f"step {said} actor", name)
                on_time = stamp is None or moment(stamp) == moment(row["received_at"])
                demand(on_time, f"{name}的登记时间{row['received_at']}被改动，全程记录为{stamp}")
        for step_id in self.steps:
            demand(step_id in self.rows, f"登记簿中缺少步骤{step_id}")
        return f"登记簿{len(self.rows)}条与全程记录一致"

    def regulation(self) -> str:
        regulation, first = self.told["regulation"], self.lines[0]
        demand(first["kind"] == "opened", "缺少下达批次的记录")
        demand(first["text"] == f"下达抽检批次：{self.told['batch_title']}", "批次名称与下达批次的记录不符")
        same(regulation, first["data"]["regulation"], "id title sha256", "规程")
        demand(digest(regulation["text"]) == regulation["sha256"], "规程全文与下达批次时记录的摘要不符")
        written = regulation["text"]["terms"][self.wait["term"]]
        for rule in [self.rule, *(data["count"]["rule"] for data in self.counts)]:
            same(rule, {**rule, **written}, " ".join(rule), "所适用的规则")
        return f"{regulation['title']}{self.rule['rests_on']}，自{self.rule['starts_from']}起算"

    def calendars(self) -> str:
        self.arrangements = {one["sha256"]: one["content"] for one in self.told["arrangements"]}
        used = [one for data in self.counts for one in data["deadline"]["arrangements"]]
        for one in self.told["arrangements"]:
            content, name = one["content"], f"{one['content']['year']}年的放假安排（{one['version']}）"
            demand(digest(content) == one["sha256"], f"{name}与其摘要不符")
            said = {key: content[key] for key in ("year", "announced")}
            said |= {"version": one["version"], "digest": one["sha256"]}
            demand(said in used, f"{name}不是计算所用的")
        return "、".join(
            f"{one['content']['year']}年（{one['version']}）" for one in self.told["arrangements"]
        )

    def course(self) -> str:
        """Follow the period's own lines; at its opening and at each move the deadline is counted anew."""
        run, self.corrections = self.told["run"], self._corrected()
        own = [line for line in self.lines if line["data"].get("wait_id") == self.wait["id"]]
        openings = [line["seq"] for line in own if line["kind"] == "wait_opened"]
        demand(openings == [*run["earlier"], run["opened_seq"]], "开始计算的记录与证明所载的不符")
        own = [line for line in own if line["seq"] >= run["opened_seq"]]
        self.opened = own[0]
        for line in own:
            if line["kind"] in ("wait_opened", "deadline_moved", "deadline_confirmed"):
                self._count(line)
            elif line["kind"] == "wait_ended":
                self._end(line)
            elif line["kind"] == "silence":
                self._silent(line)
            elif line["kind"] == "set_aside":
                self._set_aside(line)
        said, party = self.opened["data"]["wait"], self.opened["data"]["party_name"]
        holder = f"{said['owed_by_title']}（{party}）" if party and self.is_right else said["owed_by_title"]
        said = {**said, "holder": holder}
        same(self.wait, said, " ".join(self.wait), f"全程记录第{run['opened_seq']}条所载期限")
        return self._trigger()

    def _stays(self, until: int) -> list[tuple[datetime, datetime | None]]:
        """The batch's stays by the lines before ``until``; the last may last still."""
        found: list[tuple[datetime, datetime | None]] = []
        for line in self.lines:
            if line["kind"] == "step_accepted" and line["seq"] < until:
                if line["data"]["step"] == "suspended":
                    found.append((moment(line["at"]), None))
                elif line["data"]["step"] == "resumed":
                    found[-1] = (found[-1][0], moment(line["at"]))
        return found

    def _count(self, line: Json) -> None:
        where, first = f"全程记录第{line['seq']}条", line is self.opened
        request, deadline = line["data"]["count"], line["data"]["deadline"]
        for used in deadline["arrangements"]:
            demand(used["digest"] in self.arrangements, f"证明未附{where}所用的{used['year']}年放假安排")
        calendar = Calendar([self.arrangements[used["digest"]] for used in deadline["arrangements"]])
        how, days, fixed = request["how"], request["days"], request["last_day"]
        start, last = date.fromisoformat(request["start"]), fixed and date.fromisoformat(fixed)
        ended = [(day_of(a.isoformat()), day_of(b.isoformat())) for a, b in self._stays(line["seq"]) if b]
        gained = [max((end - max(begin, start)).days, 0) for begin, end in ended]
        demand(first == (how == "count"), f"{where}不是从起算日计算")
        demand(first or start == self.trace[0][0], f"{where}改动了起算日")
        if first:
            demand(days == (sum(gained) if self.is_right else 0), f"{where}的中止天数与中止、恢复的记录不符")
            same(self.told["rule"], {"contract_days": request["amount"]}, "contract_days", where)
            self.moves = [(days, None)] if days else []
        elif how == "stay":
            fits = 0 <= days <= sum(gained) if self.ended else days == gained[-1]
            demand(fits, f"{where}顺延的{days}日与中止、恢复的记录不符")
            self.moves += [(days, None)] if days else []
        elif how == "set" and last != self.last_day:
            demand(not self.is_right or last > self.last_day, f"{where}缩短了当事人的期限")
            self.moves += [(0, last)]
        if how in ("count", "again"):
            amount = self.rule["amount"] or self.told["rule"]["contract_days"]
            trace = calendar.counted(self.rule["unit"], amount, start)
            guessed, moves = calendar.guesses(trace), self.moves
        else:
            trace, guessed = self.trace, self.provisional
            moves = self.moves[-1:] if days or last != self.last_day else []
        for move in moves:
            trace, guessed = self._moved(calendar, trace, guessed, *move)
        if how == "again":
            kept = self.told["regulation"]["text"]["readings"].get("told_last_day_is_kept", True)
            demand(
                (last, request["never_earlier"]) == (self.last_day, kept), f"{where}不是从原届满日重新计算"
            )
            if kept and self.is_right and trace[-1][0] < last:
                trace = calendar.rolled([*trace, calendar.entry(last)])
                guessed = guessed or calendar.guesses_between(start, trace[-1][0])
        recorded = [(one["days"], one["last_day"]) for one in deadline["moves"]]
        demand(recorded == [(n, day and str(day)) for n, day in self.moves], f"{where}所载的历次变动不符")
        for (day, number, nature), one in zip(trace, deadline["trace"], strict=False):
            agrees = (one["day"], one["number"]) == (str(day), number)
            demand(agrees, f"{where}逐日计算的{one['day']}（{one['number']}）应为{day}（{number}）")
            wrong = f"{where}逐日计算的{day}应为{NATURES.get(nature)}，所载为{NATURES.get(one['nature'])}"
            demand(one["nature"] == nature or not nature, wrong)
        demand(len(trace) == len(deadline["trace"]), f"{where}逐日计算应至{trace[-1][0]}为止")
        recounted = {"start": str(start), "last_day": str(trace[-1][0]), "provisional": guessed}
        same(deadline, recounted, "start last_day provisional", where)
        demand(moment(deadline["closes_at"]) == close_of(trace[-1][0]), f"{where}的届满时刻不是当日24:00")
        if self.is_right:
            self.arrives = close_of(calendar.worked_after(trace[-1][0], self.rule["transit_working_days"]))
            demand(moment(deadline["heard_until"]) == self.arrives, f"{where}的在途申请登记截止不符")
        if first or self.ended:
            self.opened_at, self.state, self.ended, self.answer = moment(line["at"]), "running", None, None
            self.silence = self.set_aside = None
        self.trace, self.provisional = trace, guessed
        self.counted.append(line)

    def _moved(
        self, calendar: Calendar, trace: Trace, guessed: bool, days: int, fixed: date | None
    ) -> tuple[Trace, bool]:
        """Longer by a stay's days, or to the day an approver set; and whether its end is a guess."""
        if fixed is None:
            longer = calendar.stayed(trace, days, self.rule["unit"])
            return longer, guessed or calendar.guesses(longer[len(trace) :])
        if self.is_right and fixed < trace[-1][0]:
            return trace, guessed  # counted again, the right has grown beyond what was once granted
        if self.rule["unit"] == "years":
            return [*trace, (fixed, None, "")], False
        rolled = calendar.rolled([*trace, calendar.entry(fixed)])
        return rolled, len(rolled) > len(trace) + 1 and calendar.guesses(rolled[len(trace) :])

    def _ends_at(self) -> datetime:
        """The close and the allowance: more where the receipt was recorded when it was nearly over."""
        readings = self.told["regulation"]["text"]["readings"]
        return max(self.arrives, self.opened_at + timedelta(hours=readings["late_receipt_grace_hours"]))

    def _said(self, row: Json, until: int = sys.maxsize) -> Json | None:
        """What a step says by the lines before ``until``, put right; None for one that never happened."""
        body: Json | None = row["body"]
        for line in self.corrections:
            if line["data"]["corrects"] == row["step_id"] and line["seq"] < until:
                body = line["data"]["body"]
        return body

    def _corrected(self) -> list[Json]:
        """The lines that put a step right, each as it was proposed, and confirmed by somebody else."""
        found = [line for line in self.lines if line["kind"] == "corrected"]
        for line in found:
            data, where = line["data"], f"全程记录第{line['seq']}条"
            proposed = self._accepted(data["correction"], "更正")["data"]
            demand(proposed["step"] == "record_corrected", f"{where}所依据的步骤不是更正记录")
            same(data, proposed["body"], "corrects body", where)
            by = self.rows[data["correction"]]["actor"]["sub"]
            if data["because"]["step_id"] == data["correction"]:
                wrong = self.rows.get(data["corrects"], {"step": None, "actor": {"sub": None}})
                own = wrong["step"] in OWN_DECISIONS and wrong["actor"]["sub"] == by
                demand(own, f"{where}的更正没有他人确认，又不是更正本人的决定")
                continue
            confirmed = self._accepted(data["because"]["step_id"], "确认更正")
            demand(confirmed["data"]["step"] == "correction_confirmed", f"{where}的更正没有确认")
            body = confirmed["data"]["body"]
            agrees = (body["correction"], body["confirmed"]) == (data["correction"], True)
            demand(agrees, f"{where}的更正没有确认")
            demand(confirmed["actor"]["sub"] != by, f"{where}的更正由提出人自己确认")
        return found

    def _judged(self, row: Json, until: int = sys.maxsize) -> date:
        """The day by which a step is judged. Raises ``KeyError`` for one that never happened."""
        body = self._said(row, until)
        if body is None:
            raise KeyError(row["step_id"])
        if row["step"] == "objection_filed":
            by_post = body["how"] == "post"
            told = by_post and (body.get("postmark") or body.get("accepted_on"))
            # Where nothing tells when it was posted: the day it came less what the post usually takes.
            usual = self.told["regulation"]["text"]["readings"].get("usual_postal_days", 0)
            day = date.fromisoformat(told or body["filed_on"])
            return day - timedelta(usual) if by_post and not told else day
        return day_of(body[DONE[row["step"]]] if row["step"] in DONE else row["received_at"])

    def _in_time(self, day: date, stamp: datetime) -> bool:
        # A stay holds what runs, and nothing that has ended.
        ran = self.ended is None or stamp <= moment(self.ended["recorded_at"])
        for begin, end in self._stays(self.ended["seq"] if self.ended else sys.maxsize) if ran else ():
            held = not self.is_right or begin < close_of(self.last_day)
            if held and begin <= stamp and (end is None or stamp < end):
                return True
        return day <= self.last_day and (not self.is_right or stamp <= self._ends_at())

    def _sent(self, document_id: str) -> Json:
        """The line of a document's leaving."""
        for line in self.lines:
            if line["kind"] == "document_sent" and line["data"]["document_id"] == document_id:
                return line
        raise DoesNotHold(f"缺少文书{document_id}发出的记录")

    def _accepted(self, step_id: str, what: str) -> Json:
        line = self.steps.get(step_id, {"kind": None})
        anew = any(step_id in one["data"]["accepted"] for one in self.lines if one["kind"] == "corrected")
        demand(line["kind"] == "step_accepted" or anew, f"{what}{step_id}没有受理的记录")
        return line

    def _end(self, line: Json) -> None:
        self.ended, self.state, because = line, line["data"]["how"], line["data"]["because"]
        if self.state not in ("met", "waived"):
            return
        if step_id := because.get("step_id"):
            self._accepted(step_id, "结束期限的步骤")
            row, self.answer = self.rows[step_id], step_id
            if self._said(row) is None:
                self.state = "undone"
                return
            stamp, day = row["received_at"], self._judged(row)
        else:
            line = self._sent(because["document_id"])
            stamp, day = line["recorded_at"], left_on(line)
        self.answer = step_id or because["document_id"]
        in_time = self._in_time(day, moment(stamp)) and self._others_in_time(because)
        demand(in_time or not self.is_right, f"步骤{step_id}不在期限内，期限不能由此结束")
        self.state = "met_late" if self.state == "met" and not in_time else self.state

    def _others_in_time(self, because: Json) -> bool:
        """A duty to send is done once all have left: whether each did so in time."""
        if "document_id" not in because or self.wait["step"] is not None:
            return True
        mine = f"{self.told['batch_no']}-{self.wait['term']}-"
        sent = [line for line in self.lines if line["kind"] == "document_sent"]
        sent = [line for line in sent if line["seq"] > self.opened["seq"]]
        sent = [line for line in sent if line["data"]["document_id"].startswith(mine)]
        return all(self._in_time(left_on(line), moment(line["recorded_at"])) for line in sent)

    def _trigger(self) -> str:
        """The period starts on the day that its evidence tells of."""
        because = {"step_id": None, "document_id": None, **self.opened["data"]["because"]}
        issued = [one for one in self.lines if one["data"].get("deadline_of") == self.wait["id"]]
        issued = [one for one in issued if one["data"]["kind"] == "announcement"]
        announced = [one["data"]["document_id"] for one in issued if one["seq"] > self.opened["seq"]]
        because["document_id"] = announced[0] if announced else because["document_id"]
        day, what = day_of(self.opened["at"]), self.rule["starts_from"]
        if document_id := because["document_id"]:
            line = self._sent(document_id)
            day, what = left_on(line), f"{line['text']}（{document_id}）"
        elif step_id := because["step_id"]:
            line = self._accepted(step_id, "起算步骤")
            body = self._said(self.rows[step_id], self.opened["seq"]) or {}
            field = STARTS.get((self.wait["term"], line["data"]["step"]))
            day, what = day_of(body[field] if field else line["at"]), f"{line['text']}（步骤{step_id}）"
            if field == "delivered_on":
                served = (SERVED[self.wait["term"]], self.wait["party"] or "retest_laboratory")
                demand((body["notice"], body["recipient"]) == served, f"步骤{step_id}不是向本当事人送达")
        demand(self.trace[0][0] == day, f"起算日{self.trace[0][0]}与起算事由的日期{day}不符")
        same(
            self.told["trigger"], {**because, "starts_on": str(day)}, "starts_on step_id document_id", "起算"
        )
        return f"{what}，{day}起算，当日不计入"

    def considered(self) -> str:
        listed = self.listed
        for step_id, row in self.rows.items():
            demand(step_id in listed or not self._may_end_it(row), f"遗漏了应当审查的步骤{step_id}")
        mine = f"{self.told['batch_no']}-{self.wait['term']}-"
        for line in self.lines if self.wait["step"] is None else []:
            document_id = line["data"].get("document_id", "") if line["kind"] == "document_sent" else ""
            since = document_id.startswith(mine) and line["seq"] > self.opened["seq"]
            needed = since or document_id == self.answer
            demand(document_id in listed or not document_id or not needed, f"遗漏了已发出的文书{document_id}")
        until = self._ends_at() if self.is_right else None
        given = self.told["ledger"]["heard_until"]
        demand((given and moment(given)) == until, "登记簿的在途申请登记截止不符")
        asked: Json = {"asked_at": None}
        demand(self.state != "lapsed" or self.silence is not None, "缺少届满后查询登记簿的记录")
        if self.silence is not None:
            asked["asked_at"] = self.silence["data"]["ledger_now"]
        asked_at = self.told["ledger"]["asked_at"]
        same(self.told["ledger"], {**asked, "asked_at": asked_at}, "asked_at", "登记簿")
        told = None if asked_at is None else moment(asked_at)
        demand(told == (asked["asked_at"] and moment(asked["asked_at"])), "查询登记簿的时间与全程记录不符")
        for name, one in listed.items():
            found = self._looked_at(one)
            examined = {"examination"} if found["examination"] else set()
            same(one, found, " ".join((set(one) | examined) - {"at"}), f"所审查的{name}")
        return f"步骤和文书{len(listed)}件，是否在期限内均属实"

    def _looked_at(self, one: Json) -> Json:
        """What must be said of a step or document that was looked at."""
        name = one["step_id"] or one["document_id"]
        found: Json = {"step_id": None, "document_id": None, "withdrawn": False, "accepted": None}
        found |= {
            "reason": None,
            "seq": None,
            "corrected_by": None,
            "examination": None,
            "title": one["title"],
            "ended_it": name == self.answer,
        }
        if one["step_id"] is None:
            line = self._sent(name)
            stamp, title = line["recorded_at"], line["text"]
            found |= {"document_id": name, "title": title, "seq": line["seq"], "day": str(left_on(line))}
        else:
            demand(name in self.rows, f"登记簿中缺少步骤{name}")
            step, stamp = self.steps.get(name), self.rows[name]["received_at"]
            found |= {"step_id": name, "day": None}
            if step is None or step["data"].get("code") != "unreadable":
                with suppress(KeyError, TypeError, ValueError):  # a signal past the API may hold anything
                    found["day"] = str(self._judged(self.rows[name]))
            if step is not None:
                found |= {"accepted": step["kind"] == "step_accepted", "seq": step["seq"]}
                title, _, reason = step["text"].partition("：不予受理。")
                found |= self._since_corrected(name, found["accepted"])
                found |= {
                    "title": title,
                    "reason": None if found["accepted"] else reason or None,
                    "withdrawn": self._withdrawn(name, sys.maxsize),
                    "examination": self._examination(name),
                }
        demand(moment(one["at"]) == moment(stamp), f"所审查的{name}的登记时间{one['at']}应为{stamp}")
        day = found["day"] and date.fromisoformat(found["day"])
        found["in_time"] = day is not None and self._in_time(day, moment(stamp))
        stands = found["accepted"] and self._said(self.rows[name]) is not None
        explained = found["in_time"] or found["withdrawn"] or found["examination"] or not stands
        # The silence fell with the record that it rested on, and the step counts since.
        explained = explained or (found["corrected_by"] and self.state == "set_aside")
        demand(explained or self.silence is None, f"步骤{name}在届满后受理，却没有审查的记录")
        return found

    def _since_corrected(self, step_id: str, accepted: bool) -> Json:
        """By which line a step was put right or judged anew, and whether it is accepted since."""
        corrected_by = None
        for line in self.corrections:
            data = line["data"]
            if step_id in (data["corrects"], *data["accepted"], *data["refused"]):
                corrected_by = line["seq"]
            accepted = (accepted or step_id in data["accepted"]) and step_id not in data["refused"]
        return {"accepted": accepted, "corrected_by": corrected_by}

    def _examination(self, step_id: str) -> Json | None:
        """A step stamped after the close is accepted to be examined: how, and by which decision it ended."""
        party = self.wait["party"]
        begun = [
            line
            for line in self.lines
            if line["kind"] == "wait_opened" and line["data"]["wait_id"] == f"reopening_decided:{party}"
        ]
        mine = [line for line in begun if line["data"]["because"].get("step_id") == step_id]
        if not mine or not self.is_right:
            return None
        opened = mine[0]["seq"]
        until = min((line["seq"] for line in begun if line["seq"] > opened), default=sys.maxsize)
        between = [
            one for one in self.lines if opened < one["seq"] < until and one["kind"] == "step_accepted"
        ]
        decided = [one["data"] for one in between if one["data"]["step"] == "reopening_decided"]
        decided = [data for data in decided if data["body"]["party"] == party]
        found: Json = {"opened_seq": opened, "step_id": None, "approved": None, "set_aside_seq": None}
        if decided:
            found |= {"step_id": decided[0]["step_id"], "approved": decided[0]["body"]["approved"]}
            found["set_aside_seq"] = self._sets_aside(found["step_id"])
            agrees = found["approved"] is (found["set_aside_seq"] is not None)
            demand(agrees, f"步骤{step_id}的审查决定与逾期的认定是否适用不符")
        return found

    def _sets_aside(self, step_id: str) -> int | None:
        """The line by which the approver's decision set this period's end aside."""
        for line in self.lines:
            if line["kind"] == "set_aside" and line["data"]["because"].get("step_id") == step_id:
                return int(line["seq"]) if line["data"]["wait_id"] == self.wait["id"] else None
        return None

    def _set_aside(self, line: Json) -> None:
        """An application filed in time, with proof of that day, that the approver examined."""
        where = f"全程记录第{line['seq']}条"
        if "correction" in line["data"]:
            by = [one for one in self.corrections if one["data"]["correction"] == line["data"]["correction"]]
            demand(len(by) == 1, f"{where}所依据的更正没有记录")
            demand(by[0]["actor"]["role"] == "approver", f"{where}所依据的更正不是分管负责人确认的")
            if self.state == "lapsed":
                self.state, self.set_aside = "set_aside", line
            return
        decided_by = line["data"]["because"]["step_id"]
        decision = self._accepted(decided_by, "审查决定步骤")["data"]
        own = (decision["step"], decision["body"]["party"]) == ("reopening_decided", self.wait["party"])
        demand(own and decision["body"]["approved"] is True, f"{where}所依据的步骤{decided_by}不是恢复的决定")
        examined = [
            step_id
            for step_id, row in self.rows.items()
            if row["step"] == self.wait["step"]
            and (self._examination(step_id) or {}).get("step_id") == decided_by
        ]
        demand(len(examined) == 1, f"{where}没有所审查的步骤")
        row = self.rows[examined[0]]
        body = self._said(row, line["seq"]) or {}
        readings = self.told["regulation"]["text"]["readings"]
        self._accepted(examined[0], "所审查的步骤")
        demand(
            self._judged(row, line["seq"]) <= self.last_day, f"步骤{examined[0]}不是按期提交，不能据以恢复"
        )
        proven = body.get("receipt") is not None or body.get("how") in readings["proven_without_receipt"]
        demand(proven, f"步骤{examined[0]}没有按期提交的证明，不能据以恢复")
        if self.state == "lapsed":
            self.state, self.set_aside = "set_aside", line

    def _concerns(self, row: Json) -> bool:
        """Whether a ledger row is a step that could have ended this period, as filed or as put right."""
        return self._concerns_as(row, row["body"]) or self._concerns_as(row, self._said(row))

    def _concerns_as(self, row: Json, body: Json | None) -> bool:
        step, party, body = self.wait["step"], self.wait["party"], body or row["body"]
        if step == "notice_delivered" and row["step"] in (step, "notice_returned"):
            return bool(self.wait["id"] == f"{step}:{body.get('notice')}:{body.get('recipient')}")
        mine = party is None or body.get("party", "seller") == party
        return bool(row["step_id"] == self.answer or (row["step"] == step and mine))

    def _may_end_it(self, row: Json) -> bool:
        """What was dealt with before a duty began could not end it."""
        line = self.steps.get(row["step_id"])
        before = not self.is_right and line is not None and line["seq"] < self.opened["seq"]
        return self._concerns(row) and (not before or row["step_id"] == self.answer)

    def _silent(self, line: Json) -> None:
        """Silence was declared after the close, and nothing that the ledger held stood in its way."""
        seq, data, ends_at = line["seq"], line["data"], self._ends_at()
        asked_at, seen = moment(data["ledger_now"]), set()
        same(data, {"last_day": str(self.last_day)}, "last_day", "届满后的查询")
        demand(moment(data["heard_until"]) == ends_at, "届满后的查询的在途申请登记截止不符")
        demand(asked_at > ends_at, f"查询登记簿的时间{data['ledger_now']}不晚于届满")
        for one in data["considered"]:
            step_id, stamp = one["envelope"]["step_id"], moment(one["envelope"]["received_at"])
            seen.add(step_id)
            demand(step_id in self.listed and step_id in self.rows, f"届满时查询到的步骤{step_id}被遗漏")
            demand(stamp == moment(self.rows[step_id]["received_at"]), f"步骤{step_id}的登记时间与查询时不符")
            day = self._judged(self.rows[step_id], seq) if one["filing_day"] else None
            if day is not None and day <= self.last_day and stamp <= ends_at:
                demand(self._excused(step_id, seq), f"步骤{step_id}在期限内登记，不能认定届满未行使")
        for step_id, row in self.rows.items():
            before = self._concerns_as(row, self._said(row, seq)) and moment(row["received_at"]) <= asked_at
            demand(not before or step_id in seen, f"步骤{step_id}在查询登记簿之前登记，查询结果却没有")
        self.silence = line

    def _excused(self, step_id: str, until: int) -> bool:
        """A filing in time stands in silence's way unless it was refused, not as late, or withdrawn.

        One refused because a silence had been declared is taken back with the application that came after it.
        """
        line = self.steps.get(step_id)
        if line is None or line["seq"] > until:
            return False
        late = line["data"].get("code") in ("filed_late", "recorded_after_silence")
        return (line["kind"] == "step_refused" and not late) or self._taken_back(step_id, until)

    def _withdrawn(self, step_id: str, until: int) -> bool:
        """Whether an application was accepted and then withdrawn by its party."""
        line = self.steps[step_id]
        accepted = (line["kind"], line["data"]["step"]) == ("step_accepted", "objection_filed")
        return accepted and self._taken_back(step_id, until)

    def _taken_back(self, step_id: str, until: int) -> bool:
        """Whether its party withdrew after it."""
        line = self.steps[step_id]
        between = [one for one in self.lines if line["seq"] < one["seq"] < until]
        after = [one["data"] for one in between if one["kind"] == "step_accepted"]
        bodies = [data["body"] for data in after if data["step"] == "objection_withdrawn"]
        return any(body["party"] == self.wait["party"] for body in bodies)

    def count(self) -> str:
        told, deadline = self.told["count"], self.counted[-1]["data"]["deadline"]
        for mine, recorded in zip(told["days"], deadline["trace"], strict=False):
            demand(mine == recorded, f"证明所载的{recorded['day']}一日与全程记录不符")
        same(told, {**deadline, "days": deadline["trace"]}, " ".join(told), "证明所载计算")
        demand(len(self.told["moves"]) == len(self.counted) - 1, "期限变动的次数与全程记录不符")
        for move, line in zip(self.told["moves"], self.counted[1:], strict=True):
            how, last_day = line["data"]["count"]["how"], line["data"]["deadline"]["last_day"]
            moved = {**line, "how": how, "last_day": last_day, "at": move["at"]}
            same(move, moved, " ".join(move), f"期限变动（第{line['seq']}条）")
            demand(moment(move["at"]) == moment(line["at"]), f"期限变动（第{line['seq']}条）的时间不符")
        return f"{told['explanation']}逐日核对{len(self.trace)}日，变动{len(self.counted) - 1}次"

    def decision(self) -> str:
        told, ended, clock = self.told["decision"], self.ended, moment(self.told["issued_at"])
        if ended is None and not self.is_right and clock >= close_of(self.last_day):
            stays = self._stays(sys.maxsize)
            self.state = "running" if stays and stays[-1][1] is None else "overdue"
        title = STATES[self.state]
        otherwise = f"结论应为“{title}”，证明所载为“{STATES.get(told['state'])}”"
        demand(told["state"] == self.state, otherwise)
        silence = self.silence if self.state in ("lapsed", "set_aside") else ended
        text = "；".join(line["text"] for line in (silence, self.set_aside) if line) or None
        said = {"title": title, "text": text, "seq": ended and ended["seq"]}
        same(told, said, "title text seq", "结论")
        at = None if told["at"] is None else moment(told["at"])
        demand(at == (ended and moment(ended["at"])), "结束时间与全程记录不符")
        return "：".join(filter(None, [title, told["text"]]))


def verify(certificate: Json) -> list[str]:
    """What was found, in Chinese sentences. Raises ``DoesNotHold`` with the first thing that is wrong."""
    try:
        found = Verification(certificate)
        record, rule, calendars = f"{found.chain()}；{found.ledger()}", found.regulation(), found.calendars()
        start, count, considered = found.course(), found.count(), found.considered()
        return [
            f"批次：{certificate['batch_title']}",
            f"期限：{found.wait['title']}，{found.wait['holder']}",
            f"记录：{record}",
            f"规则：{rule}",
            f"日历：{calendars}",
            f"起算：{start}",
            f"计算：{count}",
            f"审查：{considered}",
            f"结论：{found.decision()}",
        ]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise DoesNotHold(f"证明缺少内容或者格式不对（{type(error).__name__} {error}）") from error


def signer_of(certificate: Json, keys: Keys) -> str:
    """Whose word all of it is. Raises ``DoesNotHold``."""
    note = certificate.get("signature")
    demand(isinstance(note, str), "没有签名")
    lines, signer = keys.opened(str(note))
    content = {name: value for name, value in certificate.items() if name not in BESIDE}
    said = [FORMAT, certificate.get("batch_no"), f"sha256:{digest(content)}"]
    demand(lines == said, "签名的不是这份证明，签名后内容被改动")
    return signer


def up(node: bytes, path: list[bytes], index: int, size: int) -> bytes:
    """The root that a leaf's digest leads to (RFC 9162, section 2.1.3.2)."""
    last = size - 1
    for sibling in path:
        demand(last > 0, "检查点的路径过长")
        if index & 1 or index == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        index, last = index >> 1, last >> 1
    demand(last == 0, "检查点的路径不完整")
    return node


def checkpointed(certificate: Json, keys: Keys | None, other: str | None) -> list[str]:
    """That the record stood so at a checkpoint: the one beside the certificate, and ``other`` where given."""
    told = certificate.get("checkpoint")
    demand(told is not None or other is None, "证明没有附检查点，无从与所给的检查点核对")
    if told is None:
        return []
    text, _, _ = told["note"].rpartition("\n\n")
    lines = text.split("\n")
    demand(len(lines) == 6, "检查点的格式不对")
    links = [*certificate["chain"]["lines"], *certificate["chain"]["links"]]
    heads = [link["hash"] for link in links if link["seq"] == told["seq"]]
    demand(heads == [told["hash"]], f"全程记录第{told['seq']}条不是检查点所固定的")
    leaf = f"{certificate['batch_no']} {told['seq']} {told['hash']}\n".encode()
    index, size, path = told["index"], int(lines[1]), list(map(bytes.fromhex, told["path"]))
    demand(0 <= index < size, "检查点中没有这个位置")
    root = up(hashlib.sha256(b"\x00" + leaf).digest(), path, index, size)
    demand(root == b64decode(lines[2]), "本批次不在检查点所固定的之中")
    demand(other is None or other.rpartition("\n\n")[0] == text, "证明所附的检查点不是所给的那一份")
    signer = None
    for note in (told["note"], other) if keys else ():
        signer = keys.opened(note)[1] if keys and note is not None else signer
    no, day = (line.partition(" ")[2] for line in lines[3:5])
    whose = f"，签名：{signer}" if signer else ""
    return [f"检查点：第{no}号（{day}）固定了本批次第1至{told['seq']}条{whose}"]


def held(certificate: Json, keys: Keys | None, other: str | None) -> list[str]:
    try:
        return checkpointed(certificate, keys, other)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise DoesNotHold(f"检查点缺少内容或者格式不对（{type(error).__name__} {error}）") from error


def read(path: str) -> Json | str:
    """A certificate, or the text of another signed note. Raises ``Unreadable``."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if "\n\n\u2014 " in text:
            return text
        certificate = json.loads(text)
    except OSError as error:
        raise Unreadable(f"读不到文件 {path}：{error.strerror}。") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"文件 {path} 不是 JSON。") from error
    if not isinstance(certificate, dict) or certificate.get("format") != FORMAT:
        raise Unreadable(f"文件 {path} 不是期限证明（{FORMAT}）。")
    return certificate


def main(arguments: list[str]) -> int:
    """Print the finding; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="certificate.py", usage="python verify/certificate.py certificate.json --key keys.txt"
    )
    parser.add_argument("file", help="期限证明（JSON），或者其他有签名的文本")
    parser.add_argument("--key", help="出具机关的公钥，或者公钥文件；应当从机关自己取得")
    parser.add_argument("--checkpoint", help="从别处取得的检查点文件，证明应当与它相符")
    given = parser.parse_args(arguments)
    try:
        keys, told = None if given.key is None else Keys(given.key), read(given.file)
        signed = [f"签名：{signer_of(told, keys)}"] if keys and isinstance(told, dict) else []
        if isinstance(told, dict):
            other = None if given.checkpoint is None else read(given.checkpoint)
            if isinstance(other, dict):
                raise Unreadable(f"文件 {given.checkpoint} 不是检查点。")
            account = [*verify(told), *held(told, keys, other), *signed]
        elif keys:
            lines, signer = keys.opened(told)
            account = [*lines, f"签名：{signer}"]
        else:
            raise Unreadable("没有公钥，无法核对签名：请用 --key 写明。")
    except Unreadable as unreadable:
        print(unreadable, file=sys.stderr)
        return 2
    except DoesNotHold as finding:
        print(f"不成立：{finding}。")
        return 1
    print("\n  ".join(["成立" if keys else UNSIGNED, *account]))
    return 0 if keys else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
