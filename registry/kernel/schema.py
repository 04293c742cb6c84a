"""The tables as DDL, made from the models: what a migration must have built, word for word."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from peewee import Database, Model, SqliteDatabase, sort_models  # type: ignore[attr-defined]

from registry.kernel import installation, search, wall  # noqa: F401 - installation: for its table
from registry.kernel.db import Row, database, is_sqlite, run_sql

APPEND_ONLY = ("audit_entry",)
BROUGHT: list[type[Model]] = []  # tables of plugins, whose own migrations make them


def models() -> list[type[Model]]:
    """Every table there is, referenced ones first: the core's and those of plugins."""
    return _in_order({*_of_the_core(), *BROUGHT})


def _of_the_core() -> set[type[Model]]:
    found: set[type[Model]] = set()
    todo: list[Any] = [Row]
    while todo:
        for model in todo.pop().__subclasses__():
            todo.append(model)
            if model.__module__.startswith("registry.") and not _abstract(model):
                found.add(model)
    return found


def of_the_core() -> list[str]:
    """Names of the core's own tables."""
    return sorted(str(model._meta.table_name) for model in _of_the_core())


def rows_of_strangers(customer_id: int) -> dict[str, int]:
    """table -> rows of this customer in tables that nobody here knows: of plugins that are gone, or do not work."""
    known, found = {str(model._meta.table_name) for model in models()}, {}
    for table in sorted(set(database.get_tables()) - known):
        if any(column.name == "customer_id" for column in database.get_columns(table)):
            sql = f'SELECT COUNT(*) FROM "{table}" WHERE customer_id = ?'  # noqa: S608 - a name that the database knows
            [found[table]] = run_sql(sql, (customer_id,)).fetchone()
    return {table: count for table, count in found.items() if count}


def _in_order(found: set[type[Model]]) -> list[type[Model]]:
    by_name = sorted(found, key=lambda model: str(model._meta.table_name))
    return list(_customers_early(sort_models(by_name)))


def _abstract(model: type[Model]) -> bool:
    return model.__module__ in ("registry.kernel.access", "registry.kernel.writing")


def _customers_early(ordered: Sequence[type[Model]]) -> list[type[Model]]:
    """customer_id is a plain column to peewee: put what the customer table needs, then itself, before the rest."""
    customer = next((m for m in ordered if m._meta.table_name == "customer"), None)
    if customer is None:
        return list(ordered)
    needed = [field.rel_model for field in customer._meta.refs]
    first = [model for model in ordered if model in needed and model is not customer]
    return [*first, customer, *(model for model in ordered if model not in first and model is not customer)]


def statements() -> list[str]:
    """CREATE statements for every table, index, search index and guard of the core, in order, for the open engine."""
    core = _in_order(_of_the_core())
    made = [*tables(core), *(line for table in APPEND_ONLY for line in guards(table, sqlite=is_sqlite()))]
    return made if is_sqlite() else [*made, *wall.FUNCTIONS, *wall.statements(core)]


def statements_of(brought: Sequence[type[Model]]) -> list[str]:
    """The same for the tables of one plugin. One that says APPEND_ONLY is guarded against change and removal."""
    ordered = _in_order(set(brought))
    shut = [str(model._meta.table_name) for model in ordered if getattr(model, "APPEND_ONLY", False)]
    made = [*tables(ordered), *(line for table in shut for line in guards(table, sqlite=is_sqlite()))]
    return made if is_sqlite() else [*made, *wall.statements(ordered)]


def tables(ordered: Sequence[Any]) -> list[str]:
    """CREATE statements for tables, indexes and search indexes."""
    made: list[str] = []
    for model in ordered:
        made.append(_text(model._schema._create_table(safe=False)))
        made += [_text(index) for index in model._schema._create_indexes(safe=False)]
    sources = [source for source in search.SOURCES.values() if source.model in ordered]
    for source in sorted(sources, key=lambda one: one.table):
        made += [one for one in search.index_statements(source, sqlite=is_sqlite()) if one not in made]
    return made


def _text(context: Any) -> str:
    sql, params = context.query()
    if params:
        raise ValueError(f"DDL with parameters cannot be frozen: {sql}")
    return str(sql)


def guards(table: str, *, sqlite: bool) -> list[str]:
    """Triggers that refuse to change or delete a row, whoever asks."""
    if sqlite:
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ]


@contextmanager
def unguarded(table: str) -> Iterator[None]:
    """Rows of an append-only table can be deleted inside. For the erasure of a customer, and nothing else.

    Inside of a transaction: nobody else writes to the table meanwhile, and a crash leaves it guarded. PostgreSQL lets
    the owner of the table do this alone.
    """
    if not database.in_transaction():
        raise RuntimeError("the guard of a table rests inside of a transaction only")
    if not is_sqlite():
        database.execute_sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_guard")
        yield
        database.execute_sql(f"ALTER TABLE {table} ENABLE TRIGGER {table}_guard")
        return
    database.execute_sql(f"DROP TRIGGER {table}_no_delete")
    yield
    database.execute_sql(next(one for one in guards(table, sqlite=True) if f"{table}_no_delete" in one))


def existing(engine: Database | None = None) -> dict[str, str]:
    """name -> definition of what the database holds now, to compare with another one."""
    source: Any = engine or database
    if isinstance(getattr(source, "obj", source), SqliteDatabase):
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        return dict(source.execute_sql(query).fetchall())
    found: dict[str, str] = {}
    for name, query in _POSTGRES.items():
        for key, text in source.execute_sql(query).fetchall():
            found[f"{name} {key}"] = text
    return found


_POSTGRES = {
    "column": "SELECT table_name || '.' || column_name, data_type || ' ' || is_nullable || ' ' || "
    "coalesce(character_maximum_length::text, '') || ' ' || coalesce(column_default, '') "
    "FROM information_schema.columns WHERE table_schema = current_schema()",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
    "constraint": "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = current_schema()::regnamespace",
    "policy": "SELECT tablename || '.' || policyname, cmd || ' ' || coalesce(qual, '') || ' check ' || "
    "coalesce(with_check, '') FROM pg_policies WHERE schemaname = current_schema()",
    "wall": "SELECT relname, relrowsecurity || ' ' || relforcerowsecurity FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace",
    "function": "SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p "
    "WHERE p.pronamespace = current_schema()::regnamespace "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
    "trigger": "SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal",
}
