"""JSON about the work: tests, quotes, records, refunds, what runs beside the line, the price list."""

from typing import Any

from marshmallow import fields

from registry.sdk import Shape, allow, customer_by, if_match, json_response, me, thing, versioned
from registry_rma import answers, cases, prices, quotes, told, tracks, trials
from registry_rma.api import blp
from registry_rma.schemas import (
    RmaAnswerIn,
    RmaPriceIn,
    RmaQuoteIn,
    RmaRecordIn,
    RmaRefundIn,
    RmaTestIn,
    RmaTrackIn,
    RmaTrackMoveIn,
)


class RmaOfCustomer(Shape):
    customer = fields.String()


@blp.post("/lines/<int:rma_line_id>/tests")
@versioned(blp)
@blp.arguments(RmaTestIn)
@blp.response(201, answers.TEST)
@allow("rma.work")
def record_test(values: dict[str, Any], rma_line_id: int) -> Any:
    """A test: the values measured against what the product specifies."""
    return json_response(told.plain(trials.record_test(me(), rma_line_id, values, if_match()), told.TEST), 201)


@blp.post("/lines/<int:rma_line_id>/records")
@blp.arguments(RmaRecordIn)
@blp.response(201, answers.RECORD)
@allow("rma.work")
def write_record(values: dict[str, Any], rma_line_id: int) -> Any:
    """A maintenance record. Closing the line needs one."""
    return json_response(told.plain(trials.write_record(me(), rma_line_id, values), told.RECORD), 201)


@blp.get("/assets/<int:asset_id>/records")
@blp.response(200, answers.RECORDS)
@allow("rma.view")
def list_records(asset_id: int) -> Any:
    """The maintenance file of a unit, the oldest first."""
    return json_response({"items": [told.plain(one, told.RECORD) for one in trials.file_of(me(), asset_id)]})


@blp.post("/lines/<int:rma_line_id>/quotes")
@blp.arguments(RmaQuoteIn)
@blp.response(201, answers.QUOTE)
@allow("rma.decide")
def make_quote(values: dict[str, Any], rma_line_id: int) -> Any:
    """A quote from the price list."""
    return thing(told.plain(quotes.offer(me(), rma_line_id, values), told.QUOTE), 201)


@blp.post("/quotes/<int:rma_quote_id>/acceptance")
@versioned(blp)
@blp.arguments(RmaAnswerIn)
@blp.response(200, answers.QUOTE)
@allow("rma.request")
def accept_quote(values: dict[str, Any], rma_quote_id: int) -> Any:
    """Accept it in writing."""
    return thing(told.plain(quotes.accept(me(), rma_quote_id, values, if_match()), told.QUOTE))


@blp.post("/quotes/<int:rma_quote_id>/refusal")
@versioned(blp)
@blp.arguments(RmaAnswerIn)
@blp.response(200, answers.QUOTE)
@allow("rma.request")
def decline_quote(values: dict[str, Any], rma_quote_id: int) -> Any:
    return thing(told.plain(quotes.decline(me(), rma_quote_id, values, if_match()), told.QUOTE))


@blp.post("/lines/<int:rma_line_id>/refund")
@versioned(blp)
@blp.arguments(RmaRefundIn)
@blp.response(200, answers.LINE)
@allow("rma.decide")
def refund_line(values: dict[str, Any], rma_line_id: int) -> Any:
    """Write down the refund or credit of a returned unit."""
    return thing(told.line(me(), cases.refund(me(), rma_line_id, values, if_match())))


@blp.post("/lines/<int:rma_line_id>/tracks")
@blp.arguments(RmaTrackIn)
@blp.response(201, answers.TRACK)
@allow("rma.decide")
def begin_track(values: dict[str, Any], rma_line_id: int) -> Any:
    """Send a replacement ahead, or lend a unit."""
    return thing(told.plain(tracks.begin(me(), rma_line_id, values), told.TRACK), 201)


@blp.post("/tracks/<int:rma_track_id>/moves")
@versioned(blp)
@blp.arguments(RmaTrackMoveIn)
@blp.response(200, answers.TRACK)
@allow("rma.work")
def move_track(values: dict[str, Any], rma_track_id: int) -> Any:
    return thing(told.plain(tracks.step(me(), rma_track_id, values["to"], if_match()), told.TRACK))


@blp.get("/prices")
@blp.arguments(RmaOfCustomer, location="query")
@blp.response(200, answers.PRICES)
@allow("rma.view")
def list_prices(values: dict[str, Any]) -> Any:
    """The price list as it holds for a customer; without one, the house's."""
    customer = customer_by(me(), values["customer"]).id if values.get("customer") else None
    if customer is None and not me().is_operator:
        customer = customer_by(me(), None).id
    return json_response({"items": [told.plain(one, told.PRICE) for one in prices.price_list(me(), customer)]})


@blp.post("/prices")
@blp.arguments(RmaPriceIn)
@blp.response(201, answers.PRICE)
@allow("rma.price")
def set_price(values: dict[str, Any]) -> Any:
    """Put a price on the list, or change it."""
    return thing(told.plain(prices.set_price(me(), values), told.PRICE), 201)
