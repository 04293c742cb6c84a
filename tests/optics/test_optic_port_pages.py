"""Devices and their ports as pages: in natural order, by card, where the device stands."""

import re

import pytest

from registry.customers.places import create_site
from registry.customers.service import customer_by
from registry.optics import seating, settling
from registry.optics.verdicts.judging import LOUDNESS
from tests.optics.optic_world import DEAF, WORN, at_now, bring, item
from tests.web.forms import statements

PAGE = "/c/acme/optics"
PORT = re.compile(r'<strong class="port-name">([^<]*)</strong>')


@pytest.fixture
def people(house, monkeypatch):
    at_now(monkeypatch)
    return house.people()


@pytest.mark.parametrize(
    ("ports", "ordered"),
    [
        (["Ethernet1/10", "Ethernet1/2", "Ethernet1/1"], ["Ethernet1/1", "Ethernet1/2", "Ethernet1/10"]),
        (["et-0/0/11", "et-0/0/2", "et-1/0/0"], ["et-0/0/2", "et-0/0/11", "et-1/0/0"]),
        (["Ethernet8", "Ethernet0", "Ethernet112"], ["Ethernet0", "Ethernet8", "Ethernet112"]),
        (["1/1/2", "1/1/1:4", "1/1/1:1"], ["1/1/1:1", "1/1/1:4", "1/1/2"]),
        (["b", "1", "", "a10", "a9"], ["", "1", "a9", "a10", "b"]),
        (["Te1/0/2", "te1/0/1"], ["te1/0/1", "Te1/0/2"]),
        (["x²/2", "x1/2"], ["x1/2", "x²/2"]),
    ],
)
def test_ports_stand_in_the_order_of_their_numbers(ports, ordered):
    assert sorted(ports, key=seating.natural) == ordered


@pytest.mark.parametrize(
    ("port", "slot"),
    [
        ("Ethernet1/2", "1"), ("et-0/0/12", "0"), ("HundredGigE0/0/1/3", "0/0"), ("Ethernet48", ""), ("", ""),
        ("Ethernet3/1/1", "3"), ("TenGigabitEthernet2/1/4", "2"), ("mgmt", ""), ("1/1/1:4", "1"), ("swp1s0", ""),
    ],
)  # fmt: skip
def test_the_card_is_told_by_the_port(port, slot):
    assert seating.slot_of(port) == slot


def test_a_device_is_drawn_with_its_ports(people, house):
    bring(
        house,
        item(1, serial="S1", port="Ethernet2/1"), item(1, serial="S2", port="Ethernet1/10", **DEAF),
        item(1, serial="S3", port="Ethernet1/2"),
        *(item(at, serial="S4", port="Ethernet1/1", **WORN) for at in (30, 15, 0)),
    )  # fmt: skip
    page = people.reader.get(f"{PAGE}/device?host=sw1").text
    assert PORT.findall(page) == ["Ethernet1/1", "Ethernet1/2", "Ethernet1/10", "Ethernet2/1"]
    assert page.index("Slot 1") < page.index("Ethernet1/10") < page.index("Slot 2") < page.index("Ethernet2/1")
    worn, deaf = page[page.index("Ethernet1/1<") :], page[page.index("Ethernet1/10<") :]
    assert worn.index("Worn laser") < worn.index("Can be claimed") < worn.index("Ethernet1/2<")
    assert deaf.index("Link or far end") < deaf.index("Rx −25.0 dBm") < deaf.index("Ethernet2/1<")
    assert page.count("port-bad") == 1 and page.count("port-warn") == 1 and page.count("port-good") == 2
    assert page.count("Worn laser") == 2, "on the tile and above"


def test_no_light_is_said_and_lanes_out_of_use_are_not_told(people, house):
    dark = item(1, serial="D1", port="1", lanes=2)
    dark["readings"]["lanes"][1]["rx_power_dbm"] = None
    dark["states"] = {"2.rx_power_dbm": "dark"}
    unused = item(1, serial="D2", port="2", lanes=2)
    unused["readings"]["lanes"][1] |= {"rx_power_dbm": -30.0, "in_use": False}
    silent = item(1, serial="D3", port="3")
    silent["readings"]["lanes"] = []
    bring(house, dark, unused, silent)
    _device, [(_card, seats)] = seating.device(house.system, customer_by(house.system, "acme").id, "sw1")
    assert [seat.receive for seat in seats] == [(2, None), (1, -6.0), None]
    page = people.owner.get(f"{PAGE}/device?host=sw1").text
    assert "Rx: no light" in page and "Rx not measured" in page


