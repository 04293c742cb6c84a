"""Moving a line on: one verb, whoever calls it. The table says what may happen, effects.py what else does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionRequired,
    Stale,
    _,
    change,
    clock,
    fetch,
    today_of,
    transaction,
)
from registry_rma import custody, effects
from registry_rma.custody import Photo
from registry_rma.facts import case_of, situation_of
from registry_rma.machine import (
    CUSTOMER,
    EITHER,
    ENDS,
    LEAD,
    MOVES,
    RIGHTS,
    STAFF,
    STATES,
    Move,
    Situation,
    legal,
    move_between,
    moves_from,
)
from registry_rma.models import Case, Line
from registry_rma.words import word


@dataclass
class Moving:
    """A move in the making: `values` become the line's, `details` stand in the custody record."""

    actor: Actor
    line: Line
    case: Case
    move: Move
    facts: Mapping[str, Any]
    today: date
    values: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def situation(self) -> Situation:
        return situation_of(self.actor, self.line)

    @property
    def against(self) -> list[str]:
        """What has to hold first. A move without guards asks nobody what is owed."""
        return self.move.against(self.situation) if self.move.guards else []


def roles_of(actor: Actor, customer_id: int) -> set[str]:
    """What somebody is to the table of moves. What only the customer may do, nobody of the operator's does for him."""
    mine = {role for role in (STAFF, LEAD, EITHER) if actor.can(RIGHTS[role], customer_id)}
    if actor.is_operator:
        return mine
    return mine | {CUSTOMER} if EITHER in mine else mine


def legal_moves(actor: Actor, line: Line, situation: Situation | None = None) -> list[Move]:
    """What this person may do with the line now."""
    roles = roles_of(actor, line.customer_id)
    guarded = any(one.guards for one in moves_from(line.state) if one.who in roles)
    return legal(line.state, situation or (situation_of(actor, line) if guarded else Situation()), roles)


def move(
    actor: Actor,
    line_id: int,
    to: str,
    facts: Mapping[str, Any],
    *,
    version: int | None,
    key: str | None = None,
    device_at: datetime | None = None,
    photo: Photo | None = None,
) -> Line:
    """Move the line to the state `to`. facts: as in RmaMoveIn. `key`: sent again, the same move is made once.

    Raises NotFound, Forbidden, Stale (somebody was faster), Conflict (no such move from here, or a guard is against
    it), Invalid naming what is missing.
    """
    with transaction():
        line = fetch(Line, actor, line_id, lock=True)
        actor.must("rma.view", line.customer_id)
        _must_be_for(actor, line, to)
        if key and (done := custody.known(actor, line, key)):
            if done.state != to:
                raise Conflict(_("This key was used for another move. Send a new one."), code="key_used")
            return line
        if version is None:
            raise PreconditionRequired()
        if version not in (ANY_VERSION, line.version):
            raise Stale()
        return _move(actor, line, to, facts, {"key": key, "device_at": device_at, "photo": photo})


def _must_be_for(actor: Actor, line: Line, to: str) -> None:
    """Whoever may never bring a line to this state learns no more than that, whatever state it is in."""
    who = {one.who for one in MOVES if one.to == to}
    if who:
        _must_be(actor, line, who)


def _must_be(actor: Actor, line: Line, who: set[str]) -> None:
    if not who & roles_of(actor, line.customer_id):
        customers = who == {CUSTOMER} and actor.is_operator
        raise Forbidden(_("This is the customer's own choice.") if customers else None)


def _move(actor: Actor, line: Line, to: str, facts: Mapping[str, Any], about: Mapping[str, Any]) -> Line:
    found = _allowed(actor, line, to)
    making = Moving(actor, line, case_of(actor, line), found, facts, today_of(actor, line.customer_id))
    if against := making.against:
        raise Conflict(" ".join(_(text) for text in against), code="not_yet")
    _must_be_given(found, facts)
    effects.happen(making)
    start = line.state
    values = {**making.values, "state": to, "ended": to in ENDS, "moved_at": clock.now()}
    change(actor, line, values, "rma.moved", version=line.version)
    _write(making, start, about)
    return line


def _allowed(actor: Actor, line: Line, to: str) -> Move:
    if to not in STATES:
        raise NotFound()
    found = move_between(line.state, to)
    if found is None:
        open_ones = ", ".join(word("state", one.to) for one in moves_from(line.state)) or _("nothing")
        text = _("From %(state)s the next can be: %(open)s.", state=word("state", line.state), open=open_ones)
        raise Conflict(text, code="not_possible")
    _must_be(actor, line, {found.who})
    return found


def _must_be_given(found: Move, facts: Mapping[str, Any]) -> None:
    missing = [name for name in found.asks if facts.get(name) in (None, "")]
    if missing:
        raise Invalid(errors={name: [_("This is needed here.")] for name in missing})


def _write(making: Moving, start: str, about: Mapping[str, Any]) -> None:
    """One row for the unit, and one for a unit that takes its place."""
    line, found, facts = making.line, making.move, making.facts
    serial, place, exchange = unit_of(line), _place(making, start), making.details.pop("exchange", ())
    role = "customer" if CUSTOMER in roles_of(making.actor, line.customer_id) else "staff"
    row = {
        "role": role, "serial": serial, "start": start, "state": found.to, "place_from": place,
        "place_to": STATES[found.to] if found.carries else place, "spot": facts.get("spot"),
        "reason": facts.get("reason"), "details": making.details, **about,
    }  # fmt: skip
    for exchanged in exchange:
        custody.write(making.actor, line, {**row, "key": None, "photo": None, "details": {}, **exchanged})
    custody.write(making.actor, line, row)


def _place(making: Moving, start: str) -> str:
    """Where the unit was before: as its state says, or as the chain does where states do not."""
    rows = custody.rows_of(making.actor, making.line)
    return custody.place_of(rows, unit_of(making.line), STATES[start] or "customer")


def unit_of(line: Line) -> str:
    """The serial number of the unit that goes on: the new one once it was replaced."""
    return line.replacement_serial or line.serial
