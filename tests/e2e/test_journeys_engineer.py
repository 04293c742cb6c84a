"""What our engineers come for: the unit in front of them, whose it is, what we owe on it."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Visitor
from tests.e2e.steps import cells, sound, tab_to, text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Visitor]


def test_what_we_owe_on_any_unit_within_two_clicks(visitor: Open) -> None:
    """In a data hall, on a phone: type a part of the serial number, tap the unit, read."""
    who = visitor("phone").enter("engineer")
    page = who.go("/")
    page.fill("#find", "9920117")
    page.press("#find", "Enter")
    page.wait_for_url("**/find?q=*")
    sound(who, "found-on-a-phone")
    page.get_by_role("link", name="HDB9920117").tap()
    page.locator("#owed").wait_for()
    assert "HDB9920117" in text(page, "h1")
    assert text(page, "#owed") == "What is owed today"
    assert text(page, ".verdict .badge")
    top = page.locator("#owed").bounding_box()
    assert top and top["y"] < 844 * 1.5, "within a thumb's push of the top"
    assert who.fits()


def test_from_a_customer_to_a_unit_in_two_clicks(visitor: Open) -> None:
    """The same by list, on a phone: the customer's units that end soon, then one of them."""
    who = visitor("phone").enter("engineer")
    page = who.go("/c/harbourline")
    page.locator("a[href*='/assets?covered=expiring']:visible").first.tap()
    page.wait_for_url("**covered=expiring*")
    serial = cells(page)[0][0]
    page.get_by_role("link", name=serial, exact=True).tap()
    page.locator("#owed").wait_for()
    assert serial in text(page, "h1")
    assert page.locator(".remedies li").count() >= 1


def test_change_many_after_a_look_at_what_would_happen(visitor: Open) -> None:
    who = visitor("desk").enter("engineer")
    page = who.go("/c/elbtal/assets?kind=hardware&sort=-id")
    chosen = [row[0] for row in cells(page)[:2]]
    for serial in chosen:
        page.get_by_role("checkbox", name=serial).check()
    page.get_by_role("button", name="Change those ticked").click()
    page.wait_for_url("**/bulk*")
    assert text(page, "h1") == "Change 2 rows"
    page.fill("#place", "Room of the journey")
    page.get_by_role("button", name="See what would happen").click()
    page.locator("#changing").wait_for()
    assert page.locator("ins", has_text="Room of the journey").count() == 2
    sound(who, "bulk-preview")
    page.get_by_role("button", name="Change 2 rows").click()
    page.wait_for_url("**/assets*")
    for serial in chosen:
        who.go(f"/c/elbtal/assets?q={serial}")
        page.get_by_role("link", name=serial, exact=True).click()
        page.locator("#owed").wait_for()
        assert "Room of the journey" in text(page, "main")


def test_tick_and_send_with_the_keyboard_alone(visitor: Open) -> None:
    page = visitor("desk").enter("engineer").go("/c/elbtal/assets?kind=optic")
    tab_to(page, "input[type=checkbox][name=id]")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link of that row: a tick does not stand in the way
    page.wait_for_url("**/assets/*")
    assert page.locator("#owed").count() == 1
