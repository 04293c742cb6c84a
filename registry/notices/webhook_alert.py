"""A webhook was switched off because nothing arrives any more: whoever may set it up is told, or nobody would know."""

from registry.customers.models import Customer
from registry.kernel import clock, mail
from registry.kernel.access import visible
from registry.kernel.language import N_
from registry.kernel.outgoing import Answer
from registry.kernel.phrases import one_line
from registry.notices.plans import holders
from registry.notices.webhook_events import SYSTEM
from registry.notices.webhook_models import Webhook
from registry.notices.words import say

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
    for user in holders("webhook.house" if webhook.customer_id is None else "webhook.edit", webhook.customer_id):
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


def _reason(answer: Answer, language: str) -> str:
    if answer.status is not None:
        return say(language, "off_answered", status=answer.status)
    return say(language, "off_refused" if answer.outcome == "refused" else "off_unreachable")
