"""Where coverages lie in time, as numbers that a template draws: every x and width is a share of the whole in percent.

One lane for what a warranty promises from one day through another; remedies of the same days share a lane. Nothing
here knows colours: a lane has a state, the style sheet and the legend say what it looks like.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from registry.kernel import language
from registry.kernel.phrases import month_in
from registry.warranty.coverage import CoverageSpan, state
from registry.warranty.facts import WarrantyFacts

MOST_LANES = 16
MOST_TICKS = 5
FAR = 60 * 366  # days around today beyond which nothing is drawn to scale
# Distances of ticks in months, the smallest that leaves few enough.
STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
STATES = ("active", "expiring", "not_started", "expired", "void", "moved", "waiting")  # as a legend names them


@dataclass(frozen=True, slots=True)
class Lane:
    """`starts_on` through `ends_on` was promised, and holds through `holds_until` (before the start: not at all).
    `cut`: void or moved, where days were taken away. `state` on the day that is looked at; `waiting`: has no days."""

    warranty: WarrantyFacts
    remedies: tuple[str, ...]
    starts_on: date | None
    ends_on: date | None
    holds_until: date | None
    state: str
    cut: str = ""

    @property
    def holds(self) -> bool:
        return self.holds_until is not None and self.starts_on is not None and self.holds_until >= self.starts_on


def lanes(warranties: Iterable[WarrantyFacts], on: date) -> list[Lane]:
    """All of them: what holds on that day first, then what is to come, then what is over, the latest of it first."""
    groups = [_lanes_of(warranty, on) for warranty in warranties]
    return [lane for group in sorted(groups, key=_rank) for lane in group]


def _rank(group: Sequence[Lane]) -> tuple[int, int]:
    states = {lane.state for lane in group}
    rank = 0 if states & {"active", "expiring"} else 1 if states & {"not_started", "waiting"} else 2
    last = max((lane.ends_on for lane in group if lane.ends_on), default=date.min)
    return rank, -last.toordinal()


def _lanes_of(warranty: WarrantyFacts, on: date) -> list[Lane]:
    if not warranty.spans:
        return [Lane(warranty, (), None, None, None, "waiting")]
    together: dict[tuple[date, date], list[str]] = {}
    for span in warranty.spans:
        together.setdefault((span.starts_on, span.ends_on), []).append(span.remedy)
    return [_lane(warranty, start, end, tuple(remedies), on) for (start, end), remedies in together.items()]


def _lane(warranty: WarrantyFacts, start: date, end: date, remedies: tuple[str, ...], on: date) -> Lane:
    cuts = [(day, word) for day, word in ((warranty.void_on, "void"), (warranty.closed_on, "moved")) if day is not None]
    first, word = min(cuts, default=(date.max, ""))
    holds = min(end, first - timedelta(days=1))
    cut = word if holds < end else ""
    if cut and on > holds:
        return Lane(warranty, remedies, start, end, holds, cut, cut)
    span = CoverageSpan(remedies[0], start, max(holds, start))
    return Lane(warranty, remedies, start, end, holds, state([span], on), cut)


@dataclass(frozen=True, slots=True)
class Scale:
    """Days onto percent."""

    first: date
    last: date

    def x(self, day: date) -> float:
        return 100 * ((day - self.first).days) / max((self.last - self.first).days, 1)

    def percent(self, day: date) -> str:
        return f"{min(max(self.x(day), 0), 100):.2f}%"

    def width(self, start: date, end: date) -> str:
        """Through `end`: the last day counts. A single day can still be seen."""
        share = min(self.x(end + timedelta(days=1)), 100) - max(self.x(start), 0)
        return f"{max(share, 0.4):.2f}%"


def timeline(warranties: Sequence[WarrantyFacts], on: date) -> dict[str, Any]:
    """What a template draws: {"groups": [{"warranty", "bars"}], "states", "drawn", "ticks", "on_x", "hidden"}."""
    found = lanes(warranties, on)
    shown = found[:MOST_LANES]
    scale = _scale(shown, on)
    groups = [
        {"warranty": warranty, "bars": [_bar(lane, scale) for lane in group]}
        for warranty, group in groupby(shown, key=lambda lane: lane.warranty)
    ]
    return {
        "groups": groups,
        "states": [state for state in STATES if any(state in (lane.state, lane.cut) for lane in shown)],
        "drawn": any(lane.starts_on for lane in shown),
        "ticks": _ticks(scale),
        "on_x": scale.percent(on),
        "on_side": "end" if scale.x(on) > 85 else "start" if scale.x(on) < 15 else "middle",
        "hidden": len(found) - len(shown),
    }


def _scale(shown: Iterable[Lane], on: date) -> Scale:
    near, far = on - timedelta(days=FAR), on + timedelta(days=FAR)
    days = [day for lane in shown for day in (lane.starts_on, lane.ends_on) if day is not None]
    first, last = max(min([*days, on]), near), min(max([*days, on]), far)
    room = max((last - first).days // 40, 2)
    return Scale(first - timedelta(days=room), last + timedelta(days=room))


def _bar(lane: Lane, scale: Scale) -> dict[str, Any]:
    bar: dict[str, Any] = {"lane": lane}
    if lane.starts_on is None or lane.ends_on is None or lane.holds_until is None:
        return bar
    if lane.holds:
        bar |= {"x": scale.percent(lane.starts_on), "width": scale.width(lane.starts_on, lane.holds_until)}
    if lane.cut:
        gone = max(lane.starts_on, lane.holds_until + timedelta(days=1))
        bar |= {"gone_x": scale.percent(gone), "gone_width": scale.width(gone, lane.ends_on)}
    return bar


def _ticks(scale: Scale) -> list[dict[str, str]]:
    months = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    step = next((step for step in STEPS if months // step <= MOST_TICKS), STEPS[-1])
    found = []
    for number in range(scale.first.year * 12 + scale.first.month, scale.last.year * 12 + scale.last.month):
        day = date(number // 12, number % 12 + 1, 1)
        if number % step == 0 and 4 <= scale.x(day) <= 94:
            found.append({"x": scale.percent(day), "text": _said(day, step)})
    return found


def _said(day: date, step: int) -> str:
    return str(day.year) if step >= 12 else month_in(day, language.current())
