"""A forgotten password: a link to the mailbox, and a new password for whoever holds it. Nothing else is given away.

Whoever asks gets the same answer after the same work, whatever account there is or is not: the request only puts a
line into the job queue, and the worker looks for the account.
"""

from collections.abc import Callable
from typing import Any

from registry.actions import Action
from registry.kernel import mail
from registry.kernel.db import transaction
from registry.kernel.jobs import job
from registry.kernel.language import N_
from registry.kernel.shapes import LINE
from registry.kernel.throttle import network_of, take
from registry.kernel.writing import ANY_VERSION, change, note
from registry.people import limits
from registry.people.alerts import alert
from registry.people.ending import end_links, end_sessions
from registry.people.links import Purpose, acting_as, find_link, holder, make_link, use_link
from registry.people.models import User
from registry.people.passwords import hash_password
from registry.people.service import context_of, home_of
from registry.people.signin import Origin

mail.declare_mail(
    "password_reset",
    {
        "name": N_("name of the user"),
        "link": N_("address of the page for a new password"),
        "until": N_("when the link expires"),
    },
)


def ask_reset(email: str, origin: Origin, enqueue: Callable[..., Any]) -> None:
    """Have a link mailed to `email` if an account has it. Answers nothing, in every case. Raises Throttled."""
    given = email.strip().lower()[:255]
    address = given if LINE.match(given) else ""  # no table could hold it, so nobody has it
    take("reset_peer", network_of(origin.address), limits.RESETS_OF_PEER)
    take("reset_address", address, limits.RESETS_OF_ADDRESS)
    enqueue("people.send_reset", email=address, address=origin.address, request_id=origin.request_id)


@job("people.send_reset", retries=3)
def send_reset(email: str, address: str | None, request_id: str | None) -> bool:
    """Mail the link, unless nobody with a password has this address. Whether one was mailed."""
    user = User.get_or_none(User.email == email)
    if user is None or not (user.active and user.password_hash) or user.is_machine:
        return False
    with transaction():
        link, where = make_link(user, Purpose.RESET, user.email)
        values = {"name": user.name, "link": where, "until": link.expires_at}
        mail.post("password_reset", user.email, user.language, values, time_zone=user.time_zone)
        origin = Origin(address, None, request_id)
        note(holder(user, origin), Action.RESET_SENT, user, customer_id=home_of(user))
    return True


def reset(secret: str, password: str, origin: Origin) -> User:
    """Set a new password by a mailed link. All sessions end, none begins, and a second factor is asked for as ever.

    Raises DeadLink, or Invalid for the password: then the link is still good.
    """
    owner = find_link(Purpose.RESET, secret).user
    with acting_as(owner):
        hashed = hash_password(password, context=context_of(owner))
        with transaction():
            user = use_link(Purpose.RESET, secret).user
            change(holder(user, origin), user, {"password_hash": hashed}, Action.PASSWORD_CHANGED,
                   version=ANY_VERSION, customer_id=home_of(user))  # fmt: skip
            end_sessions(user.id)
            end_links(user.id, end="password")
            alert("password_changed", user, origin)
    return user
