"""A module that is being read: filled piece by piece, whatever the order of the text."""

from dataclasses import dataclass, field
from typing import Any

from registry.optics.decoder import naming
from registry.optics.decoder.readers.text import MARKS, Measure
from registry.optics.decoder.records import PER_LANE, Lane, Limits, Module, Port

_STEPS = ("low_warning", "high_warning", "low_alarm", "high_alarm")  # the loudest last
LARGEST_LANE = 16


@dataclass(slots=True)
class Draft:
    """Everything that a text said of one port so far. `every_lane`: what it says of all lanes at once."""

    port: str = ""
    admin_up: bool | None = None
    oper_up: bool | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    lanes: dict[int, dict[str, Any]] = field(default_factory=dict)
    limits: dict[str, dict[str, float]] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    impossible: set[str] = field(default_factory=set)  # flags that contradict each other
    every_lane: dict[str, Any] = field(default_factory=dict)
    megabaud: float | None = None
    lane_count: int = 0  # lanes of light, where the text says how many

    def word(self, name: str, text: str) -> None:
        """A field of identity; what is said first stands."""
        value: Any = naming.clean(text)
        if name == "oui":
            value = naming.oui(text)
        elif name == "date_code":
            value = naming.date_code(text)
        elif name == "form_factor":
            value = naming.form_factor(text)
        if value and not self.fields.get(name):
            self.fields[name] = value

    def read(self, parameter: str, measured: Measure, lane: int = 1) -> None:
        """What a parameter measures, with its mark where it has one. `lane` counts from 1."""
        key = key_of(parameter, lane)
        if parameter not in PER_LANE:
            if measured.value is not None:
                self.fields.setdefault(parameter, measured.value)
        elif 0 < lane <= LARGEST_LANE:
            kept = self.lanes.setdefault(lane, {})
            if measured.value is not None and parameter not in kept.get("dark", ()):
                kept.setdefault(parameter, measured.value)
            elif measured.dark and parameter not in kept:
                kept["dark"] = kept.get("dark", frozenset()) | {parameter}
        if measured.mark:
            self.flag(key, MARKS[measured.mark])

    def flag(self, key: str, state: str) -> None:
        """What the module or its host raises; the loudest of several stands, too low and too high at once neither."""
        before = self.flags.get(key)
        if before is not None and {before.partition("_")[0], state.partition("_")[0]} == {"low", "high"}:
            self.findings.append("flags_contradictory")
            self.impossible.add(key)
        if before is None or before == "ok" or (state in _STEPS and _STEPS.index(state) > _STEPS.index(before)):
            self.flags[key] = state

    def limit(self, parameter: str, step: str, value: float | None, lane: int = 1) -> None:
        """One threshold. Lane 1's are everybody's; a lane's own ones are kept beside them where they differ."""
        if value is None:
            return
        common = self.limits.setdefault(parameter, {})
        if step not in common or parameter not in PER_LANE or common[step] == value:
            common.setdefault(step, value)
        else:
            self.limits.setdefault(f"{lane}.{parameter}", {}).setdefault(step, value)

    def lane(self, lane: int, **said: Any) -> None:
        """Whatever else is said of a lane: tx_disabled, tx_fault, rx_los ..."""
        if 0 < lane <= LARGEST_LANE:
            kept = self.lanes.setdefault(lane, {})
            for name, value in said.items():
                if value is not None:
                    kept[name] = value

    @property
    def empty(self) -> bool:
        """Nothing of a module was said: no identity, nothing measured."""
        measured = any(set(lane) & {*PER_LANE, "dark"} for lane in self.lanes.values())
        named = any(self.fields.get(name) for name in ("vendor", "part_number", "serial", "temperature_c", "voltage_v"))
        told = self.fields.get("dom") is False and self.fields.get("form_factor")  # what it is, and that it is no more
        return not (measured or named or told)

    def module(self) -> Module:
        fields = {"media": "", **self.fields}
        fields["form_factor"] = naming.sfp_of(fields.get("form_factor", ""), self.megabaud)
        if fields["media"] and fields["media"] != "optical":
            fields.setdefault("cable_end", naming.cable_end(fields.get("serial", "")))
        whole = {key: self._limits(key) for key in self.limits}
        lanes = self.lanes if self.lanes or not self.every_lane else {1: {}}
        for lane in lanes if self.lane_count else ():
            lanes[lane]["in_use"] = lane <= self.lane_count
        return Module(
            port=Port(self.port[:64], self.admin_up, self.oper_up),
            lanes=tuple(Lane(lane, **{**self.every_lane, **said}) for lane, said in sorted(lanes.items())),
            limits=whole,
            flags={key: state for key, state in self.flags.items() if key not in self.impossible},
            findings=tuple(dict.fromkeys(self.findings)),
            **fields,
        )

    def _limits(self, key: str) -> Limits:
        common = self.limits.get(key.partition(".")[2], {})
        return Limits(**{**common, **self.limits[key]})


def key_of(parameter: str, lane: int) -> str:
    """The name of a parameter in flags and states: "temperature_c", "2.tx_power_dbm"."""
    return f"{lane}.{parameter}" if parameter in PER_LANE else parameter


def modules(drafts: list[Draft]) -> list[Module]:
    """Those of which something was said."""
    return [draft.module() for draft in drafts if not draft.empty]
