"""Messages to others' own systems: signed and posted as Standard Webhooks has it."""

import asyncio
import base64
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, field_validator
from standardwebhooks import Webhook

from messages.text import cleaned
from settings import SettingFaulty, on_this_machine

PATIENCE_SECONDS = 30.0
# Of one attempt altogether: an answer that trickles in keeps within the other limits.
_LONGEST_ATTEMPT_SECONDS = 90.0
_LONGEST_READ_SECONDS = 20.0
_LONGEST_ANSWER_BYTES = 64 * 1024
_LONGEST_RETRY_AFTER = timedelta(hours=1)
_FOR_NOW = frozenset({408, 425, 429})
_SERVERS_FAULT = 500
# What the scheme recommends at least; with less anybody could sign in our name.
_SHORTEST_SECRET_BYTES = 24
# What a post that got no answer fails with.
NO_ANSWER: tuple[type[Exception], ...] = (httpx.TransportError, TimeoutError)


class Endpoint(BaseModel):
    """Where somebody's system listens: its name for people, its address, the secret shared with it."""

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


Listed = TypeVar("Listed", bound=Endpoint)


def read_endpoints(setting: str, file: Path, listed: type[Listed]) -> dict[str, Listed]:
    """Those that a YAML file lists, by name. Raises ``SettingFaulty``, which never says a secret."""
    try:
        found = yaml.safe_load(file.read_text("utf-8")) or []
        adapter: TypeAdapter[list[Listed]] = TypeAdapter(list[listed])  # type: ignore[valid-type]
        endpoints = adapter.validate_python(found)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingFaulty(f"{setting}：读不了文件 {file}（{type(error).__name__}）。") from None
    except yaml.YAMLError:
        # Its own message would quote the line.
        raise SettingFaulty(f"{setting}：文件 {file} 不是 YAML。") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = "".join(f"第{part + 1}项" if isinstance(part, int) else f"的{part}" for part in first["loc"])
        why = first["msg"].removeprefix("Value error, ")
        needed = "、".join(name for name, field in listed.model_fields.items() if field.is_required())
        raise SettingFaulty(f"{setting}：文件 {file} {place}不对：{why}；应为 {needed} 的列表。") from None
    by_name = {one.name: one for one in endpoints}
    if len(by_name) < len(endpoints):
        raise SettingFaulty(f"{setting}：文件 {file} 中有同名的。")
    return by_name


@dataclass(frozen=True)
class SystemsAnswer:
    """What a system answered; its ``content`` only where it took the message in."""

    status: int
    taken_in: bool
    retry_after: timedelta | None
    content: bytes

    @property
    def is_for_now(self) -> bool:
        """Whether another attempt may do better."""
        return self.status in _FOR_NOW or self.status >= _SERVERS_FAULT


class Webhooks:
    """Posts messages; the same may be posted again, under the same id, by which it is known for one."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = httpx.Timeout(patience_seconds, connect=10)
        self._tls = ssl.create_default_context()

    async def post(
        self, endpoint: Endpoint, message_id: str, body: str, content_type: str = "application/json"
    ) -> SystemsAnswer:
        """One attempt. Raises those of ``NO_ANSWER``."""
        headers = {"content-type": content_type, **_signed(endpoint, message_id, body)}
        async with (
            asyncio.timeout(_LONGEST_ATTEMPT_SECONDS),
            httpx.AsyncClient(timeout=self._patience, verify=self._tls, follow_redirects=False) as client,
            client.stream("POST", endpoint.url, content=body.encode(), headers=headers) as answer,
        ):
            content = await _read(answer) if answer.is_success else b""
            return SystemsAnswer(answer.status_code, answer.is_success, _retry_after(answer), content)


def _signed(endpoint: Endpoint, message_id: str, body: str) -> Mapping[str, str]:
    now = datetime.now(UTC)
    return {
        # Not compressed, so that what is read is no more than what was sent.
        "accept-encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(endpoint.secret.get_secret_value()).sign(message_id, now, body),
    }


async def _read(answer: httpx.Response) -> bytes:
    """The body as it came; nothing where it is longer than any answer needs, breaks off or trickles.

    The message was taken in by the status already: nothing but what is said of it would be gained by another
    attempt.
    """
    content = b""
    try:
        async with asyncio.timeout(_LONGEST_READ_SECONDS):
            async for part in answer.aiter_raw():
                content += part
                if len(content) > _LONGEST_ANSWER_BYTES:
                    return b""
    except NO_ANSWER:
        return b""
    return content


def _retry_after(answer: httpx.Response) -> timedelta | None:
    """How long the system asks us to wait, where it says so in seconds."""
    said = answer.headers.get("retry-after", "")
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        return None
    return min(timedelta(seconds=int(said)), _LONGEST_RETRY_AFTER)
