"""All units at a site as a paper: by place, what is inside of a unit below it, and until when each is covered."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from registry.actions import Action
from registry.assets.family import INSIDE, by_slot, inside
from registry.assets.models import Asset, AssetStatus
from registry.assets.statuses import status_names
from registry.customers.models import Customer, Site
from registry.kernel import audit, language
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import _, ngettext
from registry.kernel.paper import Col, Paper
from registry.products.models import Product
from registry.web.shell import day as said_day
from registry.web.words.countries import country

MOST = 5_000  # units on a paper: some 180 pages, two seconds of work
DEEPEST = 6
DAY: Any = Asset.covered_until.python_value
Unit = dict[str, Any]


def site_paper(who: Actor, customer: Customer, site_id: int, today: date, *, issuer: str) -> Paper:
    """In the language of the moment. Raises Invalid for a site with more than MOST units.

    That the list left the house is written into the customer's history, as with every export.
    """
    site = fetch(Site, who, site_id)
    if site.customer_id != customer.id:
        raise NotFound()
    for permission in ("asset.view", "export.run"):
        who.must(permission, customer.id)
    units, below = _units(who, site)
    count = len(units) + sum(len(rows) for rows in below.values())
    paper = Paper(_("Assets at %(site)s", site=site.name), issuer, language.current())
    parts = (site.address, site.postal_code, site.city, country(site.country))
    town = ", ".join(part for part in parts if part)
    paper.title(site.name, customer.name)
    counted = ngettext("%(num)s asset", "%(num)s assets", count)
    paper.facts([(_("Address"), town), (_("Assets"), counted), (_("As of"), said_day(today))])
    paper.skip(8)
    columns = [Col(_("Asset"), 26, bold=True), Col(_("Product"), 32), Col(_("Name"), 18), Col(_("Status"), 14),
               Col(_("Covered until"), 18)]  # fmt: skip
    names = status_names()
    paper.table(columns, _rows(units, below, names, today))
    purpose = "own work" if who.is_operator else "own data"
    told = audit.Entry(Action.EXPORTED, "asset", None, "assets.pdf",
                       after={"filters": {"site": site.name}, "purpose": purpose})  # fmt: skip
    with transaction():
        audit.record(who, customer.id, [told])
    return paper


def _units(who: Actor, site: Site) -> tuple[list[Unit], dict[int, list[Unit]]]:
    """Units at the site by place, and those inside of a unit by its id. One statement for each level."""
    units = _standing(who, site)
    below: dict[int, list[Unit]] = {}
    level, count = units, len(units)
    for _level in range(DEEPEST):
        if not level or count > MOST:
            break
        level = inside(who, (row["id"] for row in level), MOST + 1 - count)
        count += len(level)
        for row in level:
            below.setdefault(row["parent_id"], []).append(row)
    if count > MOST:
        raise Invalid(_("More than %(most)s assets are here, which is too many for a paper. Export the list instead.",
                         most=MOST))  # fmt: skip
    return units, below


def _standing(who: Actor, site: Site) -> list[Unit]:
    query = visible(
        Asset, who, Asset.id, Asset.parent_id, Asset.place, Asset.serial, Asset.tag, Asset.name, Asset.kind,
        Product.name, AssetStatus.code, AssetStatus.meta, Asset.covered_until,
    )  # fmt: skip
    query = query.join_from(Asset, Product).join_from(Asset, AssetStatus)
    query = query.where((Asset.customer_id == site.customer_id) & (Asset.site == site.id)).order_by(Asset.id)
    names = ("place" if name == "slot" else name for name in INSIDE)
    columns = tuple(names)
    rows = [dict(zip(columns, row, strict=True)) for row in query.limit(MOST + 1).tuples()]
    return sorted(rows, key=lambda row: by_slot({"slot": row["place"]}))


def _rows(
    units: Iterable[Unit], below: dict[int, list[Unit]], names: dict[str, str], today: date
) -> Iterator[list[str]]:
    place = None
    for unit in units:
        if unit["place"] != place:
            place = unit["place"]
            yield [place or _("No place given")]
        yield from _with_inside(unit, below, names, today, 0)


def _with_inside(
    unit: Unit, below: dict[int, list[Unit]], names: dict[str, str], today: date, depth: int
) -> Iterator[list[str]]:
    label = unit["serial"] or unit["tag"] or unit["name"] or _("No. %(id)s", id=unit["id"])
    slot = f"{unit['slot']}: " if depth and unit["slot"] else ""
    until = DAY(unit["covered_until"])
    ended = _("(ended)") if until and until < today else ""
    yield [
        f"{'– ' * depth}{slot}{label}", unit["product"], unit["name"] or unit["tag"] or "",
        names.get(unit["status"]) or unit["status"], f"{said_day(until)} {ended}".strip() if until else "–",
    ]  # fmt: skip
    for row in below.get(unit["id"], ()):
        yield from _with_inside(row, below, names, today, depth + 1)
