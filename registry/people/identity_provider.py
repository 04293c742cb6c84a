"""The one identity provider that is believed: its documents, its keys, and what it says of somebody.

Its address is the operator's own setting, hence any network may be called; but no redirect is followed, time and size
are limited, and without TLS only this very machine is called.

Loaded when somebody first comes this way, not with the application: what it stands on takes an eighth of a second.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from registry.kernel import clock
from registry.kernel.shapes import LINE
from registry.people.oidc_client import Client, ProviderError

SECONDS = urllib3.Timeout(connect=3, read=5)
WHOLE_SECONDS = 10.0
MOST_BYTES = 256 * 1024
KEPT_SECONDS, ASK_AGAIN_SECONDS = 3600.0, 60.0  # documents; after a key that is not known
LEEWAY = 60  # seconds that clocks may differ
# Signatures by a private key only: none, or a secret that two share, would let others sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
KEY_TYPES = ("RSA", "EC", "OKP")
SCOPE = "openid email profile"


@dataclass(slots=True)
class _Known:
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=list)
    metadata_at: float = float("-inf")
    keys_at: float = float("-inf")


_known: dict[str, _Known] = {}


def forget_documents() -> None:
    """As if nothing had been fetched yet: for tests."""
    _known.clear()


# --- The wire ----------------------------------------------------------------------------------------------


def _fetch(method: str, url: str, *, headers: Mapping[str, str] | None = None, body: str | None = None) -> Any:
    """The JSON object at `url`. Raises ProviderError."""
    _check_address(url)
    sent = {"Accept": "application/json", "User-Agent": "Assetcare", **(headers or {})}
    try:
        with urllib3.PoolManager(timeout=SECONDS, retries=False) as pool:
            answer = pool.request(
                method, url, headers=sent, body=body, redirect=False, preload_content=False, decode_content=False
            )
            text = _read(answer)
            answer.release_conn()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise ProviderError(f"{urlsplit(url).netloc} cannot be reached: {error!r}") from error
    if answer.status != 200:
        raise ProviderError(f"{urlsplit(url).netloc} answered {answer.status}: {text[:200]!r}")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProviderError(f"{urlsplit(url).netloc} did not answer with JSON") from error
    if not isinstance(found, dict):
        raise ProviderError(f"{urlsplit(url).netloc} did not answer with an object")
    return found


def _read(answer: urllib3.BaseHTTPResponse) -> bytes:
    """The body, as far as it is short and comes in time."""
    until, body = time.monotonic() + WHOLE_SECONDS, b""
    while piece := answer.read1(16_384):
        body += piece
        if len(body) > MOST_BYTES or time.monotonic() > until:
            answer.close()
            raise ProviderError("the answer is too long, or takes too long")
    return body


def _check_address(url: Any) -> None:
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        host = parts.hostname
    except ValueError:
        host = None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise ProviderError(f"{url!r} is no https address")


LOOPBACK = ("localhost", "127.0.0.1", "::1")

# --- Documents ---------------------------------------------------------------------------------------------


def metadata_of(issuer: str) -> dict[str, Any]:
    """The discovery document, kept for an hour. Raises ProviderError."""
    known = _known.setdefault(issuer, _Known())
    if time.monotonic() - known.metadata_at > KEPT_SECONDS:
        found = _fetch("GET", get_well_known_url(issuer, external=True))
        if found.get("issuer") != issuer:
            raise ProviderError(f"the provider calls itself {found.get('issuer')!r}, the setting says {issuer!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _check_address(found.get(name))
        known.metadata, known.metadata_at = found, time.monotonic()
    return known.metadata


def _keys_of(issuer: str, *, older_than: float = KEPT_SECONDS) -> KeySet:
    """The provider's public keys, fetched anew when they are older than so many seconds."""
    metadata = metadata_of(issuer)
    known = _known[issuer]
    if time.monotonic() - known.keys_at > older_than:
        found = _fetch("GET", metadata["jwks_uri"]).get("keys")
        listed = found if isinstance(found, list) else []
        known.keys = [key for key in listed if isinstance(key, dict) and _signs(key)]
        known.keys_at = time.monotonic()
    return KeySet.import_key_set({"keys": known.keys})


