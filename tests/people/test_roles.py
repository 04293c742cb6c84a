"""Roles: who may make whom, and that nobody lifts himself."""

import threading
from itertools import product
from typing import Any

import pytest

from registry.customers.service import customer_by
from registry.kernel import db
from registry.kernel.access import EVERYWHERE, PERMISSIONS, Actor
from registry.kernel.errors import Conflict, Forbidden, NotFound, Problem
from registry.people.models import Membership, Session, User
from registry.people.roles import ROLES, permissions_of
from registry.people.service import (
    change_user,
    create_user,
    deactivate_user,
    remove_role,
    set_password,
    set_role,
    users,
)
from registry.people.signin import actor_of
from tests.houses import House, People
from tests.people.browser import PASSWORD, Browser

URL = "/api/v1/users"
OPERATOR = [role for role in ROLES.values() if role.operator]
CUSTOMER = [role for role in ROLES.values() if not role.operator]


def test_roles_hold_declared_rights_and_customers_none_of_the_houses() -> None:
    for role in ROLES.values():
        assert role.permissions <= PERMISSIONS.keys(), role.name
        assert role.permissions, role.name
    for role in CUSTOMER:
        kept = {name for name in role.permissions if not PERMISSIONS[name].customer}
        assert not kept, f"{role.name} at a customer holds {kept}"
    assert permissions_of("admin") == PERMISSIONS.keys()
    assert permissions_of("no such role") == frozenset()
    assert permissions_of("reader") < permissions_of("member") < permissions_of("manager")


MAY_MAKE = {
    "admin": {role.name for role in ROLES.values()},
    "supervisor": {role.name for role in ROLES.values()} - {"admin"},
    "manager": {"manager", "member", "reader"},
}


@pytest.mark.parametrize("maker", ROLES)
def test_who_may_make_whom(house: House, maker: str) -> None:
    """No role with more rights than one holds oneself, and none without the right to edit users."""
    acme = house.customer("acme")
    actor = house.person("maker@x.example", maker, None if ROLES[maker].operator else "acme").actor
    made = set()
    for role in ROLES.values():
        try:
            create_user(
                actor, email=f"{role.name}@x.example", role=role.name, customer_id=None if role.operator else acme.id
            )
            made.add(role.name)
        except (Forbidden, NotFound):
            assert User.get_or_none(User.email == f"{role.name}@x.example") is None
    assert made == MAY_MAKE.get(maker, set())


def test_a_customers_manager_makes_nobody_elsewhere(people: People) -> None:
    before = Membership.select().count()
    for body in (
        {"role": "admin"}, {"role": "engineer", "customer": "acme"}, {"role": "reader", "customer": "globex"},
        {"role": "manager", "customer": 2}, {"role": "manager"}, {"role": "root", "customer": "acme"},
    ):  # fmt: skip
        for answer in (
            people.owner.post(URL, {"email": "new@x.example", **body}),
            people.owner.put(f"{URL}/{people.colleague.user.id}/role", body),
            people.owner.put(f"{URL}/{people.owner.user.id}/role", body),
            people.owner.put(f"{URL}/{people.stranger.user.id}/role", {**body, "customer": "acme"}),
        ):
            assert answer.status_code in (403, 404, 422), f"{body}: {answer.status_code}"
    assert Membership.select().count() == before
    assert people.owner.get(URL).json["items"][0]["roles"] == [{"customer": "acme", "role": "manager"}]


def test_an_engineer_cannot_edit_users(people: People) -> None:
    target = people.reader.user.id
    for person in (people.engineer, people.colleague, people.reader):
        assert person.post(URL, {"email": "n@x.example", "role": "reader", "customer": "acme"}).status_code == 403
        assert person.patch(f"{URL}/{target}", {"name": "x"}).status_code == 403
        assert person.put(f"{URL}/{target}/role", {"role": "manager", "customer": "acme"}).status_code == 403
        assert person.post(f"{URL}/{target}/deactivate").status_code == 403
        for verb in (deactivate_user, lambda a, i: set_password(a, i, "a good long one")):
            if target != person.user.id:
                with pytest.raises((Forbidden, NotFound)):
                    verb(person.actor, target)


