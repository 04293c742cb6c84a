"""The database on both engines: transactions, waiting, what comes back, what a broken constraint means."""

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import peewee
import pytest

from registry.app import open_house
from registry.assets.models import Asset
from registry.customers.models import Site
from registry.kernel import bulk, clock, db, wall
from registry.kernel.access import visible
from registry.kernel.errors import Busy, Conflict, Invalid
from registry.people.models import Session, User
from tests.houses import SECRET, House

HONG_KONG, NEW_YORK = ZoneInfo("Asia/Hong_Kong"), ZoneInfo("America/New_York")


def users() -> list[str]:
    return [row[0] for row in db.run_sql("SELECT email FROM app_user ORDER BY email").fetchall()]


def add(email: str) -> User:
    return User.create(email=email, name=email)


# --- Transactions ------------------------------------------------------------------------------------------


def test_all_or_nothing(any_house: House) -> None:
    with pytest.raises(LookupError), db.transaction():
        add("a")
        raise LookupError
    assert users() == []
    with db.transaction():
        add("b")
    assert users() == ["b"]


def test_inside_another_it_is_a_savepoint(any_house: House) -> None:
    with db.transaction():
        add("outer")
        with pytest.raises(LookupError), db.transaction():
            add("inner")
            raise LookupError
        with pytest.raises(peewee.IntegrityError), db.transaction():
            add("outer")
        add("after")
    assert users() == ["after", "outer"]


def test_sqlite_takes_the_write_lock_before_the_first_statement(house: House) -> None:
    with other_connection(house) as other, db.transaction():
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM app_user").fetchone() == (0,), "readers do not wait"


class other_connection:
    """A second process's view of the SQLite file; waits for nobody."""

    def __init__(self, house: House) -> None:
        self.path = house.settings.database_url.removeprefix("sqlite:///")

    def __enter__(self) -> sqlite3.Connection:
        self.connection = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, house: House) -> Iterator[House]:
    """A house that waits a tenth of a second for a lock."""
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.1)
    house.close()
    house.open()
    yield house


def test_a_lock_that_cannot_be_had_is_busy(impatient: House) -> None:
    with other_connection(impatient) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy), db.transaction():
            add("x")
        other.execute("ROLLBACK")
    with db.transaction():
        add("x")


def test_busy_is_answered_503_with_a_time_to_come_back(impatient: House) -> None:
    impatient.customer("acme")
    owner = impatient.person("alice@acme.example", "manager", "acme")
    owner.get("/api/v1/me")
    with other_connection(impatient) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = owner.post("/api/v1/sites", {"name": "HQ"})
        other.execute("ROLLBACK")
    assert answer.status_code == 503 and answer.json["code"] == "busy"
    assert answer.headers["Retry-After"] == "2"


def test_a_reader_does_not_wait_for_a_writer_to_note_his_last_use(house: House) -> None:
    house.customer("acme")
    owner = house.person("alice@acme.example", "manager", "acme")
    assert owner.get("/api/v1/me").status_code == 200
    with other_connection(house) as other, clock.frozen(clock.now() + timedelta(hours=1)):
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert owner.get("/api/v1/me").status_code == 200
        assert time.monotonic() - begun < db.BUSY_SECONDS, "as long as a writer waits"
        other.execute("ROLLBACK")
        assert owner.get("/api/v1/me").status_code == 200
        [[used]] = db.run_sql("SELECT last_used_at FROM token").fetchall()
        assert Session.seen_at.python_value(used) == clock.now(), "noted as soon as nobody else writes"
    assert db.run_sql("PRAGMA busy_timeout").fetchone()[0] == db.BUSY_SECONDS * 1000


@pytest.mark.postgres
def test_postgres_gives_up_waiting_for_a_row(postgres_house: House) -> None:
    user = add("a")
    locked, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with db.connection(), db.transaction():
            db.run_sql("SELECT 1 FROM app_user WHERE id = ? FOR UPDATE", (user.id,))
            locked.set()
            go_on.wait(120)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert locked.wait(120)
        with pytest.raises(Busy), db.transaction():
            db.run_sql("SET LOCAL lock_timeout = 50")
            db.run_sql("UPDATE app_user SET name = 'x' WHERE id = ?", (user.id,))
    finally:
        go_on.set()
        thread.join()


