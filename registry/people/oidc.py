"""Signing in through an identity provider (OpenID Connect): whom it means here, if anybody.

Nobody gets an account by this. A person who is known here is found by issuer and subject once they have been linked;
the first time by the e-mail address, if the provider has verified it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from peewee import IntegrityError

from registry.actions import Action
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Unauthenticated
from registry.kernel.language import N_, _
from registry.kernel.logs import log
from registry.kernel.secrets import new_token
from registry.kernel.shapes import LINE
from registry.kernel.throttle import network_of, take
from registry.kernel.writing import note
from registry.people import limits
from registry.people.alerts import alert
from registry.people.ending import end_links, end_sessions
from registry.people.handshakes import begin_handshake, finish_handshake
from registry.people.invitations import was_withdrawn
from registry.people.links import Purpose, acting_as, holder
from registry.people.models import LinkedIdentity, User
from registry.people.oidc_client import Client, ProviderError
from registry.people.service import home_of
from registry.people.signin import Origin, open_session

# people/identity_provider.py is imported where it is used, and not above: see there.

PURPOSE = "oidc"
LASTS = timedelta(minutes=10)
REFUSED = N_("This sign-in was not accepted. Try again, or ask whoever manages users at your company.")
# What providers say when they asked for more than one factor: RFC 8176, and the class that older ones use.
SEVERAL_FACTORS = "mfa"
SEVERAL_FACTORS_CLASS = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"


def begin(client: Client, browser: str, origin: Origin, onward: str, *, fresh: bool = False) -> str:
    """Where the browser goes to sign in; it is to come back within ten minutes. `onward`: the page it wanted.

    `fresh`: the provider shall let nobody pass who signed in there earlier.
    Raises Unauthenticated when the provider cannot be asked, Throttled.
    """
    from registry.people.identity_provider import authorization_address

    take("oidc", network_of(origin.address), limits.PROVIDER_OF_PEER)
    state, nonce, verifier = new_token(), new_token(), new_token()
    try:
        address = authorization_address(client, state, nonce, verifier, fresh=fresh)
    except ProviderError as error:
        log.warning("oidc_unavailable", issuer=client.issuer, reason=str(error)[:300])
        raise Unauthenticated(_("The identity provider cannot be reached at present. Try again in a moment.")) from None
    data = {"nonce": nonce, "verifier": verifier, "next": onward, "issuer": client.issuer, "fresh": fresh}
    begin_handshake(PURPOSE, state, browser, lasts=LASTS, data=data)
    return address


def finish(
    client: Client, given: dict[str, str], browser: str, origin: Origin, *, trust_second_factor: bool = False
) -> tuple[str, str]:
    """The browser is back with `given` (code, state, iss ...): (what the cookie must hold, the page it wanted).

    Raises Unauthenticated in the same words in every case; the log has the reason.
    """
    from registry.people.identity_provider import redeem

    take("oidc", network_of(origin.address), limits.PROVIDER_OF_PEER)
    try:
        begun = _begun(client, given, browser)
        claims = redeem(client, given.get("code", ""), begun["verifier"], begun["nonce"])
        user = _person(client.issuer, claims, origin)
        strong = trust_second_factor and _several_factors(claims)
        age = _age_of_proof(claims, begun["fresh"])
        return open_session(user, origin, how="oidc", second_factor=strong, age=age), begun["next"]
    except (ProviderError, Unauthenticated) as error:
        log.warning("oidc_refused", issuer=client.issuer, reason=str(error)[:300])
        raise Unauthenticated(_(REFUSED)) from None


def _begun(client: Client, given: dict[str, str], browser: str) -> dict[str, Any]:
    from registry.people.identity_provider import metadata_of

    begun = finish_handshake(PURPOSE, given.get("state", ""), browser) if browser else None
    if begun is None or begun["issuer"] != client.issuer:
        raise ProviderError("nothing like this was begun in this browser, or it was finished before")
    sent = given.get("iss")
    must = metadata_of(client.issuer).get("authorization_response_iss_parameter_supported") is True
    if sent != client.issuer and (must or sent is not None):
        raise ProviderError(f"the answer comes from {sent!r}")
    if "error" in given or not given.get("code"):
        raise ProviderError(f"the provider says {given.get('error', 'nothing')!r}")
    return begun


def _age_of_proof(claims: dict[str, Any], fresh: bool) -> timedelta | None:
    """How long ago he proved to the provider who he is; None: it does not tell, and was not asked for a fresh proof.

    A session there may be hours old, and says nothing of who sits in front of the browser by now.
    """
    told = claims.get("auth_time")
    if told is None:
        return timedelta(0) if fresh else None
    try:
        return max(timedelta(0), clock.now() - datetime.fromtimestamp(told, UTC))
    except (ValueError, OverflowError, OSError):  # no time that there is
        return None


def unlink(actor: Actor, user: User, origin: Origin) -> int:
    """Who he was at a provider counts no more; he is told, and every other session ends. How many there were.

    The caller has made sure of whom.
    """
    with transaction():
        gone = list(LinkedIdentity.select().where(LinkedIdentity.user == user).order_by(LinkedIdentity.id))
        for identity in gone:
            known = {"issuer": identity.issuer, "subject": identity.subject}
            note(actor, Action.IDENTITY_UNLINKED, user, customer_id=home_of(user), before=known)
        if LinkedIdentity.delete().where(LinkedIdentity.user == user).execute():
            end_sessions(user.id, keep=actor.session_id)
            alert("identity_unlinked", user, origin)
    return len(gone)


def _several_factors(claims: dict[str, Any]) -> bool:
    return SEVERAL_FACTORS in (claims.get("amr") or ()) or claims.get("acr") == SEVERAL_FACTORS_CLASS


def _person(issuer: str, claims: dict[str, Any], origin: Origin) -> User:
    """The active person behind the claims. Raises ProviderError."""
    same = (LinkedIdentity.issuer == issuer) & (LinkedIdentity.subject == claims["sub"])
    linked = LinkedIdentity.get_or_none(same)
    if linked is not None:
        LinkedIdentity.update(last_used_at=clock.now()).where(LinkedIdentity.id == linked.id).execute()
        user: User = linked.user
        if not user.active or user.is_machine:
            raise ProviderError(f"user {user.id} is shut out")
        return user
    return _link(_by_email(claims), issuer, claims, origin)


def _by_email(claims: dict[str, Any]) -> User:
    """By an address in ASCII that the provider has verified: other scripts have letters that merely look the same."""
    email = claims.get("email")
    if claims.get("email_verified") is not True:
        raise ProviderError("the provider has not verified the e-mail address")
    if not isinstance(email, str) or not email.isascii() or not LINE.match(email) or len(email) > 255:
        raise ProviderError("the e-mail address is missing, or not in plain letters")
    user = User.get_or_none(User.email == email.lower())
    if user is None or not user.active or user.is_machine or was_withdrawn(user):
        raise ProviderError("nobody with this e-mail address may come in")
    return user  # type: ignore[no-any-return]


def _link(user: User, issuer: str, claims: dict[str, Any], origin: Origin) -> User:
    """From now on the subject counts, whatever becomes of the address. Raises ProviderError when the user is another
    subject already: his address was given to somebody else there."""
    try:
        with acting_as(user), transaction():
            LinkedIdentity.create(
                user=user, issuer=issuer, subject=claims["sub"], email=claims["email"], last_used_at=clock.now()
            )
            note(holder(user, origin), Action.IDENTITY_LINKED, user, customer_id=home_of(user),
                 after={"issuer": issuer, "subject": claims["sub"]})  # fmt: skip
            end_links(user.id, Purpose.INVITATION, end="joined")
            alert("identity_linked", user, origin)
    except IntegrityError:
        raise ProviderError(f"user {user.id} is linked to another subject of {urlsplit(issuer).netloc}") from None
    return user
