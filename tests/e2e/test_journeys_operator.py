"""What the operator's own people come for: a new customer with a contract, terms, the record, a package."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Visitor
from tests.e2e.steps import choose, sound, text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Visitor]


def test_a_new_customer_with_a_contract_and_a_duty_done(visitor: Open) -> None:
    who = visitor("desk").enter("admin")
    page = who.go("/customers/new")
    page.fill("#slug", "lighthouse")
    page.fill("#name", "Lighthouse Ferries")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/c/lighthouse/**")
    assert "is set up" in text(page, "main [role=status]")
    page.get_by_role("link", name="Sites", exact=True).first.click()
    page.get_by_role("link", name="New site").first.click()
    page.fill("#name", "North pier")
    page.fill("#city", "Turku")
    page.select_option("#country", "FI")
    page.get_by_role("button", name="Add site").click()
    page.locator("h1", has_text="North pier").wait_for()
    page.goto(page.url.split("/sites")[0] + "/contacts/new")
    page.fill("#name", "Aino Salo")
    page.fill("#email", "aino.salo@lighthouse.example")
    page.select_option("#site", "North pier")
    page.get_by_role("button", name="Add contact").click()
    page.locator("h1", has_text="Aino Salo").wait_for()
    _contract(page)
    sound(who, "new-contract")
    who.go("/c/lighthouse")
    sound(who, "new-customer")
    assert "Care of the pier" in text(page, "main")


def _contract(page: Any) -> None:
    page.goto(page.url.split("/contacts")[0] + "/contracts/new")
    page.fill("#number", "LF-1")
    page.fill("#title", "Care of the pier")
    page.fill("#starts_on", "2026-01-01")
    page.get_by_role("button", name="Make the contract").click()
    page.get_by_role("link", name="Say what it covers").click()
    page.check("#covers-site")
    assert not page.locator("#asset").is_visible(), "only the field of what was chosen"
    assert "North pier" in choose(page, "site", "north")
    page.get_by_role("button", name="Add it").click()
    page.locator("td.first", has_text="North pier").wait_for()
    page.get_by_role("link", name="Add a duty").click()
    page.fill("#title", "Look at every light")
    page.select_option("#kind", "patrol")
    page.check("#often-every")
    page.fill("#due_on", "2026-03-01")
    page.fill("#every_count", "1")
    page.get_by_role("button", name="Add the duty").click()
    duty = page.locator(".duties li", has_text="Look at every light")
    assert "Overdue" in duty.inner_text()
    duty.get_by_role("link", name="Record as done").click()
    page.fill("#done_on", "2026-03-01")
    page.fill("#note", "All of them shine")
    page.get_by_role("button", name="Record as done").click()
    page.get_by_text("Done once").click()
    assert "All of them shine" in duty.inner_text()
    assert "by 1 Mar 2027" in " ".join(duty.inner_text().split())


def test_terms_promise_what_their_preview_said(visitor: Open) -> None:
    """Write terms, read the preview, publish, give them to a unit: its page says the same days."""
    who = visitor("desk").enter("admin")
    page = who.go("/terms/new")
    page.fill("#name", "Three years and a bit")
    page.fill("#code", "three-and-a-bit")
    page.select_option("#start_basis", "given")
    page.select_option("#coverages-0-remedy", "replace")
    page.fill("#coverages-0-count", "3")
    page.fill("#preview_on", "2026-02-10")
    page.locator("#preview .promised", has_text="through 9 Feb 2029").wait_for()
    page.select_option("#coverages-0-unit", "M")
    page.locator("#preview .promised", has_text="through 9 May 2026").wait_for()
    page.select_option("#coverages-0-unit", "Y")
    page.locator("#preview .promised", has_text="through 9 Feb 2029").wait_for()
    sound(who, "terms-preview")
    page.get_by_role("button", name="Publish").click()
    page.locator("h1", has_text="Three years and a bit").wait_for()
    who.go("/find?q=HDB9920117")
    page.get_by_role("link", name="HDB9920117").click()
    page.locator("#owed").wait_for()
    unit = page.url
    page.goto(unit + "/warranties/new")
    page.select_option("#terms", "three-and-a-bit")
    page.fill("#starts_on", "2026-02-10")
    page.get_by_role("button", name="Give the warranty").click()
    page.wait_for_url(unit)
    remedy = page.locator(".remedies li", has_text="Replacement")
    assert "until 9 Feb 2029" in " ".join(remedy.inner_text().split())
    for day, owed in (("2029-02-09", 1), ("2029-02-10", 0)):
        page.goto(f"{unit}?on={day}")
        assert remedy.count() == owed, day


def test_the_record_is_whole_and_says_who_did_what(visitor: Open) -> None:
    who = visitor("desk").enter("admin")
    page = who.go("/c/elbtal/sites/new")
    page.fill("#name", "Cellar of the record")
    page.get_by_role("button", name="Add site").click()
    page.locator("h1", has_text="Cellar of the record").wait_for()
    who.go("/history")
    page.get_by_role("button", name="Check now").click()
    page.locator(".chain .badge", has_text="Sound").wait_for()
    entries = re.search(r"All ([\d,]+) entries", text(page, ".chain"))
    assert entries and int(entries[1].replace(",", "")) > 10
    page.select_option("#customer", "elbtal")
    page.fill("#who", "Dana")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**who=Dana*")
    first = page.locator(".entries li", has_text="Cellar of the record").first
    assert "Dana Whitlock" in first.inner_text()
    assert page.locator(".entries > li").count() >= 1


def test_a_package_of_everything_can_be_taken_away(visitor: Open) -> None:
    who = visitor("desk").enter("admin")
    page = who.go("/c/elbtal/handover")
    page.get_by_role("button", name="Make a package").click()
    link = page.get_by_role("link", name="Download")
    link.wait_for()
    sound(who, "package")
    with page.expect_download() as coming:
        link.click()
    with zipfile.ZipFile(Path(coming.value.path())) as package:
        assert package.testzip() is None
        names = package.namelist()
    assert any("asset" in name for name in names), names
    checksum = text(page, ".facts code")
    assert re.fullmatch(r"[0-9a-f]{64}", checksum)
