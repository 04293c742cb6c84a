"""The second factor: codes of an app are good once, recovery codes are good once, and without either nothing opens."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from registry.kernel import audit
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Throttled, Unauthenticated
from registry.people import second_factor, signin
from registry.people.models import RecoveryCode, SecondFactor, Session, User
from registry.people.service import set_password
from registry.people.signin import Origin
from tests.houses import House
from tests.people.browser import Browser
from tests.people.conftest import Clock

STEP = second_factor.STEP


@pytest.fixture
def enrolled(alice: Browser, watch: Clock) -> Browser:
    """Alice with an app, signed out, a while later."""
    alice.sign_in().enrol()
    watch.forward(minutes=5)
    alice.post("/sign-out")
    return alice


def at(secret: str, watch: Clock, steps: int) -> str:
    return pyotp.TOTP(secret).at(watch.now + timedelta(seconds=STEP * steps))


# --- Signing in --------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(enrolled: Browser) -> None:
    answer = enrolled.give_password(next="/c/acme")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/second-step?next=/c/acme")
    half = enrolled.cookie
    assert not enrolled.inside and enrolled.session.stage == "half"
    assert enrolled.client.get("/c/acme").headers["Location"].startswith("/sign-in?")
    page = enrolled.client.get(answer.headers["Location"])
    assert page.status_code == 200 and 'autocomplete="one-time-code"' in page.text
    done = enrolled.give_code(next="/c/acme")
    assert (done.status_code, done.headers["Location"]) == (302, "/c/acme")
    assert enrolled.inside and enrolled.cookie != half, "a full session has a new id"
    assert (enrolled.session.how, enrolled.session.second) == ("password", "code")
    assert Session.select().count() == 1, "nothing is left of the half one"
    enrolled.client.set_cookie("assetcare", half)
    assert not enrolled.inside


def test_a_wrong_code_opens_nothing_and_is_on_record(enrolled: Browser) -> None:
    enrolled.give_password()
    for wrong in ("", "000000", "abcdef", "12345", "1234567", "٠١٢٣٤٥", "\x00", "x" * 5000):
        answer = enrolled.give_code(wrong)
        assert answer.status_code in (401, 429), wrong
        assert not enrolled.inside
    failed = AuditEntry.select().where(AuditEntry.action == "user.sign_in_failed")
    assert failed and all('"second factor"' in row.after for row in failed)


def test_a_half_session_lives_ten_minutes(enrolled: Browser, watch: Clock) -> None:
    enrolled.give_password()
    watch.forward(minutes=9, seconds=59)
    assert enrolled.client.get("/sign-in/second-step").status_code == 200
    watch.forward(seconds=1)
    assert enrolled.client.get("/sign-in/second-step").headers["Location"].startswith("/sign-in?")
    assert enrolled.give_code().headers["Location"].startswith("/sign-in?")
    assert not enrolled.inside
    with pytest.raises(Exception, match="took too long"):
        signin.finish(enrolled.cookie, Origin(), by="code")
    signin.forget_sessions()
    assert not Session.select().exists()


def test_the_second_step_needs_the_first_and_its_own_token(enrolled: Browser, alice: Browser) -> None:
    stranger = Browser(enrolled.house, enrolled.email)
    stranger.secret = enrolled.secret
    assert stranger.client.get("/sign-in/second-step").headers["Location"].startswith("/sign-in?")
    assert stranger.give_code().headers["Location"].startswith("/sign-in?")
    assert not stranger.inside
    enrolled.give_password()
    for token in ("", "x", "é"):
        answer = enrolled.client.post("/sign-in/second-step", data={"code": enrolled.code(), "csrf_token": token})
        assert answer.status_code == 403
    right = {"code": enrolled.code(), "csrf_token": enrolled.session.csrf}
    evil = {"Origin": "https://evil.example"}
    assert enrolled.client.post("/sign-in/second-step", data=right, headers=evil).status_code == 403
    assert enrolled.give_code().status_code == 302


def test_deactivation_ends_a_half_session_too(enrolled: Browser) -> None:
    from registry.people.service import activate_user, deactivate_user

    enrolled.give_password()
    User.update(active=False).execute()
    assert signin.half_session(enrolled.cookie) is None
    User.update(active=True).execute()
    assert signin.half_session(enrolled.cookie) is not None
    deactivate_user(enrolled.house.system, enrolled.user.id)
    assert enrolled.give_code().headers["Location"].startswith("/sign-in?")
    activate_user(enrolled.house.system, enrolled.user.id)
    assert enrolled.give_code().headers["Location"].startswith("/sign-in?")


def test_half_a_session_becomes_one_whole_one(enrolled: Browser) -> None:
    half = signin.open_session(enrolled.user, Origin())
    signin.finish(half, Origin(), by="code")
    with pytest.raises(Unauthenticated):
        signin.finish(half, Origin(), by="code")
    assert [row.stage for row in Session.select()] == ["full"]


def test_other_ways_in_are_half_ways_too(enrolled: Browser) -> None:
    for how in ("link", "oidc", "password"):
        secret = signin.open_session(enrolled.user, Origin(), how=how)
        assert signin.half_session(secret) is not None
    whole = signin.open_session(enrolled.user, Origin(), how="passkey", second_factor=True)
    assert signin.half_session(whole) is None
    assert Session.get(Session.stage == "full").second == "passkey"


def test_a_new_password_does_not_take_the_second_factor_off(enrolled: Browser) -> None:
    set_password(enrolled.house.system, enrolled.user.id, "some other long words")
    enrolled.password = "some other long words"
    assert "/sign-in/second-step" in enrolled.give_password().headers["Location"]


# --- Codes of the app --------------------------------------------------------------------------------------


def test_codes_of_the_steps_beside_are_accepted_and_no_others(enrolled: Browser, watch: Clock) -> None:
    user = enrolled.user.id
    for steps, good in ((-3, False), (-2, False), (2, False), (3, False), (-1, True), (0, True), (1, True)):
        watch.forward(minutes=10)
        assert second_factor.check_code(user, at(enrolled.secret, watch, steps)) is good, steps


def test_a_code_is_good_once(enrolled: Browser, watch: Clock) -> None:
    user, code = enrolled.user.id, enrolled.code()
    assert second_factor.check_code(user, code)
    assert not second_factor.check_code(user, code)
    assert not second_factor.check_code(user, at(enrolled.secret, watch, -1)), "nor one from before it"
    watch.forward(seconds=STEP)
    assert not second_factor.check_code(user, code), "in the next step either"
    assert second_factor.check_code(user, enrolled.code())
    assert second_factor.check_code(user, f" {at(enrolled.secret, watch, 1)[:3]} {at(enrolled.secret, watch, 1)[3:]} ")
    assert not second_factor.check_code(user, enrolled.code()), "nor one between them"


def test_the_code_that_set_it_up_signs_nobody_in(alice: Browser, watch: Clock) -> None:
    alice.sign_in().enrol()
    code = alice.code()
    alice.post("/sign-out")
    alice.give_password()
    assert alice.give_code(code).status_code == 401


def test_guessing_is_slowed_down_by_the_minute_and_the_day(enrolled: Browser, watch: Clock) -> None:
    user, tried = enrolled.user.id, 0
    for _ in range(24 * 60):
        try:
            second_factor.check_code(user, "000000")
            tried += 1
        except Throttled:
            pass
        watch.forward(seconds=60)
    assert 50 < tried <= 100, "at three codes out of a million each, one in 3,000 a day"


def test_whoever_guesses_does_not_lock_out_a_known_browser(enrolled: Browser, watch: Clock) -> None:
    enrolled.sign_in()
    enrolled.post("/sign-out")
    watch.forward(seconds=STEP)
    guesser = Browser(enrolled.house, enrolled.email)
    guesser.give_password()
    assert 429 in [guesser.give_code("000000").status_code for _ in range(12)]
    enrolled.give_password()
    assert enrolled.give_code().status_code == 302


# --- Setting it up -----------------------------------------------------------------------------------------


def test_nothing_changes_before_the_first_code(alice: Browser, watch: Clock) -> None:
    alice.sign_in()
    begun = alice.api("POST", "me/second-factor").json
    assert begun["uri"].startswith("otpauth://totp/Assetcare:alice%40acme.example?secret=" + begun["secret"])
    assert not second_factor.has_app(alice.user.id)
    row = SecondFactor.get()
    assert begun["secret"] not in str(row.__data__), "sealed at rest"
    for wrong in ("000000", ""):
        answer = alice.api("POST", "me/second-factor/confirm", {"code": wrong})
        assert answer.status_code == 422 and list(answer.json["errors"]) == ["code"]
    other = Browser(alice.house, alice.email).sign_in()
    assert other.inside, "the password is still enough"
    watch.forward(hours=1)
    late = pyotp.TOTP(begun["secret"]).at(watch.now)
    alice.sign_in()
    assert alice.api("POST", "me/second-factor/confirm", {"code": late}).json["code"] == "not_begun"
    assert not RecoveryCode.select().exists()


def test_an_app_can_be_replaced_and_the_old_one_counts_until_then(alice: Browser, watch: Clock) -> None:
    old_codes = alice.sign_in().enrol()
    old = alice.secret
    watch.forward(minutes=1)
    new = alice.api("POST", "me/second-factor").json["secret"]
    assert second_factor.check_code(alice.user.id, pyotp.TOTP(old).at(watch.now))
    watch.forward(minutes=1)
    done = alice.api("POST", "me/second-factor/confirm", {"code": pyotp.TOTP(new).at(watch.now)})
    assert done.status_code == 200
    watch.forward(minutes=1)
    assert not second_factor.check_code(alice.user.id, pyotp.TOTP(old).at(watch.now))
    assert second_factor.check_code(alice.user.id, pyotp.TOTP(new).at(watch.now))
    assert not second_factor.use_recovery_code(alice.house.system, alice.user, old_codes[0])
    assert second_factor.use_recovery_code(alice.house.system, alice.user, done.json["recovery_codes"][0])


def test_setting_it_up_and_switching_it_off_ends_the_other_sessions(alice: Browser, watch: Clock) -> None:
    elsewhere = Browser(alice.house, alice.email).sign_in()
    alice.sign_in().enrol()
    assert alice.inside and not elsewhere.inside
    assert alice.session.second == "code"
    watch.forward(minutes=1)
    elsewhere.secret = alice.secret
    elsewhere.sign_in()
    assert alice.api("DELETE", "me/second-factor").status_code == 204
    assert alice.inside and not elsewhere.inside
    assert alice.session.second is None
    assert not SecondFactor.select().exists() and not RecoveryCode.select().exists()
    assert Browser(alice.house, alice.email).sign_in().inside


def test_what_happens_to_it_is_on_record_without_secrets(enrolled: Browser) -> None:
    rows = list(AuditEntry.select().order_by(AuditEntry.id))
    assert "user.second_factor_set" in [row.action for row in rows]
    text = "".join(f"{row.before}{row.after}{row.label}" for row in rows)
    assert enrolled.secret not in text
    assert all(state.fault is None for state in audit.verify())


# --- Recovery codes ----------------------------------------------------------------------------------------


def test_recovery_codes_are_ten_random_ones_kept_as_hashes(alice: Browser) -> None:
    codes = alice.sign_in().enrol()
    assert len(set(codes)) == 10 and all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", code) for code in codes)
    assert not set("".join(codes)) & set("il1o0"), "nothing that looks alike"
    rows = list(RecoveryCode.select())
    kept = " ".join(row.hash for row in rows)
    assert len(rows) == 10
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_a_recovery_code_opens_the_door_once(enrolled: Browser, watch: Clock) -> None:
    enrolled.sign_in()
    codes = enrolled.api("POST", "me/recovery-codes").json["recovery_codes"]
    for typed in (codes[0], f" {codes[1].upper().replace('-', ' ')} "):
        enrolled.give_password()
        assert enrolled.give_code(typed).status_code == 302, typed
        assert enrolled.inside and enrolled.session.second == "recovery"
        watch.forward(minutes=1)
        enrolled.give_password()
        assert enrolled.give_code(typed).status_code == 401, "not twice"
    assert second_factor.codes_left(enrolled.user.id) == 8
    used = AuditEntry.select().where(AuditEntry.action == "user.recovery_code_used")
    assert [row.after for row in used] == ['{"left":9}', '{"left":8}']


def test_new_recovery_codes_end_the_old_ones(enrolled: Browser) -> None:
    enrolled.sign_in()
    old = enrolled.api("POST", "me/recovery-codes").json["recovery_codes"]
    new = enrolled.api("POST", "me/recovery-codes").json["recovery_codes"]
    assert not set(old) & set(new)
    enrolled.give_password()
    assert enrolled.give_code(old[0]).status_code == 401
    assert enrolled.give_code(new[0]).status_code == 302


def test_one_users_codes_are_no_good_for_another(enrolled: Browser, house: House) -> None:
    house.person("bob@acme.example", "manager", "acme", password=enrolled.password)
    bob = Browser(house, "bob@acme.example").sign_in()
    codes = bob.enrol()
    enrolled.give_password()
    for foreign in (codes[0], bob.code()):
        assert enrolled.give_code(foreign).status_code == 401


def test_without_an_app_there_are_no_recovery_codes(alice: Browser) -> None:
    answer = alice.sign_in().api("POST", "me/recovery-codes")
    assert (answer.status_code, answer.json["code"]) == (409, "no_second_factor")
    shown: Any = alice.api("GET", "me/second-factor").json
    assert shown == {"active": False, "confirmed_at": None, "recovery_codes_left": 0, "demanded": False}
