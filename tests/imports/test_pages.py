"""Importing on pages: the whole way on both engines, what is refused, taking it up again later, and who may."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peewee import Database

from registry.imports import store
from registry.imports.listing import KIND_NAMES
from registry.imports.models import ImportChange, ImportSession
from registry.kernel.access import Actor, visible
from registry.people.models import User
from registry.people.tokens import create_token
from tests.houses import House, People, Person
from tests.imports.files import book
from tests.imports.world import assets, session, table
from tests.web.test_page_html import CANARY
from tests.web.test_page_html import _check as check_page

HEADS = ("Seriennummer", "serial", "model", "Standort", "name", "Purchase Date")
OWN = "/c/acme/imports"


def bring(who: Person, data: str | bytes, kind: str = "assets", name: str = "geräte.csv", **more: str) -> Any:
    content = data.encode() if isinstance(data, str) else data
    form = {"kind": kind, "file": (io.BytesIO(content), name), **more}
    return who.post(f"{OWN}/new", data=form, content_type="multipart/form-data")


def brought(who: Person, data: str | bytes, kind: str = "assets", name: str = "geräte.csv") -> int:
    """The id of the import that was begun."""
    answer = bring(who, data, kind, name)
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/c/acme/imports/(\d+)/columns", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return int(found.group(1))


def chosen(page: str) -> dict[str, str]:
    """The form of columns as a browser would send it."""
    form = {
        name: _selected(body) for name, body in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.S)
    }
    form.pop("saved_mapping", None)
    return {**form, "create_missing": "true", "version": version(page)}


def _selected(body: str) -> str:
    found = re.search(r'<option value="([^"]*)" selected', body)
    return found.group(1) if found else ""


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found.group(1)


def previewed(who: Person, number: int, **changes: str) -> str:
    """The preview, after the columns were taken as recognised but for `changes`."""
    form = {**chosen(who.get(f"{OWN}/{number}/columns").text), **changes}
    answer = who.post(f"{OWN}/{number}/columns", data=form)
    assert answer.status_code == 303, re.findall(r"alert.*?</div>", answer.text, re.S)
    return who.get(answer.headers["Location"]).text


def test_the_whole_way(any_house: House) -> None:
    owner = any_house.people().owner
    any_house.asset(serial="A1", product=any_house.product("Grüße 9000").id, name="alt")
    data = table(
        ("serial", "model", "name", "Bemerkung"),
        ("A1", "Grüße 9000", "核心交換機", "x"), ("A2", "Neu", "zwei", ""), ("A3", "", "drei", ""),
        delimiter=";",
    )  # fmt: skip
    number = brought(owner, data)
    page = owner.get(f"{OWN}/{number}/columns").text
    assert "Semicolon".lower() in page.lower() and "核心交換機" in page
    form = chosen(page)
    assert [form[f"f{at}"] for at in range(4)] == ["serial", "product", "name", ""], "the unknown one is left out"
    preview = previewed(owner, number)
    assert [len(assets(any_house)), session(number).state] == [1, "checked"]
    for text in ("<del>alt</del>", "<ins>核心交換機</ins>", "A2", "zwei", "Refused", "Product, not known before"):
        assert text in preview, text
    assert "Import 2, leave 1 out" in preview
    refused = owner.get(f"{OWN}/{number}?outcome=refused").text
    assert "Name the product" in refused and "zwei" not in refused
    problems = owner.get(f"{OWN}/{number}/problems.csv")
    assert problems.text.splitlines()[1].startswith("4,") and problems.text[0] == "\ufeff"
    applied = owner.post(f"{OWN}/{number}/apply", data={"on_error": "skip"})
    assert applied.status_code == 303
    result = owner.get(applied.headers["Location"]).text
    assert {row.serial: row.name for row in assets(any_house)} == {"A1": "核心交換機", "A2": "zwei"}
    for row in assets(any_house):
        assert f'href="/c/acme/assets/{row.id}"' in result
    ask = owner.get(f"{OWN}/{number}/undo").text
    assert "Assets that it added disappear: 1" in ask and "former values back: 1" in ask
    assert owner.post(f"{OWN}/{number}/undo").status_code == 303
    assert [(row.serial, row.name) for row in assets(any_house)] == [("A1", "alt")]
    assert "undone" in owner.get(f"{OWN}/{number}").text


def test_a_workbook_with_words_of_its_own(house: House, people: People, tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", [["Nummer", "Was", "Leer"], ["ÄÖ-1", "Schalter", ""], ["ÄÖ-2", "Schalter", ""]])
    number = brought(people.owner, path.read_bytes(), name="liste.xlsx")
    page = people.owner.get(f"{OWN}/{number}/columns").text
    assert "Excel workbook" in page and "Still needed: Product or Part number" in page
    refused = people.owner.post(f"{OWN}/{number}/columns", data={**chosen(page), "f0": "serial"})
    assert refused.status_code == 422 and refused.text.count("Still needed: Product") == 1
    assert _selected(re.findall(r'<select[^>]* name="f0"[^>]*>(.*?)</select>', refused.text, re.S)[0]) == "serial"
    preview = previewed(people.owner, number, f0="serial", f1="product", remember="Liste")
    assert "Import 2" in preview
    again = brought(people.owner, path.read_bytes(), name="liste2.xlsx")
    page = people.owner.get(f"{OWN}/{again}/columns").text
    used = people.owner.post(f"{OWN}/{again}/saved-mapping", data={"saved_mapping": "Liste", "version": version(page)})
    assert used.status_code == 303
    assert chosen(people.owner.get(f"{OWN}/{again}/columns").text)["f1"] == "product"
    strange = people.owner.post(f"{OWN}/{again}/saved-mapping", data={"saved_mapping": "?", "version": "2"})
    assert strange.status_code == 422


def test_an_encoding_that_nobody_can_know_is_asked_for(house: House, people: People) -> None:
    number = brought(people.owner, "serial;model;name\nA1;Größe;Jörg\n".encode("cp1252"))
    page = people.owner.get(f"{OWN}/{number}/columns").text
    assert "Which of these reads right?" in page and "Größe" in page
    read = people.owner.post(f"{OWN}/{number}/reading", data={"encoding": "cp1252", "version": version(page)})
    assert read.status_code == 303
    assert "Jörg" in people.owner.get(f"{OWN}/{number}/columns").text
    assert "Import 1" in previewed(people.owner, number)
    wrong = people.owner.post(f"{OWN}/{number}/reading", data={"encoding": "no such", "version": "1"})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("data", "name", "text"),
    [
        (b"", "a.csv", "empty"),
        (b"serial,serial\nA,B\n", "a.csv", "stands over columns"),
        (b"%PDF-1.7", "a.pdf", "PDF"),
        (b"PK\x03\x04 no zip", "a.xlsx", "cannot be read"),
        (b"\x89PNG\r\n", "a.csv", "picture"),
    ],
)
def test_what_is_no_table_is_refused_beside_the_field(people: People, data: bytes, name: str, text: str) -> None:
    answer = bring(people.owner, data, name=name)
    assert answer.status_code == 422 and text in answer.text and 'id="file-error"' in answer.text
    assert '<option value="assets" selected' in answer.text
    assert list(visible(ImportSession, Actor.system())) == []
    assert not [path for path in store.scratch("customer/1/any").parent.iterdir() if path.is_file()]


def test_what_the_file_is_and_our_own_names_are_said_in_the_readers_language(people: People) -> None:
    User.update(language="zh-Hant").where(User.id == people.owner.user.id).execute()
    picture = bring(people.owner, b"\x89PNG\r\n", name="a.csv").text
    assert "圖片" in picture and "a picture" not in picture
    number = brought(people.owner, "Serial number,Product,Delivered\nA-1,Switch,2026-03-01\n")
    preview = previewed(people.owner, number)
    assert "庫存" in preview and "In stock" not in preview
    assert "2026年3月1日" in preview, "the heading that our own pages show is understood"


def test_nothing_chosen_and_other_nonsense(people: People) -> None:
    assert bring(people.owner, b"a,b\n1,2\n", kind="boats").status_code == 422
    answer = people.owner.post(f"{OWN}/new", data={"kind": "sites"}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "Choose a file." in answer.text
    number = brought(people.owner, table(("serial", "model"), ("A1", "S")))
    form = chosen(people.owner.get(f"{OWN}/{number}/columns").text)
    for wrong in ({"f0": "colour"}, {"mode": "guess"}, {"key": "colour"}, {"f0": "product"}, {"f1": "\0"},
                  {"date_order": "x"}, {"remember": "x" * 101}):  # fmt: skip
        assert people.owner.post(f"{OWN}/{number}/columns", data={**form, **wrong}).status_code == 422, wrong
    assert people.owner.post(f"{OWN}/{number}/columns", data={**form, "version": "7"}).status_code == 412
    assert session(number).state == "draft"
    assert people.owner.post(f"{OWN}/{number}/apply").status_code == 409
    assert people.owner.get(f"{OWN}/{number}/undo").status_code == 302
    assert people.owner.get(f"{OWN}/{number}?outcome=x").status_code in (302, 422)


def test_a_file_larger_than_allowed(people: People, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(house.app.config, "ASSETCARE", _small(house))
    answer = people.owner.post(f"{OWN}/new", data=bytes(2 * 1024**2), content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413 and "larger than this installation accepts" in answer.text


def _small(house: House) -> Any:
    from dataclasses import replace

    return replace(house.settings, max_upload_mb=1)


def test_it_is_taken_up_again_from_the_list_or_thrown_away(people: People) -> None:
    number = brought(people.owner, table(("serial", "model"), ("A1", "S")))
    assert "Say what its columns mean" in people.owner.get(OWN).text
    assert people.owner.get(f"{OWN}/{number}").headers["Location"] == f"{OWN}/{number}/columns"
    previewed(people.owner, number)
    listed = people.owner.get(OWN).text
    assert "Look at the preview" in listed and "Ready to import" in listed
    page = people.owner.get(f"{OWN}/{number}").text
    key = session(number).file_key
    assert people.owner.post(f"{OWN}/{number}/discard", data={"version": "99"}).status_code == 412
    assert people.owner.post(f"{OWN}/{number}/discard", data={"version": version(page)}).status_code == 303
    assert not store.exists(key) and not list(visible(ImportChange, Actor.system()))
    assert people.owner.get(f"{OWN}/{number}").status_code == 404
    assert "Nothing was imported yet." in people.owner.get(OWN).text


def test_a_file_that_was_forgotten_is_to_be_brought_again(people: People) -> None:
    number = brought(people.owner, table(("serial", "model"), ("A1", "S")))
    previewed(people.owner, number)
    store.remove(session(number).file_key)
    for answer in (people.owner.get(f"{OWN}/{number}"), people.owner.get(f"{OWN}/{number}/columns")):
        assert "Bring it again" in answer.text
    assert people.owner.post(f"{OWN}/{number}/apply").status_code == 409
    assert people.owner.post(f"{OWN}/{number}/columns", data={"version": "1"}).status_code == 409


def test_what_stands_in_the_way_of_an_undo_is_named(any_house: House) -> None:
    owner = any_house.people().owner
    number = brought(owner, table(("serial", "model"), ("A1", "S"), ("A2", "S")))
    previewed(owner, number)
    owner.post(f"{OWN}/{number}/apply")
    first = next(row for row in assets(any_house) if row.serial == "A1")
    assert owner.patch(f"/api/v1/assets/{first.id}", {"place": "moved"}).status_code == 200
    page = owner.get(f"{OWN}/{number}/undo").text
    assert (
        f'href="/c/acme/assets/{first.id}">A1</a>' in page and "A2" not in page and "Undo the whole import" not in page
    )
    assert owner.post(f"{OWN}/{number}/undo").status_code == 409
    assert len(assets(any_house)) == 2


def test_what_is_used_since_stands_in_the_way_too(any_house: House) -> None:
    owner = any_house.people().owner
    number = brought(owner, table(("serial", "model"), ("A1", "Shared thing")))
    previewed(owner, number)
    owner.post(f"{OWN}/{number}/apply")
    made = assets(any_house)[0]
    assert "Undo the whole import" in owner.get(f"{OWN}/{number}/undo").text, "its own product is no obstacle"
    any_house.asset(serial="B1", product=made.product_id)
    page = owner.get(f"{OWN}/{number}/undo").text
    assert "Shared thing" in page and "(Asset)" in page and "Undo the whole import" not in page


def test_rows_that_are_refused_when_it_counts(house: House, people: People) -> None:
    """Somebody else registers the same unit between preview and import: nothing is stored, and the page says why."""
    number = brought(people.owner, table(("serial", "model"), ("A1", "S"), ("A2", "S")))
    previewed(people.owner, number, mode="create")
    house.asset(serial="A1", product=house.product("S").id)
    assert people.owner.post(f"{OWN}/{number}/apply").status_code == 303
    page = people.owner.get(f"{OWN}/{number}").text
    assert session(number).state == "failed" and "Nothing was stored." in page and "There is an asset" in page
    assert people.owner.post(f"{OWN}/{number}/apply", data={"on_error": "skip"}).status_code == 303
    assert session(number).state == "applied" and {row.serial for row in assets(house)} == {"A1", "A2"}


def test_no_more_is_left_out_than_was_seen(house: House, people: People) -> None:
    """The manager may create the site that the file names; the engineer, who presses the button, may not."""
    rows = ("A1", "S", "Neuer Ort", ""), ("A2", "S", "Neuer Ort", ""), ("A3", "S", "", "1/2/26")
    number = brought(people.owner, table(("serial", "model", "site", "purchase date"), *rows))
    assert "Import 2, leave 1 out" in previewed(people.owner, number)
    assert people.engineer.post(f"{OWN}/{number}/apply", data={"on_error": "skip", "leave_out": "1"}).status_code == 303
    assert session(number).state == "failed" and assets(house) == []
    page = people.owner.get(f"{OWN}/{number}").text
    assert "more rows are refused now" in page and "you may not create sites" in page
    for wrong in ({"on_error": "cry"}, {"leave_out": "x"}, {"leave_out": "-1"}):
        assert people.owner.post(f"{OWN}/{number}/apply", data=wrong).status_code == 422
    assert people.owner.post(f"{OWN}/{number}/apply", data={"on_error": "skip", "leave_out": "3"}).status_code == 303
    assert session(number).created == 2


def test_who_may(house: House, people: People) -> None:
    number = brought(people.owner, table(("serial", "model"), ("A1", "S")))
    previewed(people.owner, number)
    paths = ["", "/new", "/examples", "/examples/assets.csv"]
    paths += [f"/{number}{more}" for more in ("", "/columns", "/problems.csv", "/undo")]
    posts = [f"/{number}/{verb}" for verb in ("columns", "reading", "saved-mapping", "apply", "discard", "undo")]
    for who, status in ((people.stranger, 404), (people.reader, 403), (people.colleague, 403)):
        assert {who.get(OWN + path).status_code for path in paths} == {status}
        assert {who.post(OWN + path).status_code for path in posts} == {status}
    assert people.admin.get(f"/c/globex/imports/{number}").status_code == 404, "another company's page"
    assert people.admin.post(f"/c/globex/imports/{number}/apply").status_code == 404
    assert session(number).state == "checked"


def test_what_stands_in_a_file_stays_text(house: House, people: People) -> None:
    heads = ("serial", "model", CANARY, f"{CANARY} 2")
    number = brought(
        people.owner, table(heads, (CANARY, CANARY, CANARY, "x"), (CANARY, "S", "", "")), name=f"{CANARY}.csv"
    )
    texts = [people.owner.get(f"{OWN}/{number}/columns").text]
    texts.append(previewed(people.owner, number, f2="name", remember=CANARY))
    people.owner.post(f"{OWN}/{number}/apply", data={"on_error": "skip"})
    texts += [people.owner.get(path).text for path in (OWN, f"{OWN}/{number}", f"{OWN}/{number}/undo")]
    texts += [people.owner.get(path).text for path in (f"{OWN}/new", f"{OWN}/examples")]
    wrong = brought(people.owner, f"{CANARY};Größe\n1;2\n".encode("cp1252"))
    texts.append(people.owner.get(f"{OWN}/{wrong}/columns").text)
    for text in texts:
        assert "<img src=x" not in text and "alert(1)</script" not in text
        check_page(text)
    assert all("&lt;img src=x&gt;" in texts[at] for at in (0, 1, 3, -1)), "columns, preview, result, an encoding"
    assert all(row.serial == CANARY for row in assets(house)) and assets(house)


def test_only_kinds_that_one_may_change(house: House, people: People) -> None:
    _, token = create_token(
        Actor.system(), people.owner.user, name="few", scope=["import.run", "licence.edit", "customer.view"], days=1
    )
    head = {"Authorization": f"Bearer {token}"}
    page = house.client.get(f"{OWN}/new", headers=head).text
    assert 'value="licences"' in page and 'value="assets"' not in page


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("kind", KIND_NAMES)
def test_our_examples_can_be_imported_as_they_are(house: House, people: People, kind: str, language: str) -> None:
    assert people.owner.patch("/api/v1/me", {"language": language}).status_code == 200
    for form in ("csv", "xlsx"):
        example = people.owner.get(f"{OWN}/examples/{kind}.{form}")
        assert example.status_code == 200 and f"{kind}.{form}" in example.headers["Content-Disposition"]
        number = brought(people.owner, example.data, kind, f"example.{form}")
        previewed(people.owner, number)
        found = session(number)
        assert (found.created, found.error_count) == (2, 0), (form, found.errors, found.mapping)
    assert people.owner.get(f"{OWN}/examples?kind={kind}").status_code == 200


def test_a_file_with_very_many_columns_has_a_short_page(people: People) -> None:
    heads = ["serial", "model", *(f"column {at}" for at in range(300))]
    number = brought(people.owner, table(heads, ["A1", "S", *range(300)]))
    page = people.owner.get(f"{OWN}/{number}/columns").text
    assert len(page) < 120_000 and page.count("<datalist") == 1
    names = dict(re.findall(r'name="(f\d+)" list="fields"[^>]* value="([^"]*)"', page))
    assert (names["f0"], names["f1"], names["f2"]) == ("Serial number", "Product", "")
    sent = {**names, "mode": "mixed", "create_missing": "true", "version": version(page)}
    assert people.owner.post(f"{OWN}/{number}/columns", data=sent).status_code == 303
    assert session(number).created == 1


def test_the_worker_takes_large_files(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setitem(house.app.config, "ASSETCARE", replace(house.settings, import_inline_mb=0))
    number = brought(people.owner, table(("serial", "model"), ("A1", "S")))
    assert "Import 1" in previewed(people.owner, number)
    people.owner.post(f"{OWN}/{number}/apply")
    assert session(number).state == "applied"
    ImportSession.update(state="running").where(ImportSession.id == number).execute()
    page = people.owner.get(f"{OWN}/{number}")
    assert 'hx-trigger="every 2s"' in page.text and "Look again" in page.text
    part = people.owner.get(f"{OWN}/{number}", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="import"') and "<html" not in part


@pytest.mark.parametrize("where", ["", "/{n}", "/{n}/columns"])
def test_the_number_of_statements_does_not_grow(
    house: House, people: People, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = []
    for rows in (1, 40):
        numbers.append(brought(people.owner, table(("serial", "model"), *((f"S{at}", f"P{at}") for at in range(rows)))))
        if where != "/{n}/columns":
            previewed(people.owner, numbers[-1])
        if rows == 1:
            few = _statements(people.owner, OWN + where.format(n=numbers[0]), monkeypatch)
    assert _statements(people.owner, OWN + where.format(n=numbers[1]), monkeypatch) == few


def _statements(who: Person, path: str, monkeypatch: pytest.MonkeyPatch) -> int:
    ran: list[str] = []
    execute: Callable[..., Any] = Database.execute_sql

    def counted(self: Database, sql: str, *rest: Any, **more: Any) -> Any:
        ran.append(sql)
        return execute(self, sql, *rest, **more)

    who.get(path)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute_sql", counted)
        assert who.get(path).status_code == 200
    return len(ran)
