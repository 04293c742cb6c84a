"""The parameters that a product specifies, against the values that a unit's custom fields hold under the same name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from registry.assets.models import AssetField


def against_limits(
    parameters: Sequence[Mapping[str, Any]], custom: Mapping[str, Any], fields: Iterable[AssetField]
) -> list[dict[str, Any]]:
    """[{"name", "unit", "min", "max", "value", "verdict", "mark", "field"}] for each parameter.

    verdict: within, below, above, or "" where nothing is measured. mark: where the value lies on a scale whose middle
    half is what is allowed, in percent, or None. field: the custom field that holds the value.
    """
    by_word = {_word(name): name for field in fields for name in (field.name,)}
    by_word |= {_word(field.title): field.name for field in fields}
    return [_one(row, custom, by_word) for row in parameters]


def _one(row: Mapping[str, Any], custom: Mapping[str, Any], by_word: Mapping[str, str]) -> dict[str, Any]:
    low, high = (_number(row.get(name)) for name in ("min", "max"))
    field = by_word.get(_word(row["name"]))
    value = _number(custom.get(field)) if field else None
    known = {"name": row["name"], "unit": row.get("unit") or "", "min": low, "max": high, "value": value}
    return {**known, "verdict": _verdict(value, low, high), "mark": _mark(value, low, high), "field": field}


def _word(text: str) -> str:
    """TX power, tx_power and Tx-Power are one word."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _verdict(value: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    if value is None:
        return ""
    if low is not None and value < low:
        return "below"
    return "above" if high is not None and value > high else "within"


def _mark(value: Decimal | None, low: Decimal | None, high: Decimal | None) -> str | None:
    if value is None or low is None or high is None or high <= low:
        return None
    share = 25 + 50 * (value - low) / (high - low)
    return f"{min(max(share, Decimal(2)), Decimal(98)):.1f}%"
