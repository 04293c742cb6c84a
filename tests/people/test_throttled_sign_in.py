"""How often one may try to sign in: few times by strangers, and never so that strangers lock an owner out."""

import logging
from typing import Any

import pytest

from registry.kernel.audit import AuditEntry
from registry.people import browsers, passwords, signin
from registry.people.models import User
from registry.people.service import create_user, deactivate_user, set_password
from registry.web import identity
from tests.houses import House, People
from tests.people.browser import PASSWORD, Browser
from tests.people.conftest import Clock


def guesses(browser: Browser, count: int, address: str = "198.51.100.1", email: str = "") -> list[int]:
    """Statuses of tries with a wrong password from this address."""
    fields = {"email": email or browser.email, "password": "guess guess guess"}
    place = {"REMOTE_ADDR": address}
    client = browser.house.app.test_client()
    return [client.post("/sign-in", data=fields, environ_base=place).status_code for _ in range(count)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password is right, and to say so takes no time."""
    monkeypatch.setattr(signin, "check_password", lambda *_given: False)


def failures() -> int:
    return int(AuditEntry.select().where(AuditEntry.action == "user.sign_in_failed").count())


def test_an_account_is_tried_ten_times_a_minute_wherever_from(alice: Browser, watch: Clock, quick: None) -> None:
    tried = []
    for second in range(60):
        tried += guesses(alice, 3, f"198.51.100.{second}")
        watch.forward(seconds=1)
    assert tried.count(401) == 10 and tried.count(429) == 170
    assert failures() == 10, "what was throttled is in the log, not in the chain"


def test_a_network_is_counted_too_whatever_accounts_it_tries(alice: Browser, watch: Clock, quick: None) -> None:
    def sprayed(addresses: Any) -> int:
        found = [guesses(alice, 1, at, f"user{n}@acme.example") for n, at in enumerate(addresses)]
        return sum(status.count(401) for status in found)

    assert sprayed(f"2001:db8:1:1::{n:x}" for n in range(100)) == signin.NETWORK_TRIES.burst, "one /64, one subscriber"
    assert sprayed(f"2001:db8:1:{n:x}::1" for n in range(2, 42)) == 40, "others are not hindered"


def test_the_refusal_says_how_long_to_wait_and_is_the_same_for_everybody(alice: Browser, watch: Clock) -> None:
    texts = set()
    for email in (alice.email, "nobody@acme.example"):
        guesses(alice, 5, email=email)
        client = alice.house.app.test_client()
        answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 429 and answer.headers["Retry-After"] == "10"
        assert "Set-Cookie" not in answer.headers
        texts.add(answer.text.replace(email, ""))
    assert len(texts) == 1 and "Too many attempts" in texts.pop()
    watch.forward(seconds=10)
    assert alice.give_password().status_code == 302, "the right password, once the wait is over"


def test_strangers_cannot_lock_an_owner_out(alice: Browser, watch: Clock) -> None:
    alice.sign_in()
    alice.post("/sign-out")
    for _ in range(20):
        assert 429 in guesses(alice, 10)
        watch.forward(seconds=3)
    assert alice.give_password().status_code == 302, "her browser is known to the account"
    elsewhere = Browser(alice.house, alice.email)
    guesses(alice, 10)
    assert elsewhere.give_password().status_code == 429, "an unknown one waits its turn"


def test_a_known_browser_has_no_more_tries_than_a_stranger(alice: Browser, watch: Clock) -> None:
    alice.sign_in()
    alice.post("/sign-out")
    alice.password = "forgotten by now"
    assert [alice.give_password().status_code for _ in range(7)] == [401] * 5 + [429] * 2


def test_what_a_browser_keeps_is_good_for_one_account_and_ends_with_the_password(
    alice: Browser, house: House, watch: Clock
) -> None:
    house.person("bob@acme.example", "manager", "acme", password=PASSWORD)
    bob = Browser(house, "bob@acme.example").sign_in()
    kept = bob.client.get_cookie("assetcare-known")
    assert kept and kept.value.startswith(f"{bob.user.id}.")
    forged = f"{alice.user.id}.{kept.value.partition('.')[2]}"
    set_password(house.system, bob.user.id, "another one for bob")
    for value, browser in ((kept.value, alice), (forged, alice), (kept.value, bob), ("x", alice), ("é" * 300, alice)):
        guesses(browser, 6)
        browser.client.set_cookie("assetcare-known", value)
        assert browser.give_password().status_code == 429, value
        watch.forward(minutes=2)


def test_a_browser_known_to_one_who_has_no_password_is_not_known_to_another(house: House) -> None:
    one, other = (house.person(f"{name}@x.example", "engineer").user for name in ("one", "other"))
    kept = browsers.known_browser(one)
    assert browsers.is_known(kept, one) and not browsers.is_known(kept, other)


def test_every_refusal_costs_the_same_work(alice: Browser, house: House, watch: Clock, monkeypatch: Any) -> None:
    """One look at an account, one argon2, one entry in the chain: nothing to measure from outside."""
    house.person("gone@acme.example", "reader", "acme", password=PASSWORD)
    deactivate_user(house.system, User.get(User.email == "gone@acme.example").id)
    create_user(house.system, email="robot@acme.example", role="engineer", kind="machine")
    passwords.check_password(None, "warm up")
    hasher, done, answers = passwords._hasher, [], set()

    class Counting:
        def __getattr__(self, name: str) -> Any:
            done.append(name)
            return getattr(hasher, name)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    emails = ("alice@acme.example", "gone@acme.example", "robot@acme.example", "nobody@acme.example")
    for email in emails:
        done.clear()
        before = failures()
        client = house.app.test_client()
        given = "wrong wrong wrong" if email.startswith("alice") else PASSWORD
        answer = client.post("/sign-in", data={"email": email, "password": given})
        assert done == ["verify"] and failures() == before + 1, email
        answers.add((answer.status_code, answer.text.replace(email, "")))
    assert len(answers) == 1


@pytest.mark.usefixtures("in_earnest")
def test_a_hash_of_weaker_times_is_renewed_by_a_sign_in(alice: Browser) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    User.update(password_hash=weak).where(User.id == alice.user.id).execute()
    alice.password = "not this one at all"
    alice.give_password()
    assert alice.user.password_hash == weak, "not by a failed one"
    alice.password = PASSWORD
    alice.sign_in()
    assert alice.user.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Browser(alice.house, alice.email).sign_in().inside


def test_wrong_tokens_are_counted_by_network_and_right_ones_are_not(house: House, people: People, watch: Clock) -> None:
    client = house.app.test_client()

    def ask(token: str, address: str = "198.51.100.1") -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.get("/api/v1/me", headers=headers, environ_base={"REMOTE_ADDR": address}).status_code

    burst = identity.WRONG_TOKENS.burst
    assert [ask("x" * 43) for _ in range(burst + 3)] == [401] * burst + [429] * 3
    assert ask(people.owner.token) == 200, "whoever shares the network goes on working"
    assert ask("x" * 43, "198.51.100.2") == 401


def test_throttled_tries_are_logged_without_what_was_typed(alice: Browser, capsys: Any, watch: Clock) -> None:
    from registry.kernel.logs import configure_logs

    try:
        configure_logs("INFO", readable=False)
        guesses(alice, 6)
        logged = capsys.readouterr().err
    finally:
        configure_logs("ERROR")
    assert '"event": "throttled"' in logged and "sign in, account" in logged
    assert alice.email not in logged and "guess guess" not in logged
    assert logging.getLogger().level >= logging.WARNING


@pytest.mark.postgres
def test_the_same_holds_on_postgresql(postgres_house: House, watch: Clock) -> None:
    postgres_house.customer("acme")
    postgres_house.person("alice@acme.example", "manager", "acme", password=PASSWORD)
    alice = Browser(postgres_house, "alice@acme.example")
    assert guesses(alice, 7) == [401] * 5 + [429] * 2
    watch.forward(seconds=10)
    assert alice.sign_in().inside
    codes = alice.enrol()
    watch.forward(minutes=1)
    alice.sign_in()
    alice.give_password()
    assert alice.give_code(codes[0]).status_code == 302 and alice.inside
