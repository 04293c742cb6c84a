"""What is known about a claim, as the core decides on it; and the situation that the table of moves looks at."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from registry.sdk import (
    Actor,
    ClaimSchema,
    Invalid,
    _,
    coverage_of,
    get_asset,
    settings_of,
    today_of,
    visible,
)
from registry_rma.machine import SENT_AHEAD, TRACKS, Situation
from registry_rma.models import Case, Custody, Line, Quote, Record, RepairTest, Track

REMEDIES = ("replace", "repair", "return")  # what a case of this desk carries out
RANKS = {"replace": 0, "repair": 1, "return": 1}
NOTHING = 9


def same(one: str, other: str) -> bool:
    """Whether two names or units mean the same: °C is C."""
    return _plain_name(one) == _plain_name(other)


def _plain_name(text: str) -> str:
    return " ".join(text.casefold().replace("°", "").split())


def limited(readings: Sequence[Mapping[str, Any]], parameters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Readings with limits: what the product specifies counts, whatever was typed; else what was typed.

    Raises Invalid when a value cannot be judged, or is in another unit than the product's.
    """
    found = []
    for number, reading in enumerate(readings):
        own = next((one for one in parameters if same(str(one["name"]), reading["parameter"])), {})
        ready = {
            name: None if reading.get(name) is None else str(reading[name])
            for name in ("value", "limit_min", "limit_max")
        }
        ready |= {"parameter": reading["parameter"], "unit": reading.get("unit") or own.get("unit") or ""}
        if own.get("min") is not None or own.get("max") is not None:
            if own.get("unit") and not same(ready["unit"] or "", own["unit"]):
                raise _wrong(number, "unit", _("The product specifies this in %(unit)s: convert it.", unit=own["unit"]))
            ready |= {f"limit_{end}": None if own.get(end) is None else str(own[end]) for end in ("min", "max")}
        if ready["limit_min"] is None and ready["limit_max"] is None:
            text = _("The product specifies no limits of %(name)s: give one.", name=reading["parameter"])
            raise _wrong(number, "limit_min", text)
        found.append(ready)
    return found


def _wrong(number: int, name: str, text: str) -> Invalid:
    return Invalid(errors={"readings": {str(number): {name: [text]}}})


def outside(reading: Mapping[str, Any]) -> bool:
    """Whether the value lies outside of its limits; a value equal to a limit is within."""
    value = Decimal(reading["value"])
    low, high = reading.get("limit_min"), reading.get("limit_max")
    return (low is not None and value < Decimal(low)) or (high is not None and value > Decimal(high))


def tests_of(actor: Actor, line: Line) -> list[RepairTest]:
    return list(visible(RepairTest, actor).where(RepairTest.line == line.id).order_by(RepairTest.id))


def quote_of(actor: Actor, line: Line) -> Quote | None:
    """The latest one."""
    found: Quote | None = visible(Quote, actor).where(Quote.line == line.id).order_by(Quote.id.desc()).first()
    return found


def case_of(actor: Actor, line: Line) -> Case:
    case: Case = visible(Case, actor).where(Case.id == line.case_id).get()
    return case


def claim_of(line: Line, tests: Sequence[RepairTest] = (), *, by_customer: bool = False) -> Any:
    """The facts as the core's decision takes them."""
    of_work = [test for test in tests if test.after != "inspection"]
    latest = of_work[-1].after if of_work else ""
    readings = [
        {**reading, "after": test.after} for test in of_work if test.after == latest for reading in test.readings
    ]
    chosen: dict[str, Any] = {"customer_choice": "return", "chosen_by": "customer"} if by_customer else {}
    dates = {"fault_on": line.fault_on, "notified_on": line.notified_on}
    whole = {**line.facts, **{name: day.isoformat() for name, day in dates.items() if day}, "tests": readings, **chosen}
    return ClaimSchema().load(whole)


