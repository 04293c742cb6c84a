"""Whoever reads a page reads words, not codes: in errors, in refusals, of customers and of countries."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from flask import url_for
from marshmallow import fields, validate

from registry import __version__
from registry.contracts.lines import add_line
from registry.contracts.service import create_contract
from registry.customers.company_pages import promise
from registry.customers.places import create_site
from registry.customers.service import get_customer
from registry.handover import custody, packages
from registry.imports import service
from registry.kernel.errors import Problem
from registry.kernel.language import speaking
from registry.kernel.writing import ANY_VERSION
from registry.notices.webhook_events import GROUPS
from registry.notices.webhook_pages import _group_word
from registry.people.service import change_user
from registry.products.service import create_product
from registry.warranty.terms import TermsBodySchema
from registry.warranty.terms_service import create_terms
from registry.web import words
from registry.web.lists.tables import TABLES
from registry.web.shell import size
from registry.web.words import codes
from registry.web.words.codes import CHOICES, WORDS, group_of
from registry.web.words.countries import countries, country
from tests.houses import House
from tests.imports.world import bring
from tests.test_translations import every_shape
from tests.web.forms import fill
from tests.web.world import World

# Names of forms, codes and units that are the same in every language, and what no page asks people for.
NAMES = {"currency", "sort", "dpi", "format", "symbology", "events", "delimiter", "after", "closes"}


def _offered(name: str, field: object) -> list[tuple[str, tuple[str, ...]]]:
    found = [
        (name, tuple(str(code) for code in check.choices if code != ""))
        for check in getattr(field, "validators", ())
        if isinstance(check, validate.OneOf)
    ]
    for part in ("inner", "key_field", "value_field"):
        if isinstance(inner := getattr(field, part, None), fields.Field):
            found += _offered(name, inner)
    return found


def test_there_is_a_word_for_everything_that_a_field_offers(house: House) -> None:
    assert house.app, "all shapes are there"
    ours = (shape for shape in every_shape() if shape.__module__.startswith("registry."))  # plugins say theirs
    offered = {each for shape in ours for name, field in shape._declared_fields.items()
               for each in _offered(name, field)}  # fmt: skip
    assert len(offered) > 30
    wordless = {(name, found) for name, found in offered if name not in NAMES | CHOICES.keys()
                and not group_of(name, found)}  # fmt: skip
    assert not wordless
    for name, groups in CHOICES.items():
        assert all(any(code in WORDS[group] for group in groups)
                   for known, found in offered if known == name for code in found)  # fmt: skip
    assert group_of("charge", ("free",)) == "charge" and group_of("kind", ("hardware", "optic")) == "kind"


@pytest.mark.parametrize(("tag", "told", "empty"), [
    ("en", "Choose one of: Hardware, Optic, Software.", "Fill this in, with at most 255 characters."),
    ("zh-Hant", "請選擇下列其中之一：硬體、光模組、軟體。", "請填寫此欄，最多 255 個字元。"),
])  # fmt: skip
def test_a_page_names_choices_by_words_and_the_api_by_codes(world: World, tag: str, told: str, empty: str) -> None:
    owner = world.people.owner
    change_user(world.house.system, owner.user.id, {"language": tag}, ANY_VERSION)
    wrong = owner.get("/c/acme/assets?kind=banana").text
    assert told in wrong and "hardware, optic" not in wrong
    answer = owner.get("/api/v1/assets?kind=banana")
    assert "hardware, optic, software" in answer.json["errors"]["kind"][0]
    missing = fill(owner, "/c/acme/sites/new", name="")
    assert missing.status_code == 422 and empty in missing.text


@pytest.mark.parametrize(("tag", "closed", "waiting", "undone"), [
    ("en", "Its state: Closed.", "State of the package: Waiting.", "State of this one: Undone."),
    ("zh-Hant", "狀態：已結案。", "資料包的狀態：等候中。", "此匯入的狀態：已復原。"),
])  # fmt: skip
def test_a_refusal_tells_the_state_in_words(world: World, tag: str, closed: str, waiting: str, undone: str) -> None:
    system, owner = world.house.system, world.people.owner.actor
    task = custody.open_task(system, {"customer": "acme", "title": "Migration"})
    custody.finish(system, task.id)
    custody.close(system, task.id)
    package = packages.request_package(owner, "acme")
    brought = bring(world.house, "name\nVault\n", "sites")
    service.undo_import(system, brought.id)
    refusals = [
        (lambda: custody.take(system, task.id, {"what": "disk", "kind": "media", "taken_from": "Ann"}), closed),
        (lambda: custody.finish(system, task.id), closed[-7:-1] if tag == "en" else "已結案"),
        (lambda: packages.take_package(owner, package.id), waiting),
        (lambda: service.undo_import(system, brought.id), undone),
    ]
    with speaking(tag):
        for act, told in refusals:
            with pytest.raises(Problem) as refused:
                act()
            assert told in refused.value.message
            assert not re.search(r": (closed|finished|queued|undone|open)\b", refused.value.message)


def test_lists_of_all_customers_name_them(world: World) -> None:
    world.house.customer("mesa-clinics", name="Mesa Valley Clinics")
    create_site(world.house.system, {"customer": "mesa-clinics", "name": "Mesa hall", "country": "HK"})
    for table in TABLES.values():
        if table.house and table.owned:
            with world.house.app.test_request_context():
                address = url_for(table.house)
            text = world.people.admin.get(address).text
            assert ">acme</td>" not in text and ">mesa-clinics</td>" not in text, address
    text = world.people.admin.get("/sites").text
    assert ">Mesa Valley Clinics</td>" in text and ">Hong Kong</td>" in text and ">HK</td>" not in text


def test_countries_have_names_in_both_languages(world: World) -> None:
    assert (country("HK"), country("DE"), country("QQ"), country("")) == ("Hong Kong", "Germany", "QQ", "")
    with speaking("zh-Hant"):
        assert (country("HK"), country("DE")) == ("香港", "德國")
    assert len(countries()) > 240 and all(len(code) == 2 for code, _name in countries())
    owner = world.people.owner
    assert fill(owner, "/c/acme/sites/new", name="Vault", country="TW").status_code == 303
    site = next(row for row in owner.get("/api/v1/sites").json["items"] if row["name"] == "Vault")
    assert site["country"] == "TW", "programs read the code"
    assert "<dd>Taiwan</dd>" in owner.get(f"/c/acme/sites/{site['id']}").text
    assert '<option value="TW" selected>Taiwan</option>' in owner.get(f"/c/acme/sites/{site['id']}/edit").text
    narrowed = owner.get("/c/acme/sites?country=TW").text
    assert '<option value="TW" selected>Taiwan</option>' in narrowed and "Vault" in narrowed


def test_a_long_address_may_be_broken(world: World) -> None:
    long = f"{'a' * 60}@example.example"
    world.people.owner.post("/api/v1/contacts", {"customer": "acme", "name": "Ada", "email": long})
    text = world.people.owner.get("/c/acme/contacts").text
    assert f'<span class="long">{long}</span>' in text
    change_user(world.house.system, world.people.reader.user.id, {"email": f"b{long}"}, ANY_VERSION)
    assert f'<span class="quiet long">b{long}</span>' in world.people.owner.get("/c/acme/people").text


def test_what_belongs_to_one_customer_names_him(world: World) -> None:
    system, acme = world.house.system, get_customer(world.house.system, "acme").id
    product = create_product(system, {"kind": "hardware", "name": "Own rack"}, acme)
    assert "<dd>Acme</dd>" in world.people.owner.get(f"/products/{product.id}").text
    promised = {"start_basis": "delivery", "coverages": [{"remedy": "repair", "period": "P1Y"}]}
    body = TermsBodySchema().load({**promised, "covers_causes": ["non_human"]})
    terms = create_terms(system, {"code": "own", "name": "Own terms", "note": "", "body": body}, acme)
    assert "for Acme only" in world.people.admin.get(f"/terms/{terms.id}").text


def test_a_contract_line_names_its_terms(world: World) -> None:
    system = world.house.system
    values = {"customer": "acme", "number": "C-1", "title": "Care", "starts_on": date(2026, 1, 1)}
    contract = create_contract(system, values)
    add_line(system, contract.id, {"everything": True, "terms": "on-site-support"})
    text = world.people.owner.get(f"/c/acme/contracts/{contract.id}").text
    assert ">On-site support <" in text and "on-site-support" not in text


def test_shipped_names_in_drop_downs_are_translated(world: World) -> None:
    """Of warranty terms, wherever they can be chosen."""
    contract = create_contract(world.house.system, {"customer": "acme", "number": "C-1", "title": "Care",
                                                    "starts_on": date(2026, 1, 1)})  # fmt: skip
    admin = world.people.admin
    admin.patch("/api/v1/me", json={"language": "zh-Hant"})
    for page in ("assets/new", f"assets/{world.asset}/warranties/new", "warranties/new",
                 f"contracts/{contract.id}/lines/new"):  # fmt: skip
        assert '<option value="on-site-support">到場支援</option>' in admin.get(f"/c/acme/{page}").text, page


def test_a_group_of_events_has_a_word() -> None:
    groups = {group: _group_word(group) for group in GROUPS}
    assert {group for group, said in groups.items() if said == group.removesuffix(".*")} == set()
    with speaking("zh-Hant"):
        assert not [said for said in map(_group_word, GROUPS) if said.isascii() and said != "Webhook"]


def test_nothing_takes_zero_seconds() -> None:
    assert (promise("PT0S"), promise("PT4H")) == ("at once", "4 hours")


def test_sizes_are_written_in_both_languages(world: World) -> None:
    assert (size(1), size(999), size(1000)) == ("1 byte", "999 bytes", "1.0 kB")
    with speaking("zh-Hant"):
        assert (size(17), size(2_500_000)) == ("17 位元組", "2.5 MB")


def test_an_error_page_names_the_field_as_people_do(world: World) -> None:
    answer = world.people.owner.get("/c/acme/lists/assets.csv?sort=nonsense", headers={"Accept": "text/html"})
    assert answer.status_code == 422 and "<strong>Sorted by:</strong>" in answer.text
    assert "see errors" not in answer.text


def test_a_page_that_has_a_version_of_its_own_says_the_product_s(world: World) -> None:
    assert f"Assetcare {__version__}</span>" in world.people.admin.get("/settings/plugins/rma/settings").text


def test_a_form_speaks_neither_of_errors_nor_in_two_languages(world: World) -> None:
    owner = world.people.owner
    owner.patch("/api/v1/me", json={"language": "zh-Hant"})
    answer = fill(owner, f"/c/acme/assets/{world.asset}/edit", site="Nowhere")
    said = re.search(r'id="site-error">([^<]*)<', answer.text)
    assert answer.status_code == 422 and said and not re.search("[A-Za-z]", said[1].replace("Nowhere", ""))
    assert "errors" not in answer.text.partition("<main")[2]


def test_no_room_takes_the_words_of_another() -> None:
    rooms = [importlib.import_module(f"registry.web.words.{one.name}") for one in pkgutil.iter_modules(words.__path__)]
    groups = Counter(group for room in rooms if room.__name__ != codes.__name__ for group in getattr(room, "WORDS", {}))
    assert [group for group, rooms_of in groups.items() if rooms_of > 1] == []
    assert groups.keys() & _groups_of_codes() == set()


def _groups_of_codes() -> set[str]:
    """Those that codes.py itself writes, before it takes in the others."""
    tree = ast.parse(Path(codes.__file__).read_text())
    [own] = [
        one.value for one in ast.walk(tree) if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) == "WORDS"
    ]
    return {ast.literal_eval(key) for key in own.keys}
