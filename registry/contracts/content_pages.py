"""Pages about what a contract covers and what it owes: lines and duties, added, ended, done, removed."""

from typing import Any

from flask import g, render_template, request
from werkzeug.wrappers import Response

from registry.contracts import duties, lines, service
from registry.contracts.contract_pages import MOST_DUTIES, contract_page, urgent_first
from registry.contracts.listing import CONTRACTS, LINES
from registry.contracts.models import COVERS
from registry.contracts.pages import pages
from registry.contracts.schemas import DoneIn, DutyIn, LineChange, LineIn
from registry.kernel import clock
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.web.acting import own_row, pressed, sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.lists.asked import asked, one_page
from registry.web.period_form import OneOf
from registry.web.policy import allow
from registry.web.terms_offered import terms_for

Page = Response | tuple[str, int]
LINE, DUTY = "/contracts/<int:contract_id>/lines/<int:line_id>", "/contracts/<int:contract_id>/duties/<int:duty_id>"
CHANGED = ("starts_on", "ends_on", "note")
MOST_LINES = 200  # in a drop-down
# How a duty is owed -> the fields that say so.
OFTEN = {"once": ("due_on",), "every": ("due_on", "every_count", "every_unit"), "per_year": ("per_year",), "always": ()}
NAMED: dict[str, tuple[str, ...]] = {name: () if name == "everything" else (name,) for name in COVERS}


# --- Lines -------------------------------------------------------------------------------------------------


@pages.get("/contracts/<int:contract_id>/lines")
@allow("contract.view")
def list_lines(contract_id: int) -> Page:
    row = own_row(CONTRACTS, contract_id)
    wanted = asked(type(LINES.arguments())(only=("cursor", "limit")))
    page = one_page(actor(), LINES, wanted, contract=contract_id)
    return render_template("contracts/lines.html", contract=row, page=page, wanted=wanted), wanted.status


@pages.get("/contracts/<int:contract_id>/lines/new")
@allow("contract.edit")
def new_line(contract_id: int) -> Page:
    return _adding(own_row(CONTRACTS, contract_id), _line_form())


@pages.post("/contracts/<int:contract_id>/lines/new")
@allow("contract.edit")
def add_line(contract_id: int) -> Page:
    row, form = own_row(CONTRACTS, contract_id), _line_form(request.form)

    def add(values: dict[str, Any]) -> Any:
        whole = {"everything": True} if form.chosen == "everything" else {}
        return lines.add_line(actor(), contract_id, {**values, **whole})

    if form.send(add):
        return done(_("It is covered now."), "contracts.show_contract", contract_id=contract_id)
    return _adding(row, form)


def _line_form(sent: Any = None) -> OneOf:
    only = tuple(name for name in LineIn().fields if name != "everything")
    return OneOf(LineIn(), sent, only=only, choosing="covers", ways=NAMED, usual="asset")


def _adding(row: dict[str, Any], form: Form) -> Page:
    terms = terms_for(actor(), g.customer)
    return render_template("contracts/line.html", form=form, contract=row, terms=terms), form.status


@pages.get(f"{LINE}/edit")
@allow("contract.edit")
def edit_line(contract_id: int, line_id: int) -> Page:
    row, line = _line(contract_id, line_id)
    return _changing(row, line, Form(LineChange(), shown=line, only=CHANGED))


@pages.post(f"{LINE}/edit")
@allow("contract.edit")
def change_line(contract_id: int, line_id: int) -> Page:
    row, line = _line(contract_id, line_id)
    form = Form(LineChange(), request.form, only=CHANGED)
    if form.send(lambda values: lines.change_line(actor(), contract_id, line_id, values, sent_version())):
        return done(_("The line is changed."), "contracts.show_contract", contract_id=contract_id)
    return _changing(row, line, form)


