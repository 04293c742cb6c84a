"""Pages about notices, webhooks and the words of mails."""

import re

import pytest

from registry.kernel import db
from registry.kernel.access import visible
from registry.kernel.mail import Mail
from registry.notices.choices import muted_by
from registry.notices.models import NoticePlan
from registry.notices.webhook_models import Webhook, WebhookDelivery
from registry.people.models import User
from registry.people.tokens import create_token
from tests.two_companies import HOUSE_WEBHOOK, Companies
from tests.web.forms import fill, statements

PAGE = "/c/acme/notices"
HOOKS = "/settings/webhooks/new"


def _plan(companies: Companies) -> NoticePlan:
    mine = NoticePlan.customer_id == companies.acme["customer"]
    return visible(NoticePlan, companies.house.system).where(mine).get()


def test_the_plan_is_changed_in_the_form(companies: Companies) -> None:
    owner, ids = companies.people.owner, companies.acme
    typed = {"steps": "7, 60", "kinds": ["", "contract", "licence"], "quiet_days": ["", "6", "7"], "users": [""]}
    assert fill(owner, f"{PAGE}/plan", **typed, quiet_from="", quiet_to="").status_code == 303
    plan = _plan(companies)
    assert (plan.steps, plan.kinds, plan.quiet_days) == ([60, 7], ["contract", "licence"], [6, 7])
    assert (plan.users, plan.quiet_from) == ([], None)
    text = owner.get(PAGE).text
    assert "60, 7" in text and "Saturday, Sunday" in text and "manager@" not in text
    assert fill(owner, f"{PAGE}/plan", users=["", str(ids["user"])], roles=[""], enabled="").status_code == 303
    assert (_plan(companies).users, _plan(companies).roles, _plan(companies).enabled) == ([ids["user"]], [], False)


