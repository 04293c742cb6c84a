"""Opening a case and what is said about it: who asks, by which channel, what failed under which conditions."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Forbidden,
    Invalid,
    _,
    asset_by,
    change,
    clock,
    contact_by,
    create,
    customer_by,
    fetch,
    get_asset,
    lend,
    new_code,
    note,
    product_of,
    settings_of,
    today_of,
    transaction,
    visible,
)
from registry_rma.deciding import CORE, rank_of
from registry_rma.facts import decided, limited
from registry_rma.letters import tell_idle
from registry_rma.machine import FIRST
from registry_rma.models import Case, Line
from registry_rma.moving import move
from registry_rma.readings import filled

READING = ("parameter", "value", "limit_min", "limit_max", "unit")
OVERRULING = ("repair", "replace", "none")


def open_case(actor: Actor, values: Mapping[str, Any]) -> Case:
    """Open a case with a line for each unit.

    values: lines [{asset, fault, cause, fault_on, parameter, value, limit_min, limit_max, unit, operating,
    from_readings}], and maybe customer, contact, channel, notified_at, note, send (False: a draft). What a customer
    sends himself comes online.
    Raises Invalid naming the field; Conflict when a unit is in another case that is still open.
    """
    assets = [asset_by(actor, line["asset"]) for line in values["lines"]]
    customer_id = _owner(actor, values, assets)
    actor.must("rma.request", customer_id)
    with transaction():
        case = create(actor, Case, _case(actor, values, customer_id), "rma.opened")
        for number, (asset, given) in enumerate(zip(assets, values["lines"], strict=True)):
            _add_line(actor, case, asset.id, given, number)
        if values.get("send", True):
            for line in lines_of(actor, case):
                move(actor, line.id, "requested", {}, version=ANY_VERSION)
    return fetch(Case, actor, case.id)  # type: ignore[no-any-return]


def _owner(actor: Actor, values: Mapping[str, Any], assets: Sequence[Any]) -> int:
    owners = {asset.customer_id for asset in assets}
    if values.get("customer") is not None:
        owners.add(customer_by(actor, values["customer"]).id)
    if len(owners) != 1:
        raise Invalid.field("lines", _("A case is about the units of one customer: open another case for the others."))
    return int(owners.pop())


def _case(actor: Actor, values: Mapping[str, Any], customer_id: int) -> dict[str, Any]:
    online = not actor.is_operator
    channel = "portal" if online else values.get("channel") or "in_person"
    now = clock.now()
    at = values.get("notified_at") or now
    if online:
        at = now
    elif at > now:
        raise Invalid.field("notified_at", _("This moment has not come yet."))
    contact = contact_by(actor, values["contact"], customer_id) if values.get("contact") is not None else None
    return {
        "customer_id": customer_id, "number": new_code(), "channel": channel, "notified_at": at,
        "opened_by": actor.name,
        "contact_id": contact.id if contact else None, "contact_name": contact.name if contact else "",
        "note": values.get("note") or "",
    }  # fmt: skip


def _add_line(actor: Actor, case: Case, asset_id: int, given: Mapping[str, Any], number: int) -> Line:
    try:
        return _line(actor, case, asset_id, given)
    except Invalid as problem:
        raise Invalid(errors={"lines": {str(number): problem.errors}}) from None


def _line(actor: Actor, case: Case, asset_id: int, given: Mapping[str, Any]) -> Line:
    asset = get_asset(actor, asset_id)
    if given.get("from_readings"):
        given = filled(actor, asset.id, given)
    product = product_of(actor, asset)
    today = today_of(actor, case.customer_id)
    notified_on = min(today, _day(actor, case))
    if visible(Line, actor).where((Line.asset_id == asset.id) & (Line.ended == False)).exists():  # noqa: E712 - SQL
        raise Conflict(_("%(unit)s is in a case that is still open.", unit=asset.label), code="open_already")
    row = {
        "customer_id": case.customer_id, "case": case.id, "code": new_code(), "asset_id": asset.id,
        "product_id": product.id,
        "serial": asset.label, "product": product.label, "state": FIRST, "fault": given["fault"].strip(),
        "cause": given.get("cause"), "fault_on": given.get("fault_on"), "notified_on": notified_on,
        "requested_on": today, "facts": facts_of(given, product.parameters),
    }  # fmt: skip
    return _judged(actor, create(actor, Line, row, "rma.line_added"), "rma.line_added")


def _judged(actor: Actor, line: Line, action: str) -> Line:
    """With what is owed by what is known now, and its place in the queue."""
    answer = decided(lend(actor, line.customer_id, *CORE), line)
    return change(actor, line, {"rank": rank_of(answer), "proposal": answer}, action, version=ANY_VERSION)


def _day(actor: Actor, case: Case) -> date:
    return case.notified_at.astimezone(ZoneInfo(customer_by(actor, case.customer_id).time_zone)).date()


def facts_of(given: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The facts of a claim as JSON: the reading that failed, and the conditions of use against the data sheet."""
    found: dict[str, Any] = {}
    if given.get("value") is not None:
        if not given.get("parameter"):
            raise Invalid.field("parameter", _("Name what was measured."))
        found = _flat(limited([{name: given.get(name) for name in READING}], parameters)[0])
    operating = limited(given.get("operating") or (), parameters)
    return {**found, **({"operating": [_flat(one) for one in operating]} if operating else {})}


