"""Specified limits come from the product where the claim does not bring them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from registry.kernel.language import _
from registry.warranty.facts import Facts
from registry.warranty.grounds import same_name


def with_specified_limits(facts: Facts, parameters: Sequence[Mapping[str, Any]]) -> Facts:
    """The claim's facts with the product's limits of the named parameter, unless limits were given.

    Raises ValueError when the value cannot be judged: nobody gives limits, or they are in another unit.
    """
    if facts.value is None or facts.limit_min is not None or facts.limit_max is not None:
        return facts
    found = next((one for one in parameters if same_name(str(one["name"]), facts.parameter or "")), {})
    if found.get("min") is None and found.get("max") is None:
        raise ValueError(
            _(
                "The product specifies no limits of %(parameter)s: give limit_min or limit_max.",
                parameter=facts.parameter,
            )
        )
    if facts.unit and found.get("unit") and not same_name(facts.unit, found["unit"]):
        raise ValueError(
            _(
                "The product specifies %(parameter)s in %(unit)s: convert it, or give the limits.",
                parameter=facts.parameter,
                unit=found["unit"],
            )
        )
    return replace(
        facts,
        limit_min=_decimal(found.get("min")),
        limit_max=_decimal(found.get("max")),
        unit=facts.unit or found.get("unit") or "",
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
