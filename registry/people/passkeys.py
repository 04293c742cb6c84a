"""Passkeys (WebAuthn): a key in the user's device, unlocked by the user himself, is both factors in one step."""

import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

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

from registry.actions import Action
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem, Unauthenticated
from registry.kernel.logs import log
from registry.kernel.shapes import LINE
from registry.kernel.throttle import network_of, take
from registry.kernel.writing import ANY_VERSION, change, create, note, remove
from registry.people import limits, second_factor
from registry.people.alerts import alert
from registry.people.handshakes import begin_handshake, finish_handshake
from registry.people.links import acting_as, holder
from registry.people.models import Passkey, User
from registry.people.service import home_of
from registry.people.signin import Origin, open_session

REGISTER, SIGN_IN, SECOND = "passkey new", "passkey sign-in", "passkey second"
MOST = 20  # of one user
MILLISECONDS = 300_000  # how long the browser may take: as long as the challenge lives
REFUSED = "This passkey was not accepted. Try again, or sign in with your password."
KNOWN_TRANSPORTS = {str(one.value) for one in AuthenticatorTransport}


@dataclass(frozen=True, slots=True)
class Site:
    """What passkeys are bound to: the domain, and the whole origin of the pages that use them."""

    domain: str
    origin: str


def site_of(address: str) -> Site | None:
    """The site at a public address; None where browsers allow no passkeys: at a bare number, or without TLS.

    Loopback is "localhost" to a browser: there http will do, but the number will not.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host == "localhost" or (_is_number(host) and ip_address(host).is_loopback):
        port = f":{parts.port}" if parts.port else ""
        return Site("localhost", f"{parts.scheme}://localhost{port}")
    if parts.scheme != "https" or _is_number(host):
        return None
    return Site(host, f"https://{parts.netloc.lower()}".removesuffix(":443"))


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


# --- One's own passkeys ------------------------------------------------------------------------------------


def passkeys_of(user_id: int) -> list[Passkey]:
    return list(Passkey.select().where(Passkey.user == user_id).order_by(Passkey.id))


def has_passkey(user_id: int) -> bool:
    return bool(Passkey.select().where(Passkey.user == user_id).exists())


# A passkey serves as a second factor where one is asked for anyway. It alone asks for none: without an app there are
# no recovery codes, and a lost telephone would lock its owner out of his password too.
second_factor.PROOFS["passkey"] = has_passkey
second_factor.WAYS["passkey"] = lambda user_id: second_factor.has_app(user_id) and has_passkey(user_id)


def registration_options(site: Site, user: User, browser: str) -> dict[str, Any]:
    """What the browser needs to make a passkey for the user. Raises Conflict when he has enough, Throttled."""
    take("passkey new", str(user.id), limits.CHALLENGES_OF_USER)
    known = passkeys_of(user.id)
    if len(known) >= MOST:
        raise Conflict(f"You have {MOST} passkeys; remove one first.", code="too_many")
    handle = base64url_to_bytes(known[0].user_handle) if known else generate_user_handle()
    options = webauthn.generate_registration_options(
        rp_id=site.domain,
        rp_name="Assetcare",
        user_id=handle,
        user_name=user.email,
        user_display_name=user.name,
        timeout=MILLISECONDS,
        exclude_credentials=[_descriptor(one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    data = {"handle": bytes_to_base64url(handle)}
    begin_handshake(REGISTER, bytes_to_base64url(options.challenge), browser, user_id=user.id, data=data)
    return dict(json.loads(options_to_json(options)))


def register(site: Site, actor: Actor, user: User, name: str, credential: Any, browser: str, origin: Origin) -> Passkey:
    """Keep the passkey that the browser has made. Raises Invalid for the name, Unauthenticated for the rest."""
    title = _name(name)
    challenge = _challenge_of(credential)
    begun = finish_handshake(REGISTER, challenge, browser, user_id=user.id)
    if begun is None:
        raise Unauthenticated("This took too long, or was done before. Begin again.")
    made = _checked(
        webauthn.verify_registration_response,
        credential=credential,
        expected_challenge=base64url_to_bytes(challenge),
        expected_rp_id=site.domain,
        expected_origin=site.origin,
        require_user_verification=True,
    )
    values = {
        "user": user,
        "name": title,
        "credential_id": bytes_to_base64url(made.credential_id),
        "public_key": bytes_to_base64url(made.credential_public_key),
        "user_handle": begun["handle"],
        "sign_count": made.sign_count,
        "transports": _transports(credential),
        "backed_up": made.credential_backed_up,
    }
    with transaction():
        passkey = create(actor, Passkey, values, Action.PASSKEY_ADDED, customer_id=home_of(user))
        alert("passkey_added", user, origin)
    return passkey


def rename(actor: Actor, user: User, passkey_id: int, name: str) -> Passkey:
    passkey = _own(user, passkey_id)
    values = {"name": _name(name)}
    return change(actor, passkey, values, Action.PASSKEY_RENAMED, version=ANY_VERSION, customer_id=home_of(user))


def remove_passkey(actor: Actor, user: User, passkey_id: int) -> None:
    """From now on nobody signs in with it."""
    remove(actor, _own(user, passkey_id), Action.PASSKEY_REMOVED, version=ANY_VERSION)


def _own(user: User, passkey_id: int) -> Passkey:
    mine = (Passkey.id == passkey_id) & (Passkey.user == user)
    found: Passkey | None = Passkey.get_or_none(mine) if passkey_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > 100 or not LINE.match(name):
        raise Invalid.field("name", "Give the passkey a name of up to 100 characters, such as the device's.")
    return name


def _transports(credential: Any) -> list[str]:
    given = credential["response"].get("transports")
    return [one for one in given if one in KNOWN_TRANSPORTS][:10] if isinstance(given, list) else []


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    known = [AuthenticatorTransport(one) for one in passkey.transports or () if one in KNOWN_TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id), transports=known or None)


# --- Signing in --------------------------------------------------------------------------------------------


def sign_in_options(site: Site, browser: str, origin: Origin) -> dict[str, Any]:
    """What the browser needs to offer the passkeys it has for this site: it names no account, so it tells of none."""
    take("passkey", network_of(origin.address), limits.CHALLENGES_OF_PEER)
    return _assertion_options(site, SIGN_IN, browser, None, [])


def second_factor_options(site: Site, user: User, browser: str) -> dict[str, Any]:
    take("passkey second", str(user.id), limits.CHALLENGES_OF_USER)
    return _assertion_options(site, SECOND, browser, user.id, passkeys_of(user.id))


def _assertion_options(
    site: Site, purpose: str, browser: str, user_id: int | None, known: list[Passkey]
) -> dict[str, Any]:
    options = webauthn.generate_authentication_options(
        rp_id=site.domain,
        timeout=MILLISECONDS,
        allow_credentials=[_descriptor(one) for one in known] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    begin_handshake(purpose, bytes_to_base64url(options.challenge), browser, user_id=user_id)
    return dict(json.loads(options_to_json(options)))


def sign_in(site: Site, credential: Any, browser: str, origin: Origin) -> str:
    """Open a session for whoever's passkey answered the challenge; answers what the cookie must hold.

    The same refusal in every case.
    """
    challenge = _challenge_of(credential)
    if finish_handshake(SIGN_IN, challenge, browser) is None:
        raise Unauthenticated(REFUSED)
    passkey = _answered(site, challenge, credential, None, origin)
    try:
        return open_session(passkey.user, origin, how="passkey", second_factor=True)
    except Unauthenticated:  # shut a moment ago: in the same words as ever
        raise Unauthenticated(REFUSED) from None


def prove_second_factor(site: Site, user: User, credential: Any, browser: str, origin: Origin) -> None:
    """Raise Unauthenticated unless one of the user's own passkeys answered the challenge of this session."""
    challenge = _challenge_of(credential)
    if finish_handshake(SECOND, challenge, browser, user_id=user.id) is None:
        raise Unauthenticated(REFUSED)
    _answered(site, challenge, credential, user, origin)


