"""Uploads as pages: in by file and by paste, what became of it, and modules that were no assets."""

import base64
import json
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from registry.kernel.access import visible
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Forbidden
from registry.optics import batch_pages
from registry.optics.models import Optic, OpticBatch, OpticReading
from registry.optics.settling import forget_waiting, register_waiting
from registry.optics.waiting import read
from tests.optics.images import finish_sfp, sfp
from tests.optics.optic_world import at_now, bring, item
from tests.optics.printed import ETHTOOL_QSFP, IOS
from tests.web.forms import fill, statements

PAGE, API = "/c/acme/optics", "/api/v1/optic-batches"
MARK = re.compile(r'class="field-error" id="(\w+)-error">([^<]*)')


@pytest.fixture
def people(house, monkeypatch):
    at_now(monkeypatch)
    return house.people()


def press(person, path):
    return person.request("POST", path, data={})


def upload(person, data=b"", name="file.txt", **typed):
    """Its body is built here: the test client would leave the file of a large one open."""
    parts = [(f'name="{field}"', text.encode()) for field, text in typed.items()]
    parts += [(f'name="file"; filename="{name}"', data)] if name else []
    body = b"".join(f"--mark\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + each + b"\r\n"
                    for head, each in parts)  # fmt: skip
    kind = "multipart/form-data; boundary=mark"
    return person.request("POST", f"{PAGE}/upload", data=body + b"--mark--\r\n", content_type=kind)


def image(serial="AB12345678"):
    a0, a2 = sfp()
    a0[68:84] = serial.encode().ljust(16)
    return finish_sfp(a0, a2)


def nothing_is_stored(house):
    return not any(visible(model, house.system).exists() for model in (OpticBatch, Optic, OpticReading))


def beside(answer):
    """Field -> what stands beside it."""
    assert answer.status_code == 422, answer.text[:300]
    return {name: " ".join(text.split()) for name, text in MARK.findall(answer.text)}


def test_a_file_is_taken_in_and_each_module_told(people, house):
    sent = upload(people.owner, image(), "module.bin", host="sw1", register="true", at="2026-05-30T10:00")
    assert sent.status_code == 303, sent.text
    page = people.owner.get(sent.headers["Location"]).text
    assert "module.bin" in page and "AB12345678" in page and "1 reading is stored." in page
    [row] = visible(OpticReading, house.system)
    assert row.at == datetime(2026, 5, 30, 10, tzinfo=UTC).timestamp(), "on the clocks of the customer"
    [batch] = visible(OpticBatch, house.system)
    assert (batch.source, batch.host, batch.registered, batch.waiting) == ("file", "sw1", 1, "")
    again = upload(people.owner, image(), "module.bin", host="sw1", at="2026-05-30T10:00")
    assert "were here before" in people.owner.get(again.headers["Location"]).text
    assert [row.repeated for row in visible(OpticBatch, house.system).order_by(OpticBatch.id)] == [0, 1]


def test_a_pasted_text_counts_as_it_stands(people, house):
    """Blanks before the first heading are part of the table; lines may end as they do in Windows."""
    bring(house, item(5, serial="T3", port="Te1/1/3", host="core-7"))
    for text in (IOS, IOS.replace("\n", "\r\n"), IOS[IOS.index("                                High Alarm") :]):
        sent = fill(people.owner, f"{PAGE}/upload", text=text, host="core-7")
        assert sent.status_code == 303, sent.text
    page = people.owner.get(f"{PAGE}/uploads/2").text
    assert "T3" in page and "Gi1/1/4" in page and "Does not say what it is" in page


WRONG = {
    "nothing": (b"", "", {}, "file", "one of the two"),
    "both": (b"x", "a.txt", {"text": "y"}, "file", "one of the two"),
    "an empty file": (b"", "a.txt", {}, "file", "The file is empty"),
    "blanks": (b" \r\n\t ", "a.txt", {}, "file", "The file is empty"),
    "garbage": (bytes(range(256)) * 3, "a.bin", {}, "file", "no kind of module known here"),
    "zeros": (b"\0" * 512, "a.bin", {}, "file", ""),
    "latin-1": ("Prüfbericht für Gerät".encode("latin-1"), "a.txt", {}, "file", ""),
    "utf-16": ("show interfaces".encode("utf-16"), "a.txt", {}, "file", ""),
    "prose": (b"", "", {"text": "The switch is fine."}, "text", "show interfaces"),
    "NUL in a text": (b"", "", {"text": "a\0b"}, "text", ""),
    "a moment to come": (image(), "a.bin", {"at": "2031-01-01T00:00", "register": "true"}, "items", "1: at:"),
    "no moment": (image(), "a.bin", {"at": "yesterday"}, "at", "Give date and time"),
    "a device of two lines": (image(), "a.bin", {"host": "a\nb"}, "host", "one line"),
    "a port of many": (json.dumps([item(), item(serial="S2")]).encode(), "a.json", {"port": "Et1"}, "port", "several"),
    "a long text": (b"", "", {"text": "x" * (batch_pages.MOST_TEXT + 1)}, "text", ""),
}  # fmt: skip


