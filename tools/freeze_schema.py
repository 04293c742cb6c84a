"""Write what a migration has to do as frozen DDL, one file for either engine: python tools/freeze_schema.py NAME

NAME is a migration that has not been released (released files never change), such as 0002_open_house. Its files get
what the models say and no earlier migration has built: new tables and indexes, new columns, guards, policies.
Columns that change or go need a hand-written migration.
"""

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from peewee import PostgresqlDatabase, SqliteDatabase

from registry.app import load_rooms
from registry.kernel import db, schema
from registry.kernel.paths import PACKAGE

FOLDER = PACKAGE / "migrations"
ENGINES = {
    "sqlite": lambda: SqliteDatabase(":memory:"),
    "postgresql": lambda: PostgresqlDatabase("none", prefer_psycopg3=True),
}
TABLE = re.compile(r'CREATE TABLE "(\w+)"')
ADDED = re.compile(r'ALTER TABLE "(\w+)" ADD COLUMN "(\w+)"')


def main(name: str) -> None:
    for engine in ENGINES:
        path = FOLDER / f"{name}.{engine}.sql"
        path.write_text("".join(f"{line}\n" for line in missing(name, engine)))
        print(Path(*path.parts[-3:]))


def missing(name: str, engine: str) -> list[str]:
    """What the models say and no migration before `name` has built, in order."""
    load_rooms()
    before = db.database.obj
    db.database.initialize(ENGINES[engine]())
    try:
        built = [line for path in earlier(name, engine) for line in path.read_text().splitlines()]
        columns = columns_of(built)
        models = {str(model._meta.table_name): model for model in schema.models()}
        found: list[str] = []
        for statement in schema.statements():
            table = TABLE.match(statement)
            if table and table[1] in columns:
                found += additions(models[table[1]], columns[table[1]])
            elif statement not in built:
                found.append(statement)
        return found
    finally:
        db.database.initialize(before)


def earlier(name: str, engine: str) -> list[Path]:
    return sorted(path for path in FOLDER.glob(f"*.{engine}.sql") if path.name < f"{name}.")


def columns_of(statements: list[str]) -> dict[str, set[str]]:
    """table -> names of its columns."""
    found: dict[str, set[str]] = {}
    for statement in statements:
        if table := TABLE.match(statement):
            found[table[1]] = set(re.findall(r'[(,] ?"(\w+)" [A-Z]', statement))
        elif added := ADDED.match(statement):
            found[added[1]].add(added[2])
    return found


def additions(model: Any, there: set[str]) -> list[str]:
    """A new column may be NULL or has a DEFAULT of the database's own, since rows are there already."""
    sentences = []
    for field in model._meta.sorted_fields:
        if field.column_name in there:
            continue
        if not field.null and "DEFAULT" not in str([getattr(one, "sql", one) for one in field.constraints or ()]):
            raise ValueError(f"{model.__name__}.{field.name}: let it be null, or give constraints=[SQL('DEFAULT ...')]")
        context = model._meta.database.get_sql_context()
        definition, _ = context.sql(field.ddl(context)).query()
        sentences.append(f'ALTER TABLE "{model._meta.table_name}" ADD COLUMN {definition}')
    return sentences


if __name__ == "__main__":
    main(sys.argv[1])
