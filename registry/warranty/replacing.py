"""What becomes of warranties when a unit was replaced or repaired: they move on, or last longer, as their terms say."""

from datetime import date, timedelta

from registry.assets.service import get_asset
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.db import transaction
from registry.warranty.models import TermsVersion, Warranty
from registry.warranty.service import extend_warranty, transfer_warranty
from registry.warranty.spans import spans_of
from registry.warranty.terms import TermsBody
from registry.warranty.terms_service import body_of


def carry_on(actor: Actor, old_id: int, new_id: int, *, on: date, reason: str) -> list[Warranty]:
    """Move every warranty of the old unit that still promises something to the unit that replaces it, each by the rule
    of its own terms. Answers the new unit's warranties. Needs warranty.edit."""
    old = get_asset(actor, old_id)
    made = []
    with transaction():
        for warranty in _alive(actor, old.id):
            if _has_something_left(actor, warranty, on):
                moved = transfer_warranty(
                    actor, warranty.id, asset=new_id, on=on, reason=reason, version=warranty.version
                )
                made.append(moved)
    return made


def give_back(actor: Actor, asset_id: int, *, since: date, until: date, reason: str) -> list[Warranty]:
    """Extend the warranties whose terms say that time in repair does not count, by the days from `since` to `until`,
    for every promise that was running then. Needs warranty.edit."""
    asset, days = get_asset(actor, asset_id), (until - since).days
    longer = []
    with transaction():
        for warranty in _alive(actor, asset.id) if days > 0 else []:
            if terms_of(actor, warranty).repair_extends:
                longer += _longer(actor, warranty, since, days, reason)
    return longer


def _longer(actor: Actor, warranty: Warranty, since: date, days: int, reason: str) -> list[Warranty]:
    """Promises that end on the same day are one extension; every promise keeps its own end apart from the others."""
    by_end: dict[date, list[str]] = {}
    for span in spans_of(actor, warranty):
        if span.covers(since):
            by_end.setdefault(span.ends_on, []).append(span.remedy)
    for ends_on, remedies in by_end.items():
        version = fetch(Warranty, actor, warranty.id).version
        until = ends_on + timedelta(days=days)
        extend_warranty(actor, warranty.id, by=until, remedies=remedies, reason=reason, version=version)
    return [warranty] if by_end else []


def terms_of(actor: Actor, warranty: Warranty) -> TermsBody:
    """The version of the terms that the warranty was given under."""
    version: TermsVersion = visible(TermsVersion, actor).where(TermsVersion.id == warranty.terms_version_id).get()
    return body_of(version)


def _alive(actor: Actor, asset_id: int) -> list[Warranty]:
    still = Warranty.starts_on.is_null(False) & Warranty.void_on.is_null() & Warranty.closed_on.is_null()
    return list(visible(Warranty, actor).where((Warranty.asset == asset_id) & still).order_by(Warranty.id))


def _has_something_left(actor: Actor, warranty: Warranty, on: date) -> bool:
    """A full new term moves from a warranty that still promises something, never from one that is over."""
    return any(span.ends_on >= on for span in spans_of(actor, warranty))
