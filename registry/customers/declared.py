"""Everything this room declares, loaded once at start."""

from registry.customers import listing, places, service  # noqa: F401
