"""Pages to print labels: for units that were chosen, a site, an import, or in advance; and what there is to choose."""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from registry.assets.models import Asset
from registry.customers.models import Customer, Site
from registry.kernel.access import visible
from registry.kernel.errors import Invalid, NotFound, Problem
from registry.kernel.language import N_, _
from registry.labels import drawing, pictures, printing
from registry.labels.own_sheets import own_sheets, sheet_named
from registry.labels.schemas import BatchIn, Looks
from registry.labels.service import MOST, batches, free_codes, make_batch
from registry.labels.sheets import SHEETS
from registry.labels.templates import TEMPLATES, Subject, usual_for
from registry.web.forms import Form
from registry.web.identity import actor
from registry.web.labels import answer_of, printer
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("label_prints", __name__)
house = Blueprint("house_label_prints", __name__)
Page = Response | tuple[str, int]
FORMS = (("pdf", N_("PDF, for sheets")), ("zpl", N_("ZPL, for Zebra printers")), ("png", N_("PNG, one label")),
         ("svg", N_("SVG, one label")))  # fmt: skip
_IDS = re.compile(r"[0-9]{1,18}( [0-9]{1,18})*\Z", re.ASCII)


def own() -> Customer | None:
    """The customer of this page; None on pages of the house, which are for the house."""
    found: Customer | None = g.get("customer")
    if found is None:
        actor().must("label.print", None)
    return found


def here(endpoint: str, **values: Any) -> str:
    """The address of a page beside this one: of the same customer, or of the house."""
    if "customer" in g:
        return url_for(endpoint, **values)
    ours = {f"house_{name}" if name == "sheet_id" else name: value for name, value in values.items()}
    return url_for(f"house_{endpoint}", **ours)


def known_sheets() -> list[tuple[str, str]]:
    mine = own_sheets(actor(), g.customer.id if "customer" in g else None)
    return [*((sheet.name, _(sheet.title)) for sheet in SHEETS.values()), *((row.name, row.name) for row in mine)]


@house.get("/labels")
@pages.get("/labels")
@allow("label.print")
def overview() -> Page:
    return _overview(Form(BatchIn(), only=("count",), shown={"count": 63}))


def _overview(form: Form) -> Page:
    who, customer = actor(), own()
    may = who.can("label.batch", customer.id if customer else None)
    mine = [row for row in own_sheets(who, customer.id if customer else None)
            if row.customer_id == (customer.id if customer else None)]  # fmt: skip
    shown = {"may_batch": may, "batches": list(batches(who, customer)) if may else [], "sheets": mine}
    places = _sites(customer) if customer else []
    return render_template("labels/overview.html", form=form, here=here, ours=SHEETS, sites=places, most=MOST,
                           **shown), form.status  # fmt: skip


def _sites(customer: Customer) -> list[tuple[int, str]]:
    mine = visible(Site, actor(), Site.id, Site.name).where(Site.customer_id == customer.id)
    return list(mine.order_by(Site.name).limit(MOST).tuples())


@house.post("/labels/batches")
@pages.post("/labels/batches")
@allow("label.batch")
def new_batch() -> Page:
    customer = own()
    form = Form(BatchIn(), request.form, only=("count",))
    if not form.send(lambda values: make_batch(actor(), customer, values["count"])):
        return _overview(form)
    return Response(status=303, headers={"Location": here("label_prints.print_form", batch=form.answer)})


@house.get("/labels/ruler.pdf")
@pages.get("/labels/ruler.pdf")
@allow("label.print")
def ruler() -> Response:
    """A page that shows how far off a printer is."""
    customer = own()
    sheet = sheet_named(actor(), customer.id if customer else None, request.args.get("sheet", "L7160"))
    return answer_of(drawing.ruler(sheet), "pdf", _("Ruler %(sheet)s", sheet=sheet.name))


