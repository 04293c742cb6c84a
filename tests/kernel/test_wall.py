"""Row-level security: what a connection carries decides what it sees, also where the code forgot to ask for whom."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import peewee
import psycopg
import pytest
from peewee import ForeignKeyField
from playhouse.migrations import Runner

from registry.assets.models import ASSET_SEARCH, Asset
from registry.kernel import db, migrate, schema, search, wall
from registry.kernel.access import visible
from registry.kernel.migrate import OWNERS
from registry.kernel.wall import EVERYWHERE, NOTHING, Scope, carried, column_of, parent_of, scope_of
from registry.web.policy import public
from tests.houses import House
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres

OPEN_TABLES = {
    "app_user": "signing in looks here before anybody is known; who may see whom is read from memberships",
    "asset_status": "the operator's vocabulary",
    "bucket": "throttling, before anybody is known",
    "calendar_feed": "a hash that lets a calendar in",
    "erasure": "outlives the customer, and names none",
    "file_move": "where the files of the house are",
    "handshake": "between two steps of signing in",
    "installation": "facts about the house",
    "job_ticket": "the worker's",
    "job_turn": "the worker's",
    "linked_identity": "signing in",
    "mail_text": "the operator's words",
    "mailed_link": "signing in by mail",
    "notice_choice": "a user's own",
    "passkey": "signing in",
    "plugin_incident": "what failed in the house's plugins",
    "progress": "the worker's",
    "recovery_code": "signing in",
    "second_factor": "signing in",
    "service_policy": "the operator's catalogue",
    "session": "signing in",
    "token": "signing in",
}
"""Tables without a customer, and why nothing in them needs the wall."""


def is_shut(model: Any) -> bool:
    """Whether nobody may change its rows, whoever he is."""
    return model._meta.table_name in schema.APPEND_ONLY or getattr(model, "APPEND_ONLY", False)


def walled() -> list[Any]:
    return [model for model in schema.models() if column_of(model) or parent_of(model)]


# --- Rows of two customers and of the house in every table --------------------------------------------------

SAMPLES: dict[str, Any] = {
    "BOOL": True, "DATE": "2026-01-01", "DATETIME": "2026-01-01", "DECIMAL": 1, "JSON": "{}", "TIME": "10:00",
    "FLOAT": 1.0, "DOUBLE": 1.0, "BLOB": b"x", "UUID": "0" * 32,
}  # fmt: skip
FIRST, SECOND, HOUSE = 1, 2, 3  # also the ids of their rows in each table


def sample(model: Any, owner: int) -> dict[str, Any]:
    """Values of one row; the references need lead nowhere."""
    values: dict[str, Any] = {}
    for field in model._meta.sorted_fields:
        kind = "INT" if isinstance(field, ForeignKeyField) else field.field_type
        plain = str(owner) if kind in ("VARCHAR", "TEXT", "CHAR") else owner
        values[field.column_name] = SAMPLES.get(kind, plain)
    if column_of(model) == "customer_id" and owner == HOUSE:
        values["customer_id"] = None if model._meta.fields["customer_id"].null else 0
    return values


def has_house_rows(model: Any) -> bool:
    return parent_of(model) is not None or (
        column_of(model) == "customer_id" and (model._meta.fields["customer_id"].null or hasattr(model, "HOUSE_ROWS"))
    )


def insert(connection: Any, model: Any, values: dict[str, Any]) -> None:
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join(["%s"] * len(values))
    connection.execute(f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES ({marks})', list(values.values()))


@pytest.fixture(scope="module")
def filled(postgres_cluster: Cluster, postgres_template: str) -> Iterator[str]:
    """The name of a database with a row of each customer and of the house in every table behind the wall."""
    name = f"walled_{secrets.token_hex(4)}"
    postgres_cluster.create_database(name, postgres_template, postgres_cluster.ordinary_user)
    with psycopg.connect(postgres_cluster.url(name), autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # no guard holds
        rules = (
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE contype IN ('c', 'f') AND conrelid <> 0 AND connamespace = 'public'::regnamespace"
        )
        for table, rule in admin.execute(rules).fetchall():
            admin.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{rule}"')
        for model in walled():
            admin.execute(f'DELETE FROM "{model._meta.table_name}"')
            for owner in (FIRST, SECOND, *([HOUSE] if has_house_rows(model) else [])):
                insert(admin, model, sample(model, owner))
    yield name
    postgres_cluster.drop_database(name)


@pytest.fixture
def role(postgres_cluster: Cluster, filled: str) -> Iterator[Any]:
    """The application's role in one transaction, which is taken back."""
    with psycopg.connect(postgres_cluster.url(filled, postgres_cluster.ordinary_user)) as connection:
        yield connection
        connection.rollback()


