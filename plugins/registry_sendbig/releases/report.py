"""Where a release has arrived: whom it is for, who took it, who has it on which unit, who lacks it. Counted by the
database, one statement each beside that of the time zones, and paged by keyset."""

from typing import Any

from peewee import Case, fn

from registry.sdk import Actor, Customer, units_and_cover, visible
from registry_sendbig.models import Installed, Receipt, Release, Taken, Told
from registry_sendbig.releases.entitled import joined, with_versions
from registry_sendbig.releases.service import release_of

DEFAULT, LARGEST = 50, 500
STATES = ("affected", "unknown", "patched", "other")


class _Units:
    """The units under contract of the release's product, with what each runs and what that means."""

    def __init__(self, actor: Actor, release: Release, customer_id: int | None = None) -> None:
        covered = units_and_cover(actor, products=[release.product_id], customer_id=customer_id)
        self.unit, self.known = with_versions(covered)
        key = self.known.version_rank
        self.unknown = key.is_null()
        if release.below_rank:
            self.patched = key >= release.below_rank
            self.other = key < release.from_rank
            self.needing = self.unknown | ((key >= release.from_rank) & (key < release.below_rank))
        else:  # a release without a version is about every unit
            self.needing = self.unit.c.unit.is_null(False)
            self.patched = self.other = self.unit.c.unit.is_null()

    def read(self, *columns: Any) -> Any:
        return self.all(*columns).where(self.unit.c.covered == 1)

    def all(self, *columns: Any) -> Any:
        """Those under no contract, too."""
        return joined(self.unit, self.known, *columns)

    def counts(self) -> list[Any]:
        """units, affected (the unknown ones among them), unknown, patched, other."""
        sums = {"affected": self.needing, "unknown": self.unknown, "patched": self.patched, "other": self.other}
        told = [fn.COALESCE(fn.SUM(Case(None, [(hit, 1)], 0)), 0).alias(name) for name, hit in sums.items()]
        return [fn.COUNT(self.unit.c.unit).alias("units"), *told]


def numbers(actor: Actor, release_id: int) -> dict[str, int]:
    """units (under contract), affected, of them unknown, patched, other (outside of the range), customers (who have
    affected ones)."""
    release = release_of(actor, release_id)
    units = _Units(actor, release)
    customers = fn.COUNT(Case(None, [(units.needing, units.unit.c.customer_id)]).distinct()).alias("customers")
    [row] = units.read(*units.counts(), customers).dicts()
    return {name: int(value) for name, value in row.items()}


def customers(
    actor: Actor, release_id: int, *, limit: int = DEFAULT, after: int = 0
) -> tuple[list[dict[str, Any]], int | None]:
    """The distribution list: customers with affected units under contract, by id, with counts; who was written to, took
    and confirmed it. (rows, where the next page begins)"""
    release = release_of(actor, release_id)
    units = _Units(actor, release)
    owner, needing = units.unit.c.customer_id, fn.SUM(Case(None, [(units.needing, 1)], 0))
    query = units.read(owner, *units.counts()).where(owner > after).group_by(owner).having(needing > 0)
    rows = list(query.order_by(owner).limit(limit + 1).dicts())
    page: list[dict[str, Any]] = [{name: int(value) for name, value in row.items()} for row in rows[:limit]]
    ids = [row["customer_id"] for row in page]
    names = {one.id: one for one in visible(Customer, actor).where(Customer.id.in_(ids))} if ids else {}
    told, taken = _per_customer(actor, Told, release, ids), _per_customer(actor, Taken, release, ids)
    for row in page:
        found = names.get(row["customer_id"])
        row["customer"], row["name"] = (found.slug, found.name) if found else ("", "")
        row["told"], row["taken"] = told.get(row["customer_id"], 0), taken.get(row["customer_id"], 0)
    return page, ids[-1] if len(rows) > limit else None


