"""Everything this room declares, loaded once at start."""

from registry.assets.service import DATE_WATCHERS as ASSET_WATCHERS
from registry.licences.service import DATE_WATCHERS as LICENCE_WATCHERS
from registry.warranty import claims, listing, terms_service  # noqa: F401
from registry.warranty.service import redate

for watchers in (ASSET_WATCHERS, LICENCE_WATCHERS):
    if redate not in watchers:
        watchers.append(redate)
