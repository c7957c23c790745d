"""Platform operators that take letters by their own system, as signed webhooks."""

import base64
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.exceptions import ApplicationError

from activities.outgoing import GIVEN_UP_AFTER, tried_for
from activities.webhooks import NO_ANSWER, PATIENCE_SECONDS, Endpoint, Webhooks, read_endpoints
from letters.typesetting import verification_url
from messages.records import Failure
from messages.steps.service import FailureCause
from messages.text import TextRefused, cleaned
from store.documents.outbox import Outgoing
from store.documents.papers import HandedOver

UNAVAILABLE = "platform_unavailable"
_LONGEST_RECEIPT = 200


def read_operators(file: Path) -> dict[str, Endpoint]:
    """The operators of a YAML file, by their names as orders write them. Raises ``SettingFaulty``."""
    return read_endpoints("CHOUJIAN_PLATFORMS", file, Endpoint)


class PlatformLetters:
    """Hands letters to operators' systems."""

    def __init__(
        self,
        public_url: str,
        given_up_after: timedelta = GIVEN_UP_AFTER,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """``public_url``: where letters are verified; ``given_up_after``: since sending was asked for."""
        self._public_url = public_url
        self._given_up_after = given_up_after
        self._webhooks = Webhooks(patience_seconds)

    async def send(self, operator: Endpoint, document: Outgoing, pdf: bytes) -> HandedOver:
        """Hand a letter over, or leave it to people where the operator refuses it for good.

        The same may come again after a crash: under the same ``webhook-id``, by which it is known for one.
        Raises ``ApplicationError`` while another attempt may do better. Runs inside an activity.
        """
        body = json.dumps(self._message(document, pdf), ensure_ascii=False)
        try:
            answer = await self._webhooks.post(operator, document.document_id, body)
        except NO_ANSWER as error:
            return self._not_now(operator, document, f"连接不通或超时（{type(error).__name__}）")
        said = f"HTTP {answer.status}"
        if answer.taken_in:
            receipt = _receipt_in(answer.content)
            words = f"{operator.host} 已接收（{said}），{f'回执 {receipt}' if receipt else '未给回执'}"
            return HandedOver("platform", words, receipt=receipt)
        if answer.is_for_now:
            return self._not_now(operator, document, said, answer.retry_after)
        return _left_to_people(operator, document, said)

    def _message(self, document: Outgoing, pdf: bytes) -> dict[str, Any]:
        return {
            "batch_no": document.batch_no,
            "document_id": document.document_id,
            "number": document.number,
            "kind": document.kind,
            "title": document.title,
            "recipient_name": document.recipient_name,
            "fields": document.fields,
            "field_titles": document.field_titles,
            "rests_on": document.rests_on,
            "created_at": document.created_at.isoformat(),
            "sha256": document.sha256,
            "pdf": base64.b64encode(pdf).decode(),
            "pdf_sha256": hashlib.sha256(pdf).hexdigest(),
            "verification_url": verification_url(self._public_url, document.secret),
        }

    def _not_now(
        self, operator: Endpoint, document: Outgoing, reason: str, retry_after: timedelta | None = None
    ) -> HandedOver:
        if tried_for() >= self._given_up_after:
            hours = self._given_up_after / timedelta(hours=1)
            return _left_to_people(operator, document, f"{reason}，{hours:g}小时内未能接收")
        raise ApplicationError(
            f"平台“{operator.name}”（{operator.host}）暂未接收 {document.document_id}：{reason}",
            type=UNAVAILABLE,
            next_retry_delay=retry_after,
        )


def _left_to_people(operator: Endpoint, document: Outgoing, reason: str) -> HandedOver:
    return HandedOver(
        "outbox",
        f"平台接口（{operator.host}）未接收，待人工递送：{document.address or document.recipient_name}",
        Failure(cause=FailureCause.PLATFORM_REFUSED, reason=f"{operator.host}：{reason}"),
    )


def _receipt_in(content: bytes) -> str | None:
    """The platform's own receipt number, where its answer has one that can be put on record."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    receipt = answer.get("receipt") if isinstance(answer, dict) else None
    if not isinstance(receipt, str):
        return None
    try:
        receipt = cleaned(receipt).strip()
    except TextRefused:
        return None
    return receipt if 0 < len(receipt) <= _LONGEST_RECEIPT and receipt.isprintable() else None
