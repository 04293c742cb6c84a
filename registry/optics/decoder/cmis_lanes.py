"""What a CMIS module measures: temperature, voltage, its lanes in all banks, flags and limits."""

from collections.abc import Mapping
from typing import Any

from registry.optics.decoder import common
from registry.optics.decoder.common import Findings
from registry.optics.decoder.map_cmis import LANES
from registry.optics.decoder.memory import Memory
from registry.optics.decoder.records import Lane

_AT_ONCE = 8  # lanes of a bank
_BANKS = 4
_LANES_OF = {0x1B: 2, 0x1A: 2, 0x1F: 2, 0x1E: 4, 0x20: 1, 0x11: 4, 0x0D: 4}  # by the identifier; others have 8 or more
_BIAS_SCALES = (1, 2, 4, None)
_ASLEEP = frozenset({1, 2, 4})  # module states: low power, on its way up, on its way down
_DEACTIVATED = 1  # a data path
_TEMPERATURE, _VOLTAGE = 1, 2  # bits of the module's monitors
_BIAS, _TX, _RX = 1, 2, 4  # bits of the lanes' monitors
_ALL = 7


def measured(memory: Memory, values: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """The fields of a Module that hold readings, limits and flags."""
    monitors = values["module_monitors"]
    asleep = (values["module_state"] or 0) >> 1 & 7 in _ASLEEP
    if asleep:
        findings.add("module_not_ready")
    found: dict[str, Any] = {"flags": {}}
    lower = memory.pages.get("lower", b"")
    if not common.blank(lower[14:18]) and values["voltage"] is not None:
        found["temperature_c"] = _if(monitors, _TEMPERATURE, round(values["temperature"], 4))
        found["voltage_v"] = _if(monitors, _VOLTAGE, round(values["voltage"], 4))
        found["flags"] = _module_flags(values, findings)
    scale = _bias_scale(values, findings)
    found["limits"] = common.limits(values, scale)
    pages = common.readable(memory.pages)
    if "11" not in pages:
        findings.add("diagnostics_blank" if "11" in memory.pages else "diagnostics_not_read")
        return found
    lanes: list[Lane] = []
    for bank in range(_BANKS):
        if bank and f"11/{bank}" not in pages:
            break
        ours = LANES.values(pages, bank)
        if ours["rx_power"] is None:
            findings.add("truncated")
            break
        made = _lanes(values, ours, bank, scale, asleep)
        found["flags"] |= _lane_flags(values, ours, made, findings)
        lanes += made
    return found | {"lanes": tuple(lanes)}


def _if(monitors: int | None, bit: int, value: float) -> float | None:
    """A value that is measured; where the advertising page was not read, what stands there."""
    return value if monitors is None or monitors & bit else None


def _bias_scale(values: Mapping[str, Any], findings: Findings) -> int | None:
    """How many times 2 uA a step of bias is; None, and no bias at all, where nothing says so."""
    monitors = values["lane_monitors"]
    scale = None if monitors is None else _BIAS_SCALES[monitors >> 3 & 3]
    if scale is None:
        findings.add("bias_scale_unknown")
    return scale


def _module_flags(values: Mapping[str, Any], findings: Findings) -> dict[str, str]:
    flags, monitors = values["module_flags"], values["module_monitors"]
    known = _TEMPERATURE | _VOLTAGE if monitors is None else monitors
    found: dict[str, str | None] = {}
    for name, bit, shift in (("temperature_c", _TEMPERATURE, 0), ("voltage_v", _VOLTAGE, 4)):
        if known & bit:
            low = flags >> shift
            found[name] = common.raised(low & 1, low & 2, low & 4, low & 8, findings)
    return common.said(found)


def _lanes(
    values: Mapping[str, Any], ours: Mapping[str, Any], bank: int, scale: int | None, asleep: bool
) -> list[Lane]:
    known = _ALL if values["lane_monitors"] is None else values["lane_monitors"]
    count = _LANES_OF.get(values["identifier"], _AT_ONCE)
    tx_flags, rx_flags = values["tx_flags"] or 0, values["rx_flags"] or 0
    switchable = (values["tx_controls"] or 0) & 2
    idle = _all_deactivated(ours, count)
    made = []
    for number in range(min(count, _AT_ONCE)):
        absent = bank == 0 and bool((values["lanes_absent"] or 0) >> number & 1)
        bias = ours["bias"][number] * scale if scale and known & _BIAS else None
        made.append(
            common.lane(
                bank * _AT_ONCE + number + 1,
                bias,
                ours["tx_power"][number] if known & _TX else None,
                ours["rx_power"][number] if known & _RX else None,
                tx_disabled=_bit(ours["tx_disable"], number) if switchable else None,
                tx_fault=_bit(ours["tx_fault"], number) if tx_flags & 1 else None,
                tx_los=_bit(ours["tx_los"], number) if tx_flags & 2 else None,
                rx_los=_bit(ours["rx_los"], number) if rx_flags & 2 else None,
                in_use=False if absent or asleep or idle else None,
            )
        )
    return made


def _all_deactivated(ours: Mapping[str, Any], count: int) -> bool:
    """Whether no data path is up. Paths are of host lanes, which need not be those of the media: all or none."""
    states = [half for byte in ours["data_path"] for half in (byte & 15, byte >> 4)][:count]
    return all(state == _DEACTIVATED for state in states)


def _bit(bits: int | None, number: int) -> bool | None:
    return None if bits is None else bool(bits >> number & 1)


def _lane_flags(
    values: Mapping[str, Any], ours: Mapping[str, Any], lanes: list[Lane], findings: Findings
) -> dict[str, str]:
    known = _ALL if values["lane_monitors"] is None else values["lane_monitors"]
    found: dict[str, str | None] = {}
    for number, lane in enumerate(lanes):
        if lane.in_use is False:
            continue
        for parameter, name, bit in (("tx_bias_ma", "bias", _BIAS), ("tx_power_dbm", "tx_power", _TX),
                                     ("rx_power_dbm", "rx_power", _RX)):  # fmt: skip
            if known & bit:
                four = [bits >> number & 1 for bits in ours[f"{name}_flags"]]
                found[f"{lane.lane}.{parameter}"] = common.raised(four[0], four[1], four[2], four[3], findings)
    return common.said(found)
