"""Put an installation back to how it was, in a moment: what thousands of calls need that each want to meet the same."""

import sqlite3
from io import BytesIO
from secrets import token_hex
from typing import Any

from registry.kernel import db, files
from tests.houses import House

# Notes each change of a bucket: most of thousands of calls are refused, and do no more than take a token from one.
NOTING = """
CREATE TEMP TABLE {notes} (one);
CREATE TEMP TRIGGER {notes}_new AFTER INSERT ON main.bucket BEGIN INSERT INTO {notes} VALUES (1); END;
CREATE TEMP TRIGGER {notes}_other AFTER UPDATE ON main.bucket BEGIN INSERT INTO {notes} VALUES (1); END;
CREATE TEMP TRIGGER {notes}_gone AFTER DELETE ON main.bucket BEGIN INSERT INTO {notes} VALUES (1); END;
"""


class Rewind:
    """Keeps a copy of the SQLite database of `house`, and of its small files, and puts them back when something was
    written since. Buckets of the throttle, which are nobody's, are put back by themselves where nothing else was:
    after a whole copy the database and all its statements are read anew."""

    def __init__(self, house: House) -> None:
        house.app  # noqa: B018 - opens the database that the application writes to
        self.kept = sqlite3.connect(":memory:")
        self._live().backup(self.kept)
        self._buckets = self.kept.execute("SELECT id, key, full_at FROM bucket").fetchall()
        self._watch()
        self.files = {key: self._read(key) for key in list(files.store().keys())}

    def _watch(self) -> None:
        self._watched, self._notes = self._live(), f"noted_{token_hex(4)}"
        self._watched.executescript(NOTING.format(notes=self._notes))
        self._seen = self._counts()

    def _counts(self) -> tuple[int, int]:
        """Rows written by this connection, and notes among them: one for each bucket."""
        notes = self._watched.execute(f"SELECT count(*) FROM {self._notes}").fetchone()[0]
        return self._watched.total_changes, notes

    @staticmethod
    def _read(key: str) -> bytes:
        with files.store().open(key) as stream:
            return stream.read()

    def _live(self) -> Any:
        db.connect()
        return db.database.connection()

    @property
    def changed(self) -> bool:
        """Whether anything was written but buckets."""
        if self._live() is not self._watched:  # another connection, which tells nothing
            return True
        (rows, notes), (rows_seen, notes_seen) = self._counts(), self._seen
        return rows - rows_seen != 2 * (notes - notes_seen)

    def back(self) -> bool:
        """Put back what was kept; answers whether anything had been written but buckets."""
        changed, live = self.changed, self._live()
        if changed:
            self.kept.backup(live)
            self._files_back()
        elif self._counts() != self._seen:
            self._buckets_back(live)
        if live is self._watched:
            self._seen = self._counts()
        else:
            self._watch()
        return changed

    def _buckets_back(self, live: Any) -> None:
        with db.transaction():
            live.execute("DELETE FROM bucket")
            live.executemany("INSERT INTO bucket (id, key, full_at) VALUES (?, ?, ?)", self._buckets)

    def _files_back(self) -> None:
        here = set(files.store().keys())
        for key in here - self.files.keys():
            files.store().delete(key)
        for key in self.files.keys() - here:
            files.store().put(key, BytesIO(self.files[key]))


class Revival:
    """Where a database cannot be put back in a moment: only what somebody did to his own account is taken back."""

    TABLES = ("app_user", "membership", "session", "token")

    def __init__(self, user_id: int) -> None:
        self.user_id, self.changed = user_id, True
        self.kept = {table: self._rows(table) for table in self.TABLES}

    def _rows(self, table: str) -> list[dict[str, Any]]:
        column = "id" if table == "app_user" else "user_id"
        found = db.run_sql(f"SELECT * FROM {table} WHERE {column} = ?", (self.user_id,))
        names = [part[0] for part in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def back(self) -> bool:
        with db.connection(), db.transaction():
            for table, rows in self.kept.items():
                here = {row["id"] for row in self._rows(table)}
                for row in rows:
                    values = {name: value for name, value in row.items() if name != "id" and name != "scope"}
                    if row["id"] in here:
                        sets = ", ".join(f"{name} = ?" for name in values)
                        db.run_sql(f"UPDATE {table} SET {sets} WHERE id = ?", (*values.values(), row["id"]))
                    else:
                        names, marks = ", ".join(values), ", ".join("?" * len(values))
                        db.run_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
        return True