def _line(contract_id: int, line_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    row, line = own_row(CONTRACTS, contract_id), own_row(LINES, line_id)
    if line["contract_id"] != contract_id:
        raise NotFound()
    return row, line


def _changing(row: dict[str, Any], line: dict[str, Any], form: Form) -> Page:
    return render_template("contracts/edit_line.html", form=form, contract=row, line=line), form.status


@pages.post(f"{LINE}/remove")
@allow("contract.edit")
def remove_line(contract_id: int, line_id: int) -> Page:
    _line(contract_id, line_id)
    form = pressed(lambda: lines.remove_line(actor(), contract_id, line_id, sent_version()))
    if form.status != 200:
        return contract_page(contract_id, form)
    return done(_("The line is removed."), "contracts.show_contract", contract_id=contract_id)


# --- Duties ------------------------------------------------------------------------------------------------


@pages.get("/contracts/<int:contract_id>/duties")
@allow("contract.view")
def list_duties(contract_id: int) -> Page:
    row, today = own_row(CONTRACTS, contract_id), clock.today(g.customer.time_zone)
    found = urgent_first(duties.duties_of(actor(), contract_id, today)["items"])
    known = {"contract": row, "duties": found[:MOST_DUTIES], "duty_count": len(found), "today": today}
    return render_template("contracts/duties.html", **known), 200


@pages.get("/contracts/<int:contract_id>/duties/new")
@allow("contract.edit")
def new_duty(contract_id: int) -> Page:
    return _obliging(own_row(CONTRACTS, contract_id), _duty_form())


@pages.post("/contracts/<int:contract_id>/duties/new")
@allow("contract.edit")
def add_duty(contract_id: int) -> Page:
    row, form = own_row(CONTRACTS, contract_id), _duty_form(request.form)
    if form.send(lambda values: duties.add_duty(actor(), contract_id, values)):
        return done(_("The duty is added."), "contracts.show_contract", contract_id=contract_id)
    return _obliging(row, form)


def _duty_form(sent: Any = None) -> OneOf:
    needed = {"once": "due_on", "every": "every", "per_year": "per_year"}
    return OneOf(DutyIn(), sent, choosing="often", ways=OFTEN, usual="once", needed=needed, periods=("every",))


def _obliging(row: dict[str, Any], form: Form) -> Page:
    known = LINES.page(actor(), {"contract": row["id"], "limit": MOST_LINES})["items"]
    return render_template("contracts/duty.html", form=form, contract=row, lines=known), form.status


@pages.get(f"{DUTY}/done")
@allow("contract.edit")
def duty_done(contract_id: int, duty_id: int) -> Page:
    shown = {"done_on": clock.today(g.customer.time_zone), "done_by": actor().name}
    return _fulfilling(contract_id, duty_id, Form(DoneIn(), shown=shown))


@pages.post(f"{DUTY}/done")
@allow("contract.edit")
def record_done(contract_id: int, duty_id: int) -> Page:
    own_row(CONTRACTS, contract_id)
    form = Form(DoneIn(), request.form)
    if form.send(lambda values: duties.record_done(actor(), contract_id, duty_id, values)):
        return done(_("Recorded as done."), "contracts.show_contract", contract_id=contract_id)
    return _fulfilling(contract_id, duty_id, form)


def _fulfilling(contract_id: int, duty_id: int, form: Form) -> Page:
    row = own_row(CONTRACTS, contract_id)
    duty = duties.duty_of(actor(), service.for_reading(actor(), contract_id), duty_id)
    return render_template("contracts/done.html", form=form, contract=row, duty=duty), form.status


@pages.post(f"{DUTY}/remove")
@allow("contract.edit")
def remove_duty(contract_id: int, duty_id: int) -> Page:
    own_row(CONTRACTS, contract_id)
    form = pressed(lambda: duties.remove_duty(actor(), contract_id, duty_id, sent_version()))
    if form.status != 200:
        return contract_page(contract_id, form)
    return done(_("The duty is removed."), "contracts.show_contract", contract_id=contract_id)
