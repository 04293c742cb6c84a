"""The life of one unit in an RMA case, as data: which moves there are, who may make them, and what must hold before.

Nothing here reads a table or knows a page. The ladder of remedies is: repair, verify; (failed) replace, verify;
(failed) return. Guards look at a Situation, which the service makes from the terms of warranty, tests and quotes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from registry.sdk import N_

STAFF, LEAD, EITHER, CUSTOMER = "staff", "lead", "either", "customer"
RIGHTS = {STAFF: "rma.work", LEAD: "rma.decide", EITHER: "rma.request", CUSTOMER: "rma.request"}

# state -> where the unit is while it is in it. A closed case leaves the unit where it was.
STATES: dict[str, str | None] = {
    "draft": "customer", "requested": "customer", "triage": "customer", "approved": "customer", "quoted": "customer",
    "rejected": "customer", "awaiting_receipt": "customer", "received": "service", "inspecting": "service",
    "no_fault_found": "service", "repairing": "service", "replacing": "service", "excluded_quote": "service",
    "verifying": "service", "passed": "service", "failed": "service", "ready": "service", "shipped": "carrier",
    "delivered": "customer", "closed": None, "refund_or_return": "service", "scrapped": "scrapped",
    "cancelled": "customer", "lost_in_transit": "lost",
}  # fmt: skip
FIRST = "draft"
ENDS = frozenset({"closed", "cancelled", "rejected"})  # rejected can be appealed against
PLACES = ("customer", "carrier", "service", "stock", "exchanged", "scrapped", "lost")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when somebody wants to move a unit on.

    owed: remedies owed free of charge, best first, as decided (or overruled). work: the latest work, repair or
    replacement. test: passed or failed, of the latest work or, before any, of the inspection. lost_from: the place
    before the unit was lost.
    """

    owed: tuple[str, ...] = ()
    quote: str = ""  # offered, accepted, declined
    work: str = ""
    test: str = ""
    failed_repair: bool = False
    early: bool = False  # within the window for units that were dead on arrival
    exchange: bool = False  # within the window in which a unit may be exchanged
    number_valid: bool = True
    nff_count: int = 0
    nff_swap: int = 3
    sent_ahead: bool = False  # a replacement has reached the customer before this unit came in
    recorded: bool = False
    refunded: bool = False
    lost_from: str = ""

    @property
    def replace_first(self) -> bool:
        """The terms put replacement before repair, or the unit never worked."""
        return self.owed[:1] == ("replace",) or (self.early and bool(self.owed))

    @property
    def another(self) -> bool:
        """After a failed test another unit takes its place: one is owed, or what failed was a replacement already."""
        return "replace" in self.owed or self.work == "replacement"

    @property
    def paid(self) -> bool:
        return self.quote == "accepted"


Guard = Callable[[Situation], str]


def _guard(text: str, holds: Callable[[Situation], bool]) -> Guard:
    return lambda situation: "" if holds(situation) else text


