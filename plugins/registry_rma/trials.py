"""Tests of a unit: parameters with their limits and the values measured decide whether it passed."""

from collections.abc import Mapping
from typing import Any

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Invalid,
    _,
    change,
    clock,
    create,
    fetch,
    get_asset,
    product_of,
    transaction,
    visible,
)
from registry_rma.cases import get_line
from registry_rma.facts import limited, outside, same
from registry_rma.models import Case, Line, Record, RepairTest
from registry_rma.moving import unit_of

WHERE = {"inspecting": "inspection", "verifying": ""}


def record_test(actor: Actor, line_id: int, values: Mapping[str, Any], version: int | None) -> RepairTest:
    """values: readings [{parameter, value, limit_min, limit_max, unit}]. Where the product specifies a parameter, its
    limits count. A unit passes only when everything that its product specifies was measured.

    Raises Invalid naming the reading, Conflict when the unit is not being inspected or tested.
    """
    line = get_line(actor, line_id, "rma.work")
    if line.state not in WHERE:
        raise Conflict(_("A test belongs to the inspection, or to the time after the work."), code="not_yet")
    parameters = product_of(actor, get_asset(actor, line.claimed)).parameters
    readings = limited(values["readings"], parameters)
    if not readings:
        raise Invalid.field("readings", _("Give at least one value."))
    failed = any(outside(reading) for reading in readings)
    if not failed and (missing := unmeasured(parameters, readings)):
        text = _("The product specifies more: measure %(names)s, too.", names=", ".join(missing))
        raise Invalid.field("readings", text)
    row = {
        "customer_id": line.customer_id, "line": line.id,
        "after": line.work if line.state == "verifying" else "inspection",
        "serial": unit_of(line), "readings": readings, "outcome": "failed" if failed else "passed", "by": actor.name,
    }  # fmt: skip
    with transaction():
        line = fetch(Line, actor, line_id, lock=True)
        change(actor, line, {"moved_at": clock.now()}, "rma.tested", version=version)
        return create(actor, RepairTest, row, "rma.tested")


def unmeasured(parameters: Any, readings: Any) -> list[str]:
    """What the product specifies with a limit, and nobody has measured."""
    wanted = [one["name"] for one in parameters if one.get("min") is not None or one.get("max") is not None]
    return [name for name in wanted if not any(same(name, reading["parameter"]) for reading in readings)]


def write_record(actor: Actor, line_id: int, values: Mapping[str, Any]) -> Record:
    """A maintenance record. values: cause, action, and maybe parts, started_at, finished_at, staff."""
    line = get_line(actor, line_id, "rma.work")
    if line.received_on is None and line.state != "lost_in_transit" and not line.work:
        raise Conflict(_("Nothing has been done on this unit yet."), code="not_yet")
    now = clock.now()
    started, finished = values.get("started_at") or now, values.get("finished_at") or now
    if finished < started or finished > now:
        raise Invalid.field("finished_at", _("The work ends after it began, and not in the future."))
    row = {
        "customer_id": line.customer_id, "line": line.id, "asset_id": line.asset_id, "serial": unit_of(line),
        "fault": line.fault, "cause": values.get("cause") or line.cause or "unknown",
        "action": values["action"].strip(),
        "parts": values.get("parts") or "", "started_at": started, "finished_at": finished,
        "staff": values.get("staff") or line.staff or actor.name,
    }  # fmt: skip
    with transaction():
        if values.get("cause") and values["cause"] != line.cause:
            change(actor, line, {"cause": values["cause"]}, "rma.claim_changed", version=ANY_VERSION)
        return create(actor, Record, row, "rma.recorded")


def file_of(actor: Actor, asset_id: int) -> list[Record]:
    """The maintenance file of a unit: every record, the oldest first, with the number of its case."""
    asset = get_asset(actor, asset_id)
    actor.must("rma.view", asset.customer_id)
    mine = (Record.customer_id == asset.customer_id) & (Record.asset_id == asset.id)
    query = visible(Record, actor, Record, Line.id, Case.number).join(Line).join(Case)
    return list(query.where(mine).order_by(Record.finished_at, Record.id))