@pytest.mark.parametrize("which", WRONG)
def test_what_cannot_be_taken_is_said_beside_its_field(people, house, which):
    data, name, typed, field, said = WRONG[which]
    answer = upload(people.owner, data, name, **typed)
    assert answer.status_code == 422, answer.text[:300]
    if field == "items":
        assert said in answer.text
    else:
        assert said in beside(answer)[field]
    assert nothing_is_stored(house)
    if typed.get("text") and len(typed["text"]) < 100:
        assert typed["text"].replace("\0", "") in answer.text.replace("\0", ""), "what was typed is still there"


def test_a_large_file_is_refused_beside_its_field_and_a_larger_one_at_the_door(people, house, monkeypatch):
    monkeypatch.setattr(batch_pages, "MOST_BYTES", 3 * 1024**2)
    assert "at most 3 MB" in beside(upload(people.owner, b"x" * (3 * 1024**2 + 1), "a.txt"))["file"]
    house.app.config["ASSETCARE"] = replace(house.settings, max_upload_mb=1)
    refused = upload(people.owner, b"x" * (2 * 1024**2), "a.txt")
    assert refused.status_code == 413 and "larger than this installation accepts" in refused.text
    assert nothing_is_stored(house)


def test_errors_of_a_file_of_items_are_told_by_their_number_and_not_all(people, house):
    items = [{**item(serial=f"S{at}"), "readings": {"temperature_c": 999}} for at in range(40)]
    answer = upload(people.owner, json.dumps(items).encode(), "a.json")
    assert answer.status_code == 422 and "1: readings: temperature_c: " in answer.text
    assert "And 32 more." in answer.text and "20: readings" not in answer.text
    assert nothing_is_stored(house)


def test_what_is_no_asset_waits_and_is_registered_with_its_readings(people, house):
    sent = upload(people.colleague, image(), "a.bin", host="sw1", port="Et7", state="up")
    where = sent.headers["Location"].partition("?")[0]
    page = people.owner.get(where).text
    assert "Register this module" in page and "AB12345678" in page
    assert visible(OpticReading, house.system).count() == 0
    assert fill(people.owner, where, f"{where}/register").status_code == 303
    [batch] = visible(OpticBatch, house.system)
    assert (batch.stored, batch.registered, batch.unknown, batch.waiting) == (1, 1, [], "")
    [optic] = visible(Optic, house.system)
    assert (optic.serial, optic.host, optic.port, optic.verdict) == ("AB12345678", "sw1", "Et7", "within_spec")
    page = people.owner.get(where).text
    assert "Register this module" not in page and f"{PAGE}/{optic.id}" in page
    answer = people.owner.request("POST", f"{where}/register")
    assert answer.status_code == 409 and "Nothing of this upload is waiting any more." in answer.text


def test_what_waits_is_the_whole_reading(house, monkeypatch):
    """Registered later, it says the same as if it had been registered at once."""
    at_now(monkeypatch)
    house.customer("acme"), house.customer("other")
    odd = item(3, serial="W1", rx_power_dbm=None, tx_fault=True, in_use=True)
    odd |= {"states": {"1.rx_power_dbm": "dark"}, "flags": {"temperature_c": "ok"}, "findings": ["truncated"]}
    odd |= {"checksums": [{"name": "CC_DMI", "stored": 1, "computed": 2}]}
    bring(house, odd, customer="other")
    late = bring(house, odd, register=False)
    [(_number, given)] = read(visible(OpticBatch, house.system).where(OpticBatch.id == late["batch"]).get().waiting)
    assert given.module.lanes[0].dark == {"rx_power_dbm"} and given.at is not None
    told = register_waiting(house.system, late["batch"])
    assert (told["stored"], told["registered"], told["unknown"]) == (1, 1, [])
    names = ("admin_up", "oper_up", "temperature", "lane_1", "signs", "broken", "verdict", "at")
    first, second = visible(OpticReading, house.system).order_by(OpticReading.id)
    assert [getattr(first, name) for name in names] == [getattr(second, name) for name in names]
    one, two = visible(Optic, house.system).order_by(Optic.id)
    assert (one.verdict, one.limits, one.findings) == (two.verdict, two.limits, two.findings)


