"""A time-stamping authority (RFC 3161): the proof, from outside the house, that a text was there by then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from settings import SettingFaulty, Settings

_PATIENCE_SECONDS = 30.0
_LONGEST_ANSWER = 256 * 1024


@dataclass(frozen=True)
class TimeStamp:
    """What an authority answered, whole and in DER; ``at`` is the moment it says."""

    authority: str
    token: bytes
    at: datetime


class NotStamped(Exception):
    """The authority did not answer with a time stamp of this text that its roots bear out."""


class Stamping(Protocol):
    async def stamp(self, content: bytes) -> TimeStamp:
        """Raises ``NotStamped``; the same may be asked again."""


class TimeStampingAuthority:
    def __init__(self, url: str, roots: list[x509.Certificate]) -> None:
        self._url = url
        self._roots = roots

    async def stamp(self, content: bytes) -> TimeStamp:
        builder = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256)
        request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        try:
            async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS, follow_redirects=False) as client:
                answer = await client.post(self._url, content=request.as_bytes(), headers=headers)
            answer.raise_for_status()
            if len(answer.content) > _LONGEST_ANSWER:
                raise NotStamped(f"{self._url}: the answer is too long")
            response = decode_timestamp_response(answer.content)
            verifier = VerifierBuilder.from_request(request)
            for root in self._roots:
                verifier = verifier.add_root_certificate(root)
            verifier.build().verify_message(response, content)
        except (httpx.HTTPError, ValueError, VerificationError) as error:
            raise NotStamped(f"{self._url}: {error or type(error).__name__}") from error
        return TimeStamp(self._url, answer.content, response.tst_info.gen_time)


def stamping_for(settings: Settings) -> Stamping | None:
    """The configured authority. Raises ``SettingFaulty``."""
    if settings.tsa_url is None:
        return None
    if not settings.tsa_url.startswith(("http://", "https://")):
        raise SettingFaulty("CHOUJIAN_TSA_URL 应为 http://… 或 https://…。")
    try:
        pem = settings.tsa_roots.read_bytes() if settings.tsa_roots else b""
        roots = x509.load_pem_x509_certificates(pem)
    except (OSError, ValueError) as error:
        sentence = f"CHOUJIAN_TSA_ROOTS 应为时间戳服务机构根证书的 PEM 文件：{error}。"
        raise SettingFaulty(sentence) from error
    return TimeStampingAuthority(settings.tsa_url, roots)