def decided(actor: Actor, line: Line, tests: Sequence[RepairTest] = ()) -> dict[str, Any]:
    """What the core says is owed on the unit, on the day on which we heard of the fault."""
    return coverage_of(actor, line.claimed, on=line.notified_on, cause=line.cause, facts=claim_of(line, tests))


def owed_by(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Remedies of this desk that are owed free of charge, best first."""
    free = [offer["remedy"] for offer in answer["remedies"] if offer["charge"] == "free"]
    return tuple(remedy for remedy in free if remedy in REMEDIES)


def effective(line: Line, owed: tuple[str, ...]) -> tuple[str, ...]:
    """The same, as a person has overruled it; what a failed test opens stays open."""
    if not line.overruled:
        return owed
    return () if line.overruled == "none" else (line.overruled, *(one for one in owed if one != line.overruled))


def situation_of(actor: Actor, line: Line) -> Situation:
    """Everything that guards look at; the number of statements is the same for every line."""
    tests = tests_of(actor, line)
    quote, rules, case = quote_of(actor, line), settings_of("rma", line.customer_id), case_of(actor, line)
    today = today_of(actor, line.customer_id)
    of_work = [test for test in tests if test.after == (line.work or "inspection")]
    latest = of_work[-1] if of_work and _is_fresh(actor, line, of_work[-1]) else None
    delivered = get_asset(actor, line.claimed).delivered_on
    return Situation(
        owed=effective(line, owed_by(decided(actor, line, tests))),
        quote=quote.state if quote else "",
        work=line.work,
        test=latest.outcome if latest else "",
        failed_repair=any(test.outcome == "failed" and test.after == "repair" for test in tests),
        early=_within(delivered, line.notified_on, rules["doa_days"]),
        exchange=_within(delivered, line.notified_on, rules["exchange_days"]),
        number_valid=case.valid_until is None or today <= case.valid_until,
        nff_count=no_fault_count(actor, line),
        nff_swap=rules["nff_swap"],
        sent_ahead=_sent_ahead(actor, line),
        recorded=visible(Record, actor).where(Record.line == line.id).exists(),
        refunded=line.refund is not None,
        lost_from=line.lost_from,
    )


def _sent_ahead(actor: Actor, line: Line) -> bool:
    ahead = (Track.line == line.id) & (Track.kind == "advance") & Track.state.in_(sorted(SENT_AHEAD))
    return bool(visible(Track, actor).where(ahead).exists())


def under_way(actor: Actor, serial: str, *, beside: Line) -> bool:
    """Whether the unit with that serial number is claimed, takes another's place, or is lent or promised in another
    case that is not over, whoever's that is: no unit is in two places."""
    other = Line.id != beside.id
    mine = (Line.serial == serial) | (Line.replacement_serial == serial)
    if visible(Line, actor).where(mine & other & (Line.ended == False)).exists():  # noqa: E712 - SQL
        return True
    lent = visible(Track, actor).where((Track.serial == serial) & (Track.line != beside.id))
    return any(TRACKS[row.kind][row.state] for row in lent)


def _is_fresh(actor: Actor, line: Line, test: RepairTest) -> bool:
    """Whether it was made since the latest work: a unit that was repaired again is tested again."""
    if not line.work:
        return True
    done = visible(Custody, actor, Custody.at).where((Custody.line == line.id) & (Custody.state == "verifying"))
    latest = done.order_by(Custody.number.desc()).tuples().first()
    return latest is None or test.at >= latest[0]


def _within(start: date | None, day: date, days: int) -> bool:
    return start is not None and days > 0 and start <= day < start + timedelta(days=days)


def no_fault_count(actor: Actor, line: Line) -> int:
    """How often no fault was found on this serial number, this time included."""
    same_unit = (Line.customer_id == line.customer_id) & (Line.serial == line.serial) & (Line.no_fault == True)  # noqa: E712
    return int(visible(Line, actor).where(same_unit).count())
