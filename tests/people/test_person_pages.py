"""Pages about one person or program: invite, roles, shutting out, tokens - at a customer and in the house."""

import re

import pytest

from registry.kernel.errors import Conflict
from registry.people.models import MailedLink, Membership, Token, User
from registry.people.roles import ROLES
from registry.people.service import remove_role, set_role
from tests.two_companies import Companies
from tests.web.forms import fill, statements

PEOPLE = "/c/acme/people"


def test_somebody_is_invited_again_and_the_invitation_withdrawn(companies: Companies) -> None:
    owner = companies.people.owner
    bad = fill(owner, f"{PEOPLE}/new", name="Kept Name", email="nobody", role="reader")
    assert bad.status_code == 422 and 'id="email-error"' in bad.text and 'value="Kept Name"' in bad.text
    made = fill(owner, f"{PEOPLE}/new", name="Eve", email="eve@acme.example", role="reader", language="zh-Hant")
    assert made.status_code == 303, made.text
    user = User.get(User.email == "eve@acme.example")
    assert (user.language, user.password_hash) == ("zh-Hant", None) and made.location == f"{PEOPLE}/{user.id}"
    assert "Invited" in owner.get(made.location).text and "May sign in" not in owner.get(made.location).text
    assert fill(owner, made.location, f"{made.location}/invite").status_code == 303
    assert MailedLink.select().where(MailedLink.user == user).count() == 2
    assert fill(owner, made.location, f"{made.location}/withdraw").status_code == 303
    text = owner.get(made.location).text
    assert "Invitation withdrawn" in text and f"{made.location}/withdraw" not in text
    twice = owner.request("POST", f"{made.location}/withdraw")
    assert twice.status_code == 409 and "no open invitation" in twice.text
    taken = fill(owner, f"{PEOPLE}/new", name="x", email="eve@acme.example", role="reader")
    assert taken.status_code == 409 and 'id="email-error"' in taken.text


def test_a_role_is_changed_and_no_more_is_given_than_one_holds(companies: Companies) -> None:
    people = companies.people
    page = f"{PEOPLE}/{people.reader.user.id}"
    assert fill(people.owner, page, f"{page}/role", role="member").status_code == 303
    assert Membership.get(Membership.user == people.reader.user).role == "member"
    high = people.owner.request("POST", f"{page}/role", data={"role": "admin"})
    assert high.status_code == 422 and 'id="role-error"' in high.text
    offered = re.findall(r'<option value="(\w+)"', people.owner.get(page).text)
    assert offered == ["manager", "member", "reader"]


def test_what_roles_mean_is_said_for_each(companies: Companies) -> None:
    text = companies.people.admin.get("/users/new").text + companies.people.admin.get(f"{PEOPLE}/new").text
    assert "May do everything" in text and "Looks and exports" in text and "Read the audit chain" in text
    for name in ROLES:
        assert f'<option value="{name}"' in text, name


def test_shut_out_and_let_in_again(companies: Companies) -> None:
    people = companies.people
    page = f"{PEOPLE}/{people.reader.user.id}"
    assert fill(people.owner, page, f"{page}/deactivate").status_code == 303
    assert people.reader.get("/api/v1/me").status_code == 401
    assert "Shut out" in people.owner.get(page).text
    assert fill(people.owner, page, f"{page}/activate").status_code == 303
    assert User.get_by_id(people.reader.user.id).active
    house = f"/users/{people.reader.user.id}"
    assert fill(people.admin, house, f"{house}/deactivate").status_code == 303
    refused = people.owner.request("POST", f"{page}/activate")
    assert refused.status_code == 403 and "operator" in refused.text
    assert "Shut out by the operator" in people.owner.get(page).text


def test_the_last_administrator_stays(companies: Companies) -> None:
    admin = companies.people.admin
    answer = admin.request("POST", f"/users/{admin.user.id}/deactivate")
    assert answer.status_code == 409 and "last active administrator" in answer.text
    assert "<form" in answer.text and "My account" in answer.text, "the page itself, with what went wrong on it"


