"""Forms beside the usual ones, and what several commands in one text come to."""

import pytest

from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.readers import read_text, recognised
from registry.optics.decoder.readers.draft import Draft
from registry.optics.decoder.readers.text import Measure
from registry.optics.decoder.reading import modules_of_text
from registry.optics.decoder.records import Lane, Limits, Module, Port
from registry.optics.verdicts.judging import judge
from tests.optics import images, printed, printed_more


def by_port(text: str) -> dict[str, Module]:
    return {module.port.name: module for module in read_text(text)}


def test_nxos_json_with_lanes_in_a_list_and_alone():
    found = by_port(printed_more.NXOS_JSON)
    assert list(found) == ["Ethernet1/2", "Ethernet1/5", "Ethernet1/6"]
    cable, module, single = found.values()
    assert (cable.media, cable.serial, cable.dom, cable.form_factor) == ("copper", "EXP0003-A", None, "QSFP28")
    assert (module.vendor, module.part_number, module.revision) == ("EXAMPLE OPTICS", "EX-CSR4", "C")
    assert (module.media, module.temperature_c, module.voltage_v) == ("optical", 41.2, 3.27)
    assert module.limits["temperature_c"] == Limits(75.0, 40.0, 1.0, -5.0)
    assert module.limits["rx_power_dbm"] == Limits(3.4, 2.4, -11.1, -14.1)
    assert module.flags == {"temperature_c": "high_warning", "2.rx_power_dbm": "low_alarm"}
    first, second = module.lanes
    assert (first.tx_bias_ma, first.tx_power_dbm, first.rx_power_dbm) == (6.5, -1.75, -1.25)
    assert (second.tx_bias_ma, second.dark, second.rx_power_dbm) == (None, {"tx_power_dbm"}, None)
    assert single.lanes[0].rx_power_dbm == -7.75


def test_nxos_json_of_cables_and_of_what_was_taken_out():
    text = printed_more.NXOS_JSON
    unsaid, module, _ = read_text(text.replace('"len_cu": "3"', '"len_cu": "0"').replace("QSFP-40G-CSR4", "unknown"))
    assert (unsaid.media, module.media) == ("", "")  # neither a reach nor a reach alone makes a cable
    gone = text.replace('"sfp": "not present"', '"sfp": "not present", "name": "EXAMPLE", "serialnum": "EXOLD"')
    assert read_text(gone) == read_text(text)


def test_nxos_json_in_the_envelopes_of_its_api():
    whole = printed_more.NXOS_JSON[printed_more.NXOS_JSON.index("{") :]
    for envelope in (
        '{"ins_api": {"outputs": {"output": {"code": "200", "body": %s}}}}',
        '[{"jsonrpc": "2.0", "result": {"body": %s}, "id": 1}]',
    ):
        assert read_text(envelope % whole) == read_text(whole)


def test_nxos_xml_with_and_without_prefixes():
    (module,) = read_text(printed_more.NXOS_XML)
    assert (module.port.name, module.vendor, module.serial) == ("Ethernet1/5", "EXAMPLE OPTICS", "EXL500044")
    assert [lane.rx_power_dbm for lane in module.lanes] == [-3.5, -4.5]
    assert (module.temperature_c, module.flags) == (31.25, {"1.rx_power_dbm": "low_warning"})
    assert module.limits["rx_power_dbm"].low_alarm == -18.0
    prefixed = printed_more.NXOS_XML.replace("<TABLE_interface", "<m:TABLE_interface")
    assert read_text(prefixed.replace("</TABLE_interface", "</m:TABLE_interface")) == [module]
    with pytest.raises(Unreadable, match="not well-formed"):
        read_text(printed_more.NXOS_XML.replace("</ROW_interface>", "", 1))


def test_nxos_fibre_channel():
    (module,) = read_text(printed_more.NXOS_FC)
    assert (module.port.name, module.part_number, module.serial) == ("fc1/7", "EX-FC8", "EXF700012")
    assert (module.revision, module.media, module.temperature_c) == ("D", "optical", 35.75)
    (lane,) = module.lanes
    assert (lane.tx_bias_ma, lane.tx_power_dbm, lane.rx_power_dbm) == (6.5, -3.25, None)
    assert (lane.tx_fault, lane.rx_los) == (False, True)
    assert module.flags == {"temperature_c": "high_warning", "1.rx_power_dbm": "low_alarm"}


def test_a_reach_in_copper_makes_no_cable_of_what_measures_light():
    text = printed.NXOS.replace("type is 10Gbase-LR", "type is Fabric Extender Transceiver\n    Link length supported"
                                " for copper is 40 m")  # fmt: skip
    module = by_port(text.replace("SFP-10G-LR", "FET-10G"))["Ethernet1/7"]
    assert module.media == "" and judge(module)[0] != "no_dom"
    (cable,) = read_text(printed.NXOS_COPPER.replace("QSFP-40G-CR4", "unknown"))
    assert cable.media == "copper"


