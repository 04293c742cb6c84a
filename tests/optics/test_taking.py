"""Readings in: which module, once each, all or nothing, and what is concluded."""

from datetime import timedelta

import pytest

from registry.assets.models import Asset
from registry.kernel import audit
from registry.kernel.access import visible
from registry.kernel.db import transaction
from registry.kernel.errors import Forbidden, Invalid, NotFound
from registry.kernel.events import Event
from registry.optics import given, series, service
from registry.optics.concluding import conclude_on
from registry.optics.models import Optic, OpticImage, OpticPlace, OpticReading
from registry.optics.taking import take
from tests.houses import House
from tests.optics.images import sfp
from tests.optics.optic_world import DEAF, NOW, THRESHOLDS, WORN, at_now, bring, item
from tests.web.forms import statements


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at_now(monkeypatch)


def only(house: House, model=Optic, **where):
    query = visible(model, house.system)
    for name, value in where.items():
        query = query.where(getattr(model, name) == value)
    [row] = list(query)
    return row


def test_a_module_becomes_an_asset_with_its_readings(any_house):
    any_house.customer("acme")
    done = bring(any_house, item(2), item(1), item(0, lanes=1, **WORN))
    assert (done["stored"], done["repeated"], done["registered"], done["unknown"]) == (3, 0, 1, [])
    optic = only(any_house)
    asset = only(any_house, Asset, id=optic.asset_id)
    assert (asset.serial, asset.kind, optic.verdict, optic.claimable) == ("S1", "optic", "worn_laser", False)
    assert (optic.host, optic.port, optic.last_at) == ("sw1", "Et1", NOW)
    told = service.whole(any_house.system, optic.id)
    assert [one["code"] for one in told["reasons"]][-1] == "not_persistent" and told["reasons"][0]["text"]
    assert told["now"][0]["states"]["1.tx_power_dbm"] == "low_alarm"
    again = bring(any_house, item(2), item(0, **WORN))
    assert (again["stored"], again["repeated"], again["registered"]) == (0, 2, 0)
    rows = series.readings(any_house.system, optic.id, limit=2)
    assert [one["lanes"][0]["tx_power_dbm"] for one in rows["items"]] == [-13.0, -3.0]
    more = series.readings(any_house.system, optic.id, limit=2, cursor=int(rows["next"]))
    assert len(more["items"]) == 1 and more["next"] is None


def test_a_failure_that_lasts_can_be_claimed_and_is_told_once(any_house):
    any_house.customer("acme")
    for hours in (30, 15, 1, 0):
        bring(any_house, item(hours, **WORN))
    assert only(any_house).claimable
    told = [event.payload for event in Event.select().where(Event.name == "optic.concluded").order_by(Event.id)]
    assert [(one["verdict"], one["claimable"]) for one in told] == [("worn_laser", False), ("worn_laser", True)]
    entries = [one for one in Event.select().where(Event.name == "optic.read")]
    assert len(entries) == 4


def test_an_unknown_module_is_listed_and_nothing_else_is_lost(house):
    house.customer("acme")
    bring(house, item(3))
    done = bring(house, item(2), item(2, serial="S2"), item(1, serial="S2"), register=False)
    assert done["stored"] == 1 and [(one["serial"], one["why"], one["readings"]) for one in done["unknown"]] == [
        ("S2", "not_registered", 2)
    ]


def test_a_serial_alone_is_nobody(house):
    house.customer("acme")
    product = house.product("LR", "optic", part_number="AO-10G-LR", maker="Acme Optics Inc.")
    mine = house.asset(serial="s1", product=product.id)
    other = house.product("Other", "optic", part_number="X-1", maker="Zenith")
    house.asset(serial="S2", product=other.id)
    done = bring(house, item(1), item(1, serial="S2", port="Et2"), item(1, serial="S3", port="Et3"))
    by_serial = {one["serial"]: one for one in done["items"]}
    assert by_serial["S1"]["asset_id"] == mine.id and not by_serial["S1"]["registered"]
    assert by_serial["S2"]["registered"] and by_serial["S3"]["registered"]
    assert bring(house, item(0, vendor="ZENITH", serial="S1", port="Et4"))["items"][0]["asset_id"] != mine.id
    asset = only(house, Asset, id=by_serial["S3"]["asset_id"])
    assert asset.product_id == product.id, "the catalogue's entry is found by the part number"


