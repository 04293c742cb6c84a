"""Money in forms: 1250.50 in a currency becomes a whole number of its minor units."""

import re
from decimal import Decimal

from marshmallow import ValidationError

from registry.kernel import language
from registry.kernel.language import _
from registry.kernel.money import EXPONENTS, exact
from registry.kernel.phrases import money_in

AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,3})?", re.ASCII)


def minor_of(typed: str, currency: str | None, *, amount: str = "cost", unit: str = "currency") -> int | None:
    """125.50 in a currency of two decimals is 12550; nothing typed is None. `amount` and `unit` are the fields that
    errors are about."""
    text = typed.strip().replace(",", "")
    if not text:
        return None
    found = Decimal(text).scaleb(EXPONENTS[currency or "USD"]) if AMOUNT.fullmatch(text) else None
    if found is None or found != int(found):
        raise ValidationError({amount: [_("Write an amount such as 1250.50.")]})
    if currency is None:
        raise ValidationError({unit: [_("Choose the currency of the amount.")]})
    return int(found)


def money(minor: int, currency: str | None) -> str:
    """HK$12,500.50 as the reader's language writes it."""
    return money_in(exact(minor, currency or "USD"), currency or "USD", language.current())
