"""An installation for one test, and the people in it.

    def test_something(house):
        alice = house.people().owner
        answer = alice.get("/api/v1/assets")

Everybody is a Person with `actor` (for verbs), `token`, and get/post/patch/put/delete through the real application.
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Generic, TypeVar

from flask import Flask
from peewee import DatabaseError, SqliteDatabase
from werkzeug.test import TestResponse

from registry.app import create_app, open_house
from registry.assets.service import register_asset
from registry.customers.service import create_customer, customer_by
from registry.defaults import install_defaults
from registry.kernel import clock, db, migrate, wall
from registry.kernel.access import Actor
from registry.kernel.db import run_sql
from registry.kernel.jobs import build_queue
from registry.people.service import create_user
from registry.people.signin import actor_of
from registry.people.tokens import create_token
from registry.plugins import switches, tables
from registry.products.service import create_product
from registry.settings import Settings
from tests import rows
from tests.postgres import Cluster

Made = TypeVar("Made")
switches.HOLDS = 3600.0  # or a page would cost one statement more from time to time
SECRET = "5f2c9a1e7b3d8046c1e5a9b7d3f08264e6a1c5b9"


class Readable:
    """An answer whose text can be read, papers included."""

    @property
    def text(self) -> str:
        answer: Any = super()
        if self.mimetype != "application/pdf":  # type: ignore[attr-defined]
            return str(answer.text)
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)


class Person:
    """Somebody with a token."""

    def __init__(self, house: "House", user: Any, token: str = "") -> None:
        self.house, self.user = house, user
        self.actor: Actor = actor_of(user)
        self.token = token or create_token(Actor.system(), user, name="test", scope=None, days=30)[1]

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.house.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.request("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.request("POST", path, **({"json": json} if json is not None else {}), **options)

    def patch(self, path: str, json: Any, version: int | str = "*", **options: Any) -> TestResponse:
        tag = "*" if version == "*" else f'"{version}"'
        return self.request("PATCH", path, json=json, headers={"If-Match": tag}, **options)

    def put(self, path: str, json: Any, **options: Any) -> TestResponse:
        return self.request("PUT", path, json=json, **options)

    def delete(self, path: str, version: int | str = "*", **options: Any) -> TestResponse:
        tag = "*" if version == "*" else f'"{version}"'
        return self.request("DELETE", path, headers={"If-Match": tag}, **options)


@dataclass
class People:
    """acme is looked at; globex is the neighbour. `owner`, `colleague` and `reader` are acme's people, `stranger`
    is globex's manager, the others are the operator's."""

    admin: Person
    engineer: Person
    account_manager: Person
    auditor: Person
    owner: Person
    colleague: Person
    reader: Person
    stranger: Person


_application: list[Flask] = []


class Furnished(Generic[Made]):
    """A new installation and what somebody made in it: to copy both takes a fraction of making them. Copied are the
    database and the objects, not the files."""

    def __init__(self, house: "House", made: Made) -> None:
        self.made_at, self.house = clock.now(), house
        self.rows = _OnServer(house) if house.cluster else _InMemory()
        self.contents = self._contents_for(house, (made, house.inhabitants))

    def move_in(self, house: "House") -> Made:
        self.rows.into(house)
        made, house.inhabitants = self._contents_for(house, self.contents)
        return made

    def _contents_for(self, house: "House", contents: tuple[Made, People | None]) -> tuple[Made, People | None]:
        return deepcopy(contents, {id(self.house): house})  # whatever speaks of the one speaks of the other


class _InMemory:
    """The rows of an SQLite database."""

    def __init__(self) -> None:
        self.database = sqlite3.connect(":memory:")
        db.database.connection().backup(self.database)

    def into(self, _house: "House") -> None:
        self.database.backup(db.database.connection())


class _OnServer:
    """The rows of a PostgreSQL database: those that its template does not have; or, should it have got other tables
    than that, one more database on the same server, to copy whole."""

    def __init__(self, house: "House") -> None:
        assert house.cluster
        self.name = ""
        here, empty = rows.read(house.cluster.url(house.database_name)), _empty(house.cluster, house.template)
        if here.shape == empty.shape:
            self.rows = here.beyond(empty)
        else:
            self.name = f"furnished_{secrets.token_hex(6)}"
            self._copied(house, house.database_name, self.name)

    def into(self, house: "House") -> None:
        assert house.cluster
        if self.name:
            self._copied(house, self.name, house.database_name)
        else:
            self.rows.bring(house.cluster.url(house.database_name))

    def _copied(self, house: "House", origin: str, target: str) -> None:
        """While nobody is connected to either."""
        assert house.cluster
        house.close()
        house.cluster.drop_database(target)
        house.cluster.create_database(target, origin, house.cluster.ordinary_user)
        db.connect()


@cache
def _empty(cluster: Cluster, template: str) -> rows.Rows:
    return rows.read(cluster.url(template))


_furnished: dict[Any, Furnished[Any]] = {}


class House:
    """An installation in `folder` with the database at `url`."""

    inhabitants: People | None = None
    cluster: Cluster | None = None  # the tests' own PostgreSQL server that the database is on
    template: str = ""  # and what it was copied from there

    def __init__(self, folder: Path, url: str) -> None:
        self.settings = Settings(data=folder, database=url, secret=SECRET, queue="memory:", log_level="ERROR")

    def prepare(self) -> None:
        """Migrated, with the shipped rows."""
        self.open()
        migrate.migrate()
        tables.settle(may_migrate=True)
        install_defaults()

    def open(self) -> None:
        open_house(self.settings)
        switches.forget()  # what another house had switched off
        tables.take_back()  # what another database did not hold
        wall.stand(wall.EVERYWHERE)  # requests carry what their actor may see; what tests do themselves sees all
        if isinstance(db.database.obj, SqliteDatabase):
            db.database.obj.pragma("synchronous", 0, permanent=True)  # nobody cuts the power
        db.connect()

    def close(self) -> None:
        db.release()
        db.database.close()
        close_all = getattr(db.database.obj, "close_all", None)
        if close_all:
            close_all()

    @cached_property
    def app(self) -> Flask:
        """One application for all houses of a run, pointed at each in turn: wiring takes longer than most tests."""
        if not _application:
            self.close()  # the application opens a database of its own
            _application.append(create_app(self.settings))
            self.open()
        app = _application[0]
        app.config.update(ASSETCARE=self.settings, TRUSTED_HOSTS=None)
        app.extensions["assetcare_jobs"] = build_queue(self.settings.queue_url)
        return app

    @cached_property
    def client(self) -> Any:
        client = self.app.test_client()
        client.response_wrapper = type("Answer", (Readable, client.response_wrapper), {})
        return client

    @property
    def database_name(self) -> str:
        return self.settings.database.rpartition("/")[2]

    @property
    def system(self) -> Actor:
        return Actor.system()

    def customer(self, slug: str, **values: Any) -> Any:
        return create_customer(self.system, {"slug": slug, "name": slug.title(), **values})

    def person(self, email: str, role: str, slug: str | None = None, password: str | None = None) -> Person:
        customer_id = customer_by(self.system, slug).id if slug else None
        user = create_user(self.system, email=email, role=role, customer_id=customer_id, password=password)
        return Person(self, user)

    def people(self) -> People:
        self.inhabitants = self.inhabitants or self.furnished(House._people)
        return self.inhabitants

    def furnished(self, build: Callable[["House"], Made]) -> Made:
        """What build(house) answers. Where nobody has done anything yet, that and all rows may be copied from an
        installation that it was called for earlier, on the same day."""
        if not self._is_new():
            return build(self)
        key = (build, db.is_sqlite())
        known = _furnished.get(key)
        if known and abs(clock.now() - known.made_at) < timedelta(days=1):
            return known.move_in(self)
        made = build(self)
        _furnished[key] = Furnished(self, made)
        return made

    def _is_new(self) -> bool:
        """Whether nobody has done anything in it yet, and it can be copied."""
        copied = db.is_sqlite() or self.cluster is not None
        return copied and not run_sql("SELECT 1 FROM chain_head UNION ALL SELECT 1 FROM app_user").fetchone()

    def _people(self) -> People:
        self.customer("acme")
        self.customer("globex")
        return People(
            admin=self.person("admin@operator.example", "admin"),
            engineer=self.person("engineer@operator.example", "engineer"),
            account_manager=self.person("manager@operator.example", "account_manager"),
            auditor=self.person("auditor@operator.example", "auditor"),
            owner=self.person("alice@acme.example", "manager", "acme"),
            colleague=self.person("bob@acme.example", "member", "acme"),
            reader=self.person("carol@acme.example", "reader", "acme"),
            stranger=self.person("mallory@globex.example", "manager", "globex"),
        )

    def product(
        self, name: str = "Switch 48", kind: str = "hardware", customer: str | None = None, **values: Any
    ) -> Any:
        customer_id = customer_by(self.system, customer).id if customer else None
        ready = {"name": name, "kind": kind, "part_number": values.pop("part_number", f"PN-{name}"), **values}
        return create_product(self.system, ready, customer_id)

    def asset(self, slug: str = "acme", serial: str = "SN-1", **values: Any) -> Any:
        product = values.pop("product", None) or self.product(f"Product of {serial}").id
        return register_asset(self.system, {"customer": slug, "product": product, "serial": serial, **values})


def opened(house: House) -> Iterator[House]:
    house.open()
    with suppress(DatabaseError):  # of a database that is empty yet
        switches.is_open("none", None)  # looked up once, before anybody counts statements
    yield house
    house.close()