@pytest.mark.postgres
def test_a_full_pool_is_busy(postgres_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    db.release()
    monkeypatch.setattr(db.database.obj, "_max_connections", 1)
    monkeypatch.setattr(db.database.obj, "_wait_timeout", 0.05)
    found: list[BaseException] = []

    def another() -> None:
        try:
            db.connect()
        except BaseException as error:
            found.append(error)

    with db.connection():
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    assert [type(error) for error in found] == [Busy]


def no_such_name(*_arguments: object, **_more: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.postgres
@pytest.mark.parametrize("elsewhere", ["127.0.0.1:1", "database.example:5432"])
def test_a_database_that_is_away_is_busy_and_not_ready(
    postgres_house: House, monkeypatch: pytest.MonkeyPatch, elsewhere: str
) -> None:
    client = postgres_house.client
    db.release()
    place = postgres_house.settings.database_url.rsplit("@", 1)[1].split("/")[0]
    postgres_house.close()
    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    db.database.init(postgres_house.settings.database_url.replace(place, elsewhere))
    for path in ("/readyz", "/api/v1/me"):
        answer = client.get(path, headers={"Authorization": "Bearer x"})
        assert answer.status_code == 503, answer.text
    assert client.get("/healthz").status_code == 200
    db.open_database(postgres_house.settings.database_url)


def test_nested_connections_share_one(any_house: House) -> None:
    db.release()
    db.database.close()
    with db.connection():
        outer = db.database.connection()
        with db.connection():
            assert db.database.connection() is outer
        assert not db.database.is_closed() and db.database.connection() is outer


def test_a_nested_connection_leaves_a_transaction_alone(any_house: House) -> None:
    with db.transaction():
        add("a")
        with db.connection():
            pass
        assert db.database.in_transaction()
    assert users() == ["a"]


@pytest.mark.postgres
def test_plans_are_made_for_the_values_at_hand(postgres_house: House) -> None:
    assert db.run_sql("SHOW plan_cache_mode").fetchone() == ("force_custom_plan",)
    assert db.run_sql("SHOW jit").fetchone() == ("off",)
    assert db.run_sql("SHOW timezone").fetchone() == ("UTC",)


@pytest.mark.parametrize(("durable", "level"), [(False, 1), (True, 2)])
def test_sqlite_is_set_up_for_many_readers_and_one_writer(tmp_path: Path, durable: bool, level: int) -> None:
    house = House(tmp_path, f"sqlite:///{tmp_path / 'x.db'}")
    house.settings = type(house.settings)(
        data=tmp_path, secret=SECRET, durable=durable, queue="memory:", log_level="ERROR"
    )
    open_house(house.settings)
    db.connect()
    pragma = {
        name: db.run_sql(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys", "synchronous")
    }
    house.close()
    assert pragma == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": level}


@pytest.mark.parametrize("url", ["mysql://x/y", "", "assetcare.db", "sqlite://relative"])
def test_an_unknown_database_names_its_variable(url: str) -> None:
    with pytest.raises(ValueError, match="ASSETCARE_DATABASE"):
        db.open_database(url)


# --- What goes in comes out --------------------------------------------------------------------------------

INSTANTS = [
    datetime(2026, 3, 8, 1, 59, 59, 999999, NEW_YORK),
    datetime(2026, 3, 8, 3, 0, tzinfo=NEW_YORK),  # the hour before it never was
    datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=0),
    datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1),  # the same on the clock, an hour later
    datetime(2026, 1, 1, 0, 0, tzinfo=HONG_KONG),
    datetime(2000, 2, 29, 23, 59, 59, 1, timezone(timedelta(hours=-12))),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2999, 12, 31, 23, 59, 59, 999999, UTC),
]


def test_instants_come_back_as_the_same_instant_in_utc(any_house: House) -> None:
    made = [User.create(email=str(n), name="x", created_at=at).id for n, at in enumerate(INSTANTS)]
    found = [User.get_by_id(row_id).created_at for row_id in made]
    assert [at.astimezone(UTC) for at in INSTANTS] == found
    assert all(at.utcoffset() == timedelta(0) for at in found)
    assert found[3] - found[2] == timedelta(hours=1)


