"""Pages to set up a customer, its sites and contacts."""

import pytest

from registry.customers.company_pages import promise
from registry.customers.models import Contact, Customer, Site
from registry.customers.places import create_contact
from registry.customers.service import get_customer, manager_history
from registry.kernel.access import visible
from registry.kernel.writing import ANY_VERSION
from registry.people.models import User
from tests.two_companies import CANARY, Companies
from tests.web.forms import fill, statements


def _site(companies: Companies) -> Site:
    return visible(Site, companies.house.system).where(Site.id == companies.acme["site"]).get()


def test_a_customer_is_set_up_and_changed(companies: Companies) -> None:
    admin, system = companies.people.admin, companies.house.system
    bad = fill(admin, "/customers/new", slug="Not good", name="Northern Rail")
    assert bad.status_code == 422 and 'id="slug-error"' in bad.text and 'value="Northern Rail"' in bad.text
    made = fill(admin, "/customers/new", slug="rail", name="Northern Rail", time_zone="Europe/London", policy="")
    assert made.status_code == 303 and made.location == "/c/rail/edit"
    page = "/c/rail/edit"
    saved = fill(admin, page, name="Northern Railways", policy="by-distance", customer_since="2024-02-29")
    assert saved.status_code == 303, saved.text
    row = get_customer(system, "rail")
    assert (row.name, str(row.customer_since), row.active, row.time_zone) == (
        "Northern Railways", "2024-02-29", True, "Europe/London",
    )  # fmt: skip
    assert "2 hours" in admin.get(page).text and "PT2H" not in admin.get(page).text
    assert fill(admin, page, active="").status_code == 303
    assert get_customer(system, "rail").active is False
    fault = fill(admin, page, time_zone="Mars/Olympus")
    assert fault.status_code == 422 and 'id="time_zone-error"' in fault.text and 'value="Mars/Olympus"' in fault.text


def test_a_lost_race_keeps_what_was_typed_and_says_what_to_do(companies: Companies) -> None:
    admin = companies.people.admin
    late = admin.request("POST", "/c/acme/edit", data={"name": "My own words", "version": "1"})
    assert late.status_code == 412 and "Somebody else has changed this" in late.text and "ETag" not in late.text
    assert 'value="My own words"' in late.text
    now = get_customer(companies.house.system, "acme")
    assert f'name="version" value="{now.version}"' in late.text, "saving again replaces it"
    assert now.name == f"{CANARY} Ltd"


def test_the_account_manager_has_a_history(companies: Companies) -> None:
    people, system = companies.people, companies.house.system
    answer = fill(people.admin, "/c/acme/edit", "/c/acme/account-manager", user=str(people.engineer.user.id))
    assert answer.status_code == 303
    held = [row.user.email for row in manager_history(system, get_customer(system, "acme"))]
    assert held == ["manager@operator.example", "engineer@operator.example"]
    wrong = fill(people.admin, "/c/acme/edit", "/c/acme/account-manager", user=str(people.owner.user.id))
    assert wrong.status_code == 422 and 'id="user-error"' in wrong.text


def test_sites_come_and_go(companies: Companies) -> None:
    owner, ids = companies.people.owner, companies.acme
    bad = fill(owner, "/c/acme/sites/new", name="", city="Kept city", country="xx")
    assert bad.status_code == 422 and 'id="name-error"' in bad.text and 'id="country-error"' in bad.text
    assert 'value="Kept city"' in bad.text
    made = fill(owner, "/c/acme/sites/new", name="Hall 9", country="HK")
    assert made.status_code == 303
    assert "Hall 9" in owner.get(made.location).text
    page = f"/c/acme/sites/{ids['site']}"
    assert fill(owner, f"{page}/edit", city="Kwun Tong").status_code == 303
    assert _site(companies).city == "Kwun Tong"
    used = fill(owner, page, f"{page}/remove")
    assert used.status_code == 409 and "Take it away there first" in used.text, "assets are there"
    User.update(language="zh-Hant").where(User.id == owner.user.id).execute()
    assert "still uses this" not in fill(owner, page, f"{page}/remove").text, "in the reader's language"
    User.update(language="en").where(User.id == owner.user.id).execute()
    gone = fill(owner, made.location, f"{made.location}/remove")
    assert gone.status_code == 303 and owner.get(made.location).status_code == 404
    again = fill(owner, "/c/acme/sites/new", name=_site(companies).name)
    assert again.status_code == 409 and 'id="name-error"' in again.text


