"""Everything this room declares, loaded once at start."""

from registry.views import service  # noqa: F401
