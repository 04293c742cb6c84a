"""Many rows at once: a preview that is the change itself taken back, then all of it or nothing."""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from registry.assets.models import Asset
from registry.kernel.access import Actor, visible
from tests.web.world import World

PAGE = "/c/acme/lists/assets/bulk"


@pytest.fixture
def units(world: World) -> list[int]:
    """Three loose units, and one that is inside another and so in no place of its own."""
    loose = [world.house.asset(serial=f"LOOSE-{number}").id for number in range(3)]
    return [*loose, world.house.asset(serial="INSIDE", parent=world.asset, slot="Eth1").id]


def _send(world: World, who: str = "owner", page: str = PAGE, **form: Any) -> TestResponse:
    person = getattr(world.people, who)
    return person.post(page, data=form)  # type: ignore[no-any-return]


def _rows(text: str) -> str:
    """What the form of the preview carries along."""
    found = re.findall(r'name="rows" value="([^"]*)"', text)
    return str(found[-1])


def _values(ids: list[int], name: str) -> list[Any]:
    rows = visible(Asset, Actor.system()).where(Asset.id.in_(ids)).order_by(Asset.id)
    return [getattr(row, name) for row in rows]


def _joined(ids: list[int]) -> str:
    return " ".join(str(each) for each in ids)


def test_what_was_ticked_is_shown_before_and_after_and_then_changed(world: World, units: list[int]) -> None:
    ticked = "&".join(f"id={each}" for each in units[:2])
    form = world.people.owner.get(f"{PAGE}?{ticked}").text
    assert "Change 2 rows" in form and _rows(form) == _joined(units[:2])
    shown = _send(world, rows=_rows(form), status="in_repair", supplier="Northgate").text
    assert "LOOSE-0" in shown and "<del>In stock</del> → <ins>In repair</ins>" in shown
    assert "<del>–</del> → <ins>Northgate</ins>" in shown
    assert _values(units[:2], "supplier") == ["", ""]  # a preview stores nothing
    assert _values(units[:2], "version") == [1, 1]
    assert world.people.owner.get("/api/v1/audit?customer=acme&sort=-id&limit=1").json["items"][0]["action"] != (
        "asset.changed"
    )
    done = _send(world, rows=_rows(shown), status="in_repair", supplier="Northgate", apply="1")
    assert done.status_code == 303 and done.headers["Location"] == "/c/acme/assets"
    assert _values(units[:2], "supplier") == ["Northgate"] * 2 and _values(units, "version")[2:] == [1, 1]


def test_who_is_refused_is_named_with_the_reason_and_left_out(world: World, units: list[int]) -> None:
    shown = _send(world, rows=_joined(units), site="Main hall").text
    assert "One cannot be changed" in shown and "INSIDE" in shown and "in a parent or in a place" in shown
    assert "3 rows change" in shown and str(units[3]) not in _rows(shown).replace(":", " ").split()
    assert _send(world, rows=_rows(shown), site="Main hall", apply="1").status_code == 303
    assert [site is not None for site in _values(units, "site_id")] == [True, True, True, False]


def test_nothing_is_changed_when_somebody_was_faster(world: World, units: list[int]) -> None:
    rows = _rows(_send(world, rows=_joined(units[:3]), place="Shelf").text)
    world.people.colleague.patch(f"/api/v1/assets/{units[1]}", {"place": "Desk"})
    answer = _send(world, rows=rows, place="Shelf", apply="1")
    assert answer.status_code == 422 and "Nothing was changed." in answer.text
    assert _values(units[:3], "place") == ["", "Desk", ""]
    assert "<del>Desk</del> → <ins>Shelf</ins>" in answer.text  # what it would be now
    assert _send(world, rows=_rows(answer.text), place="Shelf", apply="1").status_code == 303
    assert _values(units[:3], "place") == ["Shelf"] * 3


def test_without_a_preview_nothing_is_applied(world: World, units: list[int]) -> None:
    assert _send(world, rows=_joined(units[:2]), place="Shelf", apply="1").status_code == 422
    assert _values(units[:2], "place") == ["", ""]


def test_all_that_fit_the_filter(world: World, units: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    form = world.people.owner.get(f"{PAGE}?all=true&q=LOOSE").text
    assert "Change 3 rows" in form and _rows(form) == _joined(units[:3])
    assert "Nothing fits" in world.people.owner.get(f"{PAGE}?all=true&q=zzzz").text
    assert world.people.owner.get(f"{PAGE}?all=true&kind=banana").status_code == 422
    monkeypatch.setattr("registry.web.lists.bulk_pages.MOST", 2)
    assert "More than 2 fit" in world.people.owner.get(f"{PAGE}?all=true&q=LOOSE").text


def test_a_field_can_be_emptied(world: World, units: list[int]) -> None:
    _send(world, rows=_rows(_send(world, rows=_joined(units[:1]), place="Desk").text), place="Desk", apply="1")
    shown = _send(world, rows=_joined(units[:1]), clear_place="1").text
    assert "<del>Desk</del> → <ins>–</ins>" in shown
    assert _send(world, rows=_rows(shown), clear_place="1", apply="1").status_code == 303
    assert _values(units[:1], "place") == [""]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"rows": ""},
        {"rows": "x"},
        {"rows": "1 2 3"},
        {"rows": "9" * 18, "place": "x"},
        {"rows": "1", "status": "nil"},
        {"rows": "1:1", "place": "x" * 256},
        {"rows": "1:1", "place": "a\0b"},
        {"rows": "1:1", "site": "Nowhere", "apply": "1"},
        {"rows": "1:999999999", "place": "y", "apply": "1"},
    ],
)
def test_whatever_is_sent_nothing_breaks_and_nothing_is_stored(world: World, form: dict[str, str]) -> None:
    answer = _send(world, **form)
    assert answer.status_code in (200, 422), answer.text
    assert _values([world.asset], "version") == [1]


def test_nobody_changes_what_is_not_his(world: World, units: list[int]) -> None:
    assert _send(world, "reader", rows=_joined(units), place="x").status_code == 403
    assert world.people.reader.get(PAGE).status_code == 403
    assert _send(world, "stranger", rows=_joined(units), place="x").status_code == 404
    shown = _send(world, "admin", rows=_joined([*units[:1], world.other]), place="x").text  # globex's is not acme's
    assert "SN-88" not in shown and _rows(shown) == f"{units[0]}:1"
    _send(world, "stranger", page="/c/globex/lists/assets/bulk", rows=f"{units[0]}:1", place="x", apply="1")
    assert _values([units[0], world.other], "place") == ["", ""]
    foreign = _send(world, "admin", rows=f"{units[0]}:1 {world.other}:1", place="x", apply="1")
    assert foreign.status_code == 422 and _values([units[0], world.other], "place") == ["", ""]


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [("contacts", {"title": "Keeper"}, "Keeper"), ("licences", {"supplier": "Northgate"}, "Northgate")],
)
def test_other_lists_have_their_own_fields(world: World, kind: str, values: dict[str, str], told: str) -> None:
    licence = {"customer": "acme", "name": "Tool", "product": world.house.product("Tool", "software").id}
    world.people.owner.post("/api/v1/licences", {**licence, "metric": "install"})
    page = f"/c/acme/lists/{kind}/bulk"
    shown = _send(world, page=page, rows="1", **values).text
    assert f"<ins>{told}</ins>" in shown
    assert _send(world, page=page, rows=_rows(shown), **values, apply="1").status_code == 303
    assert told in world.people.owner.get(f"/api/v1/{kind}/1").text
    assert world.people.owner.get("/c/acme/lists/warranties/bulk").status_code == 404
