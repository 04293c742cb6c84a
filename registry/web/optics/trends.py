"""Readings over time as plain numbers that a template draws: lowest to highest of each step as an area, their mean as a
line, limits as lines across.

Areas and lines are paths in a box of WIDTH by HEIGHT that is stretched to the room there is; what has words stands
across in percent, up and down in pixels of a chart HIGH pixels high.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from registry.kernel.phrases import month_in
from registry.optics.decoder.records import Limits
from registry.optics.verdicts.states import usable

WIDTH, HEIGHT, HIGH = 1000, 500, 120
LINES = 4
GAP = 3.5  # times the usual distance of steps, from which on nothing connects them
MEASURES = ("low", "mean", "high")
NEAR = 12  # pixels: names of limits that stand nearer to each other would overlap
MAJOR = 4  # ticks that are named where there is little room
DAY = 24 * 3600
Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """A limit: `kind` is warn or bad, `state` says which; `name_y`: where its name stands, None if there is no room."""

    y: float
    kind: str
    state: str
    name_y: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """`area`, `line`, and `dots` (where a step stands alone): paths. `ticks`: (y, text) of the scale; `dark`: x where
    there was no light. `least`, `mean`, `most`: over all of it, None where nothing was measured."""

    parameter: str
    area: str
    line: str
    dots: str
    ticks: tuple[tuple[float, str], ...]
    limits: tuple[Line, ...]
    dark: tuple[float, ...]
    least: float | None
    mean: float | None
    most: float | None


def trend(parameter: str, series: Mapping[str, Sequence[Any]], xs: Sequence[float], limits: Limits | None) -> Trend:
    """`series`: low, mean, high (and dark) of each step, as many as `xs`, in percent."""
    known = [at for at, value in enumerate(series["mean"]) if value is not None]
    low, high = _range([series[name][at] for name in ("low", "high") for at in known], usable(limits or Limits()))
    step = _step(high - low)
    low, high = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    scale = (low, high)
    runs = _runs(known, xs)
    means = [series["mean"][at] for at in known]
    return Trend(
        parameter,
        "".join(_area(series, run, xs, scale) for run in runs if len(run) > 1),
        "".join(_line(series["mean"], run, xs, scale) for run in runs if len(run) > 1),
        "".join(f"{_line(series['mean'], run, xs, scale)}h.1" for run in runs if len(run) == 1),
        _ticks(low, high, step),
        _limit_lines(usable(limits or Limits()), scale),
        tuple(xs[at] for at, count in enumerate(series.get("dark", ())) if count),
        min((series["low"][at] for at in known), default=None),
        sum(means) / len(means) if means else None,
        max((series["high"][at] for at in known), default=None),
    )


def _range(values: Sequence[float], limits: Limits | None) -> tuple[float, float]:
    """What is drawn: all values, and the nearest limits around them."""
    shown = [*values, *_around(values, limits)] if limits is not None else list(values)
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    return (low, high) if high - low > 1e-6 else (low - 0.5, high + 0.5)


def _around(values: Sequence[float], limits: Limits) -> list[float]:
    """Of both sides the warning limit (without one, the alarm limit), and both where a value is beyond the first."""
    lows = [one for one in (limits.low_warning, limits.low_alarm) if one is not None]
    highs = [one for one in (limits.high_warning, limits.high_alarm) if one is not None]
    found = lows[:1] + highs[:1]
    if lows and values and min(values) < lows[0]:
        found += lows
    if highs and values and max(values) > highs[0]:
        found += highs
    return found


def _step(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that about LINES of them span it."""
    power = 10.0 ** floor(log10(span / LINES))
    return next(times * power for times in (1, 2, 5, 10) if times * power * LINES >= span * 0.999)


def _ticks(low: float, high: float, step: float) -> tuple[tuple[float, str], ...]:
    digits = max(0, -floor(log10(step) + 1e-9))
    count = round((high - low) / step)
    values = [low + number * step for number in range(count + 1)]
    return tuple((_y(value, (low, high), HIGH), f"{value + 0.0:.{digits}f}") for value in values)


def _limit_lines(limits: Limits | None, scale: tuple[float, float]) -> tuple[Line, ...]:
    if limits is None:
        return ()
    given = [("warn", name) for name in ("low_warning", "high_warning")]
    given += [("bad", name) for name in ("low_alarm", "high_alarm")]
    lines: list[Line] = []
    for kind, name in given:
        value = getattr(limits, name)
        if value is not None and scale[0] <= value <= scale[1]:
            y = _y(value, scale, HIGH)
            lines.append(Line(y, kind, name, _name_y(y, [one.name_y for one in lines if one.name_y is not None])))
    return tuple(lines)


