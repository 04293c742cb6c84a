"""Counts of jobs: by product, serial number, fault, cause, customer, staff or month; turnaround, repeats, time between
failures. Screen, JSON and CSV are made from the same rows."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marshmallow import fields, validate

from registry.sdk import CAUSES, N_, Actor, Customer, Date, Forbidden, Shape, _, customer_by, visible
from registry.sdk import Line as Text
from registry_rma.models import Line

GROUPS: dict[str, str] = {
    "product": N_("Product"), "serial": N_("Serial number"), "fault": N_("Fault"), "cause": N_("Cause"),
    "customer": N_("Customer"), "staff": N_("Staff"), "month": N_("Month"),
}  # fmt: skip
COLUMNS: dict[str, str] = {
    "key": "", "jobs": N_("Jobs"), "over": N_("Over"), "repaired": N_("Repaired"), "replaced": N_("Replaced"),
    "returned": N_("Returned"), "no_fault": N_("No fault found"), "repeats": N_("Failed again"),
    "days_in_repair": N_("Mean days until sent back"), "days_between_failures": N_("Mean days between failures"),
}  # fmt: skip
READ = (Line.product, Line.serial, Line.fault, Line.cause, Customer.slug, Line.staff, Line.notified_on, Line.ended,
Line.work,
        Line.chosen, Line.no_fault, Line.repair_days, Line.customer_id, Line.state)  # fmt: skip


class RmaAsked(Shape):
    """What is counted: `since` and `until` are the first and last day on which the fault was notified."""

    by = fields.String(validate=validate.OneOf(tuple(GROUPS)), load_default="product")
    customer = Text(max=64)
    since = Date()
    until = Date()
    serial_from = Text(max=255)
    serial_to = Text(max=255)
    product = Text(max=255)


@dataclass
class Tally:
    """Counts of one group; `days` are those on which each unit failed."""

    jobs: int = 0
    over: int = 0
    repaired: int = 0
    replaced: int = 0
    returned: int = 0
    no_fault: int = 0
    turnaround: list[int] = field(default_factory=list)
    days: dict[tuple[int, str], list[date]] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any]) -> None:
        self.jobs += 1
        self.over += bool(row["ended"])
        self.repaired += row["work"] == "repair"
        self.replaced += row["work"] == "replacement"
        self.returned += row["chosen"] == "return"
        self.no_fault += bool(row["no_fault"])
        if row["repair_days"] is not None:
            self.turnaround.append(row["repair_days"])
        if not row["no_fault"]:
            self.days.setdefault((row["customer_id"], row["serial"]), []).append(row["notified_on"])

    def told(self, key: str) -> dict[str, Any]:
        gaps = [(later - earlier).days for days in self.days.values() for earlier, later in _pairs(sorted(days))]
        return {
            "key": key, "jobs": self.jobs, "over": self.over, "repaired": self.repaired, "replaced": self.replaced,
            "returned": self.returned, "no_fault": self.no_fault,
            "repeats": sum(len(days) - 1 for days in self.days.values()), "days_in_repair": _mean(self.turnaround),
            "days_between_failures": _mean(gaps),
        }  # fmt: skip


def _pairs(days: list[date]) -> Iterable[tuple[date, date]]:
    return zip(days, days[1:], strict=False)


def _mean(numbers: list[int]) -> float | None:
    return round(sum(numbers) / len(numbers), 1) if numbers else None


def count(actor: Actor, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each group, the one with most jobs first, then by name; drafts and what was cancelled do not count."""
    if not actor.can_somewhere("rma.view"):
        raise Forbidden()
    groups: dict[str, Tally] = {}
    for row in _rows(actor.where("rma.view"), asked):
        groups.setdefault(_key(asked["by"], row), Tally()).add(row)
    found = [tally.told(key) for key, tally in groups.items()]
    return sorted(found, key=lambda one: (-one["jobs"], one["key"]))


def _rows(actor: Actor, asked: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    query = visible(Line, actor, *READ).join(Customer, on=(Line.customer_id == Customer.id))
    query = query.where(Line.state.not_in(("draft", "cancelled")))
    conditions = {
        "customer": lambda value: Line.customer_id == customer_by(actor, value).id,
        "since": lambda value: Line.notified_on >= value,
        "until": lambda value: Line.notified_on <= value, "serial_from": lambda value: Line.serial >= value,
        "serial_to": lambda value: Line.serial <= value, "product": lambda value: Line.product == value,
    }  # fmt: skip
    for name, condition in conditions.items():
        if asked.get(name) not in (None, ""):
            query = query.where(condition(asked[name]))
    yield from query.dicts()


def _key(by: str, row: Mapping[str, Any]) -> str:
    if by == "month":
        return str(row["notified_on"])[:7]
    if by == "cause":
        return _(CAUSES[row["cause"]].title) if row["cause"] in CAUSES else _("Not known")
    return str(row["slug" if by == "customer" else by]) or _("Nobody yet")


def as_csv(by: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as they stand on the screen, with a mark that spreadsheets understand as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_(GROUPS[by]) if name == "key" else _(title) for name, title in COLUMNS.items()])
    for row in rows:
        writer.writerow([_harmless(row[name]) for name in COLUMNS])
    return "\ufeff" + out.getvalue()


def _harmless(value: Any) -> Any:
    """Nothing that a spreadsheet would take for a formula."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
