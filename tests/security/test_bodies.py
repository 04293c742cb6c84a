"""What a body may hold is written down for each route. Everything else is an error, above all what is not the caller's
to say: whose a row is, who made it, what it was derived from."""

import re
from typing import Any

from marshmallow import RAISE, fields

from registry.kernel import schema
from tests.security.callers import everybody
from tests.security.rewind import Rewind
from tests.security.shapes import shapes_of
from tests.test_tenancy import routes
from tests.two_companies import Companies, fingerprint

# Columns that no request sets by name, wherever they are.
PROTECTED = {
    "id", "customer_id", "user_id", "created_at", "changed_at", "password_hash", "hash", "prefix", "csrf", "id_hash",
    "key_sealed", "key_hint", "covered_from", "covered_until", "lent_until", "holds_until", "revoked_at",
    "last_used_at", "seen_at",
    "is_admin", "is_staff", "is_superuser", "permissions", "grants", "operator", "roles", "owner", "user",
}  # fmt: skip
# Where one of these names means something else: the route, and why.
MEANT = {
    "POST /api/v1/assets/bulk": {"id"},  # which asset to change, found in the caller's scope
    "PUT /api/v1/customers/<slug>/account-manager": {"user"},  # one of the operator's people, by the operator
    "PUT /api/v1/customers/<slug>/notice-plan": {"roles"},  # whose holders are told
}


def test_every_shape_is_closed(companies: Companies) -> None:
    shapes = list(shapes_of(companies.house.app, "json", "form", "query", "files"))
    assert len(shapes) > 80
    for name, shape in shapes:
        assert shape.unknown == RAISE, name
        for field in shape.fields.values():
            inner = field.inner if isinstance(field, fields.List) else field
            assert not isinstance(inner, fields.Nested) or inner.schema.unknown == RAISE, name


def test_no_shape_holds_what_is_not_the_callers_to_say(companies: Companies) -> None:
    shapes = list(shapes_of(companies.house.app))
    assert len(shapes) > 50 and MEANT.keys() <= {name for name, _ in shapes}
    for name, shape in shapes:
        given = {field for field, one in shape.fields.items() if not one.dump_only}
        assert not (given & PROTECTED) - MEANT.get(name, set()), name


def test_no_change_moves_a_thing_to_another_company(companies: Companies) -> None:
    """Whose something is, is said once, when it is made."""
    changes = [(name, shape) for name, shape in shapes_of(companies.house.app) if name.startswith("PATCH ")]
    assert len(changes) > 10
    for name, shape in changes:
        assert not {"customer", "customer_id", "slug"} & shape.fields.keys(), name


def test_a_field_that_is_not_in_the_shape_is_refused_by_name(companies: Companies) -> None:
    """Every route, and every column of every table that its shape does not name."""
    known = {name: shape for name, shape in shapes_of(companies.house.app) if isinstance(shape.fields, dict)}
    columns = {column for model in schema.models() for column in model._meta.columns} | PROTECTED
    admin = next(one for one in everybody(companies) if one.name == "admin's session")
    rewind, before, tried = Rewind(companies.house), fingerprint(companies.acme["customer"]), 0
    for route in routes(companies.house):
        shape, usual = known.get(route.name), route.options(companies.acme).get("json")
        if shape is None or not isinstance(usual, dict):
            continue
        extra = {name: _value(name, companies) for name in columns - shape.fields.keys()}
        answer = admin.call(route.method, route.path(companies.acme), json=usual | extra)
        assert answer.status_code == 422, f"{route.name}: {answer.status_code} {answer.text[:200]}"
        assert extra.keys() <= answer.json["errors"].keys(), (
            f"{route.name} takes {extra.keys() - answer.json['errors']}"
        )
        if rewind.changed:
            assert fingerprint(companies.acme["customer"]) == before, route.name
        rewind.back()
        tried += 1
    assert tried > 30


def _value(name: str, companies: Companies) -> Any:
    return companies.globex["customer"] if re.search("id$|customer", name) else True


def test_a_token_is_for_who_makes_it(companies: Companies) -> None:
    people = companies.people
    for name in ("user", "user_id", "owner", "email", "for"):
        body = {"name": "not mine", name: people.admin.user.id}
        assert people.owner.post("/api/v1/tokens", body).status_code == 422
    made = people.owner.post("/api/v1/tokens", {"name": "mine"}).json["token"]
    client = companies.house.app.test_client()
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {made}"}).json["id"] == people.owner.user.id
