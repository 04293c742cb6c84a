"""What else happens when a line is moved: decisions, statuses, the RMA number, the unit that takes another's place."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from registry.sdk import (
    CAUSES,
    AcceptedQuote,
    Actor,
    Approval,
    Conflict,
    Invalid,
    _,
    change,
    get_asset,
    give_back,
    lend,
    record_decision,
    set_status,
    settings_of,
    status_of,
)
from registry_rma import swapping
from registry_rma.custody import place_of, rows_of
from registry_rma.facts import NOTHING, RANKS, claim_of, decided, owed_by, quote_of, tests_of
from registry_rma.prices import fee_of

if TYPE_CHECKING:
    from registry_rma.moving import Moving

CORE = ("asset.view", "asset.edit", "product.view", "warranty.view", "warranty.edit", "decision.record")


def happen(making: "Moving") -> None:
    """The effect that the table names. Inside of the move's transaction."""
    if making.move.effect:
        EFFECTS[making.move.effect](making)


def _core(making: "Moving") -> Actor:
    """Whoever moves the line, with what the move needs of the core."""
    return lend(making.actor, making.line.customer_id, *CORE)


def propose(making: "Moving") -> None:
    answer = decided(_core(making), making.line, tests_of(making.actor, making.line))
    making.values |= {"proposal": answer, "rank": rank_of(answer)}


def rank_of(answer: dict[str, Any]) -> int:
    """Whose promise is highest comes first in the queue."""
    return min((RANKS[remedy] for remedy in owed_by(answer)), default=NOTHING)


def approve(making: "Moving") -> None:
    """A remedy that is owed, or that somebody granted. What is checked and who pays is written down with it."""
    facts, line = making.facts, making.line
    remedy = facts["remedy"]
    if line.overruled:
        if remedy != line.overruled:
            raise Invalid.field("remedy", _("The decision was overruled: approve what was granted."))
    else:
        _record(making, remedy, charge=facts["charge"], charge_reason=facts["charge_reason"],
                deviation_reason=facts.get("deviation_reason") or _sent_in(making, remedy),
                contract=facts.get("contract") or "none")  # fmt: skip
    making.values |= {"remedy": remedy, "charge": facts["charge"], "charge_reason": facts["charge_reason"]}
    making.details |= {"remedy": remedy, "charge": facts["charge"]}
    number(making)


def _sent_in(making: "Moving", remedy: str) -> str:
    """Where a visit would be owed first, the best that this desk carries out needs no reason of its own."""
    answer = decided(_core(making), making.line, tests_of(making.actor, making.line))
    best, first = owed_by(answer)[:1], answer["remedies"][:1]
    visit = bool(first) and first[0]["remedy"] not in RANKS
    return _("The unit is sent in.") if visit and best == (remedy,) else ""


def approve_paid(making: "Moving") -> None:
    _record_paid(making)
    number(making)


def _record(making: "Moving", remedy: str, **more: Any) -> None:
    core, line = _core(making), making.line
    chosen = remedy == "return"
    facts = claim_of(line, tests_of(making.actor, line), by_customer=chosen)
    on = {"on": line.notified_on, "work_on": max(making.today, line.notified_on)}
    decision = record_decision(
        core, line.asset_id, {"remedy": remedy, "cause": line.cause, "facts": facts, **on, **more}
    )
    making.values |= {"decision_id": decision.id, "remedy": remedy}


def _record_paid(making: "Moving") -> None:
    quote = quote_of(making.actor, making.line)
    if quote is None or quote.state != "accepted":
        raise Conflict(_("The quote must be accepted in writing first."), code="not_yet")
    accepted = AcceptedQuote(quote.amount_minor, quote.currency, quote.settled_by, quote.settled_on)
    why = _("Not owed: done for a price that was accepted in writing.")
    _record(making, "repair", charge=True, charge_reason=why, deviation_reason=why, contract="none", quote=accepted,
            approval=Approval(quote.offered_by, quote.offered_on))  # fmt: skip
    making.values |= {"charge": True, "charge_reason": why}


def number(making: "Moving") -> None:
    """The case's number counts as RMA number from now until its validity ends."""
    days = settings_of("rma", making.line.customer_id)["validity_days"]
    until = making.today + timedelta(days=days)
    case = making.case
    if case.valid_until is None or case.valid_until < until:
        change(making.actor, case, {"valid_until": until}, "rma.number_issued", version=case.version)
    making.details |= {"number": case.number, "valid_until": until.isoformat()}


def receive(making: "Moving") -> None:
    core, line = _core(making), making.line
    asset = get_asset(core, line.asset_id)
    before = status_of(asset)
    if before.meta not in ("in_repair", "at_supplier", "lost"):
        making.values["status_before"] = before.code
    set_status(core, asset.id, {"status": "in_repair"}, asset.version)
    making.values |= {"received_on": line.received_on or making.today, "lost_from": ""}


