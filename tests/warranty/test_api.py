"""Terms and warranties over the API: who may, what comes back, what is refused."""

from typing import Any

import pytest

from registry.kernel import audit
from registry.kernel.events import Event
from registry.warranty.terms import TEMPLATES
from tests.houses import House
from tests.ladder import API, View, attack, attack_bodies, climb
from tests.warranty.world import DELIVERED, Site, spans

TERMS, WARRANTIES = f"{API}/warranty-terms", f"{API}/warranties"
OPERATOR = {"owner": 403, "colleague": 403, "reader": 403, "stranger": 403}
BODY = {"start_basis": "delivery", "coverages": [{"remedy": "repair", "period": "P5Y"}], "covers_causes": ["non_human"]}
FUNCTION = {"asset": 2, "name": "F of {who}", "agreed_on": "2024-03-10", "customer_party": "Ann", "our_party": "Bob"}
DECISION = {
    "remedy": "replace",
    "on": "2024-06-01",
    "charge": False,
    "charge_reason": "in warranty",
    "contract": "none",
}

VIEWS = [  # assets 1 to 3 and the licence are acme's; warranty 1 covers asset 1
    View("GET", "/warranty-terms", stranger=200),
    View("POST", "/warranty-terms", {"code": "t-{who}", "name": "T", "body": BODY}, **OPERATOR, engineer=403,
         more={"account_manager": 201, "auditor": 403}),
    View("GET", "/warranty-terms/1", stranger=200, bad_id="/warranty-terms/999", wrong_method="DELETE"),
    View("GET", "/warranty-terms/1/versions", stranger=200, bad_id="/warranty-terms/999/versions"),
    View("POST", "/warranty-terms/1/versions", {"body": BODY}, **OPERATOR, engineer=403, more={"account_manager": 201},
         bad_id="/warranty-terms/999/versions"),
    View("GET", "/warranties", stranger=200),
    View("POST", "/warranties", {"asset": 1, "terms": "hardware"}, **OPERATOR, engineer=201, more={"auditor": 403}),
    View("POST", "/warranties/bulk", {"assets": [1], "terms": "hardware"}, **OPERATOR, more={"auditor": 403},
         wrong_method="PUT"),
    View("GET", "/warranties/1", bad_id="/warranties/999"),
    View("POST", "/warranties/1/extend", {"by": "P1M", "reason": "r"}, **OPERATOR, bad_id="/warranties/999/extend"),
    View("POST", "/warranties/1/transfer", {"asset": 3, "on": "2024-05-01"}, **OPERATOR, engineer=201,
         more={"admin": 409}, bad_id="/warranties/999/transfer"),
    View("POST", "/warranties/2/void", {"reason": "r"}, **OPERATOR, more={"admin": 409}, bad_id="/warranties/999/void"),
    View("GET", "/assets/1/coverage", bad_id="/assets/999/coverage"),
    View("POST", "/assets/1/coverage", {"facts": {"request": "question"}}, bad_id="/assets/999/coverage"),
    View("GET", "/licences/1/coverage", bad_id="/licences/999/coverage"),
    View("POST", "/licences/1/coverage", {"facts": {"function": "F"}}, bad_id="/licences/999/coverage"),
    View("GET", "/assets/1/decisions", bad_id="/assets/999/decisions"),
    View("POST", "/assets/3/decisions", DECISION, **OPERATOR, engineer=201, more={"auditor": 403},
         bad_id="/assets/999/decisions"),
    View("POST", "/agreed-functions", FUNCTION, **OPERATOR, engineer=201),
    View("GET", "/assets/2/agreed-functions", bad_id="/assets/999/agreed-functions"),
    View("GET", "/licences/1/agreed-functions", bad_id="/licences/999/agreed-functions"),
]  # fmt: skip


@pytest.fixture
def site(house: House) -> Site:
    return house.furnished(Site)


