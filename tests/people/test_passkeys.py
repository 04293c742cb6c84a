"""Passkeys, with an authenticator in software that can be made to do everything wrong."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel import clock
from registry.kernel.audit import AuditEntry
from registry.people import ceremonies
from registry.people.models import Handshake, Passkey, Session, User
from registry.people.passkeys import Site, site_of
from registry.people.service import deactivate_user
from tests.houses import House
from tests.people.authenticator import PASSWORD, PRESENT, VERIFIED, Authenticator, Browser, to_text
from tests.people.mailbox import mails

EVA = "eva@acme.example"
START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
ORIGIN = "http://localhost:8000"
REFUSED = "This passkey was not accepted. Try again, or sign in with your password."


@pytest.fixture
def eva(any_house: House) -> Iterator[Browser]:
    any_house.customer("acme")
    with clock.frozen(START):
        any_house.person(EVA, "member", "acme", password=PASSWORD)
        yield Browser(any_house, EVA)


@pytest.fixture
def device(eva: Browser) -> Authenticator:
    made = Authenticator(ORIGIN)
    assert eva.register(made).status_code == 201
    return made


def actions(*wanted: str) -> list[str]:
    return [row.action for row in AuditEntry.select().order_by(AuditEntry.id) if row.action in wanted]


def test_made_used_renamed_removed(any_house: House, eva: Browser) -> None:
    device = Authenticator(ORIGIN)
    options = eva.options("/account/passkeys/options")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["attestation"] == "none" and options["rp"] == {"name": "Assetcare", "id": "localhost"}
    assert EVA not in options["user"]["id"] and len(options["user"]["id"]) >= 80, "a handle that tells nothing"
    made = eva.post("/account/passkeys", {"name": " Telephone ", "credential": device.create(options)})
    assert made.status_code == 201, made.text
    key = Passkey.get()
    assert (key.name, key.transports, key.sign_count) == ("Telephone", ["internal"], 1)
    assert [name for name, _, _ in mails(EVA)] == ["passkey_added"]

    door = Browser(any_house)
    options = door.options("/sign-in/passkey/options")
    assert options["userVerification"] == "required" and not options.get("allowCredentials"), "it names no account"
    inside = door.post("/sign-in/passkey", {"credential": device.get(options), "next": "/c/acme"})
    assert (inside.status_code, inside.json) == (200, {"next": "/c/acme"}), inside.text
    assert door.client.get("/c/acme").status_code == 200
    session = Session.select().order_by(Session.id.desc()).get()
    assert (session.how, session.stage, session.second) == ("passkey", "full", "passkey"), "it counts as both factors"
    assert Passkey.get().sign_count == 2 and Passkey.get().last_used_at == START

    again = eva.options("/account/passkeys/options")
    assert [one["id"] for one in again["excludeCredentials"]] == [to_text(device.id)]
    assert again["user"]["id"] == device.handle, "one handle for all passkeys of a user"

    assert eva.form(f"/account/passkeys/{key.id}/name", name="Old telephone").status_code == 303
    assert Passkey.get().name == "Old telephone"
    assert eva.form(f"/account/passkeys/{key.id}/remove").status_code == 303
    assert Browser(any_house).sign_in(device).status_code == 401, "a removed one opens nothing"
    assert actions("passkey.added", "passkey.renamed", "passkey.removed") == [
        "passkey.added", "passkey.renamed", "passkey.removed",
    ]  # fmt: skip


def test_every_refusal_is_the_same(any_house: House, eva: Browser, device: Authenticator) -> None:
    def tried(spoil: Any = None, **spoilt: Any) -> Any:
        door = Browser(any_house)
        options = door.options("/sign-in/passkey/options")
        made = device.get(options, **spoilt)
        return door.post("/sign-in/passkey", {"credential": spoil(made) if spoil else made})

    stranger = Authenticator(ORIGIN, handle=device.handle)
    device_id = device.id

    def other_key(made: Any) -> Any:
        return {**made, "response": {**made["response"], "signature": to_text(b"0" * 70)}}

    def someone_elses_handle(made: Any) -> Any:
        return {**made, "response": {**made["response"], "userHandle": to_text(b"1" * 64)}}

    answers = {
        "wrong origin": tried(origin="http://evil.example"),
        "origin of another port": tried(origin="http://localhost:8001"),
        "made, not used": tried(type="webauthn.create"),
        "not our challenge": tried(challenge=to_text(b"x" * 64)),
        "wrong signature": tried(other_key),
        "another user's handle": tried(someone_elses_handle),
        "unknown key": tried(lambda made: stranger.get({"challenge": "x"})),
        "no object": tried(lambda made: "credential"),
        "nothing": tried(lambda made: None),
        "a list": tried(lambda made: [made]),
        "no response": tried(lambda made: {"id": made["id"]}),
        "NUL": tried(lambda made: {**made, "id": "\x00"}),
        "number": tried(lambda made: {**made, "id": 7}),
    }
    device.domain = "evil.example"
    answers["wrong site"] = tried()
    device.domain, device.flags = "localhost", PRESENT
    answers["user not verified"] = tried()
    device.flags = VERIFIED
    answers["user not present"] = tried()
    device.flags = PRESENT | VERIFIED
    stranger.id = device_id
    answers["somebody else's signature"] = tried(lambda made: stranger.get({"challenge": "x"}))
    deactivate_user(any_house.system, User.get(User.email == EVA).id)
    answers["deactivated"] = tried()
    for name, answer in answers.items():
        assert (answer.status_code, answer.json["message"]) == (401, REFUSED), f"{name}: {answer.status_code}"
        assert "Set-Cookie" not in answer.headers, name
    User.update(active=True).where(User.email == EVA).execute()
    assert tried().status_code == 200, "and what was right from the beginning is accepted"


def test_a_challenge_is_good_once_here_and_now(any_house: House, eva: Browser, device: Authenticator) -> None:
    door = Browser(any_house)
    made = device.get(door.options("/sign-in/passkey/options"))
    assert Browser(any_house).post("/sign-in/passkey", {"credential": made}).status_code == 401, "in another browser"
    assert door.post("/sign-in/passkey", {"credential": made}).status_code == 200
    device.count = 100
    replayed = Browser(any_house)
    assert replayed.post("/sign-in/passkey", {"credential": made}).status_code == 401
    assert door.post("/sign-in/passkey", {"credential": made}).status_code == 401, "a second time"
    late = Browser(any_house)
    made = device.get(late.options("/sign-in/passkey/options"))
    with clock.frozen(START + timedelta(minutes=5)):
        assert late.post("/sign-in/passkey", {"credential": made}).status_code == 401, "too late"
    failed = Browser(any_house)
    options = failed.options("/sign-in/passkey/options")
    assert failed.post("/sign-in/passkey", {"credential": device.get(options, origin="x")}).status_code == 401
    assert failed.post("/sign-in/passkey", {"credential": device.get(options)}).status_code == 401, (
        "nor after a failure"
    )


def test_a_challenge_for_one_thing_does_for_no_other(any_house: House, eva: Browser, device: Authenticator) -> None:
    confirming = eva.options("/account/confirm/passkey/options")
    assert [one["id"] for one in confirming["allowCredentials"]] == [to_text(device.id)]
    assert eva.post("/sign-in/passkey", {"credential": device.get(confirming)}).status_code == 401
    signing = eva.options("/sign-in/passkey/options")
    assert eva.post("/account/confirm/passkey", {"credential": device.get(signing)}).status_code == 401
    registering = eva.options("/account/passkeys/options")
    answered = {"credential": device.get(registering)}
    assert eva.post("/account/confirm/passkey", answered).status_code == 401, "of the same user, in the same session"
    new = Authenticator(ORIGIN, handle=device.handle)
    assert eva.post("/account/passkeys", {"name": "x", "credential": new.create({**signing, "user": {"id": "x"}})}
                    ).status_code == 401  # fmt: skip


@pytest.mark.parametrize("counts", [(5, 5), (5, 4), (5, 0), (1, 1)])
def test_a_counter_that_does_not_rise_is_refused_and_put_on_record(
    any_house: House, eva: Browser, counts: tuple[int, int]
) -> None:
    first, second = counts
    device = Authenticator(ORIGIN, count=0)
    eva.register(device)
    device.count = first
    assert Browser(any_house).sign_in(device).status_code == 200
    device.count = second
    answer = Browser(any_house).sign_in(device)
    assert (answer.status_code, answer.json["message"]) == (401, REFUSED)
    assert actions("passkey.refused") == ["passkey.refused"]
    assert Passkey.get().sign_count == first, "the higher count stays"
    device.count = first + 1
    assert Browser(any_house).sign_in(device).status_code == 200


def test_junk_without_a_sound_signature_cries_no_wolf(any_house: House, eva: Browser, device: Authenticator) -> None:
    Passkey.update(sign_count=50).execute()
    forger = Authenticator(ORIGIN, id=device.id, handle=device.handle, count=1)
    assert Browser(any_house).sign_in(forger).status_code == 401
    assert actions("passkey.refused") == [] and Passkey.get().sign_count == 50


def test_a_key_that_counts_nothing_is_fine(any_house: House, eva: Browser) -> None:
    device = Authenticator(ORIGIN, count=None)
    eva.register(device)
    for _ in range(3):
        assert Browser(any_house).sign_in(device).status_code == 200


def test_what_is_registered_must_be_sound(any_house: House, eva: Browser, device: Authenticator) -> None:
    refused = {
        "origin": eva.register(Authenticator("http://evil.example")),
        "site": eva.register(Authenticator(ORIGIN, domain="evil.example")),
        "unverified": eva.register(Authenticator(ORIGIN, flags=PRESENT)),
        "kind": eva.register(Authenticator(ORIGIN), type="webauthn.get"),
        "challenge": eva.register(Authenticator(ORIGIN), challenge=to_text(b"mine")),
    }
    for name, answer in refused.items():
        assert answer.status_code == 401, name
    for name in ("", " ", "x" * 101, "a\nb"):
        assert eva.register(Authenticator(ORIGIN), name=name).status_code == 422
    assert eva.register(device).status_code == 409, "the same credential twice"
    assert Passkey.select().count() == 1


def test_a_credential_id_belongs_to_one_user(any_house: House, eva: Browser, device: Authenticator) -> None:
    any_house.person("bob@acme.example", "member", "acme", password=PASSWORD)
    bob = Browser(any_house, "bob@acme.example")
    thief = Authenticator(ORIGIN, id=device.id)
    assert bob.register(thief).status_code == 409
    assert Browser(any_house).sign_in(thief).status_code == 401
    key = Passkey.get()
    for path in (f"/account/passkeys/{key.id}/remove", f"/account/passkeys/{key.id}/name"):
        assert bob.form(path, name="mine now").status_code == 404
    assert eva.form(f"/account/passkeys/{2**70}/remove").status_code == 404
    confirming = bob.options("/account/confirm/passkey/options")
    assert bob.post("/account/confirm/passkey", {"credential": device.get(confirming)}).status_code == 401
    assert Passkey.get().user.email == EVA


def test_registering_needs_a_fresh_proof_and_the_sessions_token(any_house: House, eva: Browser) -> None:
    for path in ("/account/passkeys/options", "/account/passkeys"):
        assert Browser(any_house).post(path).status_code in (302, 401, 403)
        assert eva.client.post(path, json={}).status_code == 403, "without the session's token"
    with clock.frozen(START + timedelta(minutes=11)):
        stale = eva.post("/account/passkeys/options")
        assert stale.status_code == 302 and stale.headers["Location"].startswith("/account/confirm")
        assert eva.form("/account/passkeys/1/remove").status_code == 302
    token = any_house.person("t@acme.example", "member", "acme")
    assert token.post("/account/passkeys/options", {}).status_code == 403, "a token is not the person"


def test_confirming_with_a_passkey_opens_the_settings_again(eva: Browser, device: Authenticator) -> None:
    with clock.frozen(START + timedelta(minutes=11)):
        made = device.get(eva.options("/account/confirm/passkey/options"))
        assert eva.post("/account/confirm/passkey", {"credential": made}).status_code == 200
        assert eva.post("/account/passkeys/options").status_code == 200


def test_it_serves_where_a_second_factor_is_demanded(any_house: House) -> None:
    """Registered or used to confirm, in a session that a password has opened: nobody has to sign in anew."""
    any_house.customer("acme")
    any_house.settings = replace(any_house.settings, require_second_factor="all")
    with clock.frozen(START):
        any_house.person(EVA, "member", "acme", password=PASSWORD)
        eva, device = Browser(any_house, EVA), Authenticator(ORIGIN)
        assert eva.client.get("/c/acme").headers["Location"] == "/account/second-factor"
        assert eva.register(device).status_code == 201
        assert eva.client.get("/c/acme").status_code == 200
        another = Browser(any_house, EVA)
        assert another.client.get("/c/acme").status_code == 302
        made = device.get(another.options("/account/confirm/passkey/options"))
        assert another.post("/account/confirm/passkey", {"credential": made}).status_code == 200
        assert another.client.get("/c/acme").status_code == 200
        assert {row.second for row in Session.select()} == {"passkey"}


def test_it_is_a_second_factor_where_one_is_asked_for(any_house: House, eva: Browser, device: Authenticator) -> None:
    from registry.people import second_factor

    user = User.get(User.email == EVA)
    assert second_factor.ways_of(user.id) == [], "of itself it asks for none: nobody is locked out by a lost telephone"
    from registry.kernel.secrets import vault
    from registry.people.models import SecondFactor

    SecondFactor.create(user=user, secret=vault().seal("JBSWY3DPEHPK3PXP"), confirmed_at=START)
    assert second_factor.ways_of(user.id) == ["code", "passkey"]
    half = Browser(any_house)
    door = half.client.post("/sign-in", data={"email": EVA, "password": PASSWORD})
    assert "/sign-in/second-step" in door.headers["Location"]
    assert half.client.get("/c/acme").status_code == 302
    options = half.options("/sign-in/second/passkey/options")
    assert [one["id"] for one in options["allowCredentials"]] == [to_text(device.id)]
    other = Authenticator(ORIGIN, id=device.id, handle=device.handle, count=50)
    assert half.post("/sign-in/second/passkey", {"credential": other.get(options)}).status_code == 401
    options = half.options("/sign-in/second/passkey/options")
    inside = half.post("/sign-in/second/passkey", {"credential": device.get(options), "next": "//evil.example"})
    assert (inside.status_code, inside.json) == (200, {"next": "/"}), inside.text
    assert half.client.get("/c/acme").status_code == 200
    assert Browser(any_house).post("/sign-in/second/passkey/options").status_code == 401, (
        "only with the password before"
    )


def test_another_site_cannot_begin_or_finish(any_house: House, device: Authenticator) -> None:
    for path in ("/sign-in/passkey/options", "/sign-in/passkey", "/sign-in/second/passkey"):
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            assert any_house.app.test_client().post(path, json={}, headers=headers).status_code == 403


@pytest.mark.slow
def test_challenges_are_throttled_and_forgotten(any_house: House) -> None:
    from registry.people.links import forget_links

    any_house.customer("acme")
    door = Browser(any_house)
    with clock.frozen(START):
        codes = [door.post("/sign-in/passkey/options").status_code for _ in range(101)]
        assert codes[:100] == [200] * 100 and codes[100] == 429
        assert Handshake.select().count() == 100
    with clock.frozen(START + timedelta(minutes=5, seconds=1)):
        forget_links()
        assert Handshake.select().count() == 0


def test_an_account_has_a_limited_number(any_house: House, eva: Browser) -> None:
    user = User.get(User.email == EVA)
    for number in range(20):
        Passkey.create(user=user, name="x", credential_id=f"c{number}", public_key="x", user_handle="eA")
    assert eva.post("/account/passkeys/options").json["code"] == "too_many"


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://assets.example.com", Site("assets.example.com", "https://assets.example.com")),
        ("https://assets.example.com:8443", Site("assets.example.com", "https://assets.example.com:8443")),
        ("https://Assets.Example.com:443", Site("assets.example.com", "https://assets.example.com")),
        ("http://127.0.0.1:8000", Site("localhost", "http://localhost:8000")),
        ("http://[::1]:8000", Site("localhost", "http://localhost:8000")),
        ("http://localhost:8000", Site("localhost", "http://localhost:8000")),
        ("http://assets.example.com", None), ("https://192.0.2.1", None), ("http://0.0.0.0:8000", None),
    ],
)  # fmt: skip
def test_where_passkeys_are_good(address: str, site: Site | None) -> None:
    assert site_of(address) == site


def test_where_there_can_be_none_nothing_is_offered(any_house: House) -> None:
    any_house.settings = replace(any_house.settings, public_url="http://assets.example.com")
    client = any_house.app.test_client()
    base = "http://assets.example.com"
    assert client.post("/sign-in/passkey/options", json={}, base_url=base).status_code == 404
    assert "data-passkey" not in client.get("/sign-in", base_url=base).text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
PART = JSON | st.binary(max_size=200).map(to_text)


@pytest.mark.slow
@given(st.fixed_dictionaries({"clientDataJSON": PART, "authenticatorData": PART, "signature": PART, "userHandle": PART,
                              "attestationObject": PART}), PART, JSON)  # fmt: skip
def test_no_bytes_make_it_stumble(response: Any, name: Any, kind: Any) -> None:
    credential = {"id": name, "rawId": name, "type": kind, "response": response}
    with pytest.raises(ceremonies.NotBelieved):
        ceremonies.made("localhost", ORIGIN, "eA", credential)
    with pytest.raises(ceremonies.NotBelieved):
        ceremonies.signed("localhost", ORIGIN, "eA", credential, "eA")
    with suppress(ceremonies.NotBelieved):
        ceremonies.challenge_of(credential)
