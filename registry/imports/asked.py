"""What somebody asks of an import: checked once, for verbs that carry it out and for those that prepare it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.customers.models import Customer
from registry.imports.models import SavedMapping
from registry.imports.run import KINDS
from registry.kernel.access import Actor, visible
from registry.kernel.codes import Codes
from registry.kernel.errors import Forbidden, Invalid
from registry.kernel.language import _, quoted

OPTIONS = ("encoding", "delimiter", "sheet", "date_order", "decimal_mark", "mapping", "create_missing")


def label_of_file(filename: str) -> str:
    """The name under which people know the file; never used as a path."""
    name = "".join(char for char in Path(filename).name if char.isprintable())
    return name[-255:] or "file"


def options_of(actor: Actor, customer: Customer, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked for, over what the saved mapping says."""
    given = {name: values[name] for name in OPTIONS if values.get(name) is not None}
    return {**saved_mapping(actor, customer, kind, values.get("saved_mapping")), **given}


def permitted(actor: Actor, customer: Customer, kind: str) -> str:
    if kind not in KINDS:
        raise Invalid.field("kind", _("Choose one of: %(known)s.", known=Codes(tuple(KINDS), "kind")))
    must_import(actor, kind, customer.id)
    return kind


def must_import(actor: Actor, kind: str, customer_id: int) -> None:
    actor.must("import.run", customer_id)
    if not any(actor.can(permission, customer_id) for permission in KINDS[kind].permissions):
        raise Forbidden()


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise Invalid.field(name, _("Choose one of: %(known)s.", known=Codes(tuple(allowed), name)))
    return value


def key_of(kind: str, key: str | None) -> str:
    """The key asked for; empty for the first usual one that the file has."""
    return one_of("key", key, KINDS[kind].keys) if key else ""


def saved_mapping(actor: Actor, customer: Customer, kind: str, name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    where = (SavedMapping.customer_id == customer.id) & (SavedMapping.kind == kind) & (SavedMapping.name == name)
    found = visible(SavedMapping, actor).where(where).first()
    if found is None:
        raise Invalid.field(
            "saved_mapping", _("There is no saved mapping %(name)s for %(kind)s.", name=quoted(name), kind=kind)
        )
    return {**found.options, "mapping": found.columns}
