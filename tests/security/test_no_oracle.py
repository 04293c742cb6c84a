"""What is stored as a secret comes out nowhere and can be asked for nowhere: no list, filter, order, search, export,
history or page, whoever asks."""

import re
from contextlib import closing
from typing import Any

import pytest

from registry.kernel import db, schema, search
from registry.kernel.listing import LISTINGS
from registry.web.lists.exports_api import plural
from tests.security.random_calls import told
from tests.test_tenancy import routes
from tests.two_companies import Companies

pytestmark = pytest.mark.slow

# Columns that are secrets by their name. A new one is declared in its model's SECRET, or explained here.
SECRETIVE = re.compile(r"hash|secret|sealed|csrf|password|otp|recovery|private|challenge|_key$|^key_")
HARMLESS = {
    ("audit_entry", "hash"),  # the chain's own
    ("chain_head", "hash"),
    ("rma_custody", "hash"),  # a chain too, shown so that anybody can check it
    ("licence", "key_hint"),  # the last characters of a long key, to tell keys apart
    ("import_session", "file_key"),  # these name files that no route serves by name
    ("package", "file_key"),
    ("prior_chain", "file_key"),
    ("webhook", "old_secret_until"),  # a moment
    ("optic_profile", "vendor_key"),  # names without capitals and blanks, by which they are found
    ("optic_profile", "part_key"),
}


def secret_columns() -> dict[str, set[str]]:
    """table -> the columns of it that hold secrets, whole or as a hash."""
    found = {str(model._meta.table_name): {str(one) for one in model._meta.columns} for model in schema.models()}
    secret = {
        table: {one for one in columns if SECRETIVE.search(one) and (table, one) not in HARMLESS}
        for table, columns in found.items()
    }
    return {table: names for table, names in secret.items() if names}


def secret_values() -> set[str]:
    """Every value that stands in such a column now."""
    found: set[str] = set()
    for table, names in secret_columns().items():
        for name in names:
            rows = db.run_sql(f'SELECT "{name}" FROM {table} WHERE "{name}" IS NOT NULL').fetchall()
            found |= {str(row[0]) for row in rows if isinstance(row[0], str) and len(row[0]) > 12}
    return found


def test_secret_columns_are_declared_and_so_kept_out_of_the_history() -> None:
    """A row with its own audited verb writes a snapshot: what its model calls SECRET is left out."""
    tables = {str(model._meta.table_name): model for model in schema.models()}
    assert {"app_user", "token", "session", "webhook"} <= secret_columns().keys()
    for table, names in secret_columns().items():
        model: Any = tables[table]
        hidden = {model._meta.fields[name].column_name for name in getattr(model, "SECRET", ())}
        names = names - set(getattr(model, "FILES", ()))  # where a file lies opens nothing
        assert names <= hidden or not hasattr(model, "label"), f"{table}: {names - hidden} are not in SECRET"


def test_no_list_shows_filters_or_orders_by_a_secret() -> None:
    columns = secret_columns()
    assert {"app_user", "licence"} <= columns.keys() & {one.model._meta.table_name for one in LISTINGS.values()}
    for listing in LISTINGS.values():
        mine = columns.get(str(listing.model._meta.table_name), set())
        shown = {str(getattr(column.expression, "column_name", "")) for column in listing.columns}
        ordered = {str(getattr(order, "column_name", "")) for order in listing.orders.values()}
        assert not mine & (shown | ordered | set(listing.filters)), listing.kind
    for source in search.SOURCES.values():
        assert not columns.get(str(source.model._meta.table_name), set()) & set(source.columns), source.kind


def test_no_secret_can_be_asked_for_by_name(companies: Companies) -> None:
    """Not as a filter, not with the suffixes that other systems read as comparisons, not as an order."""
    admin = companies.people.admin
    names = sorted({name for names in secret_columns().values() for name in names})
    asked = 0
    for listing in LISTINGS.values():
        path = f"/api/v1/exports/{plural(listing.kind)}.json"
        for name in names:
            if name in listing.filters:
                continue
            for query in (
                f"{name}=a",
                f"{name}__startswith=a",
                f"user__{name}=a",
                f"sort={name}",
                f"sort=-user.{name}",
            ):
                answer = admin.get(f"{path}?{query}")
                assert answer.status_code == 422, f"{path}?{query}: {answer.status_code}"
                asked += 1
    assert asked > 200


def test_no_answer_holds_a_secret(companies: Companies) -> None:
    """The administrator reads everything there is to read; of what is stored as a secret nothing is in it."""
    admin, values = companies.people.admin, secret_values()
    assert len(values) > 10
    for route in routes(companies.house):
        if route.method == "GET":
            for ids in (companies.acme, companies.globex):
                with closing(admin.get(route.path(ids))) as answer:
                    text = "".join(told(answer))
                found = {value for value in values if value in text}
                assert not found, f"{route.name} shows {found}"
    for listing in LISTINGS.values():
        for form in ("csv", "json", "xlsx"):
            text = "".join(told(admin.get(f"/api/v1/exports/{plural(listing.kind)}.{form}")))
            assert not {value for value in values if value in text}, f"{listing.kind}.{form}"


def test_no_secret_gets_into_the_history(companies: Companies) -> None:
    values = secret_values()
    rows = db.run_sql("SELECT action, before, after FROM audit_entry").fetchall()
    assert len(rows) > 40
    for action, before, after in rows:
        assert not {value for value in values if value in f"{before}{after}"}, action
    for row in db.run_sql("SELECT name, payload FROM event").fetchall():
        assert not {value for value in values if value in str(row)}, row[0]
