"""One's own calendar address and choice of mails."""

import re

import pytest

from registry.kernel.mail import link
from registry.notices.choices import muted_by
from registry.notices.models import CalendarFeed
from tests.people.browser import Browser
from tests.people.conftest import alice, watch  # noqa: F401 - fixtures

PAGE = "/account/calendar"


@pytest.fixture
def inside(alice: Browser) -> Browser:  # noqa: F811
    return alice.sign_in()


def test_a_calendar_address_is_made_shown_once_and_taken_away(inside: Browser) -> None:
    assert "Make an address" in inside.client.get(PAGE).text
    made = inside.post(PAGE)
    found = re.search(r'<code class="token">([^<]+)<', made.text)
    assert made.status_code == 200 and found and found[1].startswith(link("/calendar/"))
    address = found[1].removeprefix(link("/").rstrip("/"))
    assert inside.house.app.test_client().get(address).mimetype == "text/calendar"
    again = inside.client.get(PAGE).text
    assert found[1] not in again and "Last read" in again
    assert inside.post(f"{PAGE}/remove").status_code == 303
    assert CalendarFeed.select().count() == 0 and inside.house.app.test_client().get(address).status_code == 404
    assert inside.post(f"{PAGE}/remove").status_code == 404


def test_which_mails_one_wants(inside: Browser) -> None:
    answer = inside.post("/account/notices", wanted="contract", version="1")
    assert answer.headers["Location"] == PAGE
    assert muted_by(inside.user.id) == {"warranty", "licence"}
    page = inside.client.get(PAGE).text
    assert page.count("checked") == 1
    late = inside.post("/account/notices", wanted="licence", version="1")
    assert late.status_code == 412 and muted_by(inside.user.id) == {"warranty", "licence"}