def test_some_of_them_by_number_over_the_api(people, house):
    batch = bring(house, *(item(1, serial=f"S{at}", port=f"Et{at}") for at in range(3)), register=False)["batch"]
    assert people.reader.post(f"{API}/{batch}/register", {}).status_code == 403
    assert people.stranger.post(f"{API}/{batch}/register", {}).status_code == 404
    assert people.owner.post(f"{API}/{batch}/register", {"items": [7]}).status_code == 422
    nobody = people.owner.post(f"{API}/{batch}/attach", {"item": 7, "asset": house.asset().id})
    assert nobody.status_code == 422 and set(nobody.json["errors"]) == {"item"}
    done = people.owner.post(f"{API}/{batch}/register", {"items": [1]}).json
    assert [one["serial"] for one in done["items"]] == ["S1"] and done["unknown"] == []
    left = people.owner.get(f"{API}/{batch}").json
    assert [one["item"] for one in left["unknown"]] == [0, 2] and left["registered"] == 1
    assert people.owner.post(f"{API}/{batch}/register", {}).json["registered"] == 2
    assert people.owner.get(f"{API}/{batch}").json["registered"] == 3


def test_what_stays_unknown_keeps_its_number(people, house):
    nameless = {"port": "Et9", "readings": {"temperature_c": 30.0}, "host": "sw1"}
    batch = bring(house, item(1, serial="S0"), item(1, serial="S1"), nameless, register=False)["batch"]
    done = people.owner.post(f"{API}/{batch}/register", {"items": [2]}).json
    assert [(one["item"], one["why"]) for one in done["unknown"]] == [(2, "no_identity")]
    assert [one["item"] for one in people.owner.get(f"{API}/{batch}").json["unknown"]] == [0, 1, 2]


def test_assets_are_made_by_those_alone_who_may(people, house):
    batch = bring(house, item(1), register=False)["batch"]
    with pytest.raises(Forbidden):
        register_waiting(people.owner.actor.narrowed({"asset.view", "optic.read"}), batch)
    assert not visible(Optic, house.system).exists()


def test_what_is_said_of_the_ports_holds_where_the_file_says_nothing(people, house):
    silent = {**item(1, serial="A"), "admin_up": None}
    items = [silent, {**item(1, serial="B"), "admin_up": False}, {**silent, "serial": "C", "oper_up": False}]
    assert upload(people.owner, json.dumps(items).encode(), "a.json", state="up", register="true").status_code == 303
    rows = visible(OpticReading, house.system).order_by(OpticReading.optic_id)
    assert [(row.admin_up, row.oper_up) for row in rows] == [(True, None), (False, None), (None, False)]


def test_which_asset_it_is_can_be_said(people, house):
    optic = house.asset(serial="TYPED-7", product=house.product("LR", "optic", part_number="AO-10G-LR").id)
    other = house.asset(serial="SW-1")
    batch = bring(house, item(1, serial="S7"), item(0, serial="S7"), register=False)["batch"]
    where = f"{PAGE}/uploads/{batch}"
    assert "Say which asset it is" in people.owner.get(where).text
    wrong = fill(people.owner, f"{where}/attach?item=0", asset=f"#{other.id}")
    assert beside(wrong)["asset"] == "This asset is no optic."
    assert "asset" in beside(fill(people.owner, f"{where}/attach?item=0", asset="nobody's"))
    assert fill(people.owner, f"{where}/attach?item=0", asset=f"#{optic.id}").status_code == 303
    [row] = visible(Optic, house.system)
    assert (row.asset_id, row.findings) == (optic.id, ["identity_differs"])
    assert visible(OpticReading, house.system).count() == 2
    assert people.owner.get(f"{where}/attach?item=0").status_code == 302, "it waits no more"
    assert people.owner.request("POST", f"{where}/attach?item=x", data={"asset": "1"}).status_code in (302, 409)


