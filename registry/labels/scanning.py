"""Somebody opens the code on a label. It is a look: nothing changes but the log of scans.

Who may see the unit is led there. Whoever else opens a code, signed in or not, learns what the label itself says: that
the item is registered, and whom to call. To him a code that we never made answers the same, after the same work.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from registry.customers.models import Customer
from registry.kernel import clock, wall
from registry.kernel.access import EVERYWHERE, Actor, visible
from registry.kernel.db import write_if_free
from registry.kernel.jobs import job
from registry.kernel.prepared import Kept, fetched
from registry.kernel.throttle import Limit, network_of, take
from registry.labels.codes import read
from registry.labels.models import LabelCode, LabelScan

STRANGERS = Limit(60, 60)  # codes that lead nowhere for whoever opens them, from one network or by one user
KEPT = timedelta(days=90)
WINDOW = 600  # seconds in which a reader's scans of one code count as one
HOPS = 50
_HOUSE = Actor("system", "labels", {EVERYWHERE: frozenset()})
_texts: Kept = {}


@dataclass(frozen=True, slots=True)
class Opened:
    """A code as it is for somebody who may know of it. `on` is "unit", "revoked" or "free".

    `code`: the one that is on the unit now, or the one that was opened where there is no other. `slug`: whose it is.
    """

    on: str
    code: str
    label_id: int
    asset_id: int | None
    customer_id: int | None
    slug: str | None
    opened: str = ""


# Asked in order where somebody who may see a unit is led: a path of ours, or None for "not my business".
TARGETS: list[Callable[[Actor, Opened], str | None]] = []


def declare_target(target: Callable[[Actor, Opened], str | None]) -> Callable[[Actor, Opened], str | None]:
    """Let `target(actor, opened)` say to which page of ours a label of a unit leads. It is not asked for strangers."""
    TARGETS.append(target)
    return target


def opened_by(actor: Actor | None, text: str, address: str | None) -> Opened | None:
    """What stands behind a code for this reader; None for a stranger to it. Not inside of a transaction.

    Raises Throttled when he has opened too many that lead nowhere for him.
    """
    code = read(text)
    if actor is None or code is None:
        _count(actor, address)
    if code is None:
        return None
    row = _row("code", code)
    mine = _led_on(code, row) if row is not None and _may(actor, row.customer_id) else None
    if mine is None and actor is not None:
        _count(actor, address)
    _log(code, row.customer_id if row else None, actor if mine else None, address)
    return mine


def _count(actor: Actor | None, address: str | None) -> None:
    who = f"user {actor.user_id}" if actor is not None and actor.user_id else network_of(address)
    take("label", who, STRANGERS, wait=False)


def _may(actor: Actor | None, customer_id: int | None) -> bool:
    if actor is None:
        return False
    if customer_id is None:
        return actor.is_operator
    return actor.sees(customer_id) and actor.can("asset.view", customer_id)


class _Row(NamedTuple):
    label_id: int
    code: str
    state: str
    asset_id: int | None
    next_id: int | None
    customer_id: int | None
    slug: str | None


def _led_on(code: str, row: _Row) -> Opened:
    """What has been replaced leads on, however often. Only for who may see it: each step is a statement more."""
    for _hop in range(HOPS):
        after = _row("id", row.next_id) if row.state == "replaced" and row.next_id else None
        if after is None:
            break
        row = after
    on = {"free": "free", "active": "unit"}.get(row.state, "revoked")
    return Opened(on, row.code, row.label_id, row.asset_id, row.customer_id, row.slug, code)


def _row(key: str, value: int | str) -> _Row | None:
    """Whosever it is."""

    def write(scope: Actor, value: int | str) -> Any:
        shown = (LabelCode.id, LabelCode.code, LabelCode.state, LabelCode.asset, LabelCode.replaced_by,
                 LabelCode.customer_id, Customer.slug)  # fmt: skip
        query = visible(LabelCode, scope, *shown).left_outer_join(Customer, on=LabelCode.customer_id == Customer.id)
        return query.where(getattr(LabelCode, key) == value).limit(1)

    with wall.everywhere():
        found = next(iter(fetched(_texts, key, _HOUSE, [value], write)), None)
    return _Row(*found) if found else None


# --- The log ---------------------------------------------------------------------------------------------------


def _log(code: str, customer_id: int | None, known: Actor | None, address: str | None) -> None:
    """One row, also for a code that there is not: a stranger must not learn from the time that an answer takes."""
    now, network = clock.now(), network_of(address)
    reader = f"user {known.user_id}" if known else network
    moment = f"{code} {reader} {int(now.timestamp()) // WINDOW}"
    values = {
        "code": code,
        "at": now,
        "customer_id": customer_id,
        "user_id": known.user_id if known else None,
        "user_name": known.name if known else None,
        "address": network,
        "moment": hashlib.sha256(moment.encode()).hexdigest(),
    }
    with wall.everywhere():
        write_if_free(LabelScan.insert(values).on_conflict_ignore())


@job("labels.forget_scans", minutes=1440)
def forget_scans() -> int:
    return int(LabelScan.delete().where(LabelScan.at < clock.now() - KEPT).execute())