def test_thresholds_without_a_header_are_left_out():
    headless = "\n".join(line for line in printed.NXOS.splitlines() if "High " not in line)
    assert by_port(headless)["Ethernet1/7"].limits == {}
    headless = "\n".join(line for line in printed.IOSXR.splitlines() if "High Alarm" not in line)
    assert by_port(headless)["0/0/0/6"].limits == {}


def test_junos_json():
    (module,) = read_text(printed_more.JUNOS_JSON)
    assert (module.port.name, module.temperature_c, module.voltage_v) == ("et-0/0/4", 41.5, 3.29)
    assert module.limits == {"rx_power_dbm": Limits(low_alarm=-13.98)}
    assert module.flags == {"1.rx_power_dbm": "ok", "2.rx_power_dbm": "low_alarm"}
    first, second = module.lanes
    assert (first.tx_bias_ma, first.tx_power_dbm, second.dark) == (38.2, 0.0, {"rx_power_dbm"})
    bare = '{"interface-information": {"physical-interface": {"name": "xe-1", "optics-diagnostics": '
    (module,) = read_text(bare + '{"laser-bias-current": 6.5, "laser-output-power-dbm": "-2.5"}}}}')
    assert (module.port.name, module.lanes[0].tx_bias_ma, module.lanes[0].tx_power_dbm) == ("xe-1", 6.5, -2.5)


def test_junos_gives_power_twice_and_the_rounded_one_is_no_limit_of_a_lane():
    (module,) = read_text(printed.JUNOS_XML)
    assert all(not key[0].isdigit() for key in module.limits)
    twice = printed.JUNOS_XML.replace(
        "<laser-output-power>1.0000</laser-output-power>",
        "<laser-output-power>1.0000</laser-output-power><laser-output-power-dbm>- Inf</laser-output-power-dbm>",
    )
    lane = read_text(twice)[0].lanes[0]
    assert (lane.tx_power_dbm, lane.dark) == (None, {"tx_power_dbm"})


def test_eos_dom_in_blocks():
    first, second = read_text(printed_more.EOS_DOM)
    assert (first.port.name, first.temperature_c, first.voltage_v) == ("Ethernet3", 31.25, 3.25)
    assert [lane.tx_bias_ma for lane in first.lanes] == [36.1, 36.5]
    assert (first.lanes[0].tx_power_dbm, first.lanes[1].tx_power_dbm) == (1.2, None)
    assert (first.lanes[0].rx_power_dbm, first.lanes[1].dark) == (-0.5, {"rx_power_dbm"})
    (lane,) = second.lanes
    assert (second.temperature_c, lane.tx_bias_ma, lane.rx_power_dbm) == (None, 6.5, -3.25)
    assert lane.tx_power_dbm is None  # milliwatts are not what this column is in


def test_eos_dom_with_thresholds_in_the_order_of_the_header():
    text = printed_more.EOS_DOM.replace(
        "                       Value\n", "              Value  High Alarm  High Warn  Low Alarm  Low Warn\n"
    ).replace("31.25 C", "31.25  75.00  70.00  -5.00  0.00 C").replace("3.25 V", "3.25 3.63 3.46 V")  # fmt: skip
    module = read_text(text)[0]
    assert module.temperature_c == 31.25 and module.limits["temperature_c"] == Limits(75.0, 70.0, 0.0, -5.0)
    assert module.voltage_v is None  # not as many columns as the header has
    later = text.replace("N/A N/A", "30.00 75.00 70.00 -5.00 0.00 C")
    assert read_text(later)[1].limits == {}  # nor does a port have the header of the one before


def test_iosxe_status_in_its_own_units():
    (module,) = read_text(printed_more.IOS_XE_STATUS)
    assert (module.port.name, module.serial) == ("TenGigabitEthernet0/1/3", "EXT130009")
    assert (module.temperature_c, module.voltage_v) == (41.5, pytest.approx(3.2525))
    (lane,) = module.lanes
    assert (lane.tx_bias_ma, lane.tx_power_dbm, lane.dark) == (37.5, -3.3, {"rx_power_dbm"})
    assert lane.tx_disabled is False
    alone = printed_more.IOS_XE_STATUS[: printed_more.IOS_XE_STATUS.index("agg-1#show hw-module subslot 0/1 trans", 50)]
    (module,) = read_text(alone.replace("37500 uAmps", "37500 furlongs").replace("enabled", "disabled"))
    assert module.port.name == "0/1/3"
    assert (module.lanes[0].tx_bias_ma, module.lanes[0].tx_disabled) == (None, True)


