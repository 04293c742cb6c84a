"""Everything this room declares, loaded once at start."""

from registry.people import listing, service, signin  # noqa: F401
