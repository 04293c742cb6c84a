"""How many units of a customer are covered, and how many are not."""

from typing import Any

from peewee import SQL, fn

from registry.assets.models import Asset
from registry.customers.service import today_of
from registry.kernel.access import Actor, visible
from registry.licences.models import Licence
from registry.warranty.covered import COVERED, state_on
from registry.warranty.models import Coverage

LICENCE = "licence"  # what licences are counted under, beside the kinds of assets
Counts = dict[str, dict[str, int]]


def cover_counts(actor: Actor, customer_id: int) -> Counts:
    """{"hardware": {"active": 12, ...}, "optic": ..., "software": ..., "licence": ...}: how many units are in each of
    COVERED today where the customer is, as the filter ?covered= of their lists says. Kinds he has none of are left out.
    """
    actor.must("warranty.view", customer_id)
    here = Actor.system(customer_id)  # may he or not was asked above; it is one customer's day, whoever looks
    day = today_of(here, customer_id)
    found: Counts = {}
    for kind, state, count in _counted(here, Asset, Coverage.asset, Asset.kind, day):
        found.setdefault(kind, dict.fromkeys(COVERED, 0))[state] = count
    if actor.can("licence.view", customer_id):
        for _id, state, count in _counted(here, Licence, Coverage.licence, Licence.customer_id, day):
            found.setdefault(LICENCE, dict.fromkeys(COVERED, 0))[state] = count
    return found


def _counted(here: Actor, model: Any, owner: Any, group: Any, day: Any) -> list[tuple[Any, str, int]]:
    query = visible(model, here, group, state_on(model, owner, here, day), fn.COUNT(model.id))
    return list(query.group_by(SQL("1"), SQL("2")).tuples())
