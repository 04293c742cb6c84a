"""Beside the line: a replacement that was sent ahead while the defective unit is still due, or a unit that is lent."""

from collections.abc import Mapping
from typing import Any

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    _,
    change,
    create,
    fetch,
    today_of,
    transaction,
    visible,
)
from registry_rma import custody
from registry_rma.cases import day_within, get_line
from registry_rma.facts import situation_of, under_way
from registry_rma.machine import TRACK_FIRST, TRACK_PLACES, TRACKS
from registry_rma.models import Line, Track
from registry_rma.words import word


def tracks_of(actor: Actor, line: Line) -> list[Track]:
    return list(visible(Track, actor).where(Track.line == line.id).order_by(Track.id))


BEFORE_WORK = ("triage", "approved", "awaiting_receipt", "received", "inspecting")


def begin(actor: Actor, line_id: int, values: Mapping[str, Any]) -> Track:
    """values: kind (advance, loaner), serial, and maybe due_on, note. A replacement goes ahead only where one is
    owed first."""
    line = get_line(actor, line_id, "rma.decide")
    if line.ended or line.state in ("draft", "requested"):
        raise Conflict(
            _("Nothing is lent or sent ahead before the request was taken on, or after its end."), code="not_yet"
        )
    kind, today = values["kind"], today_of(actor, line.customer_id)
    if kind == "advance" and line.state not in BEFORE_WORK:
        raise Conflict(_("A replacement is sent ahead only before the work on the unit has begun."), code="not_owed")
    if kind == "advance" and not (situation_of(actor, line).replace_first or line.overruled == "replace"):
        raise Conflict(_("A replacement is sent ahead only where the terms put replacement first."), code="not_owed")
    due_on = day_within(line, today, values.get("due_on"), "return_days", "due_on")
    row = {
        "customer_id": line.customer_id, "line": line.id, "kind": kind, "serial": values["serial"],
        "state": TRACK_FIRST, "due_on": due_on, "note": values.get("note") or "",
    }  # fmt: skip
    with transaction():
        fetch(Line, actor, line.id, lock=True)
        if any(one.kind == kind and TRACKS[kind][one.state] for one in tracks_of(actor, line)):
            raise Conflict(_("Something is under way already for this unit."), code="open_already")
        if under_way(actor, row["serial"], beside=line):
            raise Conflict(_("This unit is lent, promised or claimed in another case."), code="elsewhere")
        return create(actor, Track, row, "rma.track_begun")


def step(actor: Actor, track_id: int, to: str, version: int | None) -> Track:
    """Bring it to the state `to`; where the unit goes to another place, the line's custody record says so.

    Raises Conflict (no such step from here), Stale, PreconditionRequired.
    """
    with transaction():
        track: Track = fetch(Track, actor, track_id)
        actor.must("rma.work", track.customer_id)
        line: Line = fetch(Line, actor, track.line_id, lock=True)
        track = fetch(Track, actor, track_id)
        if to not in TRACKS[track.kind][track.state]:
            open_ones = ", ".join(word("track_state", one) for one in TRACKS[track.kind][track.state]) or _("nothing")
            raise Conflict(_("The next can be: %(open)s.", open=open_ones), code="not_possible")
        change(actor, track, {"state": to}, "rma.track_moved", version=version)
        if place := TRACK_PLACES[track.kind].get(to):
            there = custody.place_of(custody.rows_of(actor, line), track.serial, "stock")
            row = {"serial": track.serial, "start": line.state, "state": f"{track.kind}_{to}"}
            custody.write(actor, line, {**row, "role": "staff", "place_from": there, "place_to": place})
    return track


def tell_overdue() -> int:
    """Every day: a defective unit that should be back by now is overdue, and an event says so."""
    everybody = Actor.system(name="rma", kind="job")
    due = (Track.kind == "advance") & (Track.state == "delivered") & Track.due_on.is_null(False)
    told = 0
    for track in list(visible(Track, everybody).where(due)):
        if track.due_on < today_of(everybody, track.customer_id):
            change(everybody, track, {"state": "overdue"}, "rma.track_overdue", version=ANY_VERSION)
            told += 1
    return told
