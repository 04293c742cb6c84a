"""The house's own chain outlives every customer, so it names nobody but the house's people."""

import json
from typing import Any

from registry.kernel import db, discreet
from registry.kernel.audit import AuditEntry, Entry, record, verify
from registry.people.service import create_user, is_of_house, set_role
from tests.houses import House

PASSWORD = "correct horse battery 9"


def told(action: str = "%") -> list[AuditEntry]:
    query = AuditEntry.select().where((AuditEntry.customer_id == 0) & (AuditEntry.action**action))
    return list(query.order_by(AuditEntry.id))


def sign_in(house: House, email: str, password: str) -> None:
    house.app.test_client().post("/sign-in", data={"email": email, "password": password})


def test_customers_people_are_numbers_and_our_own_have_names(any_house: House) -> None:
    any_house.customer("acme")
    alice = any_house.person("alice@acme.example", "manager", "acme", PASSWORD).user
    bob = any_house.person("bob@operator.example", "engineer", None, PASSWORD).user
    for email in (alice.email, bob.email):
        for password in ("wrong", PASSWORD):
            sign_in(any_house, email, password)
    signed: Any = [(one.action, one.actor_name, one.label, one.actor_id) for one in told("user.sign%")]
    assert [row for row in signed if row[3] == alice.id] == [
        ("user.sign_in_failed", f"user {alice.id}", f"app_user {alice.id}", alice.id),
        ("user.signed_in", f"user {alice.id}", f"app_user {alice.id}", alice.id),
    ]
    assert [row[1:3] for row in signed if row[3] == bob.id] == [(bob.email, bob.email)] * 2
    assert "alice" not in "".join(f"{one.actor_name}{one.label}{one.before}{one.after}" for one in told())
    assert all(state.fault is None for state in verify())


def test_what_he_typed_is_left_out_and_our_own_words_stay(house: House) -> None:
    house.customer("acme")
    house.customer("globex")
    alice = house.person("alice@acme.example", "manager", "acme")
    set_role(house.system, alice.user.id, "reader", house.customer("third").id)
    alice.post("/api/v1/tokens", {"name": "for Alice's robot", "days": 3})
    [entry] = [one for one in told("token.created") if one.actor_id == alice.user.id]
    assert entry.actor_name == f"user {alice.user.id}" and "robot" not in f"{entry.label}{entry.after}"
    assert json.loads(entry.after)["days"] == 3
    assert discreet.without_words({"how": "password", "name": "Alice", "n": 1, "ok": True, "no": None, "l": ["x"]}) == {
        "how": "password", "n": 1, "ok": True, "no": None,
    }  # fmt: skip


def test_what_an_operator_does_to_somebody_with_two_customers_names_him_not(house: House) -> None:
    people = house.people()
    both = house.person("both@acme.example", "reader", "acme").user
    set_role(house.system, both.id, "reader", 2)
    answer = people.admin.patch(f"/api/v1/users/{both.id}", {"name": "Both Of Them"})
    assert answer.status_code == 200
    [entry] = [one for one in told("user.changed") if one.object_id == both.id]
    assert entry.label == f"app_user {both.id}" and "Both" not in f"{entry.before}{entry.after}"
    assert entry.actor_name == people.admin.actor.name, "who did it is ours"


def test_a_customers_own_chain_has_all_the_names(house: House) -> None:
    house.customer("acme")
    alice = create_user(house.system, email="alice@acme.example", role="reader", customer_id=1)
    with db.transaction():
        record(house.system, 1, [Entry("user.changed", "app_user", alice.id, alice.email, None, {"name": "Alice"})])
    entry = AuditEntry.select().where(AuditEntry.customer_id == 1).order_by(AuditEntry.id.desc()).first()
    assert entry.label == alice.email and "Alice" in entry.after


def test_who_is_of_the_house(house: House) -> None:
    people = house.people()
    assert is_of_house(people.engineer.user.id) and not is_of_house(people.owner.user.id)
    set_role(house.system, people.owner.user.id, "auditor")
    assert is_of_house(people.owner.user.id), "a role in the house, whatever else he is"
