"""The verbs by themselves: interruption, states, names of files, faults of the installation."""

import re
from pathlib import Path
from typing import Any

import pytest

from registry.imports import running, service, store
from registry.imports.models import ImportSession
from registry.kernel import files
from registry.kernel.access import Actor, visible
from registry.kernel.errors import Conflict, Forbidden, Problem
from tests.houses import House
from tests.imports.world import assert_sound, assets, bring, session, table

GOOD = table(("serial", "model"), ("A1", "Switch"))


@pytest.fixture(autouse=True)
def _acme(house: House) -> None:
    house.customer("acme")


def test_an_interrupted_import_says_so_after_a_restart(house: House) -> None:
    found = bring(house, GOOD, dry_run=True)
    ImportSession.update(state="running").where(ImportSession.id == found.id).execute()
    with store.running(found.file_key):
        assert service.give_up_interrupted() == 0, "somebody is at it"
    assert service.give_up_interrupted() == 1
    after = session(found.id)
    assert after.state == "failed" and "interrupted" in after.errors[0]["message"]
    assert service.apply_import(house.system, found.id).state == "applied", "and it can be applied again"


def test_the_same_import_does_not_run_twice(house: House) -> None:
    found = bring(house, GOOD, dry_run=True)
    with store.running(found.file_key), pytest.raises(Conflict):
        service.apply_import(house.system, found.id)
    assert session(found.id).state == "checked"


def test_a_fault_of_the_installation_leaves_nothing_and_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "report", full)
    with pytest.raises(OSError, match="No space"):
        bring(house, GOOD)
    [found] = visible(ImportSession, house.system)
    assert found.state == "failed" and "nothing of it was stored" in found.errors[0]["message"]
    assert assets(house) == []
    monkeypatch.undo()
    assert service.apply_import(house.system, found.id).state == "applied"
    assert_sound()


def test_a_file_that_could_not_be_kept_leaves_no_trace(house: House) -> None:
    def half(path: Path) -> None:
        path.write_text("serial,mo")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        service.create_import(house.system, {"kind": "assets", "customer": "acme", "filename": "x.csv"}, half)
    assert visible(ImportSession, house.system).count() == 0
    assert list(store.scratch("customer/1/any").parent.iterdir()) == [] and list(files.store().keys()) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("a\0b\n.csv", "ab.csv"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        ("..", ".."),
    ],
)
def test_a_name_from_outside_is_only_a_label(house: House, given: str, kept: str) -> None:
    values = {"kind": "assets", "customer": "acme", "filename": given, "dry_run": True}
    made = service.create_import(house.system, values, lambda path: path.write_text(GOOD))
    assert made.filename == kept and re.fullmatch(rf"customer/{made.customer_id}/[0-9a-f]{{32}}", made.file_key)
    assert list(files.store().keys()) == [made.file_key] and not store.scratch(made.file_key).exists()


def test_who_lost_the_right_cannot_go_on(house: House) -> None:
    owner = house.person("a@acme.example", "manager", "acme")
    found = bring(house, GOOD, actor=owner.actor, dry_run=True)
    fewer = owner.actor.narrowed({"import.run"})
    with pytest.raises(Forbidden):
        service.apply_import(fewer, found.id)
    with pytest.raises(Forbidden):
        bring(house, GOOD, actor=fewer)


def test_what_never_was_queued_is_not_run(house: House) -> None:
    found = bring(house, GOOD, dry_run=True)
    service.run_queued(found.id, None, [])
    service.run_queued(999, None, [])
    assert session(found.id).state == "checked"


def test_a_fault_in_the_worker_is_kept_with_the_session(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = house.person("a@acme.example", "manager", "acme")
    made = service.create_import(
        owner.actor, {"kind": "assets", "filename": "a.csv"}, lambda path: path.write_text(GOOD), in_worker=True
    )

    def busy(*_: Any, **__: Any) -> None:
        raise Problem("The database is busy.")

    monkeypatch.setattr(running, "execute", busy)
    service.run_queued(made.id, owner.user.id, sorted(owner.actor.grants[made.customer_id]))
    assert session(made.id).state == "failed" and "busy" in session(made.id).errors[0]["message"]


def test_without_an_actor_of_the_customer_there_is_no_session(house: House) -> None:
    house.customer("globex")
    found = bring(house, GOOD, dry_run=True)
    stranger = house.person("m@globex.example", "manager", "globex").actor
    with pytest.raises(Problem) as caught:
        service.get_import(stranger, found.id)
    assert caught.value.status == 404
    assert list(visible(ImportSession, Actor.system(found.customer_id)))
