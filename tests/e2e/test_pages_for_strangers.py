"""Pages that nobody has signed in for, or that say that something went wrong; and that the checks of all pages bite."""

from collections.abc import Callable

import pytest

from tests.browser import Errors
from tests.e2e.accessibility import problems
from tests.e2e.conftest import Visitor
from tests.e2e.steps import sound, text
from tests.e2e.test_every_page import Watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Visitor]


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desk", "dark")])
def test_pages_before_signing_in(visitor: Open, errors: Errors, size: str, scheme: str) -> None:
    who = visitor(size, scheme)
    for path in ("/sign-in", "/forgot"):
        who.go(path)
        sound(who, f"stranger-{size}{path.replace('/', '-')}")
    errors.expect("404")
    errors.expect("422|401")
    who.go("/sign-in?language=en")
    who.page.fill("#email", "nobody@nowhere.example")
    who.page.fill("#password", "not a password of anybody")
    who.page.click("form[action='/sign-in'] button[type=submit]")
    who.page.locator("#refused").wait_for()
    assert who.page.input_value("#email") == "nobody@nowhere.example"
    sound(who, f"stranger-{size}-refused")


def test_a_page_that_is_not_there_says_where_to_go(visitor: Open, errors: Errors) -> None:
    errors.expect("404")
    who = visitor("phone", "dark").enter("clinic manager")
    who.go("/c/mesa-clinics/assets/999999")
    assert text(who.page, "h1") == "There is nothing here"
    sound(who, "not-found")
    who.page.locator("main a").first.click()
    who.page.wait_for_url("**/c/mesa-clinics")


def test_the_checks_see_what_is_wrong(visitor: Open, errors: Errors) -> None:
    errors.expect("ERR_")
    who = visitor("phone")
    watch = Watch(who.site.url)
    watch.over(who.page)
    head = "<meta name='viewport' content='width=device-width, initial-scale=1'><title>x</title>"
    who.page.set_content(f"{head}<main><h1>x</h1><img src='http://127.0.0.1:9/x.png' width='900'></main>")
    assert [one["id"] for one in problems(who.page) if one["id"] == "image-alt"]
    assert not who.fits()
    assert watch.foreign == ["http://127.0.0.1:9/x.png leaves the site"]
