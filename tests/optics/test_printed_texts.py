"""Every family of printed texts: identity, readings, order of columns, marks, darkness, states of ports."""

import pytest

from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.readers import READERS, read_text, recognised
from registry.optics.decoder.readers.text import plain
from registry.optics.decoder.records import PARAMETERS, Limits, Module, Port
from registry.optics.verdicts.judging import judge
from tests.optics import printed, printed_more


def by_port(text: str) -> dict[str, Module]:
    return {module.port.name: module for module in read_text(text)}


def test_ios_detail_with_marks_paging_and_two_ports():
    found = by_port(printed.IOS)
    assert list(found) == ["Te1/1/3", "Gi1/1/4"]
    worn, dark = found["Te1/1/3"], found["Gi1/1/4"]
    assert (worn.temperature_c, worn.voltage_v) == (81.7, 3.31)
    assert worn.limits["temperature_c"] == Limits(78.0, 73.0, -3.0, -8.0)
    assert worn.limits["tx_power_dbm"] == Limits(1.5, -1.0, -7.5, -11.5)
    assert worn.flags == {
        "temperature_c": "high_alarm",
        "1.tx_bias_ma": "high_warning",
        "1.tx_power_dbm": "low_alarm",
        "1.rx_power_dbm": "low_warning",
    }  # fmt: skip; no mark is no flag
    assert (worn.lanes[0].tx_bias_ma, worn.lanes[0].tx_power_dbm, worn.lanes[0].rx_power_dbm) == (11.9, -12.4, -10.3)
    assert dark.lanes[0].rx_power_dbm is None and dark.lanes[0].dark == {"rx_power_dbm"}
    assert dark.flags["1.rx_power_dbm"] == "low_alarm"
    assert dark.temperature_c == 31.0  # not what stands in parentheses
    (alone,) = read_text("".join(line for line in printed.IOS.splitlines(True) if not line.startswith("Te1/1/3")))
    assert alone.limits["temperature_c"] == Limits(78.0, 73.0, -3.0, -8.0)


def test_lanes_of_a_port_and_their_own_limits():
    (module,) = read_text(printed.IOS_XE_LANES)
    assert [lane.tx_power_dbm for lane in module.lanes] == [0.4, 0.6, None, -6.4]
    assert module.limits["tx_power_dbm"] == Limits(5.0, 4.0, -6.0, -7.0)
    assert module.limits["4.tx_power_dbm"] == Limits(5.5, 4.0, -6.0, -7.0)
    assert module.flags == {"4.tx_power_dbm": "low_warning"}


def test_the_short_table_of_ios():
    found = by_port(printed.IOS_SHORT)
    low, half = found["Gi2/0/1"], found["Gi2/0/2"]
    assert (low.temperature_c, low.voltage_v, low.lanes[0].tx_bias_ma) == (29.5, 3.3, 5.5)
    assert low.lanes[0].rx_power_dbm == -21.8 and low.flags["1.rx_power_dbm"] == "low_alarm"
    assert set(low.flags) == {"1.rx_power_dbm"} and not low.limits
    assert half.lanes[0].tx_bias_ma is None and half.lanes[0].dark == frozenset()
    assert half.lanes[0].rx_power_dbm == -5.9


def test_arista_prints_low_alarm_before_low_warning():
    (module,) = read_text(printed.EOS)
    assert module.limits["tx_power_dbm"] == Limits(3.0, 2.0, -8.0, -9.0)


def test_nxos_with_warnings_before_alarms_a_copper_cable_and_the_state_of_a_port():
    found = by_port(printed.NXOS)
    assert list(found) == ["Ethernet1/7", "Ethernet1/9"]  # 1/8 has no module
    module = found["Ethernet1/7"]
    assert (module.vendor, module.part_number, module.revision) == ("EXAMPLE OPTICS", "EX-LR10-7", "B2")
    assert (module.serial, module.form_factor, module.media) == ("EXO7700123", "SFP+", "optical")
    assert module.limits["tx_power_dbm"] == Limits(3.5, 0.5, -8.2, -12.2)
    assert module.flags["1.tx_bias_ma"] == "high_warning" and module.flags["1.rx_power_dbm"] == "high_warning"
    assert module.port == Port("Ethernet1/7", True, True)
    cable = found["Ethernet1/9"]
    assert (cable.media, cable.dom, cable.cable_end, cable.serial) == ("copper", False, "B", "EXC55501-B")


