"""Imports over the API: the ladder of people, the answers, and the worker."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from registry.imports import running, service, store
from registry.imports.models import ImportSession
from registry.kernel import files, jobs
from registry.people.service import deactivate_user
from registry.people.tokens import create_token
from tests.houses import House, People, Person
from tests.imports.many_assets import write
from tests.imports.world import assets, session, table

GOOD = table(("serial", "model"), ("A1", "Switch"), ("A2", "Switch"))
BAD = table(("serial", "model", "Purchase Date"), ("A1", "Switch", "1/2/23"), ("A2", "Switch", ""))


def post(who: Person, data: str | bytes, **form: Any) -> Any:
    content = data.encode() if isinstance(data, str) else data
    fields = {"kind": "assets", **form, "file": (io.BytesIO(content), form.pop("name", "assets.csv"))}
    return who.post("/api/v1/imports", data=fields, content_type="multipart/form-data")


def test_a_dry_run_then_apply_then_undo(any_house: House) -> None:
    people = any_house.people()
    dry = post(people.owner, GOOD, dry_run="true", customer="acme", mode="mixed", key="serial")
    assert dry.status_code == 201, dry.json
    body = dry.json
    assert (body["state"], body["rows"], body["created"], body["updated"], body["skipped"]) == ("checked", 2, 2, 0, 0)
    assert (
        body["errors"] == []
        and body["customer"] == "acme"
        and body["mapping"] == {"serial": "serial", "model": "product"}
    )
    assert people.owner.get("/api/v1/assets").json["items"] == []
    path = f"/api/v1/imports/{body['id']}"
    applied = people.owner.post(f"{path}/apply").json
    assert (applied["state"], applied["created"], applied["dry_run"]) == ("applied", 2, False)
    assert len(people.owner.get("/api/v1/assets").json["items"]) == 2
    assert people.owner.post(f"{path}/apply").status_code == 409
    assert people.owner.post(f"{path}/undo").json["state"] == "undone"
    assert people.owner.get("/api/v1/assets").json["items"] == []
    assert people.owner.post(f"{path}/undo").status_code == 409
    assert people.owner.get(path).json["state"] == "undone"


def test_row_errors_name_line_column_value_and_what_to_do(house: House, people: People) -> None:
    body = post(people.owner, BAD).json
    assert (body["state"], body["created"], body["skipped"], body["error_count"]) == ("failed", 0, 1, 1)
    [error] = body["errors"]
    assert (error["line"], error["column"], error["value"]) == (2, "Purchase Date", "1/2/23")
    assert "date_order=mdy" in error["message"]
    assert post(people.owner, BAD, on_error="skip").json["created"] == 1


@pytest.mark.parametrize(
    ("data", "status", "field", "text"),
    [
        (b'serial,model\nA1,S\nA2,"S\n', 422, "file", "Line 3"),
        (b"serial,model\nA1,Gr\xfc\xdfe\n", 422, "file", "cp1252"),
        (b"", 422, "file", "empty"),
        (b"%PDF-1.7 ...", 422, "file", "PDF"),
        (b"serial,serial\nA,B\n", 422, "file", "stands over columns"),
        (b"serial,,model\nA,B,S\n", 422, "file", "no header"),
        (b"name\nx\n", 422, "mapping", "No column fits the required field product"),
        (b"name,model\nx,S\n", 422, "key", "no column for the key"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(people: People, data: bytes, status: int, field: str, text: str) -> None:
    answer = post(people.owner, data)
    assert answer.status_code == status, answer.json
    assert text in " ".join(answer.json["errors"][field])
    assert [*store.scratch("customer/1/any").parent.iterdir(), *files.store().keys()] == [], "nothing of it is kept"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "boats"}, "kind"),
        ({"key": "colour"}, "key"),
        ({"mode": "guess"}, "mode"),
        ({"on_error": "cry"}, "on_error"),
        ({"mapping": "{"}, "mapping"),
        ({"mapping": '{"serial": "colour"}'}, "mapping"),
        ({"saved_mapping": "none"}, "saved_mapping"),
        ({"customer": "nobody"}, "customer"),
        ({"customer": "999999"}, "customer"),
        ({"customer": "²"}, "customer"),
        ({"surprise": "1"}, "surprise"),
        ({"encoding": "rot13"}, "file"),
    ],
)
def test_what_is_asked_wrongly_is_named(people: People, form: dict[str, str], field: str) -> None:
    answer = post(people.admin if "customer" in form else people.owner, GOOD, **{"customer": "acme", **form})
    assert answer.status_code == 422, answer.json
    assert field in str(answer.json["errors"])


def test_without_a_file(people: People) -> None:
    answer = people.owner.post("/api/v1/imports", data={"kind": "assets"}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "file" in str(answer.json["errors"])


def test_who_may(house: House, people: People) -> None:
    for who, status in ((people.colleague, 403), (people.reader, 403), (people.auditor, 403), (people.stranger, 422)):
        assert post(who, GOOD, customer="acme").status_code == status
    made = post(people.owner, GOOD, dry_run="true").json
    path = f"/api/v1/imports/{made['id']}"
    for who, status in ((people.colleague, 403), (people.reader, 403), (people.stranger, 404)):
        assert who.get(path).status_code == status
        for verb in ("apply", "undo"):
            assert who.post(f"{path}/{verb}").status_code == status
    assert people.stranger.get("/api/v1/imports").json["items"] == []
    assert people.colleague.get("/api/v1/imports").status_code == 403
    assert people.engineer.post(f"{path}/apply").json["created"] == 2
    assert people.owner.get("/api/v1/imports/999").status_code == 404


def test_the_right_of_the_kind_is_needed_too(house: House, people: People) -> None:
    sites = table(("name", "city"), ("Hall", "Calgary"))
    assert post(people.engineer, sites, kind="sites", customer="acme").status_code == 403
    assert post(people.account_manager, sites, kind="sites", customer="acme").json["created"] == 1
    new = table(("serial", "model", "site"), ("A1", "S", "Hall"), ("A2", "S", "Unknown hall"))
    body = post(people.engineer, new, customer="acme", on_error="skip").json
    assert body["created"] == 1 and "you may not create sites" in body["errors"][0]["message"]


def test_a_mapping_is_saved_and_used_again(people: People) -> None:
    data = table(("Seriennummer", "Modell", "Bemerkung"), ("A1", "S", "x"))
    refused = post(people.owner, data)
    assert refused.status_code == 422 and "'Modell'" in str(refused.json["errors"])
    columns = {"Seriennummer": "serial", "Modell": "product", "Bemerkung": None}
    saved = {"kind": "assets", "name": "German", "columns": columns, "options": {"date_order": "dmy"}}
    assert people.owner.post("/api/v1/import-mappings", saved).status_code == 201
    assert people.owner.post("/api/v1/import-mappings", saved).json["version"] == 1, "the same again changes nothing"
    assert people.owner.post("/api/v1/import-mappings", {**saved, "columns": {"x": "boat"}}).status_code == 422
    assert people.colleague.post("/api/v1/import-mappings", saved).status_code == 403
    body = post(people.owner, data, saved_mapping="German").json
    assert body["created"] == 1 and body["options"]["date_order"] == "dmy" and body["mapping"] == columns
    assert post(people.owner, data, saved_mapping="German", date_order="mdy").json["options"]["date_order"] == "mdy"
    assert post(people.stranger, data, saved_mapping="German").status_code == 422
    [listed] = people.owner.get("/api/v1/import-mappings").json["items"]
    assert listed["name"] == "German"


class Later:
    """A queue whose jobs run when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = []

    def enqueue(self, name: str, **arguments: Any) -> None:
        assert name in jobs.JOBS
        self.waiting.append(arguments)

    def run(self) -> None:
        for arguments in self.waiting:
            running.run_in_worker(**arguments)
        self.waiting.clear()


