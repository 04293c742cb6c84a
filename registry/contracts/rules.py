"""What the conditions of a contract must keep to, whichever of them was given last."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from registry.contracts.renewal import RENEWALS
from registry.kernel.codes import Codes
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.warranty.periods import Period

# A change to one of these can move the end of the contract.
CONDITIONS = frozenset({"starts_on", "ends_on", "renewal", "renewal_period", "notice_days"})
SHORTEST_RENEWAL = 28  # days: renewals are terms of a contract, not a clock


def period_of(text: str, field: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise Invalid.field(field, str(error)) from None


def check_conditions(facts: Mapping[str, Any]) -> None:
    """Raise Invalid naming the field when these conditions contradict each other."""
    start, end = facts["starts_on"], facts.get("ends_on")
    renewal, period = facts.get("renewal", "none"), facts.get("renewal_period")
    if renewal not in RENEWALS:
        raise Invalid.field("renewal", _("Choose one of: %(known)s.", known=Codes(tuple(RENEWALS), "renewal")))
    if end is not None and end < start:
        raise Invalid.field("ends_on", _("The contract cannot end before it starts."))
    if end is None and renewal != "none":
        raise Invalid.field("renewal", _("A contract without an end is not renewed: give ends_on, or renewal none."))
    if period:
        _check_length(period_of(period, "renewal_period"))
    elif renewal == "tacit":
        raise Invalid.field("renewal_period", _("Say for how long it is renewed each time, such as P1Y."))


def _check_length(period: Period) -> None:
    if timedelta(days=period.total_months * 28 + period.total_days).days < SHORTEST_RENEWAL:
        raise Invalid.field("renewal_period", _("Renew by a month at least, such as P1M."))
