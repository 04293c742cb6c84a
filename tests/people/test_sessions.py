"""Where somebody is signed in: to see, to end, and ended by whatever changes how he gets in."""

import pytest

from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Unauthenticated
from registry.people.models import Session, Token, User
from registry.people.service import activate_user, deactivate_user, set_password
from registry.people.signin import Origin, open_session
from tests.houses import House, People
from tests.people.browser import PASSWORD, Browser
from tests.people.conftest import Clock


@pytest.fixture
def two(alice: Browser) -> tuple[Browser, Browser]:
    """Alice at two browsers."""
    return alice.sign_in(), Browser(alice.house, alice.email).sign_in()


def test_one_sees_where_one_is_signed_in(two: tuple[Browser, Browser], watch: Clock) -> None:
    here, there = two
    watch.forward(minutes=5)
    found = here.api("GET", "sessions").json["items"]
    assert [item["current"] for item in found] == [True, False]
    first = found[0]
    assert (first["how"], first["second_factor"], first["address"]) == ("password", None, "127.0.0.1")
    assert first["agent"].startswith("Werkzeug/") and first["created_at"] == "2026-05-01T09:00:00Z"
    text = here.api("GET", "sessions").text
    for secret in (here.cookie, there.cookie, here.session.csrf, here.session.id_hash):
        assert secret not in text
    there.client.get("/")
    assert [item["current"] for item in there.api("GET", "sessions?sort=-id").json["items"]] == [True, False]


