"""A module from its memory by CMIS 3 to 5. The places of all fields: map_cmis.py."""

from collections.abc import Mapping
from typing import Any

from registry.optics.decoder import cmis_lanes, codes, common
from registry.optics.decoder.applications import MEDIA_TYPES, applications
from registry.optics.decoder.common import Findings
from registry.optics.decoder.map_cmis import CMIS
from registry.optics.decoder.memory import Memory, image_of
from registry.optics.decoder.naming import cable_end
from registry.optics.decoder.records import Checksum, Module, Port

_BY_NAME = {field.name: field for field in CMIS.fields}
_SUMS = (("00", "sum_00", 128, "PAGE_00"), ("01", "sum_01", 130, "PAGE_01"), ("02", "sum_02", 128, "PAGE_02"),
         ("04", "sum_04", 128, "PAGE_04"))  # fmt: skip
_PASSIVE, _ACTIVE, _BASE_T = 3, 4, 5  # media types
_MULTIPLIERS = (0.1, 1, 10, 100)  # of a length, by its two highest bits
_PAGES = {6: "versatile diagnostics, 20h to 2Fh", 5: "diagnostics, 13h and 14h", 2: "the user's own, 03h"}
_FAULT = 5  # the module state


def decode(memory: Memory) -> Module:
    """Everything that the lower half and the upper pages say. Identity needs page 00h alone; whatever else is missing
    or odd is a finding."""
    findings = Findings()
    values = CMIS.values(common.readable(memory.pages))
    known = common.identity(values, findings)
    media = _media(values)
    advertised = _applications(values)
    common.note_gaps(memory.pages, (("lower", 128), ("00", 128)), findings)
    flat = values["memory_model"] is not None and bool(values["memory_model"] & 0x80)
    sums = _sums(memory, flat, findings)
    dom = _dom(values, media, flat)
    measured = cmis_lanes.measured(memory, values, findings) if dom else {}
    if (values["module_state"] or 0) >> 1 & 7 == _FAULT:
        findings.add("module_fault")
    return Module(
        port=Port(memory.port),
        form_factor=codes.IDENTIFIERS.get(values["identifier" if values["identifier"] else "identifier_again"], ""),
        standard=f"CMIS {_revision(values)}".strip(),
        wavelength_nm=None if "copper" in media else common.wavelength(values["wavelength"], findings),
        connector=codes.CONNECTORS.get(values["connector"], ""),
        media=media,
        cable_end=cable_end(known["serial"]) if media not in ("", "optical") else "",
        applications=tuple(dict.fromkeys(str(one["media"]) for one in advertised if one["media"])),
        dom=dom,
        checksums=sums,
        details=_details(values, media, advertised),
        raw=image_of(memory),
        **known,
        **measured,
        findings=tuple(findings),
    )


def _revision(values: Mapping[str, Any]) -> str:
    bits = values["revision_of_standard"]
    return "" if bits is None else f"{bits >> 4}.{bits & 15}"


def _sums(memory: Memory, flat: bool, findings: Findings) -> tuple[Checksum, ...]:
    """Of all pages that were read; a flat memory has no pages but 00h, whatever a reading of others may answer."""
    found: tuple[Checksum, ...] = ()
    for page, name, first, shown in _SUMS:
        if page == "00" or (page in memory.pages and not flat):
            found += common.checksum(memory.pages, _BY_NAME[name], first, shown, findings)
    return found


def _media(values: Mapping[str, Any]) -> str:
    technology, kind = values["technology"], values["media_type"]
    if technology in codes.ACTIVE_COPPER_TECHNOLOGIES:
        return "active_copper"  # also of media type 3: a cable with linear amplifiers
    if kind in (_PASSIVE, _BASE_T) or technology in codes.PASSIVE_TECHNOLOGIES:
        return "copper"
    if kind == _ACTIVE:
        return "active_optical"
    if values["connector"] in codes.COPPER_CONNECTORS:
        return "copper"
    return "optical" if kind in MEDIA_TYPES or values["connector"] in codes.CONNECTORS else ""


def _applications(values: Mapping[str, Any]) -> list[dict[str, object]]:
    found = applications(values["media_type"], values["applications"] or b"")
    if len(found) == len(values["applications"] or b"") // 4:
        found += applications(values["media_type"], values["applications_more"] or b"")
    return found


def _dom(values: Mapping[str, Any], media: str, flat: bool) -> bool | None:
    """Whether it measures anything: a flat memory has no place for lanes and thresholds, passive copper no reason."""
    if values["memory_model"] is None:
        return None
    if flat or media == "copper":
        return False
    lanes = values["lane_monitors"]
    return bool(lanes & 7 or (values["module_monitors"] or 0) & 3) if lanes is not None else True


def _length(bits: int | None, multipliers: tuple[float, ...]) -> float:
    return 0 if bits is None or bits >> 6 >= len(multipliers) else round((bits & 63) * multipliers[bits >> 6], 1)


def _details(values: Mapping[str, Any], media: str, advertised: list[dict[str, object]]) -> dict[str, Any]:
    power_class, firmware, hardware = values["power_class"], values["firmware"], values["hardware"]
    return common.details(
        values, "power_most", "length_om2", "length_om3", "length_om4", "length_om5", "tolerance",
        clei=common.text_of(values["clei"], Findings()),
        length_cable=_length(values["length_cable"], _MULTIPLIERS),
        length_smf=round(_length(values["length_smf"], _MULTIPLIERS[:3]) * 1000),
        power_class=None if power_class is None else (power_class >> 5) + 1,
        technology=codes.TECHNOLOGIES.get(values["technology"]) if values["technology"] is not None else "",
        media_type=MEDIA_TYPES.get(values["media_type"] or 0),
        firmware=".".join(map(str, firmware)) if firmware else "",
        hardware=".".join(map(str, hardware)) if hardware else "",
        attenuation=values["attenuation"] if "copper" in media and any(values["attenuation"] or ()) else None,
        pages=[name for bit, name in _PAGES.items() if (values["pages"] or 0) >> bit & 1],
        laser_temperature=_laser_temperature(values),
        applications=advertised,
    )  # fmt: skip


def _laser_temperature(values: Mapping[str, Any]) -> float | None:
    """Of auxiliary monitor 2 or 3, whichever says that it measures the laser's temperature."""
    monitors, kinds, aux = values["module_monitors"], values["aux_kinds"], values["aux"]
    if monitors is None or kinds is None or aux is None:
        return None
    for number in (1, 2):
        if monitors >> number + 2 & 1 and not kinds >> number & 1:
            return float(aux[number]) / 256
    return None