@pytest.fixture
def queue(house: House, people: People) -> Later:
    later = Later()
    house.app.extensions["assetcare_jobs"] = later
    house.app.config["ASSETCARE"] = replace(house.settings, import_inline_mb=0)
    return later


def test_large_files_are_finished_by_the_worker(house: House, people: People, queue: Later) -> None:
    body = post(people.owner, GOOD).json
    assert (body["state"], body["created"]) == ("queued", 0) and assets(house) == []
    path = f"/api/v1/imports/{body['id']}"
    assert people.owner.post(f"{path}/apply").status_code == 409
    queue.run()
    assert people.owner.get(path).json["state"] == "applied" and len(assets(house)) == 2


def test_a_queued_dry_run_can_be_applied_by_the_worker(house: House, people: People, queue: Later) -> None:
    body = post(people.owner, GOOD, dry_run="true").json
    queue.run()
    path = f"/api/v1/imports/{body['id']}"
    assert people.owner.get(path).json["state"] == "checked" and assets(house) == []
    assert people.owner.post(f"{path}/apply").json["state"] == "queued"
    queue.run()
    assert people.owner.get(path).json["state"] == "applied" and len(assets(house)) == 2


def test_a_queued_file_is_looked_at_before_it_is_taken(people: People, queue: Later) -> None:
    assert post(people.owner, b"\xff\xff\xff,x").status_code == 422 and queue.waiting == []


