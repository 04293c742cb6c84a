"""On which days cover ends: asked of many units at once, for notices and calendars."""

from datetime import date
from typing import Any

from peewee import fn

from registry.kernel.access import Actor, visible
from registry.warranty.covered import day_after
from registry.warranty.models import Coverage, Warranty


def ends_of_cover(actor: Actor, owner: Any, first: date, last: date) -> Any:
    """SELECT customer_id, subject_id, ends_on, changed_at: the units (`owner` is Coverage.asset or Coverage.licence)
    whose cover comes to an end from `first` to `last`, one row for each such day.

    An end is one that the terms had promised, with no other coverage going on the day after. What was voided or
    moved to another unit was ended by somebody, who knows.
    """
    later: Any = Coverage.alias("later")
    goes_on = later.select(later.id).where(  # of a unit that the outer query has found, so scoped with it
        (getattr(later, owner.name) == owner)
        & (later.holds_until > Coverage.holds_until)
        & (later.starts_on <= day_after(Coverage.holds_until))
    )
    query = visible(
        Coverage,
        actor,
        Coverage.customer_id,
        owner.alias("subject_id"),
        Coverage.holds_until.alias("ends_on"),
        fn.MAX(Warranty.changed_at).alias("changed_at"),
    ).join(Warranty, on=(Warranty.id == Coverage.warranty))
    ends = Coverage.holds_until.between(first, last) & (Coverage.holds_until == Coverage.ends_on)
    return query.where(owner.is_null(False) & ends & ~fn.EXISTS(goes_on)).group_by(
        Coverage.customer_id, owner, Coverage.holds_until
    )
