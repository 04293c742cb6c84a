"""The catalogue: the house's entries, customers' own ones, specifications, documents."""

import pytest

from tests.houses import House, People
from tests.ladder import API, View, attack, attack_bodies, climb

PRODUCTS, DOCUMENTS = f"{API}/products", f"{API}/products/documents"
NEW = {"kind": "hardware", "name": "Tool of {who}"}
GUIDE = {"kind": "guide", "title": "Operation and maintenance"}
HOUSE_ONLY = {"owner": 403, "colleague": 403, "reader": 403, "stranger": 403, "more": {"auditor": 403, "admin": 200}}

VIEWS = [  # product 1 is the house's, product 2 is acme's own; documents 1 and 2 belong to them
    View("GET", "/products", stranger=200),
    View("POST", "/products", NEW, **{**HOUSE_ONLY, "engineer": 201, "more": {"auditor": 403}}),
    View("POST", "/products", {**NEW, "customer": "acme"}, owner=201, colleague=201, reader=403, stranger=422,
         engineer=201),
    View("GET", "/products/1", stranger=200, bad_id="/products/999", wrong_method="DELETE"),
    View("GET", "/products/2", bad_id="/products/999", wrong_method="DELETE"),
    View("PATCH", "/products/1", {"notes": "{who}"}, **HOUSE_ONLY, bad_id="/products/999", wrong_method="DELETE"),
    View("PATCH", "/products/2", {"notes": "{who}"}, reader=403, bad_id="/products/999", wrong_method="DELETE"),
    View("GET", "/products/1/documents", stranger=200, bad_id="/products/999/documents"),
    View("GET", "/products/2/documents", bad_id="/products/999/documents"),
    View("POST", "/products/1/documents", GUIDE, **{**HOUSE_ONLY, "engineer": 201, "more": {}},
         bad_id="/products/999/documents"),
    View("POST", "/products/2/documents", GUIDE, owner=201, colleague=201, reader=403, engineer=201),
    View("DELETE", "/products/documents/1", owner=404, colleague=403, reader=403, stranger=403, engineer=204,
         bad_id="/products/documents/999"),
    View("DELETE", "/products/documents/2", owner=204, colleague=204, reader=403, engineer=404),
]  # fmt: skip


def test_everybody_gets_what_is_his(house: House, people: People) -> None:
    assert people.admin.post(PRODUCTS, {**NEW, "name": "Switch"}).json["id"] == 1
    assert people.owner.post(PRODUCTS, {**NEW, "name": "Own", "customer": "acme"}).json["id"] == 2
    for product in (1, 2):
        assert people.admin.post(f"{PRODUCTS}/{product}/documents", GUIDE).json["id"] == product
    climb(house, people, [view for view in VIEWS if view.path != "/products/documents/2"])
    assert [
        person.delete(f"{DOCUMENTS}/2").status_code for person in (people.stranger, people.reader, people.colleague)
    ] == [
        404,
        403,
        204,
    ]


def test_a_product_comes_back_as_it_was_given(any_house: House) -> None:
    people = any_house.people()
    given = {
        "kind": "optic", "maker": "Lumen", "name": "SFP+ LR 光", "part_number": "LR-10", "notes": "1310 nm",
        "parameters": [{"name": "Tx power", "unit": "dBm", "min": -8.2, "max": 0.5},
                       {"name": "Rx power", "min": -14.4}],
        "sold_until": "2026-01-31", "supported_until": "2029-01-31", "patched_until": None,
        "list_price": {"amount_minor": 12_500, "currency": "HKD"},
    }  # fmt: skip
    made = people.engineer.post(PRODUCTS, given)
    assert made.status_code == 201
    assert {name: made.json[name] for name in given} == given
    assert made.json["customer"] is None and made.headers["Location"] == f"{PRODUCTS}/{made.json['id']}"
    changed = people.engineer.patch(f"{PRODUCTS}/{made.json['id']}", {"supported_until": None, "list_price": None}, 1)
    assert (changed.json["supported_until"], changed.json["list_price"], changed.json["version"]) == (None, None, 2)
    history = people.admin.get(f"{API}/audit?object_type=product").json["items"]
    assert [entry["action"] for entry in history] == ["product.created", "product.changed"]
    for query in ("kind=optic", "maker=Lumen", "part_number=LR-10", "q=lume", "q=R-1", "q=sf"):
        assert [item["id"] for item in people.reader.get(f"{PRODUCTS}?{query}").json["items"]] == [made.json["id"]], (
            query
        )
    assert people.reader.get(f"{PRODUCTS}?kind=software").json["items"] == []


REFUSED = [
    ({"kind": "vehicle"}, "kind"),
    ({"name": "  "}, "name"),
    ({"parameters": [{"name": "Tx", "min": 1, "max": 0}]}, "parameters"),
    ({"parameters": [{"unit": "dBm"}]}, "parameters"),
    ({"parameters": [{"name": "Tx", "min": "low"}]}, "parameters"),
    ({"parameters": [{"name": "Tx", "min": True}]}, "parameters"),
    ({"parameters": [{"name": "Tx power", "min": 1}, {"name": "tx  Power", "min": 2}]}, "parameters"),
    ({"parameters": {"Tx": 1}}, "parameters"),
    ({"sold_until": "31.1.2026"}, "sold_until"),
    ({"list_price": {"amount_minor": 1.5, "currency": "HKD"}}, "list_price"),
    ({"list_price": {"amount_minor": -1, "currency": "HKD"}}, "list_price"),
    ({"list_price": {"amount_minor": 1}}, "list_price"),
    ({"customer": "nobody"}, "customer"),
    ({"weight": 3}, "weight"),
]


