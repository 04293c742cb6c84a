"""Tables of plugins that are not installed here, in a database that somebody brought."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from registry.kernel import migrate, schema


@contextmanager
def distrusted(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection on which nothing that the file itself brings (views, triggers, defaults) may call functions."""
    side = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        side.execute("PRAGMA trusted_schema = OFF")
        side.execute("PRAGMA cell_size_check = ON")
        yield side
    finally:
        side.close()


def found_in(database: Path) -> list[str]:
    """Names of plugins that have a history in it, and are not here."""
    known = {owner.table for owner in migrate.everybody()}
    with distrusted(database) as side:
        histories = [name for name in _tables(side) if name.startswith(migrate.HISTORY)]
    return sorted(name.removeprefix(migrate.HISTORY) for name in histories if name not in known)


def _tables(side: sqlite3.Connection) -> list[str]:
    return [row[0] for row in side.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def leave_out(database: Path) -> None:
    """Take the tables of plugins that are not here out of a copy. What else is amiss is still found by look_over()."""
    strangers = found_in(database)
    ours = {str(model._meta.table_name) for model in schema.models()}
    beginnings = tuple(f"{name}_" for name in strangers)
    histories = {f"{migrate.HISTORY}{name}" for name in strangers}
    with closing(sqlite3.connect(database)) as side:
        side.execute("PRAGMA trusted_schema = OFF")
        gone = [name for name in _tables(side) if name in histories or name.startswith(beginnings)]
        for name in sorted(set(gone) - ours, key=len):  # a search table goes before its shadows, and takes them along
            if name in _tables(side):
                side.execute('DROP TABLE "{}"'.format(name.replace('"', '""')))  # a name of somebody else's making
        side.commit()
