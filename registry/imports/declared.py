"""Everything this room declares, loaded once at start."""

from registry.imports import asset_rows, batches, listing, row_kinds, running, service, undoing  # noqa: F401
