"""Keys of the file store that rows name: what lies in the store and no row tells of is nobody's."""

from collections.abc import Iterable, Iterator

from peewee import Column, Table

from registry.kernel import schema, wall
from registry.kernel.db import database

FILE = "file_key"  # the column in which tables of ours name a file; those of plugins say theirs in FILES


def unnamed(keys: Iterable[str]) -> list[str]:
    """Those of `keys` that no row of any table names, those of plugins that are gone included."""
    found = set(keys)
    with wall.everywhere():
        for table, column in _columns():
            if not found:
                break
            found.difference_update(_keys_in(table, column))
    return sorted(found)


def _columns() -> Iterator[tuple[str, str]]:
    """Columns that hold keys; of tables that nobody here knows, all that hold text."""
    known = {str(model._meta.table_name): {FILE, *getattr(model, "FILES", ())} for model in schema.models()}
    for table in database.get_tables():
        for column in database.get_columns(table):
            wanted = known.get(table)
            if column.name in wanted if wanted is not None else _is_text(column.data_type):
                yield table, column.name


def _is_text(kind: str) -> bool:
    return "char" in kind.lower() or kind.lower() == "text"


def _keys_in(table: str, column: str) -> Iterator[str]:
    there = Table(table).bind(database)
    text = Column(there, column)
    ours = text.startswith("customer/") | text.startswith("house/")
    yield from (key for (key,) in there.select(text).where(ours).tuples())