def test_nxos_of_a_module_with_many_lanes():
    (module,) = read_text(printed.NXOS_LANES)
    assert (module.oui, module.date_code, module.wavelength_nm) == ("00:ab:cd", "2024-04-22", 1311.0)
    assert (module.form_factor, module.media, [lane.lane for lane in module.lanes]) == ("QSFP-DD", "optical", [1, 2])
    assert module.lanes[0].tx_bias_ma is None and module.lanes[1].tx_bias_ma == 62.5
    (cable,) = read_text(printed.NXOS_COPPER)
    assert (cable.media, cable.form_factor, cable.dom) == ("copper", "QSFP+", False)


def test_ios_xe_prints_the_identity_before_the_tables():
    (module,) = read_text(printed.IOS_XE_IDPROM)
    assert (module.port.name, module.vendor, module.serial) == ("Te0/0/7", "EXAMPLE OPTICS", "EXR770012")
    assert (module.part_number, module.form_factor, module.oui) == ("SFP-10G-SR", "SFP+", "00:ab:cd")
    assert (module.date_code, module.connector, module.wavelength_nm) == ("2023-09-26", "LC", 850.0)
    assert (module.temperature_c, module.media, module.dom) == (26.9, "optical", True)


def test_flags_that_contradict_each_other_are_a_finding():
    (module,) = read_text(printed.ETHTOOL_ONES)
    assert module.findings == ("flags_contradictory",) and module.flags == {}
    assert judge(module)[0] == "dom_unreliable"


def test_iosxr_with_alarms_states_and_empty_ports():
    found = by_port(printed.IOSXR)
    assert list(found) == ["0/0/0/6", "0/0/0/8"]
    module = found["0/0/0/6"]
    assert module.port == Port("0/0/0/6", False, False)
    assert (module.vendor, module.oui, module.date_code) == ("EXAMPLE OPTICS", "00:ab:cd", "2024-02-29")
    assert (module.form_factor, module.wavelength_nm, module.temperature_c) == ("QSFP28", 1302.0, 30.5)
    assert [lane.lane for lane in module.lanes] == [1, 2]
    assert module.lanes[0].dark == {"tx_power_dbm", "rx_power_dbm"} and module.lanes[0].tx_bias_ma == 0.0
    assert (module.lanes[1].tx_bias_ma, module.lanes[1].tx_power_dbm) == (44.5, -1.2)
    assert module.lanes[1].rx_power_dbm is None and not module.lanes[1].dark
    assert all(lane.tx_disabled and lane.rx_los for lane in module.lanes)
    assert module.flags == {
        "1.rx_power_dbm": "low_alarm", "2.rx_power_dbm": "low_alarm", "1.tx_bias_ma": "low_alarm",
        "2.tx_bias_ma": "high_alarm",
    }  # fmt: skip
    assert module.limits["rx_power_dbm"] == Limits(5.5, 4.5, -10.6, -14.6)
    assert set(module.limits) == set(PARAMETERS)  # the row in milliwatts is the same once more
    counted = printed.IOSXR.replace("LOW-RX1-PWR   LOW-RX2-PWR", "HIGH-RX-PWR = 0   LOW-TX-PWR = 1")
    assert not by_port(counted)["0/0/0/6"].flags  # counters, which end the list, are no alarms
    single = found["0/0/0/8"]
    assert single.port == Port("0/0/0/8", True, True)
    assert single.lanes[0].tx_bias_ma is None  # 33 % is no current
    assert single.lanes[0].rx_power_dbm == -9.75 and single.lanes[0].tx_disabled is False


def test_iosxr_phy():
    (module,) = read_text(printed.IOSXR_PHY)
    assert (module.port.name, module.form_factor, module.wavelength_nm) == ("TenGigE0/1/0/3", "SFP+", 850.0)
    assert (module.part_number, module.revision, module.serial) == ("EX-SR-10", "C", "EXS310077")
    assert module.date_code == "2023-07-15" and module.dom is True
    assert module.limits["tx_power_dbm"] == Limits(0.0, -1.0, -7.3, -11.3)
    assert module.limits["temperature_c"] == Limits(75.0, 70.0, 0.0, -5.0)
    (lane,) = module.lanes
    assert (lane.tx_bias_ma, lane.tx_power_dbm) == (7.404, -2.1467)
    assert lane.dark == {"rx_power_dbm"} and lane.rx_los is True and lane.tx_fault is False