GUARDS: dict[str, Guard] = {
    "owed": _guard(
        N_("Nothing is owed free of charge here: make a quote, or overrule the decision."), lambda s: bool(s.owed)
    ),
    "not_owed": _guard(N_("This is owed free of charge: a quote is for what is not owed."), lambda s: not s.owed),
    "refusable": _guard(N_("Something is owed here. To refuse it, overrule the decision first."), lambda s: not s.owed),
    "quote_offered": _guard(N_("Make a quote from the price list first."), lambda s: s.quote == "offered"),
    "quote_accepted": _guard(N_("The quote must be accepted in writing first."), lambda s: s.paid),
    "quote_declined": _guard(N_("The quote has not been declined."), lambda s: s.quote == "declined"),
    "nothing_owed": _guard(
        N_("Something is owed here: repair it again, replace it, or let the customer choose a return."),
        lambda s: not s.owed,
    ),
    "work_allowed": _guard(
        N_("Work is not owed, and no quote has been accepted in writing: make a quote first."),
        lambda s: bool(s.owed) or s.paid,
    ),
    "repair_open": _guard(
        N_("The terms put replacement first: replace the unit, or overrule the decision."),
        lambda s: s.owed[:1] != ("replace",),
    ),
    "replace_open": _guard(
        N_("Repair comes first. Replacement opens when the repaired unit fails its test."),
        lambda s: s.replace_first or (s.failed_repair and "replace" in s.owed),
    ),
    "test_passed": _guard(N_("Record a test whose values are all within the limits."), lambda s: s.test == "passed"),
    "test_failed": _guard(N_("Record a test with a value outside its limit."), lambda s: s.test == "failed"),
    "failed_repair": _guard(
        N_("A return is open only after the repaired unit has failed its test."), lambda s: s.failed_repair
    ),
    "replace_owed": _guard(N_("A replacement is not owed here."), lambda s: s.another),
    "replace_not_owed": _guard(N_("A replacement is owed after a failed repair."), lambda s: not s.another),
    "number_valid": _guard(N_("The RMA number is no longer valid: issue it again first."), lambda s: s.number_valid),
    "number_over": _guard(N_("The RMA number is still valid."), lambda s: not s.number_valid),
    "swap_open": _guard(
        N_("No fault was found too rarely for an exchange, and the exchange window is over."),
        lambda s: s.nff_count >= s.nff_swap or s.exchange,
    ),
    "sent_ahead": _guard(
        N_("No replacement was sent ahead, or it has not been delivered yet."), lambda s: s.sent_ahead
    ),
    "not_sent_ahead": _guard(
        N_("The customer has a replacement already: complete the exchange."), lambda s: not s.sent_ahead
    ),
    "recorded": _guard(
        N_("Write the maintenance record first: what was done, by whom, with which parts."), lambda s: s.recorded
    ),
    "refunded": _guard(N_("Write down the refund or credit first."), lambda s: s.refunded),
    "lost_inbound": _guard(N_("It was lost on its way back: find it there."), lambda s: s.lost_from == "customer"),
    "lost_outbound": _guard(N_("It was lost on its way to us: receive it."), lambda s: s.lost_from == "carrier"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table. `asks`: facts that must come with it; `takes`: facts that may. `effect`: what else
    happens (named here, done by the service). `stays`: the unit does not change its place although the state does."""

    start: str
    to: str
    who: str
    label: str
    guards: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    effect: str = ""
    tone: str = ""
    stays: bool = False

    @property
    def carries(self) -> bool:
        """Whether the unit goes to another place."""
        return not self.stays and STATES[self.to] not in (None, STATES[self.start])

    def against(self, situation: Situation) -> list[str]:
        """What must hold first, in sentences; empty when nothing is in the way."""
        return [text for name in self.guards if (text := GUARDS[name](situation))]


_WHY = ("reason",)
_CHOICE = ("remedy", "charge", "charge_reason")
MOVES: tuple[Move, ...] = (
    Move("draft", "requested", EITHER, N_("Send the request"), effect="requested"),
    Move("draft", "cancelled", EITHER, N_("Discard the draft"), tone="quiet"),
    Move("requested", "triage", STAFF, N_("Take on"), effect="propose"),
    Move("requested", "cancelled", EITHER, N_("Cancel the case"), asks=_WHY, tone="quiet"),
    Move("triage", "approved", LEAD, N_("Approve"), ("owed",), _CHOICE, ("deviation_reason", "contract"), "approve"),
    Move("triage", "quoted", LEAD, N_("Send the quote"), ("not_owed", "quote_offered")),
    Move("triage", "rejected", LEAD, N_("Refuse"), ("refusable",), _WHY, tone="quiet"),
    Move("triage", "cancelled", EITHER, N_("Cancel the case"), asks=_WHY, tone="quiet"),
    Move("quoted", "approved", EITHER, N_("Go ahead"), ("quote_accepted",), effect="approve_paid"),
    Move("quoted", "rejected", EITHER, N_("Leave it"), ("quote_declined",), tone="quiet"),
    Move("quoted", "cancelled", EITHER, N_("Cancel the case"), asks=_WHY, tone="quiet"),
    Move("rejected", "triage", EITHER, N_("Appeal"), asks=_WHY, effect="propose"),
    Move("approved", "awaiting_receipt", STAFF, N_("Number sent: wait for the unit"), effect="number"),
    Move("approved", "cancelled", EITHER, N_("Cancel the case"), asks=_WHY, tone="quiet"),
    Move("awaiting_receipt", "received", STAFF, N_("Receive"), ("number_valid",), (), ("spot",), "receive"),
    Move("awaiting_receipt", "approved", LEAD, N_("Issue the number again"), ("number_over",), effect="number"),
    Move("awaiting_receipt", "cancelled", EITHER, N_("Cancel the case"), asks=_WHY, tone="quiet"),
    Move("awaiting_receipt", "lost_in_transit", STAFF, N_("Lost on its way"), asks=_WHY, effect="lost", tone="quiet"),
    Move("received", "inspecting", STAFF, N_("Inspect"), takes=("spot",)),
    Move("received", "ready", STAFF, N_("Send back as it is"), asks=_WHY, tone="quiet"),
    Move("inspecting", "repairing", STAFF, N_("Repair"), ("work_allowed", "repair_open", "not_sent_ahead"), (),
         ("spot",), "start_repair"),
    Move("inspecting", "replacing", STAFF, N_("Replace"), ("work_allowed", "replace_open", "not_sent_ahead"),
         effect="start_replacement"),
    Move("inspecting", "delivered", STAFF, N_("Complete the exchange"), ("sent_ahead",), effect="exchanged"),
    Move("inspecting", "no_fault_found", STAFF, N_("No fault found"), ("test_passed",), effect="no_fault"),
    Move("inspecting", "excluded_quote", STAFF, N_("Quote: not covered"), ("not_owed", "quote_offered")),
    Move("inspecting", "ready", STAFF, N_("Send back as it is"), asks=_WHY, tone="quiet"),
    Move("no_fault_found", "ready", STAFF, N_("Make ready to send")),
    Move("no_fault_found", "replacing", STAFF, N_("Exchange all the same"), ("swap_open", "not_sent_ahead"),
         effect="start_replacement"),
    Move("no_fault_found", "inspecting", STAFF, N_("Inspect again"), asks=_WHY, effect="inspect_again",
         tone="quiet"),
    Move("excluded_quote", "repairing", STAFF, N_("Repair"), ("quote_accepted",), effect="start_repair"),
    Move("excluded_quote", "ready", STAFF, N_("Send back as it is"), ("quote_declined",)),
    Move("excluded_quote", "scrapped", STAFF, N_("Scrap"), ("quote_declined",), ("reason", "consent"), (), "scrap",
         "quiet"),
    Move("repairing", "verifying", STAFF, N_("Repaired: test it"), asks=("action",), takes=("parts",),
         effect="repaired"),
    Move("replacing", "verifying", STAFF, N_("Replaced: test it"), asks=("serial",), effect="replaced"),
    Move("verifying", "passed", STAFF, N_("Passed"), ("test_passed",), effect="passed"),
    Move("verifying", "failed", STAFF, N_("Failed"), ("test_failed",)),
    Move("passed", "ready", STAFF, N_("Make ready to send")),
    Move("failed", "replacing", STAFF, N_("Replace"), ("replace_owed", "not_sent_ahead"), effect="start_replacement"),
    Move("failed", "repairing", STAFF, N_("Repair again"), ("work_allowed", "replace_not_owed"), _WHY),
    Move("failed", "ready", STAFF, N_("Send back as it is"), ("nothing_owed", "replace_not_owed"), _WHY, tone="quiet"),
    Move("failed", "refund_or_return", CUSTOMER, N_("Return it for a refund"), ("failed_repair",),
         effect="choose_return"),
    Move("refund_or_return", "closed", STAFF, N_("Close"), ("refunded", "recorded"), effect="returned"),
    Move("refund_or_return", "scrapped", STAFF, N_("Scrap"), ("refunded",), ("reason", "consent"), (), "scrap",
         "quiet"),
    Move("ready", "shipped", STAFF, N_("Ship"), asks=("carrier",), takes=("tracking",), effect="shipped"),
    Move("shipped", "delivered", EITHER, N_("Delivered"), asks=("receiver",), effect="delivered"),
    Move("shipped", "lost_in_transit", STAFF, N_("Lost on its way"), asks=_WHY, effect="lost", tone="quiet"),
    Move("delivered", "closed", STAFF, N_("Close"), ("recorded",), effect="close"),
    Move("lost_in_transit", "received", STAFF, N_("Found: receive it"), ("lost_inbound",), (), ("spot",), "receive"),
    Move("lost_in_transit", "shipped", STAFF, N_("Found: on its way again"), ("lost_outbound",), effect="found"),
    Move("lost_in_transit", "replacing", STAFF, N_("Replace what was lost"), asks=_WHY, effect="make_good", stays=True),
    Move("lost_in_transit", "closed", STAFF, N_("Close"), ("recorded",), _WHY, effect="close", tone="quiet"),
    Move("scrapped", "closed", STAFF, N_("Close"), ("recorded",), effect="close"),
)  # fmt: skip
_BY_PAIR = {(move.start, move.to): move for move in MOVES}


def move_between(start: str, to: str) -> Move | None:
    return _BY_PAIR.get((start, to))


def moves_from(state: str) -> list[Move]:
    return [move for move in MOVES if move.start == state]


def legal(state: str, situation: Situation, who: Iterable[str]) -> list[Move]:
    """The moves that may be made now by somebody who is all of `who`, in the order of the table."""
    roles = set(who)
    return [move for move in moves_from(state) if move.who in roles and not move.against(situation)]


# --- Beside the line: something lent, or sent ahead ---------------------------------------------------------

TRACKS: dict[str, dict[str, tuple[str, ...]]] = {
    # The new unit goes first, and the defective one is due by a day.
    "advance": {
        "promised": ("shipped", "cancelled"), "shipped": ("delivered",), "delivered": ("returned", "overdue"),
        "overdue": ("returned", "invoiced"), "returned": (), "invoiced": (), "cancelled": (),
    },
    "loaner": {"promised": ("out", "cancelled"), "out": ("in", "lost"), "in": (), "lost": (), "cancelled": ()},
}  # fmt: skip
TRACK_FIRST = "promised"
# Where the unit that is lent or sent ahead is from then on; before, it is in stock.
TRACK_PLACES = {
    "advance": {"shipped": "carrier", "delivered": "customer"},
    "loaner": {"out": "customer", "in": "stock", "lost": "lost"},
}
SENT_AHEAD = frozenset({"delivered", "overdue", "returned"})


def track_ended(kind: str, state: str) -> bool:
    return not TRACKS[kind][state]
