"""Files of a unit: kept under a name in any script, handed out to be saved only, gone without a trace in the store."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from registry.assets import attachments
from registry.assets.attachments import media_type_of, tidy_name
from registry.assets.models import AssetFile
from registry.assets.service import remove_asset
from registry.kernel import files
from registry.kernel.access import visible
from registry.kernel.errors import Conflict, Forbidden, NotFound, Problem
from tests.handover.world import lines, package_of
from tests.houses import House, People, Person

PATH = "/api/v1/assets/{}/files"


@pytest.fixture
def unit(house: House, people: People) -> int:
    house.app  # noqa: B018 - opens the database that everything is written to
    return int(house.asset().id)


def _sent(person: Person, unit: int, data: bytes = b"content", name: str = "photo.jpg", **more: str) -> Any:
    return person.request("POST", PATH.format(unit), data={"file": (io.BytesIO(data), name), **more})


def _keys() -> list[str]:
    return list(files.store().keys())


def test_what_was_brought_comes_back(house: House, people: People, unit: int) -> None:
    made = _sent(people.colleague, unit, b"a photo", "Rack 7.jpg", kind="photo")
    assert made.status_code == 201, made.text
    row = made.json
    assert (row["name"], row["kind"], row["size"], row["media_type"]) == ("Rack 7.jpg", "photo", 7, "image/jpeg")
    assert row["added_by"] == people.colleague.actor.name and row["serial"] == "SN-1"
    listed = people.reader.get(PATH.format(unit)).json["items"]
    assert [item["id"] for item in listed] == [row["id"]] and "file_key" not in listed[0]
    answer = people.reader.get(f"{PATH.format(unit)}/{row['id']}")
    assert (answer.data, answer.mimetype) == (b"a photo", "application/octet-stream")
    part = people.reader.get(f"{PATH.format(unit)}/{row['id']}", headers={"Range": "bytes=2-6"})
    assert (part.status_code, part.data) == (206, b"photo")


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.html", b"<script>alert(1)</script>"), ("a.svg", b"<svg/>"), ("a.xhtml", b"<x/>"), ("a", b"x")],
)
def test_nothing_that_was_brought_becomes_a_page_of_ours(people: People, unit: int, name: str, data: bytes) -> None:
    made = _sent(people.owner, unit, data, name).json
    answer = people.owner.get(f"{PATH.format(unit)}/{made['id']}")
    headers = answer.headers
    assert answer.data == data and answer.mimetype == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment;") and headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"] and headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\機房 7.jpg", "機房 7.jpg"),
        ("фото.png", "фото.png"),
        ("صورة.pdf", "صورة.pdf"),
        ("..", "file"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ('say "hi"; filename=x.html', 'say "hi"; filename=x.html'),
    ],
)
def test_a_name_is_a_name_and_no_path(given: str, kept: str) -> None:
    assert tidy_name(given) == kept


@pytest.mark.parametrize("name", ["機房 7.jpg", 'say "hi"; filename=x.html', "ünïcode – b.pdf", "%41.txt"])
def test_a_name_in_any_script_is_told_to_the_browser(house: House, people: People, unit: int, name: str) -> None:
    row = attachments.add_file(people.owner.actor, unit, io.BytesIO(b"x"), name=name)
    told = people.owner.get(f"{PATH.format(unit)}/{row.id}").headers["Content-Disposition"]
    assert unquote(told.split("filename*=UTF-8''")[1]) == name
    assert told.isascii() and told.count('"') == 2 and "\n" not in told


def test_types_are_told_by_the_name_alone() -> None:
    assert media_type_of("a.PDF") == "application/pdf" and media_type_of("a.unheard-of") == "application/octet-stream"


def test_an_empty_one_and_an_unknown_kind_are_refused_and_nothing_stays(people: People, unit: int) -> None:
    empty = _sent(people.owner, unit, b"")
    assert empty.status_code == 422 and "empty" in empty.json["errors"]["file"][0]
    assert _sent(people.owner, unit, kind="x").status_code == 422
    assert people.owner.request("POST", PATH.format(unit), data={"kind": "photo"}).status_code == 422
    assert _keys() == []


def _sent_whole(person: Person, unit: int, size: int) -> int:
    """Put together here: the client would keep a large form in a file that it forgets to close."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    body, kind = head + b"x" * size + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
    return int(person.request("POST", PATH.format(unit), data=body, content_type=kind).status_code)