def uncovered(
    actor: Actor, release_id: int, *, limit: int = DEFAULT, after: int = 0
) -> tuple[list[dict[str, Any]], int | None]:
    """Whom a file for all is for beside the distribution list: customers with affected units, none of them under
    contract. {customer_id, affected, unknown}, by id. (rows, where the next page begins)"""
    units = _Units(actor, release_of(actor, release_id))
    owner, here = units.unit.c.customer_id, units.unit.c.covered == 1
    needing = fn.SUM(Case(None, [(units.needing, 1)], 0))
    covered = fn.COALESCE(fn.SUM(Case(None, [(units.needing & here, 1)], 0)), 0)
    query = units.all(owner, *units.counts()).where(owner > after).group_by(owner)
    rows = list(query.having((needing > 0) & (covered == 0)).order_by(owner).limit(limit + 1).dicts())
    page = [{name: int(row[name]) for name in ("customer_id", "affected", "unknown")} for row in rows[:limit]]
    return page, page[-1]["customer_id"] if len(rows) > limit else None


def _per_customer(actor: Actor, model: Any, release: Release, ids: list[int]) -> dict[int, int]:
    """How many people of each: written to, or having taken a file of it whole."""
    if not ids:
        return {}
    mine = (model.release == release.id) & model.customer_id.in_(ids)
    if model is Taken:
        mine &= Taken.whole_at.is_null(False) & ~Taken.by_operator
    else:
        mine &= model.what == "published"
    rows = visible(model, actor, model.customer_id, fn.COUNT(model.user_id.distinct())).where(mine)
    return dict(rows.group_by(model.customer_id).tuples())


def units(
    actor: Actor,
    release_id: int,
    *,
    state: str = "affected",
    customer_id: int | None = None,
    limit: int = DEFAULT,
    after: int = 0,
) -> tuple[list[dict[str, Any]], int | None]:
    """The units under contract, by default those that still lack it: label, customer, version (None: unknown), state
    and when that was known. (rows, where the next page begins)"""  # fmt: skip
    return units_for(actor, release_of(actor, release_id), state, customer_id, limit, after)


def units_for(
    actor: Actor, release: Release, state: str, customer_id: int | None, limit: int, after: int
) -> tuple[list[dict[str, Any]], int | None]:
    """The same for a release that the caller has found to be for the actor."""
    table = _Units(actor, release, customer_id)
    unit, known = table.unit.c, table.known
    hits = {"affected": table.needing, "unknown": table.unknown, "patched": table.patched, "other": table.other}
    query = table.read(
        unit.unit, unit.asset_id, unit.licence_id, unit.customer_id, unit.label, unit.name,
        known.version_name.alias("version"), known.known_on.alias("known_on"), known.source.alias("source"),
    ).where(hits[state], unit.unit > after)  # fmt: skip
    rows = _read(query.order_by(unit.unit).limit(limit + 1))
    page = rows[:limit]
    ids = {row["customer_id"] for row in page}
    names = {one.id: one for one in visible(Customer, actor).where(Customer.id.in_(sorted(ids)))} if ids else {}
    for row in page:
        found = names.get(row["customer_id"])
        row["customer"], row["customer_name"] = (found.slug, found.name) if found else ("", "")
    return page, page[-1]["unit"] if len(rows) > limit else None


def _read(query: Any) -> list[dict[str, Any]]:
    """A column of another table's row, read beside a table made of two, comes as the engine holds it."""
    return [{**row, "known_on": Installed.known_on.python_value(row["known_on"])} for row in query.dicts()]


def receipts(actor: Actor, release: Release, customer_id: int | None = None, most: int = DEFAULT) -> list[Receipt]:
    """The latest ones."""
    mine = Receipt.release == release.id
    if customer_id is not None:
        mine &= Receipt.customer_id == customer_id
    return list(visible(Receipt, actor).where(mine).order_by(Receipt.id.desc()).limit(most))


def fleet(
    actor: Actor, customer_id: int, state: str = "", limit: int = DEFAULT, after: int = 0
) -> tuple[list[dict[str, Any]], int | None]:
    """A customer's units, under contract or not, with what they run. state: known, unknown, or "" for all."""
    table, known = with_versions(units_and_cover(actor, customer_id=customer_id))
    unit = table.c
    query = joined(
        table, known, unit.unit, unit.asset_id, unit.licence_id, unit.label, unit.name, unit.product_id, unit.covered,
        known.version_name.alias("version"), known.known_on.alias("known_on"), known.source.alias("source"),
    ).where(unit.unit > after)  # fmt: skip
    if state:
        query = query.where(known.id.is_null(state == "unknown"))
    rows = _read(query.order_by(unit.unit).limit(limit + 1))
    return rows[:limit], rows[limit - 1]["unit"] if len(rows) > limit else None