def test_instants_sort_and_compare_as_instants(any_house: House) -> None:
    for number, at in enumerate(INSTANTS):
        User.create(email=str(number), name="x", created_at=at)
    in_order = [row.created_at for row in User.select().order_by(User.created_at)]
    assert in_order == sorted(at.astimezone(UTC) for at in INSTANTS)
    noon = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
    later = {row.created_at for row in User.select().where(User.created_at >= noon)}
    assert later == {at.astimezone(UTC) for at in INSTANTS if at >= noon}


def test_an_instant_without_a_zone_is_refused(any_house: House) -> None:
    with pytest.raises(ValueError, match="time zone"):
        User.create(email="x", name="x", created_at=datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="time zone"), clock.frozen(datetime(2026, 1, 1)):
        pass


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2024, 2, 29), date(2026, 11, 1), date(2999, 12, 31)])
def test_days_come_back_as_they_were(any_house: House, day: date) -> None:
    any_house.customer("acme")
    asset = any_house.asset("acme", "S1", delivered_on=day)
    found = visible(Asset, any_house.system).where(Asset.id == asset.id).get()
    assert found.delivered_on == day and type(found.delivered_on) is date
    assert visible(Asset, any_house.system).where(Asset.delivered_on == day).count() == 1
    assert visible(Asset, any_house.system).where(Asset.delivered_on < day).count() == 0


def test_today_is_the_day_where_it_is_asked() -> None:
    with clock.frozen(datetime(2026, 3, 8, 4, 59, 59, tzinfo=UTC)):
        assert (clock.today(), clock.today("America/New_York")) == (date(2026, 3, 8), date(2026, 3, 7))
        assert clock.today("Asia/Hong_Kong") == date(2026, 3, 8)
    with clock.frozen(datetime(2026, 3, 7, 16, 0, tzinfo=UTC)):
        assert clock.today("Asia/Hong_Kong") == date(2026, 3, 8)


def test_an_id_is_never_given_out_twice(any_house: House) -> None:
    first = add("a").id
    User.delete().where(User.id == first).execute()
    assert add("b").id > first


def test_ids_can_be_reserved_for_rows_to_come(any_house: House) -> None:
    taken = add("a").id
    with db.transaction():
        ids = list(db.reserve_ids("app_user", 3))
        assert len(set(ids)) == 3 and min(ids) > taken
        rows = [(row_id, f"{row_id}@x", "x", True, "en", "UTC", 1, clock.now(), clock.now()) for row_id in ids]
        columns = ("id", "email", "name", "active", "language", "time_zone", "version", "created_at", "changed_at")
        bulk.insert_rows(
            "app_user",
            columns,
            [(*row[:7], *(at.replace(tzinfo=None).isoformat(" ") for at in row[7:])) for row in rows],
        )
    assert add("b").id > max(ids)
    bulk.update_rows("app_user", ("name", "language"), [("new", "fr", ids[0]), ("newer", "de", ids[1])])
    assert [User.get_by_id(row_id).name for row_id in ids] == ["new", "newer", "x"]


# --- Constraints -------------------------------------------------------------------------------------------


def problem(action: object, *args: object, **values: object) -> Exception:
    with pytest.raises(peewee.IntegrityError) as broken, db.transaction():
        action(*args, **values)  # type: ignore[operator]
    return db.problem_of(broken.value)


def test_a_duplicate_names_the_fields_without_the_tenant(any_house: House) -> None:
    acme = any_house.customer("acme")
    add("a")
    plain = problem(add, "a")
    assert isinstance(plain, Conflict) and plain.code == "duplicate" and list(plain.errors) == ["email"]
    Site.create(customer_id=acme.id, name="HQ")
    scoped = problem(Site.create, customer_id=acme.id, name="HQ")
    assert isinstance(scoped, Conflict) and list(scoped.errors) == ["name"]
    asset = any_house.asset("acme", "S1", tag="T1")
    values = {**asset.__data__, "id": None, "serial": "S2"}
    assert list(problem(Asset.create, **values).errors) == ["tag"]  # type: ignore[attr-defined]
    values = {**asset.__data__, "id": None, "tag": "T2"}
    assert list(problem(Asset.create, **values).errors) == ["serial", "product"]  # type: ignore[attr-defined]


