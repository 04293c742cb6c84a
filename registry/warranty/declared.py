"""Everything this room declares, loaded once at start."""

from registry.assets.service import DATE_WATCHERS
from registry.warranty import claims, listing, terms_service  # noqa: F401
from registry.warranty.service import redate

if redate not in DATE_WATCHERS:
    DATE_WATCHERS.append(redate)
