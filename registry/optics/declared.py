"""Everything this room declares, loaded once at start."""

from registry.optics import claiming, listing, profiling, series, service, settling, taking  # noqa: F401
