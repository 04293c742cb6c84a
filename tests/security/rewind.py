"""Put an installation back to how it was, in a moment: what thousands of calls need that each want to meet the same."""

import sqlite3
from io import BytesIO
from typing import Any

from registry.kernel import db, files
from tests.houses import House


class Rewind:
    """Keeps a copy of the SQLite database of `house`, and of its small files, and puts them back when something was
    written since."""

    def __init__(self, house: House) -> None:
        house.app  # noqa: B018 - opens the database that the application writes to
        self.kept = sqlite3.connect(":memory:")
        self._live().backup(self.kept)
        self._seen = self._live().total_changes
        self.files = {key: self._read(key) for key in list(files.store().keys())}

    @staticmethod
    def _read(key: str) -> bytes:
        with files.store().open(key) as stream:
            return stream.read()

    def _live(self) -> Any:
        db.connect()
        return db.database.connection()

    @property
    def changed(self) -> bool:
        return bool(self._live().total_changes != self._seen)

    def back(self) -> bool:
        """Put back what was kept; answers whether anything had been written."""
        changed = self.changed
        if changed:
            self.kept.backup(self._live())
            self._seen = self._live().total_changes
            self._files_back()
        return changed

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
