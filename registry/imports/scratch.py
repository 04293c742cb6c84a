"""What a run has to remember of rows that went by: on disk, so that memory stays flat however long the file is."""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from registry.imports.run import Parsed

_AT_ONCE = 500  # values in one SELECT


class Seen:
    """Which values of unique columns this file has had, and in which line."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a private file that vanishes with the connection
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000", "locking_mode=EXCLUSIVE"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE seen (value TEXT PRIMARY KEY, line INT) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def repeats(self, values: Sequence[tuple[str, int]]) -> dict[int, int]:
        """Remember (value, line) pairs; line -> earlier line for those that came before."""
        repeated: dict[int, int] = {}
        fresh: dict[str, int] = {}
        for value, line in values:
            if fresh.setdefault(value, line) != line:
                repeated[line] = fresh[value]
        earlier = self._earlier(list(fresh))
        for value, line in values:
            if value in earlier:
                repeated[line] = earlier[value]
        new = [pair for pair in fresh.items() if pair[0] not in earlier] if earlier else list(fresh.items())
        self._db.executemany("INSERT INTO seen VALUES (?, ?)", new)
        return repeated

    def _earlier(self, values: list[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for at in range(0, len(values), _AT_ONCE):
            part = values[at : at + _AT_ONCE]
            marks = ",".join("?" * len(part))
            found.update(self._db.execute(f"SELECT value, line FROM seen WHERE value IN ({marks})", part).fetchall())  # noqa: S608
        return found

    def close(self) -> None:
        self._db.close()


class Waiting:
    """Rows put aside until the rows that they refer to are in. Dates come back as ISO text, tuples as lists."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self.count = 0

    def put(self, row: Parsed) -> None:
        self._file.write(orjson.dumps(row) + b"\n")
        self.count += 1

    def rows(self) -> Iterator[Parsed]:
        """All of them, in the order in which they were put."""
        self._file.seek(0)
        for text in self._file:
            line, values = orjson.loads(text)
            yield line, values

    def close(self) -> None:
        self._file.close()


def parts(values: Sequence[Any], size: int = _AT_ONCE) -> list[Sequence[Any]]:
    """The values, as many at a time as one statement takes."""
    return [values[at : at + size] for at in range(0, len(values), size)]
