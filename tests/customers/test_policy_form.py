"""The form of a service policy: everything that people edit has a field, and what programs put there stays."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from registry.customers.models import ServicePolicy
from registry.customers.policies import SHIPPED
from registry.customers.schemas import PolicyChange
from registry.kernel import language
from registry.web.policy_form import PolicyForm, apart, joined
from tests.houses import House
from tests.web.forms import fill

NAMES = st.sampled_from(["targets", "channels", "visits", "calendar", "patrols_per_year", "opening", "every", "clock",
                         "P1", "solve", "solved", "response", "e_mail", " x", "other"])  # fmt: skip
LEAF = (
    st.none() | st.booleans() | st.integers(0, 400) | st.text("aZé09:_- \n\r", max_size=6)
    | st.sampled_from(["P1D", "PT4H", "PT0S", "solve", "elapsed", "TM", "response", "08:00", "17:00"])
)  # fmt: skip
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def test_policies_are_filled_in_and_shown_in_words(house: House) -> None:
    admin, page = house.people().admin, "/settings/policies"
    assert "24 hours" in admin.get(page).text and "PT24H" not in admin.get(page).text
    line = {"targets-0-name": "P1", "targets-0-what": "response", "targets-0-count": "1", "targets-0-unit": "TH"}
    words = {"channels-0-name": "telephone", "channels-0-words": "8 hours on working days"}
    good = fill(admin, f"{page}/new", name="Gold", code="gold", patrols_per_year="2", **line, **words)
    assert good.status_code == 303 and "1 hour" in admin.get(page).text
    settings = {"targets": {"P1": {"response": "PT1H"}}, "channels": {"telephone": words["channels-0-words"]},
                "patrols_per_year": 2}  # fmt: skip
    assert fill(admin, f"{page}/gold", name="Platinum").status_code == 303
    row = ServicePolicy.get(ServicePolicy.code == "gold")
    assert (row.name, row.settings) == ("Platinum", settings)
    assert fill(admin, f"{page}/gold", **{"targets-0-name": "", "targets-0-count": ""}).status_code == 303
    assert "targets" not in ServicePolicy.get(ServicePolicy.code == "gold").settings
    more = fill(admin, f"{page}/gold", act="add:targets")
    assert more.status_code == 200 and "targets-1-name" in more.text
    assert admin.request("POST", f"{page}/gold", data={"name": "x", "version": "1"}).status_code == 412
    assert admin.get(f"{page}/nothing").status_code == 404


@pytest.mark.parametrize(("typed", "where"), [
    ({"targets-0-count": "2"}, "targets-0-name"),
    ({"targets-0-name": "P1"}, "targets-0-count"),
    ({"targets-0-name": "P1", "targets-0-count": "two"}, "targets-0-count"),
    ({"targets-0-name": "P1", "targets-0-count": "2", "targets-0-clock": "business"}, "targets-0-what"),
    ({"targets-0-name": "P1", "targets-0-count": "2", "targets-1-name": "P1", "targets-1-count": "3"},
     "targets-1-name"),
    ({"channels-0-name": "x", "channels-0-count": "2", "channels-0-words": "always"}, "channels-0-words"),
    ({"calendar-0-from": "09:00"}, "calendar-0-until"),
    ({"calendar-0-from": "09:00", "calendar-0-until": "08:00"}, "calendar-0-until"),
    ({"visits_count": "often"}, "visits_count"), ({"patrols_per_year": "0"}, "patrols_per_year"),
    ({"name": ""}, "name"),
])  # fmt: skip
def test_what_is_wrong_with_a_policy_stands_beside_its_field(house: House, typed: dict[str, str], where: str) -> None:
    page = "/settings/policies/new"
    answer = fill(house.people().admin, page, **{"name": "Gold", "code": "gold", **typed})
    assert answer.status_code == 422 and f'id="{where}-error"' in answer.text, answer.text
    assert re.findall(r'id="([^"]+)-error"', answer.text) == [where] and "alert-danger" not in answer.text
    assert all(f'value="{text}"' in answer.text for name, text in typed.items() if text and name[-4:] not in ("lock",))


@pytest.mark.parametrize("code", SHIPPED)
def test_a_policy_that_is_only_looked_at_stays_as_it_is(house: House, code: str) -> None:
    page = f"/settings/policies/{code}"
    answer = fill(house.people().admin, page, name="Same")
    assert answer.status_code == 303, answer.text
    assert ServicePolicy.get(ServicePolicy.code == code).settings == SHIPPED[code][1]


@limits(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=4), st.sampled_from(["en", "zh-Hant"]))
@example({"channels": {"targets": "TM"}}, "en")  # words that are called like a unit of time
def test_a_form_changes_nothing_that_nobody_touched(stored: dict[str, Any], tag: str) -> None:
    """Whatever programs have put there."""
    known, rest = apart(stored)
    assert joined(known, rest) == stored
    with language.speaking(tag):
        shown = PolicyForm(PolicyChange(), shown={"name": "Any"}, only=("name",), stored=stored)
        sent = MultiDict([(name, text) for name, text in shown.typed.items() if isinstance(text, str)])
        form = PolicyForm(PolicyChange(), sent, only=("name",), stored=stored)
        assert form.values()["settings"] == stored
