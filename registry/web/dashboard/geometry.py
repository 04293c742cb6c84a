"""Charts as plain numbers: where each bar stands and how large it is. A template draws, a style sheet colours them.

Across the page everything is a share of the whole in percent, so that a chart is as wide as there is room and its words
keep their size; up and down it is pixels. Nothing here knows colours, languages or addresses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

LEAST_SHARE, LEAST_HEIGHT = 0.8, 2.0  # what is there can be seen, however little it is
GAP = 0.22  # of a column's room
MARGIN = 5.0  # percent, left of the first column: for the numbers of the scale
HEADROOM, LINES = 18.0, 4


@dataclass(frozen=True, slots=True)
class Segment:
    """So many of one thing: `code` chooses its look, `label` says it in words, `url` leads to them ("": nowhere)."""

    code: str
    count: int
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What stands in one bar. `label` says all about it, `name` what it is; `short` stands below where there is little
    room, with `below` in a second line; `major`: even on a phone."""

    label: str
    segments: tuple[Segment, ...]
    name: str
    url: str = ""
    short: str = ""
    below: str = ""
    major: bool = True
    behind: int | None = None  # how many `url` leads to, where that is not what the bar counts

    @property
    def count(self) -> int:
        """What the bar is as high (as long) as."""
        return sum(segment.count for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    segment: Segment


@dataclass(frozen=True, slots=True)
class Bar:
    """`x` and `width`: the room it stands in; `top`: where the highest of it ends."""

    x: float
    width: float
    top: float
    group: Group
    rects: tuple[Rect, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines`: (y, number) of the scale. `codes`: what occurs, in the order of the legend."""

    bars: tuple[Bar, ...]
    height: float
    lines: tuple[tuple[float, int], ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        return self.bars[0].width / 2 if self.bars else 0


def columns(groups: Sequence[Group], order: Sequence[str], height: float = 190.0) -> Chart:
    """Standing bars side by side, segments in `order` from the bottom up. No segments: a bar without height."""
    most = max((group.count for group in groups), default=0)
    step = scale_step(most)
    top = step * max(1, -(-most // step))
    per = (height - HEADROOM) / top
    room = (100 - MARGIN) / max(len(groups), 1)
    bars = tuple(_column(group, MARGIN + at * room, room, per, height) for at, group in enumerate(groups))
    lines = tuple((round(height - number * per, 2), number) for number in range(0, top + 1, step))
    return Chart(bars, height, lines, _codes(groups, order))


def _column(group: Group, x: float, room: float, per: float, height: float) -> Bar:
    foot, rects = height, []
    for segment in group.segments:
        if segment.count:
            high = max(segment.count * per, LEAST_HEIGHT)
            foot -= high
            rects.append(Rect(round(x + room * GAP / 2, 3), round(foot, 2), round(room * (1 - GAP), 3),
                              round(high, 2), segment))  # fmt: skip
    return Bar(round(x, 3), round(room, 3), round(max(foot, 0), 2), group, tuple(rects))


def rows(groups: Sequence[Group], order: Sequence[str], height: float = 22.0, *, most: int = 0) -> Chart:
    """Lying bars. Each is as long as all others, the segments shares of its own whole; or, where the longest bar stands
    for `most`, as long as its count."""
    bars = []
    for group in groups:
        shown = [segment for segment in group.segments if segment.count]
        long = group.count / most if most else 1
        x, rects = 0.0, []
        for segment, share in zip(shown, shares([segment.count for segment in shown]), strict=True):
            rects.append(Rect(round(x, 3), 0, round(share * long, 3), height, segment))
            x += share * long
        bars.append(Bar(0, 100, 0, group, tuple(rects)))
    return Chart(tuple(bars), height, (), _codes(groups, order))


def shares(counts: Sequence[int], least: float = LEAST_SHARE) -> list[float]:
    """Parts of 100 in proportion to `counts` (each at least 1), none smaller than `least`: what small ones get more,
    the others give, in proportion."""
    whole, small, given = sum(counts), set[int](), 0.0
    while True:
        rest = whole - sum(counts[at] for at in small)
        found = {at for at in range(len(counts)) if at not in small and counts[at] * (100 - given) < least * rest}
        if not found:
            return [least if at in small else counts[at] * (100 - given) / rest for at in range(len(counts))]
        small |= found
        given = least * len(small)


def scale_step(most: int) -> int:
    """The distance of lines: 1, 2 or 5 times a power of ten, so that about LINES of them reach `most`."""
    if most <= LINES:
        return 1
    power = 10 ** floor(log10(most / LINES))
    return next(step for step in (power, 2 * power, 5 * power, 10 * power) if step * LINES >= most)


def _codes(groups: Sequence[Group], order: Sequence[str]) -> tuple[str, ...]:
    there = {segment.code for group in groups for segment in group.segments if segment.count}
    return tuple(code for code in order if code in there)