def test_one_ends_one_or_all_others(two: tuple[Browser, Browser]) -> None:
    here, there = two
    third = Browser(here.house, here.email).sign_in()
    assert here.api("DELETE", f"sessions/{there.session.id}").status_code == 204
    assert not there.inside and third.inside
    assert here.api("DELETE", "sessions/4711").status_code == 404
    assert here.api("POST", "sessions/end-others").json == {"ended": 1}
    assert here.inside and not third.inside
    actions = [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert actions[-2:] == ["session.ended", "user.sessions_ended"]


def test_nobody_sees_or_ends_anothers(two: tuple[Browser, Browser], house: House) -> None:
    here, _ = two
    house.person("bob@acme.example", "manager", "acme", password=PASSWORD)
    bob = Browser(house, "bob@acme.example").sign_in()
    assert len(bob.api("GET", "sessions").json["items"]) == 1
    assert bob.api("DELETE", f"sessions/{here.session.id}").status_code == 404
    assert bob.api("POST", "sessions/end-others").json == {"ended": 0}
    assert here.inside


def test_what_has_ended_by_itself_is_not_shown(two: tuple[Browser, Browser], watch: Clock) -> None:
    here, there = two
    for _ in range(3):
        watch.forward(minutes=20)
        assert here.inside
    assert len(here.api("GET", "sessions").json["items"]) == 1
    assert not there.inside


def test_half_sessions_are_no_sessions(alice: Browser, watch: Clock) -> None:
    alice.sign_in().enrol()
    watch.forward(minutes=1)
    other = Browser(alice.house, alice.email)
    other.give_password()
    assert Session.select().count() == 2
    assert len(alice.api("GET", "sessions").json["items"]) == 1
    assert alice.api("DELETE", f"sessions/{other.session.id}").status_code == 404
    assert alice.api("POST", "sessions/end-others").json == {"ended": 1}, "but they end with the others"


def test_a_new_password_ends_the_others_and_keeps_this_one(two: tuple[Browser, Browser]) -> None:
    here, there = two
    wrong = {"current_password": "wrong", "new_password": "quite another long one"}
    assert list(here.api("POST", "me/password", wrong).json["errors"]) == ["current_password"]
    assert there.inside
    weak = {"current_password": PASSWORD, "new_password": "password1"}
    assert list(here.api("POST", "me/password", weak).json["errors"]) == ["new_password"]
    assert here.api("POST", "me/password", {**weak, "new_password": "quite another long one"}).status_code == 204
    assert here.inside and not there.inside
    assert there.give_password().status_code == 401
    there.password = "quite another long one"
    assert there.sign_in().inside


def test_somebody_elses_doing_ends_them_all(two: tuple[Browser, Browser]) -> None:
    here, there = two
    set_password(here.house.system, here.user.id, "quite another long one")
    assert not here.inside and not there.inside


def test_a_manager_signs_a_colleague_out(two: tuple[Browser, Browser], house: House) -> None:
    here, there = two
    house.customer("globex")
    chief = house.person("chief@acme.example", "manager", "acme")
    reader = house.person("reader@acme.example", "reader", "acme")
    foreign = house.person("mallory@globex.example", "manager", "globex")
    token = house.client
    path = f"/api/v1/users/{here.user.id}/end-sessions"
    assert reader.post(path).status_code == 403 and foreign.post(path).status_code == 404
    assert here.inside
    assert chief.post(path).status_code == 200
    assert not here.inside and not there.inside
    assert token and Token.select().where(Token.user == here.user, Token.revoked_at.is_null()).exists(), "tokens stay"


def test_deactivation_ends_session_and_token_at_once_and_activation_brings_none_back(any_house: House) -> None:
    any_house.customer("acme")
    person = any_house.person("eva@acme.example", "manager", "acme", password=PASSWORD)
    browser = Browser(any_house, "eva@acme.example").sign_in()
    assert browser.inside and person.get("/api/v1/me").status_code == 200
    User.update(active=False).where(User.id == person.user.id).execute()
    assert not browser.inside and person.get("/api/v1/me").status_code == 401, "by the one look at the account"
    User.update(active=True).where(User.id == person.user.id).execute()
    assert browser.inside
    deactivate_user(any_house.system, person.user.id)
    activate_user(any_house.system, person.user.id)
    assert not browser.inside and person.get("/api/v1/me").status_code == 401, "they were ended, not just kept out"
    assert browser.sign_in().inside


def test_what_was_open_when_an_account_was_shut_past_the_verb_is_ended_by_opening_it(any_house: House) -> None:
    person = any_house.person("eva@x.example", "engineer", password=PASSWORD)
    browser = Browser(any_house, "eva@x.example").sign_in()
    User.update(active=False).where(User.id == person.user.id).execute()
    assert activate_user(any_house.system, person.user.id).active
    assert not browser.inside and person.get("/api/v1/me").status_code == 401


def test_who_may_activate(people: People) -> None:
    gone = people.colleague.user.id
    deactivate_user(people.owner.actor, gone)
    path = f"/api/v1/users/{gone}/activate"
    assert [person.post(path).status_code for person in (people.stranger, people.reader)] == [404, 403]
    answer = people.owner.post(path)
    assert answer.status_code == 200 and answer.json["active"] is True
    assert people.owner.post(path).json["version"] == answer.json["version"], "once is enough"


def test_what_the_operator_has_shut_only_the_operator_opens(people: People) -> None:
    gone = people.colleague.user.id
    path = f"/api/v1/users/{gone}"
    people.admin.post(f"{path}/deactivate")
    people.owner.post(f"{path}/deactivate")
    assert people.owner.post(f"{path}/activate").status_code == 403
    assert people.admin.post(f"{path}/activate").json["active"] is True
    people.owner.post(f"{path}/deactivate")
    assert people.owner.post(f"{path}/activate").json["active"] is True, "what is over counts no more"


def test_a_machine_never_has_a_session(house: House) -> None:
    from registry.kernel.errors import Unauthenticated
    from registry.people.passwords import hash_password
    from registry.people.service import create_user
    from registry.people.signin import Origin, by_session, open_session, sign_in

    machine = create_user(house.system, email="robot@x.example", role="engineer", kind="machine")
    for how in ("password", "passkey", "oidc", "link"):
        with pytest.raises(Unauthenticated):
            open_session(machine, Origin(), how=how, second_factor=True)
    User.update(password_hash=hash_password(PASSWORD)).where(User.id == machine.id).execute()
    with pytest.raises(Unauthenticated):
        sign_in("robot@x.example", PASSWORD, Origin())
    from datetime import timedelta

    from registry.kernel.secrets import hash_token

    Session.create(id_hash=hash_token("s"), user=machine, csrf="x")
    day = timedelta(days=1)
    assert by_session("s", Origin(), idle=day, longest=day) is None


def test_a_password_that_is_changed_while_somebody_signs_in_with_it_lets_nobody_in(any_house: House) -> None:
    """The old one was found right a moment ago: the sessions that the change has ended are not followed by another."""
    any_house.customer("acme")
    person = any_house.person("bob@acme.example", "member", "acme", password=PASSWORD)
    checked = User.get_by_id(person.user.id)
    set_password(any_house.system, checked.id, "quite another long one")
    with pytest.raises(Unauthenticated):
        open_session(checked, Origin())
    assert not Session.select().exists()
    assert open_session(checked, Origin(), how="passkey"), "by what does not hang on the password"
