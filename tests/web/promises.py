"""For tests of pages about what is promised: acme's licence, contract and warranties, and ways to send forms."""

import re
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

import pytest
from peewee import Database
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from registry.contracts.duties import add_duty
from registry.contracts.lines import add_line
from registry.contracts.service import create_contract
from registry.customers.places import create_contact
from registry.licences.service import create_licence
from registry.products.service import attach_document
from registry.warranty.service import start_warranty
from tests.houses import House, Person
from tests.web.world import World
from tests.web.world import build as world_of

KEY = "QX7T-PLAIN-KEY-9081"


@dataclass
class Promises:
    """Ids of what is acme's; `terms` are the house's terms "hardware". `far`: the same kinds of things of globex."""

    world: World
    licence: int
    contract: int
    line: int
    duty: int
    warranty: int
    licence_warranty: int
    product: int
    tool: int
    document: int
    terms: int
    contact: int

    @property
    def house(self) -> House:
        return self.world.house

    @property
    def asset(self) -> int:
        return self.world.asset

    def who(self, name: str) -> Person:
        return getattr(self.world.people, name)  # type: ignore[no-any-return]


def build(house: House) -> Promises:
    world, system, mine = world_of(house), house.system, {"customer": "acme"}
    tool = house.product("Watcher", "software", maker="Acme Soft").id
    switch = house.product("Edge", parameters=[{"name": "Power", "unit": "W", "min": 10, "max": 45.5}]).id
    document = attach_document(system, switch, {"kind": "guide", "title": "Edge guide"}).id
    values = {"product": tool, "name": "Watcher seats", "metric": "named_user", "quantity": 3, "key": KEY}
    licence = create_licence(system, {**mine, **values, "launched_on": date(2026, 1, 1)}).id
    agreed = {"number": "C-7", "title": "Care", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
    contract = create_contract(system, {**mine, **agreed, "renewal": "tacit", "renewal_period": "P1Y"}).id
    line = add_line(system, contract, {"asset": world.asset}).id
    duty = add_duty(system, contract, {"kind": "patrol", "title": "Visit", "due_on": date(2026, 3, 1)}).id
    given = {"terms": "software", "licence": licence}
    mine_too = create_contact(system, {**mine, "name": "Janis Berzins", "email": "janis@acme.example"}).id
    terms = world.people.admin.get("/api/v1/warranty-terms?code=hardware").json["items"][0]["id"]
    warranty = world.people.admin.get(f"/api/v1/warranties?asset={world.asset}").json["items"][0]["id"]
    return Promises(
        world, licence, contract, line, duty, warranty, start_warranty(system, given).id, switch, tool, document,
        terms, mine_too,
    )  # fmt: skip


@pytest.fixture
def promises(house: House) -> Promises:
    return house.furnished(build)


def sent(person: Person, path: str, **fields: Any) -> TestResponse:
    """The form as a browser sends it; a list is a field that is there several times."""
    data = MultiDict(
        [(name, one) for name, each in fields.items() for one in (each if isinstance(each, list) else [each])]
    )
    return person.request("POST", path, data=data)


def filled(text: str) -> dict[str, Any]:
    """What a browser would send of the fields of a page's main form, in a rough way: enough to send it back."""
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", text):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if not name or ('type="checkbox"' in tag and " checked" not in tag) or name.group(1) in ("q", "csrf_token"):
            continue
        found.setdefault(name.group(1), []).append(unescape(value.group(1)) if value else "")
    for name, body in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', text, re.S):
        found.setdefault(name, []).append(unescape(body))
    for name, body in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'<option value="([^"]*)"', body)
        found.setdefault(name, []).append(chosen.group(1) if chosen else "")
    return found


def errors_of(text: str) -> dict[str, str]:
    """Field -> what is said beside it."""
    found = re.findall(r'<p class="field-error" id="([^"]*)-error"[^>]*>(.*?)</p>', text, re.S)
    return {name: said.strip() for name, said in found}


def statements(person: Person, path: str, monkeypatch: pytest.MonkeyPatch) -> int:
    asked: list[str] = []
    run = Database.execute_sql

    def counted(self: Database, sql: str, *rest: Any, **more: Any) -> Any:
        asked.append(sql)
        return run(self, sql, *rest, **more)

    person.get(path)  # the token's first use is written down
    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute_sql", counted)
        assert person.get(path).status_code == 200
    return len(asked)
