"""Quotes: made from the price list, answered in writing. Work that is not owed waits for that answer."""

from collections.abc import Mapping
from typing import Any

from registry.sdk import (
    ANY_VERSION,
    Actor,
    Conflict,
    Invalid,
    _,
    change,
    create,
    customer_by,
    fetch,
    today_of,
    transaction,
)
from registry_rma.cases import day_within, get_line
from registry_rma.facts import quote_of
from registry_rma.models import Line, Quote
from registry_rma.moving import move
from registry_rma.prices import price_list

MOST = 2**31 - 1


def offer(actor: Actor, line_id: int, values: Mapping[str, Any]) -> Quote:
    """values: items [{code, text, quantity, unit_minor}], and maybe deviation, valid_until. A price other than the
    list's, or of something that is not on it, needs the reason in `deviation`. One that was not answered yet is
    replaced."""
    line = get_line(actor, line_id, "rma.decide")
    if line.state not in ("triage", "inspecting"):
        raise Conflict(_("A quote is made in triage or during the inspection."), code="not_yet")
    prices = {price.code: price for price in price_list(actor, line.customer_id)}
    currency = customer_by(actor, line.customer_id).currency
    items = [_item(number, item, prices, currency) for number, item in enumerate(values["items"])]
    amount = sum(item["quantity"] * item["unit_minor"] for item in items)
    if not 0 < amount <= MOST:
        raise Invalid.field("items", _("The amount must be above zero, and not larger than can be paid."))
    if any(item["unit_minor"] != item["list_minor"] for item in items) and not (values.get("deviation") or "").strip():
        raise Invalid.field("deviation", _("This differs from the price list: give the reason."))
    today = today_of(actor, line.customer_id)
    until = day_within(line, today, values.get("valid_until"), "quote_days", "valid_until")
    row = {
        "customer_id": line.customer_id, "line": line.id, "items": items, "amount_minor": amount, "currency": currency,
        "deviation": values.get("deviation") or "", "offered_by": actor.name, "offered_on": today, "valid_until": until,
    }  # fmt: skip
    with transaction():
        fetch(Line, actor, line_id, lock=True)
        return create(actor, Quote, row, "rma.quoted")


def _item(number: int, item: Mapping[str, Any], prices: Mapping[str, Any], currency: str) -> dict[str, Any]:
    price = prices.get(item.get("code") or "")
    if item.get("code") and price is None:
        raise _wrong(number, "code", _("This is not on the price list."))
    if price is not None and price.currency != currency:
        text = _(
            "The list gives this in %(currency)s: add a price in the customer's currency.", currency=price.currency
        )
        raise _wrong(number, "code", text)
    unit = item.get("unit_minor")
    if unit is None and price is None:
        raise _wrong(number, "unit_minor", _("Give the price of what is not on the list."))
    if price is None and not (item.get("text") or "").strip():
        raise _wrong(number, "text", _("Say what is charged."))
    return {
        "code": price.code if price else "", "text": item.get("text") or (price.title if price else ""),
        "quantity": item.get("quantity") or 1, "unit_minor": price.amount_minor if unit is None else unit,
        "list_minor": price.amount_minor if price else None,
    }  # fmt: skip


def _wrong(number: int, name: str, text: str) -> Invalid:
    return Invalid(errors={"items": {str(number): {name: [text]}}})


def accept(actor: Actor, quote_id: int, values: Mapping[str, Any], version: int | None) -> Quote:
    """In writing: the customer does so here; staff write down where the customer's writing is (how: letter or mail,
    written, by, on). A line that waits for it goes ahead."""
    return _settle(actor, quote_id, "accepted", values, version)


def decline(actor: Actor, quote_id: int, values: Mapping[str, Any], version: int | None) -> Quote:
    """values as for accept()."""
    return _settle(actor, quote_id, "declined", values, version)


ONWARDS = {("quoted", "accepted"): "approved", ("quoted", "declined"): "rejected"}


def _settle(actor: Actor, quote_id: int, state: str, values: Mapping[str, Any], version: int | None) -> Quote:
    with transaction():
        quote: Quote = fetch(Quote, actor, quote_id, lock=True)
        actor.must("rma.request", quote.customer_id)
        line = fetch(Line, actor, quote.line_id, lock=True)
        today = today_of(actor, quote.customer_id)
        latest = quote_of(actor, line)
        if quote.state != "offered" or latest is None or latest.id != quote.id:
            raise Conflict(_("This quote was answered or replaced already."), code="answered")
        if line.state not in ("quoted", "excluded_quote"):
            raise Conflict(_("This quote has not been sent yet."), code="not_yet")
        if state == "accepted" and today > quote.valid_until:
            raise Conflict(_("This quote is no longer valid: ask for a new one."), code="over")
        change(
            actor,
            quote,
            {"state": state, **_written(actor, values, quote, today)},
            f"rma.quote_{state}",
            version=version,
        )
        if onwards := ONWARDS.get((line.state, state)):
            move(actor, line.id, onwards, {}, version=ANY_VERSION)
    return quote


def _written(actor: Actor, values: Mapping[str, Any], quote: Quote, today: Any) -> dict[str, Any]:
    """Who answered, when, and in which writing."""
    if not actor.is_operator:
        return {"settled_by": actor.name, "settled_on": today, "how": "portal"}
    needed = [name for name in ("by", "how", "written") if not (values.get(name) or "").strip()]
    if needed:
        raise Invalid(errors={name: [_("Say who answered in which writing, and where it is kept.")] for name in needed})
    on = values.get("on") or today
    if not quote.offered_on <= on <= today:
        raise Invalid.field("on", _("Give a day from the offer until today."))
    return {"settled_by": values["by"], "settled_on": on, "how": values["how"], "written": values["written"]}
