"""Ageing of a laser: the current it needs now against the one it needed when it was put into service.

A fixed limit for current says little, since it differs by lot, part and temperature: so a reading is only compared with
the module's own baseline, and only at a similar temperature. What comes out is advice, never a verdict.
"""

from dataclasses import dataclass

from registry.optics.decoder.records import Module

SIMILAR_C = 5.0  # degrees between two readings that may be compared
RISEN = 1.5  # times the current of the baseline: common practice, of which no standard speaks


@dataclass(frozen=True, slots=True)
class Rise:
    """The current of a lane, in mA, at the baseline and now."""

    lane: int
    before: float
    now: float


def rises(module: Module, baseline: Module | None) -> dict[int, Rise]:
    """Lanes whose current has risen by half or more since the baseline; none where the two cannot be compared."""
    if baseline is None or module.temperature_c is None or baseline.temperature_c is None:
        return {}
    if abs(module.temperature_c - baseline.temperature_c) > SIMILAR_C:
        return {}
    before = {lane.lane: lane.tx_bias_ma for lane in baseline.lanes}
    found = {}
    for lane in module.lanes:
        then = before.get(lane.lane)
        if then and then > 0 and lane.tx_bias_ma is not None and lane.tx_bias_ma >= RISEN * then:
            found[lane.lane] = Rise(lane.lane, then, lane.tx_bias_ma)
    return found