def test_contacts_come_and_go(companies: Companies) -> None:
    owner, system = companies.people.owner, companies.house.system
    made = fill(
        owner, "/c/acme/contacts/new", name="Ada", site=_site(companies).name, trained="true", email="a@b.example"
    )
    assert made.status_code == 303, made.text
    row = visible(Contact, system).where(Contact.name == "Ada").get()
    assert row.trained and row.site_id == companies.acme["site"]
    page = f"/c/acme/contacts/{row.id}"
    assert "Trained" in owner.get(page).text
    bad = fill(owner, f"{page}/edit", email="nobody")
    assert bad.status_code == 422 and 'id="email-error"' in bad.text and 'value="nobody"' in bad.text
    assert fill(owner, f"{page}/edit", trained="", email="", site="").status_code == 303
    row = visible(Contact, system).where(Contact.id == row.id).get()
    assert (row.trained, row.email, row.site_id) == (False, "", None)
    assert fill(owner, page, f"{page}/remove").status_code == 303
    assert not visible(Contact, system).where(Contact.id == row.id).exists()


@pytest.mark.parametrize("what", ["sites", "contacts"])
def test_who_may_not(companies: Companies, what: str) -> None:
    people = companies.people
    one = companies.acme[what[:-1]]
    for path in (f"/c/acme/{what}/new", f"/c/acme/{what}/{one}/edit"):
        assert people.reader.get(path).status_code == people.colleague.get(path).status_code == 403
        assert people.stranger.get(path).status_code == 404
        assert people.reader.request("POST", path, data={"name": "x"}).status_code == 403
    assert people.reader.get(f"/c/acme/{what}/{one}").status_code == 200
    foreign = companies.globex[what[:-1]]
    assert people.admin.get(f"/c/acme/{what}/{foreign}").status_code == 404
    gone = people.admin.request("POST", f"/c/acme/{what}/{foreign}/remove", data={"version": "1"})
    assert gone.status_code == 404
    model = Site if what == "sites" else Contact
    assert visible(model, companies.house.system).where(model.id == foreign).exists()
    for path in ("/c/acme/edit", "/customers/new"):
        assert people.owner.get(path).status_code == 403


def test_pages_cost_the_same_however_much_there_is(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, system = companies.people.admin, companies.house.system
    pages = [f"/c/acme/sites/{companies.acme['site']}", "/c/acme/edit"]
    with statements(monkeypatch) as few:
        for page in pages:
            assert admin.get(page).status_code == 200
    for number in range(5):
        create_contact(system, {"customer": "acme", "name": f"N{number}", "site": companies.acme["site"]})
        companies.house.person(f"staff{number}@operator.example", "engineer")
    with statements(monkeypatch) as many:
        for page in pages:
            admin.get(page)
    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("written", "said"),
    [("PT4H", "4 hours"), ("P1M", "1 month"), ("P7D", "7 days"), ("PT0S", "at once"), ("P1DT12H", "1 day 12 hours"),
     ("next_business_day", "the next working day"), (2, "2"), ("P", "P")],
)  # fmt: skip
def test_periods_of_a_policy_are_said_in_words(written: object, said: str) -> None:
    assert promise(written) == said


def test_the_customer_is_no_other_than_it_says(companies: Companies) -> None:
    """What the form names beside its fields is not taken."""
    companies.people.admin.request("POST", "/c/acme/edit", data={"name": "x", "slug": "stolen", "version": "1"})
    assert visible(Customer, companies.house.system).where(Customer.slug == "stolen").count() == 0
    assert ANY_VERSION == 0
    zero = companies.people.admin.request("POST", "/c/acme/edit", data={"name": "x", "version": "0"})
    assert zero.status_code == 412, "no form can ask for any version"