def told(connection: Any, scope: Scope) -> Any:
    connection.commit()
    wall.bring(connection, scope)
    connection.commit()
    return connection


def seen(connection: Any, model: Any) -> set[int]:
    return {row[0] for row in connection.execute(f'SELECT id FROM "{model._meta.table_name}"')}


def touched(connection: Any, statement: str) -> set[int]:
    """Ids of the rows that a statement changes; all of it is taken back. A guard that refuses it lets none."""
    try:
        with connection.transaction(force_rollback=True):
            return {row[0] for row in connection.execute(f"{statement} RETURNING id")}
    except (psycopg.errors.RaiseException, psycopg.errors.InsufficientPrivilege):
        return set()


def refused(connection: Any, model: Any, owner: int) -> bool:
    values = sample(model, owner) | {"id": 50 + owner}
    values |= {name: f"n{owner}" for name, value in values.items() if value == str(owner)}
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SET CONSTRAINTS ALL DEFERRED")
            insert(connection, model, values)
    except psycopg.errors.InsufficientPrivilege:
        return True
    except psycopg.errors.IntegrityError:  # past the wall
        return False
    return False


def may(model: Any, verb: str, scope: Scope) -> set[int]:
    """Which of the rows somebody with this scope may use in this way."""
    rows = {FIRST, SECOND, *({HOUSE} if has_house_rows(model) else set())}
    if scope.everywhere or verb in getattr(model, "OPEN_TO_ALL", ()):
        return rows
    if parent := parent_of(model):  # with whatever it hangs on, as far as that is seen
        return may(parent.rel_model, "SELECT", scope)
    mine = {int(part) for part in scope.customers.strip("{}").split(",") if part} & rows
    for_house = getattr(model, "HOUSE_ROWS", ())
    let_in = scope != NOTHING or for_house != ("SELECT",)
    return mine | ({HOUSE} if verb in for_house and let_in else set())


@pytest.mark.parametrize(
    "scope", [NOTHING, scope_of([]), scope_of([FIRST]), scope_of([FIRST, 99]), EVERYWHERE], ids=str
)
def test_each_scope_sees_and_changes_its_own_in_every_table(role: Any, scope: Scope) -> None:
    connection, wrong = told(role, scope), []
    for model in walled():
        table, found = model._meta.table_name, {}
        found["SELECT"] = seen(connection, model)
        found["DELETE"] = touched(connection, f'DELETE FROM "{table}"')
        found["UPDATE"] = touched(connection, f'UPDATE "{table}" SET id = id')
        for verb, rows in found.items():
            allowed = may(model, verb, scope) & may(model, "SELECT", scope)
            if rows != allowed and not (is_shut(model) and verb != "SELECT" and not rows):
                wrong.append(f"{verb} {table}: {rows}, not {allowed}")
        for owner in (FIRST, SECOND, *([HOUSE] if has_house_rows(model) else [])):
            allowed = owner in may(model, "INSERT", scope) if column_of(model) != "id" else scope.everywhere
            if refused(connection, model, owner) is allowed:
                wrong.append(f"INSERT {table} for {owner} is {'refused' if allowed else 'let through'}")
    assert not wrong, "\n".join(wrong)
    assert len(walled()) > 25


def test_no_row_is_moved_to_another_customer(role: Any) -> None:
    connection = told(role, scope_of([FIRST]))
    for model in walled():
        if column_of(model) == "customer_id" and not is_shut(model):
            for thief in (SECOND, 99):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(f'UPDATE "{model._meta.table_name}" SET customer_id = %s', (thief,))


