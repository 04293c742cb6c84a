"""Assets over the API: the ladder of people, and what the answers look like."""

import pytest

from tests.houses import House


@pytest.mark.rule("S0-28")
def test_people_of_the_customer_manage_their_own_assets(any_house: House) -> None:
    people = any_house.people()
    product = any_house.product("SFP LR", "optic", part_number="LR-1")
    made = people.colleague.post("/api/v1/assets", {"product": "LR-1", "serial": "A1", "delivered_on": "2026-01-31"})
    assert made.status_code == 201, made.json
    asset = made.json
    assert asset["customer"] == "acme" and asset["product_id"] == product.id and asset["status"] == "in_stock"
    path = f"/api/v1/assets/{asset['id']}"
    assert people.owner.patch(path, {"name": "uplink"}, asset["version"]).json["name"] == "uplink"
    assert people.reader.get(path).json["name"] == "uplink"
    assert people.reader.patch(path, {"name": "x"}, 2).status_code == 403
    assert people.stranger.get(path).status_code == 404
    assert people.stranger.patch(path, {"name": "x"}, 2).status_code == 404
    assert people.stranger.get("/api/v1/assets").json["items"] == []
    retired = people.owner.post(f"{path}/retire", {}, headers={"If-Match": '"2"'})
    assert retired.json["state"] == "retired"
    history = people.owner.get(f"/api/v1/audit?object_type=asset&object_id={asset['id']}").json["items"]
    assert [entry["action"] for entry in history] == ["asset.created", "asset.changed", "asset.retired"]
    assert history[1]["before"] == {"name": ""} and history[1]["after"] == {"name": "uplink", "version": 2}
