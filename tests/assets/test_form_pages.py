"""Forms of a unit: what is typed is kept, errors stand beside fields, versions are held to, roles are obeyed."""

import io
import re
from html import unescape
from typing import Any

import pytest

from registry.assets.fields import define_field
from registry.assets.models import Asset, AssetFile
from registry.assets.service import change_asset, get_asset
from registry.kernel import files
from registry.kernel.access import visible
from registry.kernel.writing import ANY_VERSION
from registry.warranty.models import Warranty
from tests.houses import House, Person
from tests.web.world import World, build

NEW = "/c/acme/assets/new"


@pytest.fixture
def world(house: House) -> World:
    return house.furnished(build)


def _send(person: Person, path: str, **form: Any) -> Any:
    return person.request("POST", path, data=form)


def _typed(text: str) -> dict[str, str]:
    """name -> value of every input of a page."""
    found = re.findall(r"<input[^>]*>", text)
    pairs = [(re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)) for tag in found]
    return {name.group(1): unescape(value.group(1)) for name, value in pairs if name and value}


def _units(world: World) -> dict[str, Asset]:
    return {row.label: row for row in visible(Asset, world.house.system).where(Asset.customer_id == 1)}


@pytest.fixture
def product(world: World) -> str:
    return f"Access switch #{world.house.product('Access switch').id}"


def test_a_unit_is_registered_with_everything(world: World, product: str) -> None:
    system = world.house.system
    for name, kind, more in (("ports", "integer", {}), ("ups", "boolean", {}), ("checked", "day", {}),
                             ("level", "choice", {"choices": ["high", "low"]}), ("power", "decimal", {})):  # fmt: skip
        define_field(system, {"name": name, "title": name.title(), "type": kind, **more}, None)
    form = {
        "product": product, "serial": " X-1 ", "tag": "T-9", "name": "edge", "status": "in_use", "where": "place",
        "site": "Main hall", "place": "Rack 3", "parent": "SN-77-ACME", "slot": "1", "holder": "Ilze Ozola",
        "delivered_on": "2026-02-01", "supplier": "S", "order_number": "O", "cost": "1,250.5", "currency": "EUR",
        "notes": "a\r\nb", "custom.ports": "48", "custom.ups": "true", "custom.checked": "2026-02-02",
        "custom.level": "low", "custom.power": "3.25",
    }  # fmt: skip
    answer = _send(world.people.colleague, NEW, **form)
    assert answer.status_code == 303, answer.text
    made = _units(world)["X-1"]
    assert answer.location == f"/c/acme/assets/{made.id}"
    assert (made.place, made.parent_id, made.cost_minor, made.currency, made.notes) == (
        "Rack 3",
        None,
        125050,
        "EUR",
        "a\nb",
    )
    assert made.custom == {"ports": 48, "ups": True, "checked": "2026-02-02", "level": "low", "power": "3.25"}
    shown = _typed(world.people.colleague.get(f"{answer.location}/edit").text)
    assert shown["product"] == product and shown["cost"] == "1250.50" and shown["custom.ports"] == "48"
    assert shown["holder"].startswith("Ilze Ozola #") and shown["site"] == "Main hall"


