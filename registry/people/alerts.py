"""Mails that tell a user what was done to his account, so that he hears of it when it was not he who did it."""

from registry.kernel import clock, mail
from registry.kernel.language import N_
from registry.people.models import User
from registry.people.signin import Origin

_VALUES = {
    "name": N_("name of the user"),
    "at": N_("when it was done"),
    "peer": N_("the network address it was done from"),
    "link": N_("address of the page of his account"),
}
ALERTS = (
    "password_changed",
    "second_factor_on",
    "second_factor_off",
    "passkey_added",
    "passkey_removed",
    "identity_linked",
    "identity_unlinked",
)
for _name in ALERTS:
    mail.declare_mail(_name, _VALUES, needed=())
mail.declare_mail("email_changed_notice", {**_VALUES, "email": N_("the new address")}, needed=())


def alert(name: str, user: User, origin: Origin) -> None:
    """Queue the mail `name` (one of ALERTS) to the user. Inside the transaction of what it tells of."""
    mail.post(name, user.email, user.language, _values(user, origin), time_zone=user.time_zone)


def alert_old_address(old: str, user: User, origin: Origin) -> None:
    """Tell the address that was, until now, the user's."""
    values = {**_values(user, origin), "email": user.email}
    mail.post("email_changed_notice", old, user.language, values, time_zone=user.time_zone)


def _values(user: User, origin: Origin) -> dict[str, object]:
    return {"name": user.name, "at": clock.now(), "peer": origin.address or "?", "link": mail.link("/account")}
