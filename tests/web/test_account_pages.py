"""Pages of one's own account, used as a browser without scripts would use them."""

import base64
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest

from registry.kernel import language
from registry.people.models import Session, Token, User
from registry.web.account.my_account import browser_name
from registry.web.qr import qr_picture
from tests.houses import House
from tests.people.browser import PASSWORD, Browser
from tests.people.conftest import Clock, alice, watch  # noqa: F401 - fixtures

PAGES = ["/account", "/account/password", "/account/second-factor", "/account/confirm"]


@pytest.fixture
def inside(alice: Browser) -> Browser:  # noqa: F811
    return alice.sign_in()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_and_every_form_carries_the_token(inside: Browser, path: str) -> None:
    page = inside.client.get(path)
    assert page.status_code == 200, page.text
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page.text, re.S)
    assert forms and all(f'value="{inside.session.csrf}"' in form for form in forms)
    assert page.headers["Cache-Control"] == "no-store"
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids)), "no id twice"
    labelled = set(re.findall(r'<label[^>]*for="([^"]+)"', page.text))
    fields = re.findall(r'<(?:input|select)\b(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', page.text)
    assert set(fields) <= labelled


def test_the_name_at_the_top_leads_to_the_account(inside: Browser) -> None:
    page = inside.client.get("/c/acme").text
    assert re.search(r'<span class="who-name">alice</span>.*?<a href="/account">', page, re.DOTALL)


def test_the_profile_keeps_what_was_typed_when_it_is_refused(inside: Browser) -> None:
    good = {"name": "Alice Wong", "language": "zh-Hant", "time_zone": "Asia/Hong_Kong"}
    answer = inside.post("/account/profile", **{**good, "time_zone": "Mars"})
    assert answer.status_code == 422 and 'id="time_zone-error"' in answer.text and 'value="Alice Wong"' in answer.text
    assert inside.user.name == "alice"
    answer = inside.post("/account/profile", **good)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account#profile")
    assert (inside.user.name, inside.user.language, inside.user.time_zone) == tuple(good.values())


def test_the_menu_switches_the_language_and_leads_back(inside: Browser) -> None:
    page = inside.client.get("/c/acme?x=1").text
    assert 'name="next" value="/c/acme?x=1"' in page and 'name="language" value="zh-Hant"' in page
    answer = inside.post("/account/language", language="zh-Hant", next="/c/acme?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/c/acme?x=1")
    page = inside.client.get("/c/acme").text
    assert inside.user.language == "zh-Hant" and '<html lang="zh-Hant">' in page and 'value="en"' in page
    assert inside.post("/account/language", language="fr", next="/").status_code == 422
    assert inside.post("/account/language", language="en", next="//evil.example").headers["Location"] == "/"


def test_a_new_password(inside: Browser) -> None:
    new = "quite another long one"
    for fields, where in (
        ({"current_password": "x", "new_password": new, "again": new}, "current_password"),
        ({"current_password": PASSWORD, "new_password": "acme2026", "again": "acme2026"}, "new_password"),
        ({"current_password": PASSWORD, "new_password": new, "again": "no"}, "again"),
    ):
        answer = inside.post("/account/password", **fields)
        assert answer.status_code == 422 and f'id="{where}-error"' in answer.text, where
        assert PASSWORD not in answer.text and new not in answer.text
    answer = inside.post("/account/password", current_password=PASSWORD, new_password=new, again=new)
    assert answer.headers["Location"] == "/account#password" and inside.inside
    assert Browser(inside.house, inside.email, new).sign_in().inside


def test_an_app_is_set_up_by_a_picture(inside: Browser, watch: Clock) -> None:  # noqa: F811
    assert "<img" not in inside.client.get("/account/second-factor").text.split("<main")[1]
    assert inside.post("/account/second-factor").headers["Location"] == "/account/second-factor"
    page = inside.client.get("/account/second-factor").text
    picture = re.search(r'<img class="qr" src="data:image/svg\+xml;base64,([^"]+)"', page)
    uri = re.search(r'href="(otpauth:[^"]+)"', page)
    shown = re.search(r'<code class="otp-secret">([^<]+)<', page)
    assert picture and uri and shown
    drawing = ElementTree.fromstring(base64.b64decode(picture[1]))  # noqa: S314 - our own
    assert "style" not in drawing.attrib and drawing.tag.endswith("svg")
    inside.secret = re.sub(r"\s", "", shown[1])
    assert f"secret={inside.secret}" in uri[1]
    assert qr_picture(unescape(uri[1])).endswith(picture[1]), "the picture says what the text says"
    wrong = inside.post("/account/second-factor/confirm", code="000000")
    assert wrong.status_code == 422 and 'id="code-error"' in wrong.text and picture[0] in wrong.text
    done = inside.post("/account/second-factor/confirm", code=inside.code())
    codes = re.findall(r"<li><code>([a-z2-9-]+)</code>", done.text)
    assert done.status_code == 200 and len(codes) == 10
    assert inside.secret not in inside.client.get("/account/second-factor").text, "it is not shown again"
    watch.forward(minutes=1)
    assert "/sign-in/second-step" in Browser(inside.house, inside.email).give_password().headers["Location"]
    again = inside.post("/account/recovery-codes")
    assert len(re.findall(r"<li><code>", again.text)) == 10 and codes[0] not in again.text
    assert inside.post("/account/second-factor/remove").status_code == 303
    assert Browser(inside.house, inside.email).sign_in().inside


