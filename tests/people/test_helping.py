"""Helping somebody who has lost what he signs in with: who may, and what it ends."""

from typing import Any

import pytest

from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.audit import AuditEntry
from registry.people.invitations import invitation_of, invite
from registry.people.models import LinkedIdentity, Passkey, RecoveryCode, SecondFactor, Session, User
from tests.houses import House
from tests.people.browser import PASSWORD, Browser
from tests.people.conftest import Clock
from tests.people.mailbox import mails

BOB = "bob@acme.example"
ISSUER = "https://id.example"
NOTHING = {"password": True, "second_factor_since": None, "recovery_codes_left": 0, "passkeys": 0, "identities": []}


def give_passkey(user: User, name: str = "Telephone") -> Passkey:
    values = {"credential_id": f"{user.id} {name}", "public_key": "x", "user_handle": "x"}
    return Passkey.create(user=user, name=name, **values)


def give_identity(user: User) -> LinkedIdentity:
    return LinkedIdentity.create(user=user, issuer=ISSUER, subject=f"subject-{user.id}", email=user.email)


@pytest.fixture
def helper(any_house: House, watch: Clock) -> Browser:
    """acme's manager, signed in."""
    any_house.customer("acme")
    any_house.person("alice@acme.example", "manager", "acme", password=PASSWORD)
    return Browser(any_house, "alice@acme.example").sign_in()


@pytest.fixture
def bob(helper: Browser) -> Browser:
    """A member with an app, two passkeys and an account at the provider; signed in."""
    helper.house.person(BOB, "member", "acme", password=PASSWORD)
    bob = Browser(helper.house, BOB).sign_in()
    bob.enrol()
    give_passkey(bob.user)
    give_passkey(bob.user, "Laptop")
    give_identity(bob.user)
    return bob


def acme_of(helper: Browser) -> int:
    return customer_by(helper.house.system, "acme").id


def proofs(helper: Browser, user: User) -> Any:
    return helper.api("GET", f"users/{user.id}/proofs")


