"""Values as lists show them, from what either engine's driver hands out."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

Converter = Callable[[Any], Any]


def converters(columns: Sequence[Any]) -> list[tuple[int, Converter]]:
    """Which values of a row have to be converted, and how. `columns`: each with its `kind`."""
    return [(at, _CONVERT[column.kind]) for at, column in enumerate(columns) if column.kind in _CONVERT]


def converted(convert: Sequence[tuple[int, Converter]], values: Sequence[Any]) -> list[Any]:
    ready = list(values)
    for at, function in convert:
        if ready[at] is not None:
            ready[at] = function(ready[at])
    return ready


def _instant(value: Any) -> str:
    """ISO 8601 with Z, from SQLite's text or PostgreSQL's timestamp."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def _day(value: Any) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


_CONVERT: dict[str, Converter] = {"moment": _instant, "day": _day, "boolean": bool, "json": _json}