def test_an_identity_that_differs_is_a_finding(house):
    house.customer("acme")
    product = house.product("LR", "optic", part_number="AO-10G-ER", maker="ACME OPTICS")
    mine = house.asset(serial="S1", product=product.id)
    bring(house, item(2, revision="1A"))
    optic = only(house, asset=mine.id)
    assert optic.findings == ["identity_differs"] and only(house, Asset, id=mine.id).product_id == product.id
    house.asset(serial="T1", product=house.product("LR2", "optic", part_number="AO-10G-LR").id)
    bring(house, item(2, serial="T1", revision="1A"))
    assert only(house, serial="T1").findings == []
    bring(house, item(1, serial="T1", revision="1B"))
    second = only(house, serial="T1")
    assert second.findings == ["identity_differs"] and second.details["revision"] == "1A"


def test_whoever_brings_a_reading_may_say_whose_it_is(house):
    house.customer("acme")
    product = house.product("LR", "optic", part_number="AO-10G-LR").id
    one, two = (house.asset(serial=serial, product=product).id for serial in ("TYPED WRONG", "S2"))
    bring(house, item(2, asset=one), item(2, serial="S2", port="Et2", asset=two))
    assert only(house, asset=one).findings == ["identity_differs"] and only(house, asset=two).findings == []
    with pytest.raises(Invalid) as caught:
        bring(house, item(1, asset=two))
    assert "another one" in caught.value.errors["items"]["0"]["asset"][0]


def test_all_or_nothing(house):
    house.customer("acme")
    house.asset(serial="SW")
    with pytest.raises(Invalid) as caught:
        bring(house, item(1), item(-1), item(0))
    assert caught.value.errors == {"items": {"1": {"at": caught.value.errors["items"]["1"]["at"]}}}
    with pytest.raises(Invalid) as caught:
        bring(house, item(1), item(1, serial="S2", asset="SW"), item(1, serial="S3", asset="none"))
    assert sorted(caught.value.errors["items"]) == ["1", "2"]
    for model in (Optic, OpticReading, OpticPlace):
        assert visible(model, house.system).count() == 0


def test_a_reading_without_identity_is_of_the_module_in_that_port(house):
    house.customer("acme")
    bring(house, item(5), item(5, serial="S2", port="Et2"))
    nameless = {"vendor": "", "part_number": ""}
    done = bring(house, item(4, serial="", port="Et2", **nameless), item(4, serial="", port="Et9", **nameless))
    assert [one["serial"] for one in done["items"]] == ["S2"]
    assert [(one["why"], one["port"]) for one in done["unknown"]] == [("no_identity", "Et9")]
    alone = bring(house, item(3, serial="S7", port="Et9", **nameless))
    assert [one["why"] for one in alone["unknown"]] == ["no_identity"], "a serial number alone is nobody's"


def test_places_have_a_history(any_house):
    any_house.customer("acme")
    bring(any_house, item(5), item(5, serial="S2", port="Et2"))
    bring(any_house, item(3, port="Et2"))
    first, second = only(any_house, serial="S1"), only(any_house, serial="S2")
    assert (first.port, second.host, second.port) == ("Et2", "", "")
    places = service.places_of(any_house.system, first)
    assert [(one["port"], one["until"] is None) for one in places] == [("Et2", True), ("Et1", False)]
    assert service.places_of(any_house.system, second)[0]["until"] == NOW - timedelta(hours=3)
    bring(any_house, item(4, port="Et7"))
    assert only(any_house, serial="S1").port == "Et2", "an older reading moves nothing"


