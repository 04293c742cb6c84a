"""Signing in through an identity provider: everything that one could say wrongly. The real one is in test_oidc_flow."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from registry.people import identity_provider, oidc
from registry.people.invitations import create_and_invite, withdraw
from registry.people.models import Handshake, LinkedIdentity, Session, User
from registry.people.service import deactivate_user
from tests.houses import House
from tests.people.mailbox import mails
from tests.people.provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, rsa_key, signed_by_the_public_key, unsigned

EVA = "eva@acme.example"
BACK = "/sign-in/provider/back"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    identity_provider.forget_documents()
    with FakeProvider() as fake:
        yield fake
    identity_provider.forget_documents()


def prepared(house: House, provider: FakeProvider) -> House:
    house.settings = replace(
        house.settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=CLIENT_SECRET,
        oidc_name="Acme ID",
    )  # fmt: skip
    house.customer("acme")
    house.person(EVA, "member", "acme")
    return house


@pytest.fixture
def ready(house: House, provider: FakeProvider) -> House:
    return prepared(house, provider)


@pytest.fixture
def any_ready(any_house: House, provider: FakeProvider) -> House:
    return prepared(any_house, provider)


def journey(house: House, provider: FakeProvider, *, browser: Any = None, **changed: str) -> tuple[Any, Any]:
    """(browser, the answer to its coming back)."""
    browser = browser or house.app.test_client()
    begun = browser.get("/sign-in/provider?next=/c/acme")
    assert begun.status_code == 303, begun.text
    given = {**provider.follow(begun.headers["Location"]), **changed}
    return browser, browser.get(BACK, query_string={name: value for name, value in given.items() if value is not ...})


def refused(answer: Any) -> bool:
    return answer.status_code == 401 and oidc.REFUSED in answer.text and not Session.select().exists()


def test_in_by_the_first_and_by_every_later_time(any_ready: House, provider: FakeProvider) -> None:
    assert "Sign in with Acme ID" in any_ready.app.test_client().get("/sign-in").text
    browser, answer = journey(any_ready, provider)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/c/acme"), answer.text
    assert browser.get("/c/acme").status_code == 200
    linked = LinkedIdentity.get()
    assert (linked.issuer, linked.subject, linked.user.email) == (provider.issuer, "subject-1", EVA)
    assert [name for name, _, _ in mails(EVA)] == ["identity_linked"]
    session = Session.get()
    assert (session.how, session.stage, session.second) == ("oidc", "full", None), (
        "one factor, whatever the provider says"
    )
    form = provider.last_form
    assert form["code"] == ["the-code"] and form["grant_type"] == ["authorization_code"]
    assert len(form["code_verifier"][0]) >= 43 and form["authorization"][0].startswith("Basic ")
    provider.claims = {"email": "another@elsewhere.example", "email_verified": False}
    _, again = journey(any_ready, provider)
    assert again.status_code == 302, "once linked the subject counts, not the address"
    assert LinkedIdentity.select().count() == 1 and Handshake.select().count() == 0


def now() -> int:
    return int(time.time())


# what is wrong -> (what the log says of it, how to bring it about)
FAULTS: dict[str, tuple[str, Callable[[FakeProvider], Any]]] = {
    "e-mail not verified": ("not verified", lambda p: p.claims.update(email_verified=False)),
    "verified as text": ("not verified", lambda p: p.claims.update(email_verified="true")),
    "verification not told": ("not verified", lambda p: p.claims.update(email_verified=...)),
    "e-mail of nobody here": ("nobody with", lambda p: p.claims.update(email="nobody@acme.example")),
    "letters that look alike": ("plain letters", lambda p: p.claims.update(email="ev\u0430@acme.example")),
    "full-width letters": ("plain letters", lambda p: p.claims.update(email="\uff45\uff56\uff41@acme.example")),
    "no text": ("plain letters", lambda p: p.claims.update(email=["eva@acme.example"])),
    "NUL": ("plain letters", lambda p: p.claims.update(email="eva@acme.example\x00")),
    "foreign issuer": ("'iss'", lambda p: p.claims.update(iss="https://evil.example")),
    "issuer with a slash more": ("'iss'", lambda p: p.claims.update(iss=p.issuer + "/")),
    "no issuer": ("'iss'", lambda p: p.claims.update(iss=...)),
    "other audience": ("'aud'", lambda p: p.claims.update(aud="another-client")),
    "no audience": ("'aud'", lambda p: p.claims.update(aud=...)),
    "several audiences, no authorised party": ("'azp'", lambda p: p.claims.update(aud=[CLIENT_ID, "other"])),
    "several audiences, another party": ("'azp'", lambda p: p.claims.update(aud=[CLIENT_ID, "other"], azp="other")),
    "another authorised party": ("'azp'", lambda p: p.claims.update(azp="other")),
    "expired": ("expired", lambda p: p.claims.update(exp=now() - 120)),
    "never expires": ("'exp'", lambda p: p.claims.update(exp=...)),
    "expiry as text": ("'exp'", lambda p: p.claims.update(exp="never")),
    "from the future": ("in the future", lambda p: p.claims.update(iat=now() + 3600)),
    "not yet": ("not yet valid", lambda p: p.claims.update(nbf=now() + 3600)),
    "wrong nonce": ("'nonce'", lambda p: p.claims.update(nonce="another")),
    "no nonce": ("'nonce'", lambda p: p.claims.update(nonce=...)),
    "no subject": ("'sub'", lambda p: p.claims.update(sub=...)),
    "subject is a number": ("'sub'", lambda p: p.claims.update(sub=7)),
    "subject without end": ("no subject", lambda p: p.claims.update(sub="x" * 256)),
    "subject with NUL": ("no subject", lambda p: p.claims.update(sub="x\x00")),
    "access token of another": ("'at_hash'", lambda p: p.claims.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    "alg none": ("'none' is not allowed", unsigned),
    "shared secret": ("'HS256' is not allowed", signed_by_the_public_key),
    "unknown key": (
        "bad_signature",
        lambda p: setattr(p, "signed_by", type(p.key).generate_key("P-256", {"kid": "first"})),
    ),
    "key that is not published": ("No keys", lambda p: (p.header.update(kid="second"), setattr(p, "public_keys", []))),
    "key for another use": (
        "No keys",
        lambda p: setattr(p, "public_keys", [{**p.key.as_dict(private=False), "use": "enc"}]),
    ),
    "no token": ("no ID token", lambda p: p.answers.update({"/token": {"access_token": "x"}})),
    "token is no text": ("no ID token", lambda p: p.answers.update({"/token": {"id_token": {"a": 1}}})),
    "token is rubbish": ("Invalid header", lambda p: p.answers.update({"/token": {"id_token": "a.b.c"}})),
    "a list": ("not answer with an object", lambda p: p.answers.update({"/token": [1]})),
    "deep nesting": (
        "not answer with JSON",
        lambda p: p.answers.update({"/token": lambda h: h.answer(200, b"[" * 100_000)}),
    ),
    "no JSON": ("not answer with JSON", lambda p: p.answers.update({"/token": lambda h: h.answer(200, b"<html>")})),
    "an error": (
        "answered 400",
        lambda p: p.answers.update({"/token": lambda h: h.answer(400, {"error": "invalid_grant"})}),
    ),
    "without end": ("too long", lambda p: p.answers.update({"/token": lambda h: h.answer(200, b" " * 400_000)})),
    "a redirect": ("answered 307", lambda p: p.answers.update({"/token": _elsewhere})),
    "user info of another": (
        "somebody else",
        lambda p: (
            p.claims.update(email=..., email_verified=...),
            p.answers.update({"/me": {"sub": "subject-2", "email": EVA, "email_verified": True}}),
        ),
    ),
}


def _elsewhere(handler: Any) -> None:
    handler.send_response(307)
    handler.send_header("Location", "/stolen")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_is_wrong_is_refused_in_the_same_words(
    ready: House, provider: FakeProvider, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason, spoil = FAULTS[fault]
    told: list[str] = []
    monkeypatch.setattr(oidc.log, "warning", lambda _event, **more: told.append(more["reason"]))
    spoil(provider)
    _, answer = journey(ready, provider)
    assert refused(answer), answer.text
    assert len(told) == 1 and reason in told[0], f"refused, but for another reason: {told}"
    assert not LinkedIdentity.select().exists() and "/stolen" not in provider.asked


def test_what_looks_odd_but_is_right_is_accepted(ready: House, provider: FakeProvider) -> None:
    provider.claims = {
        "aud": [CLIENT_ID, "other"],
        "azp": CLIENT_ID,
        "email": "EVA@Acme.Example",
        "amr": ["pwd", "mfa"],
    }
    provider.header = {"alg": "RS256", "kid": "rsa", "x-own": "thing"}
    provider.signed_by = rsa_key("rsa")
    provider.public_keys = [provider.key, provider.signed_by, {"kty": "future", "kid": "unknown"}]
    _, answer = journey(ready, provider)
    assert answer.status_code == 302, answer.text
    assert Session.get().second is None, "a second factor elsewhere counts only if the operator says so"


def test_the_address_may_come_from_the_user_info_endpoint(ready: House, provider: FakeProvider) -> None:
    provider.claims = {"email": ..., "email_verified": ...}
    assert journey(ready, provider)[1].status_code == 302 and "/me" in provider.asked


@pytest.mark.parametrize(
    ("told", "second"),
    [({"amr": ["pwd", "mfa"]}, "oidc"), ({"acr": oidc.SEVERAL_FACTORS_CLASS}, "oidc"), ({"amr": ["pwd"]}, None),
     ({"amr": "mfa"}, ...), ({}, None)],
)  # fmt: skip
def test_a_second_factor_elsewhere_where_the_operator_trusts_it(
    ready: House, provider: FakeProvider, told: dict[str, Any], second: Any
) -> None:
    ready.settings = replace(ready.settings, oidc_second_factor=True)
    provider.claims = told
    _, answer = journey(ready, provider)
    assert refused(answer) if second is ... else Session.get().second == second


SOON = "/account/second-factor"  # asks for a fresh proof


def confirmed(browser: Any) -> bool:
    answer = browser.get(SOON)
    return bool(answer.status_code == 200) or not answer.headers["Location"].startswith("/account/confirm?")


def test_an_old_session_at_the_provider_is_no_fresh_proof(ready: House, provider: FakeProvider) -> None:
    """Whoever finds the desk empty signs out and in again, and the provider asks him nothing."""
    for told, fresh in (({}, False), ({"auth_time": now() - 3600}, False), ({"auth_time": now() - 5}, True)):
        provider.claims = told
        browser, answer = journey(ready, provider)
        assert answer.status_code == 302 and confirmed(browser) == fresh, told


@pytest.mark.parametrize("told", [1e300, -1e300, float("inf"), float("nan")])
def test_a_time_that_there_is_not_proves_nothing(ready: House, provider: FakeProvider, told: float) -> None:
    provider.claims = {"auth_time": told}
    browser, answer = journey(ready, provider)
    assert refused(answer) if answer.status_code == 401 else not confirmed(browser)


def test_who_has_no_password_confirms_at_the_provider(ready: House, provider: FakeProvider) -> None:
    browser, _ = journey(ready, provider)
    page = browser.get(browser.get(SOON).headers["Location"]).text
    [link] = re.findall(r'href="(/sign-in/provider\?[^"]*)"', page)
    address = browser.get(link.replace("&amp;", "&")).headers["Location"]
    asked = parse_qs(urlsplit(address).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"]), "even if he is signed in there"
    provider.claims = {"auth_time": now() - 3600}
    browser.get(BACK, query_string=provider.follow(address))
    assert not confirmed(browser), "it let him pass all the same"
    address = browser.get(link.replace("&amp;", "&")).headers["Location"]
    provider.claims = {"auth_time": now()}
    answer = browser.get(BACK, query_string=provider.follow(address))
    assert answer.headers["Location"] == SOON and confirmed(browser)
    assert Session.select().where(Session.user == User.get(User.email == EVA)).count() == 1


def test_a_plain_sign_in_does_not_ask_for_the_password_again(ready: House, provider: FakeProvider) -> None:
    address = ready.app.test_client().get("/sign-in/provider").headers["Location"]
    assert "prompt" not in address and "max_age" not in address


def test_ones_own_second_factor_is_asked_for(ready: House, provider: FakeProvider) -> None:
    from registry.kernel import clock
    from registry.kernel.secrets import vault
    from registry.people.models import SecondFactor

    SecondFactor.create(user=User.get(User.email == EVA), secret=vault().seal("x"), confirmed_at=clock.now())
    browser, answer = journey(ready, provider)
    assert "/sign-in/second-step" in answer.headers["Location"]
    assert browser.get("/c/acme").status_code == 302


# --- State: once, soon, in this browser --------------------------------------------------------------------


def test_a_state_is_good_in_its_browser_once_and_soon(ready: House, provider: FakeProvider) -> None:
    from datetime import timedelta

    from registry.kernel import clock

    assert refused(journey(ready, provider, state="made-up")[1])
    assert refused(journey(ready, provider, state=...)[1])
    mine, theirs = ready.app.test_client(), ready.app.test_client()
    given = provider.follow(mine.get("/sign-in/provider").headers["Location"])
    assert refused(theirs.get(BACK, query_string=given)), "no browser of ours"
    theirs.get("/sign-in/provider")
    assert refused(theirs.get(BACK, query_string=given)), "begun in another browser"
    assert mine.get(BACK, query_string=given).status_code == 302
    Session.delete().execute()
    assert refused(mine.get(BACK, query_string=given)), "replayed"
    late = ready.app.test_client()
    given = provider.follow(late.get("/sign-in/provider").headers["Location"])
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        assert refused(late.get(BACK, query_string=given))


def test_the_cookie_of_a_journey_is_no_scripts_business(ready: House, provider: FakeProvider) -> None:
    answer = ready.app.test_client().get("/sign-in/provider")
    [cookie] = answer.headers.getlist("Set-Cookie")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"):
        assert part in cookie
    sealed = Handshake.get()
    assert provider.follow(answer.headers["Location"])["state"] not in str(sealed.__data__)


def test_the_answer_says_whose_it_is(ready: House, provider: FakeProvider) -> None:
    assert refused(journey(ready, provider, iss="https://evil.example")[1])
    identity_provider.forget_documents()
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    assert refused(journey(ready, provider)[1]), "it promised to say so, and did not"
    assert journey(ready, provider, iss=provider.issuer)[1].status_code == 302


def test_a_refusal_by_the_provider_is_one_here(ready: House, provider: FakeProvider) -> None:
    _, answer = journey(ready, provider, error="access_denied")
    assert refused(answer) and "access_denied" not in answer.text
    assert refused(journey(ready, provider, code=...)[1])
    assert "/token" not in provider.asked


def test_another_site_sends_nobody_there(ready: House) -> None:
    answer = ready.app.test_client().get("/sign-in/provider?next=/c/acme", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.headers["Location"].startswith("/sign-in?") and not Handshake.select().exists()


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/\tx"])
def test_it_leads_on_to_our_own_pages_only(ready: House, provider: FakeProvider, wanted: str) -> None:
    browser = ready.app.test_client()
    begun = browser.get("/sign-in/provider", query_string={"next": wanted})
    answer = browser.get(BACK, query_string=provider.follow(begun.headers["Location"]))
    assert answer.headers["Location"] == "/"


# --- Whom it means -----------------------------------------------------------------------------------------


def test_nobody_gets_an_account_by_it(ready: House, provider: FakeProvider) -> None:
    provider.claims = {"email": "new@acme.example"}
    before = User.select().count()
    assert refused(journey(ready, provider)[1]) and User.select().count() == before


@pytest.mark.parametrize("linked", [False, True])
def test_a_shut_account_stays_shut(ready: House, provider: FakeProvider, linked: bool) -> None:
    if linked:
        journey(ready, provider)
    deactivate_user(ready.system, User.get(User.email == EVA).id)
    assert refused(journey(ready, provider)[1])


def test_a_machine_does_not_sign_in(ready: House, provider: FakeProvider) -> None:
    User.update(kind="machine").where(User.email == EVA).execute()
    assert refused(journey(ready, provider)[1])


def test_an_invited_person_joins_by_it_and_a_withdrawn_one_does_not(ready: House, provider: FakeProvider) -> None:
    for email in ("in@acme.example", "out@acme.example"):
        create_and_invite(ready.system, email=email, role="admin")
    withdraw(ready.system, User.get(User.email == "out@acme.example").id)
    provider.claims = {"email": "out@acme.example", "sub": "out"}
    assert refused(journey(ready, provider)[1])
    provider.claims = {"email": "in@acme.example", "sub": "in"}
    assert journey(ready, provider)[1].status_code == 302
    from tests.people.mailbox import link_to

    assert ready.app.test_client().get(link_to("in@acme.example")).status_code == 410, (
        "the mailed link is not needed now"
    )


def test_an_address_given_to_somebody_else_there_opens_nothing(ready: House, provider: FakeProvider) -> None:
    journey(ready, provider)
    Session.delete().execute()
    provider.claims = {"sub": "subject-2"}
    assert refused(journey(ready, provider)[1])


# --- The provider's documents ------------------------------------------------------------------------------

DOCUMENT = "/.well-known/openid-configuration"
DOCUMENTS: dict[str, Any] = {
    "another issuer": lambda p: {**p.document(), "issuer": "https://evil.example"},
    "no issuer": lambda p: {"authorization_endpoint": p.issuer},
    "token endpoint without TLS": lambda p: {**p.document(), "token_endpoint": "http://evil.example/token"},
    "no keys": lambda p: {**p.document(), "jwks_uri": None},
    "a script": lambda p: {**p.document(), "authorization_endpoint": "javascript:alert(1)"},
    "a file": lambda p: {**p.document(), "jwks_uri": "file:///etc/passwd"},
    "rubbish": lambda p: lambda h: h.answer(200, b"nothing"),
    "too long": lambda p: lambda h: h.answer(200, b" " * 400_000),
    "not there": lambda p: lambda h: h.answer(404, {}),
    "redirect": lambda p: _elsewhere,
}


@pytest.mark.parametrize("fault", DOCUMENTS)
def test_a_document_that_is_wrong_sends_nobody_anywhere(ready: House, provider: FakeProvider, fault: str) -> None:
    found = DOCUMENTS[fault](provider)
    provider.answers[DOCUMENT] = found if callable(found) else (lambda h: h.answer(200, found))
    answer = ready.app.test_client().get("/sign-in/provider")
    assert answer.status_code == 401 and "cannot be reached" in answer.text and "/stolen" not in provider.asked


def test_documents_are_fetched_once_and_a_new_key_is_found(ready: House, provider: FakeProvider) -> None:
    journey(ready, provider)
    journey(ready, provider)
    assert provider.asked.count(DOCUMENT) == provider.asked.count("/jwks") == 1
    provider.key = provider.signed_by = type(provider.key).generate_key("P-256", {"kid": "second", "use": "sig"})
    provider.header, provider.public_keys = {"alg": "ES256", "kid": "second"}, [provider.key]
    assert journey(ready, provider)[1].status_code == 401, "asked for a moment ago: nobody makes us ask all the time"
    identity_provider._known[provider.issuer].keys_at -= identity_provider.ASK_AGAIN_SECONDS
    assert journey(ready, provider)[1].status_code == 302
    assert provider.asked.count("/jwks") == 2


def test_a_provider_that_is_away(ready: House, provider: FakeProvider) -> None:
    ready.settings = replace(ready.settings, oidc_issuer="http://127.0.0.1:9")
    answer = ready.app.test_client().get("/sign-in/provider")
    assert answer.status_code == 401 and "cannot be reached" in answer.text


def test_without_a_provider_there_is_no_way_there(house: House) -> None:
    client = house.app.test_client()
    assert "/sign-in/provider" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").headers["Location"].startswith("/sign-in?")
    assert client.get(BACK).status_code == 401


@pytest.mark.slow
def test_journeys_are_throttled(ready: House, provider: FakeProvider) -> None:
    client = ready.app.test_client()
    codes = [client.get("/sign-in/provider").status_code for _ in range(101)]
    assert codes[:100] == [303] * 100 and codes[100] == 429


def test_the_client_proves_itself_as_the_provider_wants_it(ready: House, provider: FakeProvider) -> None:
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    journey(ready, provider)
    assert provider.last_form["client_secret"] == [CLIENT_SECRET] and provider.last_form["authorization"] == [""]
    ready.app.config["ASSETCARE"] = replace(ready.settings, oidc_client_secret="")
    journey(ready, provider)
    assert provider.last_form["client_id"] == [CLIENT_ID] and "client_secret" not in provider.last_form


@pytest.mark.parametrize(
    ("issuer", "fine"),
    [("https://id.example.com", True), ("https://id.example.com/realms/x", True), ("http://127.0.0.1:9", True),
     ("http://id.example.com", False), ("http://localhost.evil.example", False), ("ftp://x", False), ("x", False),
     ("https://id.example.com?x", False)],
)  # fmt: skip
def test_the_issuer_that_may_be_set(issuer: str, fine: bool) -> None:
    from registry.settings import Settings

    if fine:
        assert Settings.load({"ASSETCARE_OIDC_ISSUER": issuer}).oidc_issuer == issuer
    else:
        with pytest.raises(ValueError, match="ASSETCARE_OIDC_ISSUER"):
            Settings.load({"ASSETCARE_OIDC_ISSUER": issuer})
