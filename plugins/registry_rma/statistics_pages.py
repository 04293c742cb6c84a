"""Statistics as a page and as CSV, of one customer and of the house; the same rows by JSON."""

from datetime import timedelta
from functools import partial
from typing import Any

from flask import Response, request, url_for

from registry.sdk import Invalid, _, allow, asked, here, json_response, me, render_template
from registry_rma import answers, statistics
from registry_rma.api import blp
from registry_rma.house_pages import house
from registry_rma.pages import pages
from registry_rma.sheets import saved
from registry_rma.statistics_charts import SAID, chart_of

Page = Any
ASKED = statistics.RmaAsked()
MOST = 50  # rows on the page; the file has all


def _page(fixed: dict[str, Any], endpoint: str, export: str, back: str) -> Page:
    wanted = asked(ASKED)
    values = {**wanted.values, **fixed}
    rows = [] if wanted.errors else statistics.count(me(), values)
    by = values.get("by", "product")
    given: dict[str, Any] = {name: text for name, text in request.args.items() if name in ASKED.fields}
    context = {
        "rows": rows, "by": by, "groups": statistics.GROUPS, "columns": statistics.COLUMNS, "most": MOST,
        "said": {code: _(text) for code, text in SAID.items()},
        "chart": chart_of(by, rows, partial(_of_month, endpoint, given)),
        "back": url_for(back), "export": url_for(export, **given),
    }  # fmt: skip
    return render_template("rma/statistics.html", wanted=wanted, **context), wanted.status


def _of_month(endpoint: str, given: dict[str, Any], first: Any, after: Any) -> str:
    within = {"by": "product", "since": first, "until": after - timedelta(days=1)}
    return url_for(endpoint, **{**given, **within})


def _csv(fixed: dict[str, Any]) -> Response:
    wanted = asked(ASKED)
    if wanted.errors:
        raise Invalid(errors=wanted.errors)
    values = {**wanted.values, **fixed}
    return saved("rma", statistics.as_csv(values["by"], statistics.count(me(), values)))


@pages.get("/statistics")
@allow("rma.view")
def show_statistics() -> Page:
    return _page({"customer": here().slug}, "rma.show_statistics", "rma.export_statistics", "rma.list_lines")


@pages.get("/statistics.csv")
@allow("rma.view")
def export_statistics() -> Response:
    return _csv({"customer": here().slug})


@house.get("/statistics")
@allow("rma.view")
def show_house_statistics() -> Page:
    return _page({}, "rma_house.show_house_statistics", "rma_house.export_house_statistics", "rma_house.list_lines")


@house.get("/statistics.csv")
@allow("rma.view")
def export_house_statistics() -> Response:
    return _csv({})


@blp.get("/statistics")
@blp.arguments(ASKED, location="query")
@blp.response(200, answers.COUNTS)
@allow("rma.view")
def count_jobs(values: dict[str, Any]) -> Any:
    """Jobs counted by product, serial number or a range of them, fault, cause, customer, staff or month."""
    return json_response({"by": values["by"], "items": statistics.count(me(), values)})
