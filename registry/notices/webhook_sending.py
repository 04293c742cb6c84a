"""The courier of webhooks: signs, sends, notes how it went, tries again, gives up.

One delivery at a time to each webhook, many webhooks at once: a slow receiver holds up nobody but himself. Whoever
serves a webhook holds a lease on it; should this process die, another takes over when that has run out, and sends
again what may have arrived already - under the same id, so that the receiver can tell.
"""

import queue
import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from registry import __version__
from registry.actions import Action
from registry.kernel import clock, metrics
from registry.kernel.access import Actor, visible
from registry.kernel.audit import HOUSE
from registry.kernel.db import transaction
from registry.kernel.jobs import courier, job
from registry.kernel.logs import log
from registry.kernel.outgoing import Answer, send
from registry.kernel.secrets import vault
from registry.kernel.writing import ANY_VERSION, change
from registry.notices.webhook_alert import tell_switched_off
from registry.notices.webhook_events import SYSTEM, signature
from registry.notices.webhook_models import Webhook, WebhookDelivery
from registry.notices.webhooks import park_all

SLOTS = 16  # requests at once
SLOTS_EACH = 4  # of them for one customer
WAIT_SECONDS = 0.2
IN_A_ROW = 50  # deliveries to one webhook before the next one's turn
LEASE = timedelta(seconds=60)  # longer than one delivery can take
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=6)
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(hours=24)
OFF_AFTER, OFF_AFTER_FAILURES = timedelta(days=5), 10
FORGET_AFTER = timedelta(days=30)
GONE = 410

metrics.declare_counter("webhook_deliveries", "Attempts to deliver to a webhook.", "outcome")


@dataclass(frozen=True, slots=True)
class Errand:
    """A delivery on its way. `left`: how many may follow it before the webhook's turn is over."""

    webhook_id: int
    customer_id: int | None  # whose the webhook is
    delivery_id: int
    tries: int
    left: int
    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Courier:
    """Sends in threads of its own; everything with the database is done in the thread that calls `carry`."""

    def __init__(self) -> None:
        self.out: Counter[int | None] = Counter()  # customer -> errands at present
        self._back: queue.SimpleQueue[tuple[Errand, Answer]] = queue.SimpleQueue()

    def carry(self) -> int:
        """Note what has come back, send out what is due; 0 when there is nothing to do and nobody on his way."""
        returned = self._take_back()
        return returned + self._send_out() + self.out.total()

    def _take_back(self) -> int:
        """While somebody is on his way, wait a moment for the first; then take all who are there."""
        for count in range(SLOTS):
            try:
                errand, answer = self._back.get(block=count == 0 and self.out.total() > 0, timeout=WAIT_SECONDS)
            except queue.Empty:
                return count
            self.out[errand.customer_id] -= 1
            try:
                self._go(settle(errand, answer))
            except Exception:  # not noted, so it is sent again when the lease has run out; others go on
                log.exception("webhook_not_noted", webhook_id=errand.webhook_id)
        return SLOTS

    def _send_out(self) -> int:
        free, started = SLOTS - self.out.total(), 0
        full = [customer for customer, count in self.out.items() if count >= SLOTS_EACH]
        for webhook in due(free, full) if free > 0 else ():
            if self.out[webhook.customer_id] < SLOTS_EACH and _claim(webhook):
                started += self._go(next_errand(webhook.id, IN_A_ROW))
        return started

    def _go(self, errand: Errand | None) -> int:
        if errand is None:
            return 0
        self.out[errand.customer_id] += 1
        threading.Thread(target=self._run, args=(errand,), name="webhook", daemon=True).start()
        return 1

    def _run(self, errand: Errand) -> None:
        answer = Answer("unreachable")
        try:
            answer = send("POST", errand.url, errand.headers, errand.body)
        except Exception:
            log.exception("webhook_failed", webhook_id=errand.webhook_id)
        self._back.put((errand, answer))


_courier = Courier()


@courier("webhooks")
def carry() -> int:
    return _courier.carry()


def due(limit: int, full: Sequence[int | None] = ()) -> list[Webhook]:
    """Webhooks that something waits for and that nobody serves, the one longest without its turn first; none of the
    customers in `full`."""
    now = clock.now()
    waiting = visible(WebhookDelivery, SYSTEM, SQL("1")).where(
        (WebhookDelivery.webhook == Webhook.id)
        & (WebhookDelivery.state == "pending")
        & (WebhookDelivery.next_at <= now)
    )
    return list(
        visible(Webhook, SYSTEM)
        .where(
            (Webhook.enabled == True)  # noqa: E712 - SQL
            & (Webhook.resting_until.is_null() | (Webhook.resting_until <= now))
            & (Webhook.leased_until.is_null() | (Webhook.leased_until <= now))
            & fn.COALESCE(Webhook.customer_id, HOUSE).not_in([customer or HOUSE for customer in full] or [-1])
            & fn.EXISTS(waiting)
        )
        .order_by(fn.COALESCE(Webhook.leased_until, Webhook.created_at), Webhook.id)
        .limit(limit)
    )


def _claim(webhook: Webhook) -> bool:
    """Ours for the length of a lease, unless another worker was faster."""
    as_read = (
        Webhook.leased_until.is_null() if webhook.leased_until is None else Webhook.leased_until == webhook.leased_until
    )
    return bool(
        Webhook.update(leased_until=clock.now() + LEASE)
        .where((Webhook.id == webhook.id) & (Webhook.enabled == True) & as_read)  # noqa: E712 - SQL
        .execute()
    )


