"""Making letters: how many a second, and what the process that makes them needs."""

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psutil

from law.regulation import in_force_on
from law.vocabulary import DocumentKind, Recipient
from letters.typesetting import Typesetter
from messages.letter import LetterFacts

_MIB = 1024 * 1024
_ITEMS = 12


@dataclass(frozen=True)
class Pressed:
    """``rss_before_mib`` is the process without fonts, ``rss_mib`` the same process afterwards."""

    letters: int
    seconds: float
    p50_ms: float
    bytes_each: float
    rss_before_mib: float
    rss_mib: float

    @property
    def letters_per_second(self) -> float:
        return self.letters / self.seconds


def pressed(letters: int) -> Pressed:
    """Make letters one after the other in a process that does nothing else."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_pressed, letters).result()


def _pressed(letters: int) -> Pressed:
    """Each of other facts; two or three pages and twelve items each."""
    process = psutil.Process()
    typesetter = Typesetter("https://bureau.example")
    before = process.memory_info().rss
    taken, size = [], 0
    began = time.perf_counter()
    for number in range(1, letters + 1):
        one = time.perf_counter()
        size += len(typesetter.typeset(_notice(number)))
        taken.append(time.perf_counter() - one)
    seconds = time.perf_counter() - began
    return Pressed(
        letters=letters,
        seconds=seconds,
        p50_ms=sorted(taken)[letters // 2] * 1000,
        bytes_each=size / letters,
        rss_before_mib=before / _MIB,
        rss_mib=process.memory_info().rss / _MIB,
    )


def _notice(number: int) -> LetterFacts:
    """A nonconforming result, to the seller: the longest letter that goes out by the thousand."""
    now = datetime.now(UTC)
    regulation = in_force_on(now.date())
    rule = regulation.recipients[DocumentKind.RESULT_NOTICE]
    batch_no = f"CJ{now.year}-{number:06}"
    items = [
        {
            "name": f"检验项目{item}",
            "standard": "GB/T 29606-2013",
            "requirement": "无裂纹",
            "measured": f"{number}.{item}",
            "verdict": "conforming" if item else "nonconforming",
        }
        for item in range(_ITEMS)
    ]
    fields: dict[str, Any] = {
        "verdict": "不合格",
        "items": items,
        "right_to_retest": "有异议的，可以向本局提出书面复检申请；逾期未提出的，视为无异议。",
        "last_day": "自收到检验结果通知书之日的次日起15日内，届满日为休息日的顺延至下一工作日",
        "how_counted": "收到之日不计入，按自然日计算，至最后一日24:00届满。",
        "report": {"report_no": f"JY-{number}"},
    }
    return LetterFacts(
        document_id=f"{batch_no}-result_notice-seller-1",
        batch_no=batch_no,
        kind=DocumentKind.RESULT_NOTICE,
        number=rule.number_form.format(year=now.year, number=number),
        title=rule.title,
        recipient=Recipient.SELLER,
        recipient_name=f"示例旗舰店{number}",
        fields=fields,
        field_titles={field.name: field.title for field in (*rule.must_carry, *rule.encloses)},
        facts={
            "bureau": regulation.bureaus.municipal_bureau,
            "regulation": regulation.title,
            "goods": f"儿童保温杯{number}",
            "spec_model": f"SL-{number}",
            "laboratory": "浙江省示例检验院",
            "report_no": f"JY-{number}",
        },
        rests_on=rule.rests_on,
        sha256=f"{number:064x}",
        secret=f"{number:026}",
        created_at=now,
    )


if __name__ == "__main__":
    print(pressed(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
