"""Platform operators that take letters by their own system: a signed webhook, as Standard Webhooks has it."""

import asyncio
import base64
import hashlib
import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, field_validator
from standardwebhooks import Webhook
from temporalio.exceptions import ApplicationError

from activities.outgoing import GIVEN_UP_AFTER, tried_for
from letters.typesetting import verification_url
from messages.records import Failure
from messages.steps.service import FailureCause
from messages.text import TextRefused, cleaned
from settings import SettingFaulty, on_this_machine
from store.documents.outbox import Outgoing
from store.documents.papers import HandedOver

UNAVAILABLE = "platform_unavailable"
PATIENCE_SECONDS = 30.0
# Of one attempt altogether: an answer that trickles in keeps within the other limits.
_LONGEST_ATTEMPT_SECONDS = 90.0
_LONGEST_READ_SECONDS = 20.0
_LONGEST_ANSWER_BYTES = 64 * 1024
_LONGEST_RECEIPT = 200
_LONGEST_RETRY_AFTER = timedelta(hours=1)
_FOR_NOW = frozenset({408, 425, 429})
_SERVERS_FAULT = 500
# What the scheme recommends at least; with less anybody could sign in our name.
_SHORTEST_SECRET_BYTES = 24


class Operator(BaseModel):
    """One operator of the file: its name as orders write it, where its system listens, the shared secret."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    name: str = Field(min_length=1)
    url: str
    secret: SecretStr

    @field_validator("name")
    @classmethod
    def _as_orders_write_it(cls, name: str) -> str:
        return cleaned(name)

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str) -> str:
        try:
            parts = httpx.URL(url)
        except httpx.InvalidURL:
            raise ValueError("url 不是网址") from None
        if parts.userinfo or not parts.host:
            raise ValueError("url 应为不含账号的网址")
        if parts.scheme != "https" and not (parts.scheme == "http" and on_this_machine(parts.host)):
            raise ValueError("url 应为 https://…（http 只限本机）")
        return url

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        try:
            text = secret.get_secret_value().removeprefix("whsec_").rstrip("=")
            key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError:
            raise ValueError("secret 应为 whsec_ 加 Base64 文本") from None
        if len(key) < _SHORTEST_SECRET_BYTES:
            raise ValueError(f"secret 过短，至少应为{_SHORTEST_SECRET_BYTES}字节的 Base64 文本")
        return secret

    @property
    def host(self) -> str:
        """Where it listens, for people: an address's path may be nobody's business."""
        return httpx.URL(self.url).netloc.decode()


def read_operators(file: Path) -> dict[str, Operator]:
    """The operators of a YAML file, by name. Raises ``SettingFaulty``, which never says a secret."""
    try:
        listed = yaml.safe_load(file.read_text("utf-8")) or []
        operators = TypeAdapter(list[Operator]).validate_python(listed)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingFaulty(f"CHOUJIAN_PLATFORMS：读不了文件 {file}（{type(error).__name__}）。") from None
    except yaml.YAMLError:
        # Its own message would quote the line.
        raise SettingFaulty(f"CHOUJIAN_PLATFORMS：文件 {file} 不是 YAML。") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = "".join(f"第{part + 1}项" if isinstance(part, int) else f"的{part}" for part in first["loc"])
        why = first["msg"].removeprefix("Value error, ")
        raise SettingFaulty(
            f"CHOUJIAN_PLATFORMS：文件 {file} {place}不对：{why}；应为 name、url、secret 的列表。"
        ) from None
    by_name = {operator.name: operator for operator in operators}
    if len(by_name) < len(operators):
        raise SettingFaulty(f"CHOUJIAN_PLATFORMS：文件 {file} 中有同名的平台。")
    return by_name


@dataclass(frozen=True)
class _Answer:
    status: int
    taken_in: bool
    retry_after: timedelta | None
    content: bytes


class Webhooks:
    """Hands letters to operators' systems."""

    def __init__(
        self,
        public_url: str,
        given_up_after: timedelta = GIVEN_UP_AFTER,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """``public_url``: where letters are verified; ``given_up_after``: since sending was asked for."""
        self._public_url = public_url
        self._patience = httpx.Timeout(patience_seconds, connect=10)
        self._given_up_after = given_up_after
        self._tls = ssl.create_default_context()

    async def send(self, operator: Operator, document: Outgoing, pdf: bytes) -> HandedOver:
        """Hand a letter over, or leave it to people where the operator refuses it for good.

        The same may come again after a crash: under the same ``webhook-id``, by which it is known for one.
        Raises ``ApplicationError`` while another attempt may do better. Runs inside an activity.
        """
        try:
            answer = await self._posted(operator, document, pdf)
        except (httpx.TransportError, TimeoutError) as error:
            return self._not_now(operator, document, f"连接不通或超时（{type(error).__name__}）")
        said = f"HTTP {answer.status}"
        if answer.taken_in:
            receipt = _receipt_in(answer.content)
            words = f"{operator.host} 已接收（{said}），{f'回执 {receipt}' if receipt else '未给回执'}"
            return HandedOver("platform", words, receipt=receipt)
        if answer.status in _FOR_NOW or answer.status >= _SERVERS_FAULT:
            return self._not_now(operator, document, said, answer.retry_after)
        return _left_to_people(operator, document, said)

    async def _posted(self, operator: Operator, document: Outgoing, pdf: bytes) -> _Answer:
        body = json.dumps(self._message(document, pdf), ensure_ascii=False)
        headers = _signed(operator, document.document_id, body)
        async with (
            asyncio.timeout(_LONGEST_ATTEMPT_SECONDS),
            httpx.AsyncClient(timeout=self._patience, verify=self._tls, follow_redirects=False) as client,
            client.stream("POST", operator.url, content=body.encode(), headers=headers) as answer,
        ):
            content = await _read(answer) if answer.is_success else b""
            return _Answer(answer.status_code, answer.is_success, _retry_after(answer), content)

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
        self, operator: Operator, document: Outgoing, reason: str, retry_after: timedelta | None = None
    ) -> HandedOver:
        if tried_for() >= self._given_up_after:
            hours = self._given_up_after / timedelta(hours=1)
            return _left_to_people(operator, document, f"{reason}，{hours:g}小时内未能接收")
        raise ApplicationError(
            f"平台“{operator.name}”（{operator.host}）暂未接收 {document.document_id}：{reason}",
            type=UNAVAILABLE,
            next_retry_delay=retry_after,
        )


