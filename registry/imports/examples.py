"""Files to begin with: the headings that an import understands, in the reader's language, and two rows as they may
stand below them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.assets.fields import fields_for
from registry.assets.statuses import statuses
from registry.customers.models import Customer
from registry.imports.mapping import FieldSpec, match_headers
from registry.imports.run import KINDS
from registry.kernel.access import Actor
from registry.kernel.language import _
from registry.kernel.tabular import Column

# Of use to what we export ourselves; people write an amount with its decimals, and a column for each custom field.
FOR_PROGRAMS = frozenset({"cost_minor", "custom"})
DAY = date(2026, 3, 2)
_VALUES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "assets": (
        {"serial": "FOC-2231-X0A1", "tag": "IT-00412", "part_number": "C9300-48P", "product": "Catalyst 9300",
         "name": "core-sw-01", "maker": "Cisco", "site": "Taipei HQ", "place": "Room 2, rack 4", "kind": "hardware",
         "status": "in_use", "supplier": "Example Trading", "order_number": "PO-2026-017", "purchased_on": DAY,
         "delivered_on": DAY, "accepted_on": DAY, "cost": 4200, "notes": "Spare power supply in the cabinet"},
        {"serial": "AVG-1907-M33", "part_number": "SFP-10G-LR", "product": "10GBASE-LR", "maker": "Cisco",
         "parent": "FOC-2231-X0A1", "slot": "Te1/1/1", "kind": "optic", "status": "in_use", "delivered_on": DAY},
    ),
    "sites": (
        {"name": "Taipei HQ", "address": "1 Example Road", "city": "Taipei", "province": "Taipei", "country": "TW",
         "postal_code": "110"},
        {"name": "Werk Süd", "address": "Beispielweg 5", "city": "München", "country": "DE", "postal_code": "80331"},
    ),
    "contacts": (
        {"name": "林美玲", "email": "lin@company.example", "phone": "+886 2 5555 0100", "title": "IT manager",
         "trained": True, "language": "zh-Hant"},
        {"name": "Jörg Müller", "email": "mueller@company.example", "phone": "+49 89 555 0101", "trained": False},
    ),
    "products": (
        {"name": "Catalyst 9300", "maker": "Cisco", "part_number": "C9300-48P", "kind": "hardware",
         "sold_until": date(2029, 10, 31), "supported_until": date(2034, 10, 31)},
        {"name": "10GBASE-LR", "maker": "Cisco", "part_number": "SFP-10G-LR", "kind": "optic"},
    ),
    "licences": (
        {"name": "Office suite 2026", "product": "Office suite", "maker": "Example Software", "metric": "named_user",
         "quantity": 120, "purchased_on": DAY, "starts_on": DAY, "ends_on": date(2027, 3, 1),
         "order_number": "PO-2026-018", "supplier": "Example Trading", "cost": 9600},
        {"name": "Backup agents", "product": "Backup agent", "metric": "device", "quantity": 20, "starts_on": DAY,
         "order_number": "PO-2026-019"},
    ),
}  # fmt: skip
# Where the rows of the file have none: it must be there already, or would say something else than they do.
_SHOWN = {
    "holder": "lin@company.example", "launched_on": "2026-03-09", "registered_on": "2026-03-09", "currency": "TWD",
    "retired_on": "2031-12-31", "site": "Taipei HQ", "first_name": "Jörg", "last_name": "Müller",
    "patched_until": "2033-10-31", "delivered_on": "2026-03-02", "accepted_on": "2026-03-05", "key": "AAAA-BBBB-CCCC",
    "maintenance_until": "2027-03-01", "proof": "Invoice 4711", "reassignable": "yes", "hard_limit": "no",
    "licensed_to_name": "Example Ltd", "licensed_to_email": "it@company.example", "notes": "Bought with the switches",
    "province": "Bavaria",
}  # fmt: skip
_OF_TYPE = {"text": "example", "integer": 1, "decimal": 1.5, "boolean": True, "day": DAY}


@dataclass(frozen=True)
class Heading:
    """A column of an example file. `values` are those of its two rows; None for an empty cell."""

    spec: FieldSpec
    title: str
    values: tuple[Any, Any]

    @property
    def also(self) -> Sequence[str]:
        return self.spec.synonyms[:4]

    @property
    def shown(self) -> str:
        """One value, as it is written in a file."""
        value = next((one for one in self.values if one is not None), _SHOWN.get(self.spec.name, ""))
        return str(value).lower() if isinstance(value, bool) else str(value)

    def column(self) -> Column:
        found = next((value for value in self.values if value is not None), "")
        kinds: tuple[tuple[type, Any], ...] = ((bool, "boolean"), (int, "integer"), (float, "decimal"), (date, "day"))
        return Column(self.spec.name, self.title, next((kind for one, kind in kinds if isinstance(found, one)), "text"))


def headings(actor: Actor, customer: Customer, kind: str) -> list[Heading]:
    specs = [spec for spec in KINDS[kind].fields(actor, customer, {}) if spec.name not in FOR_PROGRAMS]
    first, second = _rows(actor, customer, kind)
    return [
        Heading(spec, _title(spec, specs), (first.get(spec.name), second.get(spec.name)))
        for spec in specs
    ]  # fmt: skip


def _title(spec: FieldSpec, specs: list[FieldSpec]) -> str:
    """In the reader's language where an import takes it for this very field."""
    said = _(spec.title)
    found = match_headers([said], specs).columns.get(0)
    return said if found is not None and found.name == spec.name else spec.title


def _rows(actor: Actor, customer: Customer, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    first, second = (dict(row) for row in _VALUES.get(kind, ({}, {})))
    if kind == "assets":
        names = {status.code: status.name for status in statuses()}
        for row in (first, second):
            row["status"] = names.get(row["status"])
            row.update(_custom(actor, customer, row["kind"]))
    return first, second


def _custom(actor: Actor, customer: Customer, kind: str) -> Iterator[tuple[str, Any]]:
    for row in fields_for(actor, customer.id, kind):
        yield f"custom.{row.name}", row.choices[0] if row.choices else _OF_TYPE.get(row.type)
