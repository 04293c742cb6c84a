"""Signing in with a browser: the cookie, the limits of a session, and what keeps other sites out."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.kernel import audit, clock, db
from registry.kernel.audit import AuditEntry
from registry.people.models import Session, User
from registry.people.passwords import check_password, hash_password
from registry.people.service import deactivate_user, set_password
from tests.houses import House

PASSWORD = "correct horse battery"
EMAIL = "alice@acme.example"
START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def alice(house: House) -> Iterator[Any]:
    house.customer("acme")
    with clock.frozen(START):
        yield house.person(EMAIL, "manager", "acme", password=PASSWORD)


@pytest.fixture
def browser(house: House, alice: Any) -> FlaskClient:
    return house.app.test_client()


def sign_in(browser: FlaskClient, email: str = EMAIL, password: str = PASSWORD, **more: Any) -> Any:
    fields = {"email": email, "password": password, **more.pop("fields", {})}
    return browser.post("/sign-in", data=fields, **more)


def csrf(email: str = EMAIL) -> str:
    user = User.get(User.email == email)
    return str(Session.select().where(Session.user == user).order_by(Session.id.desc()).get().csrf)


# --- In and out --------------------------------------------------------------------------------------------


def test_the_way_in_and_out_by_the_pages_forms(browser: FlaskClient) -> None:
    first = browser.get("/")
    assert first.status_code == 302 and first.headers["Location"] == "/sign-in?next=/"
    form = browser.get("/sign-in?next=/c/acme")
    assert form.status_code == 200
    assert re.search(r'<input[^>]*type="password"', form.text) and 'name="email"' in form.text
    assert re.search(r'name="next"[^>]*value="/c/acme"', form.text), "the page remembers where one was going"
    inside = sign_in(browser, fields={"next": "/c/acme"})
    assert (inside.status_code, inside.headers["Location"]) == (302, "/c/acme")
    page = browser.get("/c/acme")
    assert page.status_code == 200
    assert csrf() in page.text, "every page carries the token for its forms"
    assert browser.get("/sign-in").status_code == 302
    assert browser.post("/sign-out").status_code == 403, "not without the token"
    out = browser.post("/sign-out", data={"csrf_token": csrf()})
    assert (out.status_code, out.headers["Location"]) == (302, "/sign-in")
    assert browser.get("/").status_code == 302
    assert not Session.select().exists()


def test_the_cookie_holds_nothing_but_a_random_id(browser: FlaskClient) -> None:
    answer = sign_in(browser)
    known, header = answer.headers.getlist("Set-Cookie")
    name, value = header.split(";")[0].split("=", 1)
    attributes = {part.strip() for part in header.split(";")[1:]}
    assert name == "assetcare" and len(value) >= 43
    assert attributes == {"HttpOnly", "Path=/", "SameSite=Lax"}
    assert known.startswith("assetcare-known=") and {"HttpOnly", "Path=/", "SameSite=Lax"} < set(known.split("; "))
    assert EMAIL not in known
    row = Session.get()
    assert row.id_hash != value and value not in str(row.__data__), "only its hash is kept"
    assert (row.address, row.agent) == ("127.0.0.1", "Werkzeug/" + row.agent.split("/")[1])


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(house: House, alice: Any) -> None:
    secured(house)
    answer = house.app.test_client().post(
        "/sign-in", data={"email": EMAIL, "password": PASSWORD}, base_url="https://assets.example.com"
    )
    known, session = answer.headers.getlist("Set-Cookie")
    assert session.startswith("__Host-assetcare=") and known.startswith("__Host-assetcare-known=")
    for header in (known, session):
        for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert part in header
        assert "Domain" not in header
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def secured(house: House) -> None:
    house.settings = replace(house.settings, public_url="https://assets.example.com")


def test_signing_in_again_gives_a_new_session_and_ends_the_old_one(browser: FlaskClient) -> None:
    browser.set_cookie("assetcare", "chosen-by-somebody-else")
    sign_in(browser)
    first = browser.get_cookie("assetcare")
    sign_in(browser)
    second = browser.get_cookie("assetcare")
    assert first and second and len({first.value, second.value, "chosen-by-somebody-else"}) == 3
    assert Session.select().count() == 1
    browser.set_cookie("assetcare", first.value)
    assert browser.get("/").status_code == 302 and browser.get("/").headers["Location"].startswith("/sign-in")


def test_every_refusal_is_the_same(house: House, alice: Any) -> None:
    house.person("gone@acme.example", "reader", "acme", password=PASSWORD)
    deactivate_user(house.system, User.get(User.email == "gone@acme.example").id)
    house.person("token-only@acme.example", "reader", "acme")
    client = house.app.test_client()
    tries = [
        (EMAIL, "wrong horse battery"), ("nobody@acme.example", PASSWORD), ("gone@acme.example", PASSWORD),
        ("token-only@acme.example", ""), (EMAIL, ""), ("", ""), (EMAIL, "x" * 2000), (EMAIL, PASSWORD + "\x00"),
        ("a\x00b", PASSWORD), ("x" * 5000, PASSWORD), (f"{EMAIL}' OR 1=1 --", PASSWORD),
    ]  # fmt: skip
    texts = set()
    for email, password in tries:
        answer = sign_in(client, email, password)
        assert answer.status_code == 401, (email, password)
        assert "Set-Cookie" not in answer.headers
        shown = re.sub(r'value="[^"]*"| autofocus', "", answer.text)
        assert password not in shown or not password
        texts.add(re.sub(r"\s+", " ", shown))
    assert len(texts) == 1, "nobody can tell a wrong password from an unknown account"
    assert sign_in(client, f"  {EMAIL.upper()} ").status_code == 302, "an address has no case"


@pytest.mark.postgres
def test_odd_credentials_are_refused_on_postgres_too(postgres_house: House) -> None:
    client = postgres_house.app.test_client()
    for email in ("a\x00b", "nobody@acme.example", "\ufffd"):
        assert sign_in(client, email, "x\x00y").status_code == 401


def test_as_much_work_is_done_for_an_unknown_account(monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.people import passwords

    check_password(None, "warm up")
    hasher, done = passwords._hasher, []
    counting = type("H", (), {"verify": lambda self, *a: done.append(a) or hasher.verify(*a), "hash": hasher.hash})()
    monkeypatch.setattr(passwords, "_hasher", counting)
    assert not check_password(None, PASSWORD)
    assert not check_password(hash_password(PASSWORD), "wrong one")
    assert len(done) == 2


@pytest.mark.usefixtures("in_earnest")
def test_passwords_are_argon2id_of_owasps_strength_and_not_too_easy() -> None:
    assert hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_password(PASSWORD) != hash_password(PASSWORD)
    assert check_password(hash_password("пароль с пробелами 🙂"), "пароль с пробелами 🙂")
    assert not check_password("no hash", PASSWORD)
    from registry.kernel.errors import Invalid

    for weak in (
        "short",
        "aaaaaaaaaaaa",
        "abababab",
        EMAIL,
        EMAIL.upper(),
        "x" * 1025,
        "ab\ud800defghi",
        "tab\tbed12345",
    ):
        with pytest.raises(Invalid) as refused:
            hash_password(weak, context=(EMAIL,))
        assert list(refused.value.errors) == ["password"]


def test_success_and_failure_are_on_record(browser: FlaskClient) -> None:
    sign_in(browser, password="wrong horse battery")
    sign_in(browser)
    browser.post("/sign-out", data={"csrf_token": csrf()})
    entries = list(AuditEntry.select().where(AuditEntry.action.startswith("user.sign")).order_by(AuditEntry.id))
    assert [row.action for row in entries] == ["user.sign_in_failed", "user.signed_in", "user.signed_out"]
    alice = User.get(User.email == EMAIL).id
    assert {(row.object_id, row.actor_id, row.address) for row in entries} == {(alice, alice, "127.0.0.1")}
    assert all(state.fault is None for state in audit.verify())


# --- How long it lasts -------------------------------------------------------------------------------------


def signed_in_at(browser: FlaskClient, at: datetime) -> bool:
    with clock.frozen(at):
        return bool(browser.get("/api/v1/me").status_code == 200)


def test_a_session_ends_when_nobody_uses_it(browser: FlaskClient) -> None:
    sign_in(browser)
    assert signed_in_at(browser, START + timedelta(minutes=30))
    assert signed_in_at(browser, START + timedelta(minutes=59)), "counted from the last use"
    assert not signed_in_at(browser, START + timedelta(minutes=59 + 31))
    assert not Session.select().exists()
    assert not signed_in_at(browser, START + timedelta(minutes=60)), "and does not come back"


def test_a_session_ends_after_twelve_hours_in_any_case(browser: FlaskClient) -> None:
    sign_in(browser)
    for quarter in range(1, 12 * 4 + 1):
        assert signed_in_at(browser, START + timedelta(minutes=15 * quarter))
    assert not signed_in_at(browser, START + timedelta(hours=12, seconds=1))


def test_the_limits_can_be_set(house: House, alice: Any) -> None:
    house.settings = replace(house.settings, session_idle_minutes=5, session_hours=1)
    client = house.app.test_client()
    sign_in(client)
    assert signed_in_at(client, START + timedelta(minutes=4))
    assert not signed_in_at(client, START + timedelta(minutes=10))


def test_deactivation_and_a_new_password_end_sessions_at_once(house: House, alice: Any, browser: FlaskClient) -> None:
    user = User.get(User.email == EMAIL)
    sign_in(browser)
    set_password(house.system, user.id, "another good password")
    assert not signed_in_at(browser, START)
    assert sign_in(browser).status_code == 401
    assert sign_in(browser, password="another good password").status_code == 302
    assert signed_in_at(browser, START)
    deactivate_user(house.system, user.id)
    assert not signed_in_at(browser, START)
    assert alice.get("/api/v1/me").status_code == 401
    db.run_sql("UPDATE token SET revoked_at = NULL")
    assert alice.get("/api/v1/me").status_code == 401, "by either of two reasons"


# --- Other sites -------------------------------------------------------------------------------------------

FOREIGN = [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8001"}, {"Origin": "http://["}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_sites_request_is_refused(browser: FlaskClient, headers: dict[str, str]) -> None:
    assert sign_in(browser, headers=headers).status_code == 403
    assert sign_in(browser).status_code == 302
    with_token = {**headers, "X-CSRF-Token": csrf()}
    for path, body in (("/sign-out", None), ("/api/v1/sites", {"name": "HQ"})):
        answer = browser.post(path, headers=with_token, **({"json": body} if body else {}))
        assert answer.status_code == 403, answer.text
    assert browser.get("/api/v1/me", headers=headers).status_code == 200, "looking harms nobody: no CORS header is sent"
    assert "Access-Control-Allow-Origin" not in browser.get("/api/v1/me", headers=headers).headers


OURS = [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_our_own_forms_need_the_sessions_token(browser: FlaskClient, headers: dict[str, str]) -> None:
    sign_in(browser, headers=headers)
    new = {"name": f"HQ {headers}"}
    assert browser.post("/api/v1/sites", json=new, headers=headers).json["code"] == "csrf"
    wrong = {**headers, "X-CSRF-Token": "x" * 43}
    assert browser.post("/api/v1/sites", json=new, headers=wrong).status_code == 403
    assert browser.post("/api/v1/sites", json=new, headers={**headers, "X-CSRF-Token": "é"}).status_code == 403
    right = {**headers, "X-CSRF-Token": csrf()}
    assert browser.post("/api/v1/sites", json=new, headers=right).status_code == 201


def test_one_sessions_token_is_no_good_for_another(house: House, alice: Any) -> None:
    house.person("bob@acme.example", "manager", "acme", password=PASSWORD)
    one, other = house.app.test_client(), house.app.test_client()
    sign_in(one)
    sign_in(other, "bob@acme.example")
    answer = one.post("/api/v1/sites", json={"name": "HQ"}, headers={"X-CSRF-Token": csrf("bob@acme.example")})
    assert answer.status_code == 403


NEXT = [
    ("/c/acme", "/c/acme"), ("/c/acme/assets?q=a%20b&sort=-id", "/c/acme/assets?q=a%20b&sort=-id"), ("", "/"),
    ("//evil.example", "/"), ("https://evil.example", "/"), ("http:evil.example", "/"), ("/\\evil.example", "/"),
    ("\\/evil.example", "/"), ("/a\\..\\evil", "/"), ("javascript:alert(1)", "/"), ("/\t/evil.example", "/"),
    ("\t//evil.example", "/"), ("/\n/evil.example", "/"), (" //evil.example", "/"), ("evil.example", "/"),
    ("///evil.example", "/"), ("@evil.example", "/"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "to"), NEXT)
def test_after_signing_in_one_stays_on_this_site(browser: FlaskClient, wanted: str, to: str) -> None:
    answer = sign_in(browser, fields={"next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (302, to)
    again = browser.get("/sign-in", query_string={"next": wanted})
    assert (again.status_code, again.headers["Location"]) == (302, to)
