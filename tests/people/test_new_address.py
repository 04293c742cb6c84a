"""Another e-mail address: it counts once its mailbox has confirmed it, and the old one hears of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.kernel import clock
from registry.people.models import User
from tests.houses import House
from tests.people.authenticator import PASSWORD, Browser
from tests.people.mailbox import link_to, mails

OLD, NEW = "eva@acme.example", "eva.li@acme.example"
START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def eva(any_house: House) -> Iterator[Browser]:
    any_house.customer("acme")
    with clock.frozen(START):
        any_house.person(OLD, "member", "acme", password=PASSWORD)
        yield Browser(any_house, OLD)


def address() -> str:
    return str(User.get_by_id(1).email)


def test_the_whole_way(any_house: House, eva: Browser) -> None:
    any_house.app.test_client().post("/forgot", data={"email": OLD})
    reset = link_to(OLD, "password_reset")
    assert eva.form("/account/email", email=" Eva.Li@Acme.Example ").status_code == 303
    guest, path = any_house.app.test_client(), link_to(NEW, "email_change")
    assert guest.get(path).status_code == 200 and address() == OLD, "looking changes nothing"
    assert guest.post(path).status_code == 200 and address() == NEW
    [(_, _, told)] = mails(OLD, "email_changed_notice")
    assert NEW in told
    assert guest.post(path).status_code == 410
    assert guest.get(reset).status_code == 410, "what lies in the old mailbox opens nothing any more"
    assert Browser(any_house, NEW).client.get("/c/acme").status_code == 200


def test_it_needs_a_fresh_proof_and_the_sessions_token(any_house: House, eva: Browser) -> None:
    assert eva.client.post("/account/email", data={"email": NEW}).status_code == 403
    with clock.frozen(START + timedelta(minutes=11)):
        assert "/account/confirm" in eva.form("/account/email", email=NEW).headers["Location"]
    assert any_house.app.test_client().post("/account/email", data={"email": NEW}).status_code in (302, 401)
    assert mails(NEW) == []


def test_a_taken_address_is_not_given_away(any_house: House, eva: Browser) -> None:
    any_house.person(NEW, "member", "acme", password=PASSWORD)
    taken, free = eva.form("/account/email", email=NEW), eva.form("/account/email", email="free@acme.example")
    assert (taken.status_code, taken.headers["Location"]) == (free.status_code, free.headers["Location"])
    assert mails(NEW) == [], "its owner is not bothered"


def test_an_address_that_was_taken_in_the_meantime(any_house: House, eva: Browser) -> None:
    eva.form("/account/email", email=NEW)
    path = link_to(NEW)
    any_house.person(NEW, "member", "acme", password=PASSWORD)
    answer: Any = any_house.app.test_client().post(path)
    assert answer.status_code == 409 and address() == OLD


def test_what_is_no_address_is_refused(eva: Browser) -> None:
    for wrong in ("", "x", "a@b@c", "a b@example.com", "x" * 300 + "@example.com", "a\x00@example.com", OLD):
        answer = eva.form("/account/email", email=wrong)
        assert answer.status_code == 422, wrong
        page: str = answer.text
        field = page[page.index('id="new-email"') : page.index("Change address")]
        assert 'aria-describedby="email-error"' in field and 'id="email-error"' in field, "beside the field"
        assert not wrong.isalpha() or f'value="{wrong}"' in field, "and what was typed stays"


def test_too_many_are_refused_beside_the_field(eva: Browser) -> None:
    answers = [eva.form("/account/email", email=f"new{number}@acme.example") for number in range(8)]
    assert answers[-1].status_code == 429 and 'id="email-error"' in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_day_and_a_newer_one(any_house: House, eva: Browser) -> None:
    eva.form("/account/email", email=NEW)
    first = link_to(NEW)
    eva.form("/account/email", email="third@acme.example")
    assert any_house.app.test_client().post(first).status_code == 410
    second = link_to("third@acme.example")
    with clock.frozen(START + timedelta(days=1)):
        assert any_house.app.test_client().post(second).status_code == 410
    assert eva.form("/account/email", email="fourth@acme.example").status_code == 303
    assert eva.form("/account/email", email="fifth@acme.example").status_code == 429
