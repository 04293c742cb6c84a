"""Numbers over rows of all customers, where a plugin has to know how much there is altogether."""

from typing import Any

from peewee import fn

from registry.kernel import access, wall
from registry.kernel.access import Actor
from registry.plugins.rows import owner_of


def sum_over_all(model: Any, number: Any, condition: Any) -> int:
    """The sum of an expression over those rows of a table of the plugin's own that meet `condition`, whoever's they
    are and for whomever the request works: space that is promised on one disk, say. A number and no row leaves the
    wall between customers: show none of it to one of them."""
    if owner_of(model) is None:
        raise LookupError(f"no plugin has declared the table {model._meta.table_name}")
    with wall.everywhere():
        return int(access.visible(model, Actor.system(), fn.SUM(number)).where(condition).scalar() or 0)
