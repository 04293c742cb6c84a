"""One run over a file: what it was asked to do, what it found, and what it counted. Dry and real runs are the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from registry.customers.models import Customer
from registry.imports.cells import CellError
from registry.imports.mapping import FieldSpec, Mapping
from registry.imports.problems import RowProblem
from registry.imports.reading import Record, Table
from registry.kernel.access import Actor
from registry.kernel.errors import Problem
from registry.kernel.writing import WHOLE

KEPT_ERRORS = 1000  # in full; beyond that they are counted
KEPT_CHANGES = 10_000
CHUNK = 2000

Parsed = tuple[int, dict[str, Any]]  # physical line, field -> value; blank cells are absent


class Unknown(Exception):
    """A cell that means nothing here. Carries the field and a sentence."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


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
    secrets: frozenset[str] = frozenset()  # fields whose values no report may show
    kept: dict[str, Any] = field(default_factory=dict)  # what the audit chain must not hold, but an undo needs
    lines: dict[tuple[str, int], int] = field(default_factory=dict)  # (table, id) -> line, of the first rows taken
    changes: list[dict[str, Any]] = field(default_factory=list)  # columns of ImportChange

    def took(self, line: int, table: str, row_id: int) -> None:
        """This line made or changed that row."""
        if len(self.lines) < KEPT_CHANGES:
            self.lines[table, row_id] = line

    def problem(self, line: int, name: str | None, value: Any, message: str) -> None:
        """A row that cannot be taken. `name`: the field at fault."""
        self.error_count += 1
        if len(self.errors) < KEPT_ERRORS:
            column = self.headers.get(name, name) if name else None
            shown = None if value is None or name in self.secrets else storable(str(value)[:200])
            self.errors.append({"line": line, "column": column, "value": shown, "message": message})

    def refuse(self, line: int, name: str | None, value: Any, message: str) -> None:
        """One problem that costs the whole row."""
        self.skipped += 1
        self.problem(line, name, value, message)

    def fault(self, line: int, fault: Unknown | Problem, values: dict[str, Any]) -> None:
        """Refuse the row for what was raised about it."""
        if isinstance(fault, Unknown):
            name, text = fault.name, fault.message
        else:
            name, texts = next(iter(fault.errors.items()), ("", [fault.message]))
            name, text = "" if name == WHOLE else name, " ".join(str(one) for one in texts)
        self.refuse(line, name or None, values.get(name), text)


def storable(text: str) -> str:
    """Text of a file as every database and JSON takes it: without NUL and halves of characters."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class Handler(Protocol):
    """Takes parsed rows of one kind into the registry, in the run's transaction.

    It writes in a dry run too, and the transaction is taken back: so a dry run cannot predict anything else than
    what the real run does.
    """

    def take(self, rows: Sequence[Parsed]) -> None: ...

    def finish(self) -> None:
        """The file has no more rows."""

    def keep(self) -> None:
        """What was taken will stay; what only a lasting import needs can be done now."""

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


def _values(
    record: Record, columns: Iterable[tuple[int, str, Callable[[str], Any]]], run: Run
) -> dict[str, Any] | None:
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


def chunks(rows: Iterable[Parsed]) -> Iterator[list[Parsed]]:
    chunk: list[Parsed] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of thing that files can bring. `permissions`: one of them is needed beside import.run."""

    name: str
    permissions: tuple[str, ...]
    keys: tuple[str, ...]
    fields: Callable[[Actor, Customer, dict[str, Any]], list[FieldSpec]]
    handler: Callable[[Run, Mapping], Handler]
    secrets: frozenset[str] = frozenset()


KINDS: dict[str, ImportKind] = {}


def declare(kind: ImportKind) -> None:
    KINDS[kind.name] = kind