def test_a_browser_that_says_nothing_is_unknown_in_every_language() -> None:
    with language.speaking("zh-Hant"):
        assert browser_name(None) == "不明"


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
         "Chrome on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1",
         "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8.5.0", "curl/8.5.0"), ("", "Unknown"), (None, "Unknown"), ("x" * 255, "x" * 60),
    ],
)  # fmt: skip
def test_browsers_are_called_what_people_call_them(agent: str | None, shown: str) -> None:
    assert browser_name(agent) == shown


def test_sessions_are_listed_and_ended(inside: Browser) -> None:
    there = Browser(inside.house, inside.email).sign_in()
    page = inside.client.get("/account").text
    assert page.count("This session") == 1 and "Sign out everywhere else" in page
    answer = inside.post(f"/account/sessions/{there.session.id}/end")
    assert answer.headers["Location"] == "/account#sessions" and not there.inside
    assert inside.post("/account/sessions/4711/end").status_code == 404
    there.sign_in()
    inside.post("/account/sessions/end-others")
    assert not there.inside and inside.inside and Session.select().count() == 1


def test_tokens_are_made_shown_once_and_revoked(inside: Browser) -> None:
    for fields, where in (({"name": "", "days": "7"}, "token_name"), ({"name": "x", "days": "many"}, "token_days")):
        answer = inside.post("/account/tokens", **fields)
        assert answer.status_code == 422 and f'id="{where}-error"' in answer.text
    answer = inside.post("/account/tokens", name="nightly <b>", days="7", scope="read")
    secret = re.search(r'<code class="token">([^<]+)<', answer.text)
    assert secret and "<b>" not in answer.text
    row = Token.get(Token.name == "nightly <b>")
    assert row.scope == ["read"] and row.user_id == inside.user.id
    headers = {"Authorization": f"Bearer {secret[1]}"}
    assert inside.house.app.test_client().get("/api/v1/me", headers=headers).status_code == 200
    assert secret[1] not in inside.client.get("/account").text
    assert inside.post(f"/account/tokens/{row.id}/revoke").headers["Location"] == "/account#tokens"
    assert inside.house.app.test_client().get("/api/v1/me", headers=headers).status_code == 401
    other = Token.get(Token.user != inside.user) if Token.select().where(Token.user != inside.user).exists() else None
    assert inside.post(f"/account/tokens/{other.id if other else 4711}/revoke").status_code == 404


def test_a_lapsed_proof_is_asked_for_and_then_one_goes_on(inside: Browser, watch: Clock) -> None:  # noqa: F811
    watch.forward(minutes=11)
    answer = inside.client.get("/account/password?x=1")
    assert answer.headers["Location"] == "/account/confirm?next=/account/password?x%3D1"
    wrong = inside.post("/account/confirm", password="wrong", next="/account/password")
    assert wrong.status_code == 422 and 'id="password-error"' in wrong.text
    assert 'name="next" value="/account/password"' in wrong.text
    done = inside.post("/account/confirm", password=PASSWORD, next="/account/password")
    assert (done.status_code, done.headers["Location"]) == (302, "/account/password")
    assert inside.client.get("/account/password").status_code == 200
    watch.forward(minutes=11)
    sent = inside.client.post(
        "/account/tokens",
        data={"csrf_token": inside.session.csrf, "name": "x"},
        headers={"Referer": "http://localhost/account"},
    )
    assert sent.headers["Location"] == "/account/confirm?next=/account", "back to where the form was"
    for evil in ("//evil.example", "https://evil.example", "http://["):
        lapsed = {"csrf_token": inside.session.csrf}
        sent = inside.client.post("/account/tokens", data=lapsed, headers={"Referer": evil})
        assert sent.status_code == 302 and "evil" not in sent.headers["Location"]
        done = inside.post("/account/confirm", password=PASSWORD, next=evil)
        assert done.headers.get("Location", "/") == "/"
        watch.forward(minutes=11)


def test_who_has_no_password_is_told_what_to_do(inside: Browser, watch: Clock) -> None:  # noqa: F811
    User.update(password_hash=None).where(User.id == inside.user.id).execute()
    page = inside.client.get("/account/confirm")
    assert 'type="password"' not in page.text and "Sign out and in again" in page.text
    assert "Set a password" in inside.client.get("/account").text
    new = "quite another long one"
    assert inside.post("/account/password", new_password=new, again=new).status_code == 303
    assert Browser(inside.house, inside.email, new).sign_in().inside


def test_a_demanded_second_factor_leads_to_setting_it_up(inside: Browser, house: House) -> None:
    house.settings = replace(house.settings, require_second_factor="all")
    house.app.config.update(ASSETCARE=house.settings)
    assert inside.client.get("/c/acme").headers["Location"] == "/account/second-factor"
    assert "asks for a second factor" in inside.client.get("/account/second-factor").text