def test_everybody_gets_what_is_his(site: Site) -> None:
    for number in (1, 2, 3):
        site.optic(f"OP{number}")
    licence = {"customer": "acme", "product": "SK", "name": "Stock", "metric": "device"}
    assert site.engineer.post(f"{API}/licences", licence).json["id"] == 1
    site.give({"id": 1})
    climb(site.house, site.people, VIEWS)


def test_what_another_customers_unit_is_owed_is_not_to_be_known(site: Site) -> None:
    theirs = site.unit("G1", customer="globex")
    warranty = site.give(theirs)
    assert site.people.owner.get(f"{WARRANTIES}?asset={theirs['id']}").json["items"] == []
    assert site.people.owner.get(f"{WARRANTIES}/{warranty['id']}").status_code == 404
    for path in ("coverage", "decisions", "agreed-functions"):
        assert site.people.owner.get(f"{API}/assets/{theirs['id']}/{path}").status_code == 404
    mine = site.give(site.optic())
    moved = site.act(mine, "transfer", asset=theirs["id"])
    assert (moved.status_code, list(moved.json["errors"])) == (422, ["asset"])


def test_a_warranty_comes_with_its_coverages(any_house: House) -> None:
    site = any_house.furnished(Site)
    made = site.engineer.post(WARRANTIES, {"asset": "OP1", "terms": "optical-module"})
    assert made.status_code == 422 and list(made.json["errors"]) == ["asset"]
    asset = site.optic()
    made = site.engineer.post(WARRANTIES, {"asset": "OP1", "terms": "optical-module", "note": "as bought"})
    assert made.status_code == 201
    assert made.headers["Location"] == f"{WARRANTIES}/{made.json['id']}" and made.headers["ETag"] == '"1"'
    wanted = {
        "asset_id": asset["id"], "asset": "OP1", "customer": "acme", "kind": "manufacturer", "terms": "optical-module",
        "terms_version": 1, "basis": "delivery", "starts_on": "2024-02-29", "void_on": None, "origin_id": None,
        "note": "as bought", "waiting_for": None,
    }  # fmt: skip
    assert {name: made.json[name] for name in wanted} == wanted
    assert spans(made.json) == {
        "replace": ("2024-02-29", "2025-02-28", "2025-02-28"),
        "repair": ("2024-02-29", "2027-02-28", "2027-02-28"),
        "support": ("2024-02-29", "2027-02-28", "2027-02-28"),
    }
    assert made.json["history"] == []
    for query in ("asset=1", "terms=optical-module", "kind=manufacturer", "customer=acme"):
        listed = site.people.reader.get(f"{WARRANTIES}?{query}").json["items"]
        assert [item["id"] for item in listed] == [made.json["id"]], query
    assert site.people.reader.get(f"{WARRANTIES}?kind=extended").json["items"] == []


