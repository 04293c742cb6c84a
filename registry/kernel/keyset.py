"""Paging by keyset: a cursor says where the last row stood in its order, and the next page starts behind it.

Rows without a value in the ordering column come where the engine puts them, so that its index serves the order:
first on SQLite, last on PostgreSQL, and the other way round when descending.
"""

import base64
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson

from registry.kernel.db import Day, is_sqlite
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.shapes import LINE, MAX_ID


class Position(NamedTuple):
    """The last row of a page: its value in the order (None for none), and its id."""

    value: str | int | None
    row_id: int


def position_of(row: Sequence[Any]) -> Position:
    """Where `row` stands, which begins with its id and its value in the order."""
    return Position(row[1].isoformat() if isinstance(row[1], date) else row[1], row[0])


def written(order: str, row: Sequence[Any]) -> str:
    """The cursor behind such a row."""
    value, row_id = position_of(row)
    return base64.urlsafe_b64encode(orjson.dumps([order, value, row_id])).decode().rstrip("=")


def read(cursor: str, order: str, column: Any) -> Position:
    """The position in a cursor that was made for the order `order` by `column`. Raises Invalid for any other text."""
    try:
        known, value, row_id = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fitting = value == row_id if order == "id" else _fits(value, column)
    except (ValueError, TypeError):
        known, value, row_id, fitting = None, None, None, False
    if type(row_id) is not int or not 0 <= row_id <= MAX_ID or known != order or not fitting:
        raise Invalid.field("cursor", _("Pass the value of `next` from the page before, with the same order."))
    return Position(value, row_id)


def _fits(value: Any, column: Any) -> bool:
    if isinstance(column, Day) and value is not None:
        date.fromisoformat(value)
    return value is None or (isinstance(value, str) and LINE.match(value) is not None)


def beyond(key: Any, column: Any, position: Position, *, descending: bool, blanks: bool) -> Any:
    """The condition for rows behind `position` in the order (column, key). `blanks`: `column` may be without value."""
    value, row_id = position
    later = key < row_id if descending else key > row_id
    if column is key:
        return later
    blanks_last = descending if is_sqlite() else not descending
    if value is None:
        rest = column.is_null() & later
        return rest if blanks_last else rest | column.is_null(False)
    reached, further = (column <= value, column < value) if descending else (column >= value, column > value)
    found = reached & (further | later)  # `reached` is what an index can start from
    return found | column.is_null() if blanks and blanks_last else found
