"""Rows that a link leads to: for whoever comes with its secret and no account."""

from typing import Any

from registry.kernel import access, wall
from registry.kernel.access import EVERYWHERE, Actor
from registry.kernel.errors import NotFound
from registry.kernel.secrets import hash_token
from registry.plugins import switches
from registry.plugins.rows import owner_of


def by_token(model: Any, token: str) -> Any:
    """The row of a table of the plugin's own whose column `token_hash` is of this token. From then on the request works
    within that row's customer, and sees nobody else's rows. Raises NotFound; also while the plugin is off there."""
    plugin = owner_of(model)
    if plugin is None:
        raise LookupError(f"no plugin has declared the table {model._meta.table_name}")
    wanted = hash_token(token.encode(errors="replace").decode())
    with wall.everywhere():
        row = access.visible(model, Actor.system()).where(model.token_hash == wanted).first()
    customer_id = getattr(row, "customer_id", None)
    if row is None or not switches.is_open(plugin, customer_id):
        raise NotFound()
    wall.carry(wall.scope_of(Actor("link", plugin, {customer_id or EVERYWHERE: frozenset()}).customers))
    return row