def test_iosxr_phy_of_an_older_module_with_limits_cut_off():
    (module,) = read_text(printed.IOSXR_XFP)
    assert (module.vendor, module.part_number, module.revision) == ("EXAMPLE OPTICS", "EX-XFP-LR", "00")
    assert (module.form_factor, module.wavelength_nm, module.date_code) == ("XFP", 1310.0, "2021-07-16")
    assert module.limits["temperature_c"] == Limits(90.0, 85.0, -5.0, -10.0)
    assert module.limits["rx_power_dbm"] == Limits(0.70001, -1.00015, -20.0, pytest.approx(-23.9794, abs=0.0001))
    assert module.limits["voltage_v"] == Limits(0, 0, 0, 0)
    first, second = module.lanes
    assert (first.tx_power_dbm, first.dark, first.rx_los) == (-1.3, {"rx_power_dbm"}, True)
    assert second.tx_power_dbm == -1.54


def test_junos_text():
    (module,) = read_text(printed.JUNOS)
    assert module.port == Port("xe-0/1/2", True, False)
    (lane,) = module.lanes
    assert (lane.tx_bias_ma, lane.tx_power_dbm, lane.rx_power_dbm) == (31.5, -2.0, None)
    assert lane.dark == {"rx_power_dbm"} and lane.tx_los is False
    assert module.flags == {"1.tx_bias_ma": "ok", "1.rx_power_dbm": "low_alarm"}
    assert module.limits["rx_power_dbm"] == Limits(high_alarm=3.0, low_alarm=-18.01)


def test_junos_xml_with_lanes_and_undeclared_namespaces():
    (module,) = read_text(printed.JUNOS_XML)
    assert module.port.name == "et-0/0/4" and module.temperature_c == 41.5
    assert module.flags == {"temperature_c": "ok", "2.rx_power_dbm": "low_alarm"}
    assert module.limits["temperature_c"].high_alarm == 75.0
    assert module.limits["rx_power_dbm"].low_alarm == -13.98
    assert module.limits["tx_power_dbm"].high_warning == pytest.approx(3.01, abs=0.001)
    first, second = module.lanes
    assert (first.tx_power_dbm, first.rx_power_dbm, first.tx_disabled) == (0.0, -3.01, None)
    assert second.dark == {"tx_power_dbm", "rx_power_dbm"} and second.tx_disabled is True
    part = printed.JUNOS_XML[printed.JUNOS_XML.index("<physical-") : printed.JUNOS_XML.rindex("</interface-info")]
    assert read_text(part) == [module]  # a part of the answer, without its root
    prefixed = printed.JUNOS_XML.replace("<rpc-reply", "<nc:rpc-reply").replace("</rpc-reply", "</nc:rpc-reply")
    assert read_text(prefixed) == [module]


def test_junos_tells_identities_elsewhere():
    found = by_port(printed.JUNOS_HARDWARE)
    assert list(found) == ["1/2/0", "1/2/3"]
    module, cable = found.values()
    assert (module.revision, module.part_number, module.serial) == ("REV 01", "740-000001", "EXJ000000000011")
    assert (module.form_factor, module.media, cable.media, cable.serial) == ("SFP+", "optical", "copper", "EXJ12")
    found = by_port(printed.JUNOS_PIC)
    assert list(found) == ["0/1/5", "0/1/9"]
    module, cable = found.values()
    assert (module.vendor, module.part_number, module.wavelength_nm) == ("EXAMPLE OPTICS", "EX-LR-10", 1310.0)
    assert (cable.vendor, cable.media, cable.wavelength_nm) == ("EXAMPLE CABLES", "copper", None)


