"""Another e-mail address for one's own account: it counts once its mailbox has confirmed it."""

from marshmallow import ValidationError, fields, validate

from registry.actions import Action
from registry.kernel import mail
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Invalid
from registry.kernel.language import N_, _
from registry.kernel.throttle import take
from registry.kernel.writing import ANY_VERSION, change, note
from registry.people import limits
from registry.people.alerts import alert_old_address
from registry.people.ending import end_links
from registry.people.links import Purpose, acting_as, find_link, holder, make_link, use_link
from registry.people.models import User
from registry.people.service import home_of
from registry.people.signin import Origin

mail.declare_mail(
    "email_change",
    {
        "name": N_("name of the user"),
        "link": N_("address of the page to confirm"),
        "until": N_("when the link expires"),
    },
)
_EMAIL = fields.Email(validate=validate.Length(max=255))


def ask_new_email(actor: Actor, user: User, email: str) -> None:
    """Mail a link to the new address. Silent when another account has it: whoever owns the mailbox finds out there.

    Raises Invalid for what is no address, Throttled. The caller has made sure that it is the user himself.
    """
    address = _checked(email)
    if address == user.email:
        raise Invalid.field("email", _("This is your address already."))
    take("new_email", str(user.id), limits.NEW_ADDRESSES)
    with transaction():
        link, where = make_link(user, Purpose.EMAIL, address)
        if not User.select().where(User.email == address).exists():
            values = {"name": user.name, "link": where, "until": link.expires_at}
            mail.post("email_change", address, user.language, values, time_zone=user.time_zone)
        note(actor, Action.EMAIL_CHANGE_SENT, user, customer_id=home_of(user), after={"email": address})


def _checked(email: str) -> str:
    try:
        return str(_EMAIL.deserialize(email.strip())).lower()
    except ValidationError:
        raise Invalid.field("email", _("Give an e-mail address, such as eva@example.com.")) from None


def confirm_email(secret: str, origin: Origin) -> User:
    """The mailbox has confirmed: it is the user's address now, and the old one is told.

    Raises DeadLink, or Conflict when somebody else has taken the address in the meantime.
    """
    owner = find_link(Purpose.EMAIL, secret).user
    with acting_as(owner), transaction():
        link = use_link(Purpose.EMAIL, secret)
        user, old = link.user, link.user.email
        values = {"email": link.address}
        try:
            change(holder(user, origin), user, values, Action.EMAIL_CHANGED, version=ANY_VERSION,
                   customer_id=home_of(user))  # fmt: skip
        except Conflict:
            raise Conflict(_("This address belongs to another account."), code="duplicate") from None
        end_links(user.id, end="email")
        alert_old_address(old, user, origin)
    return user
