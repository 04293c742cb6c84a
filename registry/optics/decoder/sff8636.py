"""A module from the memory of a QSFP+ or QSFP28, by SFF-8636 and its forerunner SFF-8436. Places: map_8636.py."""

from collections.abc import Mapping
from typing import Any

from registry.optics.decoder import codes, common
from registry.optics.decoder.common import Findings
from registry.optics.decoder.map_8636 import SFF_8636
from registry.optics.decoder.memory import Memory, image_of
from registry.optics.decoder.naming import cable_end
from registry.optics.decoder.records import Lane, Module, Port

_BY_NAME = {field.name: field for field in SFF_8636.fields}
_LANES = 4
_REVISIONS = {1: "SFF-8436 4.8", 2: "SFF-8436 4.8", 3: "SFF-8636 1.3", 4: "SFF-8636 1.4", 5: "SFF-8636 1.5",
              6: "SFF-8636 2.0", 7: "SFF-8636 2.5", 8: "SFF-8636 2.8"}  # the first that a code stands for  # fmt: skip
_EIGHT = 8  # the code of revision 2.8: from here on power class 8, and which monitors there are
_TEMPERATURE, _VOLTAGE = 0x20, 0x10  # bits of byte 220
_SAYS_WATTS = (1.5, 2.0, 2.5, 3.5)
_SAYS_MORE_WATTS = {1: 4.0, 2: 4.5, 3: 5.0}
_OPTIONS = {1 << 4: "TX_DISABLE", 1 << 3: "TX_FAULT", 1 << 1: "TX LOS", 1 << 5: "RATE_SELECT", 1 << 7: "page 02h",
            1 << 6: "page 01h"}  # of byte 195  # fmt: skip


def decode(memory: Memory) -> Module:
    """Everything that the lower half and the upper pages say. Whatever is missing or odd is a finding."""
    findings = Findings()
    values = SFF_8636.values(common.readable(memory.pages))
    media = _media(values)
    known = common.identity(values, findings)
    sums = common.checksum(memory.pages, _BY_NAME["cc_base"], 128, "CC_BASE", findings)
    sums += common.checksum(memory.pages, _BY_NAME["cc_ext"], 192, "CC_EXT", findings)
    common.note_gaps(memory.pages, (("lower", 58), ("00", 96)), findings)
    dom = _dom(values, media)
    measured = _measured(memory, values, findings) if dom else {}
    revision = _REVISIONS.get(values["revision_of_standard"] or 0, "")
    return Module(
        port=Port(memory.port),
        form_factor=codes.IDENTIFIERS.get(values["identifier" if values["identifier"] else "identifier_again"], ""),
        standard="SFF-8636",
        wavelength_nm=None if "copper" in media else common.wavelength(values["wavelength"], findings),
        connector=codes.CONNECTORS.get(values["connector"], ""),
        media=media,
        cable_end=cable_end(known["serial"]) if media not in ("", "optical") else "",
        applications=_applications(values),
        dom=dom,
        checksums=sums,
        details=_details(values, media, revision),
        raw=image_of(memory),
        **known,
        **measured,
        findings=tuple(findings),
    )


def _media(values: Mapping[str, Any]) -> str:
    bits, extended, connector = values["compliance"] or bytes(8), values["extended"], values["connector"]
    technology = (values["technology"] or 0) >> 4
    if technology in codes.PASSIVE_TECHNOLOGIES:
        return "copper"
    if technology in codes.ACTIVE_COPPER_TECHNOLOGIES:
        return "active_copper"
    if extended in codes.EXTENDED_ACTIVE_OPTICAL:
        return "active_optical"
    if extended in codes.EXTENDED_ACTIVE_COPPER:
        return "active_copper"
    if bits[0] & 0x08 or bits[3] & 0x0C or extended in codes.EXTENDED_COPPER or connector in codes.COPPER_CONNECTORS:
        return "copper"
    if codes.CONNECTORS.get(connector) == "No separable connector" or bits[0] & 1:
        return "active_optical"  # with a laser, by its technology, and fibres that nobody takes out
    return "optical" if connector in codes.CONNECTORS else ""


def _dom(values: Mapping[str, Any], media: str) -> bool | None:
    """Whether it measures anything. Nothing says so before revision 2.8: cables of copper do not, others do."""
    if values["status"] is None:
        return None
    monitors = (values["temperature"], values["voltage"], *(values["bias"] or ()), *(values["rx_power"] or ()))
    if media == "copper":
        return False
    flat = values["status"] & 4
    return any(monitors) if flat or media in ("", "active_copper") else True


def _applications(values: Mapping[str, Any]) -> tuple[str, ...]:
    named = codes.named(values["compliance"] or b"", codes.COMPLIANCE_8636)
    extended = codes.EXTENDED.get(values["extended"])
    return (extended, *named) if extended else named


