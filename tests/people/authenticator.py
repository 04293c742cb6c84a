"""An authenticator in software: what a telephone or a security key does, with every part of it open to be spoilt; and
the browser between it and us."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from registry.people.models import Session
from tests.houses import House

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
PASSWORD = "correct horse battery"


def to_text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def to_bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One credential. `count`: what the counter will say next; None for a key kept in step, which counts nothing."""

    origin: str
    domain: str = "localhost"
    count: int | None = 1
    flags: int = PRESENT | VERIFIED
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: str = ""

    def create(self, options: dict[str, Any], **spoilt: Any) -> dict[str, Any]:
        """The answer to options for a new passkey: attestation none."""
        self.handle = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        whole = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        told = {
            "clientDataJSON": to_text(self._told("webauthn.create", options, spoilt)),
            "attestationObject": to_text(cbor2.dumps(whole)),
            "transports": ["internal", "from the moon"],
        }
        return {"id": to_text(self.id), "rawId": to_text(self.id), "type": "public-key", "response": told}

    def get(self, options: dict[str, Any], **spoilt: Any) -> dict[str, Any]:
        """The answer to options to sign in."""
        data, told = self._data(0), self._told("webauthn.get", options, spoilt)
        signature = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": to_text(told), "authenticatorData": to_text(data), "signature": to_text(signature),
            "userHandle": self.handle,
        }  # fmt: skip
        return {"id": to_text(self.id), "rawId": to_text(self.id), "type": "public-key", "response": response}

    def _data(self, more: int) -> bytes:
        count = self.count or 0
        if self.count is not None:
            self.count += 1
        return hashlib.sha256(self.domain.encode()).digest() + bytes([self.flags | more]) + count.to_bytes(4, "big")

    def _told(self, kind: str, options: dict[str, Any], spoilt: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps({**told, **spoilt}).encode()


class Browser:
    """A browser, signed in with the password or still at the door, that speaks as static/js/passkeys.js does."""

    def __init__(self, house: House, email: str | None = None) -> None:
        self.client = house.app.test_client()
        self.csrf = ""
        if email:
            assert self.client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 302
            self.csrf = str(Session.select().order_by(Session.id.desc()).get().csrf)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.client.post(path, json=body or {}, headers={"X-CSRF-Token": self.csrf}, **more)

    def options(self, path: str) -> Any:
        answer = self.post(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def register(self, device: Authenticator, name: str = "Telephone", **spoilt: Any) -> Any:
        made = device.create(self.options("/account/passkeys/options"), **spoilt)
        return self.post("/account/passkeys", {"name": name, "credential": made})

    def sign_in(self, device: Authenticator, **spoilt: Any) -> Any:
        made = device.get(self.options("/sign-in/passkey/options"), **spoilt)
        return self.post("/sign-in/passkey", {"credential": made, "next": "/c/acme"})

    def form(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data={"csrf_token": self.csrf, **fields})
