"""The bureau's OpenID Connect provider: an authorization code with PKCE, an ID token that is checked here.

Its documents are fetched anew for each sign-in: keys change, and nobody signs in often.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from settings import Settings

# An allow-list, whatever the token's own header or the provider's documents say (RFC 8725).
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_PATIENCE_SECONDS = 10.0
_MOST_BYTES = 1024 * 1024
_CLOCK_DRIFT_SECONDS = 30
_LONGEST_SUBJECT = 255


class ProviderAway(Exception):
    """It cannot be reached, or answers nothing that can be read."""


class ProviderRefused(Exception):
    """Its answer does not show who somebody is."""


@dataclass(frozen=True)
class ProviderQuestion:
    """What one browser was sent away with; its answer must fit."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """S256 of RFC 7636."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Provider:
    """One provider, as this installation is known to it."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri

    async def address(self, asked: ProviderQuestion) -> str:
        """Where the browser goes to sign in. Raises :class:`ProviderAway`."""
        async with self._client() as client:
            known = await self._configuration(client)
        query = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": asked.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str(known["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def person(self, asked: ProviderQuestion, code: str) -> str:
        """Issuer and subject of whoever signed in there.

        Raises :class:`ProviderRefused` for an answer that is not good, :class:`ProviderAway` for none.
        """
        async with self._client() as client:
            known = await self._configuration(client)
            answer = await self._redeemed(client, known, asked, code)
            keys = await _json(client.build_request("GET", known["jwks_uri"]), client)
        try:
            key_set = KeySet.import_key_set({"keys": keys["keys"]})
            token = jwt.decode(str(answer["id_token"]), key_set, algorithms=ALGORITHMS)
            self._claims(asked).validate(token.claims)
            subject = token.claims["sub"]
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderRefused(type(error).__name__) from error
        if not isinstance(subject, str) or len(subject) > _LONGEST_SUBJECT:
            raise ProviderRefused("subject")
        return f"{self._issuer} {subject}"

    def _claims(self, asked: ProviderQuestion) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=_CLOCK_DRIFT_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            azp={"value": self._client_id},
            nonce={"essential": True, "value": asked.nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )

    async def _configuration(self, client: httpx.AsyncClient) -> dict[str, Any]:
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        known = await _json(client.build_request("GET", address), client)
        if known.get("issuer") != self._issuer:
            raise ProviderAway("the provider says that it is another issuer")
        if not all(isinstance(known.get(name), str) for name in _ENDPOINTS):
            raise ProviderAway("the provider does not name its endpoints")
        return known

    async def _redeemed(
        self, client: httpx.AsyncClient, known: dict[str, Any], asked: ProviderQuestion, code: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": asked.verifier,
        }
        # RFC 6749, 2.3.1: both encoded as in a form, before they become a header.
        named, secret = (quote(one, safe="") for one in (self._client_id, self._client_secret))
        basic = base64.b64encode(f"{named}:{secret}".encode()).decode()
        return await _json(
            client.build_request(
                "POST", known["token_endpoint"], data=form, headers={"Authorization": f"Basic {basic}"}
            ),
            client,
        )

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=_PATIENCE_SECONDS, headers={"Accept": "application/json"})


async def _json(request: httpx.Request, client: httpx.AsyncClient) -> dict[str, Any]:
    """Raises :class:`ProviderRefused` for a 4xx, :class:`ProviderAway` for whatever else is no answer."""
    raw = bytearray()
    try:
        answer = await client.send(request, stream=True)
        try:
            async for piece in answer.aiter_bytes():
                raw += piece
                if len(raw) > _MOST_BYTES:
                    raise ProviderAway("the provider's answer is too long")
        finally:
            await answer.aclose()
        if answer.is_client_error:
            raise ProviderRefused(f"{answer.status_code} of {request.url.path}")
        answer.raise_for_status()
        content = json.loads(raw)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise ProviderAway(f"{type(error).__name__} of {request.url.path}") from error
    if not isinstance(content, dict):
        raise ProviderAway(f"no object of {request.url.path}")
    return content


def provider_of(settings: Settings) -> Provider | None:
    """None where none is configured."""
    issuer, client_id, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
    if issuer is None or client_id is None or secret is None:
        return None
    back = f"{settings.public_address.rstrip('/')}/console/provider/back"
    return Provider(issuer, client_id, secret, back)
