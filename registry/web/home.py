"""The first page: for the operator his customers, for a customer its own overview."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from registry.customers.listing import CUSTOMERS
from registry.web.identity import actor
from registry.web.lists import asked, one_page
from registry.web.policy import signed_in
from registry.web.shell import only_customer

pages = Blueprint("home", __name__)


@pages.get("/")
@signed_in
def home() -> Response | tuple[str, int]:
    own = only_customer(actor())
    if own is not None:
        return redirect(url_for("overview.overview", slug=own.slug))
    wanted = asked(CUSTOMERS.arguments())
    page = one_page(actor(), CUSTOMERS, wanted)
    return render_template("home.html", wanted=wanted, page=page), wanted.status
