"""What a customer's people see and may do: ask for service, but not set the windows and fees that hold for them."""

import pytest

from registry.kernel.errors import Forbidden
from registry.plugins import values
from registry_rma.tests.world import Desk

RULES = "/c/acme/plugins/rma"


def test_the_rules_of_a_customer_are_the_operators(desk: Desk) -> None:
    manager, lead = desk.people.manager, desk.people.admin
    assert lead.get(RULES).status_code == 200 and RULES in lead.get("/c/acme/plugins").text
    assert manager.get(RULES).status_code == 403 and RULES not in manager.get("/c/acme/plugins").text
    assert "/c/acme/plugins" in lead.get("/c/acme").text
    assert "/c/acme/plugins" not in manager.get("/c/acme").text, "a way to nothing"
    assert manager.post(RULES, doa_days="366").status_code == 403
    customer = desk.unit().customer_id
    with pytest.raises(Forbidden):
        values.keep(desk.manager, "rma", {"doa_days": 366}, version=None, customer_id=customer)
    assert values.settings_of("rma", customer)["doa_days"] == 30


def test_whoever_may_ask_for_service_finds_the_way_on_the_page_of_the_unit(desk: Desk) -> None:
    unit = desk.unit()
    claim = f"/c/acme/x/rma/assets/{unit.id}/claims/new"
    offers = {who: getattr(desk.people, who).get(f"/c/acme/assets/{unit.id}").text for who in ("manager", "reader")}
    panel = {who: text.partition("No fault of this unit has been reported")[2] for who, text in offers.items()}
    assert claim in panel["manager"].partition("</section>")[0] and claim not in offers["reader"]
    empty = "Open the page of a unit and report its fault there."
    assert empty in desk.people.manager.get("/c/acme/x/rma/lines").text
    assert empty not in desk.people.reader.get("/c/acme/x/rma/lines").text
