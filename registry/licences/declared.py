"""Everything this room declares, loaded once at start."""

from registry.licences import assignments, keys, listing, service  # noqa: F401