def test_what_cannot_be_is_refused_naming_the_field(people: People) -> None:
    for wrong, field in REFUSED:
        answer = people.admin.post(PRODUCTS, {"kind": "hardware", "name": "Good", **wrong})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), wrong
    assert people.admin.get(PRODUCTS).json["items"] == []


def test_the_kind_stays_and_an_entry_stands_once(any_house: House) -> None:
    people = any_house.people()
    entry = {"kind": "hardware", "maker": "Cisco", "name": "C9300", "part_number": "C9300-48P"}
    made = people.engineer.post(PRODUCTS, entry).json
    assert people.engineer.patch(f"{PRODUCTS}/{made['id']}", {"kind": "optic"}).status_code == 422
    again = people.engineer.post(PRODUCTS, entry)
    assert (again.status_code, again.json["code"]) == (409, "duplicate")
    assert "name" in again.json["errors"]
    assert people.owner.post(PRODUCTS, {**entry, "customer": "acme"}).status_code == 201
    assert people.owner.post(PRODUCTS, {**entry, "customer": "acme"}).status_code == 409
    assert people.stranger.post(PRODUCTS, {**entry, "customer": "globex"}).status_code == 201


def test_another_customers_products_do_not_exist(any_house: House) -> None:
    people = any_house.people()
    own = people.owner.post(
        PRODUCTS, {"kind": "software", "name": "Secret tool", "part_number": "S-1", "customer": "acme"}
    ).json
    people.owner.post(f"{PRODUCTS}/{own['id']}/documents", GUIDE)
    for query in ("", "?q=secret", "?name=Secret tool", "?part_number=S-1", "?without=datasheet"):
        assert people.stranger.get(f"{PRODUCTS}{query}").json["items"] == [], query
        assert [item["id"] for item in people.owner.get(f"{PRODUCTS}{query}").json["items"]] == [own["id"]], query
    for named in (own["id"], "S-1", "Secret tool"):
        for path, body in (("assets", {"serial": "1"}), ("licences", {"name": "L", "metric": "device"})):
            answer = people.stranger.post(f"{API}/{path}", {"product": named, **body})
            assert (answer.status_code, list(answer.json["errors"])) == (422, ["product"]), (path, named)
    answer = people.engineer.post(f"{API}/assets", {"product": own["id"], "customer": "globex"})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["product"])
    assert people.owner.post(f"{API}/assets", {"product": "S-1"}).status_code == 201


@pytest.mark.rule("S3-12")
def test_a_product_without_a_guide_is_on_the_list_until_one_is_attached(any_house: House) -> None:
    people = any_house.people()
    missing = f"{PRODUCTS}?without=guide"
    product = people.engineer.post(PRODUCTS, {"kind": "hardware", "name": "Press"}).json
    own = people.owner.post(PRODUCTS, {"kind": "hardware", "name": "Own", "customer": "acme"}).json
    assert [item["id"] for item in people.engineer.get(missing).json["items"]] == [product["id"], own["id"]]
    path = f"{PRODUCTS}/{product['id']}/documents"
    people.engineer.post(path, {"kind": "datasheet", "title": "Data sheet"})
    assert [item["id"] for item in people.engineer.get(missing).json["items"]] == [product["id"], own["id"]]
    guide = people.engineer.post(path, {**GUIDE, "url": "https://docs.example/press?page=1"})
    assert guide.status_code == 201 and guide.json["url"] == "https://docs.example/press?page=1"
    assert [item["id"] for item in people.engineer.get(missing).json["items"]] == [own["id"]]
    assert [item["id"] for item in people.owner.get(missing).json["items"]] == [own["id"]]
    assert people.stranger.get(missing).json["items"] == []
    assert [row["kind"] for row in people.reader.get(path).json["items"]] == ["datasheet", "guide"]
    assert people.engineer.delete(f"{DOCUMENTS}/{guide.json['id']}").status_code == 204
    assert [item["id"] for item in people.engineer.get(missing).json["items"]] == [product["id"], own["id"]]
    acts = [entry["action"] for entry in people.admin.get(f"{API}/audit?object_type=product_document").json["items"]]
    assert acts == ["product.document_attached"] * 2 + ["product.document_removed"]


def test_no_input_breaks_the_views(people: People) -> None:
    fields = ("customer", "kind", "name", "maker", "part_number", "parameters", "sold_until", "list_price", "notes")
    product = people.admin.post(PRODUCTS, {"kind": "hardware", "name": "Press"}).json["id"]
    assert attack(people.admin, "POST", "/products", {"kind": "hardware", "name": "x"}, fields) == []
    assert attack(people.admin, "PATCH", f"/products/{product}", {}, fields[2:]) == []
    assert attack(people.admin, "POST", f"/products/{product}/documents", GUIDE, ("kind", "title", "url")) == []
    assert attack_bodies(people.admin, "POST", "/products") == []
    for url in (
        "http://a.example/\x00",
        "http://a.example/\ud800",
        "http://a.example/a\nb",
        "javascript:alert(1)",
        "file:///x",
    ):
        answer = people.admin.post(f"{PRODUCTS}/{product}/documents", {**GUIDE, "url": url})
        assert answer.status_code in (400, 422), repr(url)
    for query in ("q=%00", "kind=x", "without=x", "customer=nobody", "maker=", f"name={'x' * 300}"):
        assert people.admin.get(f"{PRODUCTS}?{query}").status_code == 422, query
