"""Everything this room declares, loaded once at start."""

from registry.assets import fields, listing, service, statuses  # noqa: F401
