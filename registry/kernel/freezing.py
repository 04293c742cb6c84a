"""Frozen DDL: what a migration has to do, worked out from the models and written down for either engine."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from peewee import PostgresqlDatabase, SqliteDatabase

from registry.kernel import db

ENGINES: dict[str, Callable[[], Any]] = {
    "sqlite": lambda: SqliteDatabase(":memory:"),
    "postgresql": lambda: PostgresqlDatabase("none", prefer_psycopg3=True),
}
TABLE = re.compile(r'CREATE TABLE "(\w+)"')
ADDED = re.compile(r'ALTER TABLE "(\w+)" ADD COLUMN "(\w+)"')


def freeze(folder: Path, name: str, statements: Callable[[], list[str]], models: Sequence[Any]) -> list[Path]:
    """Write `folder`/`name`.<engine>.sql for both engines. `statements`: what the models say, for the open engine.

    Only what no earlier migration of the folder has built: new tables, indexes and columns. Columns that change or go
    need a migration by hand. Raises ValueError for a new column that old rows could not have.
    """
    paths = []
    for engine in ENGINES:
        path = folder / f"{name}.{engine}.sql"
        path.write_text("".join(f"{line}\n" for line in missing(folder, name, engine, statements, models)))
        paths.append(path)
    return paths


def missing(
    folder: Path, name: str, engine: str, statements: Callable[[], list[str]], models: Sequence[Any]
) -> list[str]:
    """What the models say and no migration before `name` has built, in order."""
    before = db.database.obj
    db.database.initialize(ENGINES[engine]())
    try:
        built = [line for path in _earlier(folder, name, engine) for line in path.read_text().splitlines()]
        columns = columns_of(built)
        known = {str(model._meta.table_name): model for model in models}
        found: list[str] = []
        for statement in statements():
            table = TABLE.match(statement)
            if table and table[1] in columns:
                found += _additions(known[table[1]], columns[table[1]])
            elif statement not in built:
                found.append(statement)
        return found
    finally:
        db.database.initialize(before)


def _earlier(folder: Path, name: str, engine: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"*.{engine}.sql") if path.name < f"{name}.")


def columns_of(statements: list[str]) -> dict[str, set[str]]:
    """table -> names of its columns."""
    found: dict[str, set[str]] = {}
    for statement in statements:
        if table := TABLE.match(statement):
            found[table[1]] = set(re.findall(r'[(,] ?"(\w+)" [A-Z]', statement))
        elif added := ADDED.match(statement):
            found[added[1]].add(added[2])
    return found


def _additions(model: Any, there: set[str]) -> list[str]:
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
