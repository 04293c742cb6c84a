"""A real browser for tests: Debian's Chromium, driven by Playwright, on a desk or on a telephone.

    @pytest.mark.browser
    @pytest.mark.slow
    def test_something(site, desk):
        page = desk.new_page()
        page.goto(site.url + "/sign-in")

What a page is awaited for is written as a function, wait_for_function("() => ..."): the content policy forbids to look
at a plain expression a second time.

A test fails when a page wrote an error to the console, unless it said before which: `errors.expect("401")`.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.houses import House
from tests.needs import lacking
from tests.security.nursery import FromNursery, shared
from tests.server import Server, free_port

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
DESK = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "timezone_id": "UTC"}
PHONE = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True,
    "locale": "en-GB", "timezone_id": "UTC",
}  # fmt: skip


PATIENCE = 90_000  # milliseconds until what a page is awaited for is given up: only a failure waits so long


def program() -> str | None:
    """Chromium, of Debian's two builds rather the one without windows: it needs less of the processor, but can film
    nothing."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, started once for a test process."""
    path = program()
    if path is None:
        lacking("browser", "Chromium is absent: tools/need_chromium.sh installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Errors:
    """What pages wrote to the console that ought not to be there."""

    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """An error that fits `pattern` (a regular expression) belongs to this test."""
        self.expected.append(pattern)

    def watch(self, context: Any) -> Any:
        context.set_default_timeout(PATIENCE)
        context.on("console", lambda told: self.seen.append(told.text) if told.type == "error" else None)
        context.on("weberror", lambda told: self.seen.append(str(told.error)))
        return context

    def unexpected(self) -> list[str]:
        return [text for text in self.seen if not any(re.search(pattern, text) for pattern in self.expected)]


@pytest.fixture
def errors() -> Iterator[Errors]:
    watched = Errors()
    yield watched
    assert not watched.unexpected(), watched.unexpected()


@pytest.fixture
def desk(chromium: Any, errors: Errors) -> Iterator[Any]:
    """A fresh browser context on a desk: no cookies, nothing kept."""
    context = errors.watch(chromium.new_context(**DESK))
    yield context
    context.close()


@pytest.fixture
def phone(chromium: Any, errors: Errors) -> Iterator[Any]:
    """The same on a telephone."""
    context = errors.watch(chromium.new_context(**PHONE))
    yield context
    context.close()


def sign_out(page: Any) -> None:
    """By the menu of one's own name."""
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()


def served(house: House, **settings: str) -> Server:
    """`assetcare serve` on the data of `house`, which is closed: enter the Server to start it. Its `url` is on
    localhost, where browsers allow what they otherwise want https for."""
    house.close()
    port = free_port()
    address = f"http://localhost:{port}"
    server = FromNursery(
        shared(), house.settings.data / "served", port, ASSETCARE_DATABASE=house.settings.database,
        ASSETCARE_SECRET=house.settings.secret, ASSETCARE_PUBLIC_URL=address, ASSETCARE_WORKERS="1", **settings,
    )  # fmt: skip
    server.url = address
    return server
