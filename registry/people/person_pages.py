"""Pages about one person or program that signs in: the same at a customer (/c/<slug>/people/...) and in the house
(/users/...). What may be done there, and to whom, is for the verbs to say."""

from collections.abc import Callable
from typing import Any

from flask import g, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.customers.service import customer_by
from registry.kernel.access import PERMISSIONS
from registry.kernel.errors import NotFound, Problem
from registry.kernel.language import _
from registry.kernel.locales import LANGUAGES
from registry.people import helping, invitations, machines, service
from registry.people.listing import MACHINE_TOKENS
from registry.people.models import User
from registry.people.pages import members, users
from registry.people.roles import ROLES
from registry.people.schemas import RoleIn, TokenIn, UserIn
from registry.web.acting import pressed
from registry.web.customer import choices, names
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow

Page = Response | tuple[str, int]
View = Callable[..., Page]
MOST_TOKENS = 100
ON_PAGE = ("kind", "name", "email", "role", "language")


def _both(rule: str, name: str, *methods: str) -> Callable[[View], View]:
    """Serve it at a customer and in the house. {} in `name` is what they call one of them there."""

    def add(view: View) -> View:
        for pages, prefix, thing in ((members, "/people", "member"), (users, "", "user")):
            pages.add_url_rule(prefix + rule, name.replace("{}", thing), view, methods=methods or ("GET",))
        return view

    return add


def _here() -> int | None:
    """The customer of this page, or None in the house."""
    return g.customer.id if "customer" in g else None


def _back(text: str, user_id: int) -> Response:
    return done(text, _endpoint("show_{}"), user_id=user_id)


def _endpoint(name: str) -> str:
    return f"{request.blueprint}.{name.replace('{}', 'user' if _here() is None else 'member')}"


# --- New ---------------------------------------------------------------------------------------------------


@_both("/new", "new_{}", "GET")
@allow("user.edit", sudo=True)
def new_person() -> Page:
    actor().must("user.edit", _here())
    return _new_page(Form(UserIn(), shown={"language": _usual_language(), "kind": "person"}, only=ON_PAGE))


@_both("/new", "create_{}", "POST")
@allow("user.edit", sudo=True)
def create_person() -> Page:
    actor().must("user.edit", _here())
    form = Form(UserIn(), request.form, only=ON_PAGE)
    if not form.send(_create):
        return _new_page(form)
    user: User = form.answer
    text = (
        _("The account is made. Make a token for it below.") if user.is_machine else _("The invitation is on its way.")
    )
    return _back(text, user.id)


def _create(values: dict[str, Any]) -> User:
    ready = {name: value for name, value in values.items() if name not in ("customer", "invite")}
    if "customer" in g:
        ready["time_zone"] = g.customer.time_zone
    return invitations.create_and_invite(actor(), customer_id=_here(), **ready)


def _new_page(form: Form) -> Page:
    roles = service.roles_to_give(actor(), _here())
    return render_template("people/new.html", form=form, roles=roles, spoken=LANGUAGES, **_around()), form.status


def _usual_language() -> str:
    spoken = g.customer.language if "customer" in g else actor().language
    return spoken if spoken in LANGUAGES else "en"


# --- One of them -------------------------------------------------------------------------------------------


@_both("/<int:user_id>", "show_{}")
@allow("user.view")
def show_person(user_id: int) -> Page:
    return _page(user_id)


def _page(user_id: int, form: Form | None = None, token_form: Form | None = None, made: str | None = None) -> Page:
    """`form`: what was refused; `made`: the secret of a token that was just made."""
    user, who = _person(user_id), actor()
    may = _may_change(user)
    roles = service.roles_of([user_id]).get(user_id, [])
    refused = form if form is not None and form.status != 200 else token_form
    found = {
        "user": user, "may_change": may, "me_too": user.id == who.user_id, "roles": _shown_roles(roles),
        "invitation": invitations.invitation_of(who, user_id) if not user.is_machine else None,
        "to_give": service.roles_to_give(who, _here()) if may else [],
        "customers": choices(who) if may and _here() is None else [],
        "held": next((role["role"] for role in roles if role["customer_id"] == _here()), None),
        "proofs": helping.proofs_of(who, user_id) if may and not user.is_machine else None,
        "tokens": _tokens(user) if may and user.is_machine else None,
        "only_place": len(roles) == 1, "form": form or Form(RoleIn(), shown={}), "made": made,
        "token_form": token_form or Form(TokenIn(), shown={"days": 90}),
    }  # fmt: skip
    return render_template("people/person.html", **found, **_around()), refused.status if refused else 200


def _person(user_id: int) -> User:
    """At a customer only one of its own people."""
    user = service.get_user(actor(), user_id)
    places = [role["customer_id"] for role in service.roles_of([user_id]).get(user_id, [])]
    if _here() is not None and _here() not in places:
        raise NotFound()
    return user


def _may_change(user: User) -> bool:
    try:
        service.must_outrank(actor(), user)
    except Problem:
        return False
    return True


