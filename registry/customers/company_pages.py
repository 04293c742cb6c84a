"""Pages to set up a customer: new, edit, who looks after it."""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from registry.customers import service
from registry.customers.listing import CUSTOMERS, POLICIES
from registry.customers.schemas import CustomerChange, CustomerIn, ManagerIn
from registry.kernel.language import _, ngettext
from registry.kernel.locales import LANGUAGES
from registry.kernel.money import EXPONENTS
from registry.people.models import Membership, User
from registry.people.service import users
from registry.web.acting import sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.policy_form import AT_ONCE
from registry.web.tenant import customer_pages
from registry.web.words.codes import word

Page = Response | tuple[str, int]
house = Blueprint("customers", __name__, url_prefix="/customers")
pages = customer_pages("company", __name__)
MOST = 200
PERIOD = re.compile(
    r"P(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})D)?"
    r"(?:T(?:([0-9]{1,4})H)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})S)?)?"
)
UNITS: tuple[Callable[[int], str], ...] = (
    lambda num: ngettext("%(num)s year", "%(num)s years", num),
    lambda num: ngettext("%(num)s month", "%(num)s months", num),
    lambda num: ngettext("%(num)s day", "%(num)s days", num),
    lambda num: ngettext("%(num)s hour", "%(num)s hours", num),
    lambda num: ngettext("%(num)s minute", "%(num)s minutes", num),
    lambda num: ngettext("%(num)s second", "%(num)s seconds", num),
)
CHANGED = ("name", "language", "time_zone", "currency", "customer_since", "policy", "notes")
NEW = ("slug", *CHANGED)
EDITED = (*CHANGED, "active")


@pages.app_template_filter("promise")
def promise(value: Any) -> str:
    """What stands in a service policy, as people say it: PT4H is 4 hours."""
    found = PERIOD.fullmatch(str(value))
    if value == AT_ONCE:
        return _("at once")
    if found is None or not any(found.groups()):
        return word("promise", str(value)).replace("_", " ")
    parts = zip(UNITS, found.groups(), strict=True)
    return " ".join(say(int(number)) for say, number in parts if number)


@house.get("/new")
@allow("customer.edit")
def new_customer() -> Page:
    usual = {"language": actor().language, "time_zone": actor().time_zone, "currency": "USD"}
    return _new(Form(CustomerIn(), shown=usual, only=NEW))


@house.post("/new")
@allow("customer.edit")
def create_customer() -> Page:
    form = Form(CustomerIn(), request.form, only=NEW)
    if form.send(lambda values: service.create_customer(actor(), values)):
        return done(_("The customer is set up. Next: its sites, its people, and who looks after it."),
                    "company.edit_customer", slug=form.answer.slug)  # fmt: skip
    return _new(form)


def _new(form: Form) -> Page:
    return render_template("customers/new.html", form=form, **_choices()), form.status


def _choices() -> dict[str, Any]:
    policies = POLICIES.page(actor(), {"limit": MOST})["items"]
    return {
        "spoken": LANGUAGES, "currencies": [(code, code) for code in sorted(EXPONENTS)],
        "policies": [(row["code"], _(row["name"])) for row in policies],
    }  # fmt: skip


@pages.get("/edit")
@allow("customer.edit")
def edit_customer() -> Page:
    return _edit(Form(CustomerChange(), shown=CUSTOMERS.one(actor(), g.customer.id), only=EDITED))


@pages.post("/edit")
@allow("customer.edit")
def change_customer() -> Page:
    form = Form(CustomerChange(), request.form, only=EDITED)
    if form.send(lambda values: service.change_customer(actor(), g.customer.slug, values, sent_version())):
        return done(_("Saved."), "company.edit_customer")
    return _edit(form)


def _edit(form: Form, manager: Form | None = None) -> Page:
    who, now = actor(), service.get_customer(actor(), g.customer.slug)
    history = service.manager_history(who, now)
    around = {
        "row_version": now.version, "history": history[::-1], "policy": service.effective_policy(who, now),
        "staff": _staff(), "manager": manager or _manager_form(history), **_choices(),
    }  # fmt: skip
    status = manager.status if manager else form.status
    return render_template("customers/edit.html", form=form, **around), status


def _manager_form(history: list[Any]) -> Form:
    current = next((row.user_id for row in history if row.until is None), None)
    return Form(ManagerIn(), shown={"user": current})


def _staff() -> list[tuple[int, str]]:
    """The operator's own people, who alone can look after a customer."""
    inside = Membership.select(Membership.user).where(Membership.customer_id.is_null())
    there = (User.active == True) & (User.kind == "person")  # noqa: E712 - SQL
    found = users(actor()).where(there & User.id.in_(inside)).order_by(User.name, User.id).limit(MOST)
    return [(user.id, f"{user.name} ({user.email})") for user in found]


@pages.post("/account-manager")
@allow("customer.edit")
def assign_manager() -> Page:
    form = Form(ManagerIn(), request.form)
    if form.send(lambda values: service.assign_manager(actor(), g.customer.slug, values["user"])):
        return done(_("The account manager is changed."), "company.edit_customer")
    shown = CUSTOMERS.one(actor(), g.customer.id)
    return _edit(Form(CustomerChange(), shown=shown, only=EDITED), form)
