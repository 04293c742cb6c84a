"""Lists of rows: which columns, filters and orders there are, read by keyset as plain values, never as models.

One Listing serves the JSON list, the single object, the page and the export of a room, so that all show the same.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson
from marshmallow import Schema, fields, validate
from peewee import JOIN, Field, Model, ModelSelect

from registry.kernel.access import Actor, visible
from registry.kernel.db import database
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.kernel.shapes import MAX_ID, FlagText, Line, Shape, items

KINDS = ("text", "integer", "decimal", "boolean", "day", "moment", "json")
LARGEST_PAGE = 500
DEFAULT_PAGE = 50


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. kind: text, integer, decimal, boolean, day, moment, json. `detail`: only on the single object."""

    name: str
    title: str
    expression: Any
    kind: str = "text"
    detail: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.name}: kind {self.kind!r} is none of {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Filter:
    """How a query parameter is read, and the condition it means: condition(actor, value) -> peewee expression."""

    field: fields.Field[Any]
    condition: Callable[[Actor, Any], Any]
    order: str | None = None  # the order that fits this filter's index, unless the caller names one


@dataclass
class Listing:
    """The list of one kind of thing. `joins` are (model, condition), always joined from the left."""

    kind: str
    model: Any  # a Model class; Any, since every room's has other columns
    permission: str
    columns: Sequence[Column]
    joins: Sequence[tuple[Any, Any]] = ()
    filters: dict[str, Filter] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)  # name -> column; must not be NULL where it is used
    scope: Callable[[Actor], ModelSelect] | None = None  # for tables that are not scoped by customer_id
    _shapes: dict[bool, Schema] = field(default_factory=dict)

    def page(self, actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """{"items": [...], "next": cursor or None} for the parsed query `arguments`."""
        limit = arguments.get("limit") or DEFAULT_PAGE
        order, descending = self._order(arguments)
        query = self._filtered(actor, arguments)
        query = self._after(query, order, descending, arguments.get("cursor"))
        rows = self._rows(query, order, descending, limit + 1, self._shown(detail=False))
        following = _cursor(order, rows[limit - 1]) if len(rows) > limit else None
        return {"items": self._dicts(rows[:limit], self._shown(detail=False)), "next": following}

    def one(self, actor: Actor, row_id: int) -> dict[str, Any]:
        """The single object with every column, or NotFound."""
        if not 0 <= row_id < 2**63:
            raise NotFound()
        columns = self._shown(detail=True)
        rows = self._rows(self._start(actor).where(self.model.id == row_id), "id", False, 1, columns)
        if not rows:
            raise NotFound()
        return self._dicts(rows, columns)[0]

    def stream(
        self, actor: Actor, arguments: Mapping[str, Any], *, step: int = 5000
    ) -> Iterator[tuple[Any, ...]]:
        """Every row as a tuple of all columns' values, read by keyset in steps, so that memory stays flat."""
        actor_may(actor, "export.run")
        columns, after = self._shown(detail=True), 0
        base = self._filtered(actor, arguments)
        while True:
            rows = self._rows(base.where(self.model.id > after), "id", False, step, columns)
            convert = _converters(columns)
            for row in rows:
                yield tuple(_apply(convert, row[2:]))
            if len(rows) < step:
                return
            after = rows[-1][0]

    def exported(self) -> list[Column]:
        return self._shown(detail=True)

    def _shown(self, *, detail: bool) -> list[Column]:
        return [column for column in self.columns if detail or not column.detail]

    def _start(self, actor: Actor) -> ModelSelect:
        actor_may(actor, self.permission)
        query = self.scope(actor) if self.scope else visible(self.model, actor)
        for other, condition in self.joins:
            query = query.join_from(self.model, other, JOIN.LEFT_OUTER, on=condition)
        return query

    def _filtered(self, actor: Actor, arguments: Mapping[str, Any]) -> ModelSelect:
        query = self._start(actor)
        for name, value in arguments.items():
            if name in self.filters and value is not None:
                query = query.where(self.filters[name].condition(actor, value))
        return query

    def _order(self, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        wanted = arguments.get("sort")
        if not wanted:
            fitting = (self.filters[n].order for n, v in arguments.items() if n in self.filters and v is not None)
            wanted = next((order for order in fitting if order), "id")
        return wanted.lstrip("-"), wanted.startswith("-")

    def _after(self, query: ModelSelect, order: str, descending: bool, cursor: str | None) -> ModelSelect:
        if not cursor:
            return query
        value, row_id = _read_cursor(cursor, order)
        key = self.model.id
        beyond = key < row_id if descending else key > row_id
        if order == "id":
            return query.where(beyond)
        column = self.orders[order]
        further = column < value if descending else column > value
        return query.where(further | ((column == value) & beyond))

    def _rows(
        self, query: ModelSelect, order: str, descending: bool, limit: int, columns: Sequence[Column]
    ) -> list[tuple[Any, ...]]:
        by = self.model.id if order == "id" else self.orders[order]
        keys = [by] if order == "id" else [by, self.model.id]
        shown = query.select(self.model.id, by, *(column.expression for column in columns))
        shown = shown.order_by(*(key.desc() if descending else key for key in keys)).limit(limit)
        return database.execute_sql(*shown.sql()).fetchall()  # type: ignore[no-any-return]

    def _dicts(self, rows: Sequence[tuple[Any, ...]], columns: Sequence[Column]) -> list[dict[str, Any]]:
        names, convert = [column.name for column in columns], _converters(columns)
        return [dict(zip(names, _apply(convert, row[2:]), strict=True)) for row in rows]

    def arguments(self, *, paged: bool = True) -> Schema:
        """The shape of the query string."""
        shape: dict[str, Any] = {name: item.field for name, item in self.filters.items()}
        if paged:
            signs = [sign + name for name in ("id", *self.orders) for sign in ("", "-")]
            shape["sort"] = fields.String(validate=validate.OneOf(signs))
            shape["limit"] = fields.Integer(validate=validate.Range(1, LARGEST_PAGE), load_default=DEFAULT_PAGE)
            shape["cursor"] = fields.String(validate=validate.Length(max=500))
        return Shape.from_dict(shape, name=f"{self._title}Query")()

    @property
    def _title(self) -> str:
        return "".join(part.title() for part in self.kind.split("_"))

    def shape(self, *, detail: bool = True) -> Schema:
        """The shape of one item, for the API document: the same instance each time, so that it has one name."""
        if detail not in self._shapes:
            self._shapes[detail] = self._shape(detail)
        return self._shapes[detail]

    def _shape(self, detail: bool) -> Schema:
        shown: dict[str, Any] = {column.name: self._field(column) for column in self._shown(detail=detail)}
        return Shape.from_dict(shown, name=self._title if detail else f"{self._title}Item")()

    def _field(self, column: Column) -> fields.Field[Any]:
        """Every column is always there; what comes over a left join or may be NULL can be null."""
        source = column.expression
        sure = isinstance(source, Field) and source.model is self.model and not source.null
        told = {"description": column.title}
        return _FIELDS[column.kind](required=True, allow_none=not sure, metadata=told)

    def page_shape(self) -> Schema:
        return items(self.shape(detail=False), paged=True)


_FIELDS: dict[str, Callable[..., fields.Field[Any]]] = {
    "text": fields.String,
    "integer": fields.Integer,
    "decimal": fields.Float,
    "day": fields.Date,
    "moment": fields.DateTime,
    "boolean": fields.Boolean,
    "json": fields.Raw,
}


def equals(expression: Any) -> Filter:
    """A filter for exactly this text."""
    return Filter(Line(max=255, min=1), lambda _actor, value: expression == value)


def flag(condition: Any) -> Filter:
    """A filter ?name=true|false for a condition and its opposite."""
    return Filter(FlagText(), lambda _actor, value: condition if value else ~condition)


LISTINGS: dict[str, Listing] = {}


def declare(listing: Listing) -> Listing:
    LISTINGS[listing.kind] = listing
    return listing


def actor_may(actor: Actor, permission: str) -> None:
    """Forbidden unless he holds the right somewhere; the scope then decides which rows."""
    if not actor.can_somewhere(permission):
        raise Forbidden()


def _cursor(order: str, row: Sequence[Any]) -> str:
    value = row[1].isoformat() if isinstance(row[1], date) else row[1]
    return base64.urlsafe_b64encode(orjson.dumps([order, value, row[0]])).decode().rstrip("=")


def _read_cursor(cursor: str, order: str) -> tuple[Any, int]:
    try:
        known, value, row_id = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        known, value, row_id = None, None, None
    plain = isinstance(row_id, int) and isinstance(value, int | str) and -(2**63) <= row_id < 2**63
    if not plain or known != order or (isinstance(value, int) and abs(value) >= 2**63):
        raise Invalid.field("cursor", "Pass the value of `next` from the page before, with the same order.")
    return value, row_id


Converter = Callable[[Any], Any]


def _converters(columns: Sequence[Column]) -> list[tuple[int, Converter]]:
    return [(i, _CONVERT[column.kind]) for i, column in enumerate(columns) if column.kind in _CONVERT]


def _apply(convert: Sequence[tuple[int, Converter]], values: Sequence[Any]) -> list[Any]:
    ready = list(values)
    for index, function in convert:
        if ready[index] is not None:
            ready[index] = function(ready[index])
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
