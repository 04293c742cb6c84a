"""Everything this room declares, loaded once at start."""

from registry.optics import claiming, listing, profiling, series, service, taking  # noqa: F401
