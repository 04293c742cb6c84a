"""Where units are when they are inside others: an optic in a switch is at the switch's site."""

from collections.abc import Iterable
from typing import Any

from peewee import Select

from registry.assets.models import Asset
from registry.kernel.access import Actor, visible
from registry.kernel.db import database


def site_of(actor: Actor, asset: Asset) -> int | None:
    """The id of the site that the unit, or what it is inside of, stands at. One statement, however deep."""
    start = visible(Asset, actor, Asset.id, Asset.parent, Asset.site).where(Asset.id == asset.id)
    chain = start.cte("chain", recursive=True, columns=("id", "parent_id", "site_id"))
    above = Asset.alias("above")
    step = above.select(above.id, above.parent, above.site).join(chain, on=(above.id == chain.c.parent_id))
    chain = chain.union(step.where(above.customer_id == asset.customer_id))
    query = Select((chain,), (chain.c.site_id,)).with_cte(chain).where(chain.c.site_id.is_null(False))
    found = query.bind(database).tuples().execute(database)
    return next((row[0] for row in found), None)


def sites_of(actor: Actor, which: Any) -> dict[int, int]:
    """id -> site of the units that fit the condition, wherever they are inside. One statement."""
    start = visible(Asset, actor, Asset.id, Asset.parent, Asset.site).where(which)
    chain = start.cte("chain", recursive=True, columns=("id", "parent_id", "site_id"))
    above = Asset.alias("above")
    step = above.select(chain.c.id, above.parent, above.site).join(chain, on=(above.id == chain.c.parent_id))
    chain = chain.union(step)
    query = Select((chain,), (chain.c.id, chain.c.site_id)).with_cte(chain).where(chain.c.site_id.is_null(False))
    return dict(query.bind(database).tuples().execute(database))


def inside(actor: Actor, asset: Asset) -> list[int]:
    """The unit and all that is in it, however deep. One statement."""
    start = visible(Asset, actor, Asset.id).where(Asset.id == asset.id)
    found = start.cte("inner_units", recursive=True, columns=("id",))
    below = Asset.alias("below")
    step = below.select(below.id).join(found, on=(below.parent == found.c.id))
    found = found.union(step.where(below.customer_id == asset.customer_id))
    query = Select((found,), (found.c.id,)).with_cte(found)
    return [row[0] for row in query.bind(database).tuples().execute(database)]


def products_at(actor: Actor, customer_id: int, site_ids: Iterable[int]) -> set[tuple[int, int]]:
    """(site id, product id) of all units in use at these sites, also inside others. One statement."""
    mine = (Asset.customer_id == customer_id) & Asset.retired_on.is_null()
    start = visible(Asset, actor, Asset.id, Asset.site, Asset.product)
    inside = start.where(mine & Asset.site.in_(list(site_ids))).cte(
        "inside", recursive=True, columns=("id", "site_id", "product_id")
    )
    below = Asset.alias("below")
    step = below.select(below.id, inside.c.site_id, below.product)
    step = step.join(inside, on=(below.parent == inside.c.id))
    inside = inside.union(step.where((below.customer_id == customer_id) & below.retired_on.is_null()))
    query = Select((inside,), (inside.c.site_id, inside.c.product_id)).with_cte(inside).distinct()
    return set(query.bind(database).tuples().execute(database))