def test_who_belongs_to_several_is_removed_from_one(companies: Companies) -> None:
    people, system = companies.people, companies.house.system
    reader = people.reader.user
    page = f"/c/globex/people/{reader.id}"
    assert people.admin.get(page).status_code == 404, "not one of globex's people"
    set_role(system, reader.id, "member", companies.globex["customer"])
    removed = fill(people.admin, page, f"{page}/remove")
    assert removed.status_code == 303 and people.admin.get(page).status_code == 404
    assert Membership.select().where(Membership.user == reader).count() == 1
    only = people.admin.request("POST", f"{PEOPLE}/{reader.id}/remove")
    assert only.status_code == 409 and "shut the account" in only.text
    assert f"{PEOPLE}/{reader.id}/remove" not in people.admin.get(f"{PEOPLE}/{reader.id}").text
    none = people.admin.post(f"/api/v1/users/{reader.id}/role/remove", {"customer": "globex"})
    assert (none.status_code, none.json["code"]) == (409, "no_role")
    set_role(system, reader.id, "reader", companies.globex["customer"])
    assert people.admin.post(f"/api/v1/users/{reader.id}/role/remove", {"customer": "globex"}).status_code == 204
    with pytest.raises(Conflict):
        remove_role(system, reader.id, companies.acme["customer"])


def test_a_program_gets_tokens_that_are_shown_once(companies: Companies) -> None:
    owner = companies.people.owner
    page = f"{PEOPLE}/{companies.acme['machine']}"
    bad = fill(owner, page, f"{page}/tokens", name="", days="5000")
    assert bad.status_code == 422 and 'id="name-error"' in bad.text and 'value="5000"' in bad.text
    made = fill(owner, page, f"{page}/tokens", name="nightly", days="7", scope="read")
    secret = re.search(r'<code class="token">([^<]+)<', made.text)
    assert made.status_code == 200 and secret
    row = Token.get(Token.name == "nightly")
    assert row.scope == ["read"] and secret[1] not in owner.get(page).text
    wide = fill(owner, page, f"{page}/tokens", name="wide", scope="")
    assert wide.status_code == 200 and Token.get(Token.name == "wide").scope is None
    assert fill(owner, page, f"{page}/tokens/{row.id}/revoke").status_code == 303
    assert Token.get_by_id(row.id).revoked_at
    new = fill(owner, f"{PEOPLE}/new", kind="machine", name="Robot", email="bot@acme.example", role="reader")
    assert new.status_code == 303 and "Make one below" in owner.get(new.location).text


def test_staff_is_made_in_the_house_alone(companies: Companies) -> None:
    people = companies.people
    made = fill(people.admin, "/users/new", name="Sue", email="sue@operator.example", role="engineer")
    assert made.status_code == 303
    assert Membership.get(Membership.user == User.get(User.email == "sue@operator.example")).customer_id is None
    assert people.owner.get("/users/new").status_code == 403
    assert people.owner.request("POST", "/users/new", data={"email": "a@b.example", "role": "admin"}).status_code == 403
    reader = f"/users/{people.reader.user.id}"
    given = fill(people.admin, reader, f"{reader}/role", role="member", customer="globex")
    assert given.status_code == 303
    wrong = fill(people.admin, reader, f"{reader}/role", role="member", customer="nowhere")
    assert wrong.status_code == 422 and 'id="customer-error"' in wrong.text
    assert re.search(r'<select[^>]* name="customer".*<option value="globex">GLOBEX', wrong.text, re.DOTALL)


def test_who_may_not(companies: Companies) -> None:
    people, ids = companies.people, companies.acme
    for path in (f"{PEOPLE}/{ids['user']}", f"{PEOPLE}/new"):
        assert people.reader.get(path).status_code == 403
        assert people.stranger.get(path).status_code == 404
    assert people.stranger.get(f"/users/{ids['user']}").status_code == 404
    auditor = people.auditor.get(f"{PEOPLE}/{ids['user']}")
    assert auditor.status_code == 200 and "/deactivate" not in auditor.text and "/role" not in auditor.text
    assert people.owner.get(f"{PEOPLE}/{companies.globex['user']}").status_code == 404
    assert people.admin.get(f"{PEOPLE}/{companies.globex['user']}").status_code == 404


def test_a_person_costs_a_constant_number_of_statements(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, page = companies.people.owner, f"{PEOPLE}/{companies.acme['machine']}"
    with statements(monkeypatch) as few:
        owner.get(page)
    for number in range(4):
        fill(owner, page, f"{page}/tokens", name=f"t{number}")
    with statements(monkeypatch) as many:
        owner.get(page)
    assert len(few) == len(many)
