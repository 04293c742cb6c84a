"""A module from the memory of an SFP, by SFF-8472. The places of all fields: map_8472.py."""

from collections.abc import Callable, Mapping
from typing import Any

from registry.optics.decoder import codes, common
from registry.optics.decoder.common import Findings
from registry.optics.decoder.map_8472 import SFF_8472
from registry.optics.decoder.memory import Memory, image_of
from registry.optics.decoder.naming import cable_end
from registry.optics.decoder.records import Checksum, Lane, Module, Port

_BY_NAME = {field.name: field for field in SFF_8472.fields}
_TEN_GIGABIT, _TWENTY_FIVE_GIGABIT = 9_800, 24_000  # MBd: CPRI at 9,830 and above; 25GBASE, 32GFC
_FLAG_BITS = (("temperature_c", 14), ("voltage_v", 12), ("1.tx_bias_ma", 10), ("1.tx_power_dbm", 8),
              ("1.rx_power_dbm", 6))  # the lower of a parameter's two bits  # fmt: skip
_POWER_LEVELS = {0: 1.0, 1: 1.5, 2: 2.0, 3: 2.0}  # by byte 64 bits 5 and 1
_OPTIONS = {4: "TX_DISABLE", 3: "TX_FAULT", 2: "LOS inverted", 1: "LOS", 5: "RATE_SELECT", 6: "tunable",
            11: "CDR", 10: "cooled", 12: "paging", 8: "linear receiver"}  # fmt: skip
_REVISIONS = {1: "9.3", 2: "9.5", 3: "10.2", 4: "10.4", 5: "11.0", 6: "11.3", 7: "11.4", 8: "12.3", 9: "12.4"}
_PASSIVE, _ACTIVE = 4, 8  # of byte 8


def decode(memory: Memory) -> Module:
    """Everything that A0h and, where it was read, A2h say. Whatever is missing or odd is a finding."""
    findings = Findings()
    values = SFF_8472.values(memory.pages)
    media = _media(values)
    known = common.identity(values, findings)
    diagnostics = values["diagnostics"]
    speaks = bool((diagnostics or 0) & 0x40)
    dom = None if diagnostics is None else speaks and media != "copper"
    sums = _sums(memory, speaks, findings)
    common.note_gaps(memory.pages, (("A0", 96), *((("A2", 120),) if speaks and "A2" in memory.pages else ())), findings)
    measured = _measured(memory, values, findings) if speaks else {}
    if media == "copper":  # has no light to measure, and may still know its temperature
        measured = {name: value for name, value in measured.items() if name in ("temperature_c", "voltage_v")}
    return Module(
        port=Port(memory.port),
        form_factor=_form_factor(values),
        standard="SFF-8472",
        wavelength_nm=_wavelength(values, media, findings),
        connector=codes.CONNECTORS.get(values["connector"], ""),
        media=media,
        cable_end=cable_end(known["serial"]) if media not in ("", "optical") else "",
        applications=_applications(values),
        dom=dom,
        checksums=sums,
        details=_details(values, media),
        raw=image_of(memory),
        **known,
        **measured,
        findings=tuple(findings),
    )


def _sums(memory: Memory, speaks: bool, findings: Findings) -> tuple[Checksum, ...]:
    found = common.checksum(memory.pages, _BY_NAME["cc_base"], 0, "CC_BASE", findings)
    found += common.checksum(memory.pages, _BY_NAME["cc_ext"], 64, "CC_EXT", findings)
    if speaks and "A2" in memory.pages:
        found += common.checksum(memory.pages, _BY_NAME["cc_dmi"], 0, "CC_DMI", findings)
    return found


def _media(values: Mapping[str, Any]) -> str:
    bits, extended, connector = values["compliance"] or bytes(8), values["extended"], values["connector"]
    if bits[5] & _PASSIVE or bits[0] & 1 or bits[3] & 0x0C or extended in codes.EXTENDED_COPPER:
        return "copper"
    if extended in codes.EXTENDED_ACTIVE_OPTICAL:
        return "active_optical"
    if extended in codes.EXTENDED_ACTIVE_COPPER or bits[0] & 2:
        return "active_copper"
    if bits[5] & _ACTIVE:  # of active copper these are compliance bits with a second byte of zero; of light nanometres
        nanometres = int(values["wavelength"] or 0)
        light = nanometres & 0xFF and common.SHORTEST_NM <= nanometres <= common.LONGEST_NM
        return "active_optical" if light else "active_copper"
    if connector in codes.COPPER_CONNECTORS:
        return "copper"
    return "optical" if connector in codes.CONNECTORS or any(bits) or values["wavelength"] else ""


def _wavelength(values: Mapping[str, Any], media: str, findings: Findings) -> float | None:
    if "copper" in media or (media == "active_optical" and (values["wavelength"] or 0) < common.SHORTEST_NM):
        return None
    return common.wavelength(values["wavelength"], findings)


def _rate(values: Mapping[str, Any]) -> float:
    """Nominal signalling rate in MBd; 0 where it is not given."""
    rate = float(values["rate"] or 0)
    return float(values["rate_upper"] or 0) * 250 if rate == 0xFF * 100 else rate