def next_errand(webhook_id: int, left: int) -> Errand | None:
    """The next delivery that is due; without one the lease is given back."""
    now = clock.now()
    webhook = visible(Webhook, SYSTEM).where((Webhook.id == webhook_id) & (Webhook.enabled == True)).first()  # noqa: E712
    found = None
    if webhook is not None and left:
        mine = (WebhookDelivery.webhook == webhook_id) & (WebhookDelivery.state == "pending")
        found = (
            visible(WebhookDelivery, SYSTEM)
            .where(mine & (WebhookDelivery.next_at <= now))
            .order_by(WebhookDelivery.next_at, WebhookDelivery.id)
            .first()
        )
    if webhook is None or found is None:
        Webhook.update(leased_until=now).where(Webhook.id == webhook_id).execute()
        return None
    errand = Errand(webhook.id, webhook.customer_id, found.id, found.tries, left - 1, webhook.url, found.body.encode())
    try:
        errand.headers.update(headers_of(webhook, found, now))
    except ValueError:  # sealed with another installation secret
        log.exception("webhook_not_signed", webhook_id=webhook.id)
        _failed(errand, Answer("refused"))
        return None
    return errand


def headers_of(webhook: Webhook, delivery: WebhookDelivery, now: datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Assetcare/{__version__}",
        "Assetcare-Delivery": delivery.uid,
        "Assetcare-Event": delivery.event,
        "Assetcare-Signature": signature(keys_of(webhook, now), int(now.timestamp()), delivery.body.encode()),
    }


def keys_of(webhook: Webhook, now: datetime) -> list[str]:
    """The secret; for a while after a change also the one before."""
    sealed = [webhook.secret]
    if webhook.old_secret and webhook.old_secret_until and now < webhook.old_secret_until:
        sealed.append(webhook.old_secret)
    return [vault().open(one) for one in sealed]


# --- How it went -------------------------------------------------------------------------------------------


def settle(errand: Errand, answer: Answer) -> Errand | None:
    """Note how it went; answers the next delivery for the same webhook, if its turn is not over."""
    metrics.count("webhook_deliveries", metrics.status_class(answer.status) if answer.status else answer.text)
    with transaction():
        if answer.fine:
            return _arrived(errand, answer)
        _failed(errand, answer)
        return None


def _arrived(errand: Errand, answer: Answer) -> Errand | None:
    now = clock.now()
    if not _noted(errand, answer, state="done", done_at=now):
        return None
    Webhook.update(
        failures=0, failing_since=None, resting_until=None, last_ok_at=now, leased_until=now + LEASE
    ).where(Webhook.id == errand.webhook_id).execute()  # fmt: skip
    return next_errand(errand.webhook_id, errand.left)


def _failed(errand: Errand, answer: Answer) -> None:
    """This delivery is tried again later, and the webhook rests: whoever is down is not called for each event."""
    now = clock.now()
    webhook = visible(Webhook, SYSTEM).where(Webhook.id == errand.webhook_id).first()
    if not _noted(errand, answer, next_at=now + pause_after(errand.tries + 1)) or webhook is None:
        return
    failures, since = webhook.failures + 1, webhook.failing_since or now
    Webhook.update(
        failures=failures, failing_since=since, resting_until=now + rest_after(failures), leased_until=now
    ).where(Webhook.id == webhook.id).execute()
    late = (WebhookDelivery.state == "pending") & (WebhookDelivery.since <= now - GIVE_UP_AFTER)
    WebhookDelivery.update(state="parked", done_at=now).where((WebhookDelivery.webhook == webhook.id) & late).execute()
    if answer.status == GONE or (failures >= OFF_AFTER_FAILURES and now - since >= OFF_AFTER):
        _switch_off(webhook, answer)


def _switch_off(webhook: Webhook, answer: Answer) -> None:
    if webhook.enabled:
        log.warning("webhook_switched_off", webhook_id=webhook.id, outcome=answer.text)
        who = Actor.system(webhook.customer_id, name="webhooks", kind="job")
        with transaction():
            change(who, webhook, {"enabled": False}, Action.WEBHOOK_SWITCHED_OFF, version=ANY_VERSION)
            park_all(webhook.id)
            tell_switched_off(webhook, answer)


def _noted(errand: Errand, answer: Answer, **values: Any) -> bool:
    """False when this attempt counts no more: the lease ran out, and another worker has sent and noted it since."""
    as_sent = (WebhookDelivery.id == errand.delivery_id) & (WebhookDelivery.tries == errand.tries)
    told = {"tries": errand.tries + 1, "outcome": answer.text, "milliseconds": answer.milliseconds}
    return bool(WebhookDelivery.update(**told, **values).where(as_sent).execute())


def pause_after(tries: int) -> timedelta:
    """Until this delivery is tried again: 10 s, three times as long after each attempt, 6 hours at most."""
    return _about(min(FIRST_PAUSE * 3 ** min(tries - 1, 20), LONGEST_PAUSE))


def rest_after(failures: int) -> timedelta:
    """Until a webhook that failed so often in a row is called at all: 5 s, twice as long each time, 15 min at most."""
    return _about(min(FIRST_REST * 2 ** min(failures - 1, 20), LONGEST_REST))


def _about(pause: timedelta) -> timedelta:
    """A little more or less, so that what failed together does not come back together."""
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


@job("webhooks.forget", minutes=1440)
def forget_old() -> int:
    """Delete the log of deliveries older than 30 days."""
    old = clock.now() - FORGET_AFTER
    return int(WebhookDelivery.delete().where(WebhookDelivery.at < old).execute())
