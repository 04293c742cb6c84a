"""Without JavaScript everything can be read, and every form can be sent."""

from collections.abc import Callable

import pytest

from tests.browser import Errors
from tests.e2e.conftest import Visitor
from tests.e2e.steps import cells, text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WORKS = "/c/elbtal"
READING = ("", "/assets", "/licences", "/warranties", "/contracts", "/sites", "/contacts", "/people", "/history")


def test_read_filter_and_send_a_form(visitor: Callable[..., Visitor], errors: Errors) -> None:
    who = visitor("phone", java_script_enabled=False).enter("works manager")
    page = who.page
    for path in READING:
        who.go(WORKS + path)
        assert text(page, "h1"), path
        assert page.locator("main").inner_text().strip() != text(page, "h1"), path
    who.go(f"{WORKS}/assets")
    everything = len(cells(page))
    page.locator("summary", has_text="More filters").click()
    page.select_option("#kind", "optic")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**kind=optic*")
    assert 0 < len(cells(page)) < everything
    errors.expect("422")
    page.goto(f"{who.site.url}{WORKS}/assets/new")
    for field, typed in (("product", "Firewall 700"), ("serial", "PLAIN-1"), ("site", "Nowhere at all")):
        page.fill(f"#{field}", typed)
    page.get_by_role("button", name="Register", exact=True).click()
    page.locator("#site-error").wait_for()
    assert page.input_value("#serial") == "PLAIN-1"
    page.fill("#site", "")
    page.get_by_role("button", name="Register", exact=True).click()
    page.locator("#owed").wait_for()
    assert "PLAIN-1" in text(page, "h1")
    page.locator(".top-menu").click()
    page.locator("#side").get_by_role("link", name="Sites").click()
    page.wait_for_url("**/sites")