def test_who_was_shut_out_meanwhile_imports_nothing(house: House, people: People, queue: Later) -> None:
    body = post(people.owner, GOOD).json
    deactivate_user(house.system, people.owner.user.id)
    queue.run()
    assert session(body["id"]).state == "failed" and assets(house) == []


def test_a_token_of_few_rights_gets_no_more_in_the_worker(house: House, people: People, queue: Later) -> None:
    names = ["import.run", "asset.edit", "asset.view"]
    _, people.owner.token = create_token(house.system, people.owner.user, name="few", scope=names, days=1)
    body = post(people.owner, table(("serial", "model", "site"), ("A1", "S", "New hall"))).json
    queue.run()
    found = session(body["id"])
    assert found.state == "failed" and "you may not create sites" in found.errors[0]["message"]


def test_progress_shows_while_it_runs(
    house: House, people: People, queue: Later, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = post(people.owner, write(tmp_path / "many.csv", 3500).read_bytes()).json
    seen = []
    original: Callable[..., None] = store.report

    def report(*arguments: Any) -> None:
        original(*arguments)
        seen.append((store.is_running(arguments[0]), store.progress(arguments[0])))

    monkeypatch.setattr(store, "report", report)
    queue.run()
    assert [one["rows"] for _, one in seen] == [2000, 3500] and all(running for running, _ in seen)
    assert seen[-1][1]["share"] == 1.0
    assert session(body["id"]).state == "applied" and store.progress(session(body["id"]).file_key) is None


def test_get_shows_the_progress_of_a_running_one(house: House, people: People) -> None:
    made = post(people.owner, GOOD, dry_run="true").json
    ImportSession.update(state="running").where(ImportSession.id == made["id"]).execute()
    store.report(session(made["id"]).file_key, 1200, 0.25)
    body = people.owner.get(f"/api/v1/imports/{made['id']}").json
    assert body["state"] == "running" and body["progress"] == {"rows": 1200, "share": 0.25}
    assert people.owner.post(f"/api/v1/imports/{made['id']}/apply").status_code == 409


def test_files_nobody_applied_are_forgotten(house: House, people: People) -> None:
    made = post(people.owner, GOOD, dry_run="true").json
    assert service.forget_old_files() == 0
    ImportSession.update(changed_at="2020-01-01 00:00:00.000000").where(ImportSession.id == made["id"]).execute()
    assert service.forget_old_files() == 1 and service.forget_old_files() == 0
    answer = people.owner.post(f"/api/v1/imports/{made['id']}/apply")
    assert answer.status_code == 409 and "bring it again" in answer.json["message"]
