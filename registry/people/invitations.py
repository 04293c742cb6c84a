"""Joining by invitation: whoever was invited chooses name, password, language and time zone himself."""

from typing import Any
from urllib.parse import urlsplit

from registry.actions import Action
from registry.kernel import mail
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid
from registry.kernel.language import N_, _
from registry.kernel.throttle import take
from registry.kernel.writing import ANY_VERSION, change, note
from registry.people import limits
from registry.people.ending import end_links
from registry.people.links import Purpose, acting_as, find_link, holder, make_link, use_link
from registry.people.models import LinkedIdentity, MailedLink, Passkey, User
from registry.people.passwords import hash_password
from registry.people.service import context_of, create_user, get_user, home_of, must_outrank
from registry.people.signin import Origin, open_session

mail.declare_mail(
    "invitation",
    {
        "name": N_("name of who is invited"),
        "inviter": N_("name of who invites"),
        "link": N_("address of the page to join"),
        "until": N_("when the link expires"),
    },
)


def has_joined(user: User) -> bool:
    """Whether the user has a way to sign in of his own."""
    return bool(
        user.password_hash
        or Passkey.select().where(Passkey.user == user).exists()
        or LinkedIdentity.select().where(LinkedIdentity.user == user).exists()
    )


def invite(actor: Actor, user_id: int) -> tuple[MailedLink, str]:
    """Mail the user a link to join by; one that was mailed before dies. Answers the link and its address.

    Raises Conflict for whoever has joined, is shut out or is a machine; Throttled for too many mails.
    """
    user = _mine_to_invite(actor, user_id)
    _check_invitable(user)
    take("invitation", str(user.id), limits.INVITATIONS)
    _count_accounts(actor)
    return _invite(actor, user)


def _check_invitable(user: User) -> None:
    if not user.active:
        raise Conflict(_("This account is deactivated."), code="deactivated")
    if user.is_machine:
        raise Conflict(_("A machine is not invited; make a token for it."), code="machine")
    if has_joined(user):
        resets = _("This user has joined already and can reset the password himself.")
        told = resets if user.password_hash else _("This user has joined already and signs in without a password.")
        raise Conflict(told, code="has_joined")


def _inviter(actor: Actor) -> str:
    """Who invites from the command line is known to the reader by the name of the house, not by that of an account."""
    return actor.name if actor.user_id is not None else urlsplit(mail.link("/")).hostname or "Assetcare"


def _count_accounts(actor: Actor) -> None:
    """Before one is made: an address that is refused because another has it is a question answered, too."""
    if actor.user_id is not None:
        take("inviter", str(actor.user_id), limits.INVITATIONS_OF_INVITER)


def _invite(actor: Actor, user: User) -> tuple[MailedLink, str]:
    with transaction():
        link, address = make_link(user, Purpose.INVITATION, user.email)
        values = {"name": user.name, "inviter": _inviter(actor), "link": address, "until": link.expires_at}
        customer_id = home_of(user)
        mail.post("invitation", user.email, user.language, values, customer_id=customer_id, time_zone=user.time_zone)
        note(actor, Action.INVITED, user, customer_id=customer_id)
    return link, address


def create_and_invite(actor: Actor, *, invite_now: bool | None = None, **values: Any) -> User:
    """A new user (see create_user), invited by mail: by default everybody who has no password and is no machine.

    Raises Invalid when somebody shall be invited who has nothing to choose.
    """
    chooses = not values.get("password") and values.get("kind", "person") == "person"
    if invite_now and not chooses:
        raise Invalid.field("invite", _("Only a person without a password is invited; leave out one or the other."))
    _count_accounts(actor)
    if not chooses or invite_now is False:
        return create_user(actor, **values)
    with transaction():
        user = create_user(actor, **values)
        _invite(actor, user)
    return user


def invitation_of(actor: Actor, user_id: int) -> dict[str, Any]:
    """The user's last invitation: {state, address, sent_at, expires_at}; state is none, open, expired, withdrawn or
    joined."""
    user = get_user(actor, user_id)
    last = _last(user.id)
    return {
        "state": _state(user, last),
        "address": last and last.address,
        "sent_at": last and last.created_at,
        "expires_at": last and last.expires_at,
    }


def _state(user: User, last: MailedLink | None) -> str:
    if has_joined(user):
        return "joined"
    if last is None:
        return "none"
    return "open" if last.is_open else "withdrawn" if last.end == "withdrawn" else "expired"


def _last(user_id: int) -> MailedLink | None:
    mine = (MailedLink.user == user_id) & (MailedLink.purpose == Purpose.INVITATION)
    found: MailedLink | None = MailedLink.select().where(mine).order_by(MailedLink.id.desc()).first()
    return found


def was_withdrawn(user: User) -> bool:
    """Whether the last that was said to him is that he shall not join."""
    last = _last(user.id)
    return last is not None and last.end == "withdrawn" and not has_joined(user)


def withdraw(actor: Actor, user_id: int) -> User:
    """End the open invitation. Raises Conflict when there is none."""
    user = _mine_to_invite(actor, user_id)
    with transaction():
        if not end_links(user.id, Purpose.INVITATION, end="withdrawn"):
            raise Conflict(_("There is no open invitation to withdraw."), code="not_invited")
        note(actor, Action.INVITATION_WITHDRAWN, user, customer_id=home_of(user))
    return user


def _mine_to_invite(actor: Actor, user_id: int) -> User:
    user = get_user(actor, user_id)
    must_outrank(actor, user)
    return user


def join(secret: str, origin: Origin, *, password: str, **profile: Any) -> str:
    """Accept an invitation: the password is set, the profile (name, language, time_zone) taken over, a session opened.

    Answers what the cookie must hold. Of many at once one joins, the others get DeadLink.
    """
    invited = find_link(Purpose.INVITATION, secret).user
    with acting_as(invited):
        context = (*context_of(invited), profile.get("name") or "")
        hashed = hash_password(password, context=context)
        with transaction():
            user = use_link(Purpose.INVITATION, secret).user
            values = {**profile, "password_hash": hashed}
            who = holder(user, origin)
            change(who, user, values, Action.JOINED, version=ANY_VERSION, customer_id=home_of(user))
            end_links(user.id, end="joined")
            return open_session(user, origin, how="link", second_factor=False)
