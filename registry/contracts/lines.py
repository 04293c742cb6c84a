"""Verbs about what a contract covers. A line that names warranty terms brings the duties of these terms."""

from collections.abc import Callable, Mapping
from typing import Any

from registry.actions import Action
from registry.assets.service import asset_by
from registry.contracts.lending import line_changed
from registry.contracts.models import COVERS, Contract, ContractLine, Duty
from registry.contracts.service import for_writing
from registry.customers.places import site_by
from registry.kernel.access import Actor, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.writing import ANY_VERSION, change, create, remove
from registry.licences.service import licence_by
from registry.products.service import product_by
from registry.warranty.terms_service import body_of, terms_by

_FIND: dict[str, Callable[[Actor, Any, int], Any]] = {
    "asset": lambda actor, value, customer: asset_by(actor, value, customer_id=customer),
    "licence": lambda actor, value, customer: licence_by(actor, value, customer_id=customer),
    "product": lambda actor, value, customer: product_by(actor, value, customer_id=customer),
    "site": lambda actor, value, customer: site_by(actor, value, customer),
}


def line_of(actor: Actor, contract: Contract, line_id: int) -> ContractLine:
    """One of the contract's own lines, or NotFound."""
    mine = visible(ContractLine, actor).where(ContractLine.contract == contract.id)
    found = mine.where(ContractLine.id == line_id).first()
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def add_line(actor: Actor, contract_id: int, values: Mapping[str, Any]) -> ContractLine:
    """values: one of asset, licence, product, site, everything; terms, starts_on, ends_on, note.

    Raises Conflict when an open line names the same thing already.
    """
    contract = for_writing(actor, contract_id)
    ready = {"contract": contract.id, "customer_id": contract.customer_id}
    ready |= _covered(actor, contract.customer_id, values)
    ready |= {name: values[name] for name in ("starts_on", "ends_on", "note") if name in values}
    _check_dates(ready)
    version = None
    if values.get("terms") is not None:
        version = terms_by(actor, values["terms"], customer_id=contract.customer_id)
        ready["terms_version"] = version.id
    with transaction():
        line = create(actor, ContractLine, ready, Action.CONTRACT_LINE_ADDED)
        if version is not None:
            _bring_duties(actor, line, version)
        line_changed(line)
    return line


def _covered(actor: Actor, customer_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The one thing that the line names, found among what this customer has."""
    given = [name for name in COVERS if values.get(name) not in (None, False)]
    if len(given) != 1:
        text = _("Choose what it covers: one asset, licence, product or site, or everything.")
        raise Invalid.field(given[1] if given else "asset", text)
    name = given[0]
    if name == "everything":
        return {"everything": True}
    return {name: _FIND[name](actor, values[name], customer_id).id}


def _bring_duties(actor: Actor, line: ContractLine, version: Any) -> None:
    """The warranty itself, and the patrols that the terms promise for each year."""
    common = {"customer_id": line.customer_id, "contract": line.contract_id, "line": line.id}
    title = _("Warranty by the terms %(name)s", name=version.terms.name)[:255]
    create(actor, Duty, {**common, "kind": "warranty", "title": title}, Action.DUTY_ADDED)
    for coverage in body_of(version).coverages:
        if coverage.per_year:
            row = {**common, "kind": "patrol", "title": "Patrols", "per_year": coverage.per_year}
            create(actor, Duty, row, Action.DUTY_ADDED)


def change_line(
    actor: Actor, contract_id: int, line_id: int, values: Mapping[str, Any], version: int | None
) -> ContractLine:
    """Change starts_on, ends_on or note. What a line covers never changes: end it and add another."""
    contract = for_writing(actor, contract_id)
    line = line_of(actor, contract, line_id)
    _check_dates({**line.__data__, **values})
    with transaction():
        change(actor, line, values, Action.CONTRACT_LINE_CHANGED, version=version)
        line_changed(line)
    return line


def _check_dates(facts: Mapping[str, Any]) -> None:
    start, end = facts.get("starts_on"), facts.get("ends_on")
    if start is not None and end is not None and end < start:
        raise Invalid.field("ends_on", _("The line cannot end before it starts."))


def remove_line(actor: Actor, contract_id: int, line_id: int, version: int | None) -> None:
    """Delete a line entered by mistake, with its duties. To end one, give it an ends_on instead.

    Raises Conflict when something was done for one of its duties.
    """
    contract = for_writing(actor, contract_id)
    line = line_of(actor, contract, line_id)
    with transaction():
        for duty in visible(Duty, actor).where(Duty.line == line.id):
            remove(actor, duty, Action.DUTY_REMOVED, version=ANY_VERSION)
        remove(actor, line, Action.CONTRACT_LINE_REMOVED, version=version)
        line_changed(line)
