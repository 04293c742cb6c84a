"""Joining by invitation: a mailed link, good once, for a week, for whoever it was sent to."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.kernel import clock
from registry.kernel.audit import AuditEntry
from registry.kernel.throttle import Limit
from registry.people import limits
from registry.people.models import MailedLink, Session, User
from registry.people.service import deactivate_user, set_password, set_role
from tests.houses import House
from tests.people.mailbox import link_to, mails
from tests.programs import run_module

EVA = "eva@acme.example"
START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
CHOSEN = {"name": "Eva Li", "password": "three purple turbines", "language": "zh-Hant", "time_zone": "Asia/Hong_Kong"}
DEAD = "This link is no longer good"


@pytest.fixture
def owner(any_house: House) -> Iterator[Any]:
    any_house.customer("acme")
    with clock.frozen(START):
        yield any_house.person("alice@acme.example", "manager", "acme")


def invited(owner: Any, **more: Any) -> int:
    body = {"email": EVA, "role": "member", "customer": "acme", **more}
    answer = owner.post("/api/v1/users", body)
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


def browser(owner: Any) -> Any:
    return owner.house.app.test_client()


def test_the_whole_way_in(owner: Any) -> None:
    user_id = invited(owner, name="Eva", language="zh-Hant")
    [(name, subject, body)] = mails(EVA)
    assert name == "invitation" and "加入" in subject and "2026年5月8日" in body, (
        "in the reader's language, with the day"
    )
    guest, path = browser(owner), link_to(EVA)
    for _ in range(3):
        page = guest.get(path)
        assert page.status_code == 200 and EVA in page.text and 'value="Eva"' in page.text
    assert not Session.select().exists() and User.get_by_id(user_id).password_hash is None, "looking changes nothing"
    inside = guest.post(path, data=CHOSEN)
    assert (inside.status_code, inside.headers["Location"]) == (302, "/")
    assert guest.get("/c/acme").status_code == 200
    user = User.get_by_id(user_id)
    assert (user.name, user.language, user.time_zone) == ("Eva Li", "zh-Hant", "Asia/Hong_Kong")
    again = browser(owner)
    assert again.post("/sign-in", data={"email": EVA, "password": CHOSEN["password"]}).status_code in (302, 303)
    for answer in (again.get(path), again.post(path, data=CHOSEN)):
        assert answer.status_code == 410 and "此連結已失效" in answer.text  # in the language that she chose
    actions = [row.action for row in AuditEntry.select().where(AuditEntry.object_id == user_id).order_by(AuditEntry.id)]
    assert actions[:4] == ["user.created", "user.invited", "user.joined", "user.signed_in"]


def test_the_page_speaks_the_language_of_the_mail_unless_another_was_chosen(owner: Any) -> None:
    invited(owner, language="zh-Hant")
    path, english = link_to(EVA), {"Accept-Language": "en-GB"}
    assert "歡迎使用" in browser(owner).get(path, headers=english).text
    refused = browser(owner).post(path, data={**CHOSEN, "password": "x"}, headers=english)
    assert refused.status_code == 422 and "歡迎使用" in refused.text
    assert "Welcome to Assetcare" in browser(owner).get(f"{path}?language=en").text


def test_the_link_is_kept_as_a_hash_and_leaks_nowhere(owner: Any) -> None:
    invited(owner)
    secret = link_to(EVA).rsplit("/", 1)[1]
    assert len(secret) >= 43, "256 bits"
    row = MailedLink.get()
    assert secret not in str(row.__data__) and len(row.hash) == 64
    page = browser(owner).get(link_to(EVA))
    assert page.headers["Referrer-Policy"] == "same-origin" and page.headers["Cache-Control"] == "no-store"
    assert not re.search(r'(src|href|action)="(https?:)?//', page.text), "nothing of another site on this page"
    assert secret not in owner.get(f"/api/v1/users/{row.user_id}/invitation").text


def test_it_is_made_from_the_public_address_never_from_the_request(owner: Any) -> None:
    body = {"email": EVA, "role": "member", "customer": "acme"}
    owner.post("/api/v1/users", body, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert all("evil.example" not in text for _, _, text in mails())


def test_it_ends_after_a_week(owner: Any) -> None:
    invited(owner)
    path = link_to(EVA)
    with clock.frozen(START + timedelta(days=7, seconds=-1)):
        assert browser(owner).get(path).status_code == 200
    with clock.frozen(START + timedelta(days=7)):
        assert browser(owner).get(path).status_code == 410
        assert browser(owner).post(path, data=CHOSEN).status_code == 410


def test_a_newer_one_replaces_it_and_a_withdrawn_one_is_dead(owner: Any) -> None:
    user_id = invited(owner)
    url, first = f"/api/v1/users/{user_id}/invitation", link_to(EVA)
    assert owner.get(url).json["state"] == "open"
    assert owner.post(url).status_code == 201
    second = link_to(EVA)
    assert first != second and browser(owner).get(first).status_code == 410
    assert browser(owner).get(second).status_code == 200
    gone = owner.delete(url)
    assert (gone.status_code, gone.json["state"]) == (200, "withdrawn")
    assert browser(owner).post(second, data=CHOSEN).status_code == 410
    assert owner.delete(url).status_code == 409
    assert owner.post(url).json["state"] == "open", "and may be invited again"


@pytest.mark.parametrize("what", ["deactivated", "password", "joined otherwise"])
def test_it_dies_with_what_it_was_made_for(owner: Any, what: str) -> None:
    user_id, path, system = invited(owner), link_to(EVA), owner.house.system
    if what == "deactivated":
        deactivate_user(system, user_id)
        User.update(active=True).where(User.id == user_id).execute()
    elif what == "password":
        User.update(password_hash="$argon2id$set-by-whichever-way").where(User.id == user_id).execute()
    else:
        set_password(system, user_id, "set by the operator's hand")
    assert browser(owner).get(path).status_code == browser(owner).post(path, data=CHOSEN).status_code == 410


def test_a_refused_form_does_not_use_it_up(owner: Any) -> None:
    invited(owner)
    guest, path = browser(owner), link_to(EVA)
    bad = [
        ({"password": "short"}, "at least 8"), ({"password": EVA}, "easy to guess"), ({"name": ""}, "name-error"),
        ({"time_zone": "Mars/North"}, "IANA time zone"), ({"language": "tlh"}, "in the list"),
        ({"name": "a\x00b"}, "control characters"), ({"password": "nul\x00nul\x00nul"}, "control characters"),
    ]  # fmt: skip
    for wrong, text in bad:
        answer = guest.post(path, data={**CHOSEN, **wrong})
        assert answer.status_code == 422 and text in answer.text, f"{wrong}: {answer.text}"
        assert CHOSEN["password"] not in answer.text, "a password is not sent back"
    assert guest.post(path, data=CHOSEN).status_code == 302


def test_another_site_cannot_send_the_form(owner: Any) -> None:
    invited(owner)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert browser(owner).post(link_to(EVA), data=CHOSEN, headers=headers).status_code == 403
    assert browser(owner).post(link_to(EVA), data=CHOSEN).status_code == 302


def test_who_may_invite_whom(owner: Any) -> None:
    user_id, house = invited(owner), owner.house
    house.customer("globex")
    url = f"/api/v1/users/{user_id}/invitation"
    stranger = house.person("mallory@globex.example", "manager", "globex")
    reader = house.person("carol@acme.example", "reader", "acme")
    for method in ("GET", "POST", "DELETE"):
        assert stranger.request(method, url).status_code == 404
        assert reader.request(method, url).status_code == 403
    boss = house.person("boss@operator.example", "admin")
    theirs = f"/api/v1/users/{boss.user.id}/invitation"
    assert owner.post(theirs).status_code == 404
    set_role(house.system, boss.user.id, "reader", 1)
    assert owner.get(theirs).status_code == 200
    for method in ("POST", "DELETE"):
        answer = owner.request(method, theirs)
        assert answer.status_code in (403, 404), "somebody who is more elsewhere is seen here, but not invited by him"
    assert mails("boss@operator.example") == []


def test_only_people_who_have_not_joined_are_invited(owner: Any) -> None:
    made = invited(owner, password="already has a password")
    url = "/api/v1/users/{}/invitation"
    assert mails(EVA) == [] and owner.post(url.format(made)).json["code"] == "has_joined"
    assert owner.get(url.format(made)).json["state"] == "joined"
    robot = invited(owner, email="robot@acme.example", kind="machine")
    assert owner.post(url.format(robot)).json["code"] == "machine" and mails("robot@acme.example") == []
    silent = invited(owner, email="silent@acme.example", invite=False)
    assert mails("silent@acme.example") == [] and owner.get(url.format(silent)).json["state"] == "none"
    shut = invited(owner, email="shut@acme.example")
    deactivate_user(owner.house.system, shut)
    assert owner.post(url.format(shut)).json["code"] == "deactivated"


def test_a_mailbox_is_not_flooded(owner: Any) -> None:
    user_id = invited(owner)
    answers = [owner.post(f"/api/v1/users/{user_id}/invitation").status_code for _ in range(8)]
    assert answers[:4] == [201] * 4 and answers[-1] == 429, answers


def test_nobody_tries_addresses_out_all_day(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is refused because an account has it counts, and what comes too soon leaves nothing behind."""
    monkeypatch.setattr(limits, "INVITATIONS_OF_INVITER", Limit(5, 86_400))
    invited(owner)
    body = {"role": "member", "customer": "acme"}
    for _ in range(2):
        assert owner.post("/api/v1/users", {**body, "email": EVA}).status_code == 409
    for email in (EVA, "another@acme.example"):
        assert owner.post("/api/v1/users", {**body, "email": email}).status_code == 429
    assert not User.select().where(User.email == "another@acme.example").exists()
    assert len(mails(EVA)) == 1


