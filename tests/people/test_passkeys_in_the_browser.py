"""Passkeys in a real browser, with its own authenticator (the developer tools' virtual one)."""

from collections.abc import Iterator
from typing import Any

import pytest

from registry.people.models import Passkey, Session
from tests import browser
from tests.browser import Errors, served
from tests.houses import House
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
EVA, PASSWORD = "eva@acme.example", "correct horse battery"


@pytest.fixture
def site(house: House) -> Iterator[Server]:
    house.customer("acme")
    house.person(EVA, "member", "acme", password=PASSWORD)
    with served(house, ASSETCARE_CONSUMER="no") as server:
        yield server


def authenticator(page: Any, **changed: Any) -> tuple[Any, str]:
    """A telephone's built-in authenticator, whose owner always agrees. (session of the tools, id)"""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True, **changed,
    }  # fmt: skip
    return tools, tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def sign_in_by_password(page: Any, site: Server) -> None:
    page.goto(site.url + "/sign-in?next=/account")
    page.get_by_label("E-mail").fill(EVA)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="My account").wait_for()


def add(page: Any, name: str) -> None:
    page.get_by_label("Name of this device").fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def sign_out(page: Any) -> None:
    browser.sign_out(page)
    page.get_by_role("heading", name="Sign in").wait_for()


@pytest.mark.parametrize("where", ["desk", "phone"])
def test_make_one_sign_in_with_it_rename_it_remove_it(site: Server, request: pytest.FixtureRequest, where: str) -> None:
    page = request.getfixturevalue(where).new_page()
    authenticator(page)
    sign_in_by_password(page, site)
    add(page, "Eva's telephone")
    page.locator("#passkeys li").wait_for()
    assert Passkey.get().name == "Eva's telephone" and Passkey.get().transports == ["internal"]
    sign_out(page)
    page.goto(site.url + "/sign-in?next=/account")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="My account").wait_for()
    last = Session.select().order_by(Session.id.desc()).get()
    assert (last.how, last.stage, last.second) == ("passkey", "full", "passkey")
    assert Passkey.get().sign_count >= 1 and Passkey.get().last_used_at
    page.get_by_label("Name of the passkey").fill("Old telephone")
    page.get_by_role("button", name="Rename").click()
    page.wait_for_load_state()
    assert page.get_by_label("Name of the passkey").input_value() == Passkey.get().name == "Old telephone"
    page.get_by_role("button", name="Remove the passkey Old telephone").click()
    page.get_by_text("You have none yet.").wait_for()
    assert not Passkey.select().exists()


def test_the_same_device_is_not_taken_twice(site: Server, desk: Any) -> None:
    page = desk.new_page()
    authenticator(page)
    sign_in_by_password(page, site)
    add(page, "First")
    page.locator("#passkeys li").wait_for()
    add(page, "Second")
    page.get_by_text("This device has a passkey for your account already.").wait_for()
    assert Passkey.select().count() == 1


def test_a_device_that_does_not_ask_its_owner_is_refused(site: Server, desk: Any) -> None:
    page = desk.new_page()
    authenticator(page, isUserVerified=False)
    sign_in_by_password(page, site)
    add(page, "Found in the street")
    page.get_by_text("Nothing was done: it was cancelled, or it took too long.").wait_for()
    assert not Passkey.select().exists()


def test_a_removed_passkey_says_so_and_the_password_still_works(site: Server, desk: Any, errors: Errors) -> None:
    errors.expect("401")
    page = desk.new_page()
    authenticator(page)
    sign_in_by_password(page, site)
    add(page, "Lost")
    page.locator("#passkeys li").wait_for()
    Passkey.delete().execute()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("This passkey was not accepted.").wait_for()
    sign_in_by_password(page, site)


def test_settings_ask_who_it_is_and_a_passkey_answers(site: Server, desk: Any) -> None:
    page = desk.new_page()
    authenticator(page)
    sign_in_by_password(page, site)
    add(page, "First")
    page.locator("#passkeys li").wait_for()
    Session.update(confirmed_at=None).execute()
    page.get_by_role("button", name="Remove the passkey First").click()
    page.get_by_role("heading", name="Confirm that it is you").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="My account").wait_for()
    page.get_by_role("button", name="Remove the passkey First").click()
    page.get_by_text("You have none yet.").wait_for()


def test_adding_asks_too(site: Server, desk: Any) -> None:
    page = desk.new_page()
    authenticator(page)
    sign_in_by_password(page, site)
    Session.update(confirmed_at=None).execute()
    add(page, "x")
    page.get_by_role("heading", name="Confirm that it is you").wait_for()


def test_without_script_the_password_form_works(site: Server, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + "/sign-in")
    assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
    sign_in_by_password(page, site)
    assert not page.get_by_role("button", name="Add a passkey").is_visible()
    context.close()


def test_joining_and_resetting_in_the_browser(site: Server, desk: Any, house: House) -> None:
    """The forms behind mailed links: with a browser's own headers, under our content policy."""
    from registry.kernel import db
    from registry.people.invitations import create_and_invite
    from registry.people.models import User
    from registry.people.recovery import send_reset
    from tests.people.mailbox import link_to

    with db.connection():
        made = create_and_invite(house.system, email="new@acme.example", role="admin")
        invitation = link_to("new@acme.example")
    page = desk.new_page()
    page.goto(site.url + invitation)
    page.get_by_label("Your name").fill("New Person")
    page.get_by_label("Choose a password").fill("three purple turbines")
    page.locator("#language").select_option("en")  # the pages that follow speak it
    page.get_by_role("button", name="Join").click()
    page.locator("details.who").wait_for()
    with db.connection():
        assert User.get_by_id(made.id).name == "New Person"
        send_reset("new@acme.example", None, None)
        reset = link_to("new@acme.example", "password_reset")
    page.goto(site.url + reset)
    page.get_by_label("New password").fill("four green lanterns")
    page.get_by_role("button", name="Set password").click()
    page.get_by_role("heading", name="Your password is set").wait_for()
    page.goto(site.url + "/forgot")
    page.get_by_label("E-mail").fill("new@acme.example")
    page.get_by_role("button", name="Send me a link").click()
    page.get_by_text("a mail with a link is on its way").wait_for()