def _left_to_people(operator: Operator, document: Outgoing, reason: str) -> HandedOver:
    return HandedOver(
        "outbox",
        f"平台接口（{operator.host}）未接收，待人工递送：{document.address or document.recipient_name}",
        Failure(cause=FailureCause.PLATFORM_REFUSED, reason=f"{operator.host}：{reason}"),
    )


def _signed(operator: Operator, message_id: str, body: str) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        # Not compressed, so that what is read is no more than what was sent.
        "accept-encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(operator.secret.get_secret_value()).sign(message_id, now, body),
    }


async def _read(answer: httpx.Response) -> bytes:
    """The body as it came; nothing where it is longer than any receipt needs, breaks off or trickles.

    The letter was taken in by the status already: no answer but a receipt would be gained by another attempt.
    """
    content = b""
    try:
        async with asyncio.timeout(_LONGEST_READ_SECONDS):
            async for part in answer.aiter_raw():
                content += part
                if len(content) > _LONGEST_ANSWER_BYTES:
                    return b""
    except (httpx.TransportError, TimeoutError):
        return b""
    return content


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


def _retry_after(answer: httpx.Response) -> timedelta | None:
    """How long the operator asks us to wait, where it says so in seconds."""
    said = answer.headers.get("retry-after", "")
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        return None
    return min(timedelta(seconds=int(said)), _LONGEST_RETRY_AFTER)
