"""Pages about sheets of one's own: measured by oneself, or one of ours as far off as a printer is."""

from typing import Any

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.labels import own_sheets
from registry.labels.listing import SHEETS as LISTING
from registry.labels.print_pages import here, house, own, pages
from registry.labels.schemas import SheetChange, SheetIn
from registry.labels.sheets import SHEETS
from registry.web.acting import pressed, sent_version
from registry.web.forms import Form
from registry.web.identity import actor
from registry.web.policy import allow

Page = Response | tuple[str, int]
NAMES = ("name", "columns", "rows", *own_sheets.MEASURES)


@house.get("/labels/sheets/new")
@pages.get("/labels/sheets/new")
@allow("label.batch")
def new_sheet() -> Page:
    """?like=L7160: begin with the measures of one of ours."""
    own()
    like = SHEETS.get(request.args.get("like", ""))
    shown: dict[str, Any] = {"columns": 1, "rows": 1, "left": 0, "top": 0}
    if like:
        measures = {"page_wide": like.page[0], "page_high": like.page[1]}
        shown = {name: f"{measures.get(name) or getattr(like, name):g}" for name in NAMES if name != "name"}
    return _form(Form(SheetIn(), shown=shown, only=NAMES))


def _form(form: Form, row: Any = None) -> Page:
    return render_template("labels/sheet.html", form=form, row=row, here=here), form.status


@house.post("/labels/sheets/new")
@pages.post("/labels/sheets/new")
@allow("label.batch")
def add_sheet() -> Page:
    customer = own()
    form = Form(SheetIn(), request.form, only=NAMES)
    if not form.send(lambda values: own_sheets.add_sheet(actor(), customer, values)):
        return _form(form)
    return _back()


def _own_sheet(sheet_id: int) -> Any:
    customer, row = own(), own_sheets.get_sheet(actor(), sheet_id)
    if row.customer_id != (customer.id if customer else None):
        raise NotFound()
    return row


@pages.get("/labels/sheets/<int:sheet_id>")
@allow("label.batch")
def edit_sheet(sheet_id: int) -> Page:
    row = _own_sheet(sheet_id)
    return _form(Form(SheetChange(), shown=LISTING.one(actor(), sheet_id), only=NAMES), row)


@pages.post("/labels/sheets/<int:sheet_id>")
@allow("label.batch")
def change_sheet(sheet_id: int) -> Page:
    row = _own_sheet(sheet_id)
    form = Form(SheetChange(), request.form, only=NAMES)
    if not form.send(lambda values: own_sheets.change_sheet(actor(), sheet_id, values, sent_version())):
        return _form(form, row)
    return _back()


@pages.post("/labels/sheets/<int:sheet_id>/remove")
@allow("label.batch")
def remove_sheet(sheet_id: int) -> Page:
    row = _own_sheet(sheet_id)
    form = pressed(lambda: own_sheets.remove_sheet(actor(), sheet_id, sent_version()))
    return _form(form, row) if form.status != 200 else _back()


def _back() -> Response:
    flash(_("Saved."))
    return Response(status=303, headers={"Location": here("label_prints.overview")})


# Those of the house have their own name in addresses: no customer's sheet is meant there.


@house.get("/labels/sheets/<int:house_sheet_id>", endpoint="edit_sheet")
@allow("label.batch")
def edit_house_sheet(house_sheet_id: int) -> Page:
    return edit_sheet(house_sheet_id)


@house.post("/labels/sheets/<int:house_sheet_id>", endpoint="change_sheet")
@allow("label.batch")
def change_house_sheet(house_sheet_id: int) -> Page:
    return change_sheet(house_sheet_id)


@house.post("/labels/sheets/<int:house_sheet_id>/remove", endpoint="remove_sheet")
@allow("label.batch")
def remove_house_sheet(house_sheet_id: int) -> Page:
    return remove_sheet(house_sheet_id)
