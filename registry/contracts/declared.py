"""Everything this room declares, loaded once at start."""

from registry.contracts import covering, duties, lines, listing, service  # noqa: F401
