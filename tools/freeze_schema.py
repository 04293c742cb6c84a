"""Write the DDL of the models as a migration's SQL files: python tools/freeze_schema.py 0001_initial

Only for a migration that has not been released: released files never change.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from peewee import PostgresqlDatabase, SqliteDatabase

from registry.app import load_rooms
from registry.kernel import db, schema
from registry.kernel.paths import PACKAGE


def main(name: str) -> None:
    load_rooms()
    for engine, database in (
        ("sqlite", SqliteDatabase(":memory:")),
        ("postgresql", PostgresqlDatabase("none", prefer_psycopg3=True)),
    ):
        db.database.initialize(database)
        path = PACKAGE / "migrations" / f"{name}.{engine}.sql"
        path.write_text("\n".join(schema.statements()) + "\n")
        print(Path(*path.parts[-3:]))


if __name__ == "__main__":
    main(sys.argv[1])
