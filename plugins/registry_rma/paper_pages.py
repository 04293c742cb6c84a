"""Papers as files to save, in the language of the customer: of a line and of a unit, for pages and programs."""

from collections.abc import Callable
from functools import partial
from typing import Any

from marshmallow import fields, validate
from werkzeug.wrappers import Response

from registry.sdk import (
    LANGUAGES,
    Actor,
    Customer,
    Invalid,
    NotFound,
    Paper,
    Shape,
    _,
    allow,
    asked,
    customer_by,
    get_asset,
    here,
    json_response,
    me,
    print_label,
    read_code,
    save_paper,
    speaking,
    today_of,
    visible,
)
from registry_rma import answers, cases, lifetime, papers, parcels, proofs, sheets
from registry_rma.api import blp
from registry_rma.facts import case_of
from registry_rma.models import Case, Line
from registry_rma.moving import unit_of
from registry_rma.pages import own_asset, own_line, pages

PAPERS: dict[str, Callable[[papers.Bundle], Paper]] = {
    "form": papers.form,
    "packing-slip": parcels.packing_slip,
    "loaner-slip": partial(parcels.slip_beside, "loaner"),
    "advance-slip": partial(parcels.slip_beside, "advance"),
    "test-report": proofs.test_report,
    "custody-record": proofs.custody_record,
    "scrap-certificate": proofs.scrap_certificate,
}
PDF = {"type": "string", "format": "binary"}


class RmaPaperAsked(Shape):
    """`language`: of the paper; the customer's if none is given."""

    language = fields.String(validate=validate.OneOf(tuple(LANGUAGES)))


ASKED = RmaPaperAsked()


def _language() -> str:
    wanted = asked(ASKED)
    if wanted.errors:
        raise Invalid(errors=wanted.errors)
    return str(wanted.values.get("language") or here().language)


def printed(customer: Customer, line: Line, name: str, language: str) -> Response:
    """A paper of PAPERS about a line, or the label of its box. Raises NotFound, Conflict where there is nothing to
    print, Invalid where a text holds a character that no font has."""
    make = PAPERS.get(name)
    if make is None and name != parcels.BOX_LABEL:
        raise NotFound()
    with speaking(language):
        bundle = papers.Bundle(me(), customer, case_of(me(), line), line, today_of(me(), line.customer_id))
        if make is None:
            title = _("Box label %(number)s", number=bundle.number)
            return print_label(title, line.code, parcels.box_label(bundle))
        return save_paper(make(bundle))


def maintenance(customer: Customer, asset_id: int, language: str) -> Response:
    """Every case, test, record and replacement of a unit."""
    with speaking(language):
        return save_paper(lifetime.maintenance_file(me(), customer, asset_id))


@pages.get("/lines/<int:rma_line_id>/papers/<rma_paper>.pdf")
@allow("rma.view")
def get_paper(rma_line_id: int, rma_paper: str) -> Response:
    return printed(here(), own_line(rma_line_id), rma_paper, _language())


@pages.get("/assets/<int:asset_id>/maintenance.pdf")
@allow("rma.view")
def get_maintenance_file(asset_id: int) -> Response:
    return maintenance(here(), own_asset(asset_id).id, _language())


@pages.get("/assets/<int:asset_id>/maintenance.csv")
@allow("rma.view")
def export_maintenance_file(asset_id: int) -> Response:
    """The maintenance records of a unit, the oldest first."""
    return sheets.saved("maintenance", lifetime.records_as_csv(me(), own_asset(asset_id).id))


@blp.get("/lines/<int:rma_line_id>/papers")
@blp.response(200, answers.PAPERS)
@allow("rma.view")
def list_rma_papers(rma_line_id: int) -> Any:
    """The papers that there are about a unit's case now; each is fetched by its name."""
    line = cases.get_line(me(), rma_line_id)
    return json_response({"unit": unit_of(line), "items": parcels.offered(me(), line)})


@blp.get("/lines/<int:rma_line_id>/papers/<rma_paper>.pdf")
@blp.arguments(ASKED, location="query")
@blp.response(200, PDF, content_type="application/pdf")
@allow("rma.view")
def get_rma_paper(arguments: dict[str, str], rma_line_id: int, rma_paper: str) -> Response:
    """A paper by its name, in the customer's language or the one that is asked for. 409 where there is nothing to
    print, 422 where a text holds a character that no font has."""
    line = cases.get_line(me(), rma_line_id)
    customer = customer_by(me(), line.customer_id)
    return printed(customer, line, rma_paper, arguments.get("language") or customer.language)


@blp.get("/assets/<int:asset_id>/maintenance.pdf")
@blp.arguments(ASKED, location="query")
@blp.response(200, PDF, content_type="application/pdf")
@allow("rma.view")
def get_rma_maintenance_file(arguments: dict[str, str], asset_id: int) -> Response:
    """Every case, test, record and replacement of a unit as a paper."""
    customer = customer_by(me(), get_asset(me(), asset_id).customer_id)
    return maintenance(customer, asset_id, arguments.get("language") or customer.language)


def units_of_code(actor: Actor, text: str) -> list[int] | None:
    """Ids of the units that a code printed on our papers means, within what the reader may see; None for any other."""
    code = read_code(text)
    if code is None or not actor.can_somewhere("rma.view"):
        return None
    named = (Line.code == code) | (Case.number == code)
    rows = visible(Line, actor.where("rma.view"), Line.asset_id, Line.replacement_id)
    rows = rows.join(Case, on=(Line.case == Case.id)).where(named).order_by(Line.id).tuples()
    return [new or old for old, new in rows if new or old] or None
