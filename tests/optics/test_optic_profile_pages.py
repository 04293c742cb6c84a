"""Profiles as pages: the customer's own and the house's."""

import pytest

from registry.customers.service import customer_by
from registry.kernel.access import visible
from registry.optics.models import Optic, OpticProfile
from tests.optics.optic_world import at_now, bring, item
from tests.web.forms import fill

PAGE = "/c/acme/optics/profiles"
TX = {"tx_power_dbm-high_alarm": "1", "tx_power_dbm-high_warning": "0.5", "tx_power_dbm-low_warning": "-2",
      "tx_power_dbm-low_alarm": "-2.5"}  # fmt: skip


@pytest.fixture
def people(house, monkeypatch):
    at_now(monkeypatch)
    return house.people()


def rows(house):
    return list(visible(OpticProfile, house.system).order_by(OpticProfile.id))


def test_a_profile_is_added_changed_and_removed_and_counts_at_once(people, house):
    silent = item(1, tx_power_dbm=-3.0)
    silent["thresholds"] = {}
    bring(house, silent)
    made = fill(people.owner, f"{PAGE}/new", part_number="AO-10G-LR", needed="2", hours="0", notes="data sheet", **TX)
    assert made.status_code == 303, made.text
    [row] = rows(house)
    assert (row.customer_id, row.needed, row.hours) == (customer_by(house.system, "acme").id, 2, 0)
    assert row.limits == {"tx_power_dbm": [1, 0.5, -2, -2.5]}
    [optic] = visible(Optic, house.system)
    assert optic.verdict != "within_spec", "the module is judged by it"
    page = people.owner.get(PAGE).text
    assert "AO-10G-LR" in page and "Transmit power" in page and "2 readings over 0 hours" in page
    edit = people.owner.get(f"{PAGE}/{row.id}").text
    assert 'value="-2.5"' in edit and "data sheet" in edit
    wider = {"tx_power_dbm-low_warning": "-7", "tx_power_dbm-low_alarm": "-8", "needed": ""}
    assert fill(people.owner, f"{PAGE}/{row.id}", **wider).status_code == 303
    [row] = rows(house)
    assert row.limits["tx_power_dbm"][3] == -8 and row.needed is None
    assert visible(Optic, house.system).get().verdict == "within_spec"
    assert fill(people.owner, f"{PAGE}/{row.id}", f"{PAGE}/{row.id}/remove").status_code == 303
    assert rows(house) == [] and "none is needed" in people.owner.get(PAGE).text


WRONG = {
    "no part number": ({"part_number": ""}, "part_number-error"),
    "blanks": ({"part_number": "   "}, "part_number-error"),
    "out of order": ({"tx_power_dbm-low_alarm": "5"}, "limits-error"),
    "all equal": (dict.fromkeys(TX, "1"), "limits-error"),
    "no number": ({"rx_power_dbm-low_alarm": "-8,2"}, "rx_power_dbm-low_alarm-error"),
    "not finite": ({"rx_power_dbm-low_alarm": "1e999"}, "rx_power_dbm-low_alarm-error"),
    "too large": ({"rx_power_dbm-low_alarm": "9999999"}, "rx_power_dbm-low_alarm-error"),
    "half a reading": ({"needed": "1.5"}, "needed-error"),
    "no reading": ({"needed": "0"}, "needed-error"),
    "too many hours": ({"hours": "99999"}, "hours-error"),
    "two lines": ({"vendor": "A\nB"}, "vendor-error"),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_is_wrong_stands_beside_its_field(people, house, which):
    typed, where = WRONG[which]
    answer = fill(people.owner, f"{PAGE}/new", **{"part_number": "X", **TX, **typed})
    assert answer.status_code == 422 and f'id="{where}"' in answer.text, answer.text[:200]
    assert rows(house) == [] and 'value="0.5"' in answer.text or which == "all equal"


def test_one_for_everybody_is_the_house_s(people, house):
    assert "whose" not in people.owner.get(f"{PAGE}/new").text
    fill(people.owner, f"{PAGE}/new", part_number="Y", whose="house")
    [row] = rows(house)
    assert row.customer_id is not None, "what a company adds is its own"
    row.delete_instance()
    assert fill(people.admin, f"{PAGE}/new", part_number="X", whose="house", needed="5").status_code == 303
    [row] = rows(house)
    assert row.customer_id is None
    seen = people.owner.get(PAGE).text
    assert "Everybody" in seen and f"{PAGE}/{row.id}" not in seen, "shown, and not offered to be changed"
    assert fill(people.owner, f"{PAGE}/{row.id}", needed="2").status_code == 403
    assert people.owner.request("POST", f"{PAGE}/{row.id}/remove", data={"version": 1}).status_code == 403
    assert fill(people.admin, f"{PAGE}/{row.id}", needed="2").status_code == 303
    assert rows(house)[0].needed == 2


def test_twice_for_the_same_part_is_refused_in_words(people, house):
    for _ in range(2):
        answer = fill(people.owner, f"{PAGE}/new", part_number="X", vendor="ACME")
    assert answer.status_code in (409, 422) and len(rows(house)) == 1
    assert "alert" in answer.text or "field-error" in answer.text


def test_who_was_slower_is_told_and_loses_nothing(people, house):
    fill(people.owner, f"{PAGE}/new", part_number="X", needed="4")
    [row] = rows(house)
    late = {"version": row.version, "needed": "9", "notes": "mine"}
    fill(people.colleague, f"{PAGE}/{row.id}", needed="5")
    answer = people.owner.request("POST", f"{PAGE}/{row.id}", data=late)
    assert answer.status_code == 412 and 'value="9"' in answer.text and "mine" in answer.text
    assert people.owner.request("POST", f"{PAGE}/{row.id}/remove", data=late).status_code == 412
    assert rows(house)[0].needed == 5


def test_strangers_and_readers(people, house):
    fill(people.owner, f"{PAGE}/new", part_number="OURS", needed="4")
    [row] = rows(house)
    for path in (PAGE, f"{PAGE}/{row.id}", f"{PAGE}/new"):
        assert people.stranger.get(path).status_code == 404
    assert people.stranger.get(f"/c/globex/optics/profiles/{row.id}").status_code == 404
    assert "OURS" not in people.stranger.get("/c/globex/optics/profiles").text
    assert "OURS" not in people.admin.get("/c/globex/optics/profiles").text
    assert people.admin.get(f"/c/globex/optics/profiles/{row.id}").status_code == 404
    assert "OURS" in people.reader.get(PAGE).text and people.reader.get(f"{PAGE}/{row.id}").status_code == 403
