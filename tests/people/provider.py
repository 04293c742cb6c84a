"""Identity providers for tests: a real one (tests/idp/provider.mjs), and one whose every word can be spoilt."""

import hmac
import json
import shutil
import subprocess
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.needs import lacking

SCRIPT = Path(__file__).resolve().parent.parent / "idp" / "provider.mjs"
CLIENT_ID, CLIENT_SECRET = "assetcare", "a secret that the client & the provider share: 100%"


@contextmanager
def real_provider(back: str, accounts: dict[str, dict[str, Any]], port: int = 0) -> Iterator[str]:
    """A certified provider as a process of its own, for a client whose way back is `back`. Answers the issuer."""
    if shutil.which("node") is None or not (SCRIPT.parents[2] / "node_modules" / "oidc-provider").is_dir():
        lacking("assets", "the identity provider is absent: Node.js and npm ci (make assets) bring it")
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [back]}
    process = subprocess.Popen(
        ["node", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps({"port": port, "client": client, "accounts": accounts}))
        process.stdin.close()
        line = next((text for text in process.stdout if text.startswith('{"issuer"')), None)
        assert line, "the provider did not start"
        yield json.loads(line)["issuer"]
    finally:
        process.terminate()
        process.wait(120)
        if process.stdout:
            process.stdout.close()


class FakeProvider:
    """Says what it is told to. `claims` and `header` go into the ID token; `spoil` may replace any answer whole.

    answers: path -> what is answered there instead (a dict, or a function of (handler) that answers itself).
    """

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "first", "use": "sig"})
        self.signed_by: Any = self.key
        self.public_keys: list[Any] = [self.key]
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "first"}
        self.metadata: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self.last_form: dict[str, list[str]] = {}
        self.nonce = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FakeProvider":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def document(self) -> dict[str, Any]:
        here = self.issuer
        return {
            "issuer": here, "authorization_endpoint": f"{here}/auth", "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/jwks", "userinfo_endpoint": f"{here}/me", "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["ES256"], **self.metadata,
        }  # fmt: skip

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "subject-1", "aud": CLIENT_ID, "iat": now, "exp": now + 300,
            "nonce": self.nonce, "email": "eva@acme.example", "email_verified": True, **self.claims,
        }  # fmt: skip
        known = {name: value for name, value in claims.items() if value is not ...}
        if isinstance(self.signed_by, bytes):  # a secret that two share, or none at all
            text = ".".join(_part(json.dumps(part).encode()) for part in (self.header, known))
            seal = hmac.new(self.signed_by, text.encode(), sha256).digest() if self.signed_by else b""
            return f"{text}.{_part(seal)}"
        registry = JWSRegistry(algorithms=[self.header["alg"]], strict_check_header=False)
        return jwt.encode(self.header, known, self.signed_by, registry=registry)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [key if isinstance(key, dict) else key.as_dict(private=False) for key in self.public_keys]}

    def follow(self, address: str) -> dict[str, str]:
        """What a browser would bring back after it was sent to `address`: code and state."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/auth?") and query["code_challenge_method"] == "S256"
        self.nonce = query["nonce"]
        return {"code": "the-code", "state": query["state"]}


def _part(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(provider: FakeProvider) -> None:
    provider.header, provider.signed_by = {"alg": "none"}, b""


def signed_by_the_public_key(provider: FakeProvider) -> None:
    """HS256 with what everybody knows as the secret, as attackers have done."""
    public = provider.key.as_pem(private=False)
    provider.header, provider.signed_by = {"alg": "HS256", "kid": "first"}, public


def rsa_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def _handler(provider: FakeProvider) -> type[BaseHTTPRequestHandler]:
    routes: dict[str, Callable[[], Any]] = {
        "/.well-known/openid-configuration": provider.document,
        "/jwks": provider.jwks,
        "/token": lambda: {"access_token": "access", "token_type": "Bearer", "id_token": provider.id_token()},
        "/me": lambda: {"sub": "subject-1", "email": "eva@acme.example", "email_verified": True},
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            found = provider.answers.get(path, routes.get(path))
            if callable(found) and path in provider.answers:
                found(self)
                return
            self.answer(200 if found else 404, found() if callable(found) else found)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            provider.last_form = parse_qs(body)
            provider.last_form["authorization"] = [self.headers.get("Authorization", "")]
            self.do_GET()

        def answer(self, status: int, body: Any) -> None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
