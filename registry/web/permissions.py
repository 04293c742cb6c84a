"""Who may do what, as Markdown: written from the roles, the permissions and the routes that there are."""

from collections.abc import Iterator
from dataclasses import fields

from flask import Flask

from registry.kernel.access import PERMISSIONS
from registry.people.roles import ROLES, Role
from registry.web.policy import Policy, policy_of

INTRODUCTION = """# Permissions

Written by `make docs` from the code; a test compares. Roles are named sets of permissions. A role of the operator holds
for every customer, a customer's role for that customer alone. A token may do what its owner may, and no more than its
scope. What somebody may not see answers 404, what he may see and not do 403.
"""
ROUTES = """
## Routes

Each route declares what it asks of the caller before anything else is looked at; the verb behind it then checks for
whom, and may ask for more: changing sites and contacts takes `customer.contacts` or `customer.edit`; the operator's
catalogue `product.edit`, a customer's own products `asset.edit`; custom fields `setting.edit`; an import the rights
over what it brings in; an approval of disclosure `disclosure.approve` or `disclosure.record`. `sudo`: by session only
after a fresh proof of who one is. `in person`: by session, never by token. `enrolling`: also for who has yet to set up
the second factor that is demanded. HEAD goes with GET; OPTIONS needs what the route needs; every other method is 405.

| method | address | asks for | passed by |
|---|---|---|---|"""


def describe(app: Flask) -> str:
    """The whole document."""
    return "\n".join([INTRODUCTION, *_roles(), ROUTES, *_routes(app)])


def _roles() -> Iterator[str]:
    operators = [role for role in ROLES.values() if role.operator]
    customers = [role for role in ROLES.values() if not role.operator]
    for title, roles in (("The operator's roles", operators), ("Customers' roles", customers)):
        yield f"## {title}\n"
        yield f"| permission | meaning | {' | '.join(role.label for role in roles)} |"
        yield f"|---|---|{'---|' * len(roles)}"
        for name, permission in sorted(PERMISSIONS.items()):
            held = ["yes" if name in role.permissions else "" for role in roles]
            if permission.customer or roles is operators:
                yield f"| `{name}` | {permission.label} | {' | '.join(held)} |"
        yield ""


def _routes(app: Flask) -> Iterator[str]:
    rows = []
    for rule in app.url_map.iter_rules():
        policy = policy_of(app, rule.endpoint)
        if policy is not None:
            rows += [
                (rule.rule, method, _asks(policy), _passed_by(policy))
                for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            ]
    for address, method, asks, passed in sorted(rows):
        yield f"| {method} | `{address}` | {asks} | {passed} |"


def _asks(policy: Policy) -> str:
    first = {"public": "nothing", "signed_in": "a session or token"}.get(policy.kind, f"`{policy.permission}`")
    known = ("kind", "permission")
    more = [one.name.replace("_", " ") for one in fields(policy) if one.name not in known and getattr(policy, one.name)]
    return ", ".join([first, *more])


def _passed_by(policy: Policy) -> str:
    if policy.kind == "public":
        return "anybody"
    if not policy.permission:
        return "everybody"
    passing: list[Role] = [role for role in ROLES.values() if policy.permission in role.permissions]
    return "everybody" if len(passing) == len(ROLES) else ", ".join(role.label.lower() for role in passing)
