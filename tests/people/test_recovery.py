"""A forgotten password: one answer for everybody, a link to the mailbox, and nothing past the second step."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.kernel import clock, db
from registry.kernel.audit import AuditEntry
from registry.kernel.jobs import build_queue
from registry.people.models import LinkedIdentity, MailedLink, Session, User
from registry.people.service import deactivate_user, set_password
from tests.houses import House
from tests.people.mailbox import link_to, mails

EVA, OLD, NEW = "eva@acme.example", "correct horse battery", "three purple turbines"
START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def eva(any_house: House) -> Iterator[Any]:
    any_house.customer("acme")
    with clock.frozen(START):
        yield any_house.person(EVA, "member", "acme", password=OLD)


def ask(eva: Any, email: str = EVA, **more: Any) -> Any:
    return eva.house.app.test_client().post("/forgot", data={"email": email}, **more)


def sign_in(eva: Any, password: str) -> Any:
    browser = eva.house.app.test_client()
    return browser, browser.post("/sign-in", data={"email": EVA, "password": password})


def test_the_whole_way(eva: Any) -> None:
    browser, inside = sign_in(eva, OLD)
    assert inside.status_code == 302 and browser.get("/c/acme").status_code == 200
    assert ask(eva, "  EVA@Acme.Example ").status_code == 200
    guest, path = eva.house.app.test_client(), link_to(EVA, "password_reset")
    for _ in range(3):
        assert guest.get(path).status_code == 200
    assert User.get_by_id(eva.user.id).password_hash == eva.user.password_hash, "looking changes nothing"
    done = guest.post(path, data={"password": NEW})
    assert done.status_code == 200 and "Set-Cookie" not in done.headers, "it does not sign in"
    assert "API tokens, passkeys and calendar addresses go on working" in done.text
    assert browser.get("/c/acme").status_code == 302, "all sessions have ended"
    assert guest.get("/").status_code == 302 and not Session.select().exists()
    assert sign_in(eva, OLD)[1].status_code == 401
    assert sign_in(eva, NEW)[1].status_code == 302
    assert guest.post(path, data={"password": "yet another one here"}).status_code == 410
    assert [name for name, _, _ in mails(EVA)] == ["password_reset", "password_changed"]
    actions = [row.action for row in AuditEntry.select().where(AuditEntry.object_id == eva.user.id)]
    assert "user.reset_sent" in actions and "user.password_changed" in actions


def test_it_ends_after_half_an_hour(eva: Any) -> None:
    ask(eva)
    path = link_to(EVA)
    with clock.frozen(START + timedelta(minutes=30)):
        assert eva.house.app.test_client().post(path, data={"password": NEW}).status_code == 410
    with clock.frozen(START + timedelta(minutes=30, seconds=-1)):
        assert eva.house.app.test_client().post(path, data={"password": NEW}).status_code == 200


@pytest.mark.parametrize("what", ["asked again", "password set", "deactivated", "by hand"])
def test_it_dies_with_what_it_was_made_for(eva: Any, what: str) -> None:
    ask(eva)
    path = link_to(EVA)
    if what == "asked again":
        ask(eva)
        assert link_to(EVA) != path
    elif what == "password set":
        set_password(eva.actor, eva.user.id, NEW)
    elif what == "deactivated":
        deactivate_user(eva.house.system, eva.user.id)
    else:
        User.update(password_hash="$argon2id$by-whichever-way").where(User.id == eva.user.id).execute()
    assert eva.house.app.test_client().post(path, data={"password": NEW}).status_code == 410


def test_the_second_factor_is_asked_for_as_ever(eva: Any) -> None:
    from registry.people import second_factor

    secret, _ = second_factor.begin(eva.user)
    second_factor.confirm(eva.actor, eva.user, _code(secret))
    ask(eva)
    eva.house.app.test_client().post(link_to(EVA), data={"password": NEW})
    assert second_factor.has_app(eva.user.id)
    browser, answer = sign_in(eva, NEW)
    assert "/sign-in/second-step" in answer.headers["Location"]
    assert browser.get("/c/acme").status_code == 302, "half a session is none"


def _code(secret: str) -> str:
    import pyotp

    return pyotp.TOTP(secret).at(clock.now())


# --- Nothing is given away ---------------------------------------------------------------------------------


def everybody(eva: Any) -> dict[str, str]:
    """Addresses of all that may stand behind one, and whether it gets a mail."""
    house = eva.house
    people = {"active": EVA, "unknown": "nobody@acme.example", "nonsense": "x\x00' OR 1=1 --", "empty": ""}
    house.person("shut@acme.example", "reader", "acme", password=OLD)
    deactivate_user(house.system, User.get(User.email == "shut@acme.example").id)
    User.create(email="robot@acme.example", name="Robot", kind="machine", password_hash="$argon2id$never")
    house.person("invited@acme.example", "reader", "acme")
    sso = house.person("sso@acme.example", "reader", "acme").user
    LinkedIdentity.create(user=sso, issuer="https://id.example.com", subject="1", email=sso.email)
    shut = ("shut", "robot", "invited", "sso")
    return people | {name: f"{name}@acme.example" for name in shut}


def test_only_an_active_person_with_a_password_gets_a_link(eva: Any) -> None:
    for email in everybody(eva).values():
        ask(eva, email)
    assert [name for name, _, _ in mails()] == ["password_reset"] and mails(EVA)
    assert [link.user_id for link in MailedLink.select()] == [eva.user.id]


def test_the_answer_and_the_work_are_the_same_for_all(eva: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request may only put one line into the queue: what it executes must not depend on who has the address."""
    people, house = everybody(eva), eva.house
    house.app.extensions["assetcare_jobs"] = build_queue(f"sqlite:///{house.settings.data / 'jobs.db'}")
    statements: list[str] = []
    original = type(db.database.obj).execute_sql

    def noted(self: Any, sql: Any, *rest: Any, **more: Any) -> Any:
        statements.append(str(sql))
        return original(self, sql, *rest, **more)

    monkeypatch.setattr(type(db.database.obj), "execute_sql", noted)
    ask(eva, "first@acme.example")  # what a connection does once in its life is not what is compared
    seen = {}
    for name, email in people.items():
        statements.clear()
        answer = ask(eva, email)
        headers = {key: value for key, value in answer.headers.items() if key != "X-Request-Id"}
        seen[name] = (answer.status_code, answer.text, headers, tuple(statements))
    assert len({json.dumps(one) for one in seen.values()}) == 1, seen
    statements_of = seen["active"][3]
    assert statements_of and not any("app_user" in one or "mailed_link" in one for one in statements_of)
    assert mails() == [], "the worker has not come by yet"
    assert house.app.extensions["assetcare_jobs"].huey.pending_count() == len(people) + 1