def test_somebody_with_more_rights_is_out_of_reach(house: House, people: People) -> None:
    supervisor = house.person("super@x.example", "supervisor")
    admin = people.admin.user.id
    assert supervisor.patch(f"{URL}/{admin}", {"name": "x"}).status_code == 403
    assert supervisor.post(f"{URL}/{admin}/deactivate").status_code == 403
    assert supervisor.put(f"{URL}/{admin}/role", {"role": "reader", "customer": "acme"}).status_code == 403
    with pytest.raises(Forbidden):
        set_password(supervisor.actor, admin, "a good long one")
    assert supervisor.patch(f"{URL}/{people.owner.user.id}", {"name": "Alice"}).status_code == 200
    both = people.colleague.user
    Membership.create(user=both, customer_id=customer_by(house.system, "globex").id, role="manager")
    assert people.owner.get(f"{URL}/{both.id}").json["roles"] == [{"customer": "acme", "role": "member"}]
    for act in (
        lambda: people.owner.patch(f"{URL}/{both.id}", {"name": "x"}),
        lambda: people.owner.post(f"{URL}/{both.id}/deactivate"),
    ):
        assert act().status_code in (403, 404), "he belongs to another company as well"
    assert User.get_by_id(both.id).active


def test_a_user_without_any_role_is_the_operators_to_change(house: House, people: People) -> None:
    lost = User.create(email="lost@x.example", name="lost")
    for person in (people.engineer, people.auditor):
        with pytest.raises(Forbidden):
            deactivate_user(person.actor, lost.id)
    with pytest.raises(NotFound):
        deactivate_user(people.owner.actor, lost.id)
    assert people.admin.post(f"{URL}/{lost.id}/deactivate").json["active"] is False


def test_whom_one_sees(people: People) -> None:
    def emails(person: Any) -> set[str]:
        return {item["email"] for item in person.get(URL).json["items"]}

    assert emails(people.owner) == {"alice@acme.example", "bob@acme.example", "carol@acme.example"}
    assert emails(people.stranger) == {"mallory@globex.example"}
    assert len(emails(people.admin)) == len(emails(people.auditor)) == 8
    assert users(Actor("user", "x", {1: frozenset()})).count() == 0, "one must be allowed to see them there"
    assert "password_hash" not in people.admin.get(f"{URL}/1").json and "argon2" not in people.admin.get(URL).text
    for person, user in product((people.owner, people.stranger), (people.admin.user, people.engineer.user)):
        assert person.get(f"{URL}/{user.id}").status_code == 404


def test_what_is_written_about_a_user(people: People) -> None:
    new = {"email": " Dora@ACME.example ", "role": "reader", "customer": "acme", "name": "Dora"}
    bad = people.owner.post(URL, new)
    assert bad.status_code == 422 and "email" in bad.json["errors"]
    made = people.owner.post(URL, {**new, "email": "Dora@ACME.example"})
    assert made.status_code == 201 and made.json["email"] == "dora@acme.example"
    assert made.headers["ETag"] == '"1"'
    twice = people.owner.post(URL, {**new, "email": "dora@acme.EXAMPLE"})
    assert twice.status_code == 409 and list(twice.json["errors"]) == ["email"]
    path = f"{URL}/{made.json['id']}"
    assert people.owner.patch(path, {"name": "D"}, 1).json["version"] == 2
    assert people.owner.patch(path, {"name": "E"}, 1).status_code == 412
    assert people.owner.request("PATCH", path, json={"name": "E"}).status_code == 428
    for protected in ("email", "active", "password_hash", "version", "role", "id"):
        assert people.owner.patch(path, {protected: 1}).status_code == 422, protected
    actions = [
        e["action"]
        for e in people.owner.get(f"/api/v1/audit?object_type=app_user&object_id={made.json['id']}").json["items"]
    ]
    assert actions == ["user.created", "user.invited", "user.changed"]


# --- The last administrator --------------------------------------------------------------------------------


def test_the_last_administrator_cannot_be_shut_out(any_house: House) -> None:
    admin = any_house.person("admin@x.example", "admin")
    for answer in (admin.post(f"{URL}/1/deactivate"), admin.put(f"{URL}/1/role", {"role": "auditor"})):
        assert (answer.status_code, answer.json["code"]) == (409, "last_admin")
    assert admin.put(f"{URL}/1/role", {"role": "admin"}).status_code == 200
    second = any_house.person("second@x.example", "admin")
    assert admin.put(f"{URL}/1/role", {"role": "auditor"}).status_code == 200
    assert second.post(f"{URL}/2/deactivate").status_code == 409
    any_house.person("third@x.example", "admin")
    assert second.post(f"{URL}/2/deactivate").status_code == 200
    with pytest.raises(Conflict):
        deactivate_user(any_house.system, 3)


