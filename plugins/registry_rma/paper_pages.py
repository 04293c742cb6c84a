"""Papers as files to save, in the language of the customer: below the page of a line, and of a unit."""

from collections.abc import Callable

from marshmallow import fields, validate
from werkzeug.wrappers import Response

from registry.sdk import (
    LANGUAGES,
    Actor,
    Invalid,
    NotFound,
    Paper,
    Shape,
    _,
    allow,
    asked,
    here,
    me,
    print_label,
    read_code,
    save_paper,
    speaking,
    today_of,
    visible,
)
from registry_rma import lifetime, papers, parcels, proofs
from registry_rma.facts import case_of
from registry_rma.models import Case, Line
from registry_rma.pages import own_asset, own_line, pages

PAPERS: dict[str, Callable[[papers.Bundle], Paper]] = {
    "form": papers.form,
    "packing-slip": parcels.packing_slip,
    "test-report": proofs.test_report,
    "custody-record": proofs.custody_record,
    "scrap-certificate": proofs.scrap_certificate,
}


class PaperAsked(Shape):
    """`language`: of the paper; the customer's if none is given."""

    language = fields.String(validate=validate.OneOf(tuple(LANGUAGES)))


ASKED = PaperAsked()


def _language() -> str:
    wanted = asked(ASKED)
    if wanted.errors:
        raise Invalid(errors=wanted.errors)
    return str(wanted.values.get("language") or here().language)


@pages.get("/lines/<int:rma_line_id>/papers/<rma_paper>.pdf")
@allow("rma.view")
def get_paper(rma_line_id: int, rma_paper: str) -> Response:
    """A paper of PAPERS about a line, or the label of its box. 409 where there is nothing to print, 422 where a text
    holds a character that no font has."""
    line = own_line(rma_line_id)
    make = PAPERS.get(rma_paper)
    if make is None and rma_paper != parcels.BOX_LABEL:
        raise NotFound()
    with speaking(_language()):
        bundle = papers.Bundle(me(), here(), case_of(me(), line), line, today_of(me(), line.customer_id))
        if make is None:
            name = _("Box label %(number)s", number=bundle.number)
            return print_label(name, line.code, parcels.box_label(bundle))
        return save_paper(make(bundle))


@pages.get("/assets/<int:asset_id>/maintenance.pdf")
@allow("rma.view")
def get_maintenance_file(asset_id: int) -> Response:
    """Every case, test, record and replacement of a unit."""
    asset = own_asset(asset_id)
    with speaking(_language()):
        return save_paper(lifetime.maintenance_file(me(), here(), asset.id))


def units_of_code(actor: Actor, text: str) -> list[int] | None:
    """Ids of the units that a code printed on our papers means, within what the reader may see; None for any other."""
    code = read_code(text)
    if code is None or not actor.can_somewhere("rma.view"):
        return None
    named = (Line.code == code) | (Case.number == code)
    rows = visible(Line, actor.where("rma.view"), Line.asset_id, Line.replacement_id)
    rows = rows.join(Case, on=(Line.case == Case.id)).where(named).order_by(Line.id).tuples()
    return [new or old for old, new in rows if new or old] or None