def _signs(key: Mapping[str, Any]) -> bool:
    return key.get("kty") in KEY_TYPES and key.get("use", "sig") == "sig"


# --- The flow ----------------------------------------------------------------------------------------------


def authorization_address(client: Client, state: str, nonce: str, verifier: str, *, fresh: bool = False) -> str:
    """Where the browser goes to sign in; with `fresh` even who is signed in there is to prove anew who he is.

    Raises ProviderError.
    """
    anew = {"prompt": "login", "max_age": "0"} if fresh else {}
    flow = OAuth2Client(
        None, client.client_id, scope=SCOPE, redirect_uri=client.redirect, code_challenge_method="S256"
    )  # builds the address only; the wire is ours
    address, _ = flow.create_authorization_url(
        metadata_of(client.issuer)["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce, **anew
    )
    return str(address)


def redeem(client: Client, code: str, verifier: str, nonce: str) -> dict[str, Any]:
    """What the provider says of whoever came back with `code`: claims that may be believed. Raises ProviderError."""
    metadata = metadata_of(client.issuer)
    body = prepare_token_request("authorization_code", code=code, redirect_uri=client.redirect, code_verifier=verifier)
    headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
    _, headers, body = _authentication(client, metadata).prepare("POST", metadata["token_endpoint"], headers, body)
    answer = _fetch("POST", metadata["token_endpoint"], headers=headers, body=body)
    claims = _believed(client, answer.get("id_token"), nonce, answer.get("access_token"))
    return claims if "email" in claims else {**claims, **_more(client, metadata, answer, claims["sub"])}


def _authentication(client: Client, metadata: Mapping[str, Any]) -> ClientAuth:
    if not client.client_secret:
        return ClientAuth(client.client_id, "", "none")
    ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" in ways:
        return ClientAuth(quote(client.client_id, safe=""), quote(client.client_secret, safe=""))
    return ClientAuth(client.client_id, client.client_secret, "client_secret_post")


def _believed(client: Client, token: Any, nonce: str, access_token: Any) -> dict[str, Any]:
    """The ID token's claims, once signature, issuer, audience, times and nonce have been found right."""
    if not isinstance(token, str):
        raise ProviderError("there is no ID token in the answer")
    try:
        try:
            read = _decoded(token, _keys_of(client.issuer))
        except (JoseError, ValueError):  # signed with a key that we have not seen yet, perhaps
            read = _decoded(token, _keys_of(client.issuer, older_than=ASK_AGAIN_SECONDS))
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": client.issuer},
                "aud": {"essential": True, "value": client.client_id},
                "sub": {"essential": True},
                "nonce": {"essential": True},
            },
            params={"nonce": nonce, "client_id": client.client_id, "access_token": access_token},
        )
        claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY)
    except ProviderError:
        raise
    except Exception as error:  # strangers' bytes: parsing them may raise what no list would name
        raise ProviderError(f"the ID token cannot be believed: {error!r}") from error
    subject = claims["sub"]
    if not (isinstance(subject, str) and 0 < len(subject) <= 255 and LINE.match(subject)):
        raise ProviderError("the ID token names no subject")
    return dict(claims)


def _decoded(token: str, keys: KeySet) -> jwt.Token:
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    return jwt.decode(token, keys, algorithms=ALGORITHMS, registry=registry)


def _more(client: Client, metadata: Mapping[str, Any], answer: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """E-mail and name from the user-info endpoint, for providers that keep them out of the ID token."""
    where, access = metadata.get("userinfo_endpoint"), answer.get("access_token")
    if not isinstance(where, str) or not isinstance(access, str):
        return {}
    told = _fetch("GET", where, headers={"Authorization": f"Bearer {access}"})
    if told.get("sub") != subject:
        raise ProviderError("the user-info endpoint speaks of somebody else")
    return {name: told[name] for name in ("email", "email_verified", "name") if name in told}
