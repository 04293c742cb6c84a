"""Pages of the house, under /x/rma/: all customers' lines, and the price list."""

from typing import Any

from flask import request

from registry.sdk import (
    Currency,
    Form,
    Shape,
    _,
    allow,
    asked,
    done,
    house_pages,
    me,
    one_page,
    render_template,
)
from registry.sdk import (
    Line as Text,
)
from registry_rma import views
from registry_rma.listing import LINES
from registry_rma.prices import set_price, typed_amount
from registry_rma.words import choices

house = house_pages("rma")
Page = Any


class PriceForm(Shape):
    code = Text(required=True, min=1, max=32)
    title = Text(required=True, min=1, max=200)
    amount = Text(required=True, min=1, max=20)
    currency = Currency(required=True)


@house.get("/lines")
@allow("rma.view")
def list_lines() -> Page:
    wanted = asked(LINES.arguments())
    page = one_page(me(), LINES, wanted, sort="-id")
    shown = {**page, "items": views.with_names(me(), views.page_lines(page["items"]))}
    return render_template("rma/house.html", wanted=wanted, page=shown, states=choices("state")), wanted.status


@house.get("/prices")
@allow("rma.price")
def list_prices() -> Page:
    return _prices(Form(PriceForm()))


@house.post("/prices")
@allow("rma.price")
def put_price() -> Page:
    form = Form(PriceForm(), request.form)
    if form.send(lambda values: set_price(me(), _price(values))):
        return done(_("The price is on the list."), "rma_house.list_prices")
    return _prices(form)


def _price(values: dict[str, Any]) -> dict[str, Any]:
    amount = typed_amount(values.pop("amount"), values["currency"])
    return {**values, "amount_minor": amount or 0}


def _prices(form: Form) -> Page:
    return render_template("rma/prices.html", form=form, prices=views.prices_of(me(), None)), form.status
