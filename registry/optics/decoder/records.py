"""What is known of one module at one moment: plain frozen data, the same whichever way it was read.

Units: temperature in degrees Celsius, voltage in volts, bias in milliamperes, power in dBm (None with the state `dark`
when there is too little light to measure, never 0), wavelength in nanometres.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STATES = (
    "ok", "low_warning", "high_warning", "low_alarm", "high_alarm", "dark", "not_reported", "thresholds_invalid",
)  # fmt: skip
VERDICTS = (
    "within_spec", "link_or_far_end", "worn_laser", "transmitter_out_of_spec", "transmitter_fault", "clean_and_retest",
    "receiver_overload", "environment", "undecided_needs_port_state", "dom_unreliable", "no_dom",
)  # fmt: skip
CLAIMABLE = ("worn_laser", "transmitter_out_of_spec", "transmitter_fault")
PARAMETERS = ("temperature_c", "voltage_v", "tx_bias_ma", "tx_power_dbm", "rx_power_dbm")
PER_LANE = ("tx_bias_ma", "tx_power_dbm", "rx_power_dbm")


@dataclass(frozen=True, slots=True)
class Checksum:
    """A sum over part of the memory. `name`: CC_BASE, CC_EXT, CC_DMI, PAGE_00, PAGE_01, PAGE_02 ..."""

    name: str
    stored: int
    computed: int

    @property
    def ok(self) -> bool:
        return self.stored == self.computed


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds of one parameter, in its unit; None where the module gives none."""

    high_alarm: float | None = None
    high_warning: float | None = None
    low_warning: float | None = None
    low_alarm: float | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """What one lane measures. `dark`: names of powers below what can be measured. `absent`: not reported at all."""

    lane: int
    tx_bias_ma: float | None = None
    tx_power_dbm: float | None = None
    rx_power_dbm: float | None = None
    dark: frozenset[str] = frozenset()
    tx_disabled: bool | None = None
    tx_fault: bool | None = None
    tx_los: bool | None = None
    rx_los: bool | None = None
    in_use: bool | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """What the switch says of the port: None where it says nothing."""

    name: str = ""
    admin_up: bool | None = None
    oper_up: bool | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """One module. `flags`: what the module itself raises, parameter or "lane.parameter" (lanes count from 1) -> state;
    a parameter that its flags cover and that is fine stands there as "ok". `raw`: its memory, where that was read."""

    port: Port = field(default_factory=Port)
    form_factor: str = ""  # SFP, SFP+, SFP28, QSFP+, QSFP28, QSFP-DD, OSFP ...
    standard: str = ""  # SFF-8472, SFF-8636, CMIS 4.0 ...
    vendor: str = ""
    oui: str = ""  # 00:17:6a
    part_number: str = ""
    revision: str = ""
    serial: str = ""
    date_code: str = ""  # YYYY-MM-DD, followed by the lot where there is one; as printed where it is no date
    wavelength_nm: float | None = None
    connector: str = ""
    media: str = ""  # optical, copper, active_copper, active_optical, or "" where it is not known
    cable_end: str = ""  # the end of a cable that has two: 1, 2, A, B
    applications: tuple[str, ...] = ()
    dom: bool | None = None  # whether it can measure itself
    temperature_c: float | None = None
    voltage_v: float | None = None
    lanes: tuple[Lane, ...] = ()
    limits: Mapping[str, Limits] = field(default_factory=dict)  # parameter -> Limits
    flags: Mapping[str, str] = field(default_factory=dict)
    checksums: tuple[Checksum, ...] = ()
    findings: tuple[str, ...] = ()  # codes: memory_altered, checksum_missing, truncated, wavelength_implausible ...
    raw: bytes | None = None
    details: Mapping[str, Any] = field(default_factory=dict)  # what else it says: lengths in m, rate in MBd ...