def _watts(values: Mapping[str, Any]) -> float | None:
    bits = values["extended_identifier"]
    if bits is None:
        return None
    if (values["revision_of_standard"] or 0) >= _EIGHT and bits & 0x20:
        return float(values["power_most"] or 0) or None
    return _SAYS_MORE_WATTS.get(bits & 3, _SAYS_WATTS[bits >> 6])


def _details(values: Mapping[str, Any], media: str, revision: str) -> dict[str, Any]:
    rate, cable = values["rate"] or 0, media != "optical"
    options = (values["options"] or bytes(3))[2]
    return common.details(
        values, "length_om1", "length_om2", "length_om3", "length_smf", "case_temperature_most",
        tolerance=None if "copper" in media else values["tolerance"],
        **{"length_cable" if cable else "length_om4": (values["length_cable"] or 0) * (1 if cable else 2)},
        rate=(values["rate_extended"] or 0) if rate == 0xFF * 100 else rate,
        encoding=codes.ENCODINGS_8636.get(values["encoding"]),
        technology=codes.TECHNOLOGIES[(values["technology"] or 0) >> 4] if values["technology"] is not None else "",
        power_most=_watts(values),
        options=[name for bit, name in _OPTIONS.items() if options & bit],
        revision_of_standard=revision,
        power_kind="average" if (values["diagnostics"] or 0) & 8 else "OMA" if values["diagnostics"] else "",
    )  # fmt: skip


# --- What it measures ------------------------------------------------------------------------------------------------


def _measured(memory: Memory, values: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    lower = memory.pages.get("lower", b"")
    if values["tx_power"] is None:
        findings.add("diagnostics_not_read")
        return {}
    if common.blank(lower[22:28] + lower[34:58]):
        findings.add("diagnostics_blank")
        return {}
    if values["status"] & 1:
        findings.add("module_not_ready")
    lanes = _lanes(values)
    thresholds = memory.pages.get("03")  # which a flat memory has not, whatever a reading of it may answer
    read = thresholds is not None and not (values["status"] & 4 and common.blank(thresholds))
    return {
        "temperature_c": _monitored(values, "temperature", _TEMPERATURE),
        "voltage_v": _monitored(values, "voltage", _VOLTAGE),
        "lanes": lanes,
        "limits": common.limits(values) if read else {},
        "flags": {} if values["status"] & 4 else _flags(values, lanes, findings),
    }


def _monitored(values: Mapping[str, Any], name: str, bit: int) -> float | None:
    """A reading of the module as a whole. Since revision 2.8 it says which it takes; zero of another is none."""
    silent = (values["revision_of_standard"] or 0) >= _EIGHT and not (values["diagnostics"] or 0) & bit
    return None if silent and not values[name] else round(values[name], 4)


def _lanes(values: Mapping[str, Any]) -> tuple[Lane, ...]:
    """Four lanes. A transmitted power of zero on all is no darkness if the module says that it does not measure it."""
    measures_tx = any(values["tx_power"]) or bool((values["diagnostics"] or 0) & 4)
    options = (values["options"] or bytes(3))[2]
    faults, los = values["faults"], values["los"]
    return tuple([
        common.lane(
            number + 1,
            values["bias"][number],
            values["tx_power"][number] if measures_tx else None,
            values["rx_power"][number],
            tx_disabled=_bit(values["tx_disable"], number) if options & 0x10 else None,
            tx_fault=bool(faults >> number & 1) if options & 8 else None,
            tx_los=bool(los >> number + 4 & 1) if options & 2 else None,
            rx_los=bool(los >> number & 1),
            in_use=False if _bit(values["lanes_absent"], number) else None,
        )
        for number in range(_LANES)
    ])  # fmt: skip


def _bit(bits: int | None, number: int) -> bool | None:
    return None if bits is None else bool(bits >> number & 1)


def _flags(values: Mapping[str, Any], lanes: tuple[Lane, ...], findings: Findings) -> dict[str, str]:
    module = values["module_flags"]
    found = {"temperature_c": common.nibble(module >> 12, findings),
             "voltage_v": common.nibble(module >> 4 & 15, findings)}  # fmt: skip
    for number, lane in enumerate(lanes):
        if lane.in_use is False:
            continue
        shift = 12 - 4 * number
        found[f"{lane.lane}.tx_bias_ma"] = common.nibble(values["bias_flags"] >> shift & 15, findings)
        if lane.tx_power_dbm is not None or lane.dark & {"tx_power_dbm"}:
            found[f"{lane.lane}.tx_power_dbm"] = common.nibble(values["tx_power_flags"] >> shift & 15, findings)
        found[f"{lane.lane}.rx_power_dbm"] = common.nibble(values["rx_power_flags"] >> shift & 15, findings)
    return common.said(found)
