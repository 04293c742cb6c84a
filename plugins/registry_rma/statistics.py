"""Counts of jobs: by product, serial number or a range of them, fault, cause, customer, staff or month; turnaround,
repeats, time between failures. The database groups, in one statement; page, charts, JSON and CSV are made from the same
rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields, validate
from peewee import Case as When
from peewee import fn

from registry.sdk import CAUSES, N_, Actor, Customer, Date, Forbidden, Shape, _, customer_by, visible
from registry.sdk import Line as Text
from registry_rma import sheets
from registry_rma.models import Line

GROUPS: dict[str, str] = {
    "product": N_("Product"), "range": N_("Range of serial numbers"), "serial": N_("Serial number"),
    "fault": N_("Fault"), "cause": N_("Cause"), "customer": N_("Customer"), "staff": N_("Staff"), "month": N_("Month"),
}  # fmt: skip
COLUMNS: dict[str, str] = {
    "key": "", "jobs": N_("Jobs"), "over": N_("Over"), "repaired": N_("Repaired"), "replaced": N_("Replaced"),
    "returned": N_("Returned"), "no_fault": N_("No fault found"), "repeats": N_("Failed again"),
    "days_in_repair": N_("Mean days until sent back"), "days_between_failures": N_("Mean days between failures"),
}  # fmt: skip
OUTCOMES = ("repaired", "replaced", "returned", "no_fault")  # of a job at most one
OUTCOME = When(
    None,
    (
        (Line.chosen == "return", "returned"),
        (Line.no_fault == True, "no_fault"),  # noqa: E712 - SQL
        (Line.work == "replacement", "replaced"),
        (Line.work == "repair", "repaired"),
    ),
    "",
)
ANY_TWO = "··"  # stands for the last two characters of the serial numbers of a range
DAY = 86_400
KEYS: dict[str, Any] = {
    "product": Line.product, "serial": Line.serial, "fault": Line.fault, "cause": fn.COALESCE(Line.cause, ""),
    "range": When(
        None,
        ((fn.LENGTH(Line.serial) > 2, fn.SUBSTR(Line.serial, 1, fn.LENGTH(Line.serial) - 2).concat(ANY_TWO)),),
        Line.serial,
    ),
    "customer": Customer.slug, "staff": Line.staff, "month": fn.SUBSTR(Line.notified_on.cast("TEXT"), 1, 7),
}  # fmt: skip


class RmaAsked(Shape):
    """What is counted: `since` and `until` are the first and last day on which the fault was notified."""

    by = fields.String(validate=validate.OneOf(tuple(GROUPS)), load_default="product")
    customer = Text(max=64)
    since = Date()
    until = Date()
    serial_from = Text(max=255)
    serial_to = Text(max=255)
    product = Text(max=255)


def count(actor: Actor, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each group, the one with most jobs first, then by name, or the latest month first; drafts and what was
    cancelled do not count.

    A job is a repeat where the same unit had failed before, and its days between failures are those since then. Where
    no fault was found, nothing failed.
    """
    if not actor.can_somewhere("rma.view"):
        raise Forbidden()
    jobs = _jobs(actor.where("rma.view"), asked)
    one = jobs.c
    figures = {
        "jobs": fn.COUNT(one.id), "over": fn.COUNT(one.id).filter(one.ended),
        **{name: fn.COUNT(one.id).filter(one.outcome == name) for name in OUTCOMES},
        "days": fn.SUM(one.repair_days), "sent_back": fn.COUNT(one.repair_days),
        "seconds": fn.SUM(one.gap), "repeats": fn.COUNT(one.gap),
    }  # fmt: skip
    query = jobs.select_from(one.key, *(figure.alias(name) for name, figure in figures.items()))
    found = [_told(asked["by"], row) for row in _within(query, one, asked).group_by(one.key).dicts()]
    if asked["by"] == "month":
        return sorted(found, key=lambda row: str(row["key"]), reverse=True)
    return sorted(found, key=lambda row: (-row["jobs"], row["key"]))


def _jobs(actor: Actor, asked: Mapping[str, Any]) -> Any:
    """Every job with its group, and `gap`: the seconds since the unit's failure before."""
    day = Line.notified_on.to_timestamp()
    unit = [Line.customer_id, Line.serial, Line.no_fault]
    before = fn.LAG(day).over(partition_by=unit, order_by=[Line.notified_on, Line.id])
    gap = When(None, ((Line.no_fault == False, day - before),))  # noqa: E712 - SQL
    made = (KEYS[asked["by"]].alias("key"), OUTCOME.alias("outcome"), gap.alias("gap"))
    query = visible(Line, actor, *made, Line.id, Line.serial, Line.product, Line.notified_on, Line.ended,
                    Line.repair_days)  # fmt: skip
    query = query.join(Customer, on=(Line.customer_id == Customer.id)).where(Line.state.not_in(("draft", "cancelled")))
    if asked.get("customer"):
        query = query.where(Line.customer_id == customer_by(actor, asked["customer"]).id)
    return query.alias("jobs")


def _within(query: Any, one: Any, asked: Mapping[str, Any]) -> Any:
    """Narrowed down after the gaps were found: what happened before the period still is what went before."""
    wanted = {name: value for name, value in asked.items() if value not in (None, "")}
    conditions = {
        "since": lambda value: one.notified_on >= value.isoformat(),
        "until": lambda value: one.notified_on <= value.isoformat(),
        "serial_from": lambda value: one.serial >= value, "serial_to": lambda value: one.serial <= value,
        "product": lambda value: one.product == value,
    }  # fmt: skip
    for name in conditions.keys() & wanted.keys():
        query = query.where(conditions[name](wanted[name]))
    return query


def _told(by: str, row: Mapping[str, Any]) -> dict[str, Any]:
    means = {"days_in_repair": _mean(row["days"], row["sent_back"]),
             "days_between_failures": _mean(row["seconds"], row["repeats"] * DAY)}  # fmt: skip
    return {name: means[name] if name in means else row[name] for name in COLUMNS} | {"key": _named(by, row["key"])}


def _mean(total: Any, number: int) -> float | None:
    return round(float(total) / number, 1) if number else None


def _named(by: str, key: str) -> str:
    if by == "cause":
        return _(CAUSES[key].title) if key in CAUSES else _("Not known")
    return key or _("Nobody yet")


def as_csv(by: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as they stand on the screen."""
    titles = [_(GROUPS[by]) if name == "key" else _(title) for name, title in COLUMNS.items()]
    return sheets.as_csv(titles, ([row[name] for name in COLUMNS] for row in rows))
