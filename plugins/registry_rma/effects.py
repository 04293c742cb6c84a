"""What else happens when a line is moved: statuses, days, what is written down; the table of effects by name."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from registry.sdk import _, change, get_asset, give_back, set_status, status_of
from registry_rma.deciding import approve, approve_paid, choose_return, core_of, number, propose, record_paid
from registry_rma.exchanging import cause_class, exchanged, make_good, passed, replaced, sent_ahead, start_replacement
from registry_rma.letters import confirm_call
from registry_rma.prices import fee_of

if TYPE_CHECKING:
    from registry_rma.moving import Moving


def happen(making: "Moving") -> None:
    """The effect that the table names. Inside of the move's transaction."""
    if making.move.effect:
        EFFECTS[making.move.effect](making)


def requested(making: "Moving") -> None:
    confirm_call(making.actor, making.case)


def receive(making: "Moving") -> None:
    core, line = core_of(making), making.line
    asset = get_asset(core, line.asset_now)
    before = status_of(asset)
    if before.meta not in ("in_repair", "at_supplier", "lost"):
        making.values["status_before"] = before.code
    set_status(core, asset.id, {"status": "in_repair"}, asset.version)
    making.values |= {"received_on": line.received_on or making.today, "lost_from": ""}
    track = sent_ahead(making)
    if track is not None and track.state != "returned":
        change(making.actor, track, {"state": "returned"}, "rma.track_moved", version=track.version)


def no_fault(making: "Moving") -> None:
    """It goes back; counted by serial number, and charged if the house says so."""
    amount, currency = fee_of(making.actor, making.line.customer_id)
    making.values |= {"no_fault": True, "fee_minor": amount or None, "fee_currency": currency if amount else ""}


def inspect_again(making: "Moving") -> None:
    """Whoever doubts that there is no fault takes back what was written down of it."""
    making.values |= {"no_fault": False, "fee_minor": None, "fee_currency": ""}


def start_repair(making: "Moving") -> None:
    making.values["staff"] = making.actor.name
    if making.situation.paid and not making.situation.owed and not making.line.charge:
        record_paid(making)
    elif making.line.remedy not in ("repair", ""):
        making.values["remedy"] = "repair"


def repaired(making: "Moving") -> None:
    facts = making.facts
    making.values |= {
        "work": "repair", "action": facts["action"], "parts": facts.get("parts") or "", "staff": making.actor.name,
        "cause_class": cause_class(making.line.cause),
    }  # fmt: skip


def returned(making: "Moving") -> None:
    _retire(making)
    making.values["closed_on"] = making.today


def scrap(making: "Moving") -> None:
    making.details["consent"] = making.facts["consent"]
    _retire(making)


def _retire(making: "Moving") -> None:
    core = core_of(making)
    asset = get_asset(core, making.line.asset_now)
    if status_of(asset).meta != "retired":
        set_status(core, asset.id, {"status": "retired"}, asset.version)


def shipped(making: "Moving") -> None:
    making.details |= {name: making.facts[name] for name in ("carrier", "tracking") if making.facts.get(name)}
    line = making.line
    days = (making.today - line.received_on).days if line.received_on else None  # what was lost never came
    making.values |= {"ready_on": making.today, "repair_days": days}


def delivered(making: "Moving") -> None:
    """Back in use, as it was before; where the terms say so, the time in repair is given back."""
    core, line = core_of(making), making.line
    making.details["receiver"] = making.facts["receiver"]
    asset = get_asset(core, line.asset_now)
    set_status(core, asset.id, {"status": line.status_before or "in_use"}, asset.version)
    if line.received_on and not line.replacement_id:
        why = _("Time in repair, RMA %(number)s", number=making.case.number)
        give_back(core, asset.id, since=line.received_on, until=making.today, reason=why)


def lost(making: "Moving") -> None:
    core, line = core_of(making), making.line
    making.values["lost_from"] = "carrier" if line.state == "shipped" else "customer"
    asset = get_asset(core, line.asset_now)
    set_status(core, asset.id, {"status": "lost"}, asset.version)


def found(making: "Moving") -> None:
    core = core_of(making)
    asset = get_asset(core, making.line.asset_now)
    set_status(core, asset.id, {"status": "in_repair"}, asset.version)


def close(making: "Moving") -> None:
    making.values["closed_on"] = making.today


EFFECTS: dict[str, Callable[["Moving"], None]] = {
    one.__name__: one
    for one in (
        requested, propose, approve, approve_paid, number, receive, no_fault, inspect_again, start_repair, repaired,
        start_replacement, make_good, replaced, exchanged, passed, choose_return, returned, scrap, shipped, delivered,
        lost, found, close,
    )
}  # fmt: skip
