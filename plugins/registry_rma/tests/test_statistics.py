"""Twenty jobs, counted by hand."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from registry_rma import statistics, statistics_pages
from registry_rma.models import Line
from registry_rma.statistics_charts import chart_of
from registry_rma.tests.world import Desk


@pytest.fixture
def twenty(desk: Desk) -> Desk:
    desk.twenty_jobs()
    return desk


def rows(desk: Desk, **asked: object) -> dict[str, dict[str, Any]]:
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
def test_repeats_are_counted_where_they_happen(twenty: Desk) -> None:
    """A failed on the days 0 10 30 40 60 70 90 100, B on 0 5 10 15 20 25 30 35: first times do not count."""
    by_month = {key: (row["repeats"], row["days_between_failures"]) for key, row in rows(twenty, by="month").items()}
    # January: A 10 30, B 5 to 30. February: A 40, B 35. March: A 60 70. April: A 90 100.
    assert by_month == {
        "2026-01": (8, round((10 + 20 + 6 * 5) / 8, 1)), "2026-02": (2, 7.5), "2026-03": (2, 15.0),
        "2026-04": (2, 15.0),
    }  # fmt: skip
    assert sum(repeats for repeats, _days in by_month.values()) == sum(row["repeats"] for row in rows(twenty).values())
    # The failure before may lie before the period that is asked for.
    [only] = rows(twenty, by="serial", since=date(2026, 4, 1), until=date(2026, 4, 5)).values()
    assert (only["jobs"], only["repeats"], only["days_between_failures"]) == (1, 1, 20.0)


@pytest.mark.rule("S4-17")
def test_units_of_one_batch_are_counted_together(desk: Desk) -> None:
    for serial in ("LOT7-01", "LOT7-02", "LOT8-01", "X"):
        desk.line(desk.unit(serial=serial))
    assert {key: row["jobs"] for key, row in rows(desk, by="range").items()} == {"LOT7-··": 2, "LOT8-··": 1, "X": 1}


def test_a_job_counts_once_whatever_was_done(desk: Desk) -> None:
    for said in (
        {"work": "repair"}, {"work": "repair", "chosen": "return"}, {"work": "replacement"},
        {"work": "replacement", "no_fault": True}, {"work": ""},
    ):  # fmt: skip
        Line.update(**said).where(Line.id == desk.line().id).execute()
    [row] = rows(desk, by="customer").values()
    assert [row[name] for name in ("jobs", "repaired", "returned", "replaced", "no_fault")] == [5, 1, 1, 1, 1]


def test_the_chart_shows_the_same_numbers_as_the_table(twenty: Desk) -> None:
    for by in statistics.GROUPS:
        found = list(rows(twenty, by=by).values())
        chart = chart_of(by, found, lambda since, until: f"?since={since}&until={until}")
        drawn = {bar.group.name: {one.code: one.count for one in bar.group.segments} for bar in chart.bars}
        assert {name: sum(parts.values()) for name, parts in drawn.items()} == {
            row["key"]: row["jobs"] for row in found
        }
        for row in found:
            told = {"repair": row["repaired"], "none": row["no_fault"]}
            assert {code: drawn[row["key"]][code] for code in told} == told, by
    page = twenty.people.engineer.get("/c/acme/x/rma/statistics?by=staff").text
    assert page.count('<rect class="seg" x=') - page.count('<rect class="seg" x=".5"') == 3  # Ann two parts, Bob one
    assert "Ann, No fault found: 4" in page and "Bob, Repaired: 8" in page


def test_a_month_leads_to_its_jobs(twenty: Desk) -> None:
    page = twenty.people.engineer.get("/c/acme/x/rma/statistics?by=month").text
    assert "2026-01: 11 jobs" in page and page.index("2026-01: 11 jobs") < page.index("2026-04: 3 jobs")
    assert ">2026</text>" in page and page.count('class="tick minor"') == 0, "a few months are all named, with the year"
    assert "/c/acme/x/rma/statistics?by=product&amp;since=2026-01-01&amp;until=2026-01-31" in page


def test_a_long_list_stands_in_the_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics_pages, "MOST", 2)
    for number in range(3):
        desk.line(fault=f"Fault {number}")
    text = desk.people.engineer.get("/c/acme/x/rma/statistics?by=fault").text
    assert "The first 2 of 3 stand here" in text and text.count('data-label="Fault"') == 2
    assert len(desk.people.engineer.get("/c/acme/x/rma/statistics.csv?by=fault").text.splitlines()) == 4


def test_counting_takes_one_statement_however_many_jobs_there_are(twenty: Desk) -> None:
    from registry_rma.tests.test_pages import _statements

    assert _statements(lambda: rows(twenty, by="serial", since=date(2026, 1, 5))) == 1


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
