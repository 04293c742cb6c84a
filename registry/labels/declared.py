"""Everything this room declares, loaded once at start."""

from registry.labels import barcodes, listing, resolving, scanning, service, templates  # noqa: F401
