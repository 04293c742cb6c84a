"""Settings of the house: statuses, custom fields, policies, health, what the installation was started with."""

from dataclasses import replace

import pytest

from registry.assets.models import AssetField, AssetStatus
from registry.kernel.access import visible
from tests.houses import SECRET
from tests.two_companies import Companies
from tests.web.forms import fill

PAGES = [
    "/settings", "/settings/statuses", "/settings/fields", "/settings/mail-texts", "/settings/policies",
    "/settings/webhooks", "/settings/erasures", "/settings/health", "/settings/installation",
]  # fmt: skip


def test_the_administrator_finds_every_page_and_nobody_else(companies: Companies) -> None:
    people = companies.people
    home = people.admin.get("/settings").text
    for page in PAGES:
        assert people.admin.get(page).status_code == 200, page
        assert f'href="{page}"' in home, page
        for who in (people.owner, people.reader, people.stranger, people.engineer):
            assert who.get(page).status_code == 403, page
    assert 'href="/settings"' in people.admin.get("/").text and 'href="/settings"' not in people.auditor.get("/").text
    manager = people.account_manager
    assert manager.get("/settings/policies").status_code == 200 and manager.get("/settings").status_code == 403


def test_statuses_are_renamed_and_added(companies: Companies) -> None:
    admin, page = companies.people.admin, "/settings/statuses"
    assert fill(admin, page, f"{page}/in_use", name="Working", position="9").status_code == 303
    row = AssetStatus.get(AssetStatus.code == "in_use")
    assert (row.name, row.position, row.meta) == ("Working", 9, "in_use")
    bad = fill(admin, page, f"{page}/in_use", name="", position="9")
    assert bad.status_code == 422 and 'id="name-in_use-error"' in bad.text
    late = admin.request("POST", f"{page}/in_use", data={"name": "My words", "version": "1"})
    assert late.status_code == 412 and 'value="My words"' in late.text
    assert admin.request("POST", f"{page}/nothing", data={"name": "x", "version": "1"}).status_code == 404
    made = fill(admin, page, name="On loan", code="on_loan", meta="in_use")
    assert made.status_code == 303 and AssetStatus.get(AssetStatus.code == "on_loan").meta == "in_use"
    twice = fill(admin, page, name="On loan", code="on_loan", meta="in_use")
    assert twice.status_code == 409 and 'id="code-error"' in twice.text and 'value="On loan"' in twice.text


def test_custom_fields_come_and_go(companies: Companies) -> None:
    admin, page, system = companies.people.admin, "/settings/fields", companies.house.system
    made = fill(admin, page, title="Colour", name="colour", type="choice", choices="red, green\nblue", required="true")
    assert made.status_code == 303, made.text
    row = visible(AssetField, system).where(AssetField.name == "colour").get()
    assert (row.choices, row.required, row.customer_id) == (["red", "green", "blue"], True, None)
    own = fill(admin, page, title="Rack", name="own_rack", type="text", customer="globex")
    assert own.status_code == 303
    assert visible(AssetField, system).where(AssetField.name == "own_rack").get().customer_id
    bad = fill(admin, page, title="Kept title", name="Bad Name", type="choice", choices="")
    assert bad.status_code == 422 and 'id="name-error"' in bad.text and 'value="Kept title"' in bad.text
    none = fill(admin, page, title="x", name="x", type="text", customer="nowhere")
    assert none.status_code == 422 and 'id="customer-error"' in none.text
    assert fill(admin, page, f"{page}/{row.id}/remove").status_code == 303
    late = admin.request("POST", f"{page}/{companies.acme['field']}/remove", data={"version": "77"})
    assert late.status_code == 412 and "alert-danger" in late.text
    assert admin.request("POST", f"{page}/4711/remove", data={"version": "1"}).status_code == 404


def test_health_says_what_to_do(companies: Companies) -> None:
    text = companies.people.admin.get("/settings/health").text
    assert "Data folder" in text and "Nobody needs a second factor" in text and "Audit chains" not in text


def test_no_secret_is_shown(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    house = companies.house
    secret = {
        "smtp": "smtp://user:hush-hush@mail.example",
        "oidc_client_secret": "hush-hush",
        "metrics_token": "hush-hush-hush",
    }
    monkeypatch.setitem(
        house.app.config, "ASSETCARE", replace(house.settings, public_url="http://shown.example", **secret)
    )
    text = companies.people.admin.get("/settings/installation").text
    assert "http://shown.example" in text and "hush-hush" not in text and SECRET not in text
    assert "ASSETCARE_SMTP" in text and text.count("set, not shown") >= 4


def test_an_error_page_helps(companies: Companies) -> None:
    answer = companies.people.reader.get("/c/acme/nothing")
    assert answer.status_code == 404 and "There is nothing here" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text and "Check the address" in answer.text
    assert "search box" in companies.people.reader.get("/c/acme/assets/4711").text
    assert "This is not yours to do" in companies.people.reader.get("/settings").text