def test_an_optic_goes_into_a_slot(world: World) -> None:
    optic = f"Optic #{world.house.product('Optic', 'optic').id}"
    form = {"product": optic, "serial": "O-1", "where": "parent", "parent": f"core #{world.asset}", "site": "Main hall"}
    form["status"] = ""  # "As usual"
    refused = _send(world.people.owner, NEW, **form)
    assert refused.status_code == 422 and 'id="slot-error"' in refused.text
    assert _typed(refused.text)["parent"] == f"core #{world.asset}" and 'value="parent" checked' in refused.text
    assert _send(world.people.owner, NEW, **form, slot="Eth1").status_code == 303
    assert _units(world)["O-1"].parent_id == world.asset


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("product", "no such thing"),
        ("product", "x #999999"),
        ("product", ""),
        ("serial", "a\x00b"),
        ("serial", "x" * 256),
        ("delivered_on", "2026-02-30"),
        ("site", "nowhere"),
        ("holder", "nobody #7777777"),
        ("cost", "12.345"),
        ("cost", "a lot"),
        ("cost", "9" * 40),
        ("status", "no-such"),
        ("currency", "XXX"),
        ("custom.ports", "many"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(
    world: World, product: str, field: str, text: str
) -> None:
    define_field(world.house.system, {"name": "ports", "title": "Ports", "type": "integer"}, None)
    form = {"product": product, "serial": "X-1", "tag": "KEEP-ME", "currency": "EUR", "where": "place", field: text}
    answer = _send(world.people.owner, NEW, **form)
    assert answer.status_code == 422, answer.text
    assert f'id="{field}-error"' in answer.text, field
    assert _typed(answer.text)["tag"] == "KEEP-ME" and "X-1" not in _units(world)


def test_a_serial_number_that_is_taken_is_said(world: World) -> None:
    core = get_asset(world.house.system, world.asset)
    form = {"product": f"#{core.product_id}", "serial": "SN-77-ACME", "where": "place"}
    answer = _send(world.people.owner, NEW, **form)
    assert (
        answer.status_code == 409
        and 'id="serial-error"' in answer.text
        and _typed(answer.text)["serial"] == "SN-77-ACME"
    )


def test_the_next_one_begins_with_what_is_the_same(world: World, product: str) -> None:
    form = {
        "product": product,
        "serial": "X-1",
        "site": "Main hall",
        "supplier": "S",
        "where": "place",
        "then": "another",
    }
    answer = _send(world.people.owner, NEW, **form)
    again = _typed(world.people.owner.get(answer.location).text)
    assert (again["product"], again["site"], again["supplier"], again["serial"]) == (product, "Main hall", "S", "")


def test_terms_are_offered_to_who_may_give_them_and_given_with_the_unit(world: World, product: str) -> None:
    assert 'id="terms"' not in world.people.owner.get(NEW).text
    text = world.people.engineer.get(f"{NEW}?product={product.replace('#', '%23')}").text
    assert re.search(r'<option value="hardware" selected', text), "the usual ones of the kind"
    form = {"product": product, "serial": "X-1", "where": "place", "delivered_on": "2026-02-01"}
    assert _send(world.people.owner, NEW, **form, terms="hardware").status_code == 303
    count = visible(Warranty, world.house.system).count()
    assert count == 1, "what is not on his form is not taken"
    assert _send(world.people.engineer, NEW, **{**form, "serial": "X-2"}, terms="hardware").status_code == 303
    assert visible(Warranty, world.house.system).count() == 2
    refused = _send(world.people.engineer, NEW, **{**form, "serial": "X-3"}, terms="never-was")
    assert refused.status_code == 422 and 'id="terms-error"' in refused.text and "X-3" not in _units(world)


def test_parts_change_what_they_are_about_and_nothing_else(world: World) -> None:
    unit, owner = f"/c/acme/assets/{world.asset}", world.people.owner
    version = lambda: str(get_asset(world.house.system, world.asset).version)  # noqa: E731
    neighbour = world.house.asset(serial="CHASSIS").id

    def sent(part: str, **form: str) -> int:
        return int(_send(owner, f"{unit}/{part}", **form, version=version()).status_code)

    assert sent("assign", holder="Ilze Ozola", tag="SMUGGLED") == 303
    assert sent("move", where="parent", parent=f"#{neighbour}", slot="4") == 303
    assert sent("dates", accepted_on="2026-02-02", delivered_on="2026-01-15") == 303
    assert sent("status", status="in_repair") == 303
    row = get_asset(world.house.system, world.asset)
    assert (row.tag, row.parent_id, row.slot, row.site_id) == ("T-1", neighbour, "4", None)
    assert row.holder_id is not None and str(row.accepted_on) == "2026-02-02"
    assert sent("move", where="place", site="Main hall") == 303
    row = get_asset(world.house.system, world.asset)
    assert row.parent_id is None and row.slot is None and row.site_id is not None
    assert sent("move", where="parent", parent=f"#{world.asset}") == 422


def test_a_unit_retires_and_comes_back(world: World) -> None:
    unit, owner = f"/c/acme/assets/{world.asset}", world.people.owner
    for status, gone in (("retired", True), ("in_stock", False)):
        row = get_asset(world.house.system, world.asset)
        assert _send(owner, f"{unit}/status", status=status, version=str(row.version)).status_code == 303
        row = get_asset(world.house.system, world.asset)
        assert (row.retired_on is not None) == gone
    entries = owner.get(f"/api/v1/audit?object_type=asset&object_id={world.asset}&sort=id").json["items"]
    assert [entry["action"] for entry in entries] == ["asset.created", "asset.retired", "asset.changed"]


@pytest.mark.parametrize("part", ["edit", "status", "move", "assign", "dates"])
def test_who_was_too_late_is_told_and_loses_nothing(world: World, part: str) -> None:
    path, owner = f"/c/acme/assets/{world.asset}/{part}", world.people.owner
    mine = {"status": "lost", "where": "place", "name": "mine", "place": "P", "holder": "Ilze Ozola"}
    form = {**_typed(owner.get(path).text), **mine, "launched_on": "2026-03-03"}
    change_asset(world.house.system, world.asset, {"supplier": "theirs"}, ANY_VERSION)
    late = _send(owner, path, **form)
    assert late.status_code == 412 and "in the meantime" in late.text
    assert get_asset(world.house.system, world.asset).name == "core"
    again = {**form, "version": _typed(late.text)["version"]}
    assert _send(owner, path, **again).status_code == 303
    for bad in ("", "x", "0", "-1", "9" * 20):
        assert _send(owner, path, **{**form, "version": bad, "name": "again", "status": "in_use", "place": "Q",
                                     "holder": "", "launched_on": "2026-03-04"}).status_code == 412  # fmt: skip


def test_what_was_registered_by_mistake_goes_and_what_is_used_stays(world: World) -> None:
    bare, owner = world.house.asset(serial="BARE").id, world.people.owner
    assert "registered by mistake" in owner.get(f"/c/acme/assets/{bare}/remove").text
    assert _send(owner, f"/c/acme/assets/{bare}/remove").location == "/c/acme/assets"
    assert "BARE" not in _units(world)
    kept = _send(owner, f"/c/acme/assets/{world.asset}/remove")
    assert kept.status_code == 409 and 'role="alert"' in kept.text and "SN-77-ACME" in _units(world)


FORMS = ("new", "{unit}/edit", "{unit}/status", "{unit}/move", "{unit}/assign", "{unit}/dates", "{unit}/remove",
         "{unit}/files", "{unit}/warranties/new")  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_readers_and_strangers_change_nothing(world: World, form: str) -> None:
    people, path = world.people, "/c/acme/assets/" + form.format(unit=world.asset)
    data = {"product": "Core switch", "serial": "X", "version": "1", "status": "lost", "terms": "hardware"}
    assert people.reader.get(path).status_code == (200 if form.endswith("files") else 403)
    assert _send(people.reader, path, **data).status_code == 403
    for answer in (people.stranger.get(path), _send(people.stranger, path, **data)):
        assert answer.status_code == (403 if "warranties" in form else 404), "nobody of a customer's gives warranties"
    theirs = path.replace(f"/{world.asset}", f"/{world.other}")
    if theirs != path:
        assert people.admin.get(theirs).status_code == 404, "another customer's unit under this one's address"
        assert _send(people.admin, theirs, **data).status_code == 404
    if "warranties" in form:
        assert people.owner.get(path).status_code == _send(people.owner, path, **data).status_code == 403


def test_a_warranty_is_given(world: World) -> None:
    unit, engineer, system = f"/c/acme/assets/{world.asset}", world.people.engineer, world.house.system
    shown = engineer.get(f"{unit}/warranties/new").text
    assert re.search(r'<option value="hardware" selected', shown)
    refused = _send(engineer, f"{unit}/warranties/new", terms="", kind="extended", note="typed")
    assert refused.status_code == 422 and 'id="terms-error"' in refused.text and "typed" in refused.text
    both = _send(engineer, f"{unit}/warranties/new", terms="hardware", basis="delivery", starts_on="2026-03-01")
    assert both.status_code == 422 and 'id="basis-error"' in both.text
    form = {"terms": "hardware", "kind": "extended", "basis": "", "starts_on": "2026-03-01"}
    assert _send(engineer, f"{unit}/warranties/new", **form).status_code == 303
    made = visible(Warranty, system).order_by(Warranty.id.desc()).first()
    assert made.kind == "extended" and made.asset_id == world.asset
    shown = engineer.get(unit).text
    for act in ("extend", "void"):
        assert f'href="/c/acme/warranties/{made.id}/{act}"' in shown


# --- Files -------------------------------------------------------------------------------------------------


def test_a_file_is_added_shown_fetched_and_removed(world: World) -> None:
    owner, unit = world.people.owner, f"/c/acme/assets/{world.asset}"
    answer = _send(owner, f"{unit}/files", kind="photo", file=(io.BytesIO(b"<script>"), "機房 <b>.html"))
    assert answer.status_code == 303 and answer.location == f"{unit}/files"
    made = visible(AssetFile, world.house.system).get()
    for page in (unit, f"{unit}/files"):
        text = owner.get(page).text
        assert "機房 &lt;b&gt;.html" in text and "<b>.html" not in text
    got = world.people.reader.get(f"{unit}/files/{made.id}")
    assert got.data == b"<script>" and got.mimetype == "application/octet-stream"
    assert (
        got.headers["Content-Disposition"].startswith("attachment")
        and "sandbox" in got.headers["Content-Security-Policy"]
    )
    got.close()
    assert world.people.stranger.get(f"{unit}/files/{made.id}").status_code == 404
    assert _send(world.people.reader, f"{unit}/files/{made.id}/remove").status_code == 403
    assert _send(owner, f"{unit}/files/{made.id}/remove").status_code == 303
    assert list(files.store().keys()) == []


def test_without_a_file_or_with_an_empty_one_the_form_says_so(world: World) -> None:
    path = f"/c/acme/assets/{world.asset}/files"
    for data in ({"kind": "photo"}, {"kind": "photo", "file": (io.BytesIO(b""), "")},
                 {"kind": "photo", "file": (io.BytesIO(b""), "empty.txt")}):  # fmt: skip
        answer = _send(world.people.owner, path, **data)
        assert answer.status_code == 422 and 'id="file-error"' in answer.text
    assert _send(world.people.owner, path, kind="x", file=(io.BytesIO(b"x"), "x")).status_code == 422


def test_a_status_that_nobody_chose_is_asked_for(world: World) -> None:
    version = str(get_asset(world.house.system, world.asset).version)
    answer = _send(world.people.owner, f"/c/acme/assets/{world.asset}/status", status="", version=version)
    assert answer.status_code == 422 and 'id="status-error"' in answer.text and "Choose a status." in answer.text
