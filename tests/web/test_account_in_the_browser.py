"""The pages of one's own account in a real browser: the picture shows under our content policy, nothing sticks out."""

from collections.abc import Iterator
from typing import Any

import pyotp
import pytest

from tests.browser import served, sign_out
from tests.houses import House
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EVA, PASSWORD = "eva@acme.example", "correct horse battery"


@pytest.fixture
def site(house: House) -> Iterator[Server]:
    house.customer("acme")
    house.person(EVA, "manager", "acme", password=PASSWORD)
    with served(house, ASSETCARE_CONSUMER="no") as server:
        yield server


def give_password(page: Any, site: Server) -> None:
    page.goto(site.url + "/sign-in?next=/account")
    page.get_by_label("E-mail").fill(EVA)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("where", ["desk", "phone"])
def test_an_app_from_its_picture_to_its_end(site: Server, request: pytest.FixtureRequest, where: str) -> None:
    page = request.getfixturevalue(where).new_page()
    give_password(page, site)
    page.get_by_role("heading", name="My account").wait_for()
    assert fits(page)
    page.get_by_role("link", name="Set up").click()
    page.get_by_role("button", name="Set up an app").click()
    picture = page.locator("img.qr")
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0"), "shown under our content policy"
    assert fits(page)
    app = pyotp.TOTP("".join(page.locator("code.otp-secret").inner_text().split()))
    page.get_by_label("The code that it shows now").fill(app.now())
    page.get_by_role("button", name="Use this app").click()
    codes = page.locator(".recovery-codes code")
    codes.first.wait_for()
    paper = codes.all_inner_texts()
    assert len(paper) == 10 and fits(page)
    page.get_by_role("link", name="I have kept them").click()
    sign_out(page)
    give_password(page, site)
    page.get_by_label("Code of your authenticator app").fill(paper[0])
    assert fits(page)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="My account").wait_for()
    assert page.get_by_text("Password and recovery code").is_visible()
    page.locator("#second-factor").get_by_role("link", name="Manage").click()
    page.get_by_role("button", name="Switch it off").click()
    page.get_by_role("button", name="Set up an app").wait_for()