def test_iosxr_zeros_in_place_of_measurements_are_none():
    (module,) = read_text(printed_more.IOSXR_COPPER)
    assert (module.media, module.serial, module.port) == ("copper", "EXD180001", Port("0/0/0/18", True, True))
    assert (module.temperature_c, module.voltage_v, module.lanes, module.limits) == (None, None, (), {})
    (unsaid,) = read_text(printed_more.IOSXR_COPPER.replace(" Dom Data Status: Not Applicable\n", ""))
    assert unsaid == module
    stale = printed.IOSXR.replace(" LED State: Off\n", " Dom Data Status: Not Ready\n", 1)
    module = by_port(stale)["0/0/0/6"]
    assert (module.serial, module.temperature_c) == ("EXQ44120007", None)
    assert not any(lane.tx_bias_ma or lane.dark for lane in module.lanes)
    assert by_port(stale.replace("Not Ready", "Ready"))["0/0/0/6"] == by_port(printed.IOSXR)["0/0/0/6"]


def test_what_is_said_first_of_a_lane_stands():
    draft = Draft(port="a")
    draft.read("rx_power_dbm", Measure(dark=True))
    draft.read("rx_power_dbm", Measure(-3.0))
    assert draft.module().lanes[0].rx_power_dbm is None


def test_sonic_of_a_module_with_cmis():
    (module,) = read_text(printed_more.SONIC_CMIS)
    assert (module.standard, module.media, module.revision) == ("CMIS 5.0", "optical", "")
    assert module.lanes[0].rx_power_dbm == pytest.approx(-3.0103, abs=0.0001)
    assert module.limits["rx_power_dbm"].high_alarm == pytest.approx(3.0103, abs=0.0001)
    assert module.temperature_c is None  # what stands under another port is not this one's
    flat = "\n".join(line.strip() for line in printed_more.SONIC_CMIS.splitlines())
    assert by_port(flat.replace("Ethernet8:", "0/8 :"))["0/8"].lanes == module.lanes


def test_ethtool_json_says_its_revision_in_two_numbers():
    text = printed.ETHTOOL_JSON.replace('"identifier_description": "SFP"', '"identifier_description": "QSFP-DD Double\n'
                                        'Density", "revision_compliance": {"major": 4, "minor": 1}')  # fmt: skip
    (module,) = read_text(text.replace('"231224"', '"231224__"'))
    assert (module.standard, module.form_factor, module.date_code) == ("CMIS 4.1", "QSFP-DD", "2023-12-24")


def test_modules_without_a_name_that_cannot_measure_are_listed():
    (module,) = read_text("Transceiver in 1/1/47\n Type: SFP56CR4\n % No DOM information available\n")
    assert (module.form_factor, module.media, module.dom, judge(module)[0]) == ("SFP56", "copper", False, "no_dom")


def test_junos_names_and_measures_in_one_text():
    hardware = (
        printed.JUNOS_HARDWARE.replace("FPC 1 ", "FPC 0 ").replace("PIC 2 ", "PIC 1 ").replace("Xcvr 0", "Xcvr 2")
    )
    module, cable = modules_of_text(printed.JUNOS + hardware)
    assert (module.port.name, module.serial, module.lanes[0].tx_bias_ma) == ("xe-0/1/2", "EXJ000000000011", 31.5)
    assert (cable.port.name, cable.serial) == ("0/1/3", "EXJ12")
    own = printed.JUNOS_PIC.replace("  5    10G", "  2    10G")
    module = modules_of_text(printed.JUNOS + hardware + own)[0]
    assert (module.vendor, module.part_number, module.serial) == ("EXAMPLE OPTICS", "EX-LR-10", "EXJ000000000011")


def test_several_commands_are_parted_at_their_prompts_or_refused_by_their_names():
    ports = [module.port.name for module in read_text(printed.NXOS + printed.SONIC)]
    assert ports == [module.port.name for text in (printed.NXOS, printed.SONIC) for module in read_text(text)]
    without = printed.SONIC.partition("\n")[2]
    with pytest.raises(Unreadable, match="several commands") as refused:
        read_text(printed.NXOS + without)
    assert all(str(recognised(text)) in str(refused.value) for text in (printed.SONIC, printed.NXOS))


def test_two_devices_in_one_text_are_not_mixed():
    other = printed.IOS.replace("core-7#", "core-8#").replace("31.0 ( 30.8 )", "44.0 ( 43.8 )")
    found = read_text(printed.IOS + other)
    assert [module.port.name for module in found] == ["Te1/1/3", "Gi1/1/4"] * 2
    assert [module.temperature_c for module in found if module.port.name == "Gi1/1/4"] == [31.0, 44.0]
    states = "core-7#show interfaces\nTe1/1/3 is up\ncore-8#show interfaces\nTe1/1/3 is down\n"
    assert {module.port.oper_up for module in read_text(printed.IOS + other + states)} == {None}
    again = printed.EOS_JSON.replace("EXQ71", "EXQ72")
    json = "".join(f"{host}#show interfaces transceiver | json\n{said}" for host, said in
                   (("leaf-1", printed.EOS_JSON), ("leaf-2", again)))  # fmt: skip
    assert [module.serial for module in read_text(json)] == ["EXQ71", "", "EXQ72", ""]
    twice = printed_more.NXOS_JSON + printed_more.NXOS_JSON.replace("EXC500071", "EXC500072")
    assert [module.serial for module in read_text(twice)[1::3]] == ["EXC500071", "EXC500072"]


