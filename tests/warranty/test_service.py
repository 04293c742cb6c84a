"""Warranties in the database: when they start, and what becomes of them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from registry.assets.service import get_asset
from registry.kernel import clock
from registry.kernel.errors import Conflict, Invalid
from registry.warranty.service import redate
from registry.warranty.terms import TEMPLATES
from tests.houses import House
from tests.ladder import API
from tests.warranty.world import DELIVERED, Site, check_rows, free, spans

DAY = timedelta(days=1)
ASSETS, WARRANTIES = f"{API}/assets", f"{API}/warranties"


@pytest.fixture
def site(house: House) -> Site:
    return house.furnished(Site)


def test_a_warranty_starts_on_the_date_its_terms_name(site: Site) -> None:
    asset = site.optic(purchased_on="2024-01-01", launched_on="2024-05-01", accepted_on="2024-04-01")
    assert site.give(asset)["starts_on"] == "2024-02-29"
    assert site.give(asset, "software")["starts_on"] == "2024-05-01"
    chosen = site.give(asset, basis="purchase")
    assert (chosen["basis"], chosen["starts_on"]) == ("purchase", "2024-01-01")
    given = site.give(asset, starts_on="2024-07-31")
    assert (given["basis"], given["starts_on"]) == ("given", "2024-07-31")
    assert spans(given)["replace"] == ("2024-07-31", "2025-07-30", "2025-07-30")
    shown = site.people.reader.get(f"{ASSETS}/{asset['id']}").json
    assert shown["covered_until"] == "2027-07-30"


def test_a_warranty_waits_for_a_date_and_starts_when_it_is_set(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = site.unit("OP1")
    warranty = site.give(asset)
    assert (warranty["starts_on"], warranty["coverages"], warranty["waiting_for"]) == (None, [], "delivered_on")
    before = site.owed(asset, "2024-06-01")
    assert (before["state"], free(before)) == ("none", [])
    assert "the date of the delivery is not known yet" in before["reasons"][0]["text"]
    assert site.act(warranty, "extend", by="P1Y").json["code"] == "not_started"
    assert site.act(warranty, "transfer", asset=site.optic("OP2")["id"]).json["code"] == "not_started"
    assert site.people.colleague.patch(f"{ASSETS}/{asset['id']}", {"delivered_on": "2024-02-29"}).status_code == 200
    started = site.warranty(warranty)
    assert (started["starts_on"], started["waiting_for"], started["version"]) == ("2024-02-29", None, 2)
    assert site.owed(asset, "2025-02-28")["remedies"][0]["remedy"] == "replace"
    assert site.people.reader.get(f"{ASSETS}/{asset['id']}").json["covered_until"] == "2027-02-28"
    assert [change["kind"] for change in started["history"]] == ["redated"]
    check_rows(any_house, get_asset(any_house.system, asset["id"]))


def test_a_corrected_date_moves_the_warranty_and_keeps_what_it_was(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = site.optic()
    warranty = site.give(asset)
    path = f"{ASSETS}/{asset['id']}"
    site.engineer.patch(path, {"delivered_on": "2024-03-31"})
    moved = site.warranty(warranty)
    assert spans(moved)["replace"] == ("2024-03-31", "2025-03-30", "2025-03-30")
    change = moved["history"][0]
    assert (change["by"], change["reason"]) == ("engineer", "delivered_on changed")
    assert change["before"][0] == {"remedy": "replace", "starts_on": "2024-02-29", "ends_on": "2025-02-28"}
    assert change["after"]["starts_on"] == "2024-03-31"
    site.engineer.patch(path, {"name": "x", "purchased_on": "2020-01-01"})
    assert site.warranty(warranty)["version"] == 2
    site.engineer.patch(path, {"delivered_on": None})
    waiting = site.warranty(warranty)
    assert (waiting["starts_on"], waiting["coverages"], len(waiting["history"])) == (None, [], 2)
    assert site.people.reader.get(path).json["covered_until"] is None
    check_rows(any_house, get_asset(any_house.system, asset["id"]))


def test_a_warranty_that_was_acted_on_or_has_a_date_of_its_own_stays_where_it_is(site: Site) -> None:
    asset, target = site.optic(), site.optic("OP2")
    extended, voided, moved, given = (site.give(asset) for _ in range(3)), None, None, None
    extended, voided, moved = extended
    given = site.give(asset, starts_on="2024-04-01")
    site.act(extended, "extend", by="P1Y")
    site.act(voided, "void", on="2024-06-01")
    site.act(moved, "transfer", asset=target["id"], on="2024-06-01")
    before = [site.warranty(one) for one in (extended, voided, moved, given)]
    site.engineer.patch(f"{ASSETS}/{asset['id']}", {"delivered_on": "2024-05-05"})
    site.engineer.patch(f"{ASSETS}/{target['id']}", {"delivered_on": "2024-05-05"})
    assert [site.warranty(one) for one in (extended, voided, moved, given)] == before


def test_a_bulk_change_of_dates_starts_warranties_too(site: Site) -> None:
    asset = site.unit("OP1")
    warranty = site.give(asset)
    items = [{"id": asset["id"], "version": 1, "delivered_on": "2024-02-29"}]
    assert site.engineer.post(f"{ASSETS}/bulk", {"items": items}).status_code == 200
    assert site.warranty(warranty)["starts_on"] == "2024-02-29"


def test_the_terms_that_a_warranty_was_given_under_never_change(any_house: House) -> None:
    site = any_house.furnished(Site)
    lead = site.people.account_manager
    asset = site.optic()
    old = site.give(asset)
    days = [DELIVERED + timedelta(days=number) for number in (0, 100, 365, 366, 1000, 1095, 1096)]
    before = [site.owed(asset, on, cause) for on in days for cause in (None, "wear", "disaster")]
    terms = next(item for item in lead.get(f"{API}/warranty-terms?code=optical-module").json["items"])
    path = f"{API}/warranty-terms/{terms['id']}/versions"
    body = {
        "start_basis": "purchase",
        "coverages": [{"remedy": "support", "period": "P9Y"}],
        "covers_causes": ["human"],
    }
    assert lead.request("POST", path, json={"body": body}).status_code == 428
    published = lead.request("POST", path, json={"body": body, "note": "shorter"}, headers={"If-Match": '"1"'})
    assert (published.status_code, published.json["current"], published.json["version"]) == (201, 2, 2)
    assert lead.request("POST", path, json={"body": body}, headers={"If-Match": '"1"'}).status_code == 412
    assert [site.owed(asset, on, cause) for on in days for cause in (None, "wear", "disaster")] == before
    assert site.warranty(old)["terms_version"] == 1
    kept = site.people.reader.get(path).json["items"]
    assert [(item["number"], item["note"]) for item in kept] == [(1, ""), (2, "shorter")]
    assert kept[0]["body"] == TEMPLATES["optical-module"][1].as_dict()
    new = site.give(site.optic("OP2", purchased_on="2024-01-01"))
    assert (new["terms_version"], list(spans(new))) == (2, ["support"])
    site.act(old, "extend", by="P1Y")
    assert list(spans(site.warranty(old))) == ["replace", "repair", "support"]


def test_a_customers_own_terms_come_before_the_houses_and_are_nobody_elses(any_house: House) -> None:
    site = any_house.furnished(Site)
    lead = site.people.account_manager
    body = {**TEMPLATES["hardware"][1].as_dict(), "coverages": [{"remedy": "repair", "period": "P5Y"}]}
    body |= {"free_requests": [], "repair_warranty": None}
    own = lead.post(
        f"{API}/warranty-terms", {"code": "hardware", "name": "Ours", "body": body, "customer": "acme"}
    ).json
    mine = site.give(site.optic(), "hardware")
    assert spans(mine)["repair"][1] == "2029-02-28"
    theirs = site.give(site.unit("G1", customer="globex", delivered_on="2024-02-29"), "hardware")
    assert spans(theirs)["repair"][1] == "2025-02-28"
    refused = site.engineer.post(WARRANTIES, {"asset": theirs["asset_id"], "terms": own["id"]})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["terms"])
    copied = lead.post(
        f"{API}/warranty-terms", {"code": "x", "name": "X", "copy_of": "hardware", "customer": "globex"}
    ).json
    assert copied["body"]["coverages"][0]["period"] == "P1Y"


def test_an_extension_lengthens_and_keeps_the_old_ends(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = site.optic()
    warranty = site.give(asset)
    longer = site.act(warranty, "extend", by="P1Y", remedies=["replace"], reason="goodwill").json
    assert spans(longer)["replace"] == ("2024-02-29", "2026-02-28", "2026-02-28")
    assert spans(longer)["repair"][1] == "2027-02-28"
    through = site.act(warranty, "extend", until="2027-12-31").json
    assert {ends for _, ends, _ in spans(through).values()} == {"2027-12-31"}
    assert [(c["kind"], c["by"], c["reason"]) for c in through["history"]] == [
        ("extended", "engineer", "goodwill"),
        ("extended", "engineer", "agreed"),
    ]
    assert [row["ends_on"] for row in through["history"][0]["before"]] == ["2025-02-28", "2027-02-28", "2027-02-28"]
    assert through["version"] == 3
    assert (
        site.owed(asset, "2027-12-31")["state"] == "expiring" and site.owed(asset, "2028-01-01")["state"] == "expired"
    )
    for wrong, field in (
        ({"until": "2027-12-31"}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"by": "P1Y", "until": "2030-01-01"}, "by"),
        ({}, "by"),
        ({"by": "1 year"}, "by"),
        ({"by": "P0D"}, "by"),
        ({"by": "P1Y", "remedies": ["patrol"]}, "remedies"),
        ({"by": "P1Y", "remedies": []}, "remedies"),
        ({"by": "P1Y", "reason": " "}, "reason"),
    ):
        answer = site.act(warranty, "extend", **wrong)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), wrong
    stale = site.engineer.post(
        f"{WARRANTIES}/{warranty['id']}/extend", {"by": "P1D", "reason": "r"}, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412
    check_rows(any_house, get_asset(any_house.system, asset["id"]))


def test_extending_without_end_stops_at_the_end_of_the_calendar(site: Site) -> None:
    warranty = site.give(site.optic(), starts_on="2999-12-31")
    codes = [site.act(warranty, "extend", by="P100Y").status_code for _ in range(80)]
    assert codes[0] == 200 and codes[-1] == 422 and set(codes) == {200, 422}


def test_a_void_warranty_covers_the_days_before(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = site.optic()
    warranty = site.give(asset)
    refused = site.act(warranty, "void", reason=" ")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["reason"])
    gone = site.act(warranty, "void", on="2024-06-01", reason="seal broken").json
    assert (gone["void_on"], gone["void_reason"]) == ("2024-06-01", "seal broken")
    assert spans(gone)["repair"] == ("2024-02-29", "2027-02-28", "2024-05-31")
    assert free(site.owed(asset, "2024-05-31")) == ["replace", "support"]
    after = site.owed(asset, "2024-06-01")
    assert (after["state"], free(after)) == ("void", [])
    assert after["warranties"][0]["reason"] == "Optical module, version 1: void since 1 Jun 2024: seal broken."
    assert site.people.reader.get(f"{ASSETS}/{asset['id']}").json["covered_until"] == "2024-05-31"
    for verb, more in (("void", {}), ("extend", {"by": "P1Y"}), ("transfer", {"asset": site.optic("OP2")["id"]})):
        answer = site.act(warranty, verb, **more)
        assert (answer.status_code, answer.json["code"]) == (409, "void"), verb
    check_rows(any_house, get_asset(any_house.system, asset["id"]))


def test_a_warranty_void_from_before_its_start_never_covered(site: Site) -> None:
    asset = site.optic()
    warranty = site.give(asset)
    gone = site.act(warranty, "void", on="2024-01-01").json
    assert spans(gone)["replace"] == ("2024-02-29", "2025-02-28", "2024-02-28")
    assert site.owed(asset, "2024-03-01")["state"] == "void"
    assert site.people.reader.get(f"{ASSETS}/{asset['id']}").json["covered_until"] is None
    check_rows(site.house, get_asset(site.house.system, asset["id"]))


def test_today_is_the_day_where_the_customer_is(house: House) -> None:
    site = house.furnished(Site)
    for slug, zone in (("acme", "Pacific/Kiritimati"), ("globex", "Pacific/Pago_Pago")):
        assert site.people.admin.patch(f"{API}/customers/{slug}", {"time_zone": zone}).status_code == 200
    here = site.optic("E1")
    there = site.unit("W1", customer="globex", delivered_on="2024-02-29")
    first, second = site.give(here), site.give(there)
    with clock.frozen(datetime(2025, 2, 28, 10, 30, tzinfo=UTC)):
        for person in (site.engineer, site.people.owner):
            assert person.get(f"{ASSETS}/{here['id']}/coverage").json["on"] == "2025-03-01"
        for person in (site.engineer, site.people.stranger):
            assert person.get(f"{ASSETS}/{there['id']}/coverage").json["on"] == "2025-02-27"
        assert site.act(first, "void").json["void_on"] == "2025-03-01"
        target = site.unit("W2", customer="globex")
        moved = site.act(second, "transfer", asset=target["id"]).json
        assert moved["starts_on"] == "2025-02-27"
        path = f"{ASSETS}/{here['id']}/retire"
        assert site.engineer.post(path, {}, headers={"If-Match": "*"}).json["retired_on"] == "2025-03-01"


def test_a_warranty_of_a_licence_follows_the_licences_dates(site: Site) -> None:
    from registry.licences.service import get_licence

    licence = {"customer": "acme", "product": "SK", "name": "Stock", "metric": "device", "launched_on": "2024-02-29"}
    made = site.engineer.post(f"{API}/licences", licence).json
    warranty = site.engineer.post(WARRANTIES, {"licence": made["id"], "terms": "software"}).json
    assert spans(warranty)["adjust"] == ("2024-02-29", "2025-02-28", "2025-02-28")
    shown = site.people.reader.get(f"{API}/licences/{made['id']}/coverage?on=2025-02-28").json
    assert (shown["asset"], shown["licence"], shown["state"]) == (None, made["id"], "expiring")
    row = get_licence(site.house.system, made["id"])
    check_rows(site.house, row)
    row.launched_on = date(2024, 3, 1)
    redate(site.house.system, row)
    assert site.warranty(warranty)["starts_on"] == "2024-03-01"
    check_rows(site.house, row)


def test_verbs_refuse_also_without_a_request(house: House) -> None:
    from registry.warranty import service

    site = house.furnished(Site)
    asset = site.unit("OP1")
    warranty = service.start_warranty(house.system, {"asset": asset["id"], "terms": "optical-module"})
    with pytest.raises(Conflict):
        service.transfer_warranty(house.system, warranty.id, asset=asset["id"], on=None, reason="", version=0)
    with pytest.raises(Invalid, match="Some fields"):
        service.start_warranty(house.system, {"asset": asset["id"], "terms": "hardware", "kind": "x"})


def test_a_customer_cannot_move_the_start_of_a_running_warranty(house: House) -> None:
    site = house.furnished(Site)
    asset = site.optic()
    warranty = site.give(asset)
    path = f"{API}/assets/{asset['id']}"
    refused = site.people.owner.patch(path, {"delivered_on": "2026-01-01"})
    assert refused.status_code == 403 and list(refused.json["errors"]) == ["delivered_on"]
    assert site.people.owner.get(path).json["delivered_on"] == "2024-02-29"
    assert site.warranty(warranty)["starts_on"] == "2024-02-29"
    assert site.engineer.patch(path, {"delivered_on": "2024-03-01"}).status_code == 200
    assert site.warranty(warranty)["starts_on"] == "2024-03-01"


def test_a_licences_warranty_starts_when_its_launch_is_known(house: House) -> None:
    site = house.furnished(Site)
    values = {"customer": "acme", "product": "SK", "name": "Stock keeping 5", "metric": "install"}
    licence = site.people.owner.post(f"{API}/licences", values).json
    waiting = site.engineer.post(f"{API}/warranties", {"licence": licence["id"], "terms": "software"}).json
    assert waiting["waiting_for"] == "launched_on"
    launched = site.people.owner.patch(f"{API}/licences/{licence['id']}", {"launched_on": "2024-02-29"})
    assert launched.status_code == 200, launched.json
    assert site.warranty(waiting)["coverages"][0]["ends_on"] == "2025-02-28"
