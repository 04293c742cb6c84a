"""A module as data and as a few lines of text: what commands and the API answer."""

from typing import Any

from registry.optics.decoder.naming import made_on
from registry.optics.decoder.records import Limits, Module
from registry.optics.verdicts.judging import findings_of, judge
from registry.optics.verdicts.states import shown_states

DIGITS = 4  # behind the point; no memory measures more finely
_STEPS = ("high_alarm", "high_warning", "low_warning", "low_alarm")
_IDENTITY = ("form_factor", "standard", "vendor", "oui", "part_number", "revision", "serial", "date_code")
_UNITS = {"temperature_c": "degrees C", "voltage_v": "V", "tx_bias_ma": "mA", "tx_power_dbm": "dBm",
          "rx_power_dbm": "dBm"}  # fmt: skip
_NAMES = {"temperature_c": "temperature", "voltage_v": "voltage", "tx_bias_ma": "TX bias", "tx_power_dbm": "TX power",
          "rx_power_dbm": "RX power"}  # fmt: skip


def as_data(module: Module) -> dict[str, Any]:
    """Everything about a module in plain types. Numbers in the units that their names end in; null is not measured, or,
    with the state `dark`, no light."""
    verdict, reasons = judge(module)
    return {
        "port": module.port.name,
        **{name: getattr(module, name) for name in _IDENTITY},
        "date_code": made_on(module.date_code),
        "wavelength_nm": rounded(module.wavelength_nm),
        "connector": module.connector,
        "checksums": [
            {"name": one.name, "stored": one.stored, "computed": one.computed, "ok": one.ok} for one in module.checksums
        ],
        "readings": measured(module),
        "thresholds": {name: _limits(limits) for name, limits in module.limits.items()},
        "states": shown_states(module),
        "findings": list(findings_of(module)),
        "verdict": verdict,
        "reasons": [str(reason) for reason in reasons],
    }


def measured(module: Module) -> dict[str, Any]:
    """What it measures: temperature_c, voltage_v, and lanes."""
    return {
        "temperature_c": rounded(module.temperature_c),
        "voltage_v": rounded(module.voltage_v),
        "lanes": [
            {
                "lane": lane.lane,
                "tx_bias_ma": rounded(lane.tx_bias_ma),
                "tx_power_dbm": rounded(lane.tx_power_dbm),
                "rx_power_dbm": rounded(lane.rx_power_dbm),
            }
            for lane in module.lanes
        ],
    }


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _limits(limits: Limits) -> dict[str, float | None]:
    return {step: rounded(getattr(limits, step)) for step in _STEPS}


def as_lines(module: Module) -> list[str]:
    """The same for somebody at a terminal: identity, one line for each thing measured, and the conclusion."""
    data = as_data(module)
    named = [data["vendor"], data["part_number"], data["serial"]]
    title = " ".join(part for part in named if part) or "(no identity)"
    lines = [f"{data['port']}: {title}" if data["port"] else title]
    about = [data["form_factor"], data["standard"], " / ".join(module.applications), data["connector"],
             f"{module.wavelength_nm:g} nm" if module.wavelength_nm else "", module.date_code]  # fmt: skip
    if any(about):
        lines.append("  " + ", ".join(part for part in about if part))
    if data["checksums"]:
        sums = (f"{one['name']} {'ok' if one['ok'] else 'WRONG'}" for one in data["checksums"])
        lines.append("  checksums: " + ", ".join(sums))
    unused = {str(lane.lane) for lane in module.lanes if lane.in_use is False}
    lines += [
        _measured(module, key, state)
        for key, state in data["states"].items()
        if state != "not_reported" and key.partition(".")[0] not in unused
    ]
    if data["findings"]:
        lines.append("  findings: " + ", ".join(data["findings"]))
    lines.append(f"  verdict: {data['verdict']}")
    return lines + [f"    {reason}" for reason in data["reasons"]]


def _measured(module: Module, key: str, state: str) -> str:
    number, _, parameter = key.rpartition(".")
    lane = next((one for one in module.lanes if str(one.lane) == number), None) if number else module
    value = getattr(lane, parameter, None)
    name = f"lane {number} {_NAMES[parameter]}" if number and len(module.lanes) > 1 else _NAMES[parameter]
    limits = module.limits.get(key) or module.limits.get(parameter)
    nothing = "no light" if state == "dark" else "-"
    shown = nothing if value is None else f"{value:.3f} {_UNITS[parameter]}"
    allowed = f"  [{_said(limits.low_alarm)} to {_said(limits.high_alarm)}]" if limits else ""
    return f"  {name:<20} {shown:>18}  {state}{allowed}"


def _said(limit: float | None) -> str:
    return "-" if limit is None else f"{limit:g}"
