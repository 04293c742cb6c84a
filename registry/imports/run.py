"""One run over a file: what it was asked to do, what it found, and what it counted. Dry and real runs are the same."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from registry.customers.models import Customer
from registry.imports.cells import CellError
from registry.imports.mapping import FieldSpec, Mapping
from registry.imports.reading import Record, Table
from registry.imports.problems import RowProblem
from registry.kernel.access import Actor

KEPT_ERRORS = 1000  # in full; beyond that they are counted
CHUNK = 2000

Parsed = tuple[int, dict[str, Any]]  # physical line, field -> value; blank cells are absent


@dataclass
class Run:
    """`write` False means look only. `id` tags what is written, so that it can be undone as a whole."""

    id: int
    actor: Actor
    customer: Customer
    mode: str
    key: str
    write: bool
    create_missing: bool = True
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    error_count: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)  # field -> the file's header

    def problem(self, line: int, name: str | None, value: Any, message: str) -> None:
        """A row that cannot be taken. `name`: the field at fault."""
        self.error_count += 1
        if len(self.errors) < KEPT_ERRORS:
            column = self.headers.get(name, name) if name else None
            shown = None if value is None else str(value)[:200]
            self.errors.append({"line": line, "column": column, "value": shown, "message": message})

    def refuse(self, line: int, name: str | None, value: Any, message: str) -> None:
        """One problem that costs the whole row."""
        self.skipped += 1
        self.problem(line, name, value, message)


class Handler(Protocol):
    """Takes parsed rows of one kind into the registry."""

    def take(self, rows: Sequence[Parsed]) -> None: ...

    def finish(self) -> None:
        """All rows are taken and will be kept."""

    def close(self) -> None:
        """Give back what it holds, whatever happened."""


def parsed_rows(table: Table, mapping: Mapping, run: Run) -> Iterator[Parsed]:
    """Rows whose every cell could be read; the others are reported and left out."""
    columns = [(at, spec.name, spec.parser) for at, spec in mapping.columns.items()]
    for record in table:
        run.rows += 1
        if isinstance(record, RowProblem):
            run.refuse(record.line, None, None, record.message)
            continue
        values = _values(record, columns, run)
        if values is not None:
            yield record[0], values


def _values(record: Record, columns: Iterable[tuple[int, str, Callable[[str], Any]]], run: Run) -> dict[str, Any] | None:
    line, cells = record  # type: ignore[misc]
    values: dict[str, Any] = {}
    sound = True
    for at, name, parse in columns:
        cell = cells[at]
        if not cell:
            continue
        try:
            value = parse(cell)
        except CellError as error:
            run.problem(line, name, cell, str(error))
            sound = False
            continue
        if value is not None:
            values[name] = value
    if not sound:
        run.skipped += 1
        return None
    return values


def chunks(rows: Iterable[Parsed], size: int = CHUNK) -> Iterator[list[Parsed]]:
    chunk: list[Parsed] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class Seen:
    """Which values of unique columns this file has had, and in which line: on disk, so that memory stays flat."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a private file that vanishes with the connection
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("PRAGMA cache_size=-16000")
        self._db.execute("CREATE TABLE seen (value TEXT PRIMARY KEY, line INT) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def repeats(self, values: Sequence[tuple[str, int]]) -> dict[int, int]:
        """Remember (value, line) pairs; line -> earlier line for those that came before."""
        repeated: dict[int, int] = {}
        fresh: dict[str, int] = {}
        for value, line in values:
            if value in fresh:
                repeated[line] = fresh[value]
            else:
                fresh[value] = line
        earlier = self._earlier(list(fresh))
        for value, line in earlier.items():
            repeated[fresh[value]] = line
        self._db.executemany(
            "INSERT INTO seen VALUES (?, ?)", [pair for pair in fresh.items() if pair[0] not in earlier]
        )
        return repeated

    def _earlier(self, values: list[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for at in range(0, len(values), 500):
            part = values[at : at + 500]
            marks = ",".join("?" * len(part))
            found.update(self._db.execute(f"SELECT value, line FROM seen WHERE value IN ({marks})", part).fetchall())  # noqa: S608
        return found

    def close(self) -> None:
        self._db.close()


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of thing that files can bring. `permission`: what its rows need beside import.run."""

    name: str
    permission: str
    keys: tuple[str, ...]
    fields: Callable[[Actor, Customer, dict[str, Any]], list[FieldSpec]]
    handler: Callable[[Run, Mapping], Handler]


KINDS: dict[str, ImportKind] = {}


def declare(kind: ImportKind) -> None:
    KINDS[kind.name] = kind