def test_a_connection_that_nobody_told_anything_sees_nothing(postgres_cluster: Cluster, filled: str) -> None:
    """Not even with what PostgreSQL leaves behind when a setting of one transaction ends."""
    with psycopg.connect(postgres_cluster.url(filled, postgres_cluster.ordinary_user), autocommit=True) as fresh:
        assert seen(fresh, Asset) == set()
        with fresh.transaction():
            fresh.execute("SET LOCAL assetcare.customers = '{1}'")
            assert seen(fresh, Asset) == {FIRST}
        assert seen(fresh, Asset) == set()
        for broken in ("1", "{x}", "yes"):
            with pytest.raises(psycopg.errors.DataError), fresh.transaction():
                fresh.execute("SELECT set_config('assetcare.customers', %s, true)", (broken,))
                seen(fresh, Asset)


def test_a_role_that_owns_nothing_is_held_back_alike_and_may_not_touch_the_wall(
    postgres_cluster: Cluster, filled: str
) -> None:
    """The roles that docs/operate.md recommends: one that migrates, and this one."""
    with psycopg.connect(postgres_cluster.url(filled), autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS assetcare_app")
        admin.execute("CREATE ROLE assetcare_app LOGIN")
        admin.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO assetcare_app")
        admin.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO assetcare_app")
    try:
        with psycopg.connect(postgres_cluster.url(filled, "assetcare_app"), autocommit=True) as app:
            assert seen(app, Asset) == set()
            wall.bring(app, scope_of([SECOND]))
            assert seen(app, Asset) == {SECOND}
            for attempt in (
                "ALTER TABLE asset DISABLE ROW LEVEL SECURITY",
                "ALTER TABLE asset NO FORCE ROW LEVEL SECURITY",
                "DROP POLICY wall ON asset",
                "CREATE POLICY mine ON asset USING (true)",
                "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
                "TRUNCATE asset",
                "TRUNCATE audit_entry",
                "CREATE OR REPLACE FUNCTION wall_everywhere() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(attempt)
            wall.bring(app, EVERYWHERE)
            for attempt in ("UPDATE audit_entry SET label = 'x'", "DELETE FROM audit_entry"):
                with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                    app.execute(attempt)
    finally:
        with psycopg.connect(postgres_cluster.url(filled), autocommit=True) as admin:
            admin.execute("DROP OWNED BY assetcare_app")
            admin.execute("DROP ROLE assetcare_app")


# --- No table is forgotten ----------------------------------------------------------------------------------


def test_every_table_is_behind_the_wall_or_on_the_list() -> None:
    names = {str(model._meta.table_name) for model in schema.models()}
    behind = {str(model._meta.table_name) for model in walled()}
    assert names - behind == OPEN_TABLES.keys() & names, "give it a customer_id, or a reason in OPEN_TABLES"
    assert not OPEN_TABLES.keys() & behind


def without_wall(connection: Any) -> list[str]:
    """Tables with a customer_id, as the database knows them, that no wall stands before."""
    query = (
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'customer_id' "
        "WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS "
        "(SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'wall'))"
    )
    return [row[0] for row in connection.execute(query)]


def test_a_table_that_was_added_without_a_wall_is_found(role: Any) -> None:
    assert without_wall(role) == []
    role.execute("CREATE TABLE added (id INTEGER, customer_id INTEGER)")
    assert without_wall(role) == ["added"]
    role.execute("ALTER TABLE asset NO FORCE ROW LEVEL SECURITY")
    assert sorted(without_wall(role)) == ["added", "asset"]


def test_a_unique_key_tells_nobody_of_others_rows() -> None:
    """Whoever may choose all columns of a key could try out what others have: one of them is his customer, or a row
    that he must see to name it, or a random value that nobody chooses."""
    random = {("message_id",), ("uid",), ("code",), ("number",)}  # codes of labels, numbers of cases
    random |= {("moment",)}  # who scanned what when, put together by us
    random |= {("key",), ("token_hash",)}  # of files and of links
    told = []
    for model in walled():
        for index in model._meta.fields_to_index():
            names = tuple(getattr(field, "name", "") for field in index._expressions)
            owned = any(
                isinstance(field, ForeignKeyField) and (column_of(field.rel_model) or parent_of(field.rel_model))
                for field in index._expressions
            )
            partly = "customer_id IS NULL" in str(getattr(index._where, "sql", ""))  # among rows of the house
            if index._unique and "customer_id" not in names and not owned and not partly and names not in random:
                told.append(f"{model.__name__} {names}")
    assert told == ["Customer ('slug',)"], "its address is public; and only the operator makes customers"


# --- What a connection carries ------------------------------------------------------------------------------


@pytest.fixture
def two(postgres_house: House) -> Iterator[House]:
    postgres_house.customer("acme")
    postgres_house.customer("globex")
    for slug in ("acme", "globex"):
        for number in range(2):
            postgres_house.asset(slug, f"{slug}-{number}")
    yield postgres_house
    wall.stand(EVERYWHERE)
    wall.put_down()


COUNT = "SELECT count(*) FROM asset"


def count() -> int:
    return int(db.database.execute_sql(COUNT).fetchone()[0])


def test_a_pooled_connection_forgets_whom_it_worked_for(two: House) -> None:
    """Without parameters, and often enough that the driver prepares it and the server keeps its plan."""
    connection = db.database.connection()
    for _ in range(12):
        for scope, expected in (
            (EVERYWHERE, 4),
            (scope_of([1]), 2),
            (NOTHING, 0),
            (scope_of([1, 2]), 4),
            (scope_of([2]), 2),
        ):
            with carried(scope):
                db.release()
                assert count() == expected
                assert db.database.connection() is connection, "the same one, out of the pool"


def test_requests_of_different_people_on_one_connection(two: House) -> None:
    owner = two.person("a@acme.example", "manager", "acme")
    stranger = two.person("g@globex.example", "manager", "globex")
    admin = two.person("admin@operator.example", "admin")
    for _ in range(4):
        for person, expected in ((admin, 4), (owner, 2), (stranger, 2)):
            assert len(person.get("/api/v1/assets").json["items"]) == expected
    assert two.client.get("/api/v1/assets").status_code == 401
    assert count() == 4, "and nothing of it is left afterwards"


def test_a_request_of_nobody_carries_nothing(two: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the process stands for, and whoever used the connection before."""
    seen = []

    def look() -> str:
        seen.append(count())
        return ""

    monkeypatch.setitem(two.app.view_functions, "health.readyz", public(look))
    two.person("admin@operator.example", "admin").get("/api/v1/assets")
    assert two.client.get("/readyz").status_code == 200 and seen == [0]


def test_a_request_tells_the_connection_once_or_not_at_all(two: House, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, admin = two.person("a@acme.example", "manager", "acme"), two.person("admin@operator.example", "admin")
    statements: list[str] = []
    original = psycopg.Connection.execute

    def noted(self: Any, query: Any, *rest: Any, **more: Any) -> Any:
        statements.append(str(query))
        return original(self, query, *rest, **more)

    monkeypatch.setattr(psycopg.Connection, "execute", noted)
    for person, expected in ((owner, 1), (owner, 0), (owner, 0), (admin, 1), (admin, 0), (owner, 1)):
        statements.clear()
        assert person.get("/api/v1/assets").status_code == 200
        assert len([one for one in statements if "set_config" in one]) == expected


def test_what_was_told_inside_a_transaction_is_not_believed_after_a_rollback(two: House) -> None:
    class Broken(Exception):
        pass

    for _ in range(8):  # until the plan of the statement is a kept one
        with carried(scope_of([1])):
            assert count() == 2
            with pytest.raises(Broken), db.transaction():
                with carried(EVERYWHERE):
                    assert count() == 4
                raise Broken
            assert count() == 2
            with db.transaction():
                with pytest.raises(Broken), db.transaction():
                    with carried(EVERYWHERE):
                        assert count() == 4
                    raise Broken
                assert count() == 2
                with pytest.raises(Broken), db.transaction(), carried(EVERYWHERE):
                    assert count() == 4
                    raise Broken
                with carried(EVERYWHERE):
                    assert count() == 4
                assert count() == 2
        with carried(EVERYWHERE):
            assert count() == 4


def test_a_broken_transaction_ends_as_it_would_without_the_wall(two: House) -> None:
    with carried(scope_of([1])):
        with pytest.raises(peewee.ProgrammingError, match="no_such"), db.transaction(), carried(EVERYWHERE):
            db.run_sql("SELECT no_such_column FROM asset")
        assert count() == 2


def test_a_narrow_scope_is_told_again_after_the_rollback_that_took_it_back(two: House) -> None:
    """The connection goes back to what it carried when the transaction began: everything."""
    with carried(EVERYWHERE):
        for broken in (False, True):
            with suppress(peewee.ProgrammingError), db.transaction(), carried(scope_of([1])):
                assert count() == 2
                if broken:
                    db.run_sql("SELECT no_such_column FROM asset")
                db.database.rollback()
                assert count() == 2
            with carried(scope_of([1])):
                assert count() == 2
            assert count() == 4


def test_threads_carry_what_the_process_stands_for(two: House) -> None:
    found = []

    def look() -> None:
        with db.connection():
            found.append(count())

    for scope in (EVERYWHERE, NOTHING):
        wall.stand(scope)
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert found == [4, 0], "a web process stands for nothing"


def test_nothing_is_seen_where_the_scope_was_forgotten(two: House) -> None:
    """The bug that the wall is there for: a query as Assetcare itself, in the middle of a customer's request."""
    with carried(scope_of([1])):
        assert {row.customer_id for row in visible(Asset, two.system)} == {1}
        assert Asset.update(name="mine now").where(Asset.customer_id == 2).execute() == 0
        assert Asset.delete().where(Asset.id > 0).execute() == 2
    assert count() == 2


# --- Speed --------------------------------------------------------------------------------------------------


def plan(query: Any) -> str:
    with db.transaction():
        db.run_sql("SET LOCAL enable_seqscan = off")
        sql, params = query.sql()
        return "\n".join(row[0] for row in db.database.execute_sql(f"EXPLAIN {sql}", params).fetchall())


def test_an_operators_search_uses_the_index_past_the_wall(two: House) -> None:
    found = visible(Asset, two.system, Asset.id).where(search.matching(ASSET_SEARCH, "acme-1"))
    with carried(EVERYWHERE):
        assert "asset_search" in plan(found) and "wall_" not in plan(found)
    with carried(scope_of([1])):
        assert "customer_id = ANY" in plan(found)


# --- Moving up from the first release ----------------------------------------------------------------------


def test_an_installation_of_the_first_release_moves_behind_the_wall(postgres_cluster: Cluster) -> None:
    """With data, by the ordinary role that owns the tables."""
    name = f"first_{secrets.token_hex(4)}"
    db.open_database(postgres_cluster.create_database(name, owner=postgres_cluster.ordinary_user))
    before = wall.stand(NOTHING)
    try:
        with db.connection():
            Runner(db.database.obj, str(OWNERS[0].folder), OWNERS[0].table).up("0001_initial")
            for number in (1, 2):
                columns = "id, slug, name, language, time_zone, currency, policy_overrides, active, notes, version"
                db.run_sql(
                    f"INSERT INTO customer ({columns}, created_at, changed_at) "
                    "VALUES (?, ?, 'x', 'en', 'UTC', 'USD', '{}', true, '', 1, now(), now())",
                    (number, f"c{number}"),
                )
            assert migrate.migrate()
            assert db.run_sql("SELECT count(*) FROM customer").fetchone() == (0,)
            with carried(scope_of([2])):
                assert db.run_sql("SELECT slug FROM customer").fetchall() == [("c2",)]
            assert without_wall(db.database.connection()) == []
    finally:
        wall.stand(before)
        db.close_all()
        postgres_cluster.drop_database(name)
