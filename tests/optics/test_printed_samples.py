"""Real texts, where they are beside the project: every expected value is found."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from registry.optics.decoder.readers import read_text
from registry.optics.decoder.records import Limits, Module
from registry.optics.verdicts import judging
from tests.source import ROOT

SAMPLES = ROOT.parent / "shared" / "samples" / "optics"

STEPS = ("high_alarm", "high_warning", "low_warning", "low_alarm")


def sample(name: str) -> Path:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} is not here: real samples are kept beside the project")
    return path


def read(name: str) -> dict[str, Module]:
    found = read_text(sample(name).read_text())
    return {module.port.name: module for module in found}


def expected(name: str) -> Any:
    return json.loads(sample(name).read_text())


def value_of(module: Module, parameter: str, lane: int = 1) -> float | None:
    if parameter in ("temperature_c", "voltage_v"):
        return getattr(module, parameter)
    return next((getattr(found, parameter) for found in module.lanes if found.lane == lane), None)


def number(shown: str) -> float | None:
    return float(shown) if re.fullmatch(r"-?[0-9.]+", shown) else None


def test_arista_eos():
    parameters = {
        "Temperature": "temperature_c", "Voltage": "voltage_v", "Current": "tx_bias_ma", "Tx Power": "tx_power_dbm",
        "Rx Power": "rx_power_dbm",
    }  # fmt: skip
    found = read("cli/arista_eos_show_interfaces_transceiver_detail.txt")
    rows = expected("cli/arista_eos_show_interfaces_transceiver_detail.expected.json")["parsed_sample"]
    assert {row["port"] for row in rows} == set(found)
    for row in rows:
        module, parameter = found[row["port"]], parameters[row["type"]]
        assert value_of(module, parameter) == float(row["current_value"])
        assert module.limits[parameter] == Limits(
            *(
                float(row[f"{side}_{step}_threshold"])
                for side, step in (("high", "alarm"), ("high", "warn"), ("low", "warn"), ("low", "alarm"))
            )
        )
        assert judging.judge(module)[0] == "within_spec"


def test_cisco_ios_xe():
    parameters = {
        "Temperature": "temperature_c", "Voltage": "voltage_v", "Current": "tx_bias_ma", "OpticalTX": "tx_power_dbm",
        "OpticalRX": "rx_power_dbm",
    }  # fmt: skip
    found = read("cli/cisco_iosxe_show_interfaces_transceiver_detail_lane.txt")["Twe2/1/1"]
    (said,) = expected("cli/cisco_iosxe_show_interfaces_transceiver_detail_lane.expected.json")["interfaces"].values()
    for name, parameter in parameters.items():
        assert value_of(found, parameter) == said[name]["Value"]
        assert found.limits[parameter] == Limits(
            *(said[name][f"{step}Threshold"] for step in ("HighAlarm", "HighWarn", "LowWarn", "LowAlarm"))
        )
    assert judging.judge(found)[0] == "within_spec"


def test_cisco_nxos():
    parameters = {
        "temperature": "temperature_c", "voltage": "voltage_v", "amps": "tx_bias_ma", "tx": "tx_power_dbm",
        "rx": "rx_power_dbm",
    }  # fmt: skip
    found = read("cli/cisco_nxos_show_interface_transceiver_details.txt")
    rows = expected("cli/cisco_nxos_show_interface_transceiver_details.expected.json")["parsed_sample"]
    assert {row["interface"] for row in rows} == set(found)
    for row in rows:
        module = found[row["interface"]]
        for name, parameter in parameters.items():
            if not row[f"{name}_alarm_high"]:
                continue
            assert value_of(module, parameter, int(row["lane"] or 1)) == number(row[f"{name}_value"])
            assert module.limits[parameter] == Limits(
                *(float(row[f"{name}_{step}"]) for step in ("alarm_high", "warn_high", "warn_low", "alarm_low"))
            )
    assert found["Ethernet3/2"].serial == "FNS18510TXV" and found["Ethernet4/1"].vendor == "CISCO"
    verdicts = {port: judging.judge(module)[0] for port, module in found.items()}
    assert verdicts.pop("Ethernet4/1") == "within_spec"
    assert set(verdicts.values()) == {"undecided_needs_port_state"}


def test_junos():
    found = read("cli/juniper_junos_show_interfaces_diagnostics_optics.txt")["et-0/0/0"]
    said = expected("cli/juniper_junos_show_interfaces_diagnostics_optics.expected.json")
    (said,) = said["interface-information"]["physical-interface"]
    said = said["optics-diagnostics"]
    assert f"{found.temperature_c:g} degrees C" in said["module-temperature"]
    assert f"{found.voltage_v:.4f} V" == said["module-voltage"]
    names = {
        "temperature_c": "module-temperature", "voltage_v": "module-voltage", "tx_bias_ma": "laser-bias-current",
        "tx_power_dbm": "laser-output-power", "rx_power_dbm": "laser-rx-power",
    }  # fmt: skip
    for parameter, name in names.items():
        for step in STEPS:
            shown = said[f"{name}-{step.replace('_', '-')}-threshold"].rpartition(" / ")[2 if "power" in name else 0]
            shown = shown or said[f"{name}-{step.replace('_', '-')}-threshold"]
            assert getattr(found.limits[parameter], step) == float(shown.split()[0])
    for lane, row in zip(found.lanes, said["lanes"], strict=True):
        assert lane.lane == int(row["lane-number"]) + 1
        assert f"{lane.tx_bias_ma:.3f} mA" == row["laser-bias-current"]
        assert row["laser-output-power"].endswith(f" / {lane.tx_power_dbm:.2f} dBm")
        assert row["laser-receiver-power"].endswith(f" / {lane.rx_power_dbm:.2f} dBm")
    assert set(found.flags.values()) == {"ok"} and len(found.flags) == 14
    assert judging.judge(found)[0] == "within_spec"


def test_sonic():
    found = read("cli/sonic_show_interfaces_transceiver_eeprom.txt")
    said = expected("cli/sonic_show_interfaces_transceiver_eeprom.expected.json")
    present = {port: row for port, row in said.items() if "vendor" in row}
    assert set(found) == set(present)
    for port, row in present.items():
        module, vendor = found[port], row["vendor"]
        assert (module.vendor, module.part_number) == (vendor["name"], vendor["pn"])
        assert module.serial == vendor["rev"]  # the other parser keeps the last of its two values there
        assert module.oui == vendor["oui"].replace("-", ":")
        assert module.date_code == f"{vendor['date']} {vendor['lot']}"
        assert module.connector == row["connector"] and module.cable_end == module.serial[-1]
        assert judging.judge(module)[0] == "no_dom"


def test_ethtool_text():
    found = read("ethtool/sfp28_edge_lr.txt")[""]
    said = expected("ethtool/sfp28_edge_lr.expected.json")
    said = said[0] if isinstance(said, list) else said
    assert (found.vendor, found.oui) == (said["vendor_name"], said["vendor_oui"])
    assert (found.part_number, found.revision) == (said["vendor_pn"], said["vendor_rev"])
    assert (found.serial, found.date_code) == (said["vendor_sn"], "2023-06-19")
    names = {
        "temperature_c": ("module_temperature", "celsius"), "voltage_v": ("module_voltage", "v"),
        "tx_bias_ma": ("laser_bias_current", "ma"), "tx_power_dbm": ("laser_output_power", "dbm"),
        "rx_power_dbm": ("laser_rx_power", "dbm"),
    }  # fmt: skip
    for parameter, (name, unit) in names.items():
        measured = "receiver_signal_average_optical_power" if name == "laser_rx_power" else name
        assert value_of(found, parameter) == said[f"{measured}_{unit}"]
        for step in STEPS:
            assert getattr(found.limits[parameter], step) == said[f"{name}_{step}_threshold_{unit}"]
    assert found.flags["1.rx_power_dbm"] == "low_alarm"
    assert judging.judge(found)[0] == "link_or_far_end"


def test_ethtool_text_of_a_healthy_module():
    found = read("ethtool/sfp_finisar_ftlx8574d3bcl_healthy.txt")[""]
    assert (found.vendor, found.serial, found.wavelength_nm) == ("FINISAR CORP.", "UWK0UTZ", 850.0)
    assert judging.judge(found)[0] == "within_spec" and not judging.findings_of(found)


def test_ethtool_json_keeps_the_readings_of_repeated_keys():
    found = read("ethtool/qsfp28_mellanox_aoc_rx_low_duplicate_keys.json")[""]
    assert (found.temperature_c, found.voltage_v) == (56.9805, 3.259)
    assert found.limits["temperature_c"] == Limits(80.0, 70.0, 0.0, -10.0)
    assert [round(10 ** (lane.rx_power_dbm / 10), 4) for lane in found.lanes] == [0.0449, 0.0475, 0.042, 0.0394]
    assert all(lane.dark == {"tx_power_dbm"} and lane.tx_bias_ma == 0.0 and lane.rx_los for lane in found.lanes)
    assert [found.flags[f"{lane}.rx_power_dbm"] for lane in (1, 2, 3, 4)] == ["low_alarm"] * 4
    assert judging.judge(found)[0] == "undecided_needs_port_state"
    assert "flags_disagree" in judging.findings_of(found)