def test_both_ends_of_a_cable_sit_where_they_are(people, house):
    end = {"cable_end": "A", "media": "active_optical"}
    other = {"cable_end": "B", "media": "active_optical", "host": "sw2"}
    bring(house, item(1, serial="C1-A", port="Et5") | end, item(1, serial="C1-B", port="Et9") | other)
    page = people.owner.get(f"{PAGE}/device?host=sw2").text
    assert PORT.findall(page) == ["Et9"] and "End B" in page
    listed = people.owner.get(f"{PAGE}/devices").text
    assert "sw1" in listed and "sw2" in listed


def test_a_device_stands_where_the_asset_of_its_name_stands(people, house):
    create_site(house.system, {"customer": "acme", "name": "Main hall"})
    switch = house.product("Switch", "hardware").id
    house.asset(serial="SER-1", product=switch, name="sw1", site="Main hall", place="Rack 4, U12")
    chassis = house.asset(serial="SER-2", product=switch, site="Main hall", place="Rack 10, U1")
    house.asset(serial="BLADE-9", product=switch, parent=chassis.id, slot="3")
    house.asset(serial="A1", product=switch, name="twin")
    house.asset(serial="A2", product=switch, name="twin")
    house.asset(serial="A3", product=switch, name="10")  # which is not the beginning of an address
    house.asset(serial="A4", product=house.product("Optic", "optic").id, name="elsewhere")  # which holds nothing
    house.asset("globex", "sw5")
    hosts = ("sw1.acme.example", "blade-9", "twin", "elsewhere", "sw5", "10.0.0.1")
    bring(house, *(item(1, serial=f"S{at}", host=host) for at, host in enumerate(hosts)))
    page = people.owner.get(f"{PAGE}/devices").text
    order = ("Main hall · Rack 4", "sw1.acme.example", "Main hall · Rack 10", "blade-9", "Place not known", "10.0.0.1")
    assert [page.index(text) for text in order] == sorted(page.index(text) for text in order)
    assert page.count("Several assets have this name") == 1 and page.count("None has this name") == 3
    one = people.owner.get(f"{PAGE}/device?host=sw1.acme.example").text
    assert "Main hall" in one and "Rack 4, U12" in one
    assert "No asset has this name" in people.owner.get(f"{PAGE}/device?host=elsewhere").text


def test_strangers_and_names_of_nothing(people, house):
    bring(house, item(1))
    assert people.stranger.get(f"{PAGE}/device?host=sw1").status_code == 404
    assert people.stranger.get("/c/globex/optics/device?host=sw1").status_code == 404
    assert "No module was seen in a device yet." in people.stranger.get("/c/globex/optics/devices").text
    for query in ("", "?host=", "?host=%00", "?host=sw2", "?host=" + "x" * 300, "?host=sw1&more=1"):
        assert people.owner.get(f"{PAGE}/device{query}").status_code == 404, query


def test_a_module_that_moved_is_in_one_place_only(people, house):
    bring(house, item(5, serial="S1", port="Et1"), item(4, serial="S2", port="Et2"))
    bring(house, item(1, serial="S1", port="Et2"))
    assert PORT.findall(people.owner.get(f"{PAGE}/device?host=sw1").text) == ["Et2"]
    [device] = seating.devices(house.system, customer_by(house.system, "acme").id)
    assert device.ports == 1
    listed = people.owner.get(f"{PAGE}/devices").text
    assert "Modules of which it is not known what they are in: 1." in listed


