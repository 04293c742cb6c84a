"""Which unit is inside which: names of the units around one, for showing."""

from collections.abc import Iterable

from registry.assets.models import Asset
from registry.kernel.access import Actor, visible


def names_of(actor: Actor, asset_ids: Iterable[int | None]) -> dict[int, str]:
    """id -> what people call the unit (serial, tag or name), of those that the actor may see. One statement."""
    wanted = sorted({key for key in asset_ids if key is not None})
    if not wanted:
        return {}
    query = visible(Asset, actor, Asset.id, Asset.serial, Asset.tag, Asset.name).where(Asset.id.in_(wanted))
    return {row.id: row.label for row in query}