def no_fault(making: "Moving") -> None:
    """It goes back; counted by serial number, and charged if the house says so."""
    amount, currency = fee_of(making.actor, making.line.customer_id)
    making.values |= {"no_fault": True, "fee_minor": amount or None, "fee_currency": currency if amount else ""}


def start_repair(making: "Moving") -> None:
    making.values["staff"] = making.actor.name
    if making.situation.paid and not making.situation.owed and not making.line.charge:
        _record_paid(making)
    elif making.line.remedy not in ("repair", ""):
        making.values["remedy"] = "repair"


def start_replacement(making: "Moving") -> None:
    line, situation = making.line, making.situation
    making.values["staff"] = making.actor.name
    if line.remedy == "replace":
        return
    making.values |= {"remedy": "replace"}
    if (
        "replace" in situation.owed
        and not line.overruled
        and (situation.failed_repair or situation.owed[0] == "replace")
    ):
        why = (
            _("The repaired unit failed its test.")
            if situation.failed_repair
            else _("The terms put replacement first.")
        )
        _record(making, "replace", charge=False, charge_reason=why, deviation_reason=why, contract="none")
        making.values |= {"charge": False, "charge_reason": why}


def repaired(making: "Moving") -> None:
    facts = making.facts
    making.values |= {
        "work": "repair", "action": facts["action"], "parts": facts.get("parts") or "", "staff": making.actor.name,
        "cause_class": _cause_class(making.line.cause),
    }  # fmt: skip


def replaced(making: "Moving") -> None:
    """The new unit comes out of stock, the old one stays with us: each is written down where it is."""
    line, serial = making.line, making.facts["serial"].strip()
    if serial in (line.serial, line.replacement_serial):
        raise Invalid.field("serial", _("Give the serial number of the unit that replaces this one."))
    rows = rows_of(making.actor, line)
    if any(row.serial == serial for row in rows):
        raise Invalid.field("serial", _("This unit has been in this case already; take another one."))
    old = line.replacement_serial or line.serial
    place = place_of(rows, old, "service")
    away = [{"serial": old, "place_from": place, "place_to": "exchanged"}] if place == "service" else []
    making.details["exchange"] = [*away, {"serial": serial, "place_from": "stock", "place_to": "service"}]
    making.values |= {
        "work": "replacement", "replacement_serial": serial, "staff": making.actor.name,
        "cause_class": _cause_class(line.cause),
    }  # fmt: skip


def _cause_class(cause: str | None) -> str:
    return CAUSES[cause].kind if cause else "undetermined"


def passed(making: "Moving") -> None:
    """A replacement that meets its requirements takes the old unit's place, and its warranty goes on."""
    if making.line.work == "replacement":
        making.values["replacement_id"] = swapping.swap(_core(making), making.line, making.today)


def choose_return(making: "Moving") -> None:
    _record(making, "return", charge=False, charge_reason=_("The repaired unit failed its test."), contract="none")
    making.values |= {"chosen": "return", "charge": False}


def returned(making: "Moving") -> None:
    _retire(making)
    making.values["closed_on"] = making.today


def scrap(making: "Moving") -> None:
    making.details["consent"] = making.facts["consent"]
    _retire(making)


def _retire(making: "Moving") -> None:
    core, line = _core(making), making.line
    asset = get_asset(core, line.replacement_id or line.asset_id)
    if status_of(asset).meta != "retired":
        set_status(core, asset.id, {"status": "retired"}, asset.version)


def shipped(making: "Moving") -> None:
    making.details |= {name: making.facts[name] for name in ("carrier", "tracking") if making.facts.get(name)}
    line = making.line
    making.values |= {"ready_on": making.today, "repair_days": (making.today - (line.received_on or making.today)).days}


def delivered(making: "Moving") -> None:
    """Back in use, as it was before; where the terms say so, the time in repair is given back."""
    core, line = _core(making), making.line
    making.details["receiver"] = making.facts["receiver"]
    asset = get_asset(core, line.replacement_id or line.asset_id)
    set_status(core, asset.id, {"status": line.status_before or "in_use"}, asset.version)
    if line.received_on and not line.replacement_id:
        why = _("Time in repair, RMA %(number)s", number=making.case.number)
        give_back(core, asset.id, since=line.received_on, until=making.today, reason=why)


def lost(making: "Moving") -> None:
    core, line = _core(making), making.line
    making.values["lost_from"] = "carrier" if line.state == "shipped" else "customer"
    asset = get_asset(core, line.replacement_id or line.asset_id)
    set_status(core, asset.id, {"status": "lost"}, asset.version)


def close(making: "Moving") -> None:
    making.values["closed_on"] = making.today


EFFECTS: dict[str, Callable[["Moving"], None]] = {
    "propose": propose, "approve": approve, "approve_paid": approve_paid, "number": number, "receive": receive,
    "no_fault": no_fault, "start_repair": start_repair, "start_replacement": start_replacement, "repaired": repaired,
    "replaced": replaced, "passed": passed, "choose_return": choose_return, "returned": returned, "scrap": scrap,
    "shipped": shipped, "delivered": delivered, "lost": lost, "close": close,
}  # fmt: skip