def test_a_device_of_many_ports_costs_the_same(people, house, monkeypatch):
    def cost(path):
        people.owner.get(path)
        with statements(monkeypatch) as seen:
            answer = people.owner.get(path)
        assert answer.status_code == 200 and len(answer.data) < 60_000
        return len(seen)

    bring(house, item(1, serial="A1", port="Et1"))
    few = cost(f"{PAGE}/device?host=sw1"), cost(f"{PAGE}/devices")
    bring(house, *(item(2, serial=f"B{at}", port=f"Et1/{at}") for at in range(48)))
    bring(house, *(item(2, serial=f"C{at}", port="Et1", host=f"leaf{at}") for at in range(30)))
    assert (cost(f"{PAGE}/device?host=sw1"), cost(f"{PAGE}/devices")) == few


def test_the_loudest_conclusion_of_a_device_is_known():
    found = seating.Device("x", {"within_spec": 3, "worn_laser": 1})
    assert (found.ports, found.loudest) == (4, "worn_laser") and LOUDNESS[-1]


def test_both_engines_find_the_same(any_house, monkeypatch):
    at_now(monkeypatch)
    house = any_house
    acme = house.customer("acme").id
    house.asset(serial="SER-1", product=house.product("Switch", "hardware").id, name="SW1", place="Rack 4, U12")
    batch = bring(house, item(2, serial="S1", port="1"), item(1, serial="S2", port="2"), register=False)["batch"]
    settling.register_waiting(house.system, batch)
    bring(house, *(item(at, serial="S1", port="1", **DEAF) for at in (1, 0)))
    [found] = seating.devices(house.system, acme)
    assert (found.ports, found.loudest, found.standing and found.standing.rack) == (2, "link_or_far_end", "Rack 4")
    _device, [(_card, seats)] = seating.device(house.system, acme, "sw1")
    assert [(seat.port, seat.receive) for seat in seats] == [("1", (1, -25.0)), ("2", (1, -6.0))]
    told = settling.modules_of(house.system, settling.get_batch(house.system, batch))
    assert [(one["serial"], one["readings"], one["said"], one["verdict"]) for one in told] == [
        ("S1", 1, "within_spec", "link_or_far_end"), ("S2", 1, "within_spec", "within_spec")
    ]  # fmt: skip


def test_ports_of_a_large_device_come_page_by_page(people, house, monkeypatch):
    names = [f"Ethernet{card}/{port}" for card in (2, 10, 1) for port in range(1, 61)]
    bring(house, *(item(1, serial=f"S{at}", port=name) for at, name in enumerate(names)))
    ordered, seen, where = sorted(names, key=seating.natural), [], f"{PAGE}/device?host=sw1"
    counted: list[int] = []
    people.owner.get(where)  # that the token was used is written down once a minute
    while where:
        with statements(monkeypatch) as made:
            page = people.owner.get(where).text
        counted.append(len(made))
        assert "180 Within its limits" in page, "above it is the whole device"
        assert len(page.encode()) < 60_000
        seen.append(PORT.findall(page))
        following = re.search(r'href="([^"]*)" rel="next"', page)
        where = following and following.group(1).replace("&amp;", "&")
    assert [port for page in seen for port in page] == ordered and [len(page) for page in seen] == [64, 64, 52]
    assert len(set(counted)) == 1
    bring(house, item(0, serial="S0", port="Ethernet1/1"))  # the ports of a page move while somebody reads
    device, _cards = seating.device(house.system, customer_by(house.system, "acme").id, "sw1", limit=5)
    port = device.following.rpartition(",")[0]
    _device, cards = seating.device(
        house.system, customer_by(house.system, "acme").id, "sw1", limit=5, cursor=f"{port},{2**62}"
    )
    assert cards[0][1][0].port == ordered[ordered.index(port) + 1]
    for cursor in ("x", ",", "Ethernet9/9,1", "٣,٣", "," + "9" * 100):
        assert people.owner.get(f"{PAGE}/device", query_string={"host": "sw1", "cursor": cursor}).status_code == 200
    assert people.owner.get(f"{PAGE}/device?host=sw1&cursor=Ethernet99/1,1").text.count("No more ports.") == 1


def test_the_darkest_of_sixteen_lanes_is_told(people, house):
    many = item(1, serial="L16", port="1", lanes=16)
    many["readings"]["lanes"][12]["rx_power_dbm"] = -13.0
    bring(house, many)
    _device, [(_card, [seat])] = seating.device(house.system, customer_by(house.system, "acme").id, "sw1")
    assert seat.receive == (13, -13.0)
