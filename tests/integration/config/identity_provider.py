"""A town's own sign-in: a small OpenID Connect provider on this machine that keeps to the letter of the code flow.

Discovery, signed tokens with their public keys, codes that work once, PKCE, and exact redirect addresses, so that a
client which forgets one of them is refused as a real provider would (OpenID Connect Core 1.0, section 3.1; RFC 7636).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "civicline", "a-shared-secret-of-the-town"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """`person` is who sits before the browser; `refusals` is what the client was told it did wrong."""

    url: str = ""
    redirect_uris: list[str] = field(default_factory=list)
    person: dict[str, Any] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    audience: str = CLIENT

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next: the person is signed in already and agrees. ValueError names what is wrong."""
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        for name, value in wanted.items():
            if asked.get(name) != value:
                raise ValueError(f"{name} is {asked.get(name)!r}, not {value!r}")
        if asked.get("redirect_uri") not in self.redirect_uris:
            raise ValueError(f"redirect_uri {asked.get('redirect_uri')!r} is not registered")
        if "openid" not in asked.get("scope", "").split() or not asked.get("state"):
            raise ValueError("scope openid and a state are needed")
        if len(asked.get("code_challenge", "")) < 43:
            raise ValueError("a code_challenge of 43 characters or more is needed")
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked
        return (
            f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"
        )

    def exchange(self, sent: dict[str, str]) -> dict[str, Any]:
        """The tokens for a code. ValueError names what is wrong."""
        asked = self.codes.pop(sent.get("code", ""), None)
        if asked is None:
            raise ValueError("the code is unknown or was used")
        if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            raise ValueError("the client did not show who it is")
        if (
            sent.get("grant_type") != "authorization_code"
            or sent.get("redirect_uri") != asked["redirect_uri"]
        ):
            raise ValueError("grant_type or redirect_uri is not that of the code")
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            raise ValueError("the code_verifier does not fit the code_challenge")
        now = int(time.time())
        claims = {"iss": self.url, "aud": self.audience, "iat": now, "exp": now + 300, **self.person}
        if "nonce" in asked:
            claims["nonce"] = asked["nonce"]
        access = secrets.token_urlsafe(24)
        self.tokens[access] = self.person
        signed = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "one"})
        return {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def keys(self) -> dict[str, Any]:
        key = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": "one", "use": "sig", "alg": "RS256"}]}


def _one_each(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


class Desk(BaseHTTPRequestHandler):
    """Answers for the provider of its server."""

    def do_GET(self) -> None:
        place, provider = urlsplit(self.path), self._provider
        if place.path == "/.well-known/openid-configuration":
            self._say(200, provider.discovery())
        elif place.path == "/keys":
            self._say(200, provider.keys())
        elif place.path == "/userinfo":
            person = provider.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
            self._say(200 if person else 401, person or {"error": "invalid_token"})
        elif place.path == "/authorize":
            try:
                self._lead(provider.authorize(_one_each(place.query)))
            except ValueError as wrong:
                self._refuse(wrong)
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            self._say(200, self._provider.exchange(_one_each(body)))
        except ValueError as wrong:
            self._refuse(wrong)

    @property
    def _provider(self) -> Provider:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]  # put there by `providing`
        return provider

    def _refuse(self, wrong: ValueError) -> None:
        self._provider.refusals.append(str(wrong))
        self._say(400, {"error": "invalid_request", "error_description": str(wrong)})

    def _lead(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _say(self, status: int, content: dict[str, Any]) -> None:
        said = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider on a free port of this machine."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.provider = provider  # type: ignore[attr-defined]  # whom the desk answers for
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
