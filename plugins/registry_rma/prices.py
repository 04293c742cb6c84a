"""The price list of the house, with prices of one customer's own before it; and the fee where no fault was found."""

from collections.abc import Mapping
from typing import Any

from registry.sdk import ANY_VERSION, Actor, Invalid, _, change, create, customer_by, minor_of, settings_of, visible
from registry_rma.models import Price


def price_list(actor: Actor, customer_id: int | None) -> list[Price]:
    """By code: the customer's own price, or the house's."""
    actor.must("rma.view", customer_id)
    rows = (
        visible(Price, actor)
        .where(Price.customer_id.is_null() | (Price.customer_id == customer_id))
        .order_by(Price.code)
    )
    found: dict[str, Price] = {}
    for row in rows:
        if row.code not in found or row.customer_id is not None:
            found[row.code] = row
    return list(found.values())


def set_price(actor: Actor, values: Mapping[str, Any]) -> Price:
    """values: code, title, amount_minor, currency, and maybe customer. A code that is there already gets the new price;
    quotes keep the one that they were made with."""
    customer = customer_by(actor, values["customer"]) if values.get("customer") is not None else None
    customer_id = customer.id if customer else None
    actor.must("rma.price", customer_id)
    whose = Price.customer_id.is_null() if customer_id is None else Price.customer_id == customer_id
    row = visible(Price, actor).where(whose & (Price.code == values["code"])).first()
    given = {name: values[name] for name in ("title", "amount_minor", "currency")}
    if row is not None:
        return change(actor, row, given, "rma.price_set", version=ANY_VERSION)
    return create(actor, Price, {"code": values["code"], "customer_id": customer_id, **given}, "rma.price_set")


def fee_of(actor: Actor, customer_id: int) -> tuple[int, str]:
    """(minor units, currency) of the fee when no fault is found; 0 when none is asked for."""
    code = settings_of("rma", customer_id)["nff_price"]
    if not code:
        return 0, ""
    rows = visible(Price, actor).where(
        (Price.code == code) & (Price.customer_id.is_null() | (Price.customer_id == customer_id))
    )
    found = sorted(rows, key=lambda row: row.customer_id is None)
    if not found:
        raise Invalid.field("nff_price", _("The price list has no %(code)s: the fee for no fault found.", code=code))
    return found[0].amount_minor, found[0].currency


def typed_amount(text: str, currency: str) -> int | None:
    """What somebody typed as a price, in minor units."""
    return minor_of(text, currency, amount="amount", unit="currency")