@pytest.mark.parametrize(
    ("typed", "where"),
    [({"steps": "soon, 7"}, "steps"), ({"steps": ""}, "steps"), ({"kinds": [""]}, "kinds"),
     ({"quiet_from": "20:00", "quiet_to": ""}, "quiet_to"), ({"users": ["4711"]}, "users")],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(companies: Companies, typed: dict[str, object], where: str) -> None:
    answer = fill(companies.people.owner, f"{PAGE}/plan", **{"quiet_from": "20:00", "quiet_to": "07:00", **typed})
    assert answer.status_code == 422 and f'id="{where}-error"' in answer.text
    if typed.get("steps"):
        assert 'value="soon, 7"' in answer.text
    late = companies.people.owner.request("POST", f"{PAGE}/plan", data={"version": "1", "enabled": ""})
    assert late.status_code == 412 and "Somebody else has changed this" in late.text


def test_who_is_told_and_what_was_announced(companies: Companies) -> None:
    text = companies.people.reader.get(PAGE).text
    assert "Account manager" in text and "CANARY licence" in text
    links = re.findall(r'data-label="What"><a(?: class="serial")? href="([^"]+)">', text)
    assert links and {companies.people.reader.get(link).status_code for link in links} == {200}
    assert f"{PAGE}/plan" not in text and "Webhooks" not in text
    assert companies.people.stranger.get(PAGE).status_code == 404
    assert companies.people.reader.get(f"{PAGE}/plan").status_code == 403


def test_names_are_for_whoever_may_see_people(companies: Companies) -> None:
    """Others see how many are told, and why."""
    people, told = companies.people, {"alice", companies.people.account_manager.user.name}
    assert fill(people.owner, f"{PAGE}/plan", roles=["", "manager", "member"], account_manager="1").status_code == 303
    for who in (people.owner, people.auditor):
        assert all(f">{name}</span>" in who.get(PAGE).text for name in told)
    page = people.reader.get(PAGE)
    card = page.text.partition('id="who-title"')[2].partition("</section>")[0]
    assert not [user.name for user in User.select() if f">{user.name}<" in card or user.email in card]
    assert re.findall(r'grow">([^<]+)</span><span class="end quiet">([^<]+)<', card) == [
        ("Manager", "1 person"), ("Member", "1 person"), ("Account manager", "1 person"),
    ]  # fmt: skip
    people.owner.token = create_token(
        companies.house.system, people.owner.user, name="few", scope=["notice.view", "notice.edit", "customer.view"],
        days=1,
    )[1]  # fmt: skip
    form = people.owner.get(f"{PAGE}/plan").text
    assert "@acme.example" not in form and f"User {companies.acme['user']}" in form


def test_ones_own_choice(companies: Companies) -> None:
    reader = companies.people.reader
    assert fill(reader, PAGE, f"{PAGE}/mine", wanted=["contract"]).status_code == 303
    assert muted_by(reader.user.id) == {"warranty", "licence"}
    late = reader.request("POST", f"{PAGE}/mine", data={"version": "1", "wanted": ["warranty"]})
    assert late.status_code == 412 and muted_by(reader.user.id) == {"warranty", "licence"}
    assert not muted_by(companies.people.owner.user.id)


# --- Webhooks ----------------------------------------------------------------------------------------------


def test_a_webhook_is_made_tried_switched_and_removed(companies: Companies) -> None:
    owner, home = companies.people.owner, f"{PAGE}/webhooks"
    bad = fill(owner, f"{home}/new", name="Kept", url="http://127.0.0.1/", events=["asset.*"])
    assert bad.status_code == 422 and 'id="url-error"' in bad.text and 'value="Kept"' in bad.text
    none = fill(owner, f"{home}/new", name="Kept", url="https://1.1.1.1/x", events=[""])
    assert none.status_code == 422 and 'id="events-error"' in none.text
    made = fill(owner, f"{home}/new", name="Ours", url="https://1.1.1.1/x", events=["", "asset.*", "contract.*"])
    secret = re.search(r'<code class="token">(whsec_[^<]+)<', made.text)
    assert made.status_code == 200 and secret
    row = visible(Webhook, companies.house.system).where(Webhook.name == "Ours").get()
    page = f"{home}/{row.id}"
    assert secret[1] not in owner.get(page).text and "Asset, Contract" in owner.get(page).text
    assert fill(owner, page, f"{page}/ping").status_code == 303
    again = owner.request("POST", f"{page}/ping")
    assert again.status_code == 409 and "on its way" in again.text
    assert fill(owner, page, f"{page}/switch").status_code == 303
    sent = visible(WebhookDelivery, companies.house.system).where(WebhookDelivery.webhook == row.id).get()
    assert sent.state == "parked" and "Given up" in owner.get(page).text
    assert f"{page}/ping" not in owner.get(page).text
    assert fill(owner, page, f"{page}/switch").status_code == 303
    assert fill(owner, page, f"{page}/deliveries/{sent.id}/again").status_code == 303
    renewed = fill(owner, page, f"{page}/secret")
    fresh = re.search(r'<code class="token">(whsec_[^<]+)<', renewed.text)
    assert fresh and fresh[1] != secret[1] and "signs besides the new one" in renewed.text
    assert fill(owner, f"{page}/edit", name="Theirs").status_code == 303
    assert fill(owner, page, f"{page}/remove").status_code == 303
    assert owner.get(page).status_code == 404


def test_a_customer_is_offered_no_events_of_the_house(companies: Companies) -> None:
    own, house = companies.people.owner.get(f"{PAGE}/webhooks/new").text, companies.people.admin.get(HOOKS).text
    for group in ("installation.*", "mail_text.*", "policy.*"):
        assert f'value="{group}"' in house and f'value="{group}"' not in own
    assert 'value="asset.*"' in own


def test_single_events_of_a_program_stay(companies: Companies) -> None:
    owner = companies.people.owner
    page = f"{PAGE}/webhooks/{companies.acme['webhook']}"
    assert fill(owner, f"{page}/edit", name="Renamed").status_code == 303
    row = visible(Webhook, companies.house.system).where(Webhook.id == companies.acme["webhook"]).get()
    assert (row.name, row.events) == ("Renamed", ["asset.created"])


def test_a_delivery_belongs_to_its_webhook_and_a_webhook_to_its_place(companies: Companies) -> None:
    people, mine, theirs = companies.people, companies.acme, companies.globex
    page = f"{PAGE}/webhooks/{mine['webhook']}"
    assert people.admin.request("POST", f"{page}/deliveries/{theirs['delivery']}/again").status_code == 404
    assert people.admin.get(f"{PAGE}/webhooks/{theirs['webhook']}").status_code == 404
    assert people.admin.get(f"/settings/webhooks/{mine['webhook']}").status_code == 404
    assert people.admin.get(f"{PAGE}/webhooks/{HOUSE_WEBHOOK}").status_code == 404
    assert people.admin.get(f"/settings/webhooks/{HOUSE_WEBHOOK}").status_code == 200
    assert people.owner.get("/settings/webhooks").status_code == 403
    assert people.reader.get(page).status_code == 403
    refused = fill(people.admin, f"{PAGE}/webhooks/new", name="x", url="https://1.1.1.1/", events=["asset.*"])
    assert refused.status_code == 403 and "own people" in refused.text


def test_webhooks_of_the_house(companies: Companies) -> None:
    admin = companies.people.admin
    made = fill(admin, "/settings/webhooks/new", name="All", url="https://1.1.1.1/all", events=["customer.*"])
    assert made.status_code == 200, made.text
    row = visible(Webhook, companies.house.system).where(Webhook.name == "All").get()
    assert row.customer_id is None
    page = f"/settings/webhooks/{row.id}"
    assert fill(admin, page, f"{page}/ping").location == page
    assert "All" in admin.get("/settings/webhooks").text


# --- Words of mails ----------------------------------------------------------------------------------------


def test_a_mail_gets_own_words_and_goes_back(companies: Companies) -> None:
    admin, page = companies.people.admin, "/settings/mail-texts/invitation/en"
    before = admin.get(page).text
    assert "name of who invites" in before and "must stand in the text" in before and "[inviter] invites you" in before
    bad = fill(admin, page, body="Hello {nobody}, {link}")
    assert bad.status_code == 422 and 'id="body-error"' in bad.text and "Hello {nobody}" in bad.text
    look = fill(admin, page, body="Hi {name}: {link}", act="look")
    assert look.status_code == 200 and "Hi [name]: " in look.text
    assert "Hi [name]" not in admin.get(page).text, "looked at, not kept"
    sent = fill(admin, page, body="Hi {name}: {link}", act="send")
    assert sent.status_code == 200 and "on its way to you" in sent.text
    assert Mail.get(Mail.to == admin.user.email).name == "invitation"
    assert fill(admin, page, body="Hi {name}: {link}", act="save").status_code == 303
    assert "Hi [name]" in admin.get(page).text and "own words" in admin.get("/settings/mail-texts").text
    assert fill(admin, page, f"{page}/restore").status_code == 303
    assert "[inviter] invites you" in admin.get(page).text
    for path in ("/settings/mail-texts/nothing/en", "/settings/mail-texts/invitation/xx"):
        assert admin.get(path).status_code == admin.request("POST", path, data={"act": "save"}).status_code == 404
        assert admin.request("POST", f"{path}/restore", data={"version": "1"}).status_code == 404
    assert companies.people.owner.get(page).status_code == 403


def test_pages_cost_the_same_however_much_there_is(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = companies.people.owner
    webhook = f"{PAGE}/webhooks/{companies.acme['webhook']}"
    with statements(monkeypatch) as few:
        owner.get(PAGE)
        owner.get(webhook)
    for number in range(4):
        companies.house.person(f"more{number}@acme.example", "manager", "acme")
        more = {"uid": f"u{number}", "event": "asset.created", "body": "{}", "customer_id": companies.acme["customer"]}
        WebhookDelivery.create(webhook=companies.acme["webhook"], **more)
    with statements(monkeypatch) as many:
        assert "more3" in owner.get(PAGE).text
        owner.get(webhook)
    assert len(few) == len(many)
    assert db.is_sqlite()