def test_two_administrators_who_shut_each_other_out_leave_one(any_house: House) -> None:
    one, two = any_house.person("one@x.example", "admin"), any_house.person("two@x.example", "admin")
    start, outcomes = threading.Barrier(2), []

    def shut(actor: Actor, user_id: int) -> None:
        with db.connection():
            start.wait(120)
            try:
                deactivate_user(actor, user_id)
                outcomes.append("done")
            except Problem as problem:
                outcomes.append(problem.code)

    pairs = [(one.actor, two.user.id), (two.actor, one.user.id)]
    threads = [threading.Thread(target=shut, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "last_admin"]
    assert User.select().where(User.active == True).count() == 1  # noqa: E712 - SQL


def test_deactivation_ends_everything(people: People) -> None:
    user = people.colleague.user
    Session.create(id_hash="x", user=user, csrf="y")
    assert people.colleague.get("/api/v1/me").status_code == 200
    answer = people.owner.post(f"{URL}/{user.id}/deactivate")
    assert answer.json["active"] is False
    assert people.colleague.get("/api/v1/me").status_code == 401
    assert not Session.select().where(Session.user == user).exists()
    assert people.owner.get(f"{URL}?active=false").json["items"][0]["id"] == user.id


def test_verbs_check_rights_themselves(house: House, people: People) -> None:
    reader = people.reader
    with pytest.raises(NotFound):
        set_role(reader.actor, people.owner.user.id, "reader", 1)
    with pytest.raises(NotFound):
        change_user(reader.actor, people.owner.user.id, {"name": "x"}, 1)
    assert change_user(reader.actor, reader.user.id, {"name": "Carol"}, 1).name == "Carol", "one's own name"
    assert set_password(people.owner.actor, people.owner.user.id, "a good long one").id == people.owner.user.id
    assert actor_of(people.admin.user).grants == {EVERYWHERE: permissions_of("admin")}


def test_what_somebody_is_elsewhere_is_told_to_nobody_but_the_operator(house: House, people: People) -> None:
    """Roles at other customers and in the house, neither as a column, nor counted, nor to be found by a filter."""
    shared = house.person("shared@x.example", "reader", "acme").user
    set_role(house.system, shared.id, "member", customer_by(house.system, "globex").id)
    set_role(house.system, shared.id, "auditor", None)
    file = "/lists/users.csv?email=shared@x.example&columns=email,house_role,customers"
    told = {"owner": ("", 1), "admin": ("auditor", 2)}
    for who, (role, places) in told.items():
        asker = getattr(people, who)
        seen = asker.get(f"{URL}/{shared.id}").json
        assert (seen["house_role"] or "", seen["customers"]) == (role, places), who
        assert asker.get(file).text.splitlines()[1:] == [f"shared@x.example,{role},{places}"], who
        found = {
            name
            for name in ("reader", "member", "auditor")
            if asker.get(f"{URL}?role={name}&email=shared@x.example").json["items"]
        }
        assert found == ({"reader", "member", "auditor"} if who == "admin" else {"reader"}), who


def test_a_role_taken_away_at_a_customer_ends_at_once_but_signs_nobody_out(any_house: House) -> None:
    """The customer's manager has no say in where else somebody works."""
    people = any_house.people()
    acme, globex = (customer_by(any_house.system, slug).id for slug in ("acme", "globex"))
    any_house.person("both@globex.example", "reader", "globex", password=PASSWORD)
    any_house.person("eve@operator.example", "engineer", password=PASSWORD)
    for email, kept, there in (("both@globex.example", "globex", 404), ("eve@operator.example", None, 200)):
        browser = Browser(any_house, email).sign_in()
        user = browser.user
        set_role(any_house.system, user.id, "manager", acme)
        assert browser.api("GET", "users").status_code == 200, "the right of acme's managers"
        answer = people.owner.post(f"{URL}/{user.id}/role/remove", {"customer": "acme"})
        assert answer.status_code == 204
        assert browser.inside and browser.session.user_id == user.id
        assert browser.api("GET", "users").status_code == 403
        assert browser.api("GET", "customers/acme").status_code == there
        assert actor_of(user).grants.keys() == {globex if kept else EVERYWHERE}


def test_a_role_taken_away_in_the_house_ends_sessions(house: House, people: People) -> None:
    acme = customer_by(house.system, "acme").id
    house.person("eve@operator.example", "engineer", password=PASSWORD)
    browser = Browser(house, "eve@operator.example").sign_in()
    set_role(house.system, browser.user.id, "reader", acme)
    assert browser.inside
    remove_role(house.system, browser.user.id, None)
    assert not browser.inside and actor_of(browser.user).grants.keys() == {acme}
