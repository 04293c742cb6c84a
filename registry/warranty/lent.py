"""What contracts lend to units, stored so that lists can ask for it. What it is, the contracts room works out."""

from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import orjson
from peewee import fn

from registry.assets.models import Asset
from registry.assets.service import later_of
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.licences.models import Licence
from registry.warranty.coverage import CoverageSpan
from registry.warranty.models import Coverage, Lent, LentSpan

AT_ONCE = 10_000  # units in one statement
UNITS: dict[Any, Any] = {Asset: Coverage.asset, Licence: Coverage.licence}


def together(spans: Iterable[CoverageSpan]) -> list[CoverageSpan]:
    """One span for each remedy, of spans that all hold on the same day."""
    found: dict[str, tuple[date, date]] = {}
    for span in spans:
        first, last = found.get(span.remedy, (span.starts_on, span.ends_on))
        found[span.remedy] = min(first, span.starts_on), max(last, span.ends_on)
    return [CoverageSpan(remedy, *found[remedy]) for remedy in sorted(found)]


def lent_mark(actor: Actor) -> Any:
    """Something that is another one once anything else is lent: a new day changes that without an audit entry."""
    return visible(Lent, actor, fn.COUNT(Lent.id), fn.MAX(Lent.changed_at)).tuples().first()


def key_of(promises: Sequence[Any]) -> str:
    return sha256(orjson.dumps(promises)).hexdigest()


def lent_by(here: Actor, customer_id: int, key: str) -> Lent | None:
    found: Lent | None = visible(Lent, here).where((Lent.customer_id == customer_id) & (Lent.key == key)).first()
    return found


def make(here: Actor, customer_id: int, promises: Sequence[Any], spans: Sequence[CoverageSpan], day: date) -> Lent:
    """The row of these promises, whoever made it first."""
    key = key_of(promises)
    Lent.insert(customer_id=customer_id, key=key, promises=promises, known_on=day).on_conflict_ignore().execute()
    lent = lent_by(here, customer_id, key)
    assert lent is not None  # noqa: S101 - it was just written
    say(here, lent, spans, day)
    return lent


def say(here: Actor, lent: Lent, spans: Sequence[CoverageSpan], day: date) -> None:
    """These are its spans on that day. If they are others than before, its units follow."""
    rows = visible(LentSpan, here).where(LentSpan.lent == lent.id).order_by(LentSpan.remedy)
    before = [CoverageSpan(row.remedy, row.starts_on, row.ends_on) for row in rows]
    if before == list(spans):
        Lent.update(known_on=day).where(Lent.id == lent.id).execute()
        return
    held, lent.until = lent.until, max((span.ends_on for span in spans), default=None)
    LentSpan.delete().where(LentSpan.lent == lent.id).execute()
    common = {"customer_id": lent.customer_id, "lent": lent.id}
    new = [{**common, "remedy": s.remedy, "starts_on": s.starts_on, "ends_on": s.ends_on} for s in spans]
    if new:
        LentSpan.insert_many(new).execute()
    Lent.update(until=lent.until, known_on=day, changed_at=clock.now()).where(Lent.id == lent.id).execute()
    if held != lent.until:
        for model in UNITS:
            _write(model, (model.customer_id == lent.customer_id) & (model.lent == lent.id), lent.id, lent.until)


def give(model: Any, ids: Sequence[int], lent: Lent | None) -> None:
    """These units are lent that, or (None) nothing any more."""
    number, until = (None, None) if lent is None else (lent.id, lent.until)
    for at in range(0, len(ids), AT_ONCE):
        _write(model, model.id.in_(ids[at : at + AT_ONCE]), number, until)


def _write(model: Any, which: Any, number: int | None, until: date | None) -> None:
    """Derived, so neither audited nor a new version."""
    held = (UNITS[model] == model.id) & (Coverage.holds_until >= Coverage.starts_on)
    last = visible(Coverage, Actor.system(), fn.MAX(Coverage.holds_until)).where(held)
    day = None if until is None else until.isoformat()
    model.update(lent=number, lent_until=day, covered_until=later_of(last, day)).where(which).execute()


def sweep(here: Actor, customer_id: int) -> None:
    """Forget what is lent to nobody any more."""
    used = [visible(model, here, model.lent).where(model.lent.is_null(False)) for model in UNITS]
    idle = (Lent.customer_id == customer_id) & (Lent.key != key_of([]))
    for query in used:
        idle &= Lent.id.not_in(query)
    Lent.delete().where(idle).execute()
