"""Twenty jobs, counted by hand."""

import csv
import io
from datetime import date, timedelta

import pytest

from registry_rma import statistics
from registry_rma.models import Line
from registry_rma.tests.world import Desk


@pytest.fixture
def twenty(desk: Desk) -> Desk:
    """Two units: A fails 12 times, every 10 days; B fails 8 times, every 5 days. Each third job of A found no fault."""
    a, b = desk.unit(serial="A-100"), desk.unit(serial="B-200")
    plan = [(a, number, 10, "wear", "Ann") for number in range(12)] + [
        (b, number, 5, "module", "Bob") for number in range(8)
    ]
    for asset, number, gap, cause, staff in plan:
        line = desk.line(asset, cause=cause, fault=f"Fault {asset.serial}")
        no_fault = asset is a and number % 3 == 2
        Line.update(
            notified_on=date(2026, 1, 1) + timedelta(days=gap * number), staff=staff, no_fault=no_fault, state="closed",
            ended=True, work="" if no_fault else "repair", repair_days=number,
        ).where(Line.id == line.id).execute()  # fmt: skip
    return desk


def rows(desk: Desk, **asked: object) -> dict[str, dict[str, object]]:
    return {row["key"]: row for row in statistics.count(desk.engineer, {"by": "product", **asked})}


@pytest.mark.rule("S4-17")
def test_twenty_jobs_are_counted_as_by_hand(twenty: Desk) -> None:
    by_staff = rows(twenty, by="staff")
    ann, bob = by_staff["Ann"], by_staff["Bob"]
    assert (ann["jobs"], ann["over"], ann["repaired"], ann["no_fault"], ann["repeats"]) == (12, 12, 8, 4, 7)
    assert (bob["jobs"], bob["repaired"], bob["no_fault"], bob["repeats"]) == (8, 8, 0, 7)
    assert (ann["days_in_repair"], bob["days_in_repair"]) == (5.5, 3.5)
    assert bob["days_between_failures"] == 5.0
    assert ann["days_between_failures"] == round(100 / 7, 1)  # the days 0 10 30 40 60 70 90 100
    assert {key: row["jobs"] for key, row in rows(twenty, by="cause").items()} == {
        "Wear and ageing": 12,
        "Fault of the module itself": 8,
    }
    assert {key: row["jobs"] for key, row in rows(twenty, by="serial").items()} == {"A-100": 12, "B-200": 8}
    assert {key: row["jobs"] for key, row in rows(twenty, by="fault").items()} == {"Fault A-100": 12, "Fault B-200": 8}
    assert {key: row["jobs"] for key, row in rows(twenty, by="customer").items()} == {"acme": 20}
    assert {key: row["jobs"] for key, row in rows(twenty, by="month").items()} == {
        "2026-01": 11,
        "2026-02": 3,
        "2026-03": 3,
        "2026-04": 3,
    }
    assert len(rows(twenty)) == 2


@pytest.mark.rule("S4-17")
def test_they_are_counted_for_a_period_and_a_range_of_serial_numbers(twenty: Desk) -> None:
    inside = {"since": date(2026, 1, 5), "until": date(2026, 1, 31)}
    assert {key: row["jobs"] for key, row in rows(twenty, by="serial", **inside).items()} == {"A-100": 3, "B-200": 6}
    assert set(rows(twenty, by="serial", serial_from="B", serial_to="B-999")) == {"B-200"}


@pytest.mark.rule("S4-17")
def test_the_export_is_what_the_screen_shows(twenty: Desk) -> None:
    engineer = twenty.people.engineer
    page = engineer.get("/c/acme/x/rma/statistics?by=staff").text
    exported = engineer.get("/c/acme/x/rma/statistics.csv?by=staff").data.decode("utf-8-sig")
    told = engineer.json("/api/v1/x/rma/statistics?by=staff&customer=acme")["items"]
    lines = list(csv.reader(io.StringIO(exported)))
    assert lines[0][:2] == ["Staff", "Jobs"] and [line[:2] for line in lines[1:]] == [["Ann", "12"], ["Bob", "8"]]
    assert [[str(row[name]) for name in statistics.COLUMNS] for row in told] == lines[1:]
    assert all(f">{text}<" in page or f" {text}<" in page for line in lines[1:] for text in line)
    assert engineer.get("/x/rma/statistics.csv?by=staff").data.decode("utf-8-sig") == exported


def test_a_neighbour_counts_nothing_and_a_formula_is_harmless(twenty: Desk) -> None:
    assert statistics.count(twenty.stranger, {"by": "staff"}) == []
    assert "'=1+1" in statistics.as_csv("fault", [{**dict.fromkeys(statistics.COLUMNS), "key": "=1+1"}])