# --- Printing --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be printed: units of the customer, or a batch. `sample`: what a preview shows; `bare`: how many units
    have no code yet."""

    customer: Customer | None
    assets: tuple[Asset, ...] = ()
    batch: str = ""
    count: int = 0
    bare: int = 0
    sample: Subject | None = None

    @property
    def ids(self) -> str:
        return " ".join(str(asset.id) for asset in self.assets)


def _chosen(customer: Customer | None, ids: list[int], batch: str) -> Choice:
    who, said = actor(), printer()
    if batch:
        rows = free_codes(who, customer, batch)
        if not rows:
            raise NotFound(_("No label of this batch is free."))
        owner = customer.name if customer else ""
        sample = Subject(rows[0].code, customer=owner, phone=said.phone, operator=said.operator)
        return Choice(customer, batch=batch, count=len(rows), sample=sample)
    if customer is None:
        raise NotFound()
    assets = printing.units(who, customer, ids)
    codes = printing.known_codes(who, assets)
    first = next(printing.subjects(who, customer, assets[:1], codes, said))
    return Choice(customer, tuple(assets), count=len(assets), bare=len(assets) - len(codes), sample=first)


def _asked() -> Choice:
    """From the address: ?id=1&id=2, ?site=1, ?import=1, ?batch=name."""
    customer, given = own(), request.args
    if batch := given.get("batch", ""):
        return _chosen(customer, [], batch[:32])
    if customer is None:
        raise NotFound()
    if "site" in given:
        ids = printing.units_at(actor(), customer, _number(given["site"]))
    elif "import" in given:
        ids = printing.units_from(actor(), customer, _number(given["import"]))
    else:
        ids = [_number(text) for text in given.getlist("id")[: printing.MOST]]
    return _chosen(customer, ids, "")


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise NotFound()
    return int(text)


@house.get("/labels/print")
@pages.get("/labels/print")
@allow("label.print")
def print_form() -> Page:
    own()
    if not request.args.keys() & {"id", "site", "import", "batch"}:
        flash(_("Tick units on the list of assets, or choose a site, to print their labels."))
        return Response(status=303, headers={"Location": here("label_prints.overview")})
    try:
        choice = _asked()
    except Invalid as problem:
        texts = [text for found in problem.errors.values() for text in found]
        return render_template("labels/nothing.html", texts=texts, here=here), 422
    assert choice.sample is not None  # noqa: S101 - nothing chosen is refused before
    usual = {"sheet": "L7160", "template": usual_for(choice.sample).name, "start": 1, "copies": 1, "dpi": 300}
    return _form(choice, Form(Looks(), shown={**usual, "format": "pdf"}))


@house.post("/labels/print")
@pages.post("/labels/print")
@allow("label.print")
def print_labels() -> Page:
    """The file; or, for the button "Preview", the form again with a picture of the first label."""
    customer, sent = own(), request.form.get("ids", "")
    ids = [int(one) for one in sent.split(" ")[: printing.MOST]] if _IDS.match(sent) else []
    choice = _chosen(customer, ids, request.form.get("batch", "")[:32])
    form = Form(Looks(), request.form)
    if request.form.get("preview"):
        return _form(choice, form)
    if not form.send(lambda values: _made(choice, values)):
        return _form(choice, form)
    return answer_of(form.answer, form.typed.get("format") or "pdf")


def _made(choice: Choice, values: dict[str, Any]) -> bytes:
    who, customer, form = actor(), choice.customer, values.get("format") or "pdf"
    wish = printing.wish_of(who, customer.id if customer else None, values)
    if choice.batch:
        return printing.for_batch(who, customer, choice.batch, wish, printer(), form)
    assert customer is not None  # noqa: S101 - units are always somebody's
    return printing.for_units(who, customer, choice.assets, wish, printer(), form)


def _form(choice: Choice, form: Form) -> Page:
    picture, pages_needed = "", 0
    try:
        values = form.values()
        wish = printing.wish_of(actor(), choice.customer.id if choice.customer else None, values)
        assert choice.sample is not None  # noqa: S101 - nothing chosen is refused before
        laid = printing.laid(choice.sample, wish, printer(), values.get("format") or "pdf")
        picture = f"data:image/svg+xml;base64,{b64encode(pictures.svg(laid).encode()).decode()}"
        pages_needed = -(-(choice.count * wish.copies + wish.start - 1) // wish.sheet.count)
    except ValidationError as error:
        form.errors, form.status = dict(error.normalized_messages()), 422
    except Problem as problem:
        if form.status == 200:
            form.errors, form.message = dict(problem.errors), "" if problem.errors else problem.message
            form.status = 422 if request.method == "POST" else 200
    return render_template(
        "labels/print.html", choice=choice, form=form, picture=picture, pages_needed=pages_needed, here=here,
        sheets=known_sheets(), templates=[(one.name, _(one.title)) for one in TEMPLATES.values()],
        formats=[(value, _(text)) for value, text in FORMS],
        resolutions=[(dpi, _("%(dpi)s dots per inch", dpi=dpi)) for dpi in pictures.RESOLUTIONS],
    ), form.status  # fmt: skip
