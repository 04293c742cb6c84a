"""Why a module was judged as it was: complete sentences in the language of the moment, with a code and their values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.kernel.language import N_, _
from registry.optics.verdicts.units import DIGITS, UNITS

PARAMETER_WORDS = {
    "temperature_c": N_("temperature"),
    "voltage_v": N_("supply voltage"),
    "tx_bias_ma": N_("laser bias current"),
    "tx_power_dbm": N_("transmit power"),
    "rx_power_dbm": N_("receive power"),
}
STATE_WORDS = {
    "ok": N_("within its limits"),
    "low_warning": N_("low warning"),
    "high_warning": N_("high warning"),
    "low_alarm": N_("low alarm"),
    "high_alarm": N_("high alarm"),
    "dark": N_("no light"),
}

SENTENCES = {
    "copper": N_(
        "This is a copper cable: there is no light in it to measure. Test the link with another cable that is known to"
        " work."
    ),
    "no_dom": N_(
        "The module cannot measure itself (no DOM), so that nothing can be said of its light. Test the link with a"
        " module that is known to work."
    ),
    "not_read": N_(
        "No measurements are in what was uploaded, so that nothing can be said of the module's light. Upload its"
        " diagnostics, too: the memory with A2h or page 11h, or the command in its detailed form."
    ),
    "no_light_reported": N_(
        "The module reports its temperature or supply voltage, but no light: nothing can be said of its transmitter and"
        " receiver."
    ),
    "checksum": N_(
        "The checksum %(name)s over the module's diagnostics is %(stored)s in its memory, and should be %(computed)s:"
        " its readings and limits cannot be relied upon. Read it again in another port; if it stays so, the memory is"
        " altered or corrupt."
    ),
    "no_limits": N_(
        "No usable limits for the module's light are known, so that its readings were not judged. Upload the command in"
        " its detailed form; where the module itself has none, compare with the data sheet of its part number."
    ),
    "diagnostics_broken": N_(
        "What the module says of itself contradicts itself or is blank: its readings cannot be relied upon. Take the"
        " module out, put it in again, and read it once more."
    ),
    "thresholds_invalid": N_(
        "The limits that the module gives for %(what)s are all zero, all equal or out of order: it was not judged."
    ),
    "flags_disagree": N_(
        "The module says %(flag)s for %(what)s, but by its own limits %(value)s is %(ours)s. The module's word was"
        " taken."
    ),
    "port_down": N_(
        "The port is administratively down, where low readings mean nothing: %(what)s is %(value)s. Enable the port and"
        " read the module again."
    ),
    "transmitter_off": N_(
        "The transmitter of lane %(lane)s is switched off, where low readings mean nothing: %(what)s is %(value)s."
        " Switch it on and read the module again."
    ),
    "port_off": N_(
        "The port is administratively down: whatever it reads, nothing can be said of this module's transmitter and"
        " receiver. Enable the port and read the module again."
    ),
    "lanes_unused": N_(
        "None of the module's lanes is in use, so that nothing can be said of its transmitter and receiver. Bring the"
        " port up and read the module again."
    ),
    "laser_off": N_(
        "The transmitter of lane %(lane)s is switched off: whatever it reads, nothing can be said of it. Switch it on"
        " and read the module again."
    ),
    "host_silent": N_(
        "The switch sends no signal into lane %(lane)s, so that its transmitter was not judged. Check the port's"
        " configuration, and read the module again."
    ),
    "port_unknown": N_(
        "%(what)s is %(value)s, which is the same in a failed module and in a port that is switched off. Read the"
        " module again with the port up, and give the state of the port."
    ),
    "fault_port_unknown": N_(
        "The module reports a transmitter fault in lane %(lane)s, but the state of the port is not known. Read the"
        " module again with the port up, and give the state of the port."
    ),
    "fault_off": N_(
        "The module reports a transmitter fault in lane %(lane)s, but the port or the transmitter is switched off,"
        " where that means nothing. Switch it on and read the module again."
    ),
    "transmitter_fault": N_(
        "The module reports a transmitter fault in lane %(lane)s while the port is up. Take the module out and put it"
        " in again once; if the fault comes back, the module has failed."
    ),
    "lane_dead": N_(
        "%(what)s is %(value)s, and lane %(lane)s neither sends nor receives light, like a lane whose own port is"
        " switched off. Give the state of the port that uses this lane, and read the module again."
    ),
    "lanes_idle": N_(
        "Lanes %(first)s to %(last)s have no current and no light in either direction: they were taken as not in use."
    ),
    "laser_dead": N_(
        "%(what)s is %(value)s while the port is up: no current flows through the laser. The module has failed."
    ),
    "bias_impossible": N_(
        "%(what)s is %(value)s although light is sent: the module's measurement of it cannot be true. Compare with"
        " another module of the same part number."
    ),
    "bias_denied": N_(
        "%(what)s is %(value)s while the port is up, but the module raises no alarm for it: one of the two is wrong."
        " Take the module out, put it in again, and read it once more."
    ),
    "worn_laser": N_(
        "%(what)s is %(value)s, beyond %(limit)s, while %(other)s is %(current)s, beyond %(other_limit)s: the laser"
        " gives less light for more current. It is worn; plan its replacement."
    ),
    "worn_since_baseline": N_(
        "%(what)s is %(value)s, beyond %(limit)s, while %(other)s has risen from %(before)s to %(current)s since the"
        " module was put into service: the laser gives less light for more current. It is worn; plan its replacement."
    ),
    "transmit_low": N_(
        "%(what)s is %(value)s, beyond %(limit)s, while the laser's current is not high. Clean the module's"
        " connector and read it again."
    ),
    "transmit_low_alone": N_(
        "%(what)s is %(value)s, beyond %(limit)s, and nothing can be said of the laser's current. Clean the"
        " module's connector and read it again."
    ),
    "out_of_spec": N_(
        "%(what)s is %(value)s, beyond %(limit)s. The transmitter is outside its specification; compare with a second"
        " reading."
    ),
    "receive_low": N_(
        "%(what)s is %(value)s, beyond %(limit)s, while the module's own transmitter gives no cause for complaint: the"
        " light is lost on the link or at the far end. Clean and check the fibre and measure the far end; only a"
        " loopback or a swap tells whether it is this receiver."
    ),
    "receive_low_too": N_(
        "%(what)s is %(value)s, beyond %(limit)s, too. Settle the transmitter first; then look at the link."
    ),
    "receive_high": N_(
        "%(what)s is %(value)s, beyond %(limit)s: too much light for this receiver. Check the attenuation and whether"
        " the far end is meant for this distance; put an attenuator in."
    ),
    "environment": N_(
        "%(what)s is %(value)s, beyond %(limit)s. Compare with the modules beside it in the same device first: if they"
        " read the same, it is the cooling or the supply, not this module."
    ),
    "near_limit": N_(
        "%(what)s is %(value)s, beyond %(limit)s, but not beyond an alarm limit. Watch it."
    ),
    "within": N_("What the module reports is within its limits."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class What:
    """A parameter by its name: of one lane where the module has several."""

    parameter: str
    lane: int = 0

    def said(self) -> str:
        name = _(PARAMETER_WORDS[self.parameter])
        return _("%(parameter)s of lane %(lane)s", parameter=name, lane=self.lane) if self.lane else name


@dataclass(frozen=True, slots=True)
class Word:
    """A state by its name."""

    state: str

    def said(self) -> str:
        return _(STATE_WORDS[self.state])


@dataclass(frozen=True, slots=True)
class Value:
    """A value with its unit; no light where it is None."""

    parameter: str
    value: float | None

    def said(self) -> str:
        if self.value is None:
            return _("too little to measure (no light)")
        return f"{round(self.value, DIGITS[self.parameter]) + 0.0:g} {UNITS[self.parameter]}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit by its name and value; where only the module knows it, by what it raises."""

    parameter: str
    state: str
    value: float | None

    def said(self) -> str:
        step = _(STATE_WORDS[self.state])
        if self.value is None:
            return _("the limit at which the module says %(state)s", state=step)
        return _("its limit for %(state)s of %(value)s", state=step, value=Value(self.parameter, self.value))


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence: `code` is its name in SENTENCES, `values` are what stands in it."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def said(self) -> str:
        """In the language of the moment."""
        text = _(SENTENCES[self.code], **self.values)
        return text[:1].upper() + text[1:]

    def __str__(self) -> str:
        return self.said()
