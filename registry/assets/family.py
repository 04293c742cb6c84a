"""Which unit is inside which: names of the units around one, and what is in it, for showing."""

import re
from collections.abc import Iterable
from typing import Any

from peewee import Select, Value

from registry.assets.models import Asset, AssetStatus
from registry.kernel.access import Actor, visible
from registry.kernel.db import database
from registry.products.models import Product

DEEPEST = 20  # a ring cannot be made, and would not be walked
INSIDE = (
    "id", "parent_id", "slot", "serial", "tag", "name", "kind", "product", "status", "state", "covered_until",
)  # fmt: skip


def names_of(actor: Actor, asset_ids: Iterable[int | None]) -> dict[int, str]:
    """id -> what people call the unit (serial, tag or name), of those that the actor may see. One statement."""
    wanted = sorted({key for key in asset_ids if key is not None})
    if not wanted:
        return {}
    query = visible(Asset, actor, Asset.id, Asset.serial, Asset.tag, Asset.name).where(Asset.id.in_(wanted))
    return {row.id: row.label for row in query}


def around(actor: Actor, asset: Asset) -> list[tuple[int, str]]:
    """(id, name) of the units that this one is inside of, the outermost first. One statement, however deep."""
    columns = ("id", "parent_id", "serial", "tag", "name", "depth")
    start = visible(Asset, actor, *_known(Asset), Value(0)).where(Asset.id == asset.id)
    chain = start.cte("chain", recursive=True, columns=columns)
    above = Asset.alias("above")
    step = above.select(*_known(above), chain.c.depth + 1).join(chain, on=(above.id == chain.c.parent_id))
    chain = chain.union(step.where((above.customer_id == asset.customer_id) & (chain.c.depth < DEEPEST)))
    found = Select((chain,), (chain.c.id, chain.c.serial, chain.c.tag, chain.c.name)).with_cte(chain)
    rows = found.where(chain.c.depth > 0).order_by(chain.c.depth.desc()).bind(database).tuples().execute(database)
    return [(row_id, next((text for text in texts if text), f"asset {row_id}")) for row_id, *texts in rows]


def _known(model: Any) -> tuple[Any, ...]:
    return model.id, model.parent, model.serial, model.tag, model.name


def inside(actor: Actor, asset_ids: Iterable[int], most: int) -> list[dict[str, Any]]:
    """At most `most` of the units right inside of these, as INSIDE names it, by slot as people count. One statement."""
    wanted = sorted(set(asset_ids)) or [0]
    query = visible(
        Asset, actor, Asset.id, Asset.parent_id, Asset.slot, Asset.serial, Asset.tag, Asset.name, Asset.kind,
        Product.name, AssetStatus.code, AssetStatus.meta, Asset.covered_until,
    )  # fmt: skip
    query = query.join_from(Asset, Product).join_from(Asset, AssetStatus).where(Asset.parent.in_(wanted))
    rows = query.order_by(Asset.parent, Asset.slot, Asset.id).limit(most).tuples()
    return sorted((dict(zip(INSIDE, row, strict=True)) for row in rows), key=by_slot)


def by_slot(row: dict[str, Any]) -> list[tuple[int, str]]:
    """Eth1/2 before Eth1/10; what has no slot comes last."""
    parts = re.split(r"([0-9]+)", row["slot"] or "")
    slot = [(int(part[:18]), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts]
    return [(0 if row["slot"] else 1, ""), *slot]