def test_a_duplicate_through_executemany_is_the_same_error(any_house: House) -> None:
    acme = any_house.customer("acme")
    columns = (
        "customer_id",
        "name",
        "version",
        "created_at",
        "changed_at",
        "address",
        "city",
        "province",
        "country",
        "postal_code",
    )
    row = (acme.id, "HQ", 1, "2026-01-01 00:00:00", "2026-01-01 00:00:00", "", "", "", "", "")
    found = problem(bulk.insert_rows, "site", columns, [row, row])
    assert isinstance(found, Conflict) and list(found.errors) == ["name"]


def test_what_is_referred_to_stays(any_house: House) -> None:
    any_house.customer("acme")
    asset = any_house.asset("acme", "S1")
    used = problem(db.run_sql, "DELETE FROM product WHERE id = ?", (asset.product_id,))
    assert isinstance(used, Conflict) and used.code == "in_use"
    nowhere = problem(db.run_sql, "UPDATE asset SET product_id = 999999 WHERE id = ?", (asset.id,))
    assert isinstance(nowhere, Conflict) and nowhere.code == "in_use"
    no_tenant = problem(db.run_sql, "UPDATE asset SET customer_id = 999999 WHERE id = ?", (asset.id,))
    assert isinstance(no_tenant, Conflict) and no_tenant.code == "in_use"


def test_a_broken_rule_is_invalid(any_house: House) -> None:
    any_house.customer("acme")
    asset = any_house.asset("acme", "S1")
    slotted = problem(db.run_sql, "UPDATE asset SET slot = '1' WHERE id = ?", (asset.id,))
    assert isinstance(slotted, Invalid)
    blank = problem(db.run_sql, "UPDATE asset SET name = NULL WHERE id = ?", (asset.id,))
    assert isinstance(blank, Invalid)


# --- Many at once -------------------------------------------------------------------------------------------

SITE = (
    "customer_id",
    "version",
    "created_at",
    "changed_at",
    "name",
    "address",
    "city",
    "province",
    "country",
    "postal_code",
)


def sites(count: int, customer_id: int = 1) -> list[tuple[Any, ...]]:
    now = "2026-01-01 00:00:00.000000"
    odd = "Zürich\t東京\n\\N \\. \\\\"
    return [(customer_id, 1, now, now, f"Site {number}", odd, "", "", "", "") for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, bulk.MANY - 1, bulk.MANY, bulk.MANY + 1])
def test_many_rows_arrive_as_they_were_given(any_house: House, count: int) -> None:
    any_house.customer("acme")
    for _ in range(2):
        with db.transaction():
            bulk.insert_rows("site", SITE, sites(count))
            assert db.run_sql("SELECT count(*), min(address) FROM site").fetchone() == (count, sites(1)[0][5])
            db.run_sql("DELETE FROM site")


@pytest.mark.parametrize("count", [2, bulk.MANY])
def test_a_duplicate_among_many_is_named_and_nothing_stays(any_house: House, count: int) -> None:
    any_house.customer("acme")
    with pytest.raises(peewee.IntegrityError) as caught, db.transaction():
        bulk.insert_rows("site", SITE, [*sites(count), *sites(1)])
    assert "name" in db.problem_of(caught.value).errors
    assert db.run_sql("SELECT count(*) FROM site").fetchone() == (0,)
    bulk.insert_rows("site", SITE, sites(count))  # without a transaction of the caller's


@pytest.mark.postgres
def test_many_rows_pass_no_wall(postgres_house: House) -> None:
    postgres_house.customer("acme")
    postgres_house.customer("globex")
    with (
        pytest.raises(peewee.ProgrammingError, match="row-level security"),
        wall.carried(wall.scope_of([1])),
        db.transaction(),
    ):
        bulk.insert_rows("site", SITE, [*sites(bulk.MANY), *sites(1, customer_id=2)])
    with wall.carried(wall.scope_of([1])), db.transaction():
        bulk.insert_rows("site", SITE, sites(bulk.MANY))
    assert db.run_sql("SELECT count(*) FROM site").fetchone() == (bulk.MANY,)
