"""What is owed and what was decided, from the request to the row: the rules of the published policies end to end."""

from typing import Any

import pytest

from registry.kernel.db import database
from tests.houses import House
from tests.ladder import API
from tests.warranty.world import Site, codes, free, quoted

SHAPE = ["asset", "on", "cause", "state", "until", "remedies", "warranties", "reasons", "flags"]
FREE = {"charge": False, "charge_reason": "in warranty", "contract": "C-1"}


@pytest.fixture
def site(house: House) -> Site:
    return house.furnished(Site)


def software(site: Site) -> Any:
    asset = site.unit("SK1", "SK", launched_on="2024-02-29")
    site.give(asset, "software")
    return asset


def optic(site: Site) -> Any:
    asset = site.optic()
    site.give(asset)
    return asset


def agree(site: Site, asset: Any, name: str, on: str) -> Any:
    parties = {"customer_party": "Ann Lee", "our_party": "Bob Ng"}
    return site.engineer.post(
        f"{API}/agreed-functions", {"asset": asset["id"], "name": name, "agreed_on": on, **parties}
    )


def errors(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, sorted(answer.json["errors"])


def test_the_answer_has_the_promised_shape(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = optic(site)
    for answer in (
        site.owed(asset, "2024-06-01"),
        site.owed(asset, "2024-06-01", "wear"),
        site.owed(asset, "2024-06-01", request="question"),
        site.owed(site.unit("bare"), "2024-06-01"),
    ):
        assert list(answer) == SHAPE
    answer = site.owed(asset, "2024-06-01", "wear")
    assert (answer["asset"], answer["on"], answer["cause"]) == (asset["id"], "2024-06-01", "wear")
    assert (answer["state"], answer["until"]) == ("active", "2027-02-28")
    assert set(answer["remedies"][0]) == {
        "remedy", "title", "warranty", "until", "charge", "condition", "chosen_by", "reason",
    }  # fmt: skip
    assert set(answer["warranties"][0]) == {
        "id", "kind", "terms", "version", "state", "starts_on", "until", "covers", "reason",
    }  # fmt: skip
    assert all(set(item) == {"code", "text"} for item in (*answer["reasons"], *answer["flags"]))
    nothing = site.owed(site.unit("bare 2"), "2024-06-01")
    assert (nothing["state"], nothing["until"], codes(nothing["reasons"])) == ("none", None, ["no_warranty"])


@pytest.mark.rule("S4-09", "S4-10")
def test_a_module_is_replaced_for_a_year_then_repaired_for_two_then_charged(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = optic(site)
    offered = {on: free(site.owed(asset, on)) for on in ("2024-02-28", "2024-02-29", "2025-02-28", "2025-03-01",
                                                         "2027-02-28", "2027-03-01")}  # fmt: skip
    assert offered == {
        "2024-02-28": [],
        "2024-02-29": ["replace", "support"],
        "2025-02-28": ["replace", "support"],
        "2025-03-01": ["repair", "support"],
        "2027-02-28": ["repair", "support"],
        "2027-03-01": [],
    }
    assert quoted(site.owed(asset, "2027-03-01")) == ["repair", "support"]


@pytest.mark.rule("S4-11", "S4-12")
def test_causes_decide_and_an_exclusion_wins(site: Site) -> None:
    asset = optic(site)
    for word, cause, covered in (
        ("ageing laser", "wear", True),
        ("module", "module", True),
        ("our_technical_data", "our_technical_data", True),
        ("drop damage", "human_damage", False),
        ("lightning", "disaster", False),
        ("war", "war", False),
        ("force majeure", "force_majeure", False),
    ):
        answer = site.owed(asset, "2024-06-01", word)
        assert (answer["cause"], bool(free(answer))) == (cause, covered), word
        assert covered or (quoted(answer) and answer["reasons"][0]["code"] == "excluded"), word
    assert "Disaster is excluded" in site.owed(asset, "2024-06-01", "lightning")["reasons"][0]["text"]


@pytest.mark.rule("S4-03")
def test_limits_come_from_the_product_unless_the_claim_brings_them(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = optic(site)
    measured = {"parameter": "tx  POWER", "value": "-9.0"}
    failing = site.owed(asset, "2024-06-01", "module", **measured)
    assert free(failing) == ["replace", "support"] and "failing" in codes(failing["reasons"])
    assert "at least -8.2 dBm and at most 0.5 dBm" in next(
        r["text"] for r in failing["reasons"] if r["code"] == "failing"
    )
    for value in ("-8.2", -8.2, "0.5", 0):
        within = site.owed(asset, "2024-06-01", "module", **{**measured, "value": value})
        assert (free(within), quoted(within)) == ([], []) and "within_specification" in codes(within["reasons"]), value
    own_limit = site.owed(asset, "2024-06-01", "module", **measured, limit_min="-9.5")
    assert "within_specification" in codes(own_limit["reasons"])
    case = {"on": "2024-06-01", "cause": "module"}
    for facts in ({"parameter": "Weight", "value": 1}, {**measured, "unit": "mW"}):
        answer = site.engineer.post(f"{API}/assets/{asset['id']}/coverage", {**case, "facts": facts})
        assert errors(answer) == (422, ["facts"]) and list(answer.json["errors"]["facts"]) == ["limit_min"], facts
    recorded = site.record(asset, "replace", **FREE, **case, facts=measured).json
    assert recorded["facts"] == {
        "request": "malfunction", "parameter": "tx  POWER", "value": "-9.0", "limit_min": "-8.2", "limit_max": "0.5",
        "unit": "dBm",
    }  # fmt: skip


@pytest.mark.rule("S4-04")
def test_our_own_technical_data_are_covered_although_the_module_is_sound(site: Site) -> None:
    asset = optic(site)
    sound = {"parameter": "Tx power", "value": "-8.0"}
    assert free(site.owed(asset, "2024-06-01", "our_technical_data", **sound)) == ["replace", "support"]
    assert free(site.owed(asset, "2024-06-01", "module", **sound)) == []
    assert free(site.owed(asset, "2024-06-01", "user", **sound)) == []
    unknown = site.owed(asset, "2024-06-01", "unknown")
    assert free(unknown) == ["replace", "support"] and "cause_to_be_established" in codes(unknown["flags"])


@pytest.mark.rule("S4-05")
def test_operation_outside_the_data_sheet_is_refused_in_writing(site: Site) -> None:
    asset = optic(site)
    hot = {"parameter": "Case temperature", "value": 85, "limit_max": 70, "unit": "°C"}
    answer = site.owed(asset, "2024-06-01", "environment", operating=[hot])
    assert free(answer) == [] and answer["reasons"][0]["code"] == "operating_conditions"
    assert "Case temperature 85 °C (specified: at most 70 °C)" in answer["reasons"][0]["text"]
    assert free(site.owed(asset, "2024-06-01", "environment", operating=[{**hot, "value": 70}]))
    asked = site.owed(asset, "2024-06-01", "environment")
    assert "operating_missing" in codes(asked["flags"])


@pytest.mark.rule("S4-06")
def test_a_late_notice_is_shown_and_flagged_but_refuses_nothing(site: Site) -> None:
    asset = optic(site)
    late = site.owed(asset, "2024-06-01", "module", fault_on="2024-04-01", notified_on="2024-06-01")
    assert free(late) == ["replace", "support"]
    assert "late_notice" in codes(late["flags"]) and "notified 61 days after the fault" in str(late["flags"])
    soon = site.owed(asset, "2024-06-01", "module", fault_on="2024-05-02", notified_on="2024-06-01")
    assert "late_notice" not in codes(soon["flags"]) and "notice_delay" in codes(soon["reasons"])


@pytest.mark.rule("S1-11", "S1-12")
def test_functions_count_from_the_day_both_parties_agreed(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = software(site)
    assert agree(site, asset, "Stock report", "2024-02-29").status_code == 201
    added = agree(site, asset, "Price list", "2024-03-10")
    assert (added.json["customer_party"], added.json["our_party"]) == ("Ann Lee", "Bob Ng")
    path = f"{API}/assets/{asset['id']}/agreed-functions"
    listed = site.people.reader.get(path).json["items"]
    assert [(row["name"], row["agreed_on"]) for row in listed] == [
        ("Stock report", "2024-02-29"),
        ("Price list", "2024-03-10"),
    ]
    assert site.people.stranger.get(path).status_code == 404
    for name, on, covered in (
        ("Stock report", "2024-02-29", True),
        ("stock  REPORT", "2025-02-28", True),
        ("Stock report", "2025-03-01", False),
        ("Price list", "2024-03-09", False),
        ("Price list", "2024-03-10", True),
        ("Payroll", "2024-06-01", False),
    ):
        answer = site.owed(asset, on, "function", function=name)
        assert (free(answer), quoted(answer)) == (
            (["repair", "support"], []) if covered else ([], ["repair", "support"])
        )
    payroll = site.owed(asset, "2024-06-01", "function", function="Payroll")
    assert payroll["reasons"][0]["code"] == "out_of_scope"
    for missing in ("name", "agreed_on", "customer_party", "our_party"):
        body = {"asset": 1, "name": "x", "agreed_on": "2024-01-01", "customer_party": "a", "our_party": "b"}
        answer = site.engineer.post(f"{API}/agreed-functions", {key: v for key, v in body.items() if key != missing})
        assert errors(answer) == (422, [missing])


@pytest.mark.rule("S1-11")
def test_a_licence_has_its_agreed_functions_too(site: Site) -> None:
    licence = {"customer": "acme", "product": "SK", "name": "Stock", "metric": "device", "launched_on": "2024-02-29"}
    assert site.engineer.post(f"{API}/licences", licence).json["id"] == 1
    site.engineer.post(f"{API}/warranties", {"licence": 1, "terms": "software"})
    body = {"licence": 1, "name": "Stock report", "agreed_on": "2024-02-29", "customer_party": "a", "our_party": "b"}
    assert site.engineer.post(f"{API}/agreed-functions", body).status_code == 201
    assert errors(site.engineer.post(f"{API}/agreed-functions", {**body, "asset": 1})) == (422, ["asset"])
    case = {"on": "2024-06-01", "cause": "function"}
    path = f"{API}/licences/1/coverage"
    assert free(site.people.reader.post(path, {**case, "facts": {"function": "stock report"}}).json) == [
        "repair",
        "support",
    ]
    assert free(site.people.reader.post(path, {**case, "facts": {"function": "Payroll"}}).json) == []
    assert [row["name"] for row in site.people.reader.get(f"{API}/licences/1/agreed-functions").json["items"]] == [
        "Stock report"
    ]


@pytest.mark.rule("S1-13", "S1-17")
def test_software_is_free_for_a_year_from_launch_fine_adjustments_included(any_house: House) -> None:
    site = any_house.furnished(Site)
    asset = software(site)
    last, after = "2025-02-28", "2025-03-01"
    assert (
        free(site.owed(asset, last)) == ["repair", "support", "adjust", "patrol"]
        and free(site.owed(asset, after)) == []
    )
    assert free(site.owed(asset, last, request="fine_adjustment")) == ["adjust"]
    charged = site.owed(asset, after, request="fine_adjustment")
    assert (free(charged), quoted(charged)) == ([], ["adjust"])
    site.give(asset, "on-site-support", starts_on="2025-03-01", kind="contract", contract="C-9")
    assert free(site.owed(asset, after, "user")) == ["onsite", "support"]


def test_the_number_of_statements_does_not_grow_with_the_warranties(any_house: House) -> None:
    from registry.warranty.claims import coverage_of

    site = any_house.furnished(Site)
    few, many = site.optic("FEW"), site.optic("MANY")
    site.give(few)
    for _ in range(12):
        site.give(many)
    sent: list[str] = []
    engine = database.obj
    execute = engine.execute_sql

    def remember(sql: str, *args: Any, **kwargs: Any) -> Any:
        sent.append(sql)
        return execute(sql, *args, **kwargs)

    counts = []
    engine.execute_sql = remember
    try:
        for asset in (few, many):
            sent.clear()
            coverage_of(site.people.reader.actor, asset["id"])
            counts.append(len(sent))
    finally:
        engine.execute_sql = execute
    assert counts[0] == counts[1] <= 12
