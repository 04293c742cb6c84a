"""Plugins that object to rows of an import: what they are asked, what a refusal is, and what it costs."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from registry.kernel import db
from registry.plugins import host as hosts
from registry.plugins.host import MOST_FAILURES
from registry.plugins.records import Objection, PluginInfo
from tests.houses import House
from tests.imports.world import asset, assets, bring, counts, errors, table
from tests.plugins.making import entry, guest
from tests.plugins.world import taken_in

ROWS = [("SN-1", "Switch 48", "2026-03-01"), ("SN-BAD", "Switch 48", ""), ("SN-3", "Switch 48", "")]


def file(*rows: Any) -> str:
    return table(("serial", "product", "delivered on"), *(rows or ROWS))


def not_bad(kind: str, subject: Any, changes: Any) -> Iterator[Objection]:
    if kind == "asset" and changes and "BAD" in str(changes.get("serial") or changes.get("name")):
        yield Objection("serial", "Bad numbers are not taken.")


@pytest.fixture
def house(any_house: House) -> House:
    any_house.people()
    return any_house


def test_a_row_that_a_plugin_refuses_is_left_out_in_the_look_and_in_the_import(house: House) -> None:
    with guest(validate=not_bad):
        for dry in (True, False):
            found = bring(house, file(), on_error="skip", dry_run=dry)
            assert counts(found) == (3, 2, 0, 0, 1, 1)
            assert errors(found) == [(3, "serial", "SN-BAD", "Bad numbers are not taken.")]
        assert [one.serial for one in assets(house)] == ["SN-1", "SN-3"]


def test_plugins_are_told_what_they_are_told_of_single_changes(house: House) -> None:
    heard: list[tuple[Any, Any]] = []

    def hear(kind: str, subject: Any, changes: Any) -> None:
        if kind == "asset":
            heard.append((subject, changes))

    with guest(validate=hear):
        single = house.asset("acme", serial="SN-0", delivered_on=date(2026, 1, 2))
        bring(house, file(ROWS[0]))
        bring(house, table(("serial", "delivered on"), ("SN-0", "2026-02-03")), mode="update", key="serial")
    [(_, one), (_, row), (before, changed)] = heard
    assert row["serial"] == "SN-1" and row["delivered_on"] == date(2026, 3, 1) and row["custom"] == {}
    assert {name for name, value in one.items() if value} <= row.keys(), "by the same names"
    assert {name: type(row[name]) for name in ("product", "status", "customer_id", "delivered_on")} == {
        name: type(one[name]) for name in ("product", "status", "customer_id", "delivered_on")
    }
    assert changed == {"delivered_on": date(2026, 2, 3)}
    assert (before["id"], before["serial"], before["delivered_on"]) == (single.id, "SN-0", date(2026, 1, 2))


def test_a_failure_is_passed_over_unless_the_plugin_asked_for_more(house: House) -> None:
    def fail(kind: str, changes: Any) -> None:
        if kind == "asset" and changes.get("serial") == "SN-BAD":
            db.run_sql("SELECT * FROM nowhere")

    closed = PluginInfo("closed", "Closed", "1.0", fail_closed=True)
    with taken_in([entry("guest", validate=fail)]) as host:
        assert counts(bring(house, file(), dry_run=True)) == (3, 3, 0, 0, 0, 0)
        assert host.plugins["guest"].failures == 1
    with taken_in([entry("closed", info=closed, validate=fail)]):
        found = bring(house, file(), on_error="skip")
        assert counts(found) == (3, 2, 0, 0, 1, 1)
        [(line, column, _value, text)] = errors(found)
        assert (line, column) == (3, None) and "could not be asked" in text
        assert asset(house, "SN-3").serial == "SN-3", "what was asked after the failure stands"


def test_who_fails_at_every_row_is_stopped_and_the_import_goes_on(house: House) -> None:
    rows = [(f"SN-{number}", "Switch 48", "") for number in range(MOST_FAILURES + 10)]
    with guest(validate=lambda kind: 1 / 0 if kind == "asset" else None) as host:
        assert counts(bring(house, file(*rows)))[1] == len(rows)
        assert host.plugins["guest"].suspended and host.plugins["guest"].failures == MOST_FAILURES


def test_a_hundred_rows_cost_one_savepoint(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(f"SN-{number}", "Switch 48", "") for number in range(250)]
    asked: list[str] = []
    with guest(validate=lambda kind: asked.append(kind)) as host:
        before = host.plugins["guest"].calls
        depths: list[int] = []
        work = hosts._worked
        monkeypatch.setattr(hosts, "_worked", lambda *given: depths.append(given[-1]) or work(*given))
        bring(house, file(*rows))
    assert asked.count("asset") == 250 and host.plugins["guest"].calls - before >= 250
    assert len(depths) < 15, "three of a hundred rows, and those about products, sites and the session"
