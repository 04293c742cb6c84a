"""Specified limits come from the product where the claim does not bring them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from registry.warranty.facts import Facts


def with_specified_limits(facts: Facts, parameters: Sequence[Mapping[str, Any]]) -> Facts:
    """The claim's facts with the product's limits of the named parameter, unless limits were given."""
    if facts.limit_min is not None or facts.limit_max is not None:
        return facts
    wanted = (facts.parameter or "").casefold()
    found = next((one for one in parameters if str(one["name"]).casefold() == wanted), None)
    if found is None:
        return facts
    return replace(
        facts,
        limit_min=_decimal(found.get("min")),
        limit_max=_decimal(found.get("max")),
        unit=facts.unit or found.get("unit") or "",
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