def _name_y(y: float, others: Sequence[float]) -> float | None:
    """Above the line, or else below it, where no other name stands."""
    found = (round(one, 1) for one in (y - 3, y + 11) if 9 <= one <= HIGH - 2)
    return next((one for one in found if all(abs(one - other) >= NEAR for other in others)), None)


def _y(value: float, scale: tuple[float, float], high: float) -> float:
    return round(high - high * (value - scale[0]) / (scale[1] - scale[0]), 1)


def _runs(known: Sequence[int], xs: Sequence[float]) -> list[list[int]]:
    """Steps that belong together: without a hole between them."""
    distances = [xs[after] - xs[before] for before, after in zip(known, known[1:], strict=False)]
    usual = median(distances) if distances else 0.0
    runs: list[list[int]] = []
    for number, at in enumerate(known):
        if number and distances[number - 1] <= usual * GAP:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _line(values: Sequence[float], run: Sequence[int], xs: Sequence[float], scale: tuple[float, float]) -> str:
    points = [f"{round(xs[at] * WIDTH / 100)} {round(_y(values[at], scale, HEIGHT))}" for at in run]
    return f"M{'L'.join(points)}"


def _area(
    series: Mapping[str, Sequence[float]], run: Sequence[int], xs: Sequence[float], scale: tuple[float, float]
) -> str:
    there = [f"{round(xs[at] * WIDTH / 100)} {round(_y(series['high'][at], scale, HEIGHT))}" for at in run]
    back = [f"{round(xs[at] * WIDTH / 100)} {round(_y(series['low'][at], scale, HEIGHT))}" for at in reversed(run)]
    return f"M{'L'.join([*there, *back])}Z"


# --- Time ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """`major`: named even where there is little room."""

    x: float
    text: str
    major: bool


def places(times: Sequence[datetime], begins: datetime, ends: datetime) -> list[float]:
    """Where moments stand between two others, in percent."""
    span = (ends - begins).total_seconds()
    return [round(min(max(100 * (time - begins).total_seconds() / span, 0), 100), 2) if span else 50.0
            for time in times]  # fmt: skip


def time_ticks(begins: datetime, ends: datetime, zone: ZoneInfo, language: str) -> list[Tick]:
    """Hours, days or months on the clocks of `zone`, as many as fit."""
    found = list(_marks(begins.astimezone(zone), ends.astimezone(zone)))
    xs = places([mark for mark, _kind in found], begins, ends)
    texts = [_said(mark, kind, language) for mark, kind in found]
    every = ceil(len(xs) / MAJOR)
    return [Tick(x, text, number % every == 0) for number, (x, text) in enumerate(zip(xs, texts, strict=True))]


def _marks(begins: datetime, ends: datetime) -> list[tuple[datetime, str]]:
    days = (ends - begins).total_seconds() / DAY
    if days > 75:
        months = [(begins.year * 12 + begins.month - 1 + ahead) for ahead in range(int(days / 28) + 3)]
        every = next((step for step in (1, 3, 6, 12) if days / 30 / step <= 14), 12)
        months = [month for month in months if not month % every]
        marks = [datetime(month // 12, month % 12 + 1, 1, tzinfo=begins.tzinfo) for month in months]
        return [(mark, "month") for mark in marks if begins <= mark <= ends]
    if days > 2:
        every = 1 if days <= 10 else 7
        midnight = begins.replace(hour=0, minute=0, second=0, microsecond=0)
        marks = [midnight + timedelta(days=ahead) for ahead in range(int(days) + 2)]
        return [(mark, "day") for mark in marks
                if begins <= mark <= ends and (every == 1 or mark.weekday() == 0)]  # fmt: skip
    hours = 6 if days > 0.8 else 2 if days > 0.2 else 1
    hour = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    marks = [hour + timedelta(hours=ahead) for ahead in range(0, int(days * 24) + 26, hours)]
    return [(mark, "hour") for mark in marks if begins <= mark <= ends]


def _said(mark: datetime, kind: str, language: str) -> str:
    if kind == "month":
        return month_in(mark.date(), language, "yMMM" if mark.month == 1 else "MMM")
    if kind == "day" or mark.hour == 0:
        return month_in(mark.date(), language, "MMMd")
    return f"{mark:%H:%M}"