def test_prompts_that_begin_like_json():
    for prompt in ("[root@host ~]# ethtool -j -m eth0\n", "{master:0}\nuser@router> show\n"):
        (module,) = read_text(prompt + printed.ETHTOOL_JSON)
        assert module.serial == "EXS0099"
    failed = "[root@host ~]# ethtool -j -m eth6\nnetlink error: Invalid argument\n[root@host ~]# ethtool -j -m eth7\n"
    assert read_text(failed + printed.ETHTOOL_JSON)[0].port.name == "eth7"


def test_iosxr_phy_with_the_memory_in_halves_of_rows():
    a0, a2 = images.sfp()
    images.finish_sfp(a0, a2)
    rows = [f"0x{at:04x}: {row[:8].hex(' ')} : {row[8:].hex(' ')} "
            for at in range(0, 512, 16) for row in [(a0 + a2)[at : at + 16]]]  # fmt: skip
    titles = ("MSA Data", "ignored", "EEPROM Memory (A2 lower)", "EEPROM Memory (A2 upper)")
    parts = [
        "\n".join([title, *rows[8 * at : 8 * at + 8], ""]) for at, title in enumerate(titles) if title != "ignored"
    ]
    (module,) = modules_of_text(printed.IOSXR_PHY + "\n".join(parts) + "Registers:\n0x0000 ctl_reg : 0x002c1441\n")
    assert (module.port.name, module.serial, module.findings) == ("TenGigE0/1/0/3", images.SERIAL, ())
    assert [check.ok for check in module.checksums] == [True] * 3
    assert module.lanes[0].tx_power_dbm == pytest.approx(-2.5, abs=0.01)


def test_nxos_without_its_margin_and_aruba_without_a_part_number():
    flat = "\n".join(line.strip() for line in printed.NXOS_LANES.splitlines())
    assert [(module.serial, module.lanes) for module in read_text(flat)] == [
        (module.serial, module.lanes) for module in read_text(printed.NXOS_LANES)
    ]
    aruba = "Transceiver in 1/1/27\n Type : SFP+SR\n Product Number : EX9150\n Serial Number : EX27\n"
    assert [module.part_number for module in read_text(aruba)] == ["EX9150"]
    assert [module.part_number for module in read_text(aruba + " Part Number : 1990-01\n")] == ["1990-01"]


def test_tables_of_aruba():
    found = by_port(printed_more.ARUBA_TABLES)
    one, cable, four = found["1/1/1"], found["1/1/2"], found["1/1/49"]
    assert (one.serial, one.part_number, one.form_factor) == ("EXA0000001", "1990-0001", "SFP+")
    assert (one.temperature_c, one.voltage_v, one.lanes) == (47.65, 3.23, (Lane(1, 8.4, -1.94, -2.01),))
    assert (cable.part_number, cable.media, cable.lanes, cable.temperature_c) == ("EX9283", "copper", (), None)
    assert four.lanes == (Lane(1, 6.12, -1.97, dark=frozenset({"rx_power_dbm"})), Lane(2, 6.13, -1.95, -11.54))
    assert four.form_factor == "QSFP28" and judge(cable)[0] == "no_dom"


@pytest.mark.parametrize(("rate", "form"), [("1300", "SFP"), ("10300", "SFP+"), ("25750", "SFP28")])
def test_the_rate_tells_sfp_from_sfp_plus_and_sfp28(rate, form):
    named = "Vendor name : EXAMPLE\n Vendor PN : EX-1\n Vendor SN : EX1\n"
    texts = (
        f"Identifier : 0x03 (SFP)\n BR, Nominal : {rate}MBd\n {named}",
        f"Ethernet4: SFP EEPROM detected\n Identifier: SFP/SFP+/SFP28\n Nominal Bit Rate(100Mbs): {rate[:-2]}\n "
        + named,
        f"Ethernet1/4\n    transceiver is present\n    name is EXAMPLE\n    nominal bitrate is {rate} MBit/sec\n"
        "    cisco id is 0x03\n",
        f'[{{"identifier": 3, "identifier_description": "SFP", "br_nominal": {rate}, "vendor_name": "EXAMPLE"}}]',
    )
    assert [read_text(text)[0].form_factor for text in texts] == [form] * 4
