"""A house with units to give warranties to, for the tests of the warranty room's database side."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from registry.contracts.lines import add_line
from registry.contracts.service import create_contract
from registry.kernel.db import database
from registry.warranty.claims import warranty_facts
from registry.warranty.coverage import CoverageSpan
from registry.warranty.models import Coverage
from tests.houses import House, People, Person
from tests.ladder import API

DELIVERED = date(2024, 2, 29)


class Site:
    """acme has an optic, a machine and a software; `give` warranties as the operator's engineer."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.people: People = house.people()
        self.engineer: Person = self.people.engineer
        limits = [{"name": "Tx power", "unit": "dBm", "min": -8.2, "max": 0.5}]
        house.product("SFP LR", "optic", part_number="LR", parameters=limits)
        house.product("Press", part_number="PR")
        house.product("Stock keeping", "software", part_number="SK")
        agreed = {"customer": "acme", "number": "C-1", "title": "Care", "starts_on": date(2020, 1, 1)}
        contract = create_contract(house.system, agreed)
        add_line(house.system, contract.id, {"everything": True})

    def unit(self, serial: str, product: str = "LR", customer: str = "acme", **values: Any) -> Any:
        made = self.engineer.post(
            f"{API}/assets", {"customer": customer, "product": product, "serial": serial, **values}
        )
        assert made.status_code == 201, made.json
        return made.json

    def optic(self, serial: str = "OP1", **values: Any) -> Any:
        return self.unit(serial, "LR", **{"delivered_on": DELIVERED.isoformat(), **values})

    def give(self, asset: Any, terms: str = "optical-module", **values: Any) -> Any:
        made = self.engineer.post(f"{API}/warranties", {"asset": asset["id"], "terms": terms, **values})
        assert made.status_code == 201, made.json
        return made.json

    def act(self, warranty: Any, verb: str, **values: Any) -> Any:
        return self.engineer.post(f"{API}/warranties/{warranty['id']}/{verb}", {"reason": "agreed", **values})

    def warranty(self, warranty: Any) -> Any:
        return self.people.reader.get(f"{API}/warranties/{warranty['id']}").json

    def owed(self, asset: Any, on: date | str | None = None, cause: str | None = None, **facts: Any) -> Any:
        """What the customer's reader is told."""
        query = {"on": str(on)} if on else {}
        query |= {"cause": cause} if cause else {}
        path = f"{API}/assets/{asset['id']}/coverage"
        if facts:
            answer = self.people.reader.post(path, {**query, "facts": facts})
        else:
            answer = self.people.reader.get(path, query_string=query)
        assert answer.status_code == 200, answer.json
        return answer.json

    def record(self, asset: Any, remedy: str, **values: Any) -> Any:
        return self.engineer.post(f"{API}/assets/{asset['id']}/decisions", {"remedy": remedy, **values})


def free(answer: Any) -> list[str]:
    return [offer["remedy"] for offer in answer["remedies"] if offer["charge"] == "free"]


def quoted(answer: Any) -> list[str]:
    return [offer["remedy"] for offer in answer["remedies"] if offer["charge"] == "quote"]


def codes(notes: Iterable[Any]) -> list[str]:
    return [item["code"] for item in notes]


def spans(warranty: Any) -> dict[str, tuple[str, str, str]]:
    """remedy -> starts, ends, holds until."""
    return {row["remedy"]: (row["starts_on"], row["ends_on"], row["holds_until"]) for row in warranty["coverages"]}


def check_rows(house: House, asset: Any) -> None:
    """The stored coverages, the summary on the unit and the pure core tell the same."""
    system = house.system
    live = [span for facts in warranty_facts(system, asset) for span in facts.live_spans]
    table = "licence" if asset._meta.table_name == "licence" else "asset"
    rows = list(Coverage.raw(f"SELECT * FROM coverage WHERE {table}_id = {asset.id} AND holds_until >= starts_on"))
    held = [CoverageSpan(row.remedy, row.starts_on, row.holds_until, row.position) for row in rows]
    order = lambda span: (span.remedy, span.starts_on, span.ends_on, span.position)  # noqa: E731
    assert sorted(held, key=order) == sorted(live, key=order)
    found = database.execute_sql(f"SELECT covered_from, covered_until FROM {table} WHERE id = {asset.id}").fetchone()
    wanted = (min((s.starts_on for s in live), default=None), max((s.ends_on for s in live), default=None))
    assert tuple(str(day) if day else None for day in found) == tuple(str(day) if day else None for day in wanted)
