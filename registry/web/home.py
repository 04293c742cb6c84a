"""The first pages: what there is, found in seconds."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from registry.customers.listing import CUSTOMERS
from registry.web.identity import actor
from registry.web.policy import signed_in

pages = Blueprint("home", __name__)


@pages.get("/")
@signed_in
def home() -> Response | str:
    return render_template("home.html", customers=CUSTOMERS.page(actor(), {"limit": 50}))
