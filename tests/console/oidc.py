"""An OpenID Connect provider in a process of its own: ``python oidc.py PORT``.

It is oidc-provider-mock, which checks no PKCE: here it does. Told to with ``POST /faulty/KIND`` it answers
the next code with an ID token that is not good.
"""

import base64
import hashlib
import json
import logging
import sys
from urllib.parse import parse_qs, urlsplit

import flask
from authlib import jose
from oidc_provider_mock import app
from werkzeug.serving import run_simple

_WRONG = {
    "issuer": {"iss": "https://elsewhere.example"},
    "audience": {"aud": "another-client"},
    "party": {"azp": "another-client"},
    "nonce": {"nonce": "of-another-browser"},
    "expired": {"exp": 1},
}


def provider() -> flask.Flask:
    served = app(require_nonce=True)
    challenges: dict[str, str] = {}
    faults: list[str] = []

    @served.post("/faulty/<kind>")
    def faulty(kind: str) -> tuple[str, int]:
        faults.append(kind)
        return "", 204

    @served.before_request
    def proves_that_it_asked() -> tuple[str, int] | None:
        if flask.request.path != "/oauth2/token":
            return None
        digest = hashlib.sha256(flask.request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = challenges.pop(flask.request.form["code"], None)
        return None if known == challenge else ('{"error": "invalid_grant"}', 400)

    @served.after_request
    def noted(answer: flask.Response) -> flask.Response:
        code = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("code")
        if code and flask.request.args["code_challenge_method"] == "S256":
            challenges[code[0]] = flask.request.args["code_challenge"]
        if flask.request.path == "/oauth2/token" and faults:
            body = json.loads(answer.get_data())
            body["id_token"] = _spoilt(body["id_token"], faults.pop())
            answer.set_data(json.dumps(body))
        return answer

    return served


def _spoilt(token: str, kind: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    if kind == "unsigned":
        header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        return f"{header}.{token.split('.')[1]}."
    key = flask.g.oidc_provider_mock_storage.jwk
    if kind == "signature":
        key = jose.RSAKey.generate_key(is_private=True)
    return str(jose.jwt.encode({"alg": "RS256"}, claims | _WRONG.get(kind, {}), key).decode())


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    run_simple("127.0.0.1", int(sys.argv[1]), provider())