def _form_factor(values: Mapping[str, Any]) -> str:
    """The identifier is the same for SFP, SFP+ and SFP28: the rate and the standards tell."""
    name = codes.IDENTIFIERS.get(values["identifier"], "")
    if name != "SFP":
        return name
    rate, extended = _rate(values), values["extended"]
    if extended in codes.EXTENDED_100G:
        return "SFP112"
    if extended in codes.EXTENDED_50G:
        return "SFP56"
    if rate >= _TWENTY_FIVE_GIGABIT or extended in codes.EXTENDED_25G:
        return "SFP28"
    ten = (values["compliance"] or bytes(1))[0] & 0xF0
    return "SFP+" if rate >= _TEN_GIGABIT or ten or extended in codes.EXTENDED_10G else "SFP"


def _applications(values: Mapping[str, Any]) -> tuple[str, ...]:
    named = codes.named(values["compliance"] or b"", codes.COMPLIANCE_8472)
    extended = codes.EXTENDED.get(values["extended"])
    return (extended, *named) if extended else named


def _details(values: Mapping[str, Any], media: str) -> dict[str, Any]:
    options = values["options"] or 0
    cable = media != "optical"
    return common.details(
        values, "length_om1", "length_om2", "length_om3",
        length_smf=0 if cable else max(values["length_smf_km"] or 0, (values["length_smf"] or 0) / 1000) * 1000,
        **{"length_cable" if cable else "length_om4": (values["length_cable"] or 0) * (1 if cable else 10)},
        rate=_rate(values),
        revision_of_standard=_REVISIONS.get(values["revision_of_standard"]),
        encoding=codes.ENCODINGS_8472.get(values["encoding"]),
        power_most=None if options & 0x4000 else _POWER_LEVELS[options >> 12 & 2 | options >> 9 & 1],
        options=[name for bit, name in _OPTIONS.items() if options >> bit & 1],
        calibration="external" if (values["diagnostics"] or 0) & 0x10 else "internal" if values["diagnostics"] else "",
        power_kind="average" if (values["diagnostics"] or 0) & 8 else "OMA" if values["diagnostics"] else "",
    )  # fmt: skip


# --- What it measures ------------------------------------------------------------------------------------------------


def _measured(memory: Memory, values: dict[str, Any], findings: Findings) -> dict[str, Any]:
    page = memory.pages.get("A2", b"")
    if values["rx_power"] is None:
        findings.add("diagnostics_not_read")
        return {}
    if common.blank(page[96:110]):
        findings.add("diagnostics_blank")
        return {}
    if (values["status"] or 0) & 1:
        findings.add("module_not_ready")
    if not _calibrate(values, findings):
        return {}
    return {
        "temperature_c": round(values["temperature"], 4),
        "voltage_v": round(values["voltage"], 4),
        "lanes": (_lane(values),),
        "limits": common.limits(values),
        "flags": _flags(values, findings),
    }


def _lane(values: Mapping[str, Any]) -> Lane:
    status, enhanced = values["status"] or 0, values["enhanced"] or 0
    return common.lane(
        1,
        values["bias"],
        values["tx_power"],
        values["rx_power"],
        tx_disabled=bool(status & 0xC0) if enhanced & 0x40 else None,
        tx_fault=bool(status & 4) if enhanced & 0x20 else None,
        rx_los=bool(status & 2) if enhanced & 0x10 else None,
    )


def _flags(values: Mapping[str, Any], findings: Findings) -> dict[str, str]:
    alarms, warnings = values["alarms"], values["warnings"]
    if not (values["enhanced"] or 0) & 0x80 or alarms is None or warnings is None:
        return {}
    return common.said({
        name: common.nibble((alarms >> bit & 3) << 2 | warnings >> bit & 3, findings) for name, bit in _FLAG_BITS
    })  # fmt: skip


def _calibrate(values: dict[str, Any], findings: Findings) -> bool:
    """Externally calibrated: what the converter saw becomes what it means, readings and thresholds alike.

    Each is slope times value plus offset, the received power a polynomial of the fourth degree in units of 0.1 uW.
    False: the constants cannot be right, and nothing that was measured means anything.
    """
    kind = values["diagnostics"] & 0x30
    slopes = [values[f"{name}_slope"] for name in ("temperature", "voltage", "bias", "tx_power")]
    if kind == 0x30:
        findings.add("calibration_contradictory")
    if kind == 0x20 or not kind:
        return True
    coefficients = values["rx_power_coefficients"]
    usable = all(slopes) and any(coefficients[:4]) and all(abs(value) < 1e9 for value in coefficients)
    if not usable:
        findings.add("calibration_invalid")
        return kind == 0x30
    if kind == 0x30 and _neutral(values):
        return True
    for name in ("temperature", "voltage", "bias", "tx_power"):
        slope, offset = values[f"{name}_slope"], values[f"{name}_offset"]
        _replace(values, name, lambda raw, slope=slope, offset=offset: slope * raw + offset)  # type: ignore[misc]
    _replace(values, "rx_power", lambda power: _polynomial(coefficients, power * 10) / 10)
    return True


def _neutral(values: Mapping[str, Any]) -> bool:
    names = ("temperature", "voltage", "bias", "tx_power")
    return all(values[f"{name}_slope"] == 1 and not values[f"{name}_offset"] for name in names)


def _replace(values: dict[str, Any], name: str, calibrated: Callable[[float], float]) -> None:
    values[name] = calibrated(values[name])
    values[f"{name}_limits"] = tuple([calibrated(raw) for raw in values[f"{name}_limits"]])


def _polynomial(coefficients: tuple[float, ...], raw: float) -> float:
    found = 0.0
    for coefficient in coefficients:
        found = found * raw + coefficient
    return found
