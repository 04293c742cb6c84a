"""How many assets of a customer are covered, and how many are not."""

from registry.assets.listing import ASSETS
from registry.assets.models import Asset
from registry.kernel.access import Actor, visible
from registry.kernel.db import database
from registry.warranty.covered import COVERED

MOST = 10_000  # nobody reads a longer number at a glance, and counting on would keep the page waiting


def cover_counts(actor: Actor, customer_id: int) -> dict[str, int]:
    """{"active", "expiring", "expired", "none"} -> number of assets, at most MOST of each; by the list's own filter."""
    actor.must("warranty.view", customer_id)
    here = Actor.system(customer_id)  # may he or not was asked above; it is one customer's day, whoever looks
    return {state: _count(here, state) for state in COVERED}


def _count(actor: Actor, state: str) -> int:
    wanted = ASSETS.filters["covered"].condition(actor, state)
    rows = visible(Asset, actor, Asset.id).where(wanted).limit(MOST)
    sql, params = rows.sql()
    return int(database.execute_sql(f"SELECT count(*) FROM ({sql}) AS found", params).fetchone()[0])  # noqa: S608