def _flat(reading: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reading.items() if value not in (None, "")}


def get_case(actor: Actor, case_id: int) -> Case:
    case: Case = fetch(Case, actor, case_id)
    actor.must("rma.view", case.customer_id)
    return case


def get_line(actor: Actor, line_id: int, right: str = "rma.view") -> Line:
    """Raises NotFound for whom it does not exist, Forbidden for a reader without the right."""
    line: Line = fetch(Line, actor, line_id)
    actor.must("rma.view", line.customer_id)
    actor.must(right, line.customer_id)
    return line


def day_within(line: Line, today: date, given: date | None, rule: str, name: str) -> date:
    """The day that was given for the field `name`, or as many days from today as the customer's rule says. Raises
    Invalid for one that is over."""
    day = given or today + timedelta(days=settings_of("rma", line.customer_id)[rule])
    if day < today:
        raise Invalid.field(name, _("This day is over."))
    return day


def lines_of(actor: Actor, case: Case) -> list[Line]:
    return list(visible(Line, actor).where(Line.case == case.id).order_by(Line.id))


def change_claim(actor: Actor, line_id: int, values: Mapping[str, Any], version: int | None) -> Line:
    """Say more about the fault: values as in a line of open_case, without the asset. The cause is staff's to find."""
    line = get_line(actor, line_id, "rma.request")
    if line.ended:
        raise Conflict(_("This case is over."), code="ended")
    if not actor.can("rma.work", line.customer_id) and line.state not in ("draft", "requested", "triage"):
        raise Forbidden()
    product = product_of(actor, get_asset(actor, line.claimed))
    new: dict[str, Any] = {name: values[name] for name in ("fault", "cause", "fault_on") if name in values}
    measured = any(name in values for name in (*READING, "operating"))
    if measured:
        new["facts"] = {**line.facts, **facts_of(values, product.parameters)}
    with transaction():
        return _judged(actor, change(actor, line, new, "rma.claim_changed", version=version), "rma.claim_changed")


def overrule(actor: Actor, line_id: int, values: Mapping[str, Any], version: int | None) -> Line:
    """Decide otherwise than the terms do. values: remedy (repair, replace, none), reason. Needs rma.overrule; who did
    so, and why, stays with the line."""
    line = get_line(actor, line_id, "rma.overrule")
    if line.ended and line.state != "rejected":
        raise Conflict(_("This case is over."), code="ended")
    if not values["reason"].strip():
        raise Invalid.field("reason", _("Give the reason."))
    new = {"overruled": values["remedy"], "overruled_by": actor.name, "overruled_reason": values["reason"].strip()}
    return change(actor, line, new, "rma.overruled", version=version)


def confirm(actor: Actor, case_id: int, version: int | None) -> Case:
    """A call was confirmed in writing."""
    case = get_case(actor, case_id)
    actor.must("rma.work", case.customer_id)
    return change(actor, case, {"confirmed_at": clock.now()}, "rma.confirmed", version=version)


def refund(actor: Actor, line_id: int, values: Mapping[str, Any], version: int | None) -> Line:
    """Write down the refund or credit of a returned unit. values: kind (refund, credit), amount_minor, currency,
    reference."""
    line = get_line(actor, line_id, "rma.decide")
    if line.state != "refund_or_return":
        raise Conflict(_("A refund belongs to a unit that the customer has returned."), code="not_yet")
    told = {name: values[name] for name in ("kind", "amount_minor", "currency", "reference")}
    return change(actor, line, {"refund": {**told, "by": actor.name}}, "rma.refunded", version=version)


def alarm_idle() -> int:
    """Every hour: an event for each line on which nobody has done anything for too long, and a mail to whoever looks
    after the customer. Answers how many."""
    everybody = Actor.system(name="rma", kind="job")
    told = 0
    open_ones = visible(Line, everybody).where((Line.ended == False) & (Line.state != FIRST))  # noqa: E712 - SQL
    hours: dict[int, int] = {}
    for line in list(open_ones.where(Line.moved_at < clock.now() - timedelta(hours=1))):
        if line.customer_id not in hours:
            hours[line.customer_id] = settings_of("rma", line.customer_id)["idle_hours"]
        if is_idle(line, hours[line.customer_id]) and (line.idle_told_at is None or line.idle_told_at < line.moved_at):
            with transaction():
                Line.update(idle_told_at=clock.now()).where(Line.id == line.id).execute()
                tell_idle(everybody, line)
                note(everybody, line, "rma.idle", after={"state": line.state, "since": line.moved_at.isoformat()})
            told += 1
    return told


def is_idle(line: Line, hours: int) -> bool:
    """Whether it is our turn, and nothing has happened for so long."""
    ours = line.state not in ("quoted", "awaiting_receipt", "shipped", "delivered", "lost_in_transit")
    return ours and not line.ended and line.moved_at < clock.now() - timedelta(hours=hours)
