"""Two customers, what they own, and the people who knock: for the tests of licences and contracts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from registry.customers.places import create_contact, create_site
from registry.kernel import db
from registry.kernel.access import Actor
from registry.people.roles import permissions_of
from tests.houses import House


class World:
    """acme and globex own the same kinds of things; the names of what is globex's start with g_."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.operator = Actor.system(name="operator")
        for kind, name in (("software", "Editor"), ("hardware", "Switch"), ("optic", "SFP")):
            house.product(name, kind)
        self.acme = self._customer("acme", "")
        self.globex = self._customer("globex", "g_")
        self.owner = _actor("manager", self.acme.id)
        self.colleague = _actor("member", self.acme.id)
        self.reader = _actor("reader", self.acme.id)
        self.stranger = _actor("manager", self.globex.id)
        self.engineer = _actor("engineer")
        self.lead = _actor("account_manager")

    def _customer(self, slug: str, mark: str) -> Any:
        made = self.house.customer(slug)
        mine = {"customer": slug}
        create_site(self.operator, {**mine, "name": f"{mark}HQ"})
        create_contact(self.operator, {**mine, "name": f"{mark}Ann", "email": f"{mark}ann@example.com"})
        self.house.product(f"{mark}Own tool", "software", slug)
        self.house.asset(slug, f"{mark}SW1", product="Switch", site=f"{mark}HQ")
        self.house.asset(slug, f"{mark}OP1", product="SFP", parent=f"{mark}SW1", slot="1")
        return made


def _actor(role: str, customer_id: int = 0) -> Actor:
    """Somebody with this role: at one customer, or (0) in the operator's house."""
    return Actor("user", f"{role}-{customer_id}", {customer_id: permissions_of(role)})


both_engines = pytest.mark.parametrize(
    "world", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
"""For tests whose statements are worth trying on both."""


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    on_postgres = getattr(request, "param", "sqlite") == "postgresql"
    return request.getfixturevalue("postgres_house" if on_postgres else "house").furnished(World)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as sent:` gathers every statement that the block sends to the database."""

    @contextmanager
    def gather() -> Iterator[list[str]]:
        sent: list[str] = []
        engine = db.database.obj
        execute = engine.execute_sql

        def remember(sql: str, *args: Any, **kwargs: Any) -> Any:
            sent.append(sql)
            return execute(sql, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(engine, "execute_sql", remember)
            yield sent

    return gather
