"""What happened to a unit, to its warranties and to its files, with the words and names that people know."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from registry.assets.models import Asset, AssetField, AssetStatus
from registry.assets.statuses import called
from registry.customers.models import Contact, Site
from registry.kernel import language
from registry.kernel.access import Actor, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.language import _
from registry.kernel.listing import Filter, Listing
from registry.kernel.phrases import said_in
from registry.kernel.shapes import id_text
from registry.kernel.writing import BOOKKEEPING
from registry.products.models import Product
from registry.warranty.models import Warranty
from registry.web.amounts import money
from registry.web.history.audit_api import AUDIT
from registry.web.shell import day
from registry.web.words.codes import WORDS, word

# Columns that hold an id -> whose names are told instead.
NAMED: dict[str, Any] = {"site": Site, "parent": Asset, "product": Product, "holder": Contact}
# What their kinds are called.
KINDS = {"asset": "kind", "warranty": "warranty_kind", "file": "file_kind"}
FILED = ("asset.file_added", "asset.file_removed")
HIDDEN = BOOKKEEPING | {"id", "customer_id", "sha256", "file", "asset", "licence", "terms_version", "origin",
                        "covered_from", "covered_until", "lent", "lent_until"}  # fmt: skip


def _about(actor: Actor, asset_id: int) -> Any:
    """Entries of the unit itself, with its files, and of its warranties."""
    warranties = visible(Warranty, actor, Warranty.id).where(Warranty.asset == asset_id)
    own = (AuditEntry.object_type == "asset") & (AuditEntry.object_id == asset_id)
    return own | ((AuditEntry.object_type == "warranty") & AuditEntry.object_id.in_(warranties))


# Not declared: a list of its own for this page, while the audit chain as such has the filters that it has.
OF_UNIT = Listing(
    "audit",
    AuditEntry,
    AUDIT.permission,
    AUDIT.columns,
    scope=AUDIT.scope,
    filters={"customer": AUDIT.filters["customer"], "unit": Filter(id_text(), _about, few=True)},
)


def history_of(
    actor: Actor,
    customer_id: int,
    asset_id: int,
    fields: Iterable[AssetField],
    statuses: Iterable[AssetStatus],
    arguments: Mapping[str, Any],
) -> dict[str, Any]:
    """{"items", "next"}, the latest first; each with `changes`: [(what, before, after)] in words."""
    wanted = {"sort": "-id", **arguments, "customer": customer_id, "unit": asset_id}
    page = OF_UNIT.page(actor, wanted)
    names = _names(actor, page["items"])
    names["status"] = {status.id: called(status.name) for status in statuses}
    titles = {field.name: field.title for field in fields}
    for entry in page["items"]:
        entry["changes"] = _changes(entry, names, titles)
    return page


def _names(actor: Actor, entries: Iterable[Mapping[str, Any]]) -> dict[str, dict[int, str]]:
    """column -> id -> name; the same number of statements however many entries there are."""
    ids: dict[str, set[int]] = {column: {0} for column in NAMED}
    for entry in entries:
        for side in (entry["before"], entry["after"]):
            for column in NAMED:
                if isinstance((side or {}).get(column), int):
                    ids[column].add(side[column])
    return {
        column: {row.id: row.label for row in visible(model, actor).where(model.id.in_(sorted(ids[column])))}
        for column, model in NAMED.items()
    }


def _changes(
    entry: Mapping[str, Any], names: Mapping[str, Mapping[int, str]], titles: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    before, after = (_plain(entry[side]) for side in ("before", "after"))
    words = KINDS["file" if entry["action"] in FILED else entry["object_type"]]
    found = []
    for column in [*after, *(name for name in before if name not in after)]:
        old, new = (_said(side.get(column), column, side, names, words) for side in (before, after))
        if old != new:
            found.append((_title(column, titles), old, new))
    return found


def _plain(side: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without what only the machine needs; custom fields and coverages as columns of their own."""
    known = {name: value for name, value in (side or {}).items() if name not in HIDDEN}
    custom, spans = known.pop("custom", None) or {}, known.pop("parts", None) or ()
    known |= {f"custom.{name}": value for name, value in custom.items()}
    return known | {f"remedy.{span['remedy']}": (span["starts_on"], span["ends_on"]) for span in spans}


def _title(column: str, titles: Mapping[str, str]) -> str:
    group, _dot, name = column.partition(".")
    if group == "custom":
        return titles.get(name, name)
    if group == "remedy":
        return word("remedy", name)
    return next((_(WORDS[group][column]) for group in ("field", "link", "column") if column in WORDS[group]), column)


def _said(value: Any, column: str, side: Mapping[str, Any], names: Mapping[str, Mapping[int, str]], words: str) -> str:
    """A value of the chain as people know it."""
    if value is None or value == "":
        return ""
    if column in names and isinstance(value, int):
        return names[column].get(value) or _("No. %(id)s", id=value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, tuple):
        return f"{_day(value[0])} – {_day(value[1])}"
    if column == "cost_minor" and side.get("currency"):
        return money(value, side["currency"])
    if column in ("kind", "basis"):
        return word(words if column == "kind" else "basis", value)
    if column == "size":
        return _("%(number)s bytes", number=said_in(value, language.current()))
    return _day(value)


def _day(value: Any) -> str:
    """An ISO day as a day; anything else as it is."""
    text = str(value)
    try:
        return day(date.fromisoformat(text)) if len(text) == 10 else text
    except ValueError:
        return text
