"""Pages and API of labels: what one sees, what one may do, how many statements a page takes."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from registry import commands
from registry.cli import cli
from registry.kernel.access import visible
from registry.kernel.db import database
from registry.labels import service
from registry.labels.codes import address, grouped
from registry.labels.models import LabelCode, LabelScan
from tests.houses import SECRET, House, Person
from tests.labels.printed import codes_on, picture, texts
from tests.two_companies import upload
from tests.web import world
from tests.web.world import World

V1 = "/api/v1"


@pytest.fixture
def acme(house: House) -> World:
    return world.build(house)


def base(house: House) -> str:
    return str(house.settings.address)


def statements(person: Person, path: str) -> int:
    ran: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        real = type(database.obj).execute_sql
        patch.setattr(
            type(database.obj), "execute_sql",
            lambda self, sql, *more: (ran.append(sql), real(self, sql, *more))[1],
        )  # fmt: skip
        person.get(path)
    return len(ran)


def test_a_scan_costs_few_statements_more_than_the_page(acme: World) -> None:
    owner = acme.people.owner
    label = service.issue(owner.actor, acme.asset)
    for path in (f"/L/{label.code}", f"/c/acme/assets/{acme.asset}"):
        owner.get(path)  # statements are written once
    page, scan = statements(owner, f"/c/acme/assets/{acme.asset}"), statements(owner, f"/L/{label.code}")
    assert scan <= 6 and scan <= page / 2, (scan, page)


def test_the_page_of_a_unit_shows_its_code(acme: World) -> None:
    owner = acme.people.owner
    place = f"/c/acme/assets/{acme.asset}"
    owner.get(place)  # statements are written once
    before = statements(owner, place)
    bare = owner.get(f"{place}/qr.svg").data
    label = service.issue(owner.actor, acme.asset)
    assert label.label in owner.get(place).text and statements(owner, place) == before
    assert owner.get(f"{place}/qr.svg").data != bare
    shown = owner.get(f"{place}/labels").text
    assert label.label in shown and "Give it a new code" in shown and "Revoke it" in shown
    reader = acme.people.reader.get(f"{place}/labels").text
    assert label.label in reader and "<form" not in reader.split("<main")[1]


def test_the_life_of_a_label_on_the_page(acme: World) -> None:
    owner, place = acme.people.owner, f"/c/acme/assets/{acme.asset}"

    def send(path: str, **data: Any) -> Any:
        return owner.request("POST", f"{place}/{path}", data=data)

    assert send("labels").status_code == 303
    assert send("labels").status_code == 409 and "already" in send("labels").text
    first = visible(LabelCode, owner.actor).get()
    assert send(f"labels/{first.id}/reissue", version="7").status_code == 412
    assert send(f"labels/{first.id}/reissue", version="1").status_code == 303
    second = visible(LabelCode, owner.actor).where(LabelCode.state == "active").get()
    assert send(f"labels/{second.id}/revoke", version="1", reason="lost").status_code == 303
    shown = owner.get(f"{place}/labels").text
    assert "lost" in shown and "Revoked" in shown and "Replaced" in shown and "This unit has no label" in shown
    batch = owner.post(f"{V1}/label-batches", {"count": 2}).json["batch"]
    free = owner.get(f"{V1}/label-codes?batch={batch}").json["items"][0]["code"]
    assert send("labels/claim", code=free[:-1]).status_code == 422
    assert send("labels/claim", code=grouped(free).lower()).status_code == 303
    assert send("barcodes", text="").status_code == 422
    assert send("barcodes", text="4006381333931").status_code == 303
    assert send("barcodes", text="4006381333931").status_code == 409
    assert "4006381333931" in owner.get(f"{place}/labels").text
    barcode = owner.get(f"{V1}/asset-barcodes").json["items"][0]
    assert send(f"barcodes/{barcode['id']}/remove", version="1").status_code == 303
    owner.get(f"/L/{free}")
    assert "Scanned lately" in owner.get(f"{place}/labels").text


def test_labels_are_previewed_and_printed(acme: World) -> None:
    owner = acme.people.owner
    form = owner.get(f"/c/acme/labels/print?id={acme.asset}")
    assert form.status_code == 200 and "One unit has no code yet" in form.text and "data:image/svg+xml" in form.text
    sent = {"ids": str(acme.asset), "sheet": "L7163", "template": "full", "start": "3", "copies": "2", "format": "pdf"}
    looked = owner.request("POST", "/c/acme/labels/print", data={**sent, "preview": "1"})
    assert looked.status_code == 200 and visible(LabelCode, owner.actor).count() == 0
    zpl = owner.request("POST", "/c/acme/labels/print", data={**sent, "format": "zpl", "preview": "1"})
    pictures = [re.findall('data:image[^"]*', answer.text) for answer in (looked, zpl)]
    assert pictures[0] != pictures[1], "the preview is of what will be printed: modules of whole dots"
    assert "actual size" in looked.text and "actual size" not in zpl.text
    made = owner.request("POST", "/c/acme/labels/print", data=sent)
    assert made.mimetype == "application/pdf" and "attachment" in made.headers["Content-Disposition"]
    code = visible(LabelCode, owner.actor).get().code
    assert texts(made.data) == [address(base(acme.house), code)] * 2
    for wrong, said in (({"start": "15"}, "1 to 14"), ({"copies": "x"}, "copies-error"), ({"text": "🚀"}, "U+1F680"),
                        ({"offset_x": "99"}, "offset_x-error"), ({"ids": "1 x"}, "")):  # fmt: skip
        answer = owner.request("POST", "/c/acme/labels/print", data={**sent, **wrong})
        assert answer.status_code == 422 and said in answer.text, wrong
    assert acme.people.reader.get(f"/c/acme/labels/print?id={acme.asset}").status_code == 403
    assert owner.get(f"/c/acme/labels/print?id={acme.other}").status_code == 404


def test_labels_for_a_site_and_for_an_import(acme: World) -> None:
    owner = acme.people.owner
    site = owner.get(f"{V1}/sites").json["items"][0]["id"]
    assert "Print one label" in owner.get(f"/c/acme/labels/print?site={site}").text
    sent = upload("acme", "serial,product\nIMP-1,Core switch\nIMP-2,Core switch\n", kind="assets")
    made = owner.request("POST", f"{V1}/imports", data=sent)
    assert made.json["state"] == "applied", made.json
    assert "Print 2 labels" in owner.get(f"/c/acme/labels/print?import={made.json['id']}").text
    assert f"labels/print?import={made.json['id']}" in owner.get(f"/c/acme/imports/{made.json['id']}").text
    data = owner.post(f"{V1}/labels/print", {"import": made.json["id"], "sheet": "5160"}).data
    assert len(texts(data)) == 2
    assert owner.get("/c/acme/labels/print?import=99").status_code == 404
    assert owner.get("/c/acme/labels/print?site=x").status_code == 404
    assert 'formaction="/c/acme/labels/print"' in owner.get("/c/acme/assets").text


def test_batches_and_sheets_of_customer_and_house(acme: World) -> None:
    people = acme.people
    for person, place in ((people.owner, "/c/acme"), (people.account_manager, "")):
        made = person.request("POST", f"{place}/labels/batches", data={"count": "5"})
        assert made.status_code == 303, made.text
        page = person.get(made.headers["Location"])
        assert page.status_code == 200 and "Print 5 labels" in page.text
        batch = made.headers["Location"].partition("batch=")[2]
        data = person.request("POST", f"{place}/labels/print", data={"batch": batch, "template": "service"}).data
        assert len(set(texts(data))) == 5
        assert person.request("POST", f"{place}/labels/batches", data={"count": "0"}).status_code == 422
        measures = {"name": "Own", "page_wide": "100", "page_high": "50", "columns": "2", "rows": "1", "wide": "45",
                    "high": "40", "left": "2.5", "top": "5", "pitch_x": "50"}  # fmt: skip
        assert person.get(f"{place}/labels/sheets/new?like=L7160").text.count("63.5") == 1
        sheets = [{**measures, "pitch_x": "40"}, measures, measures]
        answers = [person.request("POST", f"{place}/labels/sheets/new", data=one).status_code for one in sheets]
        assert answers == [422, 303, 409]
        sent = {"batch": batch, "sheet": "Own", "template": "code"}
        assert len(texts(person.request("POST", f"{place}/labels/print", data=sent).data)) == 5
        assert person.get(f"{place}/labels/ruler.pdf?sheet=Own").mimetype == "application/pdf"
        shown = person.get(f"{place}/labels").text
        assert batch in shown and "5 of 5" in shown and "Own" in shown
    assert people.owner.get("/labels").status_code == 403
    assert people.colleague.get("/c/acme/labels").status_code == 200
    assert people.colleague.request("POST", "/c/acme/labels/batches", data={"count": "5"}).status_code == 403
    [mine] = people.owner.get(f"{V1}/label-sheets").json["items"]
    assert (mine["customer"], mine["wide"], mine["pitch_y"]) == ("acme", 45, 40)
    house_sheet = next(one for one in people.admin.get(f"{V1}/label-sheets").json["items"] if one["customer"] is None)
    assert people.owner.get(f"{V1}/label-sheets/{house_sheet['id']}").status_code == 404
    assert people.owner.get(f"/c/acme/labels/sheets/{house_sheet['id']}").status_code == 404
    edit = f"/c/acme/labels/sheets/{mine['id']}"
    assert 'value="2.5"' in people.owner.get(edit).text
    assert people.owner.request("POST", edit, data={"version": "1", "left": "3"}).status_code == 303
    assert people.owner.request("POST", f"{edit}/remove", data={"version": "2"}).status_code == 303


def test_the_api_prints_in_every_form(acme: World) -> None:
    owner = acme.people.owner
    ask = {"assets": [acme.asset], "sheet": "tape-62"}
    made = {form: owner.post(f"{V1}/labels/print", {**ask, "format": form}) for form in ("pdf", "svg", "png", "zpl")}
    assert {form: answer.status_code for form, answer in made.items()} == dict.fromkeys(made, 200)
    code = owner.get(f"{V1}/label-codes?asset={acme.asset}").json["items"][0]["code"]
    wanted = address(base(acme.house), code)
    assert texts(made["pdf"].data) == [wanted] == [one.text for one in codes_on(picture(made["png"].data))]
    assert wanted in made["zpl"].text and grouped(code) in made["svg"].text
    for wrong in ({}, {"assets": [acme.asset], "site": "Main hall"}, {"assets": [acme.asset, acme.other]},
                  {"assets": [acme.asset], "dpi": 72}, {"assets": [0]}, {"batch": "none"}):  # fmt: skip
        assert owner.post(f"{V1}/labels/print", wrong).status_code == 422, wrong
    assert acme.people.stranger.post(f"{V1}/labels/print", {"assets": [acme.asset]}).status_code == 404
    assert acme.people.reader.post(f"{V1}/labels/print", ask).status_code == 403


def test_the_api_issues_revokes_and_resolves(acme: World) -> None:
    people = acme.people
    made = people.owner.post(f"{V1}/label-codes", {"asset": acme.asset})
    assert made.status_code == 201 and made.json["serial"] == "SN-77-ACME"
    place = f"{V1}/label-codes/{made.json['id']}"
    assert made.headers["Location"] == place
    assert (
        people.stranger.get(place).status_code == 404 and people.stranger.post(f"{place}/revoke", {}).status_code == 404
    )
    assert people.reader.post(f"{place}/reissue").status_code == 403
    fresh = people.owner.post(f"{place}/reissue")
    assert fresh.status_code == 201 and people.owner.get(place).json["replaced_by"] == fresh.json["code"]
    found = people.owner.get(f"{V1}/labels/resolve", query_string={"q": made.json["code"]}).json
    assert (found["how"], found["state"], found["code"]) == ("label", "unit", fresh.json["code"])
    assert found["assets"][0]["serial"] == "SN-77-ACME"
    nothing = {"how": "", "state": None, "code": None, "label_id": None, "assets": []}
    assert people.stranger.get(f"{V1}/labels/resolve", query_string={"q": made.json["code"]}).json == nothing
    revoked = people.owner.post(f"{V1}/label-codes/{fresh.json['id']}/revoke", {"reason": "copied"}).json
    assert (revoked["state"], revoked["reason"]) == ("revoked", "copied")


def test_erasing_a_customer_takes_codes_scans_and_barcodes_along(acme: World) -> None:
    from registry.handover.belongings import left_out, owner_of, packed
    from registry.handover.deleting import delete_rows, left_over

    owner = acme.people.owner
    label = service.issue(owner.actor, acme.asset)
    second = service.reissue(owner.actor, label.id, 0)
    service.reissue(owner.actor, second.id, 0)
    owner.get(f"/L/{label.code}")
    acme.house.client.get(f"/L/{label.code}")
    owner.post(f"{V1}/asset-barcodes", {"asset": acme.asset, "text": "B"})
    owner.post(f"{V1}/label-batches", {"count": 3})
    whose = owner_of(label.customer_id)
    assert {"label_code", "label_scan", "asset_barcode"} <= left_over(whose).keys()
    assert LabelCode in packed() and LabelScan not in packed() and left_out(LabelScan)
    delete_rows(whose, lambda _table, _rows: None)
    assert not {"label_code", "label_scan", "asset_barcode", "label_sheet"} & left_over(whose).keys()


def test_the_operator_prints_on_the_command_line(acme: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = acme.house.settings
    for name, value in (("DATA", str(chosen.data)), ("DATABASE", chosen.database), ("SECRET", SECRET),
                        ("PUBLIC_URL", "https://assets.example.com")):  # fmt: skip
        monkeypatch.setenv(f"ASSETCARE_{name}", value)
    commands.install(cli)

    def run(*words: str) -> Any:
        return CliRunner().invoke(cli, ["labels", *words])

    file = tmp_path / "labels.pdf"
    assert run("print", "--customer", "acme", "--site", "Main hall", "--out", str(file)).exit_code == 0
    assert [text[:29] for text in texts(file.read_bytes())] == ["HTTPS://ASSETS.EXAMPLE.COM/L/"]
    made = run("batch", "4", "--sheet", "5160", "--out", str(file))
    assert made.exit_code == 0 and len(set(texts(file.read_bytes()))) == 4
    again = run("print", "--customer", "acme", "--batch", made.stdout.strip(), "--out", str(file))
    assert again.exit_code == 1 and "free" in again.output, "a batch of the house is not the customer's"
    assert run("print", "--customer", "acme", "--out", str(tmp_path / "x.doc")).exit_code == 2
    assert run("print", "--customer", "acme", "--sheet", "L1", "--out", str(file)).exit_code == 1
    acme.house.open()
