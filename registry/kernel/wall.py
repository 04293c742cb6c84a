"""The second wall: row-level security on PostgreSQL. A query that forgot its scope finds nothing.

Each connection carries the customers of whoever it works for, and the policies of every table with a customer compare.
Who acts is said once (`carry`, `carried`); the connection is told before its next statement, and only if it
carries something else. SQLite has no such wall: there all of this does nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from playhouse.pool import PooledPostgresqlDatabase
from psycopg.pq import TransactionStatus


class Scope(NamedTuple):
    """What a connection carries: customers as PostgreSQL writes an array ("" for nobody), or everything there is."""

    customers: str = ""
    everywhere: bool = False


NOTHING = Scope()
EVERYWHERE = Scope("{}", True)
_AS_IT_IS = Scope("as it is")

_carried: ContextVar[Scope | None] = ContextVar("wall_scope", default=None)
_standing = NOTHING


def scope_of(customers: Iterable[int] | None) -> Scope:
    """The scope of an actor with these `customers`; None means all of them, as in Actor.customers."""
    return EVERYWHERE if customers is None else Scope("{" + ",".join(str(int(one)) for one in sorted(customers)) + "}")


def stand(scope: Scope) -> Scope:
    """What this process carries where nobody said anything else, threads included; answers what it was before.

    NOTHING, until a command or the worker says EVERYWHERE. A web process never does.
    """
    global _standing
    before, _standing = _standing, scope
    return before


def carry(scope: Scope) -> None:
    """From now on this request works within `scope`. End with `put_down`."""
    _carried.set(scope)


def put_down() -> None:
    _carried.set(None)


@contextmanager
def carried(scope: Scope) -> Iterator[None]:
    """Work within `scope` for the length of a block."""
    token = _carried.set(scope)
    try:
        yield
    finally:
        _carried.reset(token)


def everywhere() -> Any:
    """A block of Assetcare's own work, for all customers: with wall.everywhere(): ..."""
    return carried(EVERYWHERE)


def as_it_is() -> Any:
    """A block that looks at tables without a wall only (who is it?), whatever the connection happens to carry: one
    round trip less for each request."""
    return carried(_AS_IT_IS)


def wanted() -> Scope:
    return _carried.get() or _standing


class WalledPostgres(PooledPostgresqlDatabase):
    """A pool whose connections are told what they carry before they execute anything else."""

    def cursor(self, named_cursor: Any = None) -> Any:
        made = super().cursor(named_cursor)
        scope = wanted()
        if scope is not _AS_IT_IS:
            bring(made.connection, scope)
        return made

    def rollback(self) -> None:
        """What was carried inside of a transaction is gone with it."""
        super().rollback()
        forget(self.connection())

    def execute_sql(self, sql: Any, params: Any = None) -> Any:
        done = super().execute_sql(sql, params)
        if str(sql).startswith("ROLLBACK"):
            forget(self.connection())
        return done


def bring(connection: Any, scope: Scope) -> None:
    """Tell a psycopg connection what it carries, unless it does already."""
    there = getattr(connection, "assetcare_scope", None)
    if there == scope or connection.info.transaction_status == TransactionStatus.INERROR:
        return  # in a failed transaction nothing but its end is possible
    connection.assetcare_scope, connection.assetcare_doubt = None, False
    # PostgreSQL works out `everywhere` when it makes a plan (see notes): a plan made under another scope must go.
    stale = "" if there is not None and there.everywhere == scope.everywhere else "DISCARD PLANS; "
    connection.execute(
        f"{stale}SELECT set_config('assetcare.customers', '{scope.customers}', false), "
        f"set_config('assetcare.everywhere', '{'yes' if scope.everywhere else ''}', false)"
    )
    connection.assetcare_scope = scope
    connection.assetcare_doubt = connection.info.transaction_status != TransactionStatus.IDLE


def forget(connection: Any) -> None:
    """After a rollback nobody knows what the connection carries if it was told inside of the transaction."""
    if getattr(connection, "assetcare_doubt", False):
        connection.assetcare_scope = None


# --- The policies ------------------------------------------------------------------------------------------

# IMMUTABLE although it reads a setting: so the planner puts in its value, and for whoever may see everything the wall
# is no part of the plan at all. Otherwise no trigram index is used (ILIKE is not "leakproof").
FUNCTIONS = (
    "CREATE FUNCTION wall_everywhere() RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS "
    "$$ BEGIN RETURN coalesce(current_setting('assetcare.everywhere', true), '') = 'yes'; END $$",
    "CREATE FUNCTION wall_customers() RETURNS integer[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS "
    "$$ BEGIN RETURN nullif(current_setting('assetcare.customers', true), '')::integer[]; END $$",
)
_CUSTOMERS = "(SELECT wall_customers())"  # as a sub-query it is worked out once for a statement, not for each row


def column_of(model: Any) -> str | None:
    """The column that says whose a row of this table is."""
    if model._meta.table_name == "customer":
        return "id"
    return "customer_id" if "customer_id" in model._meta.fields else None


def parent_of(model: Any) -> Any:
    """The reference by which a table without a customer hangs on one that has one."""
    if column_of(model):
        return None
    own = (field for field in model._meta.refs if field.rel_model is not model)
    return next((field for field in own if column_of(field.rel_model) or parent_of(field.rel_model)), None)


def statements(models: Iterable[Any]) -> list[str]:
    """DDL of the wall: for each table with a customer, and each that hangs on one.

    A model says with `HOUSE_ROWS` which verbs everybody may use on rows of the house (customer NULL, or chain 0),
    and with `OPEN_TO_ALL` which on all rows.
    """
    made: list[str] = []
    for model in models:
        mine = _condition(model)
        if mine is None:
            continue
        table = model._meta.table_name
        made.append(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        made.append(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        made.append(f'CREATE POLICY wall ON "{table}" USING (wall_everywhere() OR {mine})')
        for verb in getattr(model, "HOUSE_ROWS", ()):
            made.append(_policy(table, "house", verb, _of_house(model)))
        for verb in getattr(model, "OPEN_TO_ALL", ()):
            made.append(_policy(table, "open", verb, "true"))
    return made


def _condition(model: Any) -> str | None:
    column, parent = column_of(model), parent_of(model)
    if column:
        return f'"{column}" = ANY ({_CUSTOMERS}::integer[])'
    if parent is None:
        return None
    table = parent.rel_model._meta.table_name  # that it is seen is for its own policy to say
    mine = f'"{model._meta.table_name}"."{parent.column_name}"'
    return f'EXISTS (SELECT 1 FROM "{table}" AS whole WHERE whole."id" = {mine})'  # noqa: S608


def _of_house(model: Any) -> str:
    if not model._meta.fields["customer_id"].null:
        return '"customer_id" = 0'
    # Catalogue rows are for whoever was let in; what has to be written before that is not read by name.
    let_in = f" AND {_CUSTOMERS} IS NOT NULL" if model.HOUSE_ROWS == ("SELECT",) else ""
    return f'"customer_id" IS NULL{let_in}'


def _policy(table: str, name: str, verb: str, condition: str) -> str:
    clauses = {"INSERT": f"WITH CHECK ({condition})"}
    clause = clauses.get(verb, f"USING ({condition})")
    return f'CREATE POLICY {name}_{verb.lower()} ON "{table}" FOR {verb} {clause}'