def _shown_roles(roles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """[{customer, role}]: by name, only at customers that the reader may see; None is the operator's house."""
    known = names(actor(), [role["customer_id"] for role in roles if role["customer_id"]])
    seen = [
        role for role in roles if role["customer_id"] in known or (role["customer_id"] is None and actor().is_operator)
    ]
    return [{"customer": known.get(role["customer_id"]), "role": role["role"]} for role in seen]


def _tokens(user: User) -> list[dict[str, Any]]:
    wanted = {"user": user.id, "sort": "-id", "limit": MOST_TOKENS}
    return MACHINE_TOKENS.page(actor(), wanted)["items"]  # type: ignore[no-any-return]


def _around() -> dict[str, Any]:
    """How the templates find the routes of the place that they are in, and what roles mean."""
    pages = request.blueprint
    at = lambda name, **values: url_for(f"{pages}.{name}", **values)  # noqa: E731
    all_of_them = url_for("users.list_users" if _here() is None else "members.list_members")
    return {"at": at, "list_url": all_of_them, "house": _here() is None, "rights_of": rights_of}


def rights_of(role: str) -> list[str]:
    """What a role may do, a sentence for each right."""
    names = ROLES[role].permissions if role in ROLES else ()
    return [_(PERMISSIONS[name].label) for name in sorted(names) if name in PERMISSIONS]


# --- Buttons -----------------------------------------------------------------------------------------------


def _press(user_id: int, verb: Callable[..., Any], text: str) -> Page:
    _person(user_id)
    form = pressed(lambda: verb(actor(), user_id))
    return _back(text, user_id) if form.status == 200 else _page(user_id, form)


@_both("/<int:user_id>/role", "change_role", "POST")
@allow("user.edit", sudo=True)
def change_role(user_id: int) -> Page:
    """At a customer the role held there; in the house the one of the house, or one at the customer that is named."""
    service.get_user(actor(), user_id)
    form = Form(RoleIn(), request.form)
    if form.send(lambda values: service.set_role(actor(), user_id, values["role"], _place(values["customer"]))):
        return _back(_("The role is changed."), user_id)
    return _page(user_id, form)


def _place(named: int | str | None) -> int | None:
    if _here() is not None:
        return _here()
    return customer_by(actor(), named).id if named is not None else None


@_both("/<int:user_id>/remove", "remove_role", "POST")
@allow("user.edit", sudo=True)
def remove_role(user_id: int) -> Page:
    _person(user_id)
    form = pressed(lambda: service.remove_role(actor(), user_id, _here()))
    if form.status != 200:
        return _page(user_id, form)
    return done(_("The role is taken away."), "users.list_users" if _here() is None else "members.list_members")


@_both("/<int:user_id>/deactivate", "shut", "POST")
@allow("user.edit", sudo=True)
def shut(user_id: int) -> Page:
    return _press(user_id, service.deactivate_user, _("Shut out: every session and token has ended."))


@_both("/<int:user_id>/activate", "open_again", "POST")
@allow("user.edit", sudo=True)
def open_again(user_id: int) -> Page:
    return _press(user_id, service.activate_user, _("Let in again."))


@_both("/<int:user_id>/sign-out", "sign_out", "POST")
@allow("user.edit")
def sign_out(user_id: int) -> Page:
    return _press(user_id, service.end_sessions_of, _("Signed out everywhere."))


@_both("/<int:user_id>/invite", "invite", "POST")
@allow("user.edit")
def invite(user_id: int) -> Page:
    return _press(user_id, invitations.invite, _("The invitation is on its way."))


@_both("/<int:user_id>/withdraw", "withdraw", "POST")
@allow("user.edit")
def withdraw(user_id: int) -> Page:
    return _press(user_id, invitations.withdraw, _("The invitation is withdrawn."))


@_both("/<int:user_id>/proofs/<proof>/remove", "remove_proofs", "POST")
@allow("user.edit", sudo=True, in_person=True)
def remove_proofs(user_id: int, proof: str) -> Page:
    if proof not in list(helping.Proof):
        raise NotFound()
    text = _("Taken away. All sessions have ended, and a mail tells of it.")
    return _press(user_id, lambda who, whom: helping.remove_proofs(who, whom, helping.Proof(proof)), text)


# --- Tokens of a program -----------------------------------------------------------------------------------


@_both("/<int:machine_id>/tokens", "create_token", "POST")
@allow("user.edit", sudo=True)
def create_token(machine_id: int) -> Page:
    _person(machine_id)
    form = Form(TokenIn(), request.form)
    if form.send(lambda values: machines.create_machine_token(actor(), machine_id, **_scoped(values))):
        return _page(machine_id, made=form.answer[1])
    return _page(machine_id, token_form=form)


def _scoped(values: dict[str, Any]) -> dict[str, Any]:
    """No scope chosen: all that the program may."""
    return {**values, "scope": values["scope"] or None}


@_both("/<int:machine_id>/tokens/<int:machine_token_id>/revoke", "revoke_token", "POST")
@allow("user.edit")
def revoke_token(machine_id: int, machine_token_id: int) -> Page:
    _person(machine_id)
    machines.revoke_machine_token(actor(), machine_id, machine_token_id)
    return _back(_("The token is revoked."), machine_id)
