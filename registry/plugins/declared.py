"""Everything this room declares, loaded once at start."""

from registry.plugins import incidents, storing, switches, tables, values  # noqa: F401
