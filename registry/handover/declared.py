"""Everything this room declares, loaded once at start."""

from registry.handover import custody, disclosure, erasing, leaving, listing, packages, reading  # noqa: F401
