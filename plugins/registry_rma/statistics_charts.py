"""The chart above the figures: how many jobs of each group came to which end."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from registry.sdk import N_, Chart, ChartGroup, ChartSegment, _, chart_columns, chart_rows, month_tick, ngettext

# What a job came to -> how its part of a bar looks, and what it is called.
LOOKS = {"repaired": "repair", "replaced": "replace", "returned": "return", "no_fault": "none", "others": "expired"}
SAID: dict[str, str] = {
    "repair": N_("Repaired"), "replace": N_("Replaced"), "return": N_("Returned"), "none": N_("No fault found"),
    "expired": N_("Open, or nothing done"),
}  # fmt: skip
BARS, MONTHS = 12, 24
FEW = 6  # months that all are named on a phone, too


def chart_of(by: str, rows: Sequence[Mapping[str, Any]], address: Any) -> Chart:
    """Months stand side by side, the latest last; of everything else the groups with most jobs lie below each other.
    `address`: (since, until) -> where the jobs of a month are counted."""
    if by == "month":
        months = sorted(rows, key=lambda row: str(row["key"]))[-MONTHS:]
        return chart_columns([_month(row, months, address) for row in months], tuple(SAID))
    groups = [ChartGroup(_short(row["key"]), _segments(row), row["key"]) for row in rows[:BARS]]
    return chart_rows(groups, tuple(SAID), most=max((group.count for group in groups), default=0))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _segments(row: Mapping[str, Any]) -> tuple[ChartSegment, ...]:
    told = {name: row[name] for name in LOOKS if name != "others"}
    told["others"] = row["jobs"] - sum(told.values())
    return tuple(_segment(row["key"], LOOKS[name], number) for name, number in told.items())


def _segment(key: str, look: str, number: int) -> ChartSegment:
    return ChartSegment(look, number, _("%(what)s, %(state)s: %(count)s", what=key, state=_(SAID[look]), count=number))


def _month(row: Mapping[str, Any], months: Sequence[Mapping[str, Any]], address: Any) -> ChartGroup:
    year, month = (int(part) for part in row["key"].split("-"))
    first, after = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    said = ngettext("%(month)s: %(num)s job", "%(month)s: %(num)s jobs", row["jobs"], month=row["key"])
    tick = month_tick(first)
    if row is months[0]:
        tick["below"] = str(year)
    tick["major"] |= len(months) <= FEW
    return ChartGroup(said, _segments(row), row["key"], address(first, after), **tick)
