"""Where the files are while a store moves, and once it has moved: known to every process of the installation."""

import threading
import time
from dataclasses import dataclass
from typing import Any

from peewee import CharField, OperationalError, ProgrammingError, TextField

from registry.kernel import clock
from registry.kernel.db import Instant, Row, connection, database

LOOK_SECONDS = 2.0
GOING, DONE = "going", "done"


class FileMove(Row):
    """A store that moves, or has moved. In the order of their ids they lead from what is configured to where the files
    are: A to B, B to C, and back to A."""

    source = TextField()
    target = TextField()
    state = CharField(max_length=8)
    begun_at = Instant(default=clock.now)
    done_at = Instant(null=True)

    class Meta:
        table_name = "file_move"


@dataclass(frozen=True, slots=True)
class Standing:
    """`current`: where new files go. `older`: where files are left that have not been moved yet."""

    current: str
    older: str | None = None


_known: list[tuple[float, str, Any, Standing]] = []


def standing(url: str, *, fresh: bool = False) -> Standing:
    """Where the files of the store configured as `url` are; looked up anew every LOOK_SECONDS."""
    now, opened = time.monotonic(), database.obj
    if opened is None:
        return Standing(url)
    if _known and not fresh:
        looked, of, there, found = _known[0]
        if of == url and there is opened and now - looked < LOOK_SECONDS:
            return found
    found = followed(url, rows())
    _known[:] = [(now, url, opened, found)]
    return found


def followed(url: str, rows: list[tuple[str, str, str]]) -> Standing:
    found = Standing(url)
    for source, target, state in rows:
        if source == found.current:
            found = Standing(target, source if state == GOING else None)
    return found


def rows() -> list[tuple[str, str, str]]:
    """(source, target, state) of every move, the first one first."""
    if not database.in_transaction():
        return _rows()
    return rows_aside()  # a long transaction sees the table as it was when it began


def rows_aside() -> list[tuple[str, str, str]]:
    """The same by a connection of its own, which is closed again."""
    found: list[tuple[str, str, str]] = []
    errors: list[BaseException] = []

    def look() -> None:
        try:
            found.extend(_rows())
        except BaseException as error:
            errors.append(error)
        finally:
            database.close()

    aside = threading.Thread(target=look)
    aside.start()
    aside.join()
    if errors:
        raise errors[0]
    return found


def _rows() -> list[tuple[str, str, str]]:
    query: Any = FileMove.select(FileMove.source, FileMove.target, FileMove.state).order_by(FileMove.id).tuples()
    with connection():
        try:
            return list(query)
        except (OperationalError, ProgrammingError) as error:
            if "file_move" in str(error):  # a database from before there was such a table
                return []
            raise


def forget() -> None:
    """What this process knows: it looks again at once."""
    _known.clear()
