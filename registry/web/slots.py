"""Places on pages that others may fill. Nobody does yet: plugins will."""

from typing import Any


def panels(_place: str, **_context: Any) -> list[dict[str, Any]]:
    """[{"title", "template", "context"}]: cards for a page, such as panels("asset", asset=...)."""
    return []


def actions(_place: str, **_context: Any) -> list[dict[str, str]]:
    """[{"text", "url", "icon"}]: ways to go from a page, beside our own."""
    return []