def test_it_cannot_be_asked_for_without_end(eva: Any) -> None:
    for email in (EVA, "nobody@acme.example"):
        codes = [ask(eva, email).status_code for _ in range(6)]
        assert codes == [200, 200, 200, 429, 429, 429], f"{email}: {codes}"
    assert len(mails(EVA)) == 3
    codes = [ask(eva, f"{number}@acme.example").status_code for number in range(40)]
    assert codes[0] == 200 and codes[-1] == 429, "nor by one network for many addresses"
    other = ask(eva, "other@acme.example", environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert other.status_code == 200


def test_another_site_cannot_ask(eva: Any) -> None:
    assert ask(eva, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert ask(eva, headers={"Origin": "https://evil.example"}).status_code == 403
    assert mails() == []


def test_the_link_is_in_no_log(eva: Any, caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    from registry.kernel.logs import configure_logs

    configure_logs("INFO")
    ask(eva)
    path = link_to(EVA)
    secret = path.rsplit("/", 1)[1]
    with caplog.at_level(logging.DEBUG):
        for answer in (eva.house.app.test_client().get(path), eva.house.app.test_client().get(f"/reset/{secret}x")):
            assert answer.status_code in (200, 410)
    written = capsys.readouterr()
    configure_logs("ERROR")
    everything = caplog.text + written.out + written.err
    assert "/reset/<secret>" in everything and secret not in everything


def test_a_refused_password_does_not_use_the_link_up(eva: Any) -> None:
    ask(eva)
    guest, path = eva.house.app.test_client(), link_to(EVA)
    for bad in ("short", EVA, "x" * 2000, ""):
        answer = guest.post(path, data={"password": bad})
        assert answer.status_code == 422 and "password-error" in answer.text, bad
    assert guest.post(path, data={"password": NEW}).status_code == 200
