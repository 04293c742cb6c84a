"""A module's readings over time: one by one, and as lowest, mean and highest of steps, worked out by the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import SQL, Expression, fn

from registry.kernel.access import Actor, visible
from registry.optics import packing
from registry.optics.concluding import baseline_of, effective_limits, first_and_last
from registry.optics.decoder.records import PARAMETERS, Module
from registry.optics.keeping import moment, seconds
from registry.optics.models import LANES, Optic, OpticReading
from registry.optics.packing import DARK, MASK, NOTHING, SHIFTS, limits_data, unscaled, value_of
from registry.optics.profiles import profile_of
from registry.optics.service import get_optic
from registry.optics.showing import measured
from registry.optics.verdicts.judging import LOUDNESS

ROUND = 4
FIRST = SQL("1")  # the first column: PostgreSQL does not see that an expression with parameters is the same again
MEASURES = ("low", "mean", "high")
Parts = Sequence[tuple[str, Any]]


def readings(
    actor: Actor, optic_id: int, *, begins: datetime | None = None, to: datetime | None = None, end: str = "",
    limit: int = 100, cursor: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """{"items": [...], "next"}: newest first, read by keyset (`cursor` is the time that the last page ended with)."""
    optic = get_optic(actor, optic_id)
    wanted = _span(optic, end, begins, to)
    if cursor is not None:
        wanted &= OpticReading.at < cursor
    query = visible(OpticReading, actor).where(wanted).order_by(OpticReading.at.desc()).limit(limit + 1)
    rows = list(query.dicts())
    following = str(rows[limit - 1]["at"]) if len(rows) > limit else None
    return {"items": [_told(row) for row in rows[:limit]], "next": following}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    module = packing.unpacked(row, LANES)
    return {
        "at": moment(row["at"]), "end": row["end"], "batch": row["batch_id"], "admin_up": row["admin_up"],
        "oper_up": row["oper_up"], **_with_dark(module), "flags": dict(module.flags),
        "broken": [one.partition(":")[0] for one in (row["broken"] or "").split()],
        "verdict": LOUDNESS[row["verdict"]],
    }  # fmt: skip


def _with_dark(module: Module) -> dict[str, Any]:
    """What it measures, and of each lane where there was no light."""
    found = measured(module)
    for shown, lane in zip(found["lanes"], module.lanes, strict=True):
        shown["dark"] = sorted(lane.dark)
    return found


def _span(optic: Optic, end: str, begins: datetime | None, to: datetime | None) -> Any:
    wanted = (OpticReading.customer_id == optic.customer_id) & (OpticReading.optic_id == optic.id)
    wanted &= OpticReading.end == end
    if begins is not None:
        wanted &= OpticReading.at >= seconds(begins)
    return wanted & (OpticReading.at < seconds(to)) if to is not None else wanted


def chart(
    actor: Actor, optic_id: int, *, begins: datetime | None = None, to: datetime | None = None, end: str = "",
    points: int = 200, parameter: str | None = None, lane: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """{begins, ends, step_seconds, times, counts, series, limits, baseline}, at most `points` + 1 steps.

    `series`: {"temperature_c" or "2.tx_power_dbm": {low, mean, high, dark}}, each a list as long as `times`.
    `parameter`, `lane`: only this one; what belongs to the whole module comes with any lane.
    """
    optic = get_optic(actor, optic_id)
    limits = limits_data(effective_limits(optic, profile_of(optic)))
    found: dict[str, Any] = {
        "begins": None, "ends": None, "step_seconds": 0, "times": [], "counts": [], "series": {}, "limits": limits,
        "baseline": _baseline(optic, end),
    }  # fmt: skip
    oldest, latest = first_and_last(optic)
    if oldest is None or latest is None:
        return found
    first = max(oldest, seconds(begins)) if begins else oldest
    last = min(latest, seconds(to) - 1) if to else latest
    if last < first:
        return found
    step = max((last - first + points) // points, 1)
    names = [name for name in PARAMETERS if parameter in (None, name)]
    parts = list(_parts(optic.lanes, names, lane))
    rows = _steps(actor, _span(optic, end, begins, to), first, step, parts)
    found |= {"begins": moment(first), "ends": moment(last), "step_seconds": step}
    found["times"] = [moment(first + row[0] * step + step // 2) for row in rows]
    found["counts"] = [row[1] for row in rows]
    found["series"] = _series(rows, parts)
    beyond = range(LANES + 1, optic.lanes + 1) if lane is None else [lane] if lane > LANES else []
    keys = [f"{which}.{name}" for which in beyond for name in names if name in SHIFTS]
    if keys:
        found["series"] |= _further(actor, _span(optic, end, begins, to), first, step, [row[0] for row in rows], keys)
    return found


def _steps(actor: Actor, wanted: Any, first: int, step: int, parts: Parts) -> list[tuple[Any, ...]]:
    bucket = Expression(Expression(OpticReading.at, "-", first), "/", step)
    columns = [each for key, part in parts for each in _measures(key, part)]
    query = visible(OpticReading, actor, bucket, fn.COUNT(OpticReading.id), *columns).where(wanted)
    return list(query.group_by(FIRST).order_by(FIRST).tuples())


def _parts(lanes: int, names: list[str], lane: int | None) -> Iterator[tuple[str, Any]]:
    """What is worked out: temperature and voltage, and of each lane (or of one) its parts."""
    for name in names:
        if name in SHIFTS:
            chosen = range(1, max(lanes, 1) + 1) if lane is None else (lane,)
            for which in [number for number in chosen if number <= LANES]:
                number = getattr(OpticReading, f"lane_{which}")
                moved = Expression(number, ">>", SHIFTS[name]) if SHIFTS[name] else number
                yield f"{which}.{name}", Expression(moved, "&", MASK)
        else:
            yield name, OpticReading.temperature if name == "temperature_c" else OpticReading.voltage


def _measures(key: str, part: Any) -> list[Any]:
    if "." not in key:
        return [fn.MIN(part), fn.AVG(part), fn.MAX(part)]
    lit = fn.NULLIF(fn.NULLIF(part, NOTHING), DARK)
    return [fn.MIN(lit), fn.AVG(lit), fn.MAX(lit), fn.SUM(Expression(part, "=", DARK).cast("INTEGER"))]


def _series(rows: list[tuple[Any, ...]], parts: Parts) -> dict[str, Any]:
    found, at = {}, 2
    for key, _part in parts:
        name = key.rpartition(".")[2]
        one = {word: [_value(key, name, row[at + offset]) for row in rows] for offset, word in enumerate(MEASURES)}
        at += 3
        if "." in key:
            one["dark"] = [int(row[at] or 0) for row in rows]
            at += 1
        if any(value is not None for value in one["mean"]) or any(one.get("dark", ())):
            found[key] = one
    return found


# --- Lanes without a column of their own: as the database knows them as a text, they are counted here ---------


@dataclass(slots=True)
class _Step:
    """What a part of a lane was in one step of time."""

    values: list[int] = field(default_factory=list)
    dark: int = 0

    def put(self, part: int) -> None:
        if part == DARK:
            self.dark += 1
        elif part != NOTHING:
            self.values.append(part)

    def told(self) -> tuple[float | None, float | None, float | None, int]:
        """Lowest, mean and highest part, as the database gives them, and how often there was no light."""
        if not self.values:
            return None, None, None, self.dark
        return min(self.values), sum(self.values) / len(self.values), max(self.values), self.dark


def _further(
    actor: Actor, wanted: Any, first: int, step: int, buckets: Sequence[int], keys: Sequence[str]
) -> dict[str, Any]:
    places = {bucket: at for at, bucket in enumerate(buckets)}
    steps = {key: [_Step() for _bucket in buckets] for key in keys}
    by_lane: dict[int, list[str]] = {}
    for key in keys:
        by_lane.setdefault(int(key.partition(".")[0]), []).append(key)
    query = visible(OpticReading, actor, OpticReading.at, OpticReading.further).where(wanted)
    for at, further in query.where(OpticReading.further.is_null(False)).tuples().iterator():
        place = places.get((at - first) // step)
        if place is None:
            continue  # it came in between
        for which, number in further:
            for key in by_lane.get(which, ()):
                steps[key][place].put(packing.part_of(number, key.rpartition(".")[2]))
    parts = [(key, None) for key in keys]
    rows = [(bucket, 0, *(each for key in keys for each in steps[key][at].told())) for at, bucket in enumerate(buckets)]
    return _series(rows, parts)


def _value(key: str, name: str, number: Any) -> float | None:
    if number is None:
        return None
    value = value_of(name, float(number)) if "." in key else unscaled(name, float(number))
    return None if value is None else round(value, ROUND)


def _baseline(optic: Optic, end: str) -> dict[str, Any] | None:
    module = baseline_of(optic, end)
    return {"at": moment(optic.baseline[end]["at"]), **measured(module)} if module else None
