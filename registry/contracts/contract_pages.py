"""Pages about one contract: what was agreed, for how long; make, change, renew, end. Nothing agreed is ever deleted."""

from typing import Any

from flask import g, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.contracts import duties, service
from registry.contracts.listing import CONTRACTS, LINES
from registry.contracts.pages import pages
from registry.contracts.renewal import in_force, notice_by
from registry.contracts.schemas import ContractChange, ContractIn, RenewalIn, TerminationIn
from registry.contracts.standing import agreement, history
from registry.customers.service import policies
from registry.kernel import clock
from registry.kernel.language import _
from registry.web.acting import own_row, sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.lookups import written
from registry.web.period_form import PeriodForm
from registry.web.policy import allow

Page = Response | tuple[str, int]
FIELDS = ("number", "title", "starts_on", "ends_on", "renewal", "renewal_period", "notice_days", "policy",
          "satisfaction_target", "previous", "notes")  # fmt: skip
FEW_LINES, FEW_DUTIES, MOST_DUTIES = 12, 12, 200
URGENT = {"overdue": 0, "due": 1, "not_yet": 2, "done": 3}


# --- Look --------------------------------------------------------------------------------------------------


@pages.get("/contracts/<int:contract_id>")
@allow("contract.view")
def show_contract(contract_id: int) -> Page:
    return contract_page(contract_id)


def contract_page(contract_id: int, form: Form | None = None) -> Page:
    """`form`: of a button that could not be pressed."""
    row, contract = own_row(CONTRACTS, contract_id), service.for_reading(actor(), contract_id)
    today = clock.today(g.customer.time_zone)
    facts = agreement(actor(), contract)
    lines = LINES.page(actor(), {"contract": contract_id, "limit": FEW_LINES})
    owed = duties.duties_of(actor(), contract_id, today)
    known = {
        "contract": row,
        "today": today,
        "standing": in_force(facts, today),
        "notice_by": notice_by(facts, today),
        "policy": {each.code: _(each.name) for each in policies(actor())}.get(row["policy"]),
        "terms": history(actor(), contract, today),
        "lines": lines,
        "duties": urgent_first(owed["items"])[:FEW_DUTIES],
        "duty_count": len(owed["items"]),
        "late": sum(item["state"] == "overdue" for item in owed["items"]),
        "without_duty": owed["without_duty"],
    }
    return render_template("contracts/contract.html", form=form, **known), form.status if form else 200


def urgent_first(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def rank(item: dict[str, Any]) -> tuple[int, Any, int]:
        return URGENT[item["state"]], str(item["next_due_on"] or "9999"), item["id"]

    return sorted(items, key=rank)


# --- Make and change ---------------------------------------------------------------------------------------


def _form(shape: Any, *sent: Any, **more: Any) -> PeriodForm:
    return PeriodForm(shape, *sent, only=FIELDS, periods=("renewal_period",), **more)


@pages.get("/contracts/new")
@allow("contract.edit")
def new_contract() -> Page:
    """The query may name the contract that this one follows."""
    shown = {
        "starts_on": clock.today(g.customer.time_zone),
        "renewal": "none",
        "previous": request.args.get("previous"),
    }
    return _edit(_form(ContractIn(), shown=shown))


@pages.post("/contracts/new")
@allow("contract.edit")
def create_contract() -> Page:
    form, mine = _form(ContractIn(), request.form), {"customer": g.customer.id}
    if form.send(lambda values: service.create_contract(actor(), {**values, **mine})):
        told = _("The contract is made. Say next what it covers.")
        return done(told, "contracts.show_contract", contract_id=form.answer.id)
    return _edit(form)


@pages.get("/contracts/<int:contract_id>/edit")
@allow("contract.edit")
def edit_contract(contract_id: int) -> Page:
    row = own_row(CONTRACTS, contract_id)
    previous = written(row["previous_id"], row["previous"]) if row["previous_id"] else None
    return _edit(_form(ContractChange(), shown={**row, "previous": previous}), row)


@pages.post("/contracts/<int:contract_id>/edit")
@allow("contract.edit")
def change_contract(contract_id: int) -> Page:
    row, form = own_row(CONTRACTS, contract_id), _form(ContractChange(), request.form)
    if form.send(lambda values: service.change_contract(actor(), contract_id, values, sent_version())):
        return done(_("The contract is changed."), "contracts.show_contract", contract_id=contract_id)
    return _edit(form, row)


def _edit(form: Form, row: dict[str, Any] | None = None) -> Page:
    known = CONTRACTS.page(actor(), {"customer": g.customer.id, "limit": 200})["items"]
    others = [written(each["id"], each["number"]) for each in known if row is None or each["id"] != row["id"]]
    back = url_for("contracts.show_contract", contract_id=row["id"]) if row else url_for("contracts.list_contracts")
    offered = [(policy.code, _(policy.name)) for policy in policies(actor())]
    around = {"contract": row, "others": others, "policies": offered, "back": back}
    return render_template("contracts/edit.html", form=form, **around), form.status


# --- Renew and end -----------------------------------------------------------------------------------------


@pages.get("/contracts/<int:contract_id>/renew")
@allow("contract.edit")
def renew_contract(contract_id: int) -> Page:
    row = own_row(CONTRACTS, contract_id)
    shown = {"period": row["renewal_period"], "agreed_on": clock.today(g.customer.time_zone)}
    return _renewing(PeriodForm(RenewalIn(), shown=shown, periods=("period",)), row)


@pages.post("/contracts/<int:contract_id>/renew")
@allow("contract.edit")
def renew_contract_now(contract_id: int) -> Page:
    row, form = own_row(CONTRACTS, contract_id), PeriodForm(RenewalIn(), request.form, periods=("period",))
    if form.send(lambda values: service.renew_contract(actor(), contract_id, values, sent_version())):
        return done(_("The contract is renewed."), "contracts.show_contract", contract_id=contract_id)
    return _renewing(form, row)


def _renewing(form: Form, row: dict[str, Any]) -> Page:
    return render_template("contracts/renew.html", form=form, contract=row), form.status


@pages.get("/contracts/<int:contract_id>/terminate")
@allow("contract.edit")
def terminate_contract(contract_id: int) -> Page:
    return _ending(Form(TerminationIn(), shown={}), own_row(CONTRACTS, contract_id))


@pages.post("/contracts/<int:contract_id>/terminate")
@allow("contract.edit")
def terminate_contract_now(contract_id: int) -> Page:
    row, form = own_row(CONTRACTS, contract_id), Form(TerminationIn(), request.form)
    if form.send(lambda values: service.terminate_contract(actor(), contract_id, values, sent_version())):
        return done(_("The end of the contract is set."), "contracts.show_contract", contract_id=contract_id)
    return _ending(form, row)


def _ending(form: Form, row: dict[str, Any]) -> Page:
    return render_template("contracts/terminate.html", form=form, contract=row), form.status
