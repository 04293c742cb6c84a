"""The demo installation, served, with a browser in front of it: signed in as any of its people."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from registry import demo
from tests.browser import DESK, PHONE, Errors
from tests.e2e.camera import film, with_camera
from tests.e2e.hand import Hand
from tests.security.nursery import FromNursery, shared
from tests.server import Server, clean_environment, free_port

SCREENS = os.environ.get("ASSETCARE_TEST_SCREENS")
WHO = {  # role -> address
    "admin": "dana.whitlock@northgate.example",
    "engineer": "priya.raman@northgate.example",
    "manager": "wong.kayan@harbourline.example",
    "reader": "cheung.siuman@harbourline.example",
    "clinic manager": "elena.marquez@mesaclinics.example",  # who reads English
    "clinic member": "walter.begay@mesaclinics.example",
    "works manager": "katrin.vogel@elbtal.example",
    "works reader": "annika.schaefer@elbtal.example",
}
SIZES = {"desk": DESK, "phone": PHONE}


@dataclass
class Site:
    """A running installation with demo data. `passwords`: address -> password. `cookies`: role -> of one session."""

    server: Server
    data: Path
    passwords: dict[str, str]
    cookies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What stands in its database."""
        with closing(sqlite3.connect(f"file:{self.data / 'assetcare.db'}?mode=ro", uri=True)) as opened:
            return opened.execute(query, values).fetchall()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data, port = tmp_path_factory.mktemp("demo") / "data", free_port()
    address = f"http://localhost:{port}"
    server = FromNursery(shared(), data, port, ASSETCARE_PUBLIC_URL=address, ASSETCARE_WORKERS="1")
    server.url = address
    filling = shared().start(("-m", "registry", "demo"), clean_environment(ASSETCARE_DATA=str(data)))
    _, said = filling.communicate()
    assert filling.returncode == 0, said
    lines = [line.split() for line in (data / demo.FILE).read_text().splitlines() if "@" in line]
    with server:
        yield Site(server, data, {email: password for email, password, *_ in lines})


@dataclass
class Visitor:
    """Somebody with a browser. `page` is where he is."""

    site: Site
    context: Any
    page: Any

    def go(self, path: str) -> Any:
        self.page.goto(self.site.url + path)
        return self.page

    def enter(self, role: str) -> "Visitor":
        """Signed in, without the form if it was filled in before."""
        if role not in self.site.cookies:
            self.sign_in(role)
            self.site.cookies[role] = self.context.cookies()
        self.context.add_cookies(self.site.cookies[role])
        return self

    def sign_in(self, role: str) -> "Visitor":
        email = WHO[role]
        self.go("/sign-in?language=en")
        self.page.fill("#email", email)
        self.page.fill("#password", self.site.passwords[email])
        self.page.click("form[action='/sign-in'] button[type=submit]")
        self.page.wait_for_url(lambda address: "/sign-in" not in address)
        return self

    def fits(self) -> bool:
        """Nothing sticks out to the side. (innerWidth grows with what sticks out on a telephone.)"""
        root = "document.documentElement"
        return bool(self.page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"))

    def keep(self, name: str) -> None:
        """A picture of the page for people to look at, where ASSETCARE_TEST_SCREENS names a folder for them."""
        if SCREENS:
            path = Path(SCREENS).absolute() / f"{name}.png"
            self.page.screenshot(path=path, full_page=True, scale="css", animations="disabled")


@pytest.fixture
def visitor(chromium: Any, site: Site, errors: Errors) -> Iterator[Any]:
    """visitor("desk" | "phone", scheme="light" | "dark") opens a browser."""
    opened = []

    def open_browser(size: str = "desk", scheme: str = "light", **options: Any) -> Visitor:
        context = errors.watch(chromium.new_context(**SIZES[size], color_scheme=scheme, **options))
        opened.append(context)
        return Visitor(site, context, context.new_page())

    yield open_browser
    for context in opened:
        context.close()


@pytest.fixture
def engineer(visitor: Any) -> Hand:
    """Who may do anything for anybody."""
    return Hand(visitor().enter("admin"))


@pytest.fixture
def hold(chromium: Any, site: Site, errors: Errors, tmp_path: Path) -> Iterator[Any]:
    """hold(picture, ...) opens a telephone before whose camera the pictures are held."""
    opened = []

    def before(*pictures: Any, role: str = "clinic manager", allowed: bool = True, **options: Any) -> Visitor:
        browser = with_camera(chromium, film(tmp_path / "film.mjpeg", *pictures))
        opened.append(browser)
        context = errors.watch(browser.new_context(**PHONE, **options))
        if allowed:
            context.grant_permissions(["camera"])
        return Visitor(site, context, context.new_page()).enter(role)

    yield before
    for browser in opened:
        browser.close()
