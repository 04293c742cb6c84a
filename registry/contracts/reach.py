"""Units in use, each with whether a contract in force covers it: as a table to read and to join, for any number of
customers in one statement."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from peewee import JOIN, Case, Select, Tuple, Value, fn

from registry.assets.models import Asset
from registry.contracts.models import Contract, ContractLine
from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.kernel.db import is_sqlite
from registry.licences.models import Licence


def units_and_cover(
    actor: Actor,
    *,
    products: Iterable[int] | None = None,
    customer_id: int | None = None,
    asset_id: int | None = None,
    licence_id: int | None = None,
) -> Any:
    """A SELECT, not yet read, of the assets that are not retired and the licences that are not over: `asset_id` or
    `licence_id` (the other is NULL), `unit` (an order over both), `customer_id`, `product_id`, `label`, `name`, and
    `covered`: 1 where a contract in force today, on the customer's clocks, covers it as contracts.covering() says.

    `products`, `customer_id`, `asset_id`, `licence_id` narrow it. Whose contracts the actor may not see is left out.
    """
    there = actor.where("contract.view")
    held = _Held(there)
    wanted = None if products is None else list(products)
    parts = []
    if licence_id is None:
        parts.append(_assets(there, held, wanted, customer_id, asset_id))
    if asset_id is None:
        parts.append(_licences(there, held, wanted, customer_id, licence_id))
    return parts[0] if len(parts) == 1 else parts[0].union_all(parts[1])


class _Held:
    """What the lines name whose contract is in force today. Reading the zones takes a statement."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        rows = visible(Customer, actor, Customer.time_zone).distinct().tuples()
        self.days: dict[str, date] = {zone: clock.today(zone) for (zone,) in rows}
        days = [(zone, _written(day)) for zone, day in self.days.items()]
        self.day = Case(Customer.time_zone, days, _written(clock.today())) if days else _written(clock.today())

    def lines(self, *columns: Any) -> Any:
        day = self.day
        return (
            visible(ContractLine, self.actor, *columns)
            .join(Contract, on=ContractLine.contract == Contract.id)
            .join(Customer, on=Contract.customer_id == Customer.id)
            .where(Contract.starts_on <= day, Contract.in_force_until.is_null() | (Contract.in_force_until >= day))
            .where(ContractLine.starts_on.is_null() | (ContractLine.starts_on <= day))
            .where(ContractLine.ends_on.is_null() | (ContractLine.ends_on >= day))
        )

    def covers(self, model: Any, named: Any, site: Any = None) -> Any:
        """1 or 0 for a row of `model`; `named`: the column of the lines that names one of it."""
        everything = ContractLine.everything == True  # noqa: E712 - SQL
        by_product = self.lines(ContractLine.customer_id, ContractLine.product).where(
            ContractLine.product.is_null(False)
        )
        found = model.id.in_(self.lines(named).where(named.is_null(False)))
        found |= model.customer_id.in_(self.lines(ContractLine.customer_id).where(everything))
        found |= Tuple(model.customer_id, model.product).in_(by_product)
        if site is not None:
            found |= site.in_(self.lines(ContractLine.site).where(ContractLine.site.is_null(False)))
        return Case(None, [(found, 1)], 0)


def _written(day: date) -> Any:
    """As the engine's columns hold it: a parameter of a CASE has no column beside it that would say its type."""
    return Value(day.isoformat() if is_sqlite() else day, converter=False)


def _assets(actor: Actor, held: _Held, products: Any, customer_id: int | None, asset_id: int | None) -> Any:
    which = _narrow(Asset, products, customer_id, asset_id) & Asset.retired_on.is_null()
    inside = _inside(actor, which)
    site = fn.COALESCE(Asset.site, inside.c.site_id)
    label = fn.COALESCE(Asset.serial, Asset.tag, Asset.name)
    query = visible(
        Asset, actor, Asset.id.alias("asset_id"), _nothing().alias("licence_id"), (Asset.id * 2).alias("unit"),
        Asset.customer_id.alias("customer_id"), Asset.product.alias("product_id"), label.alias("label"),
        Asset.name.alias("name"), held.covers(Asset, ContractLine.asset, site).alias("covered"),
    )  # fmt: skip
    return query.join_from(Asset, inside, JOIN.LEFT_OUTER, on=(inside.c.id == Asset.id)).where(which)


def _inside(actor: Actor, which: Any) -> Any:
    """(id, site_id) of those that are inside others: at the site of what they are in, however deep."""
    start = visible(Asset, actor, Asset.id, Asset.parent, Asset.site).where(which & Asset.parent.is_null(False))
    chain = start.cte("chain", recursive=True, columns=("id", "parent_id", "site_id"))
    above = Asset.alias("above")
    step = above.select(chain.c.id, above.parent, above.site).join(chain, on=(above.id == chain.c.parent_id))
    chain = chain.union(step)
    query = Select((chain,), (chain.c.id.alias("id"), chain.c.site_id.alias("site_id")))
    return query.with_cte(chain).where(chain.c.site_id.is_null(False)).alias("inside")


def _licences(actor: Actor, held: _Held, products: Any, customer_id: int | None, licence_id: int | None) -> Any:
    query = visible(
        Licence, actor, _nothing().alias("asset_id"), Licence.id.alias("licence_id"),
        (Licence.id * 2 + 1).alias("unit"), Licence.customer_id.alias("customer_id"),
        Licence.product.alias("product_id"), Licence.name.alias("label"), Value("").alias("name"),
        held.covers(Licence, ContractLine.licence).alias("covered"),
    )  # fmt: skip
    over = Licence.ends_on < held.day
    query = query.join(Customer, on=Licence.customer_id == Customer.id)
    return query.where(_narrow(Licence, products, customer_id, licence_id), Licence.ends_on.is_null() | ~over)


def _nothing() -> Any:
    return Value(None).cast("bigint")


def _narrow(model: Any, products: list[int] | None, customer_id: int | None, row_id: int | None) -> Any:
    found = model.id.is_null(False)
    if products is not None:
        found &= model.product.in_(products)
    if customer_id is not None:
        found &= model.customer_id == customer_id
    return found if row_id is None else found & (model.id == row_id)
