"""Lists of rows: which columns, filters and orders there are, read by keyset as plain values, never as models.

One Listing serves the JSON list, the single object, the page and the export of a room, so that all show the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, fields, validate
from peewee import JOIN, SQL, Field, ModelSelect, NodeList, fn

from registry.kernel import keyset
from registry.kernel.access import Actor, visible
from registry.kernel.columns import BY_ID, Column, Filter, Order, Window, equals, flag, seen_by
from registry.kernel.db import database, is_sqlite
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.kernel.language import _, quoted
from registry.kernel.prepared import Kept, prepared
from registry.kernel.shapes import Shape, Whole, items
from registry.kernel.values import converted, converters

__all__ = ["Column", "Filter", "Listing", "Window", "declare", "equals", "flag", "plural"]
LARGEST_PAGE = 500
DEFAULT_PAGE = 50


@dataclass
class Listing:
    """The list of one kind of thing. `joins` are (model, condition), always joined from the left."""

    kind: str
    model: Any  # a Model class; Any, since every room's has other columns
    permission: str
    columns: Sequence[Column]
    joins: Sequence[tuple[Any, Any]] = ()
    filters: dict[str, Filter] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)  # name -> column
    scope: Callable[[Actor], ModelSelect] | None = None  # for tables that are not scoped by customer_id
    _shapes: dict[bool, Schema] = field(default_factory=dict)
    _texts: Kept = field(default_factory=dict, init=False)
    _usual: set[tuple[str, ...]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        if self.scope is None and any(column.seen for column in self.columns):
            raise ValueError(f"list {self.kind}: the text of its statements is kept, and cannot depend on the reader")
        self.often([column.name for column in self._shown(detail=False)])

    def page(self, actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """{"items": [...], "next": cursor or None} for the parsed query `arguments`."""
        found = self.window(actor, arguments)
        return {"items": found.items, "next": found.next}

    def window(self, actor: Actor, arguments: Mapping[str, Any], columns: Sequence[str] = ()) -> Window:
        """The same, and the way back. `columns`: which to read, details too; none means all that are no details.

        The argument `before` is the cursor of a row in place of `cursor`: the page that ends above it.
        """
        limit = arguments.get("limit") or DEFAULT_PAGE
        order, given = self._order(arguments), self._given(actor, arguments)
        shown = seen_by(self._confined(actor), self.chosen(columns))
        if before := arguments.get("before"):
            rows = self._beyond(actor, given, order.turned, before, limit + 1, shown)
            if len(rows) <= limit:  # from here on there is nothing but the first page
                return self.window(actor, {**arguments, "before": None}, columns)
            rows = rows[:limit][::-1]
            return Window(self._dicts(rows, shown), self._cursor(order, rows[-1]), self._cursor(order, rows[0]))
        if cursor := arguments.get("cursor"):
            rows = self._beyond(actor, given, order, cursor, limit + 1, shown)
        else:
            rows = self._first_rows(actor, given, order, limit + 1, shown)
        following = self._cursor(order, rows[limit - 1]) if len(rows) > limit else None
        previous = self._cursor(order, rows[0]) if cursor and rows else None
        return Window(self._dicts(rows[:limit], shown), following, previous)

    @staticmethod
    def _cursor(order: Order, row: Sequence[Any]) -> str:
        return keyset.written(order.name, row)

    def _beyond(
        self, actor: Actor, given: Mapping[str, Any], order: Order, cursor: str, limit: int, columns: Sequence[Column]
    ) -> list[tuple[Any, ...]]:
        position = keyset.read(cursor, order.name, self._column(order.name))
        return self._rows(self._where(actor, given).where(self._after(position, order, given)), order, limit, columns)

    def _after(self, position: keyset.Position, order: Order, given: Mapping[str, Any]) -> Any:
        column, blanks = self._column(order.name), self._may_be_blank(order.name, given)
        return keyset.beyond(self.model.id, column, position, descending=order.descending, blanks=blanks)

    def these(self, actor: Actor, ids: Sequence[int], columns: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Those of the rows `ids` that the actor may see, by id."""
        shown = seen_by(self._confined(actor), self.chosen(columns))
        query = self._joined(self._confined(actor)).where(self.model.id.in_(list(ids)))
        return self._dicts(self._rows(query, BY_ID, len(ids) + 1, shown), shown)

    def one(self, actor: Actor, row_id: int) -> dict[str, Any]:
        """The single object with every column, or NotFound."""
        if not 0 <= row_id < 2**63:
            raise NotFound()
        columns = seen_by(self._confined(actor), self._shown(detail=True))

        def write(scope: Actor, wanted: int) -> ModelSelect:
            return self._ordered(self._joined(scope).where(self.model.id == wanted), BY_ID, 1, columns)

        rows = self._fetched(actor, "one", [row_id], write)
        if not rows:
            raise NotFound()
        return self._dicts(rows, columns)[0]

    def _first_rows(
        self, actor: Actor, given: Mapping[str, Any], order: Order, limit: int, columns: Sequence[Column]
    ) -> list[tuple[Any, ...]]:
        """Without a cursor, and with plain filters and usual columns only, the statement is the same each time."""
        names = tuple(column.name for column in columns)
        if names not in self._usual or not all(self.filters[name].plain for name in given):
            return self._rows(self._where(actor, given), order, limit, columns)

        def write(scope: Actor, most: int, *values: Any) -> ModelSelect:
            query = self._joined(scope)
            for name, value in zip(given, values, strict=True):
                query = query.where(self.filters[name].condition(scope, value))
            return self._ordered(query, order, most, columns)

        return self._fetched(actor, (names, order, *given), [limit, *given.values()], write)

    def _fetched(self, actor: Actor, key: Any, values: list[Any], write: Any) -> list[tuple[Any, ...]]:
        confined = self._confined(actor)
        if self.scope:  # it may look at anything about the actor
            sql, params = write(confined, *values).sql()
        else:
            sql, params = prepared(self._texts, key, confined, values, write)
        return database.execute_sql(sql, params).fetchall()  # type: ignore[no-any-return]

    def stream(
        self, actor: Actor, arguments: Mapping[str, Any], columns: Sequence[str] = (), *, step: int = 5000
    ) -> Iterator[tuple[Any, ...]]:
        """Every row as a tuple of the columns' values (all columns unless some are named), in the list's order.

        It is read by keyset in steps, so that memory stays flat. What the actor may not do or name is refused here,
        before the first row.
        """
        actor_may(actor, "export.run")
        confined = actor.where("export.run")
        given = self._given(confined, arguments)
        shown = seen_by(self._confined(confined), self.exported(columns))
        return self._in_steps(self._where(confined, given), self._order(arguments), given, shown, step)

    def _in_steps(
        self, base: ModelSelect, order: Order, given: Mapping[str, Any], columns: Sequence[Column], step: int
    ) -> Iterator[tuple[Any, ...]]:
        convert, query = converters(columns), base
        while True:
            rows = self._rows(query, order, step, columns)
            for row in rows:
                yield tuple(converted(convert, row[2:]))
            if len(rows) < step:
                return
            query = base.where(self._after(keyset.position_of(rows[-1]), order, given))

    def exported(self, columns: Sequence[str] = ()) -> list[Column]:
        return self.chosen(columns) if columns else self._shown(detail=True)

    def chosen(self, columns: Sequence[str] = ()) -> list[Column]:
        """The columns of these names, in this order; without names those that are no details."""
        if not columns:
            return self._shown(detail=False)
        known = {column.name: column for column in self.columns}
        if unknown := [name for name in columns if name not in known]:
            raise Invalid.field(
                "columns",
                _(
                    "There is no column %(unknown)s. Choose from: %(known)s.",
                    unknown=quoted(unknown[0]),
                    known=", ".join(known),
                ),
            )
        return [known[name] for name in columns]

    def often(self, columns: Sequence[str]) -> None:
        """Keep the text of statements that read these columns: a page shows them unless somebody chooses others."""
        self._usual.add(tuple(columns))

    def _shown(self, *, detail: bool) -> list[Column]:
        return [column for column in self.columns if detail or not column.detail]

    def _confined(self, actor: Actor) -> Actor:
        actor_may(actor, self.permission)
        return actor.where(self.permission) if self.permission else actor

    def _joined(self, confined: Actor) -> ModelSelect:
        query = self.scope(confined) if self.scope else visible(self.model, confined)
        for other, condition in self.joins:
            query = query.join_from(self.model, other, JOIN.LEFT_OUTER, on=condition)
        return query

    def _given(self, actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The filters that are asked for, with the values that the table holds."""
        actor_may(actor, self.permission)
        found = {name: value for name, value in arguments.items() if name in self.filters and value is not None}
        return {
            name: find(actor, value) if (find := self.filters[name].find) else value for name, value in found.items()
        }

    def _where(self, actor: Actor, given: Mapping[str, Any]) -> ModelSelect:
        query = self._joined(self._confined(actor))
        for name, value in given.items():
            query = query.where(self.filters[name].condition(actor, value))
        return query

    def fitting(self, actor: Actor, arguments: Mapping[str, Any]) -> ModelSelect:
        """The rows that fit, in no order: to be counted."""
        return self._where(actor, self._given(actor, arguments))

    def _order(self, arguments: Mapping[str, Any]) -> Order:
        given = [self.filters[n] for n, v in arguments.items() if n in self.filters and v is not None]
        wanted = arguments.get("sort") or next((each.order for each in given if each.order), "id")
        return Order(wanted.lstrip("-"), wanted.startswith("-"), any(each.few for each in given))

    def _column(self, order: str) -> Any:
        return self.model.id if order == "id" else self.orders[order]

    def _may_be_blank(self, order: str, given: Mapping[str, Any]) -> bool:
        """Whether rows without a value in the ordering column can be among the found: not when a filter is about it."""
        return getattr(self._column(order), "null", False) and all(self.filters[name].order != order for name in given)

    def _rows(self, query: ModelSelect, order: Order, limit: int, columns: Sequence[Column]) -> list[tuple[Any, ...]]:
        shown = self._ordered(query, order, limit, columns)
        return database.execute_sql(*shown.sql()).fetchall()  # type: ignore[no-any-return]

    def _ordered(self, query: ModelSelect, order: Order, limit: int, columns: Sequence[Column]) -> ModelSelect:
        by, key = self._column(order.name), self.model.id
        keys = [by, key] if by is not key else [NodeList((SQL("+"), key))] if order.late else [key]
        keys = [each.desc() if order.descending else each for each in keys]
        if self.joins and limit != 1 and not is_sqlite():
            # Which rows first, what they hold then. Behind its wall PostgreSQL takes a customer for a hundred times
            # smaller than he is, and would join and sort all that he has for each page.
            found = query.clone().select(key).order_by(*keys).limit(limit)
            query = query.where(key == fn.ANY(fn.ARRAY(found)))
        shown = query.select(key, by, *(column.expression for column in columns))
        return shown.order_by(*keys).limit(limit)

    def _dicts(self, rows: Sequence[tuple[Any, ...]], columns: Sequence[Column]) -> list[dict[str, Any]]:
        names, convert = [column.name for column in columns], converters(columns)
        return [dict(zip(names, converted(convert, row[2:]), strict=True)) for row in rows]

    def arguments(self, *, paged: bool = True) -> Schema:
        """The shape of the query string."""
        shape: dict[str, Any] = {name: item.field for name, item in self.filters.items()}
        if paged:
            signs = [sign + name for name in ("id", *self.orders) for sign in ("", "-")]
            shape["sort"] = fields.String(validate=validate.OneOf(signs))
            shape["limit"] = Whole(1, LARGEST_PAGE, load_default=DEFAULT_PAGE)
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


LISTINGS: dict[str, Listing] = {}


def plural(kind: str) -> str:
    """The word of the API for many of a kind: assets, licences, warranty-terms ..."""
    word = kind.replace("_", "-")
    if word in ("audit", "warranty-terms"):
        return word
    return word[:-1] + "ies" if word.endswith("y") else word + "s"


def declare(listing: Listing) -> Listing:
    LISTINGS[listing.kind] = listing
    return listing


def actor_may(actor: Actor, permission: str) -> None:
    """Forbidden unless he holds the right somewhere; the scope then decides which rows. "" asks for none."""
    if permission and not actor.can_somewhere(permission):
        raise Forbidden()
