"""One way to write a value, whichever engine it came from: what is copied between them is compared in this form.

It is how SQLite keeps values; PostgreSQL reads every one of them as text.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from peewee import Field, ForeignKeyField

Raw = tuple[Any, ...]
Convert = Callable[[Any], Any]

_PLAIN = frozenset({"INT", "BIGINT", "SMALLINT", "AUTO", "BIGAUTO", "TEXT", "VARCHAR", "CHAR"})
_LARGEST = 2**63


class NotCopied(ValueError):
    """A value or a column that cannot be carried over, told with its table."""


def columns_of(model: Any) -> list[str]:
    return [field.column_name for field in model._meta.sorted_fields]


def converters(model: Any) -> list[tuple[int, Convert]]:
    """(position, how to write the value) of the columns whose values the engines give back in different shapes."""
    found = []
    for at, field in enumerate(model._meta.sorted_fields):
        convert = _converter(_kind(field), field)
        if convert:
            found.append((at, convert))
    return found


def json_columns(model: Any) -> list[int]:
    return [at for at, field in enumerate(model._meta.sorted_fields) if _kind(field) == "JSON"]


def _kind(field: Field) -> str:
    while isinstance(field, ForeignKeyField):
        field = field.rel_field
    return str(field.field_type)


def _converter(kind: str, field: Any) -> Convert | None:
    if kind in _PLAIN or kind == "JSON":
        return None
    if kind == "DECIMAL":
        step = Decimal(1).scaleb(-field.decimal_places)
        return lambda value: format(Decimal(str(value)).quantize(step), "f")
    if kind not in _CONVERTERS:
        raise NotCopied(f"{field.model._meta.table_name}.{field.column_name}: there is no copying {kind} yet")
    return _CONVERTERS[kind]


def _moment(value: Any) -> str:
    if isinstance(value, str) and len(value) == 26:
        return value
    read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return read.replace(tzinfo=None).isoformat(" ", "microseconds")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


_CONVERTERS: dict[str, Convert] = {
    "BOOL": int,
    "DATETIME": _moment,
    "DATE": lambda value: value.isoformat() if isinstance(value, date) else value,
    "TIME": _text,
    "FLOAT": float,
    "DOUBLE": float,
    "BLOB": bytes,
    "UUID": lambda value: _text(value).replace("-", ""),
}


def converted(rows: Sequence[Raw], convert: Sequence[tuple[int, Convert]]) -> list[list[Any]]:
    """The rows as they are written to the other engine."""
    found = [list(row) for row in rows]
    for at, how in convert:
        for row in found:
            if row[at] is not None:
                row[at] = how(row[at])
    return found


class Checksum:
    """SHA-256 over the rows of a table in order; the same on both engines for the same content."""

    def __init__(self, model: Any) -> None:
        self.rows = 0
        self._convert = [*converters(model), *((at, _same_json) for at in json_columns(model))]
        self._hash = hashlib.sha256()

    def take(self, rows: Sequence[Raw]) -> None:
        self._hash.update(b"\n".join(map(_line, converted(rows, self._convert))) + b"\n" if rows else b"")
        self.rows += len(rows)

    def told(self) -> str:
        return self._hash.hexdigest()


def _line(row: list[Any]) -> bytes:
    return orjson.dumps(row, default=_hex)


def _hex(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


def _same_json(text: Any) -> Any:
    """JSON without its accidents: order of keys, spaces, 1.0 for 1."""
    if text in ("{}", "[]"):
        return text
    return orjson.dumps(_level(orjson.loads(_text(text))), option=orjson.OPT_SORT_KEYS).decode()


def _level(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _level(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_level(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST:
        return int(Decimal(repr(value)))  # as it is written: 6.9e16 has more digits in its binary form
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return float(value)
    return value


def checksum(model: Any, batches: Iterable[Sequence[Raw]]) -> tuple[int, str]:
    """(rows, checksum) of a table that is read in order."""
    made = Checksum(model)
    for rows in batches:
        made.take(rows)
    return made.rows, made.told()
