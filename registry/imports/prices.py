"""What a row says about money: an amount, and maybe its currency in a column of its own."""

from decimal import Decimal
from typing import Any

from registry.imports.run import Unknown
from registry.kernel.language import _
from registry.kernel.money import EXPONENTS


def price(values: dict[str, Any], default: str, held: str | None = None) -> tuple[int, str] | None:
    """(minor units, currency), or None when the row names no amount.

    `default`: the currency in which amounts without one were read. `held`: what the row to be updated has.
    """
    wanted = values.get("currency")
    if "cost" in values:
        minor, currency = values["cost"]
        return (minor, currency) if wanted in (None, currency) else _in_currency(minor, currency, wanted, default)
    if "cost_minor" in values:
        return values["cost_minor"], wanted or held or default
    if wanted and held and wanted != held:
        raise Unknown(
            "currency",
            _(
                "The amount is in %(held)s; give the amount in %(wanted)s beside the currency.",
                held=held,
                wanted=wanted,
            ),
        )
    return None


def _in_currency(minor: int, read_as: str, wanted: str, default: str) -> tuple[int, str]:
    """The same digits in the currency that the other column names."""
    if read_as != default:
        raise Unknown(
            "currency",
            _(
                "The amount is written in %(read_as)s, the currency column says %(wanted)s: correct one.",
                read_as=read_as,
                wanted=wanted,
            ),
        )
    scaled = Decimal(minor).scaleb(EXPONENTS[wanted] - EXPONENTS[read_as])
    if scaled != scaled.to_integral_value():
        raise Unknown(
            "cost",
            _(
                "This amount has more decimals than %(wanted)s has (%(exponents)s); round it.",
                wanted=wanted,
                exponents=EXPONENTS[wanted],
            ),
        )
    return int(scaled), wanted
