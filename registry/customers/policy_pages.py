"""Pages of the service policies: what is promised to whoever is served under one."""

from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from registry.customers import service
from registry.customers.listing import POLICIES
from registry.customers.schemas import PolicyChange, PolicyIn
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.web.acting import sent_version
from registry.web.forms import done
from registry.web.house import pages
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.policy_form import PolicyForm, choices

Page = Response | tuple[str, int]
MOST = 200
CHANGED = ("name",)
NEW = ("code", *CHANGED)


@pages.get("/policies")
@allow("customer.edit")
def list_policies() -> str:
    return render_template("settings/policies.html", policies=POLICIES.page(actor(), {"limit": MOST})["items"])


@pages.get("/policies/new")
@allow("customer.edit")
def new_policy() -> Page:
    return _page(PolicyForm(PolicyIn(), shown={}, only=NEW))


@pages.post("/policies/new")
@allow("customer.edit")
def create_policy() -> Page:
    form = PolicyForm(PolicyIn(), request.form, only=NEW)
    if not form.rearranged and form.send(lambda values: service.create_policy(actor(), values)):
        return done(_("The policy is added."), "house.list_policies")
    return _page(form)


@pages.get("/policies/<code>")
@allow("customer.edit")
def edit_policy(code: str) -> Page:
    found = _found(code)
    form = PolicyForm(PolicyChange(), shown={"name": found["name"]}, only=CHANGED, stored=found["settings"])
    return _page(form, found)


@pages.post("/policies/<code>")
@allow("customer.edit")
def change_policy(code: str) -> Page:
    found = _found(code)
    form = PolicyForm(PolicyChange(), request.form, only=CHANGED, stored=found["settings"])
    if not form.rearranged and form.send(lambda values: service.change_policy(actor(), code, values, sent_version())):
        return done(_("Saved."), "house.list_policies")
    return _page(form, found)


def _found(code: str) -> dict[str, Any]:
    rows = POLICIES.page(actor(), {"limit": MOST})["items"]
    found = next((row for row in rows if row["code"] == code), None)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def _page(form: PolicyForm, policy: dict[str, Any] | None = None) -> Page:
    action = url_for("house.change_policy", code=policy["code"]) if policy else url_for("house.create_policy")
    around = {"form": form, "policy": policy, "action": action, **choices(form)}
    return render_template("settings/policy.html", **around), form.status
