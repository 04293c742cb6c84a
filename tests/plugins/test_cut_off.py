"""The way to the database breaks off in the middle of a change: whoever wants it is told to wait, at whatever statement
it was, and no plugin is blamed that was asked meanwhile.
"""

import os
import socket
from contextlib import suppress
from itertools import count
from typing import Any

import psycopg
import pytest

from registry.customers.places import create_site
from registry.kernel import db, mending, wall
from registry.kernel.access import Actor
from registry.kernel.errors import Busy
from tests.houses import House
from tests.plugins.making import guest

V1 = "/api/v1"
SITE = {"customer": "acme", "name": "Main hall"}
HERE = {"place": "asset", "subject": None, "actor": None}


def cut(connection: Any) -> None:
    """Nothing that is sent arrives any more, and nothing comes."""
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as copy:
        copy.shutdown(socket.SHUT_RDWR)


class Scissors:
    """Cuts when the statement number `at` of all that come is about to be sent. `said`: what the driver then says, if
    not what it does by itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, said: Exception | None) -> None:
        self.at, self.seen, made = -1, 0, wall.WalledPostgres.cursor

        def cursor(database: Any, named: Any = None) -> Any:
            found = made(database, named)
            self.seen += 1
            if self.seen == self.at:
                cut(found.connection)
                if said:
                    with suppress(psycopg.Error):
                        found.execute("SELECT 1")
                    raise said
            return found

        monkeypatch.setattr(wall.WalledPostgres, "cursor", cursor)

    def set(self, at: int) -> None:
        self.at, self.seen = at, 0


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize(
    ("path", "said"),
    [("assets", None), ("assets", psycopg.InternalError("got no result from the query")), ("assets/bulk", None)],
)
def test_a_connection_that_breaks_at_any_statement(
    postgres_house: House, monkeypatch: pytest.MonkeyPatch, path: str, said: Exception | None
) -> None:
    admin, product = postgres_house.people().admin, postgres_house.product("Switch 48").id
    answered: dict[int, int] = {}
    is_bulk = path.endswith("bulk")
    with guest(validate=lambda: [], json_extra=lambda: db.run_sql("SELECT 1").fetchall() and None) as host:
        scissors = Scissors(monkeypatch, said)
        for at in count(1):
            scissors.set(at)
            item = {"customer": "acme", "product": product, "serial": f"A{at}"}
            body = {"items": [item, {**item, "serial": f"B{at}"}]} if is_bulk else item
            answer = admin.post(f"{V1}/{path}", body)
            answered[at] = answer.status_code
            if scissors.seen < at:
                break
        assert host.plugins["guest"].failures == 0, host.unwritten
    assert set(answered.values()) == {200 if is_bulk else 201, 503}, answered
    assert list(answered.values()).count(503) > 10


@pytest.mark.postgres
def test_a_server_that_goes_away_meanwhile_is_no_failure_of_who_is_asked(postgres_house: House) -> None:
    postgres_house.people()

    def lost() -> None:
        cut(db.database.connection())
        db.run_sql("SELECT 1")

    with guest(validate=lost, panels=lost) as host:
        with pytest.raises(Busy):
            create_site(Actor.system(), SITE)
        db.release()
        host.each("panels", **HERE)
        assert host.plugins["guest"].failures == 0 and mending.depth() == 0
    create_site(Actor.system(), SITE)


@pytest.mark.postgres
def test_nobody_loses_a_right_because_the_database_is_away(postgres_house: House) -> None:
    owner = postgres_house.people().owner

    def lost() -> None:
        cut(db.database.connection())
        db.run_sql("SELECT 1")

    with guest(allow=lost):
        assert owner.post(f"{V1}/sites", {"name": "Main hall"}).status_code == 503


def test_who_closes_the_connection_of_a_change_ends_the_change(any_house: House) -> None:
    any_house.people()
    with guest(validate=lambda: db.database.connection().close()) as host:
        with pytest.raises(mending.TransactionLost):
            create_site(Actor.system(), SITE)
        assert host.plugins["guest"].failures == 1 and mending.depth() == 0
    create_site(Actor.system(), SITE)
