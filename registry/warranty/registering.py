"""A unit and its first warranty in one step: under the terms that were named, or those that a plugin chooses."""

from collections.abc import Mapping
from typing import Any

from registry.assets.models import Asset
from registry.assets.service import register_asset
from registry.kernel import audit
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.plugins.current import host
from registry.plugins.host import Failure
from registry.warranty.service import start_warranty


def register_covered(actor: Actor, values: Mapping[str, Any]) -> Asset:
    """Register a unit (values as in AssetIn), with `terms` also give it a warranty under them: both or neither."""
    ready = dict(values)
    terms = ready.pop("terms", None)
    with transaction():
        asset = register_asset(actor, ready)
        if terms is not None:
            start_warranty(actor, {"asset": asset.id, "terms": terms})
        else:
            _as_chosen(actor, asset)
    return asset


def _as_chosen(actor: Actor, asset: Asset) -> None:
    """What the first plugin says that chooses. Whoever registers a unit need not have the right to give warranties."""
    for plugin, code in host().answers("warranty_for", asset.customer_id, asset=audit.snapshot(asset), actor=actor):
        if code is None or isinstance(code, Failure):
            continue
        giver = Actor.system(asset.customer_id, name=plugin.title)
        given = host().guarded(plugin, "warranty_for", start_warranty, giver, {"asset": asset.id, "terms": code})
        if not isinstance(given, Failure):
            return
