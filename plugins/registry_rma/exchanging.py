"""A unit takes another's place: out of stock, or sent ahead of the one that failed."""

from typing import TYPE_CHECKING, Any

from registry.sdk import CAUSES, Invalid, _, get_asset, set_status, visible
from registry_rma import swapping
from registry_rma.custody import place_of, rows_of
from registry_rma.deciding import core_of, record
from registry_rma.facts import under_way
from registry_rma.machine import SENT_AHEAD
from registry_rma.models import Track

if TYPE_CHECKING:
    from registry_rma.moving import Moving


def start_replacement(making: "Moving") -> None:
    line, situation = making.line, making.situation
    making.values["staff"] = making.actor.name
    if line.remedy == "replace":
        return
    why = _why_replaced(making)
    if "replace" in situation.owed and not line.overruled and making.move.start != "no_fault_found":
        record(making, "replace", charge=False, charge_reason=why, deviation_reason=why, contract="none")
    making.values |= {"remedy": "replace", "charge": False, "charge_reason": why}


def _why_replaced(making: "Moving") -> str:
    situation, line = making.situation, making.line
    if making.move.start == "no_fault_found":
        return _("Exchanged although no fault was found.")
    if line.overruled == "replace":
        return str(line.overruled_reason)
    if situation.failed_repair:
        return _("The repaired unit failed its test.")
    if situation.owed[:1] == ("replace",):
        return _("The terms put replacement first.")
    return _("It failed so soon after its delivery that it is replaced without a repair.")


def make_good(making: "Moving") -> None:
    """What was lost on its way is replaced at our cost, whatever else is owed."""
    why = making.facts["reason"]
    making.values |= {"staff": making.actor.name, "remedy": "replace", "charge": False, "charge_reason": why}


def replaced(making: "Moving") -> None:
    """The new unit comes out of stock, the old one stays with us: each is written down where it is."""
    line, serial = making.line, making.facts["serial"].strip()
    if serial in (line.serial, line.replacement_serial):
        raise Invalid.field("serial", _("Give the serial number of the unit that replaces this one."))
    rows = rows_of(making.actor, line)
    if any(row.serial == serial for row in rows):
        raise Invalid.field("serial", _("This unit has been in this case already; take another one."))
    if under_way(making.actor, serial, beside=line):
        raise Invalid.field("serial", _("This unit is lent, promised or claimed in another case."))
    core = core_of(making)
    swapping.spare_of(core, line, serial, get_asset(core, line.asset_now))
    old = line.replacement_serial or line.serial
    place = place_of(rows, old, "service")
    away = [{"serial": old, "place_from": place, "place_to": "exchanged"}] if place == "service" else []
    making.details["exchange"] = [*away, {"serial": serial, "place_from": "stock", "place_to": "service"}]
    making.values |= {
        "work": "replacement", "replacement_serial": serial, "staff": making.actor.name,
        "cause_class": cause_class(line.cause),
    }  # fmt: skip


def exchanged(making: "Moving") -> None:
    """The replacement that was sent ahead takes the place of the unit that is back; that one stays with us."""
    core, line = core_of(making), making.line
    track = sent_ahead(making)
    start_replacement(making)
    old = line.replacement_serial or line.serial
    making.details["exchange"] = [{"serial": old, "place_from": "service", "place_to": "exchanged"}]
    new = get_asset(core, swapping.swap(core, line, track.serial, making.today))
    set_status(core, new.id, {"status": line.status_before or "in_use"}, new.version)
    making.values |= {
        "work": "replacement", "replacement_serial": track.serial, "replacement_id": new.id,
        "cause_class": cause_class(line.cause),
    }  # fmt: skip


def sent_ahead(making: "Moving") -> Any:
    """The replacement that was sent ahead, latest first."""
    mine = (Track.line == making.line.id) & (Track.kind == "advance") & Track.state.in_(sorted(SENT_AHEAD))
    return visible(Track, making.actor).where(mine).order_by(Track.id.desc()).first()


def cause_class(cause: str | None) -> str:
    return CAUSES[cause].kind if cause else "undetermined"


def passed(making: "Moving") -> None:
    """A replacement that meets its requirements takes the old unit's place, and its warranty goes on."""
    if making.line.work == "replacement":
        making.values["replacement_id"] = swapping.swap(
            core_of(making), making.line, making.line.replacement_serial, making.today
        )
