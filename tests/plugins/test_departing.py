"""A customer goes, a database moves: what plugins keep goes along, whether they work or not."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from registry.handover import deleting, leaving
from registry.handover.belongings import owner_of
from registry.kernel import access, copying, db, files, migrate, schema, wall
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Problem
from registry.plugins import dropping, switches, tables
from registry.plugins.host import Host
from registry.plugins.models import PluginIncident
from registry.sdk import lend
from tests.handover.world import lines, package_of
from tests.houses import House


@pytest.fixture
def house(any_house: House, loans: Host) -> House:
    any_house.people()
    return any_house


def remind(house: House, slug: str, serial: str) -> Any:
    from acme_loans import service  # type: ignore[import-not-found]

    asset = house.asset(slug, serial=serial)
    return service.remind(Actor.system(), asset.id, "Clean the fans", date(2030, 1, 1))


def left() -> set[int]:
    return {row[0] for row in db.run_sql("SELECT customer_id FROM acme_loans_reminder").fetchall()}


def both(house: House) -> tuple[int, int]:
    return remind(house, "acme", "SN-1").customer_id, remind(house, "globex", "SN-2").customer_id


def erase(customer_id: int) -> dict[str, int]:
    counted: dict[str, int] = {}

    def count(table: str, rows: int) -> None:
        counted[table] = counted.get(table, 0) + rows

    with wall.everywhere():
        deleting.delete_rows(owner_of(customer_id), count)
    return counted


def test_erasing_one_customer_leaves_the_other_s_rows(house: House) -> None:
    acme, globex = both(house)
    assert erase(acme)["acme_loans_reminder"] == 1 and left() == {globex}


def test_of_a_plugin_that_is_switched_off_too(house: House) -> None:
    acme, globex = both(house)
    switches.switch(Actor.system(), "acme_loans", on=False)
    tables.settle(may_migrate=True)
    assert erase(acme)["acme_loans_reminder"] == 1 and left() == {globex}


@pytest.fixture
def guarded(house: House) -> Iterator[None]:
    """The table as one that says APPEND_ONLY has it."""
    from acme_loans.models import Reminder  # type: ignore[import-not-found]

    for statement in schema.guards("acme_loans_reminder", sqlite=db.is_sqlite()):
        db.run_sql(statement)
    Reminder.APPEND_ONLY = True
    yield
    del Reminder.APPEND_ONLY


@pytest.mark.usefixtures("guarded")
def test_rows_that_nobody_may_change_are_erased_and_their_table_is_guarded_again(house: House) -> None:
    acme, globex = both(house)
    assert erase(acme)["acme_loans_reminder"] == 1 and left() == {globex}
    with pytest.raises(Exception, match="append-only"), db.transaction():
        db.run_sql("DELETE FROM acme_loans_reminder")


def test_a_file_that_another_plugin_keeps_is_nobody_else_s_to_drop(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, others = files.new_key(1), files.new_key(1)
    for table, column, keys in (("gone_thing", "note", (mine, others)), ("other_paper", "paper_key", (others,))):
        db.run_sql(f'CREATE TABLE {table} ("{column}" TEXT)')
        for key in keys:
            db.run_sql(f'INSERT INTO {table} ("{column}") VALUES (?)', (key,))
    other = SimpleNamespace(_meta=SimpleNamespace(table_name="other_paper"), FILES=("paper_key",))
    monkeypatch.setattr(schema, "models", lambda: [other])
    assert dropping._files_of(["gone_thing"]) == [mine]


@pytest.mark.usefixtures("guarded")
def test_its_guards_go_with_its_data(house: House) -> None:
    both(house)
    switches.switch(Actor.system(), "acme_loans", on=False)
    dropping.drop_data(Actor.system(), "acme_loans")
    assert not [name for name in schema.existing() if "acme_loans" in name]


def test_rows_of_a_plugin_that_does_not_work_stand_in_the_way(house: House, loans: Host) -> None:
    """Erasing would leave them, or break off at the end because they refer to the customer."""
    acme, _ = both(house)
    leaving.announce(Actor.system(), "acme", {"announced_on": date(2026, 1, 2), "reference": "a letter"})
    loans.remove(loans.plugins["acme_loans"], "It has been uninstalled.")
    tables.settle(may_migrate=False)
    open_ones = leaving.standing(Actor.system(), "acme")["open"]
    assert any("acme_loans_reminder" in one for one in open_ones), open_ones
    with wall.everywhere():
        assert deleting.left_over(owner_of(acme))["acme_loans_reminder"] == 1
    db.run_sql("DELETE FROM acme_loans_reminder")
    assert not any("acme_loans" in one for one in leaving.standing(Actor.system(), "acme")["open"])


def test_what_failures_have_quoted_goes(house: House) -> None:
    from registry.handover import letters

    PluginIncident.create(number="12345678", plugin="acme_loans", hook="panels", error="KeyError: 'Alice'")
    letters.forget_errors()
    assert [one.error for one in PluginIncident.select()] == [""]


# --- Another database --------------------------------------------------------------------------------------


def test_a_copy_holds_its_rows_and_its_history(house: House, tmp_path: Path) -> None:
    both(house)
    url = f"sqlite:///{tmp_path / 'copy.db'}"
    report = copying.copy(house.settings.database_url, url, incomplete=True)  # the bundled ones do not work here
    assert report.checksums["acme_loans_reminder"][0] == 2 and not [one for one in report.left_out if "loans" in one]
    with copying.bound(url), wall.everywhere():
        assert left() and migrate.pending([tables.owner_of(_plugin())]) == []


def _plugin() -> Any:
    from registry.plugins.current import host

    return host().plugins["acme_loans"]


def test_nothing_is_left_out_of_a_copy_in_silence(house: House, loans: Host, tmp_path: Path) -> None:
    both(house)
    loans.remove(loans.plugins["acme_loans"], "Its library is missing.")
    with pytest.raises(Problem, match="plugins that do not work here: acme_loans") as refused:
        copying.copy(house.settings.database_url, f"sqlite:///{tmp_path / 'copy.db'}")
    assert refused.value.code == "plugin_missing"
    report = copying.copy(house.settings.database_url, f"sqlite:///{tmp_path / 'other.db'}", incomplete=True)
    assert "acme_loans_reminder" in report.left_out


# --- Off for one customer ----------------------------------------------------------------------------------


def test_off_for_one_customer_its_rows_are_not_read_for_that_one(house: House) -> None:
    from acme_loans.models import Reminder

    from registry import sdk

    acme, globex = both(house)
    row = visible(Reminder, Actor.system()).where(Reminder.customer_id == acme).get()
    switches.switch(Actor.system(), "acme_loans", on=False, customer_id=acme)
    assert {one.customer_id for one in sdk.visible(Reminder, Actor.system())} == {globex}
    with pytest.raises(access.NotFound):
        sdk.fetch(Reminder, Actor.system(), row.id)
    admin = house.people().admin
    assert json.loads(admin.get("/api/v1/x/acme_loans/reminders?customer=acme").text)["items"] == []
    switches.switch(Actor.system(), "acme_loans", on=True, customer_id=acme)
    assert len(list(sdk.visible(Reminder, Actor.system()))) == 2


def test_nobody_is_lent_a_right_at_a_stranger_s(house: House) -> None:
    people = house.people()
    acme = next(iter(people.owner.actor.grants))
    assert lend(people.owner.actor, acme, "x.y").can("x.y", acme)
    with pytest.raises(access.NotFound):
        lend(people.stranger.actor, acme, "x.y")


# --- Handed over -------------------------------------------------------------------------------------------


def test_its_rows_go_into_the_customer_s_package_and_nobody_else_s(house: House, tmp_path: Path) -> None:
    """Also while it is switched off: they are the customer's."""
    acme, _ = both(house)
    switches.switch(Actor.system(), "acme_loans", on=False)
    tables.settle(may_migrate=True)
    manifest = package_of(house, "acme", tmp_path / "acme.zip")
    [row] = lines(tmp_path / "acme.zip", "data/acme_loans_reminder.jsonl")
    assert (row["customer_id"], row["text"], row["due_on"]) == (acme, "Clean the fans", "2030-01-01")
    assert manifest["tables"]["acme_loans_reminder"] == 1