def _answered(site: Site, challenge: str, credential: Any, user: User | None, origin: Origin) -> Passkey:
    """The passkey that signed, of an active user (of this one, if given), with its counter moved on."""
    named = str(credential.get("id"))
    passkey = Passkey.get_or_none(Passkey.credential_id == named) if LINE.match(named) else None
    if passkey is None or (user is not None and passkey.user_id != user.id) or not passkey.user.active:
        raise Unauthenticated(REFUSED)
    handle = credential["response"].get("userHandle")
    if handle is not None and str(handle).rstrip("=") != passkey.user_handle:
        raise Unauthenticated(REFUSED)
    proved = _checked(
        webauthn.verify_authentication_response,
        credential=credential,
        expected_challenge=base64url_to_bytes(challenge),
        expected_rp_id=site.domain,
        expected_origin=site.origin,
        credential_public_key=base64url_to_bytes(passkey.public_key),
        credential_current_sign_count=0,  # ours to judge, and only once the signature is known to be sound
        require_user_verification=True,
    )
    _move_on(passkey, proved.new_sign_count, origin)
    return passkey


def _move_on(passkey: Passkey, count: int, origin: Origin) -> None:
    """Keep the counter. One that does not rise tells of a copied key: refused, and put on record.

    Keys that are kept in step between devices count nothing: theirs is always zero.
    """
    rising = (Passkey.sign_count < count) | ((Passkey.sign_count == 0) & (count == 0))
    now = clock.now()
    with acting_as(passkey.user), transaction():
        moved = Passkey.update(sign_count=count, last_used_at=now).where((Passkey.id == passkey.id) & rising).execute()
        if not moved:
            known = {"sign_count": passkey.sign_count}
            who = holder(passkey.user, origin)
            note(who, Action.PASSKEY_REFUSED, passkey, before=known, after={"sign_count": count},
                 customer_id=home_of(passkey.user))  # fmt: skip
    if not moved:
        raise Unauthenticated(REFUSED)


def _challenge_of(credential: Any) -> str:
    """The challenge that a credential answers, as base64url: by it the handshake is found."""
    try:
        told = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return bytes_to_base64url(told.challenge)
    except Exception:  # strangers' bytes: what parsing them may raise is no list to keep
        raise Unauthenticated(REFUSED) from None


def _checked(verify: Any, **given: Any) -> Any:
    try:
        return verify(**given)
    except Problem:
        raise
    except Exception as error:  # as above: not all that the library raises is its own family
        log.info("passkey_refused", reason=str(error)[:200])
        raise Unauthenticated(REFUSED) from None
