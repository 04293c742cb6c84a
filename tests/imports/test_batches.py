"""The filter ?import=: of a list what one import made or changed, for whoever may see the import's customer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from peewee import Database

from registry.assets.listing import ASSETS
from registry.imports.service import undo_import
from registry.kernel.db import run_sql
from tests.houses import House, Person
from tests.imports.world import bring, table


def _serials(who: Person, query: str) -> list[str]:
    answer = who.get(f"/api/v1/assets?{query}")
    assert answer.status_code == 200, answer.text
    return [item["serial"] for item in answer.json["items"]]


def _files(house: House, *serials: str, name: str = "new") -> int:
    product = "Switch 24"
    rows = [(serial, product, f"{name} {serial}") for serial in serials]
    return int(bring(house, table(("serial", "product", "name"), *rows), create_missing=True).id)


def test_a_list_shows_what_one_import_made_or_changed(any_house: House) -> None:
    owner = any_house.people().owner
    first = _files(any_house, "A1", "A2")
    second = _files(any_house, "A2", "A3", name="changed")
    assert _serials(owner, f"import={first}") == ["A1", "A2"]
    assert _serials(owner, f"import={second}") == ["A2", "A3"]
    assert _serials(owner, f"import={second}&q=A3") == ["A3"]
    assert _serials(owner, f"import={second}&sort=-id&limit=1") == ["A3"]
    undo_import(any_house.system, second)
    assert _serials(owner, f"import={second}") == ["A2"], "what it made is gone, what it changed is there"


def test_other_things_that_it_made_stand_in_their_own_lists(house: House) -> None:
    admin = house.people().admin
    number = _files(house, "A1")
    found = admin.get(f"/api/v1/products?import={number}").json["items"]
    assert [item["name"] for item in found] == ["Switch 24"]
    assert admin.get(f"/api/v1/licences?import={number}").json["items"] == []


def test_an_import_of_somebody_elses_is_not_there(any_house: House) -> None:
    people = any_house.people()
    number = _files(any_house, "A1")
    for who in (people.stranger, people.owner):
        for wrong in (number, number + 1, 2**62):
            if who is people.owner and wrong == number:
                continue
            answer = who.get(f"/api/v1/assets?import={wrong}")
            assert answer.status_code == 422 and list(answer.json["errors"]) == ["import"], (wrong, answer.text)
            assert str(wrong) in answer.json["errors"]["import"][0]
    page = people.admin.get(f"/c/globex/assets?import={number}")
    assert page.status_code == 200 and "A1" not in page.text


def test_the_import_leads_to_its_list_and_the_list_names_it(house: House) -> None:
    owner = house.people().owner
    number = _files(house, "A1", "A2")
    house.asset(serial="OTHER", product=house.product("Other").id)
    page = owner.get(f"/c/acme/imports/{number}").text
    link = re.search(r'href="(/c/acme/assets\?import=\d+)"', page)
    assert link, "a link to the list"
    text = owner.get(link.group(1)).text
    assert "A1" in text and "OTHER" not in text
    chip = re.search(r'class="chip"><span>([^<]*)</span>', text)
    assert chip and chip.group(1).startswith("Import: file.csv · ")
    assert re.search(rf'name="import" value="{number}"', text), "a further filter keeps it"
    assert f"assets.csv?import={number}" in text, "and so does the file"
    reader = house.person("r@acme.example", "reader", "acme")
    text = reader.get(link.group(1)).text
    assert f"Import: No. {number}" in text and "file.csv" not in text, "names of files are for those who import"


@pytest.mark.parametrize("wrong", ["x", "0", "-1", "9" * 30, "٣", "1.5"])
def test_a_number_that_is_none(house: House, wrong: str) -> None:
    answer = house.people().owner.get("/c/acme/assets", query_string={"import": wrong})
    assert answer.status_code == 422 and "import" in answer.text


def test_the_statements_do_not_grow_with_the_import(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = house.people().owner
    few, many = _files(house, "A1"), _files(house, *(f"B{number}" for number in range(40)))
    owner.get(f"/c/acme/assets?import={few}")
    assert _asked(owner, few, monkeypatch) == _asked(owner, many, monkeypatch)


def _asked(who: Person, number: int, monkeypatch: pytest.MonkeyPatch) -> int:
    seen: list[str] = []
    run: Callable[..., Any] = Database.execute_sql
    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute_sql", lambda self, sql, *rest: (seen.append(sql), run(self, sql, *rest))[1])
        assert who.get(f"/c/acme/assets?import={number}").status_code == 200
    plan = next(sql for sql in seen if "audit_entry" in sql and "batch_id" in sql)
    assert "object_id" in plan
    return len(seen)


def test_an_index_finds_what_belongs_to_an_import(house: House) -> None:
    house.customer("acme")
    number = _files(house, "A1")
    sql, values = ASSETS.fitting(house.system, {"import": number}).sql()
    plan = " ".join(str(row[-1]) for row in run_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values)).fetchall())
    assert "audit_entry_batch" in plan
