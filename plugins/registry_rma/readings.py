"""A claim on an optical module, filled from what the module itself has measured."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.sdk import Actor, Invalid, _, claim_facts, get_asset, lend

MEASURED = ("parameter", "value", "limit_min", "limit_max", "unit")
FILLED = ("cause", "fault_on", "fault")


def proposal(actor: Actor, asset_id: int) -> dict[str, Any] | None:
    """What the module's readings say about a claim, as claim_facts() of the core has it; None for other units."""
    asset = get_asset(actor, asset_id)
    if asset.kind != "optic":
        return None
    return claim_facts(lend(actor, asset.customer_id, "asset.view"), asset_id)


def filled(actor: Actor, asset_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a claim with what its module measured wherever nothing was said; what was said stays.

    Raises Invalid naming `from_readings` where the readings carry no claim, and says why.
    """
    found = proposal(actor, asset_id)
    if found is None or not found["claimable"]:
        why = found["told"] if found else _("This unit is no optical module: it has no readings.")
        raise Invalid.field("from_readings", why)
    ready = {name: value for name, value in given.items() if value not in (None, "", [])}
    own = {name: found[name] for name in FILLED if found[name]}
    if "value" not in ready and found["reading"]:
        own |= {name: value for name, value in found["reading"].items() if name in MEASURED}
    if "operating" not in ready:
        own["operating"] = found["operating"]
    return {**own, **ready}


def in_use(actor: Actor, asset_id: int, given: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """How the unit was used: what was said, and of the rest what its module measured if that carries a claim."""
    found = proposal(actor, asset_id)
    said = {str(one["parameter"]).casefold() for one in given}
    measured = found["operating"] if found and found["claimable"] else []
    return [*given, *(one for one in measured if one and one["parameter"].casefold() not in said)]


def shown(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields of the claim's form as they are proposed: nothing unless the readings carry a claim."""
    if not found or not found["claimable"]:
        return {}
    values = {name: found[name] for name in FILLED}
    values |= {name: value for name, value in (found["reading"] or {}).items() if name in MEASURED}
    return {**values, "measured_use": bool(found["operating"])}
