"""Everything this room declares, loaded once at start."""

from registry.products import listing, service  # noqa: F401