def test_who_may_not_sees_and_sends_nothing(people, house):
    batch = bring(house, item(1), register=False)["batch"]
    where = f"{PAGE}/uploads/{batch}"
    page = people.reader.get(where)
    assert page.status_code == 200 and "Register this" not in page.text and "Say which" not in page.text
    assert people.reader.get(f"{PAGE}/upload").status_code == 403 and upload(people.reader).status_code == 403
    for path in (where, f"{PAGE}/uploads", f"{PAGE}/upload"):
        assert people.stranger.get(path).status_code == 404
    house.customer("other")
    assert people.admin.get(f"/c/other/optics/uploads/{batch}").status_code == 404, "of another customer's pages"


def test_lists_cost_the_same_for_many(people, house, monkeypatch):
    bring(house, item(1, serial="A1", port="Et1"))
    paths = (f"{PAGE}/uploads", f"{PAGE}/uploads/1")
    people.owner.get(paths[0]), people.owner.get(paths[1])
    few = {path: count(people.owner, path, monkeypatch) for path in paths}
    bring(house, *(item(2, serial=f"B{at}", port=f"Et{at}") for at in range(30)))
    bring(house, *(item(3, serial=f"B{at}", port=f"Et{at}") for at in range(30)))
    assert {path: count(people.owner, path, monkeypatch) for path in (paths[0], f"{PAGE}/uploads/2")} == {
        paths[0]: few[paths[0]], f"{PAGE}/uploads/2": few[paths[1]]
    }  # fmt: skip


def count(person, path, monkeypatch):
    with statements(monkeypatch) as seen:
        assert person.get(path).status_code == 200
    return len(seen)


def test_a_text_of_a_server_names_its_module(people, house):
    sent = fill(people.owner, f"{PAGE}/upload", text=ETHTOOL_QSFP, host="srv", register="true")
    assert sent.status_code == 303
    [batch] = visible(OpticBatch, house.system)
    assert (batch.source, batch.registered) == ("page", 1)


@pytest.mark.parametrize(
    "text", ["", "x", "eA==", base64.b64encode(zlib.compress(b'[[1, {"at": 5}]]')).decode(), "\u00e9"]
)
def test_what_another_house_has_kept_amiss_waits_for_nothing(text):
    assert read(text) == []


def test_what_waits_can_be_forgotten(people, house):
    batch = bring(house, *(item(1, serial=f"S{at}", port=f"Et{at}") for at in range(3)), register=False)["batch"]
    where = f"{API}/{batch}/forget"
    assert people.reader.post(where, {}).status_code == 403 and people.stranger.post(where, {}).status_code == 404
    with pytest.raises(Forbidden):
        forget_waiting(people.owner.actor.narrowed({"asset.view", "asset.edit"}), batch)
    assert people.owner.post(where, {"items": [7]}).status_code == 422
    left = people.owner.post(where, {"items": [1]}).json
    assert [one["item"] for one in left["unknown"]] == [0, 2]
    row = visible(OpticBatch, house.system).get()
    assert [number for number, _given in read(row.waiting)] == [0, 2]
    entry = AuditEntry.select().where(AuditEntry.action == "optic.forgotten").get()
    before = json.loads(entry.before)
    assert (before["serial"], before["readings"], entry.actor_name) == ("S1", 1, people.owner.actor.name)
    assert people.owner.post(f"{API}/{batch}/register", {"items": [0]}).json["registered"] == 1
    assert people.owner.post(where, {}).json["unknown"] == []
    assert visible(OpticBatch, house.system).get().waiting == ""
    assert people.owner.post(where, {}).status_code == 409, "nothing waits any more"
    assert visible(OpticReading, house.system).count() == 1


def test_forgetting_on_the_page(people, house):
    batch = bring(house, *(item(1, serial=f"S{at}") for at in range(3)), register=False)["batch"]
    where = f"{PAGE}/uploads/{batch}"
    assert "Forget" not in people.reader.get(where).text
    assert people.owner.get(where).text.count(f"{where}/forget") == 4, "all, or one of them"
    assert press(people.owner, f"{where}/forget?item=x").status_code == 422
    assert press(people.owner, f"{where}/forget?item=1").status_code == 303
    page = people.owner.get(where).text
    assert "1 reading is forgotten." in page and "S1<" not in page and "S2<" in page
    assert press(people.owner, f"{where}/forget").status_code == 303
    page = people.owner.get(where).text
    assert "2 readings are forgotten." in page and "S2<" not in page and "Forget" not in page