def test_links_of_one_kind_open_no_other_door(owner: Any) -> None:
    invited(owner)
    secret = link_to(EVA).rsplit("/", 1)[1]
    for path in ("reset", "confirm"):
        assert browser(owner).get(f"/{path}/{secret}").status_code == 410
        assert browser(owner).post(f"/{path}/{secret}", data=CHOSEN).status_code == 410
    for strange in ("x", "x" * 43, "x" * 5000, "%00", "%ED%A0%80", "..", secret[:-1], secret + "x"):
        answer = browser(owner).get(f"/invitation/{strange}")
        assert answer.status_code in (404, 410), f"{strange}: {answer.status_code}"


@pytest.mark.slow
def test_on_the_command_line_the_link_is_printed(house: House) -> None:
    house.customer("acme")
    house.close()
    code, out, told = run_module(house, "registry", "user", "invite", EVA, "--role", "member", "--customer", "acme")
    assert code == 0, told
    assert EVA in told and "good until" in told
    house.open()
    path = "/" + out.strip().split("/", 3)[3]
    [(_, subject, body)] = mails(EVA)
    assert subject.startswith("127.0.0.1 invites you") and "command line" not in body, "the reader knows no accounts"
    assert path == link_to(EVA) and out.startswith("http://127.0.0.1:8000/invitation/")
    house.close()
    code, again, _ = run_module(house, "registry", "user", "invite", EVA)
    assert code == 0 and again != out, "once more, with a new link"
    code, _, told = run_module(house, "registry", "user", "invite", "new@acme.example")
    assert code == 2 and "--role" in told
    house.open()
    assert house.app.test_client().get(path).status_code == 410
