"""Many assets quickly: straight into the migrated tables, indexes and search index made afterwards."""

from collections.abc import Iterator
from typing import Any

from bench.house import House
from registry.kernel import db

PRODUCTS, SITES = 100, 10  # sites: for each customer
NOW = "2024-05-06 07:08:09.000000"
COLUMNS = (
    "id", "customer_id", "version", "created_at", "changed_at", "product_id", "kind", "serial", "tag", "name",
    "status_id", "site_id", "place", "parent_id", "slot", "purchased_on", "delivered_on", "supplier", "order_number",
    "custom", "notes", "covered_from", "covered_until",
)  # fmt: skip


def serial_of(number: int) -> str:
    """Serials as they come in life: unique, in no order."""
    return f"SN{number * 2654435761 % 2**32:08X}{number % 97:02d}"


def fill(house: House, size: int) -> None:
    """`size` assets, dealt to the customers in turn, one in ten an optic in a slot of a switch."""
    if house.database:
        fill_postgres(house, size)
        return
    with house.opened():
        connection: Any = db.database.connection()
        customers = [row[0] for row in connection.execute("SELECT id FROM customer ORDER BY id")]
        statuses = [row[0] for row in connection.execute("SELECT id FROM asset_status ORDER BY position")]
        connection.execute("BEGIN IMMEDIATE")
        _catalogue(connection, customers)
        resting = _rest(connection)
        marks = ", ".join("?" * len(COLUMNS))
        sql = f"INSERT INTO asset ({', '.join(COLUMNS)}) VALUES ({marks})"
        connection.executemany(sql, _rows(size, customers, statuses))
        for statement in resting:
            connection.execute(statement)
        connection.execute(
            "INSERT INTO asset_fts (rowid, serial, tag, name) SELECT id, serial, tag, name FROM asset ORDER BY id"
        )
        connection.execute("COMMIT")  # and no ANALYZE: the application runs none
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill_postgres(house: House, size: int) -> None:
    """The same on PostgreSQL, by COPY through the wall's owner, with live indexes."""
    import psycopg

    with psycopg.connect(as_administrator(house.database)) as connection:
        customers = [row[0] for row in connection.execute("SELECT id FROM customer ORDER BY id")]
        statuses = [row[0] for row in connection.execute("SELECT id FROM asset_status ORDER BY position")]
        with connection.cursor() as cursor:
            _catalogue(_Marks(cursor), customers)
            with cursor.copy(f"COPY asset ({', '.join(COLUMNS)}) FROM STDIN") as target:
                for row in _rows(size, customers, statuses):
                    target.write_row(row)
        for table in ("asset", "product", "site"):
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
    with psycopg.connect(as_administrator(house.database), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def as_administrator(url: str) -> str:
    """The same database as the user who passes row-level security: COPY does not go through it."""
    return url.replace("//assetcare@", "//postgres@")


class _Marks:
    """psycopg's cursor, with SQLite's marks for values."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def executemany(self, sql: str, rows: Any) -> None:
        self._cursor.executemany(sql.replace("?", "%s"), rows)


def cover(house: House) -> None:
    """A warranty with one coverage for every asset that has an end of cover."""
    terms = "(SELECT min(id) FROM terms_version)"
    statements = (
        "INSERT INTO warranty (id, customer_id, version, created_at, changed_at, asset_id, kind, terms_version_id, "
        f"basis, starts_on, void_reason, contract, note) SELECT id, customer_id, 1, '{NOW}', '{NOW}', id, 'standard', "
        f"{terms}, 'delivery', covered_from, '', '', '' FROM asset WHERE covered_until IS NOT NULL",
        "INSERT INTO coverage (id, customer_id, warranty_id, asset_id, remedy, position, starts_on, ends_on, "
        "holds_until) SELECT id, customer_id, id, id, 'repair', 0, covered_from, covered_until, covered_until "
        "FROM asset WHERE covered_until IS NOT NULL",
    )
    with house.opened(), db.transaction():
        for statement in statements:
            db.run_sql(statement)
        if not db.is_sqlite():
            for table in ("warranty", "coverage"):
                db.run_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _rest(connection: Any) -> list[str]:
    """Take indexes and triggers of the table away; answer how to make them again."""
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'asset' AND sql IS NOT NULL AND type <> 'table'"
    ).fetchall()
    for kind, name, _ in found:
        connection.execute(f'DROP {kind} "{name}"')
    return [sql for _, _, sql in found]


def _catalogue(connection: Any, customers: list[int]) -> None:
    products = [
        (number, 1, NOW, NOW, _kind_of(number), f"Maker {number % 7}", f"Model {number}", f"PN-{number:04d}", "[]", "")
        for number in range(1, PRODUCTS + 1)
    ]
    connection.executemany(
        "INSERT INTO product (id, version, created_at, changed_at, kind, maker, name, part_number, parameters, notes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        products,
    )
    sites = [
        (place * SITES + number + 1, customer, 1, NOW, NOW, f"Site {number}", "", "", "", "", "")
        for place, customer in enumerate(customers)
        for number in range(SITES)
    ]
    connection.executemany(
        "INSERT INTO site (id, customer_id, version, created_at, changed_at, name, address, city, province, country, "
        "postal_code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        sites,
    )


def _kind_of(product: int) -> str:
    return "optic" if product % 10 == 0 else "hardware"


def _rows(size: int, customers: list[int], statuses: list[int]) -> Iterator[tuple[Any, ...]]:
    for number in range(1, size + 1):
        place = number % len(customers)
        turn = number // len(customers)
        product = turn % PRODUCTS + 1
        kind = _kind_of(product)
        parent = number - len(customers) if kind == "optic" and number > len(customers) else None
        site, rack = (None, "") if parent else (place * SITES + turn % SITES + 1, f"rack {turn % 40}")
        day = f"20{19 + turn % 6}-{turn % 12 + 1:02d}-{turn % 28 + 1:02d}"
        until = f"20{26 + turn % 6}-{turn % 12 + 1:02d}-{turn % 28 + 1:02d}" if turn % 5 else None
        yield (
            number, customers[place], 1, NOW, NOW, product, kind, serial_of(number), f"T{number:08d}", f"unit {turn}",
            statuses[turn % 3], site, rack, parent, "1/0/1" if parent else None, day, day, f"Supplier {turn % 9}",
            f"PO-{turn // 20:06d}", "{}", "", day if until else None, until,
        )  # fmt: skip
