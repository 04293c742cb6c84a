"""Warranties that move to a replacement unit, and warranties that a repair starts."""

from typing import Any

import pytest

from registry.assets.service import get_asset
from registry.warranty.terms import TEMPLATES
from tests.houses import House
from tests.ladder import API
from tests.warranty.world import Site, check_rows, free, spans

WARRANTIES = f"{API}/warranties"


@pytest.fixture
def site(house: House) -> Site:
    return house.furnished(Site)


@pytest.mark.rule("S3-09")
def test_a_replacement_unit_inherits_the_rest_and_is_linked_to_the_old_one(any_house: House) -> None:
    site = any_house.furnished(Site)
    old, new = site.optic("OLD"), site.optic("NEW", delivered_on="2024-08-01")
    warranty = site.give(old, contract="C-1")
    moved = site.act(warranty, "transfer", asset="NEW", on="2024-08-01", reason="failed twice").json
    assert (moved["asset"], moved["kind"], moved["origin_id"], moved["contract"]) == (
        "NEW",
        "inherited",
        warranty["id"],
        "C-1",
    )
    assert spans(moved) == {
        "replace": ("2024-08-01", "2025-02-28", "2025-02-28"),
        "repair": ("2024-08-01", "2027-02-28", "2027-02-28"),
        "support": ("2024-08-01", "2027-02-28", "2027-02-28"),
    }
    kept = site.warranty(warranty)
    assert (kept["asset"], kept["closed_on"]) == ("OLD", "2024-08-01")
    assert spans(kept)["repair"] == ("2024-02-29", "2027-02-28", "2024-07-31")
    change = kept["history"][0]
    assert (change["kind"], change["reason"]) == ("transferred", "failed twice")
    assert change["after"]["moved_to"] == new["id"] and change["after"]["closed_on"] == "2024-08-01"
    assert free(site.owed(old, "2024-07-31")) == ["replace", "support"]
    assert site.owed(old, "2024-08-01")["reasons"][0]["code"] == "transferred"
    assert free(site.owed(new, "2024-07-31")) == [] and free(site.owed(new, "2024-08-01")) == ["replace", "support"]
    again = site.act(warranty, "transfer", asset=new["id"])
    assert (again.status_code, again.json["code"]) == (409, "transferred")
    third = site.optic("THIRD")
    chain = site.act(moved, "transfer", asset="THIRD", on="2026-01-01").json
    assert chain["origin_id"] == moved["id"] and list(spans(chain)) == ["repair", "support"]
    for unit in (old, new, third):
        check_rows(any_house, get_asset(any_house.system, unit["id"]))


RULES: list[tuple[dict[str, Any], str]] = [
    ({"rule": "full_new"}, "2026-02-28"),
    ({"rule": "remaining"}, "2025-02-28"),
    ({"rule": "max_remaining", "days": 30}, "2025-03-30"),
    ({"rule": "max_remaining", "days": 1}, "2025-03-01"),
]


def test_what_a_replacement_gets_is_the_rule_of_the_terms(site: Site) -> None:
    for number, (rule, ends) in enumerate(RULES):
        body = {**TEMPLATES["hardware"][1].as_dict(), "replacement": rule}
        body["coverages"] = [{"remedy": "repair", "period": "P1Y"}]
        code = f"terms-{number}"
        made = site.people.account_manager.post(f"{API}/warranty-terms", {"code": code, "name": code, "body": body})
        assert made.status_code == 201, made.json
        warranty = site.give(site.optic(f"OLD{number}"), code)
        on = "2025-02-28" if rule["rule"] == "remaining" else "2025-03-01"
        moved = site.act(warranty, "transfer", asset=site.optic(f"NEW{number}")["id"], on=on)
        assert (moved.status_code, spans(moved.json)["repair"][:2]) == (201, (on, ends)), rule


def test_what_is_over_or_nobodys_does_not_move(site: Site) -> None:
    old, new = site.optic("OLD"), site.optic("NEW")
    warranty = site.give(old)
    for values, field in (
        ({"asset": new["id"], "on": "2027-03-01"}, "on"),
        ({"asset": old["id"], "on": "2024-08-01"}, "asset"),
        ({"asset": "nothing", "on": "2024-08-01"}, "asset"),
        ({"on": "2024-08-01"}, "asset"),
    ):
        answer = site.act(warranty, "transfer", **values)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), values
    licence = {"customer": "acme", "product": "SK", "name": "Stock", "metric": "device", "launched_on": "2024-01-01"}
    site.engineer.post(f"{API}/licences", licence)
    held = site.engineer.post(WARRANTIES, {"licence": 1, "terms": "software"}).json
    answer = site.act(held, "transfer", asset=new["id"], on="2024-08-01")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["asset"])
    assert site.warranty(warranty)["version"] == 1


def test_a_repair_starts_a_warranty_of_its_own(site: Site) -> None:
    asset = site.optic()
    warranty = site.give(asset, "hardware", kind="after_repair", starts_on="2025-06-01")
    assert spans(warranty) == {"repair": ("2025-06-01", "2025-08-29", "2025-08-29")}
    assert free(site.owed(asset, "2025-08-29")) == ["repair"] and free(site.owed(asset, "2025-08-30")) == []
    site.act(warranty, "transfer", asset=site.optic("NEW")["id"], on="2025-07-01")
    moved = site.people.reader.get(f"{WARRANTIES}?kind=inherited").json["items"][0]
    assert spans(site.warranty(moved)) == {"repair": ("2025-07-01", "2025-08-29", "2025-08-29")}
