"""Pages about one licence: look, enter, change, end, remove; its key on demand; who uses it."""

from typing import Any

from flask import g, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from registry.assets.models import KEY_DATES
from registry.contracts.covering import covering
from registry.kernel import clock
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.money import EXPONENTS, exact
from registry.licences import assignments, keys, service
from registry.licences.listing import ASSIGNMENTS, LICENCES
from registry.licences.pages import pages
from registry.licences.schemas import AssignmentIn, LicenceChange, LicenceIn
from registry.warranty.claims import case_on
from registry.warranty.decision import decide
from registry.web.acting import own_row, pressed, sent_version
from registry.web.amounts import minor_of
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.lists.asked import asked, one_page
from registry.web.lookups import written
from registry.web.policy import allow
from registry.web.timeline import timeline

Page = Response | tuple[str, int]
WHAT = ("product", "name", "metric", "quantity", "hard_limit", "reassignable")
TERM = ("starts_on", "ends_on", "maintenance_until")
PAPERS = ("supplier", "order_number", "proof", "licensed_to_name", "licensed_to_email", "currency", "notes")
FIELDS = (*WHAT, *TERM, *KEY_DATES, *PAPERS, "key")
FEW = 25  # assignments on one page


class LicenceForm(Form):
    """With the cost as people write money. The key is never in it: one that is typed replaces what is stored."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.names += ("cost", "forget_key")
        shown, sent = more.get("shown") or {}, self.sent
        for name in ("cost", "forget_key"):
            held = shown.get(name) if sent is None else sent.getlist(name)[-1] if name in sent else None
            if held is not None:
                self.typed[name] = str(held)

    def values(self) -> dict[str, Any]:
        whole = self.typed
        left_out = {"cost", "forget_key"} | (set() if whole.get("key", "").strip() else {"key"})
        self.typed = {name: text for name, text in whole.items() if name not in left_out}
        try:
            given = super().values()
        finally:
            self.typed = whole
        if whole.get("forget_key"):
            if "key" in given:
                raise ValidationError({"forget_key": [_("Type a new key or forget the old one, not both.")]})
            given["key"] = None
        if "cost" in whole:
            given["cost_minor"] = minor_of(whole["cost"], given.get("currency"))
        return given


# --- Look --------------------------------------------------------------------------------------------------


@pages.get("/licences/<int:licence_id>")
@allow("licence.view")
def show_licence(licence_id: int) -> Page:
    return _licence(licence_id)


def _licence(licence_id: int, form: Form | None = None, key: str = "") -> Page:
    """`form`: of an assignment that could not be made, or of a button that could not be pressed."""
    who, row = actor(), own_row(LICENCES, licence_id)
    wanted = asked(type(ASSIGNMENTS.arguments())(only=("active", "cursor", "limit")))
    fixed = {"licence": licence_id, "limit": wanted.values.get("limit") or FEW, "sort": "-id"}
    if "active" not in wanted.values:
        fixed["active"] = True
    page = one_page(who, ASSIGNMENTS, wanted, **fixed)
    known = {"licence": row, "page": page, "wanted": wanted, "today": clock.today(g.customer.time_zone), "key": key}
    known |= _owed(licence_id)
    assigning = form if isinstance(form, Form) and "contact" in form.names else Form(AssignmentIn(), shown={})
    status = form.status if form else wanted.status
    return render_template("licences/licence.html", form=form, assigning=assigning, **known), status


def _owed(licence_id: int) -> dict[str, Any]:
    """What warranties and contracts say about it today; None where he lacks the right."""
    who, licence, today = actor(), service.get_licence(actor(), licence_id), clock.today(g.customer.time_zone)
    covers = covering(who, licence, today) if who.can("contract.view", g.customer.id) else None
    if not who.can("warranty.view", g.customer.id):
        return {"contracts": covers, "coverage": None, "line": None}
    case = case_on(who, licence, today)
    return {
        "contracts": covers,
        "coverage": decide(case, today).as_dict(),
        "line": timeline(case.warranties, today) if case.warranties else None,
    }


@pages.post("/licences/<int:licence_id>/key")
@allow("licence.key", sudo=True)
def show_key(licence_id: int) -> Page:
    """The page with the key in clear, this once. That he has seen it is put on record."""
    own_row(LICENCES, licence_id)
    form = pressed(lambda: keys.reveal_key(actor(), licence_id))
    return _licence(licence_id, key=form.answer) if form.status == 200 else _licence(licence_id, form)


# --- Enter, change, end, remove ----------------------------------------------------------------------------


@pages.get("/licences/new")
@allow("licence.edit")
def new_licence() -> Page:
    known = {name: text for name, text in request.args.items() if name in FIELDS and name != "key"}
    return _edit(LicenceForm(LicenceIn(), shown={"reassignable": True, **known}, only=FIELDS))


@pages.post("/licences/new")
@allow("licence.edit")
def create_licence() -> Page:
    form = LicenceForm(LicenceIn(), request.form, only=FIELDS)
    mine = {"customer": g.customer.id}
    if form.send(lambda values: service.create_licence(actor(), {**values, **mine}), cost_minor="cost"):
        return done(_("The licence is entered."), "licences.show_licence", licence_id=form.answer.id)
    return _edit(form)


@pages.get("/licences/<int:licence_id>/edit")
@allow("licence.edit")
def edit_licence(licence_id: int) -> Page:
    row = own_row(LICENCES, licence_id)
    return _edit(LicenceForm(LicenceChange(), shown=_shown(row), only=FIELDS), row)


@pages.post("/licences/<int:licence_id>/edit")
@allow("licence.edit")
def change_licence(licence_id: int) -> Page:
    row = own_row(LICENCES, licence_id)
    form = LicenceForm(LicenceChange(), request.form, only=FIELDS)
    if form.send(lambda values: service.change_licence(actor(), licence_id, values, sent_version()), cost_minor="cost"):
        return done(_("The licence is changed."), "licences.show_licence", licence_id=licence_id)
    return _edit(form, row)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    shown = {name: row[name] for name in (*WHAT, *TERM, *KEY_DATES, *PAPERS) if name in row}
    shown["product"] = written(row["product_id"], row["product"])
    if row["cost_minor"] is not None:
        shown["cost"] = f"{exact(row['cost_minor'], row['currency'] or 'USD'):f}"
    return shown


def _edit(form: Form, row: dict[str, Any] | None = None) -> Page:
    here = url_for("licences.show_licence", licence_id=row["id"]) if row else url_for("licences.list_licences")
    known = {"licence": row, "back": here, "currencies": [(code, code) for code in sorted(EXPONENTS)]}
    return render_template("licences/edit.html", form=form, **known), form.status


@pages.get("/licences/<int:licence_id>/end")
@allow("licence.edit")
def end_licence(licence_id: int) -> Page:
    row = own_row(LICENCES, licence_id)
    shown = {"ends_on": row["ends_on"] or clock.today(g.customer.time_zone)}
    return _end(Form(LicenceChange(), shown=shown, only=("ends_on",)), row)


@pages.post("/licences/<int:licence_id>/end")
@allow("licence.edit")
def end_licence_now(licence_id: int) -> Page:
    row, form = own_row(LICENCES, licence_id), Form(LicenceChange(), request.form, only=("ends_on",))
    if form.send(lambda values: _ended(licence_id, values)):
        return done(_("The last day of the licence is set."), "licences.show_licence", licence_id=licence_id)
    return _end(form, row)


def _ended(licence_id: int, values: dict[str, Any]) -> Any:
    if values.get("ends_on") is None:
        raise Invalid.field("ends_on", _("Give the last day on which it may be used."))
    return service.change_licence(actor(), licence_id, values, sent_version())


def _end(form: Form, row: dict[str, Any]) -> Page:
    return render_template("licences/end.html", form=form, licence=row), form.status


@pages.post("/licences/<int:licence_id>/remove")
@allow("licence.edit")
def remove_licence(licence_id: int) -> Page:
    own_row(LICENCES, licence_id)
    form = pressed(lambda: service.remove_licence(actor(), licence_id, sent_version()))
    if form.status != 200:
        return _licence(licence_id, form)
    return done(_("The licence is removed."), "licences.list_licences")


# --- Who uses it -------------------------------------------------------------------------------------------


@pages.post("/licences/<int:licence_id>/assignments")
@allow("licence.edit")
def assign_licence(licence_id: int) -> Page:
    own_row(LICENCES, licence_id)
    form = Form(AssignmentIn(), request.form)
    if form.send(lambda values: assignments.assign(actor(), licence_id, values)):
        return done(_("Assigned."), "licences.show_licence", licence_id=licence_id, _anchor="use")
    return _licence(licence_id, form)


@pages.post("/licences/<int:licence_id>/assignments/<int:assignment_id>/release")
@allow("licence.edit")
def release_licence(licence_id: int, assignment_id: int) -> Page:
    own_row(LICENCES, licence_id)
    form = pressed(lambda: assignments.release(actor(), licence_id, assignment_id))
    if form.status != 200:
        return _licence(licence_id, form)
    return done(_("Taken back."), "licences.show_licence", licence_id=licence_id, _anchor="use")