KINDS = {
    "second_factor": ([SecondFactor, RecoveryCode], "second_factor_off", ["user.second_factor_removed"]),
    "passkeys": ([Passkey], "passkey_removed", ["passkey.removed", "passkey.removed"]),
    "identities": ([LinkedIdentity], "identity_unlinked", ["user.identity_unlinked"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_gone_ends_his_sessions_and_he_is_told(helper: Browser, bob: Browser, kind: str) -> None:
    models, mail, wanted = KINDS[kind]
    before = proofs(helper, bob.user).json
    assert (before["recovery_codes_left"], before["passkeys"], before["identities"]) == (10, 2, [ISSUER])
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).get().id
    assert helper.api("DELETE", f"users/{bob.user.id}/proofs/{kind}").status_code == 204
    for model in models:
        assert not model.select().exists()
    assert not bob.inside and helper.inside and User.get(User.email == BOB).password_hash, "his password stays"
    assert [name for name, _, _ in mails(BOB)][-1] == mail
    entries = list(AuditEntry.select().where(AuditEntry.id > last).order_by(AuditEntry.id))
    assert [entry.action for entry in entries] == wanted
    acme = acme_of(helper)
    assert {(entry.customer_id, entry.actor_id) for entry in entries} == {(acme, helper.user.id)}
    told = len(mails(BOB))
    assert helper.api("DELETE", f"users/{bob.user.id}/proofs/{kind}").status_code == 204
    assert len(mails(BOB)) == told and AuditEntry.select().where(AuditEntry.id > last).count() == len(wanted)


def test_only_by_who_may_change_him_and_has_proved_who_he_is(helper: Browser, bob: Browser, watch: Clock) -> None:
    house, path = helper.house, f"users/{bob.user.id}/proofs"
    house.customer("globex")
    for name, role, slug in (("carol", "reader", "acme"), ("dora", "manager", "globex"), ("root", "admin", None)):
        house.person(f"{name}@x.example", role, slug, password=PASSWORD)
    reader, stranger, root = (Browser(house, f"{name}@x.example").sign_in() for name in ("carol", "dora", "root"))
    for other, status in ((reader, 403), (stranger, 404)):
        assert other.api("GET", path).status_code == status
        assert other.api("DELETE", f"{path}/passkeys").status_code == status
    assert helper.api("DELETE", f"users/{root.user.id}/proofs/passkeys").status_code == 404, "nobody above him"
    assert helper.api("DELETE", f"{path}/password").status_code == 404
    token = helper.api("POST", "tokens", {"name": "program"}).json["token"]
    program = house.app.test_client()
    refused = program.delete(f"/api/v1/{path}/passkeys", headers={"Authorization": f"Bearer {token}"})
    assert (refused.status_code, refused.json["code"]) == (403, "in_person")
    watch.forward(minutes=10)
    refused = helper.api("DELETE", f"{path}/passkeys")
    assert (refused.status_code, refused.json["code"]) == (403, "confirm_identity")
    assert Passkey.select().count() == 2
    assert root.api("POST", "me/confirm", {"password": PASSWORD}).status_code == 204
    assert root.api("DELETE", f"{path}/passkeys").status_code == 204


def test_a_machine_has_none(helper: Browser) -> None:
    body = {"email": "robot@acme.example", "role": "reader", "customer": "acme", "kind": "machine"}
    made = helper.api("POST", "users", body)
    robot = User.get_by_id(made.json["id"])
    for answer in (proofs(helper, robot), helper.api("DELETE", f"users/{robot.id}/proofs/passkeys")):
        assert (answer.status_code, answer.json["code"]) == (409, "machine")


def test_who_had_nothing_else_can_be_invited_again(helper: Browser) -> None:
    """He came by way of the provider, has no password to reset, and his account there is another by now."""
    house = helper.house
    user = house.person(BOB, "member", "acme").user
    give_identity(user)
    refused = helper.api("POST", f"users/{user.id}/invitation")
    assert refused.status_code == 409 and "signs in without a password" in refused.json["message"]
    assert proofs(helper, user).json == {**NOTHING, "password": False, "identities": [ISSUER]}
    assert helper.api("DELETE", f"users/{user.id}/proofs/identities").status_code == 204
    invite(house.system, user.id)
    assert invitation_of(house.system, user.id)["state"] == "open"


def test_a_passkey_that_one_removes_oneself_ends_what_was_opened_with_it(helper: Browser, bob: Browser) -> None:
    """The device was stolen: whoever has it must be out."""
    lost, kept = Passkey.select().order_by(Passkey.id)
    here = bob.session
    Session.update(second="passkey").where(Session.id == here.id).execute()
    other = Session.create(id_hash="thief", user=bob.user, csrf="x", how="passkey", second="passkey",
                           confirmed_at=clock.now())  # fmt: skip
    bob.post(f"/account/passkeys/{lost.id}/remove")
    assert [row.id for row in Session.select().where(Session.user == bob.user)] == [here.id] and other.id != here.id
    assert bob.session.second == "passkey", "he has another"
    assert [name for name, _, _ in mails(BOB)][-1] == "passkey_removed"
    bob.post(f"/account/passkeys/{kept.id}/remove")
    assert bob.session.second is None, "nothing is left that it was opened with"
    removed = AuditEntry.select().where(AuditEntry.action == "passkey.removed")
    assert {entry.customer_id for entry in removed} == {acme_of(helper)}


def test_one_is_told_of_an_app_that_was_set_up(helper: Browser) -> None:
    helper.enrol()
    assert [name for name, _, _ in mails(helper.email)] == ["second_factor_on"]
    entry = AuditEntry.get(AuditEntry.action == "user.second_factor_set")
    assert entry.customer_id == acme_of(helper), "in his company's chain, as its removal is"