def test_sonic_with_and_without_lanes():
    found = by_port(printed.SONIC)
    assert list(found) == ["Ethernet0", "Ethernet8"]
    module = found["Ethernet0"]
    assert (module.oui, module.date_code, module.form_factor) == ("00:ab:cd", "2023-11-05 01", "QSFP28")
    assert module.media == "optical"
    first, second = module.lanes
    assert (first.rx_power_dbm, first.tx_bias_ma, first.tx_power_dbm) == (-1.25, 7.2, -0.8)
    assert second.dark == {"rx_power_dbm"} and second.tx_power_dbm is None
    assert module.limits["rx_power_dbm"] == Limits(3.4, 2.4, -10.0, -14.0)
    assert module.limits["voltage_v"] == Limits(high_alarm=3.63, low_alarm=2.97)
    unlimited = printed.SONIC.replace("RxPowerLowAlarm   : -14.0dBm", "RxPowerLowAlarm   : -infdBm")
    assert by_port(unlimited)["Ethernet0"].limits["rx_power_dbm"].low_alarm is None
    only = "Ethernet0: SFP EEPROM detected\n Vendor SN: EX\n RxPowerLowAlarm : -infdBm\n"
    assert read_text(only)[0].limits["rx_power_dbm"] == Limits()
    plain = found["Ethernet8"]
    assert (plain.lanes[0].rx_power_dbm, plain.lanes[0].tx_bias_ma, plain.temperature_c) == (-2.5, 6.6, 30.0)


def test_aruba_with_recent_alarms_channels_and_limits_of_zero():
    found = by_port(printed.ARUBA)
    assert list(found) == ["1/1/3", "1/1/4", "1/1/9"]
    module = found["1/1/3"]
    assert (module.serial, module.part_number, module.form_factor) == ("EXA330021", "EX-1990-1", "SFP+")
    (lane,) = module.lanes
    assert (lane.tx_bias_ma, lane.tx_power_dbm, lane.dark, lane.rx_los) == (6.46, -2.29, {"rx_power_dbm"}, True)
    assert module.flags == {"1.rx_power_dbm": "low_alarm"}
    cable = found["1/1/4"]
    assert (cable.media, cable.dom, cable.cable_end) == ("copper", False, "A")
    lanes = found["1/1/9"]
    assert lanes.limits["tx_power_dbm"] == Limits()  # given, and none that could be true
    assert lanes.flags == {"temperature_c": "ok", "1.tx_bias_ma": "high_alarm"}
    assert lanes.lanes[1].rx_power_dbm == pytest.approx(-3.0103, abs=0.0001)


def test_ethtool_with_channels():
    (module,) = read_text(printed.ETHTOOL_QSFP)
    assert (module.port.name, module.standard, module.connector) == ("enp5s0f1", "SFF-8636", "MPO Parallel Optic")
    assert (module.date_code, module.media, module.dom) == ("2024-01-31 7", "optical", True)
    first, second = module.lanes
    assert (first.tx_bias_ma, first.tx_power_dbm, first.rx_los, first.tx_fault) == (7.0, 0.0, False, False)
    assert (second.tx_power_dbm, second.dark, second.rx_los) == (-3.0, {"rx_power_dbm"}, True)
    assert module.flags == {"1.rx_power_dbm": "ok", "2.rx_power_dbm": "low_alarm", "1.tx_bias_ma": "ok"}


def test_wavelengths_that_cannot_be_are_a_finding():
    (module,) = read_text(printed.ETHTOOL_QSFP.replace("850.000nm", "33685nm"))
    assert (module.wavelength_nm, module.findings) == (33685.0, ("wavelength_implausible",))


def test_ethtool_json_of_later_versions():
    (module,) = read_text(printed.ETHTOOL_JSON)
    assert (module.form_factor, module.connector, module.oui) == ("SFP", "LC", "00:ab:cd")
    assert (module.temperature_c, module.voltage_v, module.wavelength_nm) == (41.25, 3.31, 1310.0)
    (lane,) = module.lanes
    assert lane.tx_power_dbm == pytest.approx(-3.0103, abs=0.0001) and lane.dark == {"rx_power_dbm"}
    assert module.limits["temperature_c"] == Limits(high_alarm=78.0, low_alarm=-8.0)
    assert module.limits["rx_power_dbm"] == Limits(high_alarm=0.0)
    assert module.flags == {"1.rx_power_dbm": "low_alarm", "temperature_c": "ok"}


