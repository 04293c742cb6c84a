"""Decisions as they are recorded: conditions, charge, contract and quote, from the request to the row."""

from typing import Any

import pytest

from tests.houses import House
from tests.ladder import API
from tests.warranty.world import Site, free, quoted

FAILED = {"parameter": "Pressure", "value": "9.5", "limit_min": "10", "unit": "bar", "after": "repair"}
PASSED = {**FAILED, "value": "10"}
FREE = {"charge": False, "charge_reason": "in warranty", "contract": "C-1"}
QUOTE = {"amount": 12_500, "currency": "HKD", "accepted_by": "Ms Chan", "accepted_on": "2025-03-01"}


@pytest.fixture
def site(house: House) -> Site:
    return house.furnished(Site)


def press(site: Site) -> Any:
    """A machine under the shipped hardware terms, from 29 February 2024."""
    asset = site.unit("PR1", "PR", delivered_on="2024-02-29")
    site.give(asset, "hardware")
    return asset


def errors(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, sorted(answer.json["errors"])


@pytest.mark.rule("S3-07", "S3-08", "S3-09", "S3-10")
def test_repair_first_then_what_a_failed_test_opens(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = press(site)
    case: dict[str, Any] = {"on": "2024-06-01", "cause": "quality"}
    assert free(site.owed(asset, **case)) == ["repair"]
    assert free(site.owed(asset, **case, tests=[PASSED])) == ["repair"]
    assert free(site.owed(asset, **case, tests=[FAILED])) == ["replace", "return", "repair"]
    chosen = {"tests": [FAILED], "customer_choice": "return", "chosen_by": "customer"}
    assert free(site.owed(asset, **case, **chosen))[0] == "return"
    assert "return" not in free(site.owed(asset, **case, **{**chosen, "chosen_by": "staff"}))
    assert errors(site.record(asset, "replace", **FREE, **case)) == (422, ["deviation_reason"])
    assert site.record(asset, "replace", **FREE, **case, deviation_reason="no parts").status_code == 201
    assert site.record(asset, "repair", **FREE, **case).status_code == 201
    assert errors(site.record(asset, "repair", **FREE, **case, closes="repair")) == (422, ["tests"])
    closed = site.record(asset, "repair", **FREE, **case, closes="repair", facts={"tests": [PASSED]})
    assert closed.status_code == 201
    assert site.record(asset, "replace", **FREE, **case, facts={"tests": [FAILED]}).status_code == 201
    without_limit = {"tests": [{"parameter": "Pressure", "value": 1, "after": "repair"}]}
    assert errors(site.record(asset, "repair", **FREE, **case, facts=without_limit)) == (422, ["facts"])


@pytest.mark.rule("S3-10")
def test_a_return_is_recorded_as_the_customers_choice_only(site: Site) -> None:
    asset = press(site)
    case: dict[str, Any] = {"on": "2024-06-01", "cause": "quality"}
    chosen = {"tests": [FAILED], "customer_choice": "return", "chosen_by": "customer"}
    assert site.record(asset, "return", **FREE, **case, facts=chosen).status_code == 201
    by_staff = site.record(asset, "return", **FREE, **case, facts={**chosen, "chosen_by": "staff"})
    assert by_staff.status_code == 422 and "chosen_by" in by_staff.json["errors"]
    early = site.record(asset, "return", **FREE, **case, facts={**chosen, "tests": []}, deviation_reason="kind")
    assert errors(early) == (422, ["remedy"])


@pytest.mark.rule("S3-06")
def test_a_decision_is_kept_with_conditions_charge_and_reason(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = press(site)
    case: dict[str, Any] = {"on": "2024-06-01", "cause": "quality", "facts": {"tests": [PASSED]}}
    assert errors(site.record(asset, "repair", **case)) == (422, ["charge", "charge_reason", "contract"])
    assert errors(site.record(asset, "repair", **case, charge=False, contract="C-1")) == (422, ["charge_reason"])
    assert errors(site.record(asset, "repair", **case, **{**FREE, "charge": "no"})) == (422, ["charge"])
    assert errors(site.record(asset, "bless", **case, **FREE)) == (422, ["remedy"])
    path = f"{API}/assets/{asset['id']}/decisions"
    assert site.people.reader.get(path).json["items"] == []
    made = site.record(asset, "repair", **case, **FREE).json
    assert (made["remedy"], made["charge"], made["charge_reason"], made["contract"]) == (
        "repair",
        False,
        "in warranty",
        "C-1",
    )
    assert (made["on"], made["cause"], made["decided_by"]) == ("2024-06-01", "quality", "engineer")
    assert made["facts"]["tests"] == [{**PASSED, "limit_max": None}]
    assert made["answer"] == site.owed(asset, "2024-06-01", "quality", tests=[PASSED])
    site.act({"id": 1}, "void", on="2024-01-01")
    assert site.people.reader.get(path).json["items"] == [made]


@pytest.mark.rule("S3-11")
def test_after_the_term_work_waits_for_an_accepted_quote(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = press(site)
    case: dict[str, Any] = {"on": "2025-03-01", "cause": "quality"}
    charged = {"charge": True, "charge_reason": "after the term", "contract": "C-1"}
    assert (free(site.owed(asset, **case)), quoted(site.owed(asset, **case))) == ([], ["repair"])
    assert errors(site.record(asset, "repair", **case, **charged)) == (422, ["quote"])
    opened = {"amount": 12_500, "currency": "HKD"}
    refused = site.record(asset, "repair", **case, **charged, quote=opened)
    assert errors(refused) == (422, ["quote.accepted_by", "quote.accepted_on"])
    early = site.record(asset, "repair", **case, **charged, quote=QUOTE, work_on="2025-02-28")
    assert errors(early) == (422, ["quote.accepted_on"])
    made = site.record(asset, "repair", **case, **charged, quote=QUOTE, work_on="2025-03-02").json
    assert (made["quote"], made["work_on"], made["charge"]) == (QUOTE, "2025-03-02", True)
    assert errors(site.record(asset, "repair", **case, **FREE)) == (422, ["deviation_reason"])
    assert site.record(asset, "repair", on="2025-02-28", cause="quality", **FREE).status_code == 201


@pytest.mark.rule("S3-17")
def test_every_service_names_its_contract_or_is_charged_and_approved(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = press(site)
    after: dict[str, Any] = {"on": "2025-03-01", "cause": "quality", "charge": True, "charge_reason": "no warranty"}
    in_term = {"on": "2024-06-01", "cause": "quality", **FREE}
    assert errors(site.record(asset, "repair", **{**in_term, "contract": ""})) == (422, ["contract"])
    del in_term["contract"]
    assert errors(site.record(asset, "repair", **in_term)) == (422, ["contract"])
    assert errors(site.record(asset, "repair", **after, quote=QUOTE, contract="none")) == (422, ["approval"])
    approval = {"by": "Supervisor", "on": "2025-03-01"}
    made = site.record(asset, "repair", **after, quote=QUOTE, contract="none", approval=approval).json
    assert (made["contract"], made["approval"]) == ("none", approval)
    late = {**approval, "on": "2025-03-02"}
    assert errors(site.record(asset, "repair", **after, quote=QUOTE, contract="none", approval=late)) == (
        422,
        ["approval"],
    )
    given_away = {**after, "charge": False, "deviation_reason": "goodwill", "approval": approval, "contract": "none"}
    assert errors(site.record(asset, "repair", **given_away)) == (422, ["charge"])
