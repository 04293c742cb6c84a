"""In which month which promise on a unit ends: the filter ?ends_in=, and the same counted month by month."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields
from peewee import Select, fn

from registry.kernel.access import Actor, visible
from registry.kernel.db import database, is_sqlite
from registry.kernel.language import _
from registry.kernel.listing import Filter
from registry.kernel.shapes import Date
from registry.warranty.covered import day_after
from registry.warranty.models import Coverage, LentSpan
from registry.warranty.vocabulary import REMEDIES

PATTERN = rf"^(19|2[0-9])[0-9]{{2}}-(0[1-9]|1[0-2])(:({'|'.join(REMEDIES)}))?$"
_MONTH = re.compile(r"(?:19|2[0-9])[0-9]{2}-(?:0[1-9]|1[0-2])")


class Month(NamedTuple):
    """From its first day to its last, and for which remedy; None for any."""

    first: date
    last: date
    remedy: str | None = None


class EndsIn(fields.Field[Month]):
    """A month, and perhaps a remedy: 2027-03, or 2027-03:repair."""

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": PATTERN, "example": "2027-03:repair"}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Month:
        month, colon, remedy = value.partition(":") if isinstance(value, str) else ("", "", "")
        if not _MONTH.fullmatch(month) or (colon and remedy not in REMEDIES):
            known = ", ".join(REMEDIES)
            raise ValidationError(_("Write a month, and a remedy if need be: 2027-03:repair. Remedies: %(known)s.",
                                    known=known))  # fmt: skip
        first = date.fromisoformat(f"{month}-01")
        return Month(first, month_after(first) - timedelta(days=1), remedy or None)


def month_after(first: date, months: int = 1) -> date:
    """The first day of the month so many months after the one that begins on `first`."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def ends_in(model: Any, owner: Any) -> Filter:
    """?ends_in=2027-03:repair: units on which that remedy (without one: any) is promised through a day of the month,
    and not the day after. What contracts lend counts as it stands today."""

    def condition(actor: Actor, value: Month) -> Any:
        found = _ends(visible(Coverage, actor, owner), owner, value.first, value.last)
        lent = _lent_ends(visible(model, actor, model.id), model, owner, value.first, value.last)
        if value.remedy:
            found, lent = found.where(Coverage.remedy == value.remedy), lent.where(LentSpan.remedy == value.remedy)
        return model.id.in_(found) | model.id.in_(lent)

    return Filter(EndsIn(), condition, order="covered_until")


def until_from(model: Any) -> Filter:
    """?covered_until_from=DATE: whose last covered day is that one or later."""
    return Filter(Date(), lambda _actor, value: model.covered_until >= value, order="covered_until")


def until_before(model: Any) -> Filter:
    """?covered_until_before=DATE: whose last covered day lies before it."""
    return Filter(Date(), lambda _actor, value: model.covered_until < value, order="covered_until")


def _ends(query: Any, owner: Any, first: date, last: date) -> Any:
    """Coverages that hold through a day from `first` to `last`, with none of the same remedy on the day after."""
    until, unit = Coverage.holds_until, owner.rel_model
    holds = until.between(first, last) & (until >= Coverage.starts_on)
    lent = visible(LentSpan, Actor.system(), LentSpan.id).join(unit, on=(unit.lent == LentSpan.lent))
    lent = lent.where((unit.id == owner) & (LentSpan.remedy == Coverage.remedy) & _reaches(LentSpan, "ends_on", until))
    goes_on = _promised_after(owner, owner, Coverage.remedy, until)
    return query.where(owner.is_null(False) & holds & ~goes_on & ~fn.EXISTS(lent))


def _lent_ends(query: Any, unit: Any, owner: Any, first: date, last: date) -> Any:
    """The same of what contracts lend: joined to the units `query` is about."""
    mine = (unit.lent == LentSpan.lent) & (unit.customer_id == LentSpan.customer_id)
    goes_on = _promised_after(owner, unit.id, LentSpan.remedy, LentSpan.ends_on)
    query = query.join_from(unit, LentSpan, on=mine)
    return query.where(unit.lent.is_null(False) & LentSpan.ends_on.between(first, last) & ~goes_on)


def _promised_after(owner: Any, unit: Any, remedy: Any, until: Any) -> Any:
    """Some coverage of that remedy goes on after that day: of a unit that the outer query has found, so scoped."""
    later: Any = Coverage.alias("later")
    same = (getattr(later, owner.name) == unit) & (later.remedy == remedy)
    return fn.EXISTS(later.select(later.id).where(same & _reaches(later, "holds_until", until)))


def _reaches(model: Any, end: str, until: Any) -> Any:
    return (getattr(model, end) > until) & (model.starts_on <= day_after(until))


def ends_by_remedy(actor: Actor, customer_id: int, owner: Any, first: date, months: int) -> dict[str, dict[str, int]]:
    """{"2027-03": {"repair": 12}}: on how many units which remedy ends, for so many months from the one of `first`.

    One statement; what the list with ?ends_in= shows, counted. Months in which nothing ends are left out.
    """
    found: dict[str, dict[str, int]] = {}
    for month, remedy, count in _counted(actor, customer_id, owner, (first, months), by_remedy=True):
        found.setdefault(month, {})[remedy] = count
    return found


def ends_by_month(actor: Actor, customer_id: int, owner: Any, first: date, months: int) -> dict[str, int]:
    """{"2027-03": 12}: on how many units any remedy ends; a unit counts once, whatever ends on it."""
    return dict(_counted(actor, customer_id, owner, (first, months), by_remedy=False))


def _counted(actor: Actor, customer_id: int, owner: Any, span: tuple[date, int], *, by_remedy: bool) -> Any:
    actor.must("warranty.view", customer_id)
    begins, months = span[0].replace(day=1), span[1]
    last, unit = month_after(begins, months) - timedelta(days=1), owner.rel_model
    # What is counted is one customer's, whoever looks; that he may was asked above.
    here = Actor.system(customer_id)
    own = [Coverage.remedy] if by_remedy else []
    promised = visible(Coverage, here, _month(Coverage.holds_until).alias("month"), owner.alias("unit"), *own)
    lent_own = [LentSpan.remedy] if by_remedy else []
    lent = visible(unit, here, _month(LentSpan.ends_on).alias("month"), unit.id.alias("unit"), *lent_own)
    ends = _ends(promised, owner, begins, last).union_all(_lent_ends(lent, unit, owner, begins, last)).alias("ends")
    apart = [ends.c.month, *([ends.c.remedy] if by_remedy else [])]
    query = Select((ends,), (*apart, fn.COUNT(ends.c.unit.distinct()))).group_by(*apart)
    return query.bind(database).tuples().execute(database)


def _month(day: Any) -> Any:
    return fn.SUBSTR(day, 1, 7) if is_sqlite() else fn.TO_CHAR(day, "YYYY-MM")
