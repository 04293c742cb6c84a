"""What can be done with reminders: who may, what is written, what is told. Pages, API, job and command call these."""

from datetime import date, timedelta

from registry.sdk import (
    ANY_VERSION,
    Actor,
    change,
    create,
    emit,
    fetch,
    get_asset,
    settings_of,
    today_of,
    transaction,
    visible,
)

from acme_loans.models import Reminder


def remind(actor: Actor, asset_id: int, text: str, due_on: date, borrower: str = "") -> Reminder:
    """A new reminder on an asset. A stranger to the asset gets NotFound, who may only read Forbidden."""
    asset = get_asset(actor, asset_id)
    actor.must("acme_loans.edit", asset.customer_id)
    values = {"customer_id": asset.customer_id, "asset_id": asset.id, "text": text, "due_on": due_on, "borrower": borrower}
    return create(actor, Reminder, values, "acme_loans.written")


def finish(actor: Actor, reminder_id: int, version: int | None) -> Reminder:
    reminder = fetch(Reminder, actor, reminder_id)
    actor.must("acme_loans.edit", reminder.customer_id)
    return change(actor, reminder, {"done": True}, "acme_loans.finished", version=version)


def open_ones(actor: Actor, customer_id: int) -> list[Reminder]:
    """Those still to be done, the next one first."""
    actor.must("acme_loans.view", customer_id)
    query = visible(Reminder, actor).where((Reminder.customer_id == customer_id) & ~Reminder.done)
    return list(query.order_by(Reminder.due_on, Reminder.id).limit(500))


def of_asset(actor: Actor, asset_id: int) -> list[Reminder]:
    asset = get_asset(actor, asset_id)
    if not actor.can("acme_loans.view", asset.customer_id):
        return []
    query = visible(Reminder, actor).where((Reminder.customer_id == asset.customer_id) & ~Reminder.done)
    return list(query.where(Reminder.asset_id == asset_id).order_by(Reminder.due_on).limit(50))


def due(actor: Actor, customer_id: int) -> list[Reminder]:
    if not actor.can("acme_loans.view", customer_id):
        return []
    until = today_of(actor, customer_id) + timedelta(days=settings_of("acme_loans", customer_id)["days_ahead"])
    return [one for one in open_ones(actor, customer_id) if one.due_on <= until]


def tell_due() -> int:
    """Every hour: an event for each reminder that has become due. Webhooks and other plugins hear it."""
    everybody = Actor.system(name="acme_loans", kind="job")
    told = 0
    waiting = visible(Reminder, everybody).where(~Reminder.done & ~Reminder.told)
    for customer_id in sorted({row.customer_id for row in waiting}):
        for reminder in due(everybody, customer_id):
            if not reminder.told:
                with transaction():
                    change(everybody, reminder, {"told": True}, "acme_loans.told", version=ANY_VERSION)
                    emit("acme_loans.due", customer_id, "acme_loans_reminder", reminder.id, {"text": reminder.text})
                told += 1
    return told


def health() -> tuple[str, str]:
    waiting = visible(Reminder, Actor.system()).where(~Reminder.done).count()
    return "ok", f"{waiting} reminders are open."
