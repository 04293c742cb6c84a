"""What was measured, beside its goal."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `limit` is the goal: at most that much, or at least when `more` is better; None is told only."""

    bench: str
    what: str
    value: float
    unit: str
    limit: float | None = None
    more: bool = False
    detail: str = ""

    @property
    def met(self) -> bool:
        return self.limit is None or (self.value >= self.limit if self.more else self.value <= self.limit)

    @property
    def goal(self) -> str:
        return "" if self.limit is None else f"{'>=' if self.more else '<='} {self.limit:,g} {self.unit}".rstrip()

    @property
    def verdict(self) -> str:
        return "" if self.limit is None else "ok" if self.met else "MISS"


def middle(times: Iterable[float]) -> float:
    return statistics.median(times)


def high(times: Sequence[float], share: float = 0.99) -> float:
    """The time that `share` of the requests stay under."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def in_ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def table(results: Sequence[Result]) -> str:
    head = ("bench", "what", "measured", "goal", "", "detail")
    rows = [(r.bench, r.what, _number(r), r.goal, r.verdict, r.detail) for r in results]
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
    return "\n".join([lines[0], "-" * max(len(line) for line in lines), *lines[1:]])


def _number(result: Result) -> str:
    digits = 0 if abs(result.value) >= 100 else 2
    return f"{result.value:,.{digits}f} {result.unit}".rstrip()
