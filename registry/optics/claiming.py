"""What a warranty claim on a module can rest on: its own readings against the limits that it must keep to."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry.assets.service import get_asset
from registry.kernel.access import Actor
from registry.kernel.language import N_, _
from registry.optics.concluding import ends_of, series_of
from registry.optics.decoder.records import Limits, Module
from registry.optics.models import Optic
from registry.optics.profiles import profile_of
from registry.optics.service import optic_of
from registry.optics.verdicts.judging import is_up
from registry.optics.verdicts.persistence import Reading
from registry.optics.verdicts.reasons import Value, What
from registry.optics.verdicts.saying import said
from registry.optics.verdicts.states import ALARMS, HIGH, LOW, lanes_in_use, limits_of, states_of
from registry.optics.verdicts.units import UNITS
from registry.warranty.facts import Reading as Measured
from registry.warranty.facts import ReadingSchema

DARKEST = Decimal("-40")  # dBm: the least that any module's memory can tell, so that no light is at most that much
# As products specify them; the claim's decision compares these names, so they are in no language but one.
NAMES = {"temperature_c": "Temperature", "voltage_v": "Supply voltage", "tx_bias_ma": "Tx bias",
         "tx_power_dbm": "Tx power", "rx_power_dbm": "Rx power"}  # fmt: skip
CAUSES = {"worn_laser": "wear", "transmitter_out_of_spec": "module", "transmitter_fault": "module",
          "link_or_far_end": "module"}  # fmt: skip
ABOUT = {"worn_laser": ("tx_power_dbm", "tx_bias_ma"), "transmitter_out_of_spec": ("tx_power_dbm", "tx_bias_ma"),
         "transmitter_fault": ("tx_bias_ma", "tx_power_dbm"), "link_or_far_end": ("rx_power_dbm",),
         "receiver_overload": ("rx_power_dbm",)}  # fmt: skip
SENTENCES = {
    "claimable": N_("The module fails to meet its specified technical parameters: its own readings carry a claim."),
    "no_reading": N_("There is no reading of this module yet, so that nothing can be said of it. Upload one."),
    "within_spec": N_("What the module reports is within its limits: that carries no claim."),
    "link_or_far_end": N_(
        "The light is lost on the link or at the far end: that carries no claim on this module. A loopback or a swap on"
        " record can show that it is its receiver."
    ),
    "clean_and_retest": N_("The connector has to be cleaned and the module read again before anything can be claimed."),
    "receiver_overload": N_("The receiver gets too much light: that is the link's fault and carries no claim."),
    "environment": N_("Temperature or supply voltage is beyond its limits: that has to be settled first."),
    "undecided_needs_port_state": N_(
        "Nothing can be claimed before the module is read with a port that is known to be up."
    ),
    "dom_unreliable": N_("The module's readings cannot be relied upon, so that nothing can be claimed by them."),
    "no_dom": N_("Nothing was measured of this module's light, so that nothing can be claimed by readings."),
    "not_persistent": N_(
        "The readings point at the module, but are not enough for a claim yet: see the reasons for what is missing."
    ),
}
BEYOND = ALARMS | LOW | HIGH
NOTHING: dict[str, Any] = {
    "verdict": "no_dom", "claimable": False, "cause": None, "fault": "", "fault_on": None, "lane": None, "dark": False,
    "reading": None, "operating": [], "reasons": [],
}  # fmt: skip


def claim_facts(actor: Actor, asset_id: int) -> dict[str, Any]:
    """{asset, verdict, claimable, told, cause, fault, fault_on, lane, dark, reading, operating, reasons} of an optic.

    `reading`: the parameter that decides, {parameter, value, limit_min, limit_max, unit} with numbers as text, None
    where nothing was measured; `operating`: temperature and supply voltage against their limits, alike: both as
    ReadingSchema of the warranties takes them. `cause`, `fault`, `fault_on` (when the failure was first read): for the
    claim, None and "" unless it is claimable. `told`: in words whether the module's readings carry a claim, and why
    not. `dark`: there was no light, and the value is the most that it can have been.
    """
    asset = get_asset(actor, asset_id)
    actor.must("asset.view", asset.customer_id)
    optic = optic_of(actor, asset_id) if asset.kind == "optic" else None
    if optic is None or optic.last_at is None:
        return {"asset": asset_id, **NOTHING, "told": _sentence("no_reading")}
    known = {
        "asset": asset_id, **NOTHING, "verdict": optic.verdict, "claimable": optic.claimable, "told": _told(optic),
        "reasons": said([*optic.reasons, *optic.advice]),
    }  # fmt: skip
    series = _newest_series(optic)
    if not series:
        return known
    agreeing, lanes = _agreeing(optic.verdict, series)
    found = _deciding(optic.verdict, series[0].whole(), lanes if optic.claimable else None)
    known["operating"] = [_plain(one) for one in _operating(series)]
    if found is not None:
        known |= {"reading": _plain(found.measured()), "lane": found.lane, "dark": found.value is None}
    if optic.claimable:
        since = min([each.at for each in agreeing] + ([optic.since] if optic.since else []))
        known |= {"cause": CAUSES.get(optic.verdict), "fault": _fault(optic, found), "fault_on": since.date()}
    return known


def _told(optic: Optic) -> str:
    if optic.claimable:
        return _sentence("claimable")
    return _sentence(optic.verdict if optic.verdict in SENTENCES else "not_persistent")


def _sentence(code: str) -> str:
    return _(SENTENCES[code])


def _newest_series(optic: Optic) -> list[Reading]:
    """Newest first; of a cable the end that was read last."""
    profile = profile_of(optic)
    profile = profile._replace(limits=profile.claims) if optic.claimable else profile
    found = [series_of(optic, end, profile) for end in ends_of(optic)]
    return max((one for one in found if one), key=lambda one: one[0].at, default=[])


def _agreeing(verdict: str, series: Sequence[Reading]) -> tuple[list[Reading], set[int | None]]:
    """Back from the newest reading as long as one lane stays beyond its limit; and the lanes that do."""
    found, lanes = [series[0]], _lanes_beyond(verdict, series[0].whole())
    for each in series[1:]:
        module = each.whole()
        staying = lanes & _lanes_beyond(verdict, module)
        if is_up(module.port):
            if lanes and not staying:
                break
            lanes = staying
        found.append(each)
    return found, lanes


def _lanes_beyond(verdict: str, module: Module) -> set[int | None]:
    return {one.lane for name in ABOUT.get(verdict, ()) for one in _of_lanes(module, name) if one.state in BEYOND}


@dataclass(frozen=True, slots=True)
class Found:
    """A parameter of a lane (or of the module), its value and limits. `value` None: no light."""

    parameter: str
    lane: int | None
    value: float | None
    limits: Limits
    state: str

    def measured(self) -> Measured | None:
        low, high = _number(self.limits.low_alarm), _number(self.limits.high_alarm)
        if self.state == "low_warning":
            low = _number(self.limits.low_warning)
        elif self.state == "high_warning":
            high = _number(self.limits.high_warning)
        value = DARKEST if self.value is None else _number(self.value)
        if value is None or (low is None and high is None):
            return None
        return Measured(NAMES[self.parameter], value, low, high, UNITS[self.parameter])

    @property
    def beyond(self) -> float:
        """How far beyond its limit, for choosing the worst of several lanes; below 0 it is within."""
        low, high = self.limits.low_alarm, self.limits.high_alarm
        value = float(DARKEST) if self.value is None else self.value
        return max(low - value if low is not None else -1e9, value - high if high is not None else -1e9)


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 4) + 0.0)).normalize() + 0


def _deciding(verdict: str, module: Module, lanes: Collection[int | None] | None) -> Found | None:
    """What the verdict rests on: of its parameters the first that is beyond an alarm limit, else beyond a warning
    limit, else the transmit power as it is. `lanes`: those that count, where there are any."""
    names = ABOUT.get(verdict, ("tx_power_dbm",))
    found = [one for name in names for one in _of_lanes(module, name)]
    found = [one for one in found if lanes and one.lane in lanes] or found
    for states in (ALARMS | {"dark"}, LOW | HIGH):
        beyond = [one for one in found if one.state in states]
        if beyond:
            return max(beyond, key=lambda one: (-names.index(one.parameter), one.beyond))
    return max(found, key=lambda one: one.beyond, default=None)


def _of_lanes(module: Module, name: str) -> Iterator[Found]:
    states = states_of(module)
    for lane in lanes_in_use(module):
        key = f"{lane.lane}.{name}"
        limits, _given = limits_of(module, key)
        value, state = getattr(lane, name), states[key]
        if limits is not None and (value is not None or state == "dark"):
            yield Found(name, lane.lane if len(module.lanes) > 1 else None, value, limits, state)


def _operating(series: Sequence[Reading]) -> Iterator[Measured | None]:
    """Temperature and supply voltage of the newest reading; of all that count the one furthest beyond its limits."""
    for name in ("temperature_c", "voltage_v"):
        found = []
        for each in series:
            module = each.whole()
            limits, _given = limits_of(module, name)
            value = getattr(module, name)
            if limits is not None and value is not None:
                found.append(Found(name, None, value, limits, "ok"))  # alarm limits: a warning is within them
        if found:
            worst = max(found, key=lambda one: one.beyond)
            yield (worst if worst.beyond > 0 else found[0]).measured()


def _plain(measured: Measured | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = ReadingSchema().dump(measured) if measured is not None else None
    return found


def _fault(optic: Optic, found: Found | None) -> str:
    """A sentence for the claim, in the language of the moment."""
    first = said(optic.reasons[:1])
    text = first[0]["text"] if first else ""
    if found is None or text:
        return text
    return f"{What(found.parameter, found.lane or 0).said()}: {Value(found.parameter, found.value).said()}"
