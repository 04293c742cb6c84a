"""What WebAuthn asks for word by word: options for the browser, and whether what it answers can be believed.

Texts and bytes are base64url here as they are on the wire. Loaded when the first passkey is used, not with the
application: the library takes an eighth of a second and brings its own parsers of certificates.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    generate_user_handle,
    options_to_json,
    parse_client_data_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from registry.kernel.logs import log
from registry.people.models import Passkey, User

T = TypeVar("T")
MILLISECONDS = 300_000  # how long the browser may take: as long as the challenge lives
KNOWN_TRANSPORTS = {str(one.value) for one in AuthenticatorTransport}


class NotBelieved(Exception):
    """What came is no answer to what was asked, for a reason that is for the log alone."""


@dataclass(frozen=True, slots=True)
class Made:
    """A new public key, as a browser has told of it."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: list[str]
    backed_up: bool


def new_handle() -> str:
    """What authenticators know a user by: random, so that it tells nothing."""
    return bytes_to_base64url(generate_user_handle())


def creation_options(domain: str, user: User, handle: str, known: Iterable[Passkey]) -> tuple[str, dict[str, Any]]:
    """(the challenge, what the browser needs to make a passkey that is none of the `known`)."""
    options = webauthn.generate_registration_options(
        rp_id=domain,
        rp_name="Assetcare",
        user_id=base64url_to_bytes(handle),
        user_name=user.email,
        user_display_name=user.name,
        timeout=MILLISECONDS,
        exclude_credentials=[_descriptor(one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return bytes_to_base64url(options.challenge), dict(json.loads(options_to_json(options)))


def request_options(domain: str, known: Iterable[Passkey]) -> tuple[str, dict[str, Any]]:
    """(the challenge, what the browser needs to sign it by one of the `known`, or by any when none is named)."""
    options = webauthn.generate_authentication_options(
        rp_id=domain,
        timeout=MILLISECONDS,
        allow_credentials=[_descriptor(one) for one in known] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return bytes_to_base64url(options.challenge), dict(json.loads(options_to_json(options)))


def challenge_of(credential: Any) -> str:
    """The challenge that a credential answers: by it the handshake is found. Raises NotBelieved."""

    def read() -> str:
        told = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return bytes_to_base64url(told.challenge)

    return _believed(read)


def made(domain: str, origin: str, challenge: str, credential: Any) -> Made:
    """The key that was made in answer to `challenge`. Raises NotBelieved."""

    def verify() -> Made:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=domain,
            expected_origin=origin,
            require_user_verification=True,
        )
        return Made(
            bytes_to_base64url(found.credential_id),
            bytes_to_base64url(found.credential_public_key),
            found.sign_count,
            _transports(credential),
            found.credential_backed_up,
        )

    return _believed(verify)


def signed(domain: str, origin: str, challenge: str, credential: Any, public_key: str) -> int:
    """What the authenticator's counter stands at, which has signed `challenge`. Raises NotBelieved."""

    def verify() -> int:
        return webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=domain,
            expected_origin=origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=0,  # the caller's to judge, once the signature is known to be sound
            require_user_verification=True,
        ).new_sign_count

    return _believed(verify)


def _believed(verify: Callable[[], T]) -> T:
    try:
        return verify()
    except Exception as error:  # strangers' bytes: what parsing them may raise is no list to keep
        log.info("passkey_refused", reason=str(error)[:200])
        raise NotBelieved() from None


def _transports(credential: Any) -> list[str]:
    given = credential["response"].get("transports")
    return [one for one in given if one in KNOWN_TRANSPORTS][:10] if isinstance(given, list) else []


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    known = [AuthenticatorTransport(one) for one in passkey.transports or () if one in KNOWN_TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id), transports=known or None)
