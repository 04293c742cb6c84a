"""Certificates and lists to print: who gets them, what stands on them, in which language, and what is refused."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from registry import commands
from registry.actions import Action
from registry.cli import cli
from registry.contracts.lines import add_line
from registry.contracts.service import create_contract
from registry.customers.places import create_site
from registry.kernel import audit, clock, fonts
from registry.kernel.access import Actor
from registry.people.models import User
from registry.people.tokens import create_token
from registry.warranty.service import void_warranty
from registry.web.papers import site as site_paper
from tests.houses import SECRET, Person
from tests.ladder import API
from tests.web.world import World

pytestmark = pytest.mark.skipif(
    not fonts._path("NotoSansTC-Regular").is_file(), reason="the fonts are not built: make assets"
)


def read(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages).split())


def _papers(world: World) -> list[str]:
    site = world.people.owner.get(f"{API}/sites").json["items"][0]["id"]
    papers = [f"assets/{world.asset}/certificate.pdf", f"sites/{site}/assets.pdf"]
    return [f"{place}/{paper}" for place in ("/c/acme", API) for paper in papers]


def test_a_certificate_says_what_is_promised_on_which_conditions(world: World) -> None:
    with clock.frozen(datetime(2026, 7, 1, tzinfo=UTC)):
        text = read(world.people.reader.get(f"/c/acme/assets/{world.asset}/certificate.pdf"))
    for part in (
        "Warranty certificate", "SN-77-ACME", "Core switch", "Acme", "Main hall", "Covered through 14 Jan 2027",
        "Repair 15 Jan 2026 14 Jan 2027", "If the repaired unit fails its test", "Excluded causes War",
        "Starts with the delivery", "whatever else is said",
    ):  # fmt: skip
        assert part in text, part


def test_void_and_contract_stand_on_it(world: World) -> None:
    system = world.house.system
    agreed = {"customer": "acme", "number": "C-7", "title": "Care", "starts_on": date(2026, 1, 1)}
    contract = create_contract(system, agreed)
    add_line(system, contract.id, {"asset": world.asset, "terms": "on-site-support"})
    warranty = world.people.admin.get(f"{API}/warranties?asset={world.asset}").json["items"][0]["id"]
    void_warranty(system, warranty, on=date(2026, 2, 1), reason="opened", version=0)
    text = read(world.people.reader.get(f"{API}/assets/{world.asset}/certificate.pdf"))
    assert "contract C-7" in text and "On-site service" in text
    assert "void from 1 Feb 2026" in text and "Repair 15 Jan 2026 31 Jan 2026 (ended)" in text


def test_without_warranty_there_is_nothing_to_certify(world: World) -> None:
    bare = world.house.asset(serial="BARE").id
    answer = world.people.owner.get(f"/c/acme/assets/{bare}/certificate.pdf")
    assert answer.status_code == 422 and "nothing to certify" in answer.text
    assert "certificate.pdf" not in world.people.owner.get(f"/c/acme/assets/{bare}").text
    assert "certificate.pdf" in world.people.owner.get(f"/c/acme/assets/{world.asset}").text


def test_the_list_of_a_site_is_by_place_with_what_is_inside(world: World) -> None:
    house, optic = world.house, world.house.product("SR optic", "optic").id
    for serial, place in (("U-10", "Rack 10"), ("U-9", "Rack 9"), ("U-1", "Rack 9")):
        house.asset(serial=serial, product=house.product(f"P {serial}").id, site="Main hall", place=place)
    inner = house.asset(serial="CARD", product=optic, parent=world.asset, slot="Eth1/2").id
    house.asset(serial="OPT", product=optic, parent=inner, slot="a")
    house.asset(serial="FIRST", product=optic, parent=world.asset, slot="Eth1/1")
    create_site(house.system, {"customer": "acme", "name": "Elsewhere"})
    house.asset(serial="AWAY", product=optic, site="Elsewhere")
    text = read(world.people.reader.get(_papers(world)[1]))
    order = ["Rack 9", "U-9", "U-1", "Rack 10", "U-10", "No place given", "SN-77-ACME", "Eth1/1: FIRST", "Eth1/2: CARD",
             "– – a: OPT"]  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "AWAY" not in text and "GLOBEX" not in text and "14 Jan 2027" in text and "7 assets" in text


def test_that_a_list_left_is_in_the_history(world: World) -> None:
    read(world.people.reader.get(_papers(world)[1]))
    entry = audit.AuditEntry.select().order_by(audit.AuditEntry.id.desc()).first()
    assert (entry.action, entry.label) == (str(Action.EXPORTED), "assets.pdf")
    assert "Main hall" in entry.after and "own data" in entry.after


def test_strangers_learn_nothing_and_the_right_is_asked_for(world: World) -> None:
    for paper in _papers(world):
        assert world.people.stranger.get(paper).status_code == 404, paper
        _, token = create_token(Actor.system(), world.people.owner.user, name="few", scope=["asset.view"], days=1)
        answer = world.house.client.get(paper, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403, paper
        read(world.people.reader.get(paper))
    for path in (f"/c/acme/assets/{world.other}/certificate.pdf", "/c/acme/sites/999/assets.pdf"):
        assert world.people.admin.get(path).status_code == 404


def test_it_speaks_the_readers_language(world: World) -> None:
    User.update(language="zh-Hant").where(User.id == world.people.reader.user.id).execute()
    reader = Person(world.house, User.get_by_id(world.people.reader.user.id), world.people.reader.token)
    text = read(reader.get(_papers(world)[0]))
    assert "序號 SN-77-ACME" in text and "2027年1月14日" in text.replace(" ", "")
    asked = f"{API}/assets/{world.asset}/certificate.pdf?language="
    assert "Serial number SN-77-ACME" in read(reader.get(f"{asked}en"))
    assert "序號 SN-77-ACME" in read(world.people.owner.get(f"{asked}zh-Hant"))
    assert world.people.owner.get(f"{asked}xx").status_code == 422


def test_letters_that_no_font_has_are_named(world: World) -> None:
    world.people.owner.patch(f"{API}/assets/{world.asset}", {"place": "Rack 🙂"})
    for paper in _papers(world):
        answer = world.people.owner.get(paper)
        assert answer.status_code == 422 and "🙂 (U+1F642)" in answer.text, paper


def test_more_than_a_paper_holds_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_paper, "MOST", 2)
    optic = world.house.product("Optic", "optic").id
    world.house.asset(serial="A", product=optic, parent=world.asset, slot="1")
    read(world.people.owner.get(_papers(world)[1]))
    world.house.asset(serial="B", product=optic, parent=world.asset, slot="2")
    answer = world.people.owner.get(_papers(world)[1])
    assert answer.status_code == 422 and "Export the list instead" in answer.text


def test_the_operator_writes_one_on_the_command_line(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSETCARE_DATA", str(world.house.settings.data))
    monkeypatch.setenv("ASSETCARE_DATABASE", world.house.settings.database)
    monkeypatch.setenv("ASSETCARE_SECRET", SECRET)
    monkeypatch.setenv("ASSETCARE_OPERATOR", "北門 IT")
    file = tmp_path / "paper.pdf"
    commands.install(cli)
    told = ["certificate", "SN-77-ACME", "--customer", "acme", "--out", str(file), "--language", "zh-Hant"]
    ran = CliRunner().invoke(cli, told, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    document = PdfReader(BytesIO(file.read_bytes()))
    assert document.metadata is not None and document.metadata.author == "北門 IT"
    assert "SN-77-ACME" in document.pages[0].extract_text()
    world.house.open()
