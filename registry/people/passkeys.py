"""Passkeys (WebAuthn): a key in the user's device, unlocked by the user himself, is both factors in one step."""

from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from registry.actions import Action
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated
from registry.kernel.language import N_, _
from registry.kernel.shapes import LINE
from registry.kernel.throttle import network_of, take
from registry.kernel.writing import ANY_VERSION, change, create, note, remove
from registry.people import limits, second_factor
from registry.people.alerts import alert
from registry.people.ending import end_sessions
from registry.people.handshakes import begin_handshake, finish_handshake
from registry.people.links import acting_as, holder
from registry.people.models import Passkey, Session, User
from registry.people.service import home_of
from registry.people.signin import Origin, open_session

# people/ceremonies.py is imported where it is used, and not above: see there.

REGISTER, SIGN_IN, SECOND = "passkey new", "passkey sign-in", "passkey second"
MOST = 20  # of one user
REFUSED = N_("This passkey was not accepted. Try again, or sign in with your password.")


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
    from registry.people import ceremonies

    take("passkey new", str(user.id), limits.CHALLENGES_OF_USER)
    known = passkeys_of(user.id)
    if len(known) >= MOST:
        raise Conflict(_("You have %(most)s passkeys; remove one first.", most=MOST), code="too_many")
    handle = known[0].user_handle if known else ceremonies.new_handle()
    challenge, options = ceremonies.creation_options(site.domain, user, handle, known)
    begin_handshake(REGISTER, challenge, browser, user_id=user.id, data={"handle": handle})
    return options


def register(site: Site, actor: Actor, user: User, name: str, credential: Any, browser: str, origin: Origin) -> Passkey:
    """Keep the passkey that the browser has made. Raises Invalid for the name, Unauthenticated for the rest."""
    from registry.people import ceremonies

    title = _name(name)
    challenge = _challenge_of(credential)
    begun = finish_handshake(REGISTER, challenge, browser, user_id=user.id)
    if begun is None:
        raise Unauthenticated(_("This took too long, or was done before. Begin again."))
    try:
        made = ceremonies.made(site.domain, site.origin, challenge, credential)
    except ceremonies.NotBelieved:
        raise Unauthenticated(_(REFUSED)) from None
    values = {"user": user, "name": title, "user_handle": begun["handle"], **asdict(made)}
    with transaction():
        passkey = create(actor, Passkey, values, Action.PASSKEY_ADDED, customer_id=home_of(user))
        here = (Session.id == actor.session_id) & Session.second.is_null()
        Session.update(second="passkey").where(here).execute()
        alert("passkey_added", user, origin)
    return passkey


def rename(actor: Actor, user: User, passkey_id: int, name: str) -> Passkey:
    passkey = _own(user, passkey_id)
    values = {"name": _name(name)}
    return change(actor, passkey, values, Action.PASSKEY_RENAMED, version=ANY_VERSION, customer_id=home_of(user))


def remove_passkey(actor: Actor, user: User, passkey_id: int) -> None:
    """From now on nobody signs in with it; whoever has by now, elsewhere, is out, and the user is told."""
    _take_away(actor, user, [_own(user, passkey_id)])


def remove_passkeys(actor: Actor, user: User) -> int:
    """All of them, of a user of whom the caller has made sure. How many there were."""
    found = passkeys_of(user.id)
    if found:
        _take_away(actor, user, found)
    return len(found)


def _take_away(actor: Actor, user: User, lost: list[Passkey]) -> None:
    with transaction():
        for passkey in lost:
            remove(actor, passkey, Action.PASSKEY_REMOVED, version=ANY_VERSION, customer_id=home_of(user))
        end_sessions(user.id, keep=actor.session_id)
        if not has_passkey(user.id):
            by_it = (Session.user == user) & (Session.second == "passkey")
            Session.update(second=None).where(by_it).execute()
        alert("passkey_removed", user, Origin(actor.address))


def _own(user: User, passkey_id: int) -> Passkey:
    mine = (Passkey.id == passkey_id) & (Passkey.user == user)
    found: Passkey | None = Passkey.get_or_none(mine) if passkey_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > 100 or not LINE.match(name):
        raise Invalid.field("name", _("Give the passkey a name of up to 100 characters, such as the device's."))
    return name


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
    from registry.people import ceremonies

    challenge, options = ceremonies.request_options(site.domain, known)
    begin_handshake(purpose, challenge, browser, user_id=user_id)
    return options


def sign_in(site: Site, credential: Any, browser: str, origin: Origin) -> str:
    """Open a session for whoever's passkey answered the challenge; answers what the cookie must hold.

    The same refusal in every case.
    """
    challenge = _challenge_of(credential)
    if finish_handshake(SIGN_IN, challenge, browser) is None:
        raise Unauthenticated(_(REFUSED))
    passkey = _answered(site, challenge, credential, None, origin)
    try:
        return open_session(passkey.user, origin, how="passkey", second_factor=True)
    except Unauthenticated:  # shut a moment ago: in the same words as ever
        raise Unauthenticated(_(REFUSED)) from None


def prove_second_factor(site: Site, user: User, credential: Any, browser: str, origin: Origin) -> None:
    """Raise Unauthenticated unless one of the user's own passkeys answered the challenge of this session."""
    challenge = _challenge_of(credential)
    if finish_handshake(SECOND, challenge, browser, user_id=user.id) is None:
        raise Unauthenticated(_(REFUSED))
    _answered(site, challenge, credential, user, origin)


def _answered(site: Site, challenge: str, credential: Any, user: User | None, origin: Origin) -> Passkey:
    """The passkey that signed, of an active user (of this one, if given), with its counter moved on."""
    from registry.people import ceremonies

    named = str(credential.get("id"))
    passkey = Passkey.get_or_none(Passkey.credential_id == named) if LINE.match(named) else None
    if passkey is None or (user is not None and passkey.user_id != user.id) or not passkey.user.active:
        raise Unauthenticated(_(REFUSED))
    handle = credential["response"].get("userHandle")
    if handle is not None and str(handle).rstrip("=") != passkey.user_handle:
        raise Unauthenticated(_(REFUSED))
    try:
        count = ceremonies.signed(site.domain, site.origin, challenge, credential, passkey.public_key)
    except ceremonies.NotBelieved:
        raise Unauthenticated(_(REFUSED)) from None
    _move_on(passkey, count, origin)
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
        raise Unauthenticated(_(REFUSED))


def _challenge_of(credential: Any) -> str:
    from registry.people import ceremonies

    try:
        return ceremonies.challenge_of(credential)
    except ceremonies.NotBelieved:
        raise Unauthenticated(_(REFUSED)) from None
