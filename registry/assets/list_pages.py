"""What the list of assets shows."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from registry.assets.family import names_of
from registry.assets.listing import ASSETS
from registry.assets.schemas import AssetChange
from registry.assets.service import bulk
from registry.assets.statuses import status_names
from registry.kernel import language
from registry.kernel.access import visible
from registry.kernel.language import N_, _
from registry.kernel.phrases import month_in
from registry.products.models import Product
from registry.web.lists import cells, tables
from registry.web.lists.bulk import Bulk, Part
from registry.web.lists.cells import Around, Cell, Row, Show, joined
from registry.web.lists.tables import Control, Empty, New, Table, table
from registry.web.words.codes import word

TONES = {"in_repair": "warn", "at_supplier": "warn", "lost": "bad"}


def _unit(row: Row, _around: Around) -> Cell:
    label = row["serial"] or row["tag"] or row["name"] or _("No. %(id)s", id=row["id"])
    below = joined(row["tag"] if row["serial"] else None, row["name"] if row["serial"] or row["tag"] else None)
    return Cell(label, below, style="serial")


def _where(row: Row, around: Around) -> Cell:
    if row["parent_id"]:
        said = _("in %(unit)s", unit=row["parent"] or _("another unit"))
        return Cell(said, row["slot"] or "", around.link("assets.show_asset", row, "parent_id"))
    if row["site"]:
        return Cell(row["site"], row["place"] or "")
    return Cell(row["place"]) if row["place"] else cells.NOTHING


def _status(row: Row, around: Around) -> Cell:
    """Marked only when the unit is not where it should be. Its meaning decides, its name is the house's."""
    return Cell(around.more["statuses"].get(row["status"], row["status"]), badge=TONES.get(row["state"]))


def _gather(around: Around, _rows: Sequence[Row]) -> dict[str, Any]:
    parent = around.given.get("parent", "")
    known = names_of(around.who, [int(parent)]) if re.fullmatch(r"[0-9]{1,18}", parent, re.ASCII) else {}
    name = next(iter(known.values()), "")
    chips = {"parent": name} if name else {}
    product = around.given.get("product", "")
    if re.fullmatch(r"[0-9]{1,18}", product, re.ASCII):
        named = visible(Product, around.who).where(Product.id == int(product)).first()
        chips |= {"product": named.label} if named else {}
    if "ends_in" in around.given:
        chips["ends_in"] = _month_in_words(around.given["ends_in"])
    return {"statuses": status_names(), "chips": chips}


def _month_in_words(text: str) -> str:
    """May 2027, Repair: from 2027-05:repair; what is no month stays as it came."""
    month, _colon, remedy = text.partition(":")
    try:
        said = month_in(date.fromisoformat(f"{month}-01"), language.current(), "yMMMM")
    except ValueError:
        return text
    return _(", ").join((said, word("remedy", remedy))) if remedy else said


TABLE = table(
    Table(
        ASSETS,
        N_("Assets"),
        shown=("unit", "make", "where", "status", "covered_until"),
        shows=(
            Show("unit", N_("Asset"), ("serial", "tag", "name"), _unit),
            Show("make", N_("Product"), ("product", "maker", "part_number"),
                 cells.two_lines("product", "maker", "part_number"), alone=True),
            Show("where", N_("Where"), ("site", "place", "parent", "slot"), _where, ("parent_id",)),
            Show("status", N_("Status"), ("status",), _status, ("state",), alone=True),
            Show("covered_until", N_("Covered until"), ("covered_until",),
                 cells.until("covered_until", N_("Not covered")), alone=True),
            Show("product", N_("Product name"), ("product",), cells.text("product")),
            Show("kind", N_("Kind"), ("kind",), cells.coded("kind", "kind")),
            Show("serial", N_("Serial number"), ("serial",), cells.text("serial", "serial")),
        ),
        controls=(
            tables.find(N_("Serial, tag or name")),
            tables.of_customer,
            tables.coded("kind", N_("Kind"), "kind", blank=N_("All kinds")),
            Control("status", N_("Status"), options=lambda a: list(a.more["statuses"].items()), blank=N_("Any status")),
            Control("site", N_("Site"), options=tables.sites, blank=N_("Any site")),
            tables.coded("covered", N_("Warranty"), "covered"),
        ),
        says={
            "parent": N_("Inside of unit"), "expires_before": N_("Covered today, but not on"),
            "ends_in": N_("Promises that end in"), "covered_until_from": N_("Covered until, from"),
            "covered_until_before": N_("Covered until, before"), "without_site": N_("At no site"),
            "same_serial": N_("Same serial number"),
        },
        details=("assets.show_asset",),
        new=New(N_("Register an asset"), "asset.edit", ("assets.new_asset",)),
        actions=(("imports.new_import", N_("Import a file"), "import.run"),),
        empty=Empty(N_("No assets yet."), N_("Register the first one, or bring in a spreadsheet."),
                    N_("They show up here as soon as somebody has registered them.")),
        gather=_gather,
        bulk=Bulk(
            "asset.edit",
            AssetChange,
            (
                Part("status", N_("Status"), "choice", lambda a: list(a.more["statuses"].items())),
                Part("site", N_("Site"), "choice", tables.sites, clear=None),
                Part("place", N_("Place"), clear=""),
                Part("holder", N_("Assigned to"), "pick", source="lookup.contact", clear=None),
                Part("supplier", N_("Supplier"), clear=""),
                Part("order_number", N_("Order number"), clear=""),
            ),
            bulk,
            ("status", "site", "place", "holder", "supplier", "order_number", "retired_on"),
            (("label_prints.print_form", N_("Print labels"), "printer", "label.print"),),
        ),
        endpoint="assets.list_assets",
        house="house_assets.list_assets",
    )
)  # fmt: skip
