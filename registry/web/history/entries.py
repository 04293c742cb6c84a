"""Entries of the audit chain as people read them: what was done to what, and which fields changed from what to what."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import current_app, url_for

from registry.assets.models import Asset, AssetStatus
from registry.assets.statuses import called
from registry.contracts.models import Contract
from registry.customers.models import Contact, Customer, ServicePolicy, Site
from registry.kernel.access import Actor, Scoped, visible
from registry.kernel.language import _
from registry.kernel.listing import LISTINGS
from registry.licences.models import Licence
from registry.people.models import User
from registry.people.service import users
from registry.products.models import Product
from registry.web.shell import day, moment
from registry.web.words.codes import WORDS, word
from registry.web.words.history import FIELDS
from registry.web.words.promises import said_period

# Which columns hold the id of something, and what that is called.
REFERENCES: dict[str, tuple[Any, str]] = {
    "site": (Site, "name"), "product": (Product, "name"), "parent": (Asset, "serial"), "asset": (Asset, "serial"),
    "holder": (Contact, "name"), "contact": (Contact, "name"), "licence": (Licence, "name"),
    "contract": (Contract, "number"), "policy": (ServicePolicy, "name"), "user": (User, "name"),
    "customer_id": (Customer, "name"), "status": (AssetStatus, "name"),
}  # fmt: skip
UNSAID = frozenset({"id", "version", "created_at", "changed_at", "customer_id", "requested_by_id"})
WITHOUT_NAME = frozenset({"duty_done", "notice_run"})  # what was done says it all
LONGEST = 120
DAY, MOMENT = (
    re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]{8,15}\+00:00"),
)
PERIOD = re.compile(r"P([0-9]+[YMWD])+")
CODES = {
    ("asset", "kind"): "kind", ("product", "kind"): "kind", ("warranty", "kind"): "warranty_kind",
    ("app_user", "kind"): "account_kind", ("custody_item", "kind"): "item_kind",
    ("custody_task", "state"): "task_state", ("package", "state"): "package_state",
    ("asset_status", "meta"): "meta", ("asset_field", "type"): "field_type",
    ("warranty", "basis"): "basis", ("contract_duty", "kind"): "duty_kind",
    ("contract", "renewal"): "renewal", ("licence", "metric"): "metric",
    ("", "role"): "role", ("", "how"): "how", ("", "remedy"): "remedy", ("", "second_factor"): "how",
}  # fmt: skip
# object type -> (endpoint, name of its argument); where no such page is, nothing is linked.
PLACES = {
    "asset": ("assets.show_asset", "asset_id"), "licence": ("licences.show_licence", "licence_id"),
    "warranty": ("warranties.show_warranty", "warranty_id"), "contract": ("contracts.show_contract", "contract_id"),
    "site": ("sites.show_site", "site_id"), "contact": ("contacts.show_contact", "contact_id"),
    "app_user": ("members.show_member", "user_id"), "webhook": ("notices.show_webhook", "webhook_id"),
    "package": ("handover.show_package", "package_id"), "custody_task": ("handover.show_task", "task_id"),
    "disclosure_approval": ("handover.show_approval", "approval_id"),
    "import_session": ("imports.show_import", "session_id"), "customer": ("overview.overview", ""),
    "notice_plan": ("notices.overview", ""), "product": ("products.show_product", "product_id"),
}  # fmt: skip
OF_HOUSE = {"app_user": ("users.show_user", "user_id"), "product": ("products.show_product", "product_id")}


@dataclass(frozen=True, slots=True)
class Change:
    """A field and what it was and became, in words; None where there is nothing."""

    field: str
    before: str | None
    after: str | None


def told(who: Actor, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each entry with `what`, `thing`, `changes`, `url` and `slug` (whose it is; None for the house).

    A statement for each kind of thing that is named, however many entries there are.
    """
    names = _Names(who)
    pairs = [list(_pairs(entry)) for entry in entries]
    for entry, found in zip(entries, pairs, strict=True):
        names.want("customer_id", entry["customer_id"])
        for field, before, after in found:
            names.want(field, before)
            names.want(field, after)
    names.look()
    return [_entry(entry, found, names) for entry, found in zip(entries, pairs, strict=True)]


def _entry(entry: dict[str, Any], pairs: list[tuple[str, Any, Any]], names: "_Names") -> dict[str, Any]:
    slug = names.slug(entry["customer_id"])
    return {
        **entry,
        "what": word("done", entry["action"]),
        "thing": word("thing", entry["object_type"]),
        "label": _label(entry),
        "slug": slug,
        "url": _url(entry, slug),
        "changes": [_change(entry["object_type"], names, *pair) for pair in pairs],
    }  # fmt: skip