def test_one_that_is_too_large_is_refused(house: House, people: People, unit: int) -> None:
    house.app.config["ASSETCARE"] = replace(house.settings, max_upload_mb=1)
    assert _sent_whole(people.owner, unit, 1024 * 1024) == 413
    assert _sent_whole(people.owner, unit, 1024 * 1000) == 201
    assert len(_keys()) == 1


def test_whoever_may_not_gets_nothing(house: House, people: People, unit: int) -> None:
    made = _sent(people.owner, unit).json["id"]
    path, one = PATH.format(unit), f"{PATH.format(unit)}/{made}"
    assert _sent(people.reader, unit).status_code == 403
    assert people.reader.delete(one).status_code == 403
    for answer in (people.stranger.get(path), people.stranger.get(one), people.stranger.delete(one),
                   _sent(people.stranger, unit)):  # fmt: skip
        assert answer.status_code == 404
    other = house.asset(serial="SN-2").id
    assert people.owner.get(f"{PATH.format(other)}/{made}").status_code == 404, "a file of another unit"
    theirs = house.asset("globex", "SN-3").id
    assert people.stranger.get(f"{PATH.format(theirs)}/{made}").status_code == 404
    assert people.admin.get(f"{PATH.format(theirs)}/{made}").status_code == 404
    assert len(_keys()) == 1


def test_the_verbs_ask_for_the_right_themselves(people: People, unit: int) -> None:
    """Who may edit elsewhere passes the route, and no further."""
    row = attachments.add_file(people.owner.actor, unit, io.BytesIO(b"x"), name="a")
    for verb in (
        lambda who: attachments.add_file(who, unit, io.BytesIO(b"x"), name="a"),
        lambda who: attachments.remove_file(who, unit, row.id),
    ):
        with pytest.raises(Forbidden):
            verb(people.reader.actor)
        with pytest.raises(NotFound):
            verb(people.stranger.actor)
    assert len(_keys()) == 1


def test_removing_takes_it_out_of_the_store_and_the_history_keeps_what_it_was(people: People, unit: int) -> None:
    made = _sent(people.owner, unit).json
    one = f"{PATH.format(unit)}/{made['id']}"
    assert people.owner.delete(one).status_code == 204
    assert people.owner.delete(one).status_code == people.owner.get(one).status_code == 404
    assert _keys() == []
    entries = people.owner.get(f"/api/v1/audit?customer=acme&object_type=asset&object_id={unit}&sort=id").json["items"]
    told = [(entry["action"], (entry["after"] or entry["before"])["sha256"]) for entry in entries[1:]]
    assert told == [("asset.file_added", made["sha256"]), ("asset.file_removed", made["sha256"])]


def test_a_transaction_that_fails_leaves_nothing_in_the_store(
    house: House, people: People, unit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_more: Any) -> None:
        raise Problem("The disk is full.")

    monkeypatch.setattr(attachments, "note", broken)
    with pytest.raises(Problem):
        attachments.add_file(people.owner.actor, unit, io.BytesIO(b"x"), name="a")
    assert _keys() == [] and visible(AssetFile, house.system).count() == 0


def test_a_unit_holds_so_many_and_no_more(people: People, unit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_FILES", 1)
    assert _sent(people.owner, unit).status_code == 201
    assert _sent(people.owner, unit).json["code"] == "too_many_files"
    assert len(_keys()) == 1


def test_a_unit_with_files_is_not_removed_by_mistake(house: House, people: People, unit: int) -> None:
    _sent(people.owner, unit)
    with pytest.raises(Conflict):
        remove_asset(people.owner.actor, unit)


def test_files_go_along_when_the_customer_is_handed_over(
    house: House, people: People, unit: int, tmp_path: Path
) -> None:
    made = _sent(people.owner, unit, b"what it looks like", "機房.jpg").json
    path = tmp_path / "acme.zip"
    package_of(house, "acme", path)
    (row,) = lines(path, "data/asset_file.jsonl")
    assert (row["id"], row["name"], row["sha256"]) == (made["id"], "機房.jpg", made["sha256"])
    with zipfile.ZipFile(path) as opened:
        assert opened.read(row["file_key"]) == b"what it looks like"
        assert "機房.jpg" in opened.read("csv/asset_file.csv").decode()