def test_every_act_leaves_an_audit_entry_and_an_event(any_house: House) -> None:
    site = any_house.furnished(Site)
    first, second = site.optic("OP1"), site.optic("OP2")
    warranty = site.give(first)
    assert site.act(warranty, "extend", by="P1Y").status_code == 200
    moved = site.act(warranty, "transfer", asset=second["id"], on="2024-08-01").json
    assert site.act(moved, "void", on="2024-09-01").status_code == 200
    waiting = site.give(site.unit("OP3"), "hardware")
    site.people.owner.patch(f"{API}/assets/3", {"delivered_on": "2024-05-01"})
    site.engineer.post(f"{API}/agreed-functions", {**FUNCTION, "asset": first["id"]})
    chosen = {"on": "2024-06-01", "charge": False, "charge_reason": "c", "contract": "none"}
    assert site.record(first, "replace", **chosen).status_code == 201
    entries = [
        entry
        for kind in ("warranty", "scope_function", "decision")
        for entry in site.people.owner.get(f"{API}/audit?object_type={kind}").json["items"]
    ]
    wanted = [
        ("warranty.started", warranty["id"]), ("warranty.extended", warranty["id"]),
        ("warranty.transferred", warranty["id"]), ("warranty.started", moved["id"]), ("warranty.voided", moved["id"]),
        ("warranty.started", waiting["id"]), ("warranty.redated", waiting["id"]), ("warranty.function_agreed", 1),
        ("warranty.decision_recorded", 1),
    ]  # fmt: skip
    assert [(entry["action"], entry["object_id"]) for entry in entries] == wanted
    extended = entries[1]
    assert {row["remedy"]: row["ends_on"] for row in extended["before"]["parts"]}["replace"] == "2025-02-28"
    assert {row["remedy"]: row["ends_on"] for row in extended["after"]["parts"]}["replace"] == "2026-02-28"
    kinds = ("warranty", "scope_function", "decision")
    events = [
        (row.name, row.object_id) for row in Event.select().where(Event.object_type.in_(kinds)).order_by(Event.id)
    ]
    assert sorted(events) == sorted(wanted)
    assert all(state.fault is None for state in audit.verify())


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"asset": None}, "asset"),
    ({"asset": 999}, "asset"),
    ({"asset": 2**70}, "asset"),
    ({"licence": 1}, "asset"),
    ({"terms": "no-such-terms"}, "terms"),
    ({"terms": 999}, "terms"),
    ({"terms": None}, "terms"),
    ({"starts_on": "soon"}, "starts_on"),
    ({"starts_on": "2024-01-01", "basis": "delivery"}, "basis"),
    ({"basis": "given"}, "starts_on"),
    ({"terms": "on-site-support"}, "starts_on"),
    ({"basis": "birth"}, "basis"),
    ({"kind": "eternal"}, "kind"),
    ({"kind": "after_repair"}, "kind"),
    ({"terms": "hardware", "kind": "after_repair"}, "starts_on"),
    ({"colour": "red"}, "colour"),
]


def test_a_warranty_that_cannot_be_is_refused_naming_the_field(site: Site) -> None:
    site.optic()
    for wrong, field in REFUSED:
        body = {"asset": 1, "terms": "optical-module", **wrong}
        answer = site.engineer.post(WARRANTIES, {name: value for name, value in body.items() if value is not None})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), (wrong, answer.json)
    assert site.people.reader.get(WARRANTIES).json["items"] == []


def test_many_at_once_are_all_given_or_none(any_house: House) -> None:
    site = any_house.furnished(Site)
    ids = [site.optic(f"OP{number}")["id"] for number in range(3)]
    theirs = site.unit("G1", customer="globex")["id"]
    given = site.engineer.post(f"{WARRANTIES}/bulk", {"assets": ids, "terms": "optical-module"})
    assert given.status_code == 200
    assert [(item["asset"], item["starts_on"]) for item in given.json["items"]] == [
        (key, str(DELIVERED)) for key in ids
    ]
    refused = site.engineer.post(f"{WARRANTIES}/bulk", {"assets": [*ids, 999, theirs, 998], "terms": "hardware"})
    assert (refused.status_code, sorted(refused.json["errors"])) == (422, ["3", "5"])
    assert list(refused.json["errors"]["3"]) == ["asset"]
    assert len(site.people.reader.get(WARRANTIES).json["items"]) == 3
    for wrong in ([], "1", [0], ["OP1"], [1.5], list(range(1, 1002))):
        assert site.engineer.post(f"{WARRANTIES}/bulk", {"assets": wrong, "terms": "hardware"}).status_code == 422


def test_the_shipped_terms_are_there_to_be_copied(any_house: House) -> None:
    site = any_house.furnished(Site)
    listed = {item["code"]: item for item in site.people.reader.get(TERMS).json["items"]}
    assert set(listed) == set(TEMPLATES)
    assert all(listed[code]["body"] == body.as_dict() for code, (_, body) in TEMPLATES.items())
    copy = site.people.account_manager.post(
        TERMS, {"code": "own", "name": "Own", "copy_of": "hardware", "customer": "acme"}
    )
    assert copy.status_code == 201
    assert (copy.json["customer"], copy.json["body"]) == ("acme", listed["hardware"]["body"])
    assert "own" not in [item["code"] for item in site.people.stranger.get(TERMS).json["items"]]
    assert site.people.stranger.get(f"{TERMS}/{copy.json['id']}").status_code == 404
    assert site.people.stranger.get(f"{TERMS}/{copy.json['id']}/versions").status_code == 404
    again = site.people.account_manager.post(
        TERMS, {"code": "own", "name": "Own", "copy_of": "hardware", "customer": "acme"}
    )
    assert (again.status_code, list(again.json["errors"])) == (409, ["code"])


