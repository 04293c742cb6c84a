"""The profile that holds for a module, beside what it says of itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.kernel.access import Actor, visible
from registry.optics.decoder.identity import key
from registry.optics.models import Optic, OpticProfile
from registry.optics.verdicts.persistence import HOURS, NEEDED

HOUSE = Actor.system()


class Profile(NamedTuple):
    """`claims`: of `limits` those that a claim may rest on, which are the house's: nobody makes his own claim true."""

    limits: Mapping[str, Any]
    needed: int
    hours: int
    claims: Mapping[str, Any]


NONE = Profile({}, NEEDED, HOURS, {})


def profile_of(optic: Optic) -> Profile:
    """The customer's own for this maker, else his for any maker, else the house's likewise; each as a whole. Of
    how much is needed for a claim the customer's own can only ask for more."""
    vendor, part, _serial = key(optic.vendor, optic.part_number, "")
    if not part:
        return NONE
    mine = (OpticProfile.customer_id == optic.customer_id) | OpticProfile.customer_id.is_null()
    wanted = mine & (OpticProfile.part_key == part) & OpticProfile.vendor_key.in_(["", vendor])
    rows = sorted(visible(OpticProfile, HOUSE).where(wanted), key=lambda row: not row.vendor_key)
    own = next((row for row in rows if row.customer_id is not None), None)
    house = _told(next((row for row in rows if row.customer_id is None), None))
    if own is None:
        return house
    needed, hours = max(own.needed or 0, house.needed), max(own.hours or 0, house.hours)
    return Profile(own.limits, needed, hours, house.limits)


def _told(row: OpticProfile | None) -> Profile:
    if row is None:
        return NONE
    return Profile(row.limits, row.needed or NEEDED, HOURS if row.hours is None else row.hours, row.limits)
