"""Statistics as a page and as CSV, of one customer and of the house; the same rows by JSON."""

from typing import Any

from flask import Response, request, url_for

from registry.sdk import Invalid, allow, asked, here, json_response, me, render_template
from registry_rma import answers, statistics
from registry_rma.api import blp
from registry_rma.house_pages import house
from registry_rma.pages import pages

Page = Any
ASKED = statistics.RmaAsked()


def _page(fixed: dict[str, Any], export: str, back: str) -> Page:
    wanted = asked(ASKED)
    values = {**wanted.values, **fixed}
    rows = [] if wanted.errors else statistics.count(me(), values)
    by = values.get("by", "product")
    context = {"rows": rows, "by": by, "groups": statistics.GROUPS, "columns": statistics.COLUMNS,
    "back": url_for(back),
               "most": max((row["jobs"] for row in rows), default=1),
               "export": url_for(export, **{k: v for k, v in request.args.items() if k in ASKED.fields})}  # fmt: skip
    return render_template("rma/statistics.html", wanted=wanted, **context), wanted.status


def _csv(fixed: dict[str, Any]) -> Response:
    wanted = asked(ASKED)
    if wanted.errors:
        raise Invalid(errors=wanted.errors)
    values = {**wanted.values, **fixed}
    text = statistics.as_csv(values["by"], statistics.count(me(), values))
    headers = {"Content-Disposition": 'attachment; filename="rma.csv"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@pages.get("/statistics")
@allow("rma.view")
def show_statistics() -> Page:
    return _page({"customer": here().slug}, "rma.export_statistics", "rma.list_lines")


@pages.get("/statistics.csv")
@allow("rma.view")
def export_statistics() -> Response:
    return _csv({"customer": here().slug})


@house.get("/statistics")
@allow("rma.view")
def show_house_statistics() -> Page:
    return _page({}, "rma_house.export_house_statistics", "rma_house.list_lines")


@house.get("/statistics.csv")
@allow("rma.view")
def export_house_statistics() -> Response:
    return _csv({})


@blp.get("/statistics")
@blp.arguments(ASKED, location="query")
@blp.response(200, answers.COUNTS)
@allow("rma.view")
def count_jobs(values: dict[str, Any]) -> Any:
    """Jobs counted by product, serial number, fault, cause, customer, staff or month."""
    return json_response({"by": values["by"], "items": statistics.count(me(), values)})