def test_eos_json_joins_the_channels_of_one_module():
    found = by_port(printed.EOS_JSON)
    assert list(found) == ["Ethernet5", "Ethernet6"]
    module = found["Ethernet5"]
    assert [lane.tx_bias_ma for lane in module.lanes] == [40.1, 41.0]
    assert module.lanes[1].dark == {"rx_power_dbm"} and module.serial == "EXQ71"
    assert module.limits["tx_power_dbm"] == Limits(5.0, 4.0, -4.3, -8.3)
    other = found["Ethernet6"]
    assert other.lanes[0].rx_power_dbm == -2.5 and other.lanes[1].dark == {"rx_power_dbm"}
    assert other.temperature_c == 29.0 and other.limits["rx_power_dbm"].low_alarm == -12.0


@pytest.mark.parametrize(
    ("said", "port"),
    [
        ("Ethernet1/7 is up", Port("Ethernet1/7", True, True)),
        ("Ethernet1/7 is down (Administratively down)", Port("Ethernet1/7", False, False)),
        ("Eth1/7 is administratively down, line protocol is down", Port("Ethernet1/7", False, False)),
        ("Ethernet1/7 is down (Link not connected)\nadmin state is up", Port("Ethernet1/7", True, False)),
        ("Ethernet1/7 is up, line protocol is down", Port("Ethernet1/7", True, False)),
        ("Ethernet1/7 is down", Port("Ethernet1/7", None, False)),
        ("Ethernet1/70 is up", Port("Ethernet1/7")),
    ],
)
def test_the_state_of_a_port_beside_its_module(said, port):
    text = printed.NXOS.replace("Ethernet1/7 is up\nadmin state is up, Dedicated Interface\n", f"{said}\n")
    assert by_port(text)["Ethernet1/7"].port == port


def test_leftovers_of_paging_are_taken_out():
    more = "\x1b[7m --More-- \x1b[m\b\b\b\b         \b\b"
    for leftover in (more, " --More-- \r         \r", "---(more 42%)---", "--More-- (42%)"):
        text = printed.IOS.replace("\nTe1/1/3", f"\n{leftover}Te1/1/3")
        assert {port: module.lanes for port, module in by_port(text).items()} == {
            port: module.lanes for port, module in by_port(printed.IOS).items()
        }, leftover


ALL = {name: text for name, text in (vars(printed) | vars(printed_more)).items() if name.isupper()}


@pytest.mark.parametrize("name", sorted(ALL))
def test_line_ends_marks_of_order_and_wide_margins_change_nothing(name):
    text = ALL[name]
    assert read_text("\ufeff" + text.replace("\n", "\r\n")) == read_text(text)
    if not name.endswith(("JSON", "XML")):
        wider = "\n".join(f"{line}   " for line in text.splitlines()) + "\n\n"
        assert read_text(wider) == read_text(text)


def test_every_form_is_read_by_its_own_reader():
    named = {name: recognised(text) for name, text in ALL.items()}
    assert None not in named.values()
    assert {reader.name for reader in READERS} == set(named.values())
    for text in ALL.values():
        assert sum(reader.recognises(plain(text)) for reader in READERS) == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "There is no text"),
        ("  \n\t\n", "There is no text"),
        ("Hello, this is my switch.", "no known form"),
        ("Ethernet1/8\n    transceiver is not present\n", "no module is in it"),
        ("Ethernet4: SFP EEPROM Not detected\n", "no module is in it"),
        ("Transceiver in 1/1/1\n", "no module is in it"),
        (" Controller State: Down\n Laser State: Off\n  Optics not present\n", "no module is in it"),
        ("Physical interface: xe-0/0/0\n    Optical diagnostics : N/A\n", "no module is in it"),
        (printed.ETHTOOL_JSON[:200], "breaks off"),
        (printed.JUNOS_XML.replace("</physical-interface>", ""), "not well-formed"),
        ('<rpc-reply><!DOCTYPE a [<!ENTITY x "y">]><optics-diagnostics/></rpc-reply>', "not well-formed"),
    ],
)
def test_what_is_refused_says_what_was_expected(text, part):
    with pytest.raises(Unreadable, match=part) as refused:
        read_text(text)
    assert refused.value.said() == str(refused.value)
    if "known form" in part or "no text" in part:
        assert all(reader.name in str(refused.value) for reader in READERS)
