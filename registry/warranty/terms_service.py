"""Verbs about warranty terms: copy, write, publish a new version. Published versions never change."""

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import ModelSelect, fn

from registry.actions import Action
from registry.kernel import access
from registry.kernel.access import Actor, Permission, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.refs import refer
from registry.kernel.writing import change, create
from registry.warranty.models import Terms, TermsVersion, Warranty
from registry.warranty.terms import TEMPLATES, TermsBody

access.declare(
    Permission("warranty.view", "See warranties, terms and what is owed"),
    Permission("terms.edit", "Write warranty terms and publish versions", customer=False),
)


def install_templates() -> None:
    """The shipped terms, each a row to copy or to use."""
    system = Actor.system()
    for code, (name, body) in TEMPLATES.items():
        if visible(Terms, system).where((Terms.code == code) & Terms.customer_id.is_null()).exists():
            continue
        with transaction():
            terms = Terms.create(code=code, name=name, customer_id=None)
            TermsVersion.create(terms=terms, number=1, body=body.as_dict(), customer_id=None)


def terms(actor: Actor) -> ModelSelect:
    return visible(Terms, actor)


def create_terms(actor: Actor, values: Mapping[str, Any], customer_id: int | None = None) -> Terms:
    """values: code, name, and body (a TermsBody) or `copy_of` (the code of terms to start from)."""
    _may_edit(actor, customer_id)
    body = _first_body(actor, values, customer_id)
    with transaction():
        row = {"code": values["code"], "name": values["name"], "customer_id": customer_id}
        made = create(actor, Terms, row, Action.TERMS_CREATED)
        version = {"terms": made, "number": 1, "body": body.as_dict(), "note": values.get("note") or ""}
        TermsVersion.create(**version, customer_id=customer_id)
    return made


def _may_edit(actor: Actor, customer_id: int | None) -> None:
    """The operator promises, so the operator writes the terms - also those for one customer."""
    if not actor.can("terms.edit"):
        if customer_id is not None and not actor.sees(customer_id):
            raise NotFound()
        raise Forbidden()


def _first_body(actor: Actor, values: Mapping[str, Any], customer_id: int | None) -> TermsBody:
    body, code = values.get("body"), values.get("copy_of")
    if (body is None) == (code is None):
        raise Invalid.field("body", _("Give the body of the terms, or copy_of with the code of terms to start from."))
    return body or body_of(terms_by(actor, str(code), "copy_of", customer_id=customer_id))


def publish(actor: Actor, terms_id: int, body: TermsBody, note: str, version: int | None) -> TermsVersion:
    """A new version. Warranties already given keep theirs."""
    row = fetch(Terms, actor, terms_id)
    _may_edit(actor, row.customer_id)
    with transaction():
        change(actor, row, {"current": row.current + 1}, Action.TERMS_PUBLISHED, version=version)
        return TermsVersion.create(
            terms=row, number=row.current, body=body.as_dict(), note=note, customer_id=row.customer_id
        )


def terms_by(actor: Actor, value: int | str, field: str = "terms", *, customer_id: int | None = None) -> TermsVersion:
    """The current version of the terms that a request names (id or code): the customer's own before the house's."""
    found: Terms | None = None
    if customer_id is not None and isinstance(value, str):
        own = (Terms.customer_id == customer_id) & (Terms.code == value)
        found = visible(Terms, actor).where(own).first()
    if found is None:
        usable = Terms.customer_id.is_null()
        if customer_id is not None:
            usable = usable | (Terms.customer_id == customer_id)
        found = refer(Terms, actor, value, field=field, keys=("code",), where=usable)
    return version_of(actor, found, found.current)


def version_of(actor: Actor, row: Terms, number: int) -> TermsVersion:
    found = (
        visible(TermsVersion, actor, TermsVersion, Terms)
        .join(Terms)
        .where((TermsVersion.terms == row.id) & (TermsVersion.number == number))
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def versions(actor: Actor, terms_id: int) -> list[TermsVersion]:
    row = fetch(Terms, actor, terms_id)
    return list(visible(TermsVersion, actor).where(TermsVersion.terms == row.id).order_by(TermsVersion.number))


def current_of(actor: Actor, terms_id: int) -> TermsVersion:
    row = fetch(Terms, actor, terms_id)
    return version_of(actor, row, row.current)


def given_under(actor: Actor, version_ids: Iterable[int]) -> dict[int, int]:
    """Id of a version -> how many warranties rest on it, of those that he may see. One statement."""
    mine = visible(Warranty, actor.where("warranty.view"), Warranty.terms_version_id, fn.COUNT(Warranty.id))
    query = mine.where(Warranty.terms_version.in_(list(version_ids))).group_by(Warranty.terms_version_id)
    return dict(query.tuples())


def body_of(version: TermsVersion) -> TermsBody:
    return TermsBody.from_dict(version.body)
