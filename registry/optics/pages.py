"""Pages about modules: which there are by what was concluded, and one of them with its readings."""

from flask import g, render_template
from marshmallow import fields, validate

from registry.kernel.shapes import Shape, Whole
from registry.optics import series
from registry.optics.list_pages import TABLE
from registry.optics.schemas import SpanQuery
from registry.optics.verdicts.units import UNITS
from registry.web.identity import actor
from registry.web.lists.asked import asked, paged
from registry.web.lists.tables import Answer
from registry.web.optics.view import SPANS, optic_view, own_optic, said
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("optics", __name__)
ON_PAGE = 25


class TrendQuery(Shape):
    """What is drawn over time: how long, of which lane, of which end of a cable."""

    span = fields.String(validate=validate.OneOf(tuple(SPANS)))
    lane = Whole(1, 64)
    end = fields.String(validate=validate.OneOf(("", "1", "2", "A", "B")))


class ReadingsPageQuery(Shape):
    end = SpanQuery().fields["end"]
    cursor = Whole(1, 2**40)


@pages.get("/optics")
@allow("asset.view")
def list_optics() -> Answer:
    return TABLE.answer()


@pages.get("/optics/<int:optic_id>")
@allow("asset.view")
def show_optic(optic_id: int) -> tuple[str, int]:
    wanted = asked(TrendQuery())
    view = optic_view(actor(), g.customer, optic_id, wanted.values)
    return render_template("optics/optic.html", wanted=wanted, units=UNITS, said=said, **view), wanted.status


@pages.get("/optics/<int:optic_id>/readings")
@allow("asset.view")
def list_readings(optic_id: int) -> tuple[str, int]:
    """One by one, the newest first."""
    optic = own_optic(actor(), g.customer, optic_id)
    wanted = asked(ReadingsPageQuery())
    page = paged(wanted, lambda given: series.readings(actor(), optic_id, limit=ON_PAGE, **given))
    known = {"wanted": wanted, "page": page, "zone": g.customer.time_zone, "said": said, "units": UNITS}
    return render_template("optics/readings.html", optic=optic, **known), wanted.status
