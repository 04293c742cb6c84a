"""Every parameter of a module against its own limits: one state each, of the closed list records.STATES."""

import math
from collections.abc import Iterator
from dataclasses import replace

from registry.optics.decoder.records import PER_LANE, Lane, Limits, Module

LOW = frozenset({"low_warning", "low_alarm", "dark"})
HIGH = frozenset({"high_warning", "high_alarm"})
NOTHING_DBM = -39.95  # the last step of what modules measure is -40
ALARMS = frozenset({"low_alarm", "high_alarm"})


def states_of(module: Module) -> dict[str, str]:
    """Parameter ("temperature_c") or lane.parameter ("2.tx_power_dbm") -> state.

    Light below what can be measured is `dark`, whatever else is known. Limits that the module gives but that cannot be
    true, and none at all where nobody else judged, are `thresholds_invalid`. What the module raises itself wins over
    our comparison of the value with its limits. Lanes that are not in use have no states.
    """
    return {key: _state(module, key, value, dark) for key, value, dark in readings(module)}


def shown_states(module: Module) -> dict[str, str]:
    """The same with lanes that are not in use: no light is `dark` there, too, where the module measures it in others;
    nothing else is judged."""
    found = states_of(module)
    measured = {key.rpartition(".")[2] for key, state in found.items() if state != "not_reported"}
    for lane in module.lanes:
        for name in PER_LANE:
            unlit = name in measured and name != "tx_bias_ma" and _finite(getattr(lane, name)) is None
            found.setdefault(f"{lane.lane}.{name}", "dark" if unlit else "not_reported")
    return found


def readings(module: Module) -> Iterator[tuple[str, float | None, bool]]:
    """Key, value and whether it is dark, of every parameter that the module could report."""
    for name in ("temperature_c", "voltage_v"):
        yield name, _finite(getattr(module, name)), False
    for lane in lanes_in_use(module):
        for name in PER_LANE:
            yield f"{lane.lane}.{name}", _finite(getattr(lane, name)), name in lane.dark


def lanes_in_use(module: Module) -> list[Lane]:
    return [lane for lane in module.lanes if lane.in_use is not False]


def is_dead(lane: Lane) -> bool:
    """Whether a lane has no current and no light in either direction, as far as it reports them."""
    sent, received = _lit(lane, "tx_power_dbm"), _lit(lane, "rx_power_dbm")
    said = sent is not None or received is not None
    return said and not lane.tx_bias_ma and not sent and not received


def _lit(lane: Lane, name: str) -> bool | None:
    value = _finite(getattr(lane, name))
    return value > NOTHING_DBM if value is not None else (False if name in lane.dark else None)


def idle_lanes(module: Module) -> set[int]:
    """The last lanes of a module that uses only its first one, two or four: dead all of them, and those before alive.

    A module of eight lanes tells so of the four that it does not have.
    """
    lanes = sorted(lanes_in_use(module), key=lambda lane: lane.lane)
    alive = [lane for lane in lanes if not is_dead(lane)]
    if len(alive) in (1, 2, 4) and alive == lanes[: len(alive)]:
        return {lane.lane for lane in lanes[len(alive) :]}
    return set()


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _state(module: Module, key: str, value: float | None, dark: bool) -> str:
    flag = module.flags.get(key)
    limits, given = limits_of(module, key)
    if dark:
        return "dark"
    if given and limits is None and value is not None:
        return "thresholds_invalid"
    if flag is not None and (value is not None or flag != "ok"):
        return flag
    if value is None:
        return "not_reported"
    return "thresholds_invalid" if limits is None else compared(value, limits)


def limits_of(module: Module, key: str) -> tuple[Limits | None, bool]:
    """The usable limits of a parameter (a lane's own before those of all lanes), and whether any are given."""
    parameter = key.rpartition(".")[2]
    given = module.limits.get(key, module.limits.get(parameter))
    return (usable(given) if given is not None else None), given is not None


def usable(limits: Limits) -> Limits | None:
    """Limits that can be true; None for those all zero, all equal or out of order. An empty warning band is no band."""
    rising = (limits.low_alarm, limits.low_warning, limits.high_warning, limits.high_alarm)
    given = [value for value in rising if value is not None]
    if not given or not all(math.isfinite(value) for value in given):
        return None
    if len(given) > 1 and len(set(given)) == 1:
        return None
    if given != sorted(given):
        return None
    if limits.low_warning is not None and limits.low_warning == limits.high_warning:
        return replace(limits, low_warning=None, high_warning=None)
    return limits


def compared(value: float, limits: Limits) -> str:
    """A value that is just at its limit is still within it."""
    if limits.low_alarm is not None and value < limits.low_alarm:
        return "low_alarm"
    if limits.high_alarm is not None and value > limits.high_alarm:
        return "high_alarm"
    if limits.low_warning is not None and value < limits.low_warning:
        return "low_warning"
    if limits.high_warning is not None and value > limits.high_warning:
        return "high_warning"
    return "ok"


def is_beyond(value: float, limits: Limits, state: str) -> bool:
    """Whether a value is as far from its limits as a state says."""
    limit = getattr(limits, state, None)
    return limit is not None and (value < limit if state.startswith("low") else value > limit)


def disagreements(module: Module) -> list[tuple[str, str, str]]:
    """Key, what the module raises and what its own limits say, wherever one says fine and the other does not."""
    found = []
    for key, value, dark in readings(module):
        flag = module.flags.get(key)
        limits, _ = limits_of(module, key)
        if flag is None or limits is None or (value is None and not dark):
            continue
        ours = "dark" if dark else compared(value or 0.0, limits)
        if _side(flag) != _side(ours) and not _at_a_limit(value, limits):
            found.append((key, flag, ours))
    return found


def _side(state: str) -> str:
    return "low" if state in LOW else state.partition("_")[0]


def _at_a_limit(value: float | None, limits: Limits) -> bool:
    """Printed values are rounded: at the limit itself either may be right."""
    return value in (limits.low_alarm, limits.low_warning, limits.high_warning, limits.high_alarm)


def invalid(module: Module) -> list[str]:
    """Parameters whose limits the module gives but that cannot be true, each once."""
    return [name for name, limits in module.limits.items() if usable(limits) is None]


def findings_of(module: Module) -> tuple[str, ...]:
    """The findings of reading and those of comparing: flags_disagree, thresholds_invalid."""
    found = list(module.findings)
    if disagreements(module):
        found.append("flags_disagree")
    reported = {key.rpartition(".")[2] for key, value, dark in readings(module) if value is not None or dark}
    if any(name.rpartition(".")[2] in reported for name in invalid(module)):
        found.append("thresholds_invalid")
    return tuple(dict.fromkeys(found))
