"""Coverages in the database: dated rows of a warranty, and the summary that lists of units sort and filter by."""

from collections.abc import Sequence
from typing import Any

from peewee import fn

from registry.assets.service import set_cover_summary as set_asset_summary
from registry.kernel.access import Actor, visible
from registry.kernel.db import transaction
from registry.licences.service import set_cover_summary as set_licence_summary
from registry.warranty.coverage import CoverageSpan, close
from registry.warranty.models import Coverage, Warranty
from registry.warranty.periods import ONE_DAY


def spans_of(actor: Actor, warranty: Warranty) -> list[CoverageSpan]:
    """What the warranty promises, voided and moved days included."""
    rows = visible(Coverage, actor).where(Coverage.warranty == warranty.id).order_by(Coverage.position, Coverage.id)
    return [CoverageSpan(row.remedy, row.starts_on, row.ends_on, row.position) for row in rows]


def write_spans(actor: Actor, warranty: Warranty, spans: Sequence[CoverageSpan]) -> None:
    """Store these as the warranty's coverages and renew the unit's summary. Call inside the verb's transaction."""
    with transaction():
        Coverage.delete().where(Coverage.warranty == warranty.id).execute()
        rows = [_row(warranty, span) for span in spans]
        if rows:
            Coverage.insert_many(rows).execute()
        summarise(actor, warranty)


def _row(warranty: Warranty, span: CoverageSpan) -> dict[str, Any]:
    left = [span]
    for end in (warranty.void_on, warranty.closed_on):
        left = close(left, end) if end is not None else left
    return {
        "customer_id": warranty.customer_id,
        "warranty": warranty.id,
        "asset": warranty.asset_id,
        "licence": warranty.licence_id,
        "remedy": span.remedy,
        "position": span.position,
        "starts_on": span.starts_on,
        "ends_on": span.ends_on,
        "holds_until": left[0].ends_on if left else span.starts_on - ONE_DAY,
    }


def summarise(actor: Actor, warranty: Warranty) -> None:
    """From when to when any coverage of the unit holds, over all its warranties."""
    is_asset = warranty.asset_id is not None
    owner = Coverage.asset == warranty.asset_id if is_asset else Coverage.licence == warranty.licence_id
    query = visible(Coverage, actor, fn.MIN(Coverage.starts_on), fn.MAX(Coverage.holds_until))
    first, last = query.where(owner & (Coverage.holds_until >= Coverage.starts_on)).tuples().get()
    if is_asset:
        set_asset_summary(warranty.asset_id, first, last)
    else:
        set_licence_summary(warranty.licence_id, first, last)


def as_json(spans: Sequence[CoverageSpan]) -> list[dict[str, str]]:
    return [
        {"remedy": span.remedy, "starts_on": span.starts_on.isoformat(), "ends_on": span.ends_on.isoformat()}
        for span in spans
    ]
