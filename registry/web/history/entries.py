"""Entries of the audit chain as people read them: what was done to what, and which fields changed from what to what."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import current_app, url_for

from registry.kernel.access import Actor
from registry.kernel.language import _
from registry.kernel.listing import LISTINGS
from registry.web.history.differences import UNSAID, Difference, differences
from registry.web.history.names import Names
from registry.web.history.plugged import of_plugins
from registry.web.history.values import in_words, part_word
from registry.web.words.codes import WORDS, word
from registry.web.words.history import FIELDS

__all__ = ["UNSAID", "Change", "field_word", "told"]
# What was done to them says it all.
WITHOUT_NAME = frozenset({"notice_run", "notice_plan", "notice_choice", "departure", "session", "calendar_feed"})
COLUMNS = frozenset({"mapping", "columns"})  # of a customer's file: what he calls a column -> what it means to us
FILES = frozenset({"asset.file_added", "asset.file_removed"})  # of an asset; what they tell of is a file
MAIL_TEXT = re.compile(r"(\w+) \(([\w-]+)\)")
IMPORTED = re.compile(r"\w+ from (.+)")
NUMBERED = re.compile(r"[a-z_ ]+ (?:of user )?([0-9]+)")
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
    """Each entry with `what`, `thing`, `label`, `changes`, `url`, and the `slug` and name of its `customer`, or None.

    A statement for each kind of thing that is named, however many entries there are.
    """
    names = Names(who)
    found = [list(of_plugins(entry, differences(entry))) for entry in entries]
    for entry, changed in zip(entries, found, strict=True):
        names.want("customer_id", entry["customer_id"])
        known = {**(entry["before"] or {}), **(entry["after"] or {})}
        names.want_thing(entry["object_type"], entry["object_id"], known)
        for one in changed:
            if len(one.path) == 1:  # of parts that are kept as JSON none refers to anything
                names.want(one.path[0], one.before)
                names.want(one.path[0], one.after)
            names.titles |= {one.path[1]: ""} if one.path[0] == "custom" and one.path[1:] else {}
    names.look()
    return [_entry(entry, changed, names) for entry, changed in zip(entries, found, strict=True)]


def _entry(entry: dict[str, Any], changed: list[Difference], names: Names) -> dict[str, Any]:
    slug = names.slug(entry["customer_id"])
    kind = "asset_file" if entry["action"] in FILES else entry["object_type"]
    return {
        **entry,
        "what": word("done", entry["action"]),
        "thing": word("thing", entry["object_type"]),
        "label": _label(entry, names),
        "slug": slug,
        "customer": names.known("customer_id", entry["customer_id"]) if slug else None,
        "url": _url(entry, slug),
        "changes": [said for one in changed if (said := _change(kind, names, one)).before != said.after],
    }  # fmt: skip


def _label(entry: dict[str, Any], names: Names) -> str:
    """What the thing is called; the number of somebody whom the house's chain does not name."""
    kind, label = entry["object_type"], str(entry["label"])
    if kind in WITHOUT_NAME:
        return ""
    if known := names.thing(kind, entry["object_id"]):
        return known
    if kind == "mail_text" and (found := MAIL_TEXT.fullmatch(label)):
        return _("%(name)s (%(more)s)", name=word("mail", found[1]), more=word("language", found[2]))
    if kind == "import_session" and (found := IMPORTED.fullmatch(label)):
        return found[1]
    if found := NUMBERED.fullmatch(label):
        return _("%(thing)s %(number)s", thing=word("thing", kind), number=found[1])
    return _("unknown account") if label == "unknown account" else label


def _change(kind: str, names: Names, one: Difference) -> Change:
    return Change(_path_word(kind, one.path, names), *(_said(kind, one.path, names, side) for side in one[1:]))


def _said(kind: str, path: tuple[str, ...], names: Names, value: Any) -> str | None:
    if isinstance(value, str) and (not COLUMNS.isdisjoint(path) or path == ("key",)):
        return field_word("", value)
    if isinstance(value, str) and path[0] == "query":
        return _asked(path[-1], value)
    if len(path) > 1:
        return in_words(kind, path[-1], value)
    if isinstance(value, list) and names.known(path[0], next(iter(value), None)):
        return _(", ").join(names.name_of(path[0], one) for one in value)
    return names.known(path[0], value) or in_words(kind, path[0], value)


def _asked(name: str, value: str) -> str:
    """A filter, an order or a choice of columns of a list, as in its address."""
    if name == "columns":
        return _(", ").join(field_word("", column) for column in value.split(","))
    if name == "sort":
        column = field_word("", value.removeprefix("-"))
        return _("%(column)s, falling", column=column) if value[:1] == "-" else _("%(column)s, rising", column=column)
    if value in ("true", "false"):
        return _("yes") if value == "true" else _("no")
    return word(name, value) if name in WORDS else in_words("", name, value) or value


def _path_word(kind: str, path: tuple[str, ...], names: Names) -> str:
    """Service targets · Level 1 · Response; what a field of the customer's own or a remedy is called, alone."""
    column, *within = path
    if column == "custom" and within:
        return " · ".join(names.titles.get(part) or part.replace("_", " ").capitalize() for part in within)
    if column == "parts" and within:
        return " · ".join((word("remedy", within[0]), *(part_word(part) for part in within[1:])))
    if "mapping" in within:  # of a file's columns: their names are the customer's
        return " · ".join((field_word(kind, "mapping"), *within[within.index("mapping") + 1 :]))
    parts = within if column in COLUMNS else [part_word(part) for part in within]
    return " · ".join((field_word(kind, column), *parts))


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
    return None if entry["action"].endswith(".removed") else place_of(entry["object_type"], entry["object_id"], slug)


def place_of(kind: str, number: int | None, slug: str | None) -> str | None:
    """The page of a thing, of the customer of that short name or of the house; None where there is none."""
    endpoint, argument = (PLACES if slug else OF_HOUSE).get(kind, ("", ""))
    if endpoint not in current_app.view_functions or (argument and number is None):
        return None
    values: dict[str, Any] = {argument: number} if argument else {}
    if slug and not endpoint.startswith("products."):
        values["slug"] = slug
    return url_for(endpoint, **values)
