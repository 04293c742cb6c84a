"""A measured value against its limits, as plain numbers: which zone lies where, and where the value stands.

Across the page everything is a share of the whole in percent. Nothing here knows colours or languages: a zone is good,
warn (beyond a warning limit) or bad (beyond an alarm limit).
"""

from dataclasses import dataclass

from registry.optics.decoder.records import Limits

AROUND = 0.2  # of what the limits span, on each side of them
EDGE = 1.5  # percent: a value far beyond its limits stands at the edge
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Zone:
    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Band:
    """From `low` to `high` in the unit of the parameter."""

    low: float
    high: float
    zones: tuple[Zone, ...]

    def at(self, value: float | None) -> float | None:
        """Where a value stands; None for no value."""
        if value is None:
            return None
        share = 100 * (value - self.low) / (self.high - self.low)
        return round(min(max(share, EDGE), 100 - EDGE), 2)


def band(limits: Limits) -> Band:
    """Of limits that can be true: at least one is given, and they rise."""
    given = [one for one in (limits.low_alarm, limits.low_warning, limits.high_warning, limits.high_alarm)
             if one is not None]  # fmt: skip
    span = max(given[-1] - given[0], abs(given[0]) * AROUND, LEAST)
    low, high = given[0] - span * AROUND, given[-1] + span * AROUND
    bounds = [(low, "bad" if limits.low_alarm is not None else "warn" if limits.low_warning is not None else "good")]
    if limits.low_alarm is not None:
        bounds.append((limits.low_alarm, "warn" if limits.low_warning is not None else "good"))
    if limits.low_warning is not None:
        bounds.append((limits.low_warning, "good"))
    if limits.high_warning is not None:
        bounds.append((limits.high_warning, "warn"))
    if limits.high_alarm is not None:
        bounds.append((limits.high_alarm, "bad"))
    return Band(low, high, _zones(bounds, low, high))


def _zones(bounds: list[tuple[float, str]], low: float, high: float) -> tuple[Zone, ...]:
    ends = [start for start, _kind in bounds[1:]] + [high]
    scale = 100 / (high - low)
    return tuple(
        Zone(kind, round((start - low) * scale, 2), round((end - start) * scale, 2))
        for (start, kind), end in zip(bounds, ends, strict=True)
        if end > start
    )
