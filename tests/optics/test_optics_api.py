"""Modules over the API and the command line: in by JSON, text and file, out with conclusions; profiles and proofs."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from registry import commands
from registry.cli import cli
from registry.kernel import db
from registry.kernel.access import visible
from registry.optics.models import Optic, OpticBatch
from tests.optics.images import finish_sfp, qsfp, sfp
from tests.optics.optic_world import DEAF, GOOD, NOW, THRESHOLDS, WORN, at_now, bring, item
from tests.optics.printed import ETHTOOL_QSFP

API = "/api/v1/optics"


@pytest.fixture
def owner(house, monkeypatch):
    at_now(monkeypatch)
    return house.people().owner


def test_readings_come_in_and_modules_out_by_conclusion(owner):
    items = [item(1, serial=f"S{number}", port=f"Et{number}") for number in range(3)]
    items.append(item(1, serial="S9", port="Et9", **DEAF))
    done = owner.post(f"{API}/readings", {"items": items, "register": True, "name": "poll"})
    assert done.status_code == 200 and done.json["stored"] == 4, done.text
    page = owner.get(f"{API}?verdict=link_or_far_end").json["items"]
    assert [(one["serial"], one["port"], one["host"], one["claimable"]) for one in page] == [
        ("S9", "Et9", "sw1", False)
    ]
    first = owner.get(f"{API}?limit=2").json
    assert len(first["items"]) == 2 and len(owner.get(f"{API}?limit=5&cursor={first['next']}").json["items"]) == 2
    whole = owner.get(f"{API}/{page[0]['id']}").json
    assert whole["reasons"][-1]["code"] == "needs_proof" and whole["now"][0]["states"]["1.rx_power_dbm"] == "low_alarm"
    assert owner.get(f"{API}/{page[0]['id']}/readings?from=2026-06-01T00:00:00Z").json["items"][0]["batch"] == 1
    assert owner.get(f"{API}/{page[0]['id']}/chart?points=10&parameter=rx_power_dbm").json["counts"] == [1]
    batch = owner.get("/api/v1/optic-batches/1").json
    assert (batch["name"], batch["stored"], batch["registered"], batch["unknown"]) == ("poll", 4, 4, [])


def test_each_item_says_what_is_wrong_with_it(owner):
    wrong = item(1)
    wrong["readings"]["lanes"][0]["tx_power_dbm"] = 1000
    answer = owner.post(f"{API}/readings", {"items": [item(2), wrong, {"serial": 5}], "register": True})
    assert answer.status_code == 422
    assert sorted(answer.json["errors"]["items"]) == ["1", "2"]
    assert "tx_power_dbm" in str(answer.json["errors"]["items"]["1"])
    odd = owner.post(f"{API}/readings", {"items": [{"memory": "ff" * 128}]})
    assert odd.status_code == 422 and "memory" in odd.json["errors"]["items"]["0"]


def test_memory_and_text_come_in_over_the_api(owner):
    pages = qsfp()
    memory = b"".join(bytes(page) for page in pages.values())
    done = owner.post(f"{API}/readings", {"items": [{"memory": memory.hex(), "port": "Et1"}], "register": True}).json
    assert done["registered"] == 1
    text = {"text": ETHTOOL_QSFP, "register": True, "host": "server1", "at": "2026-05-30T00:00:00Z"}
    assert owner.post(f"{API}/readings/text", text).json["stored"] == 1
    nothing = owner.post(f"{API}/readings/text", {"text": "hello"})
    assert nothing.status_code == 422 and "ethtool" in nothing.json["errors"]["text"][0]


def test_a_profile_fills_in_limits_but_nobody_makes_his_own_claim_true(owner, house):
    plain = [item(hours, **WORN) | {"thresholds": {}} for hours in (3, 2)]
    optic_id = bring(house, *plain)["items"][0]["id"]
    assert owner.get(f"{API}/{optic_id}").json["verdict"] == "dom_unreliable"
    profile = {"part_number": "ao-10g-lr", "vendor": "Acme  Optics", "limits": THRESHOLDS, "needed": 2, "hours": 1}
    made = owner.post("/api/v1/optic-profiles", profile)
    assert made.status_code == 201, made.text
    found = owner.get(f"{API}/{optic_id}").json
    assert (found["verdict"], found["claimable"], found["own_limits"]) == ("worn_laser", False, {})
    assert {one["code"]: one["values"] for one in found["reasons"]}["not_persistent"]["needed"] == 3, "the house's"
    bring(house, item(40, **WORN) | {"thresholds": {}})
    found = owner.get(f"{API}/{optic_id}").json
    assert not found["claimable"] and found["reasons"][-1]["code"] == "own_limits"
    admin = house.person("chief@operator.example", "admin")
    agreed = admin.post("/api/v1/optic-profiles", {"part_number": "AO-10G-LR", "limits": THRESHOLDS}).json
    assert owner.get(f"{API}/{optic_id}").json["claimable"], "by the house's limits, too"
    assert admin.patch(f"/api/v1/optic-profiles/{agreed['id']}", {"hours": 100}).status_code == 200
    assert not owner.get(f"{API}/{optic_id}").json["claimable"]
    path = f"/api/v1/optic-profiles/{made.json['id']}"
    bad = {"tx_power_dbm": {"high_alarm": -5, "low_alarm": 5}}
    assert owner.patch(path, {"limits": bad}).status_code == 422
    assert owner.delete(path).status_code == 204
    house_wide = owner.post("/api/v1/optic-profiles", profile | {"customer": None})
    assert house_wide.json["customer"] == "acme", "a customer's own, whoever else is asked"


def test_a_profile_is_found_however_its_part_number_is_typed(owner, house):
    """Blanks and capitals as in the identity; what databases take for patterns are letters like others."""
    names = [r"AO\_10%", "AO 10G-LR"]
    plain = [item(2, serial=f"S{at}", part_number=name) | {"thresholds": {}} for at, name in enumerate(names)]
    ids = [one["id"] for one in bring(house, *plain)["items"]]
    for typed in (r"ao\_10%", "ao   10g-LR "):
        made = owner.post("/api/v1/optic-profiles", {"part_number": typed, "limits": THRESHOLDS})
        assert made.status_code == 201, made.text
    assert [owner.get(f"{API}/{one}").json["verdict"] for one in ids] == ["within_spec", "within_spec"]


def test_limits_beside_a_memory_are_not_the_memory_s(owner):
    low = {"tx_power_dbm": {"high_alarm": 9, "high_warning": 8, "low_warning": 7, "low_alarm": 6}}
    memory = bytes(finish_sfp(*sfp())).hex()
    one = {"memory": memory, "port": "Et1", "thresholds": low, "readings": {"lanes": [{"lane": 1, **GOOD}]}}
    done = owner.post(f"{API}/readings", {"items": [one], "register": True}).json
    kept = owner.get(f"{API}/{done['items'][0]['id']}").json["own_limits"]["tx_power_dbm"]
    assert kept[0] == 0.0 and kept[3] < -5


def test_the_house_s_profile_counts_where_a_customer_has_none(owner, house):
    optic_id = bring(house, item(3, **WORN) | {"thresholds": {}})["items"][0]["id"]
    admin = house.person("chief@operator.example", "admin")
    made = admin.post("/api/v1/optic-profiles", {"part_number": "AO-10G-LR", "limits": THRESHOLDS}).json
    assert made["customer"] is None and owner.get(f"{API}/{optic_id}").json["verdict"] == "worn_laser"
    own = owner.post("/api/v1/optic-profiles", {"part_number": "AO-10G-LR"})
    assert own.status_code == 201 and owner.get(f"{API}/{optic_id}").json["verdict"] == "dom_unreliable"
    refused = owner.patch(f"/api/v1/optic-profiles/{made['id']}", {"needed": 1})
    assert refused.status_code == 403


def test_a_baseline_makes_ageing_visible(owner, house):
    optic_id = bring(house, item(900, tx_bias_ma=20.0))["items"][0]["id"]
    assert owner.put(f"{API}/{optic_id}/baseline", {}).json["baseline"][""]["lanes"][0]["tx_bias_ma"] == 20.0
    bring(house, item(1, tx_bias_ma=31.0))
    found = owner.get(f"{API}/{optic_id}").json
    assert (found["verdict"], [one["code"] for one in found["advice"]]) == ("within_spec", ["ageing"])
    moment = (NOW - timedelta(hours=1)).isoformat()
    assert owner.put(f"{API}/{optic_id}/baseline", {"at": moment}).json["advice"] == []
    assert owner.put(f"{API}/{optic_id}/baseline", {"at": "2026-01-01T00:00:00Z"}).status_code == 422


def test_proofs_are_put_on_record_and_taken_back(owner, house):
    optic_id = bring(house, *(item(hours, tx_power_dbm=-13.0) for hours in (60, 30, 15, 1)))["items"][0]["id"]
    path = f"{API}/{optic_id}/proofs"
    at = (NOW - timedelta(hours=40)).isoformat()
    made = owner.post(path, {"kind": "cleaned", "at": at})
    assert made.status_code == 201 and owner.get(f"{API}/{optic_id}").json["claimable"]
    assert owner.post(path, {"kind": "swap"}).status_code == 422, "it has to say what it points at"
    assert owner.post(path, {"kind": "swap", "module_failed": True, "at": "2027-01-01T00:00:00Z"}).status_code == 422
    assert owner.delete(f"{path}/{made.json['id']}").status_code == 204
    assert not owner.get(f"{API}/{optic_id}").json["claimable"] and owner.get(path).json["items"] == []


@pytest.fixture
def told(house, monkeypatch):
    """Runs `assetcare optics read` on this installation: (exit code, output)."""
    house.customer("acme")
    monkeypatch.setenv("ASSETCARE_DATA", str(house.settings.data))
    monkeypatch.setenv("ASSETCARE_DATABASE", house.settings.database)
    commands.install(cli)

    def run(*arguments, given=None):
        done = CliRunner().invoke(cli, ["optics", *map(str, arguments)], input=given)
        db.connect()
        return done.exit_code, done.output

    return run


def test_a_file_is_read_in_and_what_decode_wrote_as_well(told, house, tmp_path):
    image = tmp_path / "eth0.bin"
    image.write_bytes(bytes(finish_sfp(*sfp())))
    code, output = told("read", image, "--customer", "acme", "--host", "server1")
    assert code == 1 and "--register makes one" in output
    code, output = told("read", image, "--customer", "acme", "--register", "--json", "--at", "2026-05-01T00:00:00Z")
    assert code == 0 and json.loads(output)["registered"] == 1
    decoded = tmp_path / "decoded.json"
    decoded.write_text(told("decode", image, "--json")[1])
    code, output = told("read", decoded, "--customer", "acme")
    assert code == 0 and "within_spec" in output and "1 readings stored" in output
    optic = visible(Optic, house.system).get()
    assert (optic.serial, optic.from_memory) == ("AB12345678", True)
    assert [row.source for row in visible(OpticBatch, house.system)] == ["command"] * 3
    assert told("read", "-", "--customer", "acme", given="nothing known")[0] == 1
    assert told("read", image, "--customer", "acme", "--at", "yesterday")[0] == 1
