"""Everything this room declares, loaded once at start."""

from registry.imports import asset_rows, listing, row_kinds, running, service  # noqa: F401
