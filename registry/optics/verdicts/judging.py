"""One module at one moment, judged by its own limits: a verdict of the closed list records.VERDICTS, and why.

In this order: no DOM; diagnostics with a broken checksum; limits that cannot be true; ports, transmitters and lanes
that are switched off, of which nothing can be said; what the module raises itself, which wins over our comparison; then
transmitter, receiver, temperature and voltage. Of several lanes the worst counts. A verdict is never louder than its
evidence: where a port that is switched off would read the same, the verdict is undecided_needs_port_state.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from registry.optics.decoder.records import Lane, Module, Port
from registry.optics.verdicts.ageing import Rise, rises
from registry.optics.verdicts.reasons import Limit, Reason, Value, What, Word
from registry.optics.verdicts.silence import silent
from registry.optics.verdicts.states import (
    ALARMS,
    HIGH,
    LOW,
    NOTHING_DBM,
    disagreements,
    findings_of,
    idle_lanes,
    invalid,
    is_beyond,
    is_dead,
    lanes_in_use,
    limits_of,
    states_of,
)

__all__ = ["LOUDNESS", "findings_of", "is_up", "judge", "states_of"]

LOUDNESS = (  # the quietest first; of several findings the loudest is the verdict
    "no_dom", "within_spec", "environment", "receiver_overload", "link_or_far_end", "undecided_needs_port_state",
    "dom_unreliable", "clean_and_retest", "transmitter_out_of_spec", "worn_laser", "transmitter_fault",
)  # fmt: skip

NO_CURRENT_MA = 0.5  # no laser gives light below it
NO_CURRENT_SHARE = 0.2  # of the low alarm limit, for lasers that need much

Found = tuple[str, Reason]


def judge(module: Module, *, baseline: Module | None = None) -> tuple[str, tuple[Reason, ...]]:
    """The verdict, and the reasons for it: first those that decide, then everything else worth knowing.

    `baseline`: the same module when it was put into service; a current that has risen since then counts as high.
    """
    unjudged = silent(module)
    if unjudged is not None:
        return unjudged
    view = _View(module, states_of(module), is_up(module.port), rises(module, baseline))
    found = [*view.lanes(), *view.environment()]
    found = found or [view.nothing_wrong()]
    verdict = max((verdict for verdict, _ in found), key=LOUDNESS.index)
    first = [reason for kind, reason in found if kind == verdict]
    rest = [reason for kind, reason in found if kind != verdict]
    return verdict, _once([*first, *rest, *view.notes(found)])


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    kept: list[Reason] = []
    for reason in reasons:
        if reason not in kept:
            kept.append(reason)
    return tuple(kept)


def _dark_is_low(state: str) -> str:
    return "low_alarm" if state == "dark" else state


def is_up(port: Port) -> bool | None:
    """Whether a port should be sending light; None where that is not said. A link may be down by this very fault."""
    if port.admin_up is not None:
        return port.admin_up
    return True if port.oper_up else None


@dataclass(frozen=True, slots=True)
class _View:
    """A module with everything that is compared only once."""

    module: Module
    states: dict[str, str]
    up: bool | None
    risen: dict[int, Rise]

    def lanes(self) -> list[Found]:
        if self.module.lanes and not lanes_in_use(self.module):
            return [("undecided_needs_port_state", Reason("lanes_unused"))]
        idle = idle_lanes(self.module)
        return [
            found for lane in lanes_in_use(self.module) if lane.lane not in idle for found in _Lane(self, lane).found()
        ]

    def environment(self) -> Iterator[Found]:
        for name in ("temperature_c", "voltage_v"):
            if self.states[name] in LOW | HIGH:
                yield "environment", Reason("environment", self.said(name))

    def nothing_wrong(self) -> Found:
        light = {key: state for key, state in self.states.items() if "." in key and state != "not_reported"}
        if not light:
            return "no_dom", Reason("no_light_reported")
        if not any(self.is_judged(key, state) for key, state in light.items()):
            return "dom_unreliable", Reason("no_limits")
        return "within_spec", Reason("within")

    def is_judged(self, key: str, state: str) -> bool:
        """Whether a state rests on a limit. No light does not where no limit could be true."""
        return state != "thresholds_invalid" and (state != "dark" or limits_of(self.module, key)[0] is not None)

    def notes(self, found: list[Found]) -> Iterator[Reason]:
        if idle := idle_lanes(self.module):
            yield Reason("lanes_idle", {"first": min(idle), "last": max(idle)})
        for key in invalid(self.module):
            if self.states.get(key if "." in key else f"1.{key}", self.states.get(key)) in (
                "thresholds_invalid",
                "dark",
            ):
                yield Reason("thresholds_invalid", {"what": self.what(key)})
        for key, flag, ours in disagreements(self.module):
            yield Reason(
                "flags_disagree",
                {
                    "what": self.what(key),
                    "flag": Word(flag),
                    "ours": Word(_dark_is_low(ours)),
                    "value": self.value(key),
                },
            )
        told = [value for _, reason in found for value in reason.values.values() if isinstance(value, What)]
        for key, state in self.states.items():
            quiet = key.endswith(("tx_bias_ma", "tx_power_dbm")) and state in ("low_warning", "high_warning")
            if quiet and self.what(key) not in told and not (key.endswith("tx_power_dbm") and state == "low_warning"):
                yield Reason("near_limit", self.said(key))

    def said(self, key: str) -> dict[str, object]:
        """What, its value, and the limit that it is beyond."""
        state = "low_alarm" if self.states[key] in ("dark", "not_reported") else self.states[key]
        limits, _ = limits_of(self.module, key)
        value, limit = self.value(key), getattr(limits, state, None)
        if value.value is not None and limits is not None and not is_beyond(value.value, limits, state):
            limit = None  # what the module raises, and only it knows why
        return {"what": self.what(key), "value": value, "limit": Limit(key.rpartition(".")[2], state, limit)}

    def what(self, key: str) -> What:
        lane, _, parameter = key.rpartition(".")
        return What(parameter, int(lane) if lane and len(self.module.lanes) > 1 else 0)

    def value(self, key: str) -> Value:
        number, _, parameter = key.rpartition(".")
        holder = next((lane for lane in self.module.lanes if str(lane.lane) == number), None) if number else self.module
        return Value(parameter, getattr(holder, parameter, None))


class _Lane:
    """One lane of a module."""

    def __init__(self, view: _View, lane: Lane) -> None:
        self.view, self.lane = view, lane
        self.bias, self.power, self.received = (
            f"{lane.lane}.{name}" for name in ("tx_bias_ma", "tx_power_dbm", "rx_power_dbm")
        )

    def state(self, key: str) -> str:
        return self.view.states[key]

    def is_low(self, key: str) -> bool:
        """Low, or dark where that means something: not where the module says itself that all is well, and not of a
        transmit power without limits that could be true, which is how one reads that is not measured."""
        if self.state(key) != "dark":
            return self.state(key) in LOW
        limits, given = limits_of(self.view.module, key)
        unmeasured = key == self.power and given and limits is None
        return not unmeasured and self.view.module.flags.get(key) != "ok"

    def found(self) -> Iterator[Found]:
        off = self.switched_off()
        if off is not None:
            yield from off
        elif self.lane.tx_los:
            yield from self.host_silent()
        else:
            sent = list(self.transmitter())
            yield from sent
            yield from self.receiver_low(bool(sent))
        if self.state(self.received) in HIGH:
            yield "receiver_overload", Reason("receive_high", self.view.said(self.received))

    def switched_off(self) -> list[Found] | None:
        """Of a port or a transmitter that is switched off nothing can be said, however its readings are."""
        if self.view.up is not False and not self.lane.tx_disabled:
            return None
        key = next((key for key in (self.power, self.bias, self.received) if self.state(key) in LOW), "")
        if not key and self.no_current():
            key = self.bias
        return [("undecided_needs_port_state", self.off(key))]

    def off(self, key: str) -> Reason:
        """`key`: of what reads low, as it does in all that is switched off; "" for none."""
        port = self.view.up is False
        if not key and self.lane.tx_fault:
            return self.fault("fault_off")
        if not key:
            return Reason("port_off") if port else self.fault("laser_off")
        said = {"what": self.view.what(key), "value": self.view.value(key)}
        return Reason("port_down", said) if port else Reason("transmitter_off", {**said, "lane": self.lane.lane})

    def host_silent(self) -> Iterator[Found]:
        if self.is_low(self.power) or self.no_current() or self.lane.tx_fault:
            yield "undecided_needs_port_state", Reason("host_silent", {"lane": self.lane.lane})
        yield from self.receiver_low(False)

    def no_current(self) -> bool:
        """No laser works at this current. One that the module gives no true limits for is not measured at all."""
        bias = self.lane.tx_bias_ma
        limits, given = limits_of(self.view.module, self.bias)
        if bias is None or (given and limits is None):
            return False
        least = limits.low_alarm if limits and limits.low_alarm else 0.0
        if least > 0 and bias >= least:
            return False
        return bias <= max(NO_CURRENT_MA, NO_CURRENT_SHARE * least)

    def transmitter(self) -> Iterator[Found]:
        if self.lane.tx_fault:
            verdict = "transmitter_fault" if self.view.up else "undecided_needs_port_state"
            yield verdict, self.fault("transmitter_fault" if self.view.up else "fault_port_unknown")
        if self.no_current():
            yield self.without_current()
        elif self.is_low(self.power):
            yield self.low_light()
        else:
            for key in (self.power, self.bias):
                if self.state(key) in ALARMS:
                    yield "transmitter_out_of_spec", Reason("out_of_spec", self.view.said(key))

    def fault(self, code: str) -> Reason:
        return Reason(code, {"lane": self.lane.lane})

    def without_current(self) -> Found:
        said = {"what": self.view.what(self.bias), "value": self.view.value(self.bias)}
        if self.lit():
            return "dom_unreliable", Reason("bias_impossible", said)
        if not self.view.up:
            return "undecided_needs_port_state", Reason("port_unknown", said)
        if is_dead(self.lane) and any(not is_dead(lane) for lane in lanes_in_use(self.view.module)):
            return "undecided_needs_port_state", Reason("lane_dead", {**said, "lane": self.lane.lane})
        if self.view.module.flags.get(self.bias) == "ok" and not self.lane.tx_fault:
            return "dom_unreliable", Reason("bias_denied", said)
        return "transmitter_fault", Reason("laser_dead", said)

    def low_light(self) -> Found:
        bias, alarm = self.state(self.bias), self.state(self.power) != "low_warning"
        said = self.view.said(self.power)
        rise = self.view.risen.get(self.lane.lane)
        if bias == "high_alarm" or (bias == "high_warning" and alarm):
            beyond = self.view.said(self.bias)
            worn = {"other": beyond["what"], "current": beyond["value"], "other_limit": beyond["limit"]}
            return "worn_laser", Reason("worn_laser", {**said, **worn})
        if rise is not None and alarm:
            before, now = Value("tx_bias_ma", rise.before), Value("tx_bias_ma", rise.now)
            values = {**said, "other": self.view.what(self.bias), "before": before, "current": now}
            return "worn_laser", Reason("worn_since_baseline", values)
        if bias == "low_alarm":
            return "transmitter_out_of_spec", Reason("out_of_spec", self.view.said(self.bias))
        if bias in ("ok", "low_warning", "high_warning"):
            return "clean_and_retest", Reason("transmit_low", said)
        if self.view.up or self.driven():
            return "clean_and_retest", Reason("transmit_low_alone", said)
        return "undecided_needs_port_state", Reason("port_unknown", {"what": said["what"], "value": said["value"]})

    def receiver_low(self, transmitter_suspect: bool) -> Iterator[Found]:
        silent = self.lane.rx_los is True and self.state(self.received) == "not_reported"
        if not self.is_low(self.received) and not silent:
            return
        said = self.view.said(self.received)
        if transmitter_suspect:
            yield "link_or_far_end", Reason("receive_low_too", said)
        elif self.view.up or self.sends():
            yield "link_or_far_end", Reason("receive_low", said)
        else:
            short = {"what": said["what"], "value": said["value"]}
            yield "undecided_needs_port_state", Reason("port_unknown", short)

    def sends(self) -> bool:
        """Whether the module's own transmitter is known to work."""
        return self.lit() or self.driven()

    def lit(self) -> bool:
        """Whether it is seen to send light, and not too little."""
        power = self.lane.tx_power_dbm
        return power is not None and power > NOTHING_DBM and not self.is_low(self.power)

    def driven(self) -> bool:
        """Whether a current flows through the laser, which says that it is switched on."""
        return (self.lane.tx_bias_ma or 0.0) > NO_CURRENT_MA and not self.no_current()
