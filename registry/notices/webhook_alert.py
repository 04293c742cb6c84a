"""A webhook was switched off because nothing arrives any more: whoever may set it up is told, or nobody would know."""

from collections.abc import Sequence

from registry.customers.models import Customer
from registry.kernel import clock, mail
from registry.kernel.access import visible
from registry.kernel.language import N_
from registry.kernel.outgoing import Answer
from registry.kernel.phrases import one_line
from registry.notices.plans import people
from registry.notices.webhook_events import SYSTEM
from registry.notices.webhook_models import Webhook
from registry.notices.words import say
from registry.people.models import Membership, User
from registry.people.roles import ROLES

mail.declare_mail(
    "webhook_off",
    {
        "name": N_("name of the reader"),
        "webhook": N_("name of the webhook"),
        "owner": N_("name of the customer, or that it is the house's"),
        "at": N_("when it was switched off"),
        "reason": N_("what became of the last attempt"),
        "link": N_("address of the installation"),
    },
)


def tell_switched_off(webhook: Webhook, answer: Answer) -> None:
    """Queue the mails, in the transaction that switches it off."""
    found = visible(Customer, SYSTEM).where(Customer.id == webhook.customer_id).first()
    for user in _editors(webhook.customer_id):
        values = {
            "name": one_line(user.name),
            "webhook": one_line(webhook.name),
            "owner": one_line(found.name) if found else say(user.language, "house"),
            "at": clock.now(),
            "reason": _reason(answer, user.language),
            "link": mail.link("/"),
        }
        mail.post("webhook_off", user.email, user.language, values,
                  customer_id=webhook.customer_id, time_zone=user.time_zone)  # fmt: skip


def _editors(customer_id: int | None) -> Sequence[User]:
    """The customer's own people who may edit webhooks; of one of the house, the operator's."""
    needed = "webhook.house" if customer_id is None else "webhook.edit"
    roles = [
        role.name for role in ROLES.values() if role.operator == (customer_id is None) and needed in role.permissions
    ]
    place = Membership.customer_id.is_null() if customer_id is None else Membership.customer_id == customer_id
    rows = Membership.select(Membership.user).where(place & Membership.role.in_(roles))
    return people(row.user_id for row in rows)


def _reason(answer: Answer, language: str) -> str:
    if answer.status is not None:
        return say(language, "off_answered", status=answer.status)
    return say(language, "off_refused" if answer.outcome == "refused" else "off_unreachable")
