"""What a run did, or would do, row by row: the same for a dry run and a real one, for every kind, without secrets."""

from datetime import timedelta
from typing import Any

import pytest

from registry.imports import changes, service
from registry.imports.models import ImportChange, ImportSession
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from tests.houses import House, People
from tests.imports.test_api import post
from tests.imports.world import table


def told(people: People, number: int, query: str = "") -> list[dict[str, Any]]:
    answer = people.owner.get(f"/api/v1/imports/{number}/changes{query}")
    assert answer.status_code == 200, answer.json
    return list(answer.json["items"])


def cells(row: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {cell["field"]: (cell["before"], cell["after"]) for cell in row["cells"]}


def test_a_dry_run_tells_what_the_real_one_does(any_house: House) -> None:
    people = any_house.people()
    old = any_house.asset(serial="A1", product=any_house.product("S").id, cost_minor=100, currency="USD")
    data = table(
        ("serial", "model", "site", "cost", "status"),
        ("A1", "S", "Neu", "2.50 USD", "in_repair"), ("A2", "S", "", "", ""), ("A3", "", "", "", ""),
    )  # fmt: skip
    number = post(people.owner, data, dry_run="true", on_error="skip").json["id"]
    dry = told(people, number)
    assert [(row["line"], row["outcome"], row["object_type"], row["label"]) for row in dry] == [
        (None, "created", "site", "Neu"), (2, "updated", "asset", "A1"), (3, "created", "asset", "A2"),
        (4, "refused", "", ""),
    ]  # fmt: skip
    assert cells(dry[1]) == {
        "site": (None, "Neu"), "status": ("In stock", "In repair"), "cost": ("1.00 USD", "2.50 USD"),
    }  # fmt: skip
    assert cells(dry[2])["product"] == (None, "S")
    assert "Name the product" in dry[3]["cells"][0]["message"]
    assert [row["object_id"] for row in dry] == [None, old.id, None, None], "what was taken back is nowhere"
    assert people.owner.post(f"/api/v1/imports/{number}/apply").status_code == 200
    real = told(people, number)
    assert [row["cells"] for row in real] == [row["cells"] for row in dry]
    assert real[2]["object_id"] == next(row["id"] for row in people.owner.get("/api/v1/assets?serial=A2").json["items"])
    assert visible(ImportChange, Actor.system()).count() == 4, "those of the dry run are gone"


def test_the_list_is_paged_and_filtered(people: People) -> None:
    data = table(("serial", "model"), *((f"S{at:03}", "S") for at in range(7)), ("S001", "S"))
    number = post(people.owner, data, dry_run="true").json["id"]
    assert len(told(people, number, "?outcome=created")) == 8, "seven units and their product"
    assert [row["line"] for row in told(people, number, "?outcome=refused")] == [9]
    first = people.owner.get(f"/api/v1/imports/{number}/changes?limit=5").json
    rest = people.owner.get(f"/api/v1/imports/{number}/changes?limit=5&cursor={first['next']}").json
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (5, 4, None)
    for wrong in ("outcome=x", "cursor=x", "limit=0", "nothing=1"):
        assert people.owner.get(f"/api/v1/imports/{number}/changes?{wrong}").status_code == 422
    assert people.stranger.get(f"/api/v1/imports/{number}/changes").status_code == 404
    assert people.reader.get(f"/api/v1/imports/{number}/changes").status_code == 403
    assert people.owner.get("/api/v1/imports/999/changes").status_code == 404


@pytest.mark.parametrize(
    ("kind", "rows", "field"),
    [
        ("sites", (("name", "city"), ("Köln", "Köln")), "city"),
        ("contacts", (("name", "email"), ("林", "lin@x.example")), "email"),
        ("products", (("name", "maker"), ("P", "M")), "maker"),
        ("licences", (("name", "key", "quantity", "order no"), ("L", "SECRET-KEY-1234", "5", "O1")), "quantity"),
    ],
)
def test_of_every_kind(people: People, kind: str, rows: Any, field: str) -> None:
    number = post(people.owner, table(*rows), kind=kind, dry_run="true").json["id"]
    found = [row for row in told(people, number) if row["line"] == 2]
    assert [row["outcome"] for row in found] == ["created"] and field in cells(found[0])
    assert "SECRET-KEY" not in str(told(people, number))


def test_an_amount_is_told_with_the_currency_that_stays(any_house: House) -> None:
    people = any_house.people()
    any_house.asset(serial="A1", cost_minor=12550, currency="JPY")
    data = table(("serial", "cost (minor units)"), ("A1", "13000"))
    number = post(people.owner, data, mode="update", dry_run="true").json["id"]
    assert cells(told(people, number)[0]) == {"cost": ("12550 JPY", "13000 JPY")}


def test_long_texts_are_cut_and_only_so_many_rows_are_kept(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "KEPT_CHANGES", 3)
    data = table(("serial", "model", "notes"), *((f"S{at}", "S", "x" * 1000) for at in range(9)))
    number = post(people.owner, data, dry_run="true").json["id"]
    rows = told(people, number)
    assert len(rows) == 3 and len(cells(rows[-1])["notes"][1]) == changes.LONGEST + 1


def test_they_are_forgotten_after_a_month_and_with_the_file(people: People) -> None:
    numbers = [post(people.owner, table(("name",), (name,)), kind="sites", dry_run="true").json["id"] for name in "abc"]
    old = clock.now() - timedelta(days=31)
    ImportSession.update(finished_at=old).where(ImportSession.id == numbers[0]).execute()
    service.forget_old_files()
    assert [len(told(people, number)) for number in numbers] == [0, 1, 1]
    assert people.stranger.delete(f"/api/v1/imports/{numbers[1]}").status_code == 404
    assert people.reader.delete(f"/api/v1/imports/{numbers[1]}").status_code == 403
    assert people.owner.delete(f"/api/v1/imports/{numbers[1]}", version=99).status_code == 412
    assert people.owner.request("DELETE", f"/api/v1/imports/{numbers[1]}").status_code == 428
    assert people.owner.delete(f"/api/v1/imports/{numbers[1]}").status_code == 204
    assert people.owner.get(f"/api/v1/imports/{numbers[1]}").status_code == 404
    assert visible(ImportChange, Actor.system()).count() == 1
    assert people.owner.post(f"/api/v1/imports/{numbers[2]}/apply").status_code == 200
    assert people.owner.delete(f"/api/v1/imports/{numbers[2]}").status_code == 409, "what was imported stays on record"


def test_a_draft_that_nobody_went_on_with_is_forgotten(house: House, people: People) -> None:
    from tests.imports.test_pages import OWN, brought

    number = brought(people.owner, "serial,model\nA,B\n")
    old = clock.now() - timedelta(days=31)
    ImportSession.update(changed_at=old).where(ImportSession.id == number).execute()
    assert service.forget_old_files() == 1
    assert people.owner.get(f"{OWN}/{number}").status_code == 404
