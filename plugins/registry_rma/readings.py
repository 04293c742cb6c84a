"""A claim on an optical module, filled from what the module itself has measured."""

from collections.abc import Mapping
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


def shown(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields of the claim's form as they are proposed: nothing unless the readings carry a claim."""
    if not found or not found["claimable"]:
        return {}
    values = {name: found[name] for name in FILLED}
    return values | {name: value for name, value in (found["reading"] or {}).items() if name in MEASURED}
