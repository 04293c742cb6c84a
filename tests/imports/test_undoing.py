"""A large import is taken back by the worker: how far it is, how it ended, and never half of it."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.assets.service import change_asset
from registry.imports import api, service, store, undo
from registry.imports.models import ImportSession
from registry.kernel import clock, jobs, tickets
from registry.kernel.audit import AuditEntry
from registry.kernel.jobs import JOBS
from registry.people.service import deactivate_user
from tests.houses import House, People
from tests.imports.killed_undo import POINTS
from tests.imports.many_assets import write
from tests.imports.world import assert_sound, asset, assets, bring, session, table
from tests.programs import finished, start_module

LARGE = (1200, 500)  # rows, and entries at a time as in earnest
SMALL = (120, 50)
MANY = table(("serial", "model"), *((f"A{n}", "S") for n in range(12)))
OWN = "/c/acme/imports"


class Later:
    """A queue whose jobs run when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, dict[str, Any]]] = []

    def enqueue(self, name: str, **arguments: Any) -> None:
        self.waiting.append((name, arguments))

    def run(self) -> None:
        while self.waiting:
            name, arguments = self.waiting.pop(0)
            JOBS[name].function(**arguments)


@pytest.fixture
def queue(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[Later]:
    later = Later()
    house.app.extensions["assetcare_jobs"] = later
    monkeypatch.setattr(api, "UNDONE_AT_ONCE", 10)
    yield later


def test_a_large_one_is_undone_by_the_worker(house: House, people: People, queue: Later) -> None:
    found = bring(house, MANY)
    body = people.owner.post(f"/api/v1/imports/{found.id}/undo").json
    assert body["state"] == "undoing" and len(assets(house)) == 12
    for verb in ("undo", "apply"):
        assert people.owner.post(f"/api/v1/imports/{found.id}/{verb}").status_code == 409
    store.report(session(found.id).file_key, 5, 0.5)
    assert people.owner.get(f"/api/v1/imports/{found.id}").json["progress"] == {"rows": 5, "share": 0.5}
    page = people.owner.get(f"{OWN}/{found.id}").text
    assert "Undoing." in page and 'value="0.5"' in page and 'hx-trigger="every 2s"' in page
    assert "Being undone" in people.owner.get(OWN).text
    queue.run()
    assert people.owner.get(f"/api/v1/imports/{found.id}").json["state"] == "undone" and assets(house) == []
    page = people.owner.get(f"{OWN}/{found.id}").text
    assert "everything is as it was before" in page and "hx-trigger" not in page
    entry = AuditEntry.get(AuditEntry.action == "import.undone", AuditEntry.object_type == "import_session")
    assert entry.actor_id == people.owner.user.id
    assert_sound()


def test_a_small_one_needs_no_worker(house: House, people: People, queue: Later) -> None:
    found = bring(house, table(("serial", "model"), ("A1", "S")))
    assert people.owner.post(f"{OWN}/{found.id}/undo").status_code == 303
    assert session(found.id).state == "undone" and queue.waiting == []


def test_what_is_in_the_way_is_told_on_the_page(house: House, people: People, queue: Later) -> None:
    found = bring(house, MANY + "B1,\n", on_error="skip")
    assert people.owner.post(f"{OWN}/{found.id}/undo").status_code == 303
    change_asset(house.system, asset(house, "A7").id, {"name": "by hand"}, 1)
    queue.run()
    now = session(found.id)
    assert now.state == "applied" and len(assets(house)) == 12
    assert [(error["line"], "A7" in error["message"]) for error in now.errors] == [(None, True), (14, False)]
    page = people.owner.get(f"{OWN}/{found.id}").text
    assert "cannot be undone" in page and "asset A7" in page and "Undo this import" in page
    change_asset(house.system, asset(house, "A7").id, {"name": ""}, 2)
    people.owner.post(f"/api/v1/imports/{found.id}/undo")
    assert [error["line"] for error in session(found.id).errors] == [14], (
        "the old reason is gone when it is tried again"
    )
    queue.run()
    assert session(found.id).state == "applied", "changed since, if only to and fro"
    assert_sound()


def test_progress_goes_up_to_the_whole(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house.customer("acme")
    rows_in_all, step = SMALL
    monkeypatch.setattr(undo, "STEP", step)
    found = bring(house, write(tmp_path / "many.csv", rows_in_all))
    seen: list[tuple[int, float]] = []
    monkeypatch.setattr(store, "report", lambda _key, rows, share: seen.append((rows, share)))
    service.undo_import(house.system, found.id)
    shares = [share for _rows, share in seen]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0) and seen[-1][0] >= rows_in_all
    assert [rows for rows, share in seen if share <= undo.LOOKING] == [0] * sum(s <= undo.LOOKING for s in shares)


def test_who_was_shut_out_meanwhile_undoes_nothing(house: House, people: People, queue: Later) -> None:
    found = bring(house, MANY)
    people.owner.post(f"/api/v1/imports/{found.id}/undo")
    deactivate_user(house.system, people.owner.user.id)
    queue.run()
    assert session(found.id).state == "applied" and "may not sign in" in session(found.id).errors[0]["message"]
    assert len(assets(house)) == 12


def test_a_fault_of_ours_leaves_it_applied(
    house: House, people: People, queue: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bring(house, MANY)
    people.owner.post(f"/api/v1/imports/{found.id}/undo")

    def broken(*_arguments: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(undo, "_used", broken)
    with pytest.raises(ZeroDivisionError):
        queue.run()
    assert session(found.id).state == "applied" and "nothing of it was undone" in session(found.id).errors[0]["message"]


def test_one_that_no_worker_takes_up_is_given_up(house: House, people: People, queue: Later) -> None:
    """The process died between its word that the import is to be undone and the job."""
    found = bring(house, MANY)
    people.owner.post(f"/api/v1/imports/{found.id}/undo")
    assert service.give_up_interrupted() == 0, "the job may come in a moment"
    ImportSession.update(changed_at=clock.now() - timedelta(hours=1)).where(ImportSession.id == found.id).execute()
    number = tickets.issue("imports.undo", {"session_id": found.id})
    assert service.give_up_interrupted() == 0, "a worker will come to it"
    tickets.finish(tickets.take(number, timedelta(0)))  # type: ignore[arg-type]
    assert service.give_up_interrupted() == 1
    assert session(found.id).state == "applied" and "interrupted" in session(found.id).errors[0]["message"]


def test_only_one_worker_at_a_time(house: House, people: People, queue: Later) -> None:
    found = bring(house, MANY)
    people.owner.post(f"/api/v1/imports/{found.id}/undo")
    with store.running(session(found.id).file_key), pytest.raises(jobs.NotNow):
        queue.run()
    assert session(found.id).state == "undoing" and len(assets(house)) == 12


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_in_the_middle(any_house: House, tmp_path: Path, point: str) -> None:
    any_house.people()
    rows, step = LARGE if point == "just before the commit" else SMALL
    found = bring(any_house, write(tmp_path / "many.csv", rows))
    service.undo_import(any_house.system, found.id, in_worker=True)
    entries = AuditEntry.select().count()
    any_house.close()
    code, out, err = finished(start_module(any_house, "tests.imports.killed_undo", point, str(found.id), str(step)))
    any_house.open()
    assert code == (0 if point == "never" else -signal.SIGKILL), (out, err)
    assert_sound()
    if point not in ("never", "just after the commit"):
        assert session(found.id).state == "undoing" and len(assets(any_house)) == rows
        assert AuditEntry.select().count() == entries
        any_house.close()
        again = start_module(any_house, "tests.imports.killed_undo", "never", str(found.id), str(step))
        code, out, err = finished(again)
        any_house.open()
        assert (code, out.strip()) == (0, "undone"), (out, err)
    assert session(found.id).state == "undone" and assets(any_house) == []
    assert_sound()