def _label(entry: dict[str, Any]) -> str:
    """What the thing was called; the number of somebody whom the house's chain does not name."""
    kind, number = entry["object_type"], entry["object_id"]
    if kind in WITHOUT_NAME:
        return ""
    if kind == "warranty":
        return _("Warranty %(id)s", id=number)
    return f"{word('thing', kind)} {number}" if entry["label"] == f"{kind} {number}" else str(entry["label"])


def _change(kind: str, names: "_Names", field: str, before: Any, after: Any) -> Change:
    said = [names.said(field, _coded(kind, field, value)) for value in (before, after)]
    return Change(field_word(kind, field), *said)


def _pairs(entry: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(field, before, after) of what changed, in the order of the names."""
    before, after = entry["before"] or {}, entry["after"] or {}
    for name in sorted({*before, *after} - UNSAID):
        old, new = before.get(name), after.get(name)
        if old != new and not (_empty(old) and _empty(new)):
            yield name, old, new


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


class _Names:
    """What ids are called, looked up together: one statement for each model."""

    def __init__(self, who: Actor) -> None:
        self.who = who
        self.wanted: dict[str, set[int]] = defaultdict(set)
        self.found: dict[tuple[str, int], str] = {}
        self.slugs: dict[int, str] = {}

    def want(self, field: str, value: Any) -> None:
        if field in REFERENCES and isinstance(value, int) and not isinstance(value, bool) and value:
            self.wanted[field].add(value)

    def look(self) -> None:
        by_model: dict[tuple[Any, str], set[int]] = defaultdict(set)
        for field, ids in self.wanted.items():
            by_model[REFERENCES[field]] |= ids
        known = {place: dict(self._rows(*place, ids)) for place, ids in by_model.items()}
        for field, ids in self.wanted.items():
            self.found.update({(field, one): name for one, name in known[REFERENCES[field]].items() if one in ids})

    def _rows(self, model: Any, column: str, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
        columns = [model.id, getattr(model, column), *([Customer.slug] if model is Customer else [])]
        if model is User:
            query = users(self.who).select(*columns)
        else:
            query = visible(model, self.who, *columns) if issubclass(model, Scoped) else model.select(*columns)
        for row in query.where(model.id.in_(sorted(ids))).tuples():
            if model is Customer:
                self.slugs[row[0]] = row[2]
            yield row[0], called(row[1]) if model is AssetStatus else row[1]

    def slug(self, customer_id: int) -> str | None:
        return self.slugs.get(customer_id)

    def said(self, field: str, value: Any) -> str | None:
        if _empty(value):
            return None
        if (field, value if isinstance(value, int) else 0) in self.found:
            return self.found[field, value] or f"#{value}"
        return f"#{value}" if field in REFERENCES and isinstance(value, int) else _plain(value)


def _plain(value: Any) -> str:
    text = _flat(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _flat(value: Any) -> str:
    """What is kept as JSON, as a line of text."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return " ".join(
            f"{_key(name)}: {_flat(_coded('', name, one))}" for name, one in value.items() if not _empty(one)
        )
    if isinstance(value, list):
        return ("; " if any(isinstance(one, dict) for one in value) else ", ").join(_flat(one) for one in value)
    if isinstance(value, str) and DAY.fullmatch(value):
        return day(value)
    if isinstance(value, str) and PERIOD.fullmatch(value):
        return said_period(value)
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return moment(value.replace(" ", "T"))
    return str(value)


def _key(name: str) -> str:
    """What a part of a value that is kept as JSON is called."""
    return word("topic", name) if name in WORDS["topic"] else field_word("", name)


def _coded(kind: str, field: str, value: Any) -> Any:
    """A code by its word, where it is one that people know under another name."""
    group = CODES.get((kind, field)) or CODES.get(("", field))
    return word(group, value) if group and isinstance(value, str) else value


@cache
def _titles(kind: str) -> dict[str, str]:
    listing = LISTINGS.get({"app_user": "user", "service_policy": "policy"}.get(kind, kind))
    return {column.name: column.title for column in listing.columns} if listing else {}


def field_word(kind: str, field: str) -> str:
    """What a column of that kind of thing is called."""
    known = WORDS["field"].get(field) or WORDS["link"].get(field) or FIELDS.get(field) or _titles(kind).get(field)
    return _(known) if known else field.replace("_", " ").capitalize()


def _url(entry: dict[str, Any], slug: str | None) -> str | None:
    """Where the thing can be looked at: nothing for what was removed."""
    if entry["action"].endswith(".removed"):
        return None
    endpoint, argument = (PLACES if slug else OF_HOUSE).get(entry["object_type"], ("", ""))
    if endpoint not in current_app.view_functions or (argument and entry["object_id"] is None):
        return None
    values: dict[str, Any] = {argument: entry["object_id"]} if argument else {}
    if slug and not endpoint.startswith("products."):
        values["slug"] = slug
    return url_for(endpoint, **values)