def test_terms_that_make_no_sense_are_refused_naming_the_field(site: Site) -> None:
    lead = site.people.account_manager
    good = {"code": "new", "name": "New"}
    for more, field in (
        ({}, "body"),
        ({"body": BODY, "copy_of": "hardware"}, "body"),
        ({"copy_of": "nothing"}, "copy_of"),
        ({"body": {**BODY, "start_basis": "birth"}}, "body"),
        ({"body": {**BODY, "coverages": []}}, "body"),
        ({"body": {**BODY, "coverages": [{"remedy": "repair", "period": "1 year"}]}}, "body"),
        ({"body": {**BODY, "free_requests": ["question"]}}, "body"),
        ({"body": BODY, "code": "Bad Code"}, "code"),
        ({"body": BODY, "customer": "nobody"}, "customer"),
    ):
        answer = lead.post(TERMS, {**good, **more})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), more


def test_no_input_breaks_the_views(site: Site) -> None:
    asset = site.optic()
    site.give(asset)
    engineer, lead = site.engineer, site.people.account_manager
    given = ("asset", "licence", "terms", "starts_on", "basis", "kind", "contract", "note")
    assert attack(engineer, "POST", "/warranties", {"asset": 1, "terms": "hardware"}, given) == []
    assert (
        attack(engineer, "POST", "/warranties/bulk", {"assets": [1], "terms": "hardware"}, ["assets", *given[2:7]])
        == []
    )
    assert (
        attack(engineer, "POST", "/warranties/1/extend", {"reason": "r"}, ("by", "until", "remedies", "reason")) == []
    )
    assert attack(engineer, "POST", "/warranties/1/transfer", {}, ("asset", "on", "reason")) == []
    facts = ("request", "function", "parameter", "value", "limit_min", "operating", "fault_on", "tests", "chosen_by")
    assert attack(engineer, "POST", "/assets/1/coverage", {}, ("on", "cause", "facts")) == []
    assert attack(_Nested(engineer, "facts"), "POST", "/assets/1/coverage", {}, facts) == []
    decided = ("on", "cause", "facts", "remedy", "charge", "charge_reason", "contract", "approval", "quote", "work_on",
               "closes", "deviation_reason")  # fmt: skip
    assert attack(engineer, "POST", "/assets/1/decisions", DECISION, decided) == []
    assert attack(engineer, "POST", "/agreed-functions", {**FUNCTION, "asset": 1}, FUNCTION) == []
    assert (
        attack(lead, "POST", "/warranty-terms", {"code": "c", "name": "N"}, ("body", "copy_of", "code", "note")) == []
    )
    assert (
        attack(_Nested(lead, "body"), "POST", "/warranty-terms/1/versions", BODY, TEMPLATES["hardware"][1].as_dict())
        == []
    )
    assert attack(engineer, "POST", "/warranties/1/void", {}, ("on", "reason")) == []
    assert attack_bodies(engineer, "POST", "/warranties") == []
    for query in ("on=soon", "on=0000-01-01", "on=9999-12-31", "cause=gremlins", "cause=%00", "x=1", "on=2024-02-30"):
        answer = engineer.get(f"{API}/assets/1/coverage?{query}")
        assert answer.status_code == 422, query


class _Nested:
    """Puts the attacked field one level down."""

    def __init__(self, person: Any, name: str) -> None:
        self.person, self.name = person, name

    def request(self, method: str, path: str, **options: Any) -> Any:
        if "json" in options:
            options["json"] = {self.name: options["json"]}
        return self.person.request(method, path, **options)
