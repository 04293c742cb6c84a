"""The profile that holds for a module, beside what it says of itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.kernel.access import Actor, visible
from registry.optics.decoder.identity import key
from registry.optics.models import Optic, OpticProfile

HOUSE = Actor.system()


class Profile(NamedTuple):
    limits: Mapping[str, Any]
    needed: int | None
    hours: int | None


NONE = Profile({}, None, None)


def profile_of(optic: Optic) -> Profile:
    """The customer's own for this maker, else his for any maker, else the house's likewise; each as a whole."""
    vendor, part, _serial = key(optic.vendor, optic.part_number, "")
    if not part:
        return NONE
    mine = (OpticProfile.customer_id == optic.customer_id) | OpticProfile.customer_id.is_null()
    wanted = mine & (OpticProfile.part_key == part) & OpticProfile.vendor_key.in_(["", vendor])
    rows = list(visible(OpticProfile, HOUSE).where(wanted))
    if not rows:
        return NONE
    best = min(rows, key=lambda row: (row.customer_id is None, not row.vendor_key))
    return Profile(best.limits, best.needed, best.hours)
