"""What is decided when a line is moved: what is owed, who pays, and the number under which the unit may be sent."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from registry.sdk import (
    AcceptedQuote,
    Actor,
    Approval,
    Conflict,
    Invalid,
    _,
    change,
    lend,
    record_decision,
    settings_of,
)
from registry_rma.facts import NOTHING, RANKS, claim_of, decided, owed_by, quote_of, tests_of

if TYPE_CHECKING:
    from registry_rma.moving import Moving

CORE = ("asset.view", "asset.edit", "product.view", "warranty.view", "warranty.edit", "decision.record")


def core_of(making: "Moving") -> Actor:
    """Whoever moves the line, with what the move needs of the core."""
    return lend(making.actor, making.line.customer_id, *CORE)


def propose(making: "Moving") -> None:
    answer = decided(core_of(making), making.line, tests_of(making.actor, making.line))
    making.values |= {"proposal": answer, "rank": rank_of(answer)}


def rank_of(answer: dict[str, Any]) -> int:
    """Whose promise is highest comes first in the queue."""
    return min((RANKS[remedy] for remedy in owed_by(answer)), default=NOTHING)


def approve(making: "Moving") -> None:
    """A remedy that is owed, or that somebody granted. What is checked and who pays is written down with it."""
    facts, line = making.facts, making.line
    remedy = facts["remedy"]
    if line.overruled and remedy != line.overruled:
        raise Invalid.field("remedy", _("The decision was overruled: approve what was granted."))
    if line.overruled or _arrived_dead(making, remedy):  # a person decided so, or the house's rule for this customer
        if facts["charge"]:
            text = _("This is granted free of charge; for a price the customer accepts a quote.")
            raise Invalid.field("charge", text)
    else:
        record(making, remedy, charge=facts["charge"], charge_reason=facts["charge_reason"],
                deviation_reason=facts.get("deviation_reason") or _sent_in(making, remedy),
                contract=facts.get("contract") or "none")  # fmt: skip
    making.values |= {"remedy": remedy, "charge": facts["charge"], "charge_reason": facts["charge_reason"]}
    making.details |= {"remedy": remedy, "charge": facts["charge"]}
    number(making)


def _arrived_dead(making: "Moving", remedy: str) -> bool:
    """Whether it is replaced for no other reason than that it failed so soon."""
    situation = making.situation
    return remedy == "replace" and situation.early and bool(situation.owed) and "replace" not in situation.owed


def _sent_in(making: "Moving", remedy: str) -> str:
    """Where a visit would be owed first, the best that this desk carries out needs no reason of its own."""
    answer = decided(core_of(making), making.line, tests_of(making.actor, making.line))
    best, first = owed_by(answer)[:1], answer["remedies"][:1]
    visit = bool(first) and first[0]["remedy"] not in RANKS
    return _("The unit is sent in.") if visit and best == (remedy,) else ""


def approve_paid(making: "Moving") -> None:
    record_paid(making)
    number(making)


def record(making: "Moving", remedy: str, **more: Any) -> None:
    core, line = core_of(making), making.line
    chosen = remedy == "return"
    facts = claim_of(line, tests_of(making.actor, line), by_customer=chosen)
    on = {"on": line.notified_on, "work_on": max(making.today, line.notified_on)}
    decision = record_decision(
        core, line.claimed, {"remedy": remedy, "cause": line.cause, "facts": facts, **on, **more}
    )
    making.values |= {"decision_id": decision.id, "remedy": remedy}


def record_paid(making: "Moving") -> None:
    quote = quote_of(making.actor, making.line)
    if quote is None or quote.state != "accepted":
        raise Conflict(_("The quote must be accepted in writing first."), code="not_yet")
    accepted = AcceptedQuote(quote.amount_minor, quote.currency, quote.settled_by, quote.settled_on)
    why = _("Not owed: done for a price that was accepted in writing.")
    record(making, "repair", charge=True, charge_reason=why, deviation_reason=why, contract="none", quote=accepted,
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


def choose_return(making: "Moving") -> None:
    """Open after every repair that failed; where no terms owe it (the repair was paid for), the line alone says so."""
    why = _("The repaired unit failed its test.")
    if "return" in making.situation.owed:
        record(making, "return", charge=False, charge_reason=why, contract="none")
    making.values |= {"remedy": "return", "chosen": "return", "charge": False, "charge_reason": why}
