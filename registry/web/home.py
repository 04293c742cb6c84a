"""The first page: for the operator his customers, for a customer its own overview."""

from flask import Blueprint, redirect, url_for

from registry.web.identity import actor
from registry.web.lists.tables import Answer, table_named
from registry.web.policy import signed_in
from registry.web.shell import only_customer

pages = Blueprint("home", __name__)


@pages.get("/")
@signed_in
def home() -> Answer:
    own = only_customer(actor())
    if own is not None:
        return redirect(url_for("overview.overview", slug=own.slug))
    return table_named("customers").answer()