def test_both_ends_of_a_cable_are_one_asset(house):
    house.customer("acme")
    ends = [
        item(1, serial=f"C100-{end}", port=f"Et{end}") | {"media": "active_optical", "cable_end": end} for end in "12"
    ]
    done = bring(house, *ends)
    assert done["registered"] == 1 and len(done["items"]) == 1
    assert only(house, Asset, id=done["items"][0]["asset_id"]).serial == "C100"
    worse = item(0, serial="C100-2", port="Et2", **DEAF) | {"media": "active_optical", "cable_end": "2"}
    assert bring(house, worse)["items"][0]["verdict"] == "link_or_far_end"
    optic = only(house)
    assert (optic.port, len(service.whole(house.system, optic.id)["now"])) == ("Et1", 2)
    assert visible(OpticPlace, house.system).count() == 2, "both ends have stayed where they were"


def test_the_memory_is_kept_and_a_change_in_it_is_seen(house):
    house.customer("acme")
    from tests.optics.images import finish_sfp

    def image(**changed) -> bytes:
        a0, a2 = sfp()
        for at, value in changed.items():
            a0[int(at[1:])] = value
        return bytes(finish_sfp(a0, a2))

    def read(hours: float, data: bytes) -> None:
        take(house.system, given.from_bytes(data), customer="acme", source="file", register=True,
             at=NOW - timedelta(hours=hours), host="sw1", name="x.bin")  # fmt: skip

    read(3, image())
    read(2, image())
    optic = only(house)
    [kept] = service.images_of(house.system, optic.id)
    assert bytes.fromhex(kept["memory"]) == image() and kept["at"] == NOW - timedelta(hours=2)
    assert (kept["first_at"], optic.from_memory) == (NOW - timedelta(hours=3), True)
    read(1, image(_17=7))
    assert visible(OpticImage, house.system).count() == 2 and "memory_changed" in only(house).findings


def test_who_may(house):
    people = house.people()
    for person, problem in ((people.reader, Forbidden), (people.auditor, Forbidden)):
        with pytest.raises(problem):
            bring(house, item(1), actor=person.actor)
    with pytest.raises((NotFound, Invalid)):
        bring(house, item(1), actor=people.stranger.actor)
    assert bring(house, item(1), actor=people.colleague.actor)["registered"] == 1
    assert audit  # one entry for the batch, whatever it brings


def test_what_comes_late_only_fills_in(house):
    """Limits of a time before the newest reading are not those of today."""
    house.customer("acme")
    bring(house, item(1))
    old = {**THRESHOLDS, "tx_power_dbm": dict.fromkeys(THRESHOLDS["tx_power_dbm"], 1.0)}
    extra = {"2.rx_power_dbm": THRESHOLDS["rx_power_dbm"]}
    bring(house, item(9, dom=False) | {"thresholds": old | extra})
    optic = only(house)
    assert (optic.dom, optic.limits["tx_power_dbm"]) == (True, [3.5, 0.5, -8.2, -12.2])
    assert "2.rx_power_dbm" in optic.limits and optic.verdict == "within_spec"
    bring(house, item(0) | {"thresholds": old})
    assert only(house).limits["tx_power_dbm"] == [1.0] * 4


def test_an_upload_about_known_modules_asks_little(house, monkeypatch):
    house.customer("acme")
    bring(house, *(item(2, serial=f"S{number}", port=f"Et{number}") for number in range(30)))
    with statements(monkeypatch) as seen:
        bring(house, *(item(1, serial=f"S{number}", port=f"Et{number}") for number in range(30)))
    assert len(seen) <= 30 + 20, "what it rests on and what it says, of each module; all else once"


def test_a_conclusion_rests_on_the_row_as_it_is_now(house, monkeypatch):
    """Between looking a module up and concluding on it an upload may have come."""
    at_now(monkeypatch)
    house.customer("acme")
    bring(house, item(5))
    stale = visible(Optic, house.system).get()
    bring(house, item(0, port="Et9"))
    with transaction():
        conclude_on(house.system, stale)
    now = visible(Optic, house.system).get()
    assert (now.last_at, now.port) == (NOW, "Et9")


def test_a_maker_without_a_letter_is_none(house, monkeypatch):
    at_now(monkeypatch)
    house.customer("acme")
    entry = house.product("LR", "optic", part_number="AO-10G-LR", maker="\u200b")
    bring(house, item(0))
    assert visible(Asset, house.system).get().product_id == entry.id
