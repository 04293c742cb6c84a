"""Pages of the service policies: what is promised to whoever is served under one."""

import json
from typing import Any

from flask import render_template, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from registry.customers import service
from registry.customers.listing import POLICIES
from registry.customers.schemas import PolicyChange, PolicyIn
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.kernel.shapes import JsonObject
from registry.web.acting import sent_version
from registry.web.forms import Form, done
from registry.web.house import pages
from registry.web.identity import actor
from registry.web.policy import allow

Page = Response | tuple[str, int]
MOST = 200


class JsonText(JsonObject):
    """The same as a text that somebody types."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except (ValueError, RecursionError) as error:
            told = getattr(error, "lineno", 1)
            raise ValidationError(_("This is not JSON: look at line %(line)s.", line=told)) from None
        return super()._deserialize(found, attr, data, **kwargs)


class PolicyForm(PolicyChange):
    settings = JsonText()


class NewPolicyForm(PolicyIn):
    settings = JsonText()


@pages.get("/policies")
@allow("customer.edit")
def list_policies() -> str:
    return render_template("settings/policies.html", policies=POLICIES.page(actor(), {"limit": MOST})["items"])


@pages.get("/policies/new")
@allow("customer.edit")
def new_policy() -> Page:
    return _page(Form(NewPolicyForm(), shown={"settings": '{\n  "targets": {}\n}'}))


@pages.post("/policies/new")
@allow("customer.edit")
def create_policy() -> Page:
    form = Form(NewPolicyForm(), request.form)
    if form.send(lambda values: service.create_policy(actor(), values)):
        return done(_("The policy is added."), "house.list_policies")
    return _page(form)


@pages.get("/policies/<code>")
@allow("customer.edit")
def edit_policy(code: str) -> Page:
    found = _found(code)
    shown = {"name": found["name"], "settings": json.dumps(found["settings"], indent=2, ensure_ascii=False)}
    return _page(Form(PolicyForm(), shown=shown), found)


@pages.post("/policies/<code>")
@allow("customer.edit")
def change_policy(code: str) -> Page:
    found, form = _found(code), Form(PolicyForm(), request.form)
    if form.send(lambda values: service.change_policy(actor(), code, values, sent_version())):
        return done(_("Saved."), "house.list_policies")
    return _page(form, found)


def _found(code: str) -> dict[str, Any]:
    rows = POLICIES.page(actor(), {"limit": MOST})["items"]
    found = next((row for row in rows if row["code"] == code), None)
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def _page(form: Form, policy: dict[str, Any] | None = None) -> Page:
    return render_template("settings/policy.html", form=form, policy=policy), form.status
