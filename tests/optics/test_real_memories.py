"""Real memories: every value that is known of them, whoever read it first."""

import pytest

from registry.optics.decoder.decoding import decode
from registry.optics.decoder.reading import modules_of
from registry.optics.decoder.records import Module
from registry.optics.showing import as_data
from tests.optics.samples import EEPROM, FOLDER, expected_of, needed, pages_of

KINDS = {"sff8472": "SFF-8472", "sff8636": "SFF-8636", "cmis": "CMIS"}
SUMS = {"cc_base": "CC_BASE", "cc_ext": "CC_EXT", "cc_dmi": "CC_DMI", "page00_checksum": "PAGE_00",
        "page01_checksum": "PAGE_01", "page02_checksum": "PAGE_02"}  # fmt: skip
PARAMETERS = {"temp": "temperature_c", "vcc": "voltage_v", "txbias": "tx_bias_ma", "txpower": "tx_power_dbm",
              "rxpower": "rx_power_dbm"}  # fmt: skip
STEPS = {"highalarm": "high_alarm", "highwarning": "high_warning", "lowwarning": "low_warning", "lowalarm": "low_alarm"}

samples = pytest.mark.parametrize(
    "path", EEPROM or [pytest.param(None, marks=needed)], ids=lambda path: path.stem if path else ""
)


@samples
def test_what_the_standard_says(path):
    module, known = decode(pages_of(path)), expected_of(path)
    said = known["by_the_standard"]
    assert module.standard.split()[0] == KINDS[known["kind"]]
    assert (module.vendor, module.part_number, module.serial) == (
        said["vendor_name"],
        said["vendor_pn"],
        said["vendor_sn"],
    )
    assert (module.oui, module.revision) == (said["vendor_oui"], said["vendor_rev"])
    assert as_data(module)["date_code"] == said["date_code"]
    assert module.raw and module.raw[0] in (int(said["identifier"], 16), ord("#"))
    found = {one.name: {"stored": one.stored, "computed": one.computed, "ok": one.ok} for one in module.checksums}
    assert found == {SUMS[name]: value for name, value in said.items() if name in SUMS}
    if "ddm" in said:
        assert module.dom == said["ddm"]
        assert (module.details.get("calibration") == "external") == said["externally_calibrated"]
    if "cmis_revision" in said:
        assert module.standard == f"CMIS {said['cmis_revision']}" and module.dom is not said["flat_memory"]
    altered = any(not value["ok"] for value in found.values())
    assert ("memory_altered" in module.findings) == altered


@samples
def test_what_another_decoder_found(path):
    """Its readings are rounded to a thousandth, of milliwatts, too, before they become dBm."""
    module, other = decode(pages_of(path)), expected_of(path)["reference_parser"]["result"]
    info = other["info"]
    if info["connector"] != "Unknown or unspecified":
        assert module.connector == info["connector"]
    assert module.form_factor.startswith(info["type_abbrv_name"])
    assert module.date_code == info["vendor_date"].strip()
    if not module.lanes:
        return
    values = other["dom_real_value"]
    assert module.temperature_c == pytest.approx(values["temperature"], abs=0.001)
    assert module.voltage_v == pytest.approx(values["voltage"], abs=0.001)
    for lane in module.lanes:
        assert lane.tx_bias_ma == pytest.approx(values[f"tx{lane.lane}bias"], abs=0.001)
        assert near(lane.tx_power_dbm, values[f"tx{lane.lane}power"])
        assert near(lane.rx_power_dbm, values[f"rx{lane.lane}power"])
    for name, value in other["threshold_info"].items():
        start = next((start for start in PARAMETERS if name.startswith(start)), None)
        if start:
            assert near(getattr(module.limits[PARAMETERS[start]], STEPS[name.removeprefix(start)]), value), name


def near(found: float | None, value: float | None) -> bool:
    return found is None if value is None else found == pytest.approx(value, abs=0.005)


@samples
def test_a_file_as_it_is_gives_the_same(path):
    assert modules_of(path.read_bytes()) == [decode(pages_of(path))]


def sample(name: str) -> Module:
    [module] = modules_of((FOLDER / name).read_bytes())
    return module


@needed
def test_facts_that_are_known_of_single_ones():
    fs = sample("eeprom/qsfp28_fs_ir4_100g.hex")
    assert (fs.wavelength_nm, fs.details["length_smf"], fs.details["power_most"]) == (1302.35, 2000, 3.5)
    arista = sample("eeprom/cmis4_qsfpdd_arista_400g-xdr4_real.hex")
    assert (arista.wavelength_nm, arista.details["power_most"], arista.details["laser_temperature"]) == (1311, 10, 55)
    assert arista.applications[0] == "400GBASE-DR4"
    assert [lane.in_use for lane in arista.lanes] == [None] * 4 + [False] * 4
    brocade = sample("eeprom/sfp_brocade_dac_no_ddm.hex")
    assert (brocade.dom, brocade.media, brocade.wavelength_nm) == (False, "copper", None)
    molex = sample("eeprom/qsfp_molex_1110401054_dac.hex")
    assert (molex.media, molex.wavelength_nm, molex.details["length_cable"]) == ("copper", None, 1)


@needed
def test_a_router_s_print_of_the_same_memory():
    printed = sample("cli/cisco_iosxe_show_idprom_interface_1.txt")
    assert printed == sample("eeprom/sfp_cat9k_idprom_1.hex")
    assert [(one.name, one.stored) for one in printed.checksums] == [("CC_BASE", 0x18), ("CC_EXT", 0x61)]
    assert (printed.revision, printed.wavelength_nm, printed.details["length_om1"]) == ("1.0", 850, 20)
